//! The data folder: the key, the ledger's replica, and how commands find a running counter.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use keys::SigningKey;
use program::folder::{self, write_secret};
use serde::{Deserialize, Serialize};

/// A folder that only its owner may read.
pub(crate) struct Data(PathBuf);

/// How commands speak to the running counter.
#[derive(Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) token: String,
}

const RUNNING: &str = "running.json";
const LOCK: &str = "counter.lock";
const KEY: &str = "counter.pem";

impl Data {
    pub(crate) fn open(given: Option<PathBuf>) -> anyhow::Result<Self> {
        folder::open(given, "cairn-counter").map(Self)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The signing key: the given file, else the one of the folder, which is made if needed.
    pub(crate) fn key(&self, given: Option<&Path>) -> anyhow::Result<SigningKey> {
        let make = || Ok(SigningKey::make_p256());
        folder::signing_key(given, &self.path(KEY), make)
    }

    /// The right to serve this folder, until it is dropped; nothing where another has it.
    pub(crate) fn lock(&self) -> anyhow::Result<Option<File>> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.path(LOCK))
            .context("cannot use the data folder")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).context("the data folder cannot be locked")
            }
        }
    }

    pub(crate) fn save_running(&self, running: &Running) -> anyhow::Result<()> {
        write_secret(&self.path(RUNNING), &serde_json::to_vec(running)?)
    }

    pub(crate) fn forget_running(&self) {
        let _ = fs::remove_file(self.path(RUNNING));
    }

    /// The counter that serves this folder. The lock says whether there is one, so that
    /// nothing is asked of whoever else listens on its old port.
    pub(crate) fn running(&self) -> anyhow::Result<Option<Running>> {
        if self.lock()?.is_some() {
            return Ok(None);
        }
        let bytes = fs::read(self.path(RUNNING))
            .context("another command uses the data folder, and it is not a running counter")?;
        let running = serde_json::from_slice(&bytes);
        Ok(Some(
            running.context("the token of the running counter is damaged")?,
        ))
    }
}
