use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::Context as _;
use keys::{UnixTime, b64};
use program::folder::write_secret;
use serde::{Deserialize, Serialize};

use super::list_folder;

/// The most challenges that are kept.
const MAX_KEPT: usize = 1000;
/// A challenge that is over is remembered for so many seconds, to be told from one that was
/// never made here.
const REMEMBERED: UnixTime = 24 * 3600;

/// The challenges that this desk showed, each a file: so that another command, and the desk
/// after a restart, knows them.
pub(super) struct Challenges(PathBuf);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Challenge {
    pub(super) purpose: String,
    pub(super) made_at: UnixTime,
    pub(super) expires_at: UnixTime,
}

impl Challenges {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    pub(super) fn add(
        &self,
        challenge: &[u8],
        about: &Challenge,
        now: UnixTime,
    ) -> anyhow::Result<()> {
        fs::create_dir_all(&self.0).context("cannot use the data folder")?;
        self.sweep(now)?;
        anyhow::ensure!(
            self.make_room(now)? < MAX_KEPT,
            "too many questions are open: wait until some are over"
        );
        write_secret(&self.file(challenge), &serde_json::to_vec(about)?)
    }

    /// What is known of a challenge; nothing where it was not made here, or long ago.
    pub(super) fn find(&self, challenge: &[u8]) -> anyhow::Result<Option<Challenge>> {
        match fs::read(self.file(challenge)) {
            Ok(bytes) => {
                let known = serde_json::from_slice(&bytes);
                Ok(Some(known.context("a challenge on disk is damaged")?))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context("cannot read the data folder"),
        }
    }

    fn file(&self, challenge: &[u8]) -> PathBuf {
        self.0.join(format!("{}.json", b64::encode(challenge)))
    }

    /// Removes those that are long over, and what was never finished.
    pub(super) fn sweep(&self, now: UnixTime) -> anyhow::Result<()> {
        for path in list_folder(&self.0)? {
            let old = match Self::read(&path) {
                Some(known) => known.expires_at.saturating_add(REMEMBERED) < now,
                // Another command may be writing it just now.
                None => is_abandoned(&path, now),
            };
            if old {
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    /// Forgets early what is over, the oldest first, where there are too many; how many are
    /// left. Whoever answers one that was forgotten is refused all the same.
    fn make_room(&self, now: UnixTime) -> anyhow::Result<usize> {
        let paths = list_folder(&self.0)?;
        let left = paths.len();
        let spare = (left + 1).saturating_sub(MAX_KEPT);
        if spare == 0 {
            return Ok(left);
        }
        let mut over: Vec<(UnixTime, PathBuf)> = paths
            .into_iter()
            .filter_map(|path| Some((Self::read(&path)?.expires_at, path)))
            .filter(|(expires_at, _)| *expires_at <= now)
            .collect();
        over.sort();
        let mut gone = 0;
        for (_, path) in over.into_iter().take(spare) {
            gone += usize::from(fs::remove_file(path).is_ok());
        }
        Ok(left - gone)
    }

    /// One that is whole.
    fn read(path: &Path) -> Option<Challenge> {
        if path.extension().is_none_or(|ending| ending != "json") {
            return None;
        }
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }
}

/// Whether nobody has written a file for as long as a challenge is remembered.
fn is_abandoned(path: &Path, now: UnixTime) -> bool {
    let written = fs::metadata(path).and_then(|about| about.modified()).ok();
    let written = written.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let written = written.and_then(|time| UnixTime::try_from(time.as_secs()).ok());
    written.is_some_and(|written| written.saturating_add(REMEMBERED) < now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_outlives_the_program_and_then_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("challenges");
        let one = Challenge {
            purpose: "p".to_owned(),
            made_at: 100,
            expires_at: 400,
        };
        Challenges::new(path.clone())
            .add(&[1; 16], &one, 100)
            .unwrap();
        let again = Challenges::new(path);
        assert_eq!(again.find(&[1; 16]).unwrap().as_ref(), Some(&one));
        assert!(again.find(&[2; 16]).unwrap().is_none());
        let later = 401 + REMEMBERED;
        again.add(&[3; 16], &one, later).unwrap();
        assert!(again.find(&[1; 16]).unwrap().is_none());
    }
    #[test]
    fn what_another_command_is_writing_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("challenges");
        fs::create_dir(&path).unwrap();
        let half = path.join("half.new");
        fs::write(&half, "{").unwrap();
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
        let written = UnixTime::try_from(since.unwrap().as_secs()).unwrap();
        let challenges = Challenges::new(path);
        challenges.sweep(written + 60).unwrap();
        assert!(half.exists());
        challenges.sweep(written + REMEMBERED + 60).unwrap();
        assert!(!half.exists());
    }

    #[test]
    fn a_busy_day_ends_no_questions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("challenges");
        fs::create_dir(&path).unwrap();
        let challenges = Challenges::new(path);
        let one = |expires_at| Challenge {
            purpose: "p".to_owned(),
            made_at: 100,
            expires_at,
        };
        let name = |number: u16| number.to_be_bytes();
        for number in 0..1000_u16 {
            let about = one(1000 + UnixTime::from(number));
            fs::write(
                challenges.file(&name(number)),
                serde_json::to_vec(&about).unwrap(),
            )
            .unwrap();
        }
        // While all are open there is no room; the first that is over makes some.
        assert!(challenges.add(&name(2000), &one(3000), 999).is_err());
        challenges.add(&name(2000), &one(3000), 1001).unwrap();
        assert!(challenges.find(&name(0)).unwrap().is_none());
        assert!(challenges.find(&name(1)).unwrap().is_some());
        assert!(challenges.find(&name(2000)).unwrap().is_some());
    }
}
