//! Files that the citizen saves, where the citizen says.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use ipc::{Failure, FailureKind, SavedView};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_dialog::DialogExt as _;

use crate::shell::Shell;
use crate::window::MAIN;

/// How many files of one name are made beside one another where nobody is asked.
const MOST_OF_A_NAME: u32 = 1000;

/// Asks where a file shall be, and writes it there. None where the citizen chose nothing.
pub(crate) async fn save(
    app: &AppHandle,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Option<SavedView>, Failure> {
    let Some(file) = place(app, name).await? else {
        return Ok(None);
    };
    write_to(file, bytes).await.map(Some)
}

/// Writes a file where the citizen wants it.
pub(crate) async fn write_to(file: PathBuf, bytes: Vec<u8>) -> Result<SavedView, Failure> {
    let written = tauri::async_runtime::spawn_blocking(move || {
        replace_with(&file, |beside| write(beside, &bytes), |error| error).map(|()| SavedView {
            file: last_part(&file),
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        })
    });
    match written.await {
        Ok(Ok(view)) => Ok(view),
        Ok(Err(_)) => Err(Failure::new(FailureKind::Internal, "file_not_written")),
        Err(_) => Err(Failure::new(FailureKind::Internal, "thread")),
    }
}

/// Where the citizen wants a file of this name. With `--save-in` nobody is asked, and nothing that
/// is there is written over.
pub(crate) async fn place(app: &AppHandle, name: &str) -> Result<Option<PathBuf>, Failure> {
    if let Some(folder) = &app.state::<Shell>().save_in {
        return Ok(free_name(folder, name));
    }
    let (asking, name) = (app.clone(), name.to_owned());
    let chosen = tauri::async_runtime::spawn_blocking(move || {
        let mut dialog = asking.dialog().file().set_file_name(name);
        if let Some(window) = asking.get_webview_window(MAIN) {
            dialog = dialog.set_parent(&window);
        }
        dialog.blocking_save_file()
    })
    .await
    .map_err(|_| Failure::new(FailureKind::Internal, "thread"))?;
    Ok(chosen.and_then(|path| path.into_path().ok()))
}

/// Writes beside `file` and then takes its place: the citizen agreed to that in the dialog, and
/// what was there before stays until the new file is whole. `write` makes a new file: its name
/// cannot be guessed, so that nobody else puts one there first. Nothing is left beside where it
/// fails.
pub(crate) fn replace_with<T, E>(
    file: &Path,
    write: impl FnOnce(&Path) -> Result<T, E>,
    io: impl FnOnce(std::io::Error) -> E,
) -> Result<T, E> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.part", wallet::Id::make()));
    let beside = PathBuf::from(beside);
    let done = write(&beside).and_then(|done| match std::fs::rename(&beside, file) {
        Ok(()) => Ok(done),
        Err(error) => Err(io(error)),
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    done
}

/// The last part of a path, for people.
pub(crate) fn last_part(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    wallet::words::visible(&name)
}

fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut open = std::fs::OpenOptions::new();
    open.write(true).create_new(true);
    // Some of what is saved tells of the citizen: others on this computer need not read it.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    let mut file = open.open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// `name`, else `name` with a number before its ending, in a folder.
fn free_name(folder: &Path, name: &str) -> Option<PathBuf> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    (1..=MOST_OF_A_NAME)
        .map(|number| match number {
            1 => folder.join(name),
            number => folder.join(format!("{stem}-{number}.{ending}")),
        })
        .find(|file| !file.exists())
}

#[cfg(test)]
mod tests {
    use super::{free_name, replace_with, write};

    #[test]
    fn an_earlier_file_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cairn-backup.age");
        std::fs::write(&file, "old").unwrap();
        let failed = replace_with(
            &file,
            |beside| {
                std::fs::write(beside, "half").unwrap();
                Err::<(), _>(std::io::Error::other("full"))
            },
            |error| error,
        );
        assert!(failed.is_err());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "old");
        replace_with(&file, |beside| write(beside, b"new"), |error| error).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_left_beside_a_place_that_cannot_be_taken() {
        let folder = tempfile::tempdir().unwrap();
        // A folder of that name does not give way to a file.
        let file = folder.path().join("pass.pdf");
        std::fs::create_dir(&file).unwrap();
        std::fs::write(file.join("inside"), "x").unwrap();
        let failed = replace_with(&file, |beside| write(beside, b"pass"), |error| error);
        assert!(failed.is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_somebody_else_put_there_is_not_written_into() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = folder.path().join("theirs");
        std::fs::write(&theirs, "theirs").unwrap();
        let refused = write(&theirs, b"pass").unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "theirs");
        // Two writings of one file have names of their own.
        let file = folder.path().join("pass.pdf");
        let name = || {
            let keep =
                |beside: &std::path::Path| write(beside, b"pass").map(|()| beside.to_owned());
            replace_with(&file, keep, |error| error).unwrap()
        };
        assert_ne!(name(), name());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_saved_is_readable_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pass.pdf");
        write(&file, b"pass").unwrap();
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn without_asking_nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let first = free_name(folder.path(), "trail.csv").unwrap();
        assert_eq!(first.file_name().unwrap(), "trail.csv");
        std::fs::write(&first, "x").unwrap();
        let second = free_name(folder.path(), "trail.csv").unwrap();
        assert_eq!(second.file_name().unwrap(), "trail-2.csv");
    }
}
