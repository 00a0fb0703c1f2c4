//! A witness's folder.
//!
//! `witness.json` has its name, `keys/witness.pem` its key, and each folder below `logs/` one ledger
//! that it follows: `pin.json`, `log.json` (where it is read, and whether the witness has cosigned) and
//! `record/`, the entries and the
//! checkpoint that was cosigned last. A record that is lost must not be begun again under the same
//! key: the witness would sign what it cannot compare.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keys::{Algorithm, SigningKey, b64};
use ledger::note::{NoteAlgorithm, VerifierKey};
use ledger::witness::WitnessedLog;
use ledger::{FolderSource, HttpSource, Pin, TileSource};
use net::{Client, Policy};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::args;
use super::files::{LogFile, WitnessFile, read, write};
use crate::custody;
use crate::failure::Failure;
use crate::import::is_loopback;

/// A ledger that the witness follows.
pub(super) struct Followed {
    pub(super) log: WitnessedLog,
    path: PathBuf,
    file: LogFile,
}

impl Followed {
    pub(super) fn origin(&self) -> &str {
        self.log.origin()
    }

    /// Notes that the witness has cosigned, once.
    pub(super) fn note_begun(&mut self) -> Result<(), Failure> {
        if self.file.begun {
            return Ok(());
        }
        self.file.begun = true;
        let written = write(&self.path, &self.file);
        self.file.begun = written.is_ok();
        written
    }

    #[cfg(test)]
    pub(super) fn new(log: WitnessedLog, folder: &Path) -> Self {
        Self {
            log,
            path: folder.join("log.json"),
            file: LogFile {
                version: 1,
                from: String::new(),
                begun: false,
            },
        }
    }
}

/// A witness that one process at a time has open.
pub(super) struct Home {
    pub(super) name: String,
    pub(super) key: SigningKey,
    pub(super) logs: Vec<Followed>,
    pub(super) lock: File,
}

/// Makes the folder, and gives the witness's key as it stands in notes.
pub(super) fn init(args: &args::Init) -> Result<VerifierKey, Failure> {
    let file = args.dir.join("witness.json");
    if file.exists() {
        return Err(Failure::failed(
            "witness_exists",
            "a witness is here already",
        ));
    }
    let key = match &args.key {
        Some(path) => custody::read_secret(path)?,
        None => SigningKey::make_ed25519(),
    };
    let verifier = verifier(&args.name, &key)?;
    custody::write_key(&key_path(&args.dir), &key)?;
    let text = WitnessFile {
        version: 1,
        name: args.name.clone(),
    };
    write(&file, &text)?;
    Ok(verifier)
}

/// Adds a ledger, and gives its pin.
pub(super) fn follow(args: &args::Follow) -> Result<Pin, Failure> {
    let _lock = lock(&args.dir)?;
    name(&args.dir)?;
    let pin = read_pin(&args.pin)?;
    if pin.log().is_none() {
        return Err(Failure::refused(
            "wrong_pin",
            "a network has validators instead of witnesses: only the log of one operator is followed",
        ));
    }
    let folder = log_folder(&args.dir, &pin);
    if folder.join("log.json").exists() {
        return Err(Failure::failed(
            "already_followed",
            "this witness follows that ledger already",
        ));
    }
    source(&args.from)?;
    create_folder(&folder)?;
    custody::write_whole(&folder.join("pin.json"), &pin.clone().to_bytes())?;
    let from = match args.from.parse::<Url>() {
        Ok(_) => args.from.clone(),
        Err(_) => absolute(&args.from)?,
    };
    let file = LogFile {
        version: 1,
        from,
        begun: false,
    };
    write(&folder.join("log.json"), &file)?;
    Ok(pin)
}

impl Home {
    pub(super) fn open(dir: &Path) -> Result<Self, Failure> {
        let lock = lock(dir)?;
        let name = name(dir)?;
        let key = custody::read_secret(&key_path(dir))?;
        let mut logs = Vec::new();
        let folders = dir.join("logs");
        if folders.exists() {
            let cannot = |error: std::io::Error| Failure::failed("file", error.to_string());
            for folder in fs::read_dir(folders).map_err(cannot)? {
                logs.push(open_log(&folder.map_err(cannot)?.path())?);
            }
        }
        Ok(Self {
            name,
            key,
            logs,
            lock,
        })
    }

    pub(super) fn verifier(&self) -> Result<VerifierKey, Failure> {
        verifier(&self.name, &self.key)
    }
}

fn open_log(folder: &Path) -> Result<Followed, Failure> {
    let pin = read_pin(&folder.join("pin.json"))?;
    let path = folder.join("log.json");
    let file: LogFile = read(&path)?;
    let source = source(&file.from)?;
    let log = WitnessedLog::open(folder.join("record"), pin, source)
        .map_err(|error| Failure::failed(error.name(), error.to_string()))?;
    if file.begun && log.size() == 0 {
        let lost = format!(
            "the record of what was cosigned for {} is gone: put it back, or begin a new witness \
             with another key",
            log.origin()
        );
        return Err(Failure::failed("record_lost", lost));
    }
    let mut followed = Followed { log, path, file };
    // As when the process ended between the record and the note.
    if followed.log.size() > 0 {
        followed.note_begun()?;
    }
    Ok(followed)
}

fn source(from: &str) -> Result<Box<dyn TileSource>, Failure> {
    let Ok(url) = from.parse::<Url>() else {
        return Ok(Box::new(FolderSource::new(from)));
    };
    let http = Arc::new(client_for(&url)?);
    let refused = |error: ledger::SourceError| Failure::failed(error.name(), error.to_string());
    Ok(Box::new(HttpSource::new(http, &url).map_err(refused)?))
}

/// A client for an address that the operator wrote down: this computer is reached where it is meant.
pub(super) fn client_for(url: &Url) -> Result<Client, Failure> {
    let demo = is_loopback(url);
    Client::new(Policy { demo }).map_err(|error| Failure::failed("network", error.to_string()))
}

pub(super) fn read_pin(path: &Path) -> Result<Pin, Failure> {
    Pin::parse(&custody::read(path)?)
        .map_err(|error| Failure::refused("wrong_pin", error.to_string()))
}

fn name(dir: &Path) -> Result<String, Failure> {
    let file = dir.join("witness.json");
    if !file.exists() {
        return Err(Failure::failed("no_witness", "no witness is here"));
    }
    Ok(read::<WitnessFile>(&file)?.name)
}

fn verifier(name: &str, key: &SigningKey) -> Result<VerifierKey, Failure> {
    if key.algorithm() != Algorithm::EdDsa {
        return Err(Failure::refused(
            "key_file",
            "a witness signs with an Ed25519 key",
        ));
    }
    VerifierKey::new(name, NoteAlgorithm::Cosignature, &key.public())
        .map_err(|error| Failure::refused("witness_name", error.to_string()))
}

fn lock(dir: &Path) -> Result<File, Failure> {
    let cannot = |error: std::io::Error| Failure::failed("file", error.to_string());
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join("witness.lock"))
        .map_err(|_| Failure::failed("no_witness", "no witness is here"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Failure::failed(
            "witness_locked",
            "another process has this witness open",
        )),
        Err(fs::TryLockError::Error(error)) => Err(cannot(error)),
    }
}

fn key_path(dir: &Path) -> PathBuf {
    dir.join("keys").join("witness.pem")
}

fn log_folder(dir: &Path, pin: &Pin) -> PathBuf {
    let digest = b64::encode(Sha256::digest(pin.origin()));
    dir.join("logs").join(digest.get(..22).unwrap_or(&digest))
}

fn create_folder(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::failed("file", error.to_string()))
}

fn absolute(path: &str) -> Result<String, Failure> {
    let unreadable = || Failure::failed("file", format!("there is no folder {path}"));
    let path = fs::canonicalize(path).map_err(|_| unreadable())?;
    path.into_os_string()
        .into_string()
        .map_err(|_| unreadable())
}
