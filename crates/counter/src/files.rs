//! The data folder: the key, the ledger's replica, and how commands find a running counter.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use keys::SigningKey;
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
        let path = match given {
            Some(path) => path,
            None => default_folder().context("no data folder: give one with --data DIR")?,
        };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&path)
            .with_context(|| format!("cannot make the data folder {}", path.display()))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The signing key: the given file, else the one of the folder, which is made if needed.
    pub(crate) fn key(&self, given: Option<&Path>) -> anyhow::Result<SigningKey> {
        let path = given.map_or_else(|| self.path(KEY), Path::to_path_buf);
        match fs::read_to_string(&path) {
            Ok(pem) => SigningKey::from_pem(&pem)
                .with_context(|| format!("{} is not a usable key", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound && given.is_none() => {
                let key = SigningKey::make_p256();
                write_secret(&path, key.to_pem()?.as_bytes())?;
                Ok(key)
            }
            Err(error) => {
                Err(error).with_context(|| format!("cannot read the key {}", path.display()))
            }
        }
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

fn default_folder() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share"));
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    Some(base.or_else(home)?.join("cairn-counter"))
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = |bytes: &mut Vec<u8>| -> std::io::Result<usize> {
        if path == Path::new("-") {
            return std::io::stdin().lock().take(limit + 1).read_to_end(bytes);
        }
        File::open(path)?.take(limit + 1).read_to_end(bytes)
    };
    read(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    anyhow::ensure!(
        bytes.len() as u64 <= limit,
        "{} is longer than {limit} bytes",
        path.display()
    );
    Ok(bytes)
}

/// Writes a file that only its owner may read; a reader never sees half of it.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || -> std::io::Result<()> {
        let mut file = options.open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
