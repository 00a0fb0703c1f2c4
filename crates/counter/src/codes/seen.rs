use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;
use keys::{UnixTime, b64};
use program::folder::write_secret;

use super::list_folder;

/// A clock may go back by so many seconds, as it does when it is set by a time server.
pub(super) const CLOCK_TOLERANCE: UnixTime = 120;
/// A mark stays for so many seconds after its code was over: a clock that was ahead by less
/// than that, and is set right, finds every mark that it needs.
const KEPT_AFTER: UnixTime = 8 * 24 * 3600;
/// The latest time at which a code was taken.
const CLOCK: &str = "clock";
/// Whoever writes the time or removes marks holds this file.
const LOCK: &str = "lock";

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
        let _lock = self.lock()?;
        self.remember_time(now)?;
        self.remove_old(now)?;
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

    /// Removes the marks of codes that have long been over.
    pub(super) fn sweep(&self, now: UnixTime) -> anyhow::Result<()> {
        if !self.0.try_exists().context("cannot read the data folder")? {
            return Ok(());
        }
        let _lock = self.lock()?;
        self.remove_old(now)
    }

    /// Waits for other readers of the folder, and is let go when it is dropped.
    fn lock(&self) -> anyhow::Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(self.0.join(LOCK));
        let file = file.context("cannot use the data folder")?;
        file.lock().context("the data folder cannot be locked")?;
        Ok(file)
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

    fn remove_old(&self, now: UnixTime) -> anyhow::Result<()> {
        let is_old = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            let over_at = name.and_then(|name| name.split_once('.'));
            let over_at = over_at.and_then(|(over_at, _)| over_at.parse::<UnixTime>().ok());
            over_at.is_some_and(|over_at| over_at.saturating_add(KEPT_AFTER) < now)
        };
        let old: Vec<PathBuf> = list_folder(&self.0)?.into_iter().filter(is_old).collect();
        if !old.is_empty() {
            // Before a mark goes the time is known by which it went.
            self.remember_time(now)?;
        }
        for path in old {
            let _ = fs::remove_file(path);
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
        // Long over, and removed; the clock and the lock stay.
        let later = 200 + KEPT_AFTER;
        assert_eq!(
            again.take(&[3; 32], later + 60, later).unwrap(),
            Taken::First
        );
        assert!(again.contains(&one, 200).unwrap());
        assert_eq!(list_folder(&path).unwrap().len(), 5);
        again.sweep(later + 1).unwrap();
        let names = list_folder(&path).unwrap();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(again.contains(&[3; 32], later + 60).unwrap());
        // What was removed by a clock is known to have been.
        assert!(again.clock_went_back(later - CLOCK_TOLERANCE).unwrap());
    }

    #[test]
    fn a_clock_that_was_ahead_for_a_week_loses_no_mark() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        let seen = Seen::new(path.clone());
        let pass_over = 10_000;
        assert_eq!(seen.take(&[1; 32], pass_over, 100).unwrap(), Taken::First);
        let ahead = pass_over + 7 * 24 * 3600;
        assert_eq!(
            seen.take(&[2; 32], ahead + 60, ahead).unwrap(),
            Taken::First
        );
        assert!(seen.clock_went_back(200).unwrap());
        // As the desk's clerk is told to do.
        fs::remove_file(path.join(CLOCK)).unwrap();
        assert!(!seen.clock_went_back(200).unwrap());
        assert!(seen.contains(&[1; 32], pass_over).unwrap());
    }

    #[test]
    fn readers_in_different_seconds_do_not_break_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen");
        std::thread::scope(|scope| {
            for reader in 0..4_u8 {
                let seen = Seen::new(path.clone());
                scope.spawn(move || {
                    for turn in 0..40_u8 {
                        let now = 1000 + UnixTime::from(turn);
                        let mut mark = [reader; 32];
                        mark[0] = turn;
                        assert_eq!(seen.take(&mark, 2000, now).unwrap(), Taken::First);
                        assert!(!seen.clock_went_back(now).unwrap());
                    }
                });
            }
        });
        assert_eq!(Seen::new(path).latest().unwrap(), 1039);
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
