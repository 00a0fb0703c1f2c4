//! The desks of the demo world. Outside of it there are none.

use ipc::{DeskView, Failure, FailureKind, LinkView, Retry, VisitDesk};
use tauri::{AppHandle, Manager as _, State};
use wallet::open_link::read_text;

use crate::failures::Fails as _;
use crate::shell::Shell;

#[tauri::command]
pub(crate) async fn demo_desks(shell: State<'_, Shell>) -> Result<Vec<DeskView>, Failure> {
    Ok(shell
        .desks
        .as_ref()
        .map(|desks| desks.desks.clone())
        .unwrap_or_default())
}

#[tauri::command]
pub(crate) async fn visit_desk(app: AppHandle, input: VisitDesk) -> Result<LinkView, Failure> {
    let shell = app.state::<Shell>();
    if !shell.wallet()?.is_demo() {
        return Err(Failure::new(FailureKind::Forbidden, "not_a_demo"));
    }
    let asking = app.clone();
    let link = tauri::async_runtime::spawn_blocking(move || {
        let shell = asking.state::<Shell>();
        shell.desks.as_ref().map(|desks| desks.visit(&input.id))
    })
    .await
    .map_err(|_| Failure::new(FailureKind::Internal, "thread"))?
    .ok_or_else(|| Failure::new(FailureKind::NotFound, "no_desk"))?
    .map_err(|_| Failure::new(FailureKind::Unreachable, "desk").retry(Retry::Now))?;
    let link = read_text(&link).map_err(|error| error.failure())?;
    Ok(shell.links().open(link.into()))
}
