use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;
use keys::{UnixTime, b64};

use crate::files::write_secret;

/// A clock may go back by so many seconds, as it does when it is set by a time server.
const CLOCK_TOLERANCE: UnixTime = 120;
/// The latest time at which a code was taken.
const CLOCK: &str = "clock";

/// The codes that were taken, each as an empty file named by the second from which it could not
/// be taken any more and by its mark. A mark is a digest: nothing can be learnt from it.
///
/// The file is made, and is on the disk, before anybody is told that the code is good. Whoever
/// makes it first has it: two readers of one folder do not take the same code.
pub(super) struct Seen(PathBuf);

/// What became of a code that is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is the first time.
    First,
    /// It was taken before.
    Before,
}

impl Seen {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Whether a code was taken before.
    pub(super) fn contains(&self, mark: &[u8; 32], over_at: UnixTime) -> anyhow::Result<bool> {
        let found = self.file(mark, over_at).try_exists();
        found.context("cannot read the data folder")
    }

    /// Takes a code.
    pub(super) fn take(
        &self,
        mark: &[u8; 32],
        over_at: UnixTime,
        now: UnixTime,
    ) -> anyhow::Result<Taken> {
        fs::create_dir_all(&self.0).context("cannot use the data folder")?;
        self.remember_time(now)?;
        self.sweep(now)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(self.file(mark, over_at)) {
            Ok(file) => {
                file.sync_all().context("cannot write a mark")?;
                // The name too must be on the disk.
                #[cfg(unix)]
                File::open(&self.0)
                    .and_then(|folder| folder.sync_all())
                    .context("cannot write a mark")?;
                Ok(Taken::First)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Taken::Before),
            Err(error) => Err(error).context("cannot write a mark"),
        }
    }

    /// True where the clock is behind a time at which a code was taken: marks that were removed
    /// could be missed.
    pub(super) fn clock_went_back(&self, now: UnixTime) -> anyhow::Result<bool> {
        Ok(now.saturating_add(CLOCK_TOLERANCE) < self.latest()?)
    }

    fn latest(&self) -> anyhow::Result<UnixTime> {
        match fs::read_to_string(self.0.join(CLOCK)) {
            Ok(text) => text.trim().parse().context("`seen/clock` is damaged"),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(UnixTime::MIN),
            Err(error) => Err(error).context("cannot read the data folder"),
        }
    }

    fn remember_time(&self, now: UnixTime) -> anyhow::Result<()> {
        if now <= self.latest()? {
            return Ok(());
        }
        write_secret(&self.0.join(CLOCK), now.to_string().as_bytes())
    }

    fn file(&self, mark: &[u8; 32], over_at: UnixTime) -> PathBuf {
        self.0.join(format!("{over_at}.{}", b64::encode(mark)))
    }

    /// Removes the marks of codes that are over, with the tolerance of the clock to spare.
    fn sweep(&self, now: UnixTime) -> anyhow::Result<()> {
        for entry in fs::read_dir(&self.0).context("cannot read the data folder")? {
            let entry = entry?;
            let name = entry.file_name();
            let over_at = name.to_str().and_then(|name| name.split_once('.'));
            let over_at = over_at.and_then(|(over_at, _)| over_at.parse::<UnixTime>().ok());
            if over_at.is_some_and(|over_at| over_at.saturating_add(2 * CLOCK_TOLERANCE) < now) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_taken_once_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        let (one, other) = ([1; 32], [2; 32]);
        let seen = Seen::new(path.clone());
        assert!(!seen.contains(&one, 200).unwrap());
        assert_eq!(seen.take(&one, 200, 100).unwrap(), Taken::First);
        let again = Seen::new(path.clone());
        assert!(again.contains(&one, 200).unwrap());
        assert_eq!(again.take(&one, 200, 101).unwrap(), Taken::Before);
        assert_eq!(again.take(&other, 200, 101).unwrap(), Taken::First);
        // Over, and removed; the clock stays.
        assert_eq!(again.take(&[3; 32], 900, 800).unwrap(), Taken::First);
        let names: Vec<_> = fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }

    #[test]
    fn a_clock_that_was_set_back_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let seen = Seen::new(folder.path().join("seen"));
        assert!(!seen.clock_went_back(5).unwrap());
        seen.take(&[1; 32], 2000, 1000).unwrap();
        assert!(!seen.clock_went_back(1000 - CLOCK_TOLERANCE).unwrap());
        assert!(seen.clock_went_back(999 - CLOCK_TOLERANCE).unwrap());
        seen.take(&[2; 32], 2000, 950).unwrap();
        assert!(seen.clock_went_back(999 - CLOCK_TOLERANCE).unwrap());
    }
}
