//! How the window looks and when it locks: a small file beside the wallet, readable before
//! unlocking, so nothing personal may ever go in.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ipc::Preferences;

const FILE: &str = "preferences.json";
const LIMIT: u64 = 4096;
const MINUTES: std::ops::RangeInclusive<u32> = 1..=60;

/// The preferences and the file that they are kept in.
pub(crate) struct Kept {
    file: PathBuf,
    now: Mutex<Preferences>,
}

impl Kept {
    /// Reads the preferences of a data folder. A file that is missing, too large or damaged counts
    /// as the defaults: a preference is not worth a window that does not open.
    pub(crate) fn load(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let now = read(&file).unwrap_or_default();
        Self {
            file,
            now: Mutex::new(now),
        }
    }

    pub(crate) fn now(&self) -> Preferences {
        self.lock().clone()
    }

    /// Keeps new preferences, within their bounds, and returns what is kept.
    pub(crate) fn set(&self, new: Preferences) -> std::io::Result<Preferences> {
        let new = bounded(new);
        let mut now = self.lock();
        let folder = self.file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
        fresh.write_all(&serde_json::to_vec_pretty(&new)?)?;
        fresh.persist(&self.file).map_err(|error| error.error)?;
        now.clone_from(&new);
        Ok(new)
    }

    fn lock(&self) -> MutexGuard<'_, Preferences> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(file: &Path) -> Option<Preferences> {
    let mut text = Vec::new();
    let file = std::fs::File::open(file).ok()?;
    file.take(LIMIT + 1).read_to_end(&mut text).ok()?;
    if text.len() as u64 > LIMIT {
        return None;
    }
    serde_json::from_slice(&text).ok().map(bounded)
}

fn bounded(mut preferences: Preferences) -> Preferences {
    preferences.auto_lock_minutes = preferences
        .auto_lock_minutes
        .clamp(*MINUTES.start(), *MINUTES.end());
    let tag = &preferences.language;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if tag.is_empty() || tag.len() > 35 || !tag.bytes().all(plain) {
        preferences.language = Preferences::default().language;
    }
    preferences
}

#[cfg(test)]
mod tests {
    use super::{FILE, Kept, LIMIT};
    use ipc::{Preferences, Theme};

    #[test]
    fn what_is_set_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("not/there/yet");
        let set = Preferences {
            theme: Theme::Dark,
            language: "cy".into(),
            ..Preferences::default()
        };
        Kept::load(&inner).set(set.clone()).unwrap();
        assert_eq!(Kept::load(&inner).now(), set);
    }

    #[test]
    fn minutes_and_language_stay_within_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::load(folder.path());
        for (minutes, expected) in [(0, 1), (7, 7), (61, 60), (u32::MAX, 60)] {
            let set = Preferences {
                auto_lock_minutes: minutes,
                language: "../x".into(),
                ..Preferences::default()
            };
            let now = kept.set(set).unwrap();
            assert_eq!(now.auto_lock_minutes, expected);
            assert_eq!(now.language, "en");
        }
    }

    #[test]
    fn a_damaged_or_huge_file_gives_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        std::fs::write(&file, "{").unwrap();
        assert_eq!(Kept::load(folder.path()).now(), Preferences::default());

        let dark = Preferences {
            theme: Theme::Dark,
            ..Preferences::default()
        };
        let mut text = serde_json::to_string(&dark).unwrap();
        std::fs::write(&file, &text).unwrap();
        assert_eq!(Kept::load(folder.path()).now(), dark);
        text.push_str(&" ".repeat(LIMIT as usize));
        std::fs::write(&file, &text).unwrap();
        assert_eq!(Kept::load(folder.path()).now(), Preferences::default());
    }
}
