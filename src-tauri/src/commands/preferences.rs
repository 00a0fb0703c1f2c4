//! How the window looks and when it locks.

use ipc::{Failure, FailureKind, Preferences, SetPreferences};
use tauri::State;

use crate::shell::Shell;

#[tauri::command]
pub(crate) fn preferences(shell: State<'_, Shell>) -> Preferences {
    shell.preferences.now()
}

#[tauri::command]
pub(crate) fn set_preferences(
    shell: State<'_, Shell>,
    input: SetPreferences,
) -> Result<Preferences, Failure> {
    shell
        .preferences
        .set(input.preferences)
        .map_err(|_| Failure::new(FailureKind::Internal, "preferences_not_written"))
}
