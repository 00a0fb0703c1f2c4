//! Who may issue and who may ask, from the replica on this computer.

use ipc::{Failure, FailureKind, Freshness, LedgerTrail, LedgerView, RefusedUpdate, TrailEntry};
use tauri::State;
use wallet::Wallet;
use wallet::ledger::Band;

use crate::failures::Fails as _;
use crate::shell::Shell;
use crate::views;

#[tauri::command]
pub(crate) async fn ledger(shell: State<'_, Shell>) -> Result<LedgerView, Failure> {
    view(&*shell.wallet()?, &shell.locale())
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
) -> Result<Vec<TrailEntry>, Failure> {
    let locale = shell.locale();
    let gone = || Failure::new(FailureKind::NotFound, "not_found");
    let replica = shell.wallet()?.ledger().ok_or_else(gone)?;
    let registry = replica.registry();
    registry.record(&input.body).ok_or_else(gone)?;
    Ok(registry
        .trail(&input.body)
        .iter()
        .filter_map(|entry| views::trail(entry, registry, &locale))
        .collect())
}

fn view(wallet: &Wallet, locale: &str) -> Result<LedgerView, Failure> {
    let following = wallet.following().map_err(|error| error.failure())?;
    let refused = wallet.refused_update().map_err(|error| error.failure())?;
    let age = wallet.ledger_age();
    let replica = wallet.ledger();
    let mut bodies: Vec<_> = replica
        .iter()
        .flat_map(|replica| replica.registry().records())
        .flat_map(|record| views::body(record, crate::shell::now(), locale))
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
        clock_set_back: age.is_some_and(|age| age.clock_set_back),
        entries: replica.as_ref().map_or(0, |replica| replica.size()),
        refused: refused.map(|refused| RefusedUpdate {
            at: refused.at,
            reason: refused.reason,
        }),
        bodies,
    })
}
