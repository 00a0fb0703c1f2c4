//! Who may issue and who may ask, from the replica on this computer.

use ipc::{
    BodyView, Failure, FailureKind, Freshness, GrowthPoint, LedgerTrail, LedgerView, RefusedUpdate,
    SaveTrail, SavedView, TrailForm, Watched,
};
use tauri::{AppHandle, Manager as _, State};
use wallet::Wallet;
use wallet::ledger::Band;

use crate::failures::Fails as _;
use crate::shell::Shell;
use crate::{saving, views};

/// How many times the picture of the log's growth shows, beside its first.
const GROWTH_POINTS: usize = 24;

#[tauri::command]
pub(crate) async fn ledger(shell: State<'_, Shell>) -> Result<LedgerView, Failure> {
    view(&*shell.wallet_with_ledger().await?, &shell.locale())
}

#[tauri::command]
pub(crate) async fn check_ledger(shell: State<'_, Shell>) -> Result<LedgerView, Failure> {
    let wallet = shell.wallet()?;
    match wallet.sync_ledger().await {
        // A refused update is part of the view: the ledger so far stands.
        Err(error) if !error.is_refusal() => return Err(error.failure()),
        _ => {}
    }
    view(&wallet, &shell.locale())
}

#[tauri::command]
pub(crate) async fn ledger_trail(
    shell: State<'_, Shell>,
    input: LedgerTrail,
) -> Result<BodyView, Failure> {
    let gone = || Failure::new(FailureKind::NotFound, "not_found");
    let wallet = shell.wallet_with_ledger().await?;
    let replica = wallet.ledger().ok_or_else(gone)?;
    let now = crate::shell::now();
    views::whole_body(replica.registry(), &input.body, now, &shell.locale()).ok_or_else(gone)
}

#[tauri::command]
pub(crate) async fn save_trail(
    app: AppHandle,
    input: SaveTrail,
) -> Result<Option<SavedView>, Failure> {
    let gone = || Failure::new(FailureKind::NotFound, "not_found");
    let replica = app.state::<Shell>().wallet()?.ledger().ok_or_else(gone)?;
    let (registry, about) = (replica.registry(), input.body.as_deref());
    if registry.changes(about).is_empty() {
        return Err(gone());
    }
    let (name, bytes) = match input.form {
        TrailForm::Csv => ("ledger-trail.csv", registry.changes_as_csv(about)),
        TrailForm::Json => {
            let document = serde_json::to_string_pretty(&registry.changes_as_json(about));
            let document =
                document.map_err(|_| Failure::new(FailureKind::Internal, "trail_unwritable"))?;
            ("ledger-trail.json", document)
        }
    };
    saving::save(&app, name, bytes.into_bytes()).await
}

fn view(wallet: &Wallet, locale: &str) -> Result<LedgerView, Failure> {
    let following = wallet.following().map_err(|error| error.failure())?;
    let refused = wallet.refused_update().map_err(|error| error.failure())?;
    let age = wallet.ledger_age();
    let replica = wallet.ledger();
    let mut bodies: Vec<_> = replica
        .iter()
        .map(|replica| replica.registry())
        .flat_map(|registry| {
            registry
                .records()
                .flat_map(|record| views::body(registry, record, crate::shell::now(), locale))
        })
        .collect();
    bodies.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    Ok(LedgerView {
        name: replica
            .as_ref()
            .map(|replica| wallet::words::visible(replica.pin().name())),
        source: following.as_ref().map(|following| {
            let url = tauri::Url::parse(&following.source).ok();
            let host = url.and_then(|url| url.host_str().map(str::to_owned));
            host.unwrap_or_else(|| following.source.clone())
        }),
        attested_at: age.map(|age| age.attested),
        fetched_at: following.and_then(|following| following.fetched_at),
        freshness: match age.map(|age| age.band) {
            None => Freshness::Never,
            Some(Band::Fresh) => Freshness::Fresh,
            Some(Band::Offline) => Freshness::Ageing,
            Some(Band::Stale) => Freshness::Stale,
        },
        watched: match replica.as_ref().map(|replica| replica.pin()) {
            Some(pin) if pin.network().is_some() => Watched::Network,
            Some(pin) if pin.threshold() > 0 => {
                Watched::Witnesses(u32::try_from(pin.threshold()).unwrap_or(u32::MAX))
            }
            _ => Watched::Operator,
        },
        clock_set_back: age.is_some_and(|age| age.clock_set_back),
        entries: replica.as_ref().map_or(0, |replica| replica.size()),
        refused: refused.map(|refused| RefusedUpdate {
            at: refused.at,
            reason: refused.reason,
        }),
        bodies,
        growth: replica
            .iter()
            .flat_map(|replica| replica.registry().growth(GROWTH_POINTS))
            .map(|point| GrowthPoint {
                at: point.time,
                entries: point.entries,
            })
            .collect(),
    })
}
