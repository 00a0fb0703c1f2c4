//! Setting up, unlocking and locking.

use ipc::{Failure, StatusView, VaultState};
use tauri::State;

use crate::shell::Shell;

#[tauri::command]
pub(crate) fn status(shell: State<'_, Shell>) -> Result<StatusView, Failure> {
    Ok(StatusView {
        vault: VaultState::Missing,
        custody: None,
        demo: shell.demo,
        waiting: None,
        retry_after: None,
        last_backup: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        folder: shell.folder.display().to_string(),
    })
}

#[tauri::command]
pub(crate) fn touch(shell: State<'_, Shell>) {
    shell.idle.touch();
}
