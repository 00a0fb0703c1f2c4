//! Looking at cards and deleting them.

use ipc::{
    Card, CardDetails, CardRow, CardView, DeleteCard, Failure, FailureKind, RevealedView,
    SaveEvidence, SavedEvidence,
};
use tauri::{AppHandle, Manager as _, State};
use wallet::Id;

use crate::failures::Fails as _;
use crate::shell::Shell;
use crate::{saving, views};

#[tauri::command]
pub(crate) async fn cards(shell: State<'_, Shell>) -> Result<Vec<CardRow>, Failure> {
    let rows = shell
        .wallet()?
        .cards_at_once(&shell.locale())
        .map_err(|error| error.failure())?;
    Ok(rows.into_iter().map(views::row).collect())
}

#[tauri::command]
pub(crate) async fn card(shell: State<'_, Shell>, input: Card) -> Result<CardView, Failure> {
    shell
        .wallet()?
        .card_at_once(id(&input.id)?, &shell.locale())
        .map(views::card)
        .map_err(|error| error.failure())
}

#[tauri::command]
pub(crate) async fn card_details(
    shell: State<'_, Shell>,
    input: CardDetails,
) -> Result<RevealedView, Failure> {
    let (wallet, locale) = (shell.wallet()?, shell.locale());
    let id = id(&input.id)?;
    let details = wallet.card_details(id, &locale);
    let picture = wallet.card_picture(id, &locale);
    Ok(RevealedView {
        details: views::details(details.map_err(|error| error.failure())?),
        picture: picture.map_err(|error| error.failure())?,
    })
}

#[tauri::command]
pub(crate) async fn delete_card(shell: State<'_, Shell>, input: DeleteCard) -> Result<(), Failure> {
    shell
        .wallet()?
        .delete_card(id(&input.id)?)
        .map_err(|error| error.failure())
}

#[tauri::command]
pub(crate) async fn save_evidence(
    app: AppHandle,
    input: SaveEvidence,
) -> Result<Option<SavedEvidence>, Failure> {
    let evidence = app
        .state::<Shell>()
        .wallet()?
        .evidence(id(&input.id)?)
        .map_err(|error| error.failure())?;
    let saved = saving::save(&app, "issuer-evidence.json", evidence.bytes).await?;
    Ok(saved.map(|saved| SavedEvidence {
        saved,
        attested_at: evidence.attested,
    }))
}

/// The id of a card or an event.
pub(super) fn id(text: &str) -> Result<Id, Failure> {
    text.parse()
        .map_err(|_| Failure::new(FailureKind::NotFound, "not_found"))
}
