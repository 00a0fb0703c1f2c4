//! Looking back.

use ipc::{EventRow, EventView, Failure, FollowRedirect, ForgetEvent, ReadEvent};
use tauri::State;

use super::cards::id;
use crate::failures::Fails as _;
use crate::shell::Shell;
use crate::{browser, views};

#[tauri::command]
pub(crate) async fn history(shell: State<'_, Shell>) -> Result<Vec<EventRow>, Failure> {
    let (events, _) = shell.wallet()?.history().map_err(|error| error.failure())?;
    Ok(events.iter().map(views::event_row).collect())
}

#[tauri::command]
pub(crate) async fn event(shell: State<'_, Shell>, input: ReadEvent) -> Result<EventView, Failure> {
    shell
        .wallet()?
        .event(id(&input.id)?)
        .map(views::event)
        .map_err(|error| error.failure())
}

#[tauri::command]
pub(crate) async fn forget_event(
    shell: State<'_, Shell>,
    input: ForgetEvent,
) -> Result<(), Failure> {
    shell
        .wallet()?
        .forget_event(id(&input.id)?)
        .map_err(|error| error.failure())
}

#[tauri::command]
pub(crate) async fn follow_redirect(
    shell: State<'_, Shell>,
    input: FollowRedirect,
) -> Result<(), Failure> {
    let wallet = shell.wallet()?;
    let url = wallet
        .take_redirect(id(&input.event)?)
        .map_err(|error| error.failure())?
        .ok_or_else(|| Failure::new(ipc::FailureKind::NotFound, "no_redirect"))?;
    browser::open(&url, wallet.is_demo())
}
