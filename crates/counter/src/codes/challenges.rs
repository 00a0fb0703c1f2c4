use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;
use keys::{UnixTime, b64};
use serde::{Deserialize, Serialize};

use crate::files::write_secret;

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
        anyhow::ensure!(
            self.sweep(now)? < MAX_KEPT,
            "too many codes were made today: wait until some are over"
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

    /// Removes those that are long over; how many are left.
    fn sweep(&self, now: UnixTime) -> anyhow::Result<usize> {
        let mut left = 0;
        for entry in fs::read_dir(&self.0).context("cannot read the data folder")? {
            let path = entry?.path();
            let known = fs::read(&path).ok();
            let known = known.and_then(|bytes| serde_json::from_slice::<Challenge>(&bytes).ok());
            if known.is_none_or(|known| known.expires_at.saturating_add(REMEMBERED) < now) {
                let _ = fs::remove_file(&path);
            } else {
                left += 1;
            }
        }
        Ok(left)
    }
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
}
