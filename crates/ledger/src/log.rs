//! The embedded engine: one operator appends to a folder.
//!
//! The folder holds `pin.json`, `checkpoint` and `tile/` (C2SP tlog-tiles). The checkpoint is
//! replaced last, in one step: what it does not commit to was never acknowledged, and is
//! overwritten. One process writes at a time, by a lock on `ledger.lock`; readers need none.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use keys::{SigningKey, UnixTime};

use crate::checkpoint::Checkpoint;
use crate::entries::Entries;
use crate::event::Action;
use crate::merkle::Tree;
use crate::note::{self, NoteError, NoteSigner};
use crate::pin::{Pin, PinError, origin};
use crate::registry::Registry;
use crate::replay::check_one;
use crate::replica::{Replica, Tile, Update, UpdateError, advance};
use crate::rules::Rejection;
use crate::signed::{Leaf, SignedError, SignedEvent};
use crate::store::write_whole;
use crate::tile::{self, TileError};

/// The operator's keys: neither signs events.
pub struct OperatorKeys {
    /// Signs checkpoints.
    pub log: SigningKey,
    /// Signs times.
    pub operator: SigningKey,
}

/// What the log says about an event that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number of the entry, from 0.
    pub index: u64,
    /// When the log took it.
    pub time: UnixTime,
}

/// Why the log was not written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A rule refuses the event.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A ledger is here already.
    #[error("a ledger is here already")]
    Exists,
    /// No ledger is here.
    #[error("no ledger is here")]
    NoLedger,
    /// Another process is writing.
    #[error("another process is writing to this ledger")]
    Locked,
    /// A file could not be read or written.
    #[error("the ledger's folder cannot be used")]
    Folder(#[from] std::io::Error),
    /// What is on disk is not what was written.
    #[error("the ledger's folder is damaged")]
    Damaged,
    /// The pin is not one.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The folder's own content is refused.
    #[error(transparent)]
    Refused(#[from] UpdateError),
    /// The event has no form that the log takes.
    #[error(transparent)]
    Event(#[from] SignedError),
    /// The operator's keys cannot sign, or are not those of the pin.
    #[error("the operator's keys are not those of this ledger")]
    OperatorKeys(#[source] Option<NoteError>),
}

impl LogError {
    /// The name of the error.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rejected(rule) => rule.name(),
            Self::Exists => "ledger_exists",
            Self::NoLedger => "no_ledger",
            Self::Locked => "ledger_locked",
            Self::Folder(_) => "ledger_folder",
            Self::Damaged => "ledger_damaged",
            Self::Pin(_) => "wrong_pin",
            Self::Refused(error) => error.name(),
            Self::Event(_) => "malformed_event",
            Self::OperatorKeys(_) => "operator_keys",
        }
    }
}

impl From<TileError> for LogError {
    fn from(_: TileError) -> Self {
        Self::Event(SignedError::TooLong)
    }
}

/// A ledger's folder, open for writing.
pub struct Log {
    folder: PathBuf,
    pin: Pin,
    registry: Registry,
    entries: Entries,
    _lock: File,
}

impl Log {
    /// Begins a ledger with its genesis.
    pub fn create(
        folder: impl Into<PathBuf>,
        genesis: SignedEvent,
        keys: &OperatorKeys,
        now: UnixTime,
    ) -> Result<Self, LogError> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        let lock = lock(&folder)?;
        if folder.join("checkpoint").exists() || folder.join("pin.json").exists() {
            return Err(LogError::Exists);
        }
        let Action::Genesis(body) = &genesis.event().action else {
            return Err(Rejection::Genesis.into());
        };
        let ledger = genesis.payload_digest();
        let refused = |error| LogError::OperatorKeys(Some(error));
        let name = origin(&ledger);
        let signer = NoteSigner::log(&name, &keys.log).map_err(refused)?;
        let cosigner = NoteSigner::cosigner(&name, &keys.operator, now).map_err(refused)?;
        let pin = Pin::new(
            &ledger,
            &body.name,
            signer.verifier().clone(),
            cosigner.verifier().clone(),
        )?;
        let mut log = Self {
            folder,
            pin,
            registry: Registry::default(),
            entries: Entries::default(),
            _lock: lock,
        };
        log.append(vec![genesis], keys, now)?;
        write_whole(&log.folder.join("pin.json"), &log.pin.to_bytes())?;
        Ok(log)
    }

    /// Opens a ledger for writing, after checking all of it as a replica would.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, LogError> {
        let folder = folder.into();
        if !folder.join("pin.json").exists() {
            return Err(LogError::NoLedger);
        }
        let lock = lock(&folder)?;
        let replica = verify_folder(&folder)?;
        let entries = Entries::open(&folder, replica.tree().clone())?;
        Ok(Self {
            folder,
            pin: replica.pin().clone(),
            registry: replica.registry().clone(),
            entries,
            _lock: lock,
        })
    }

    /// What stands.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What replicas of this ledger trust.
    pub fn pin(&self) -> &Pin {
        &self.pin
    }

    /// Takes events, all or none: rules, tiles, then the checkpoint. The time never goes
    /// backwards, whatever the clock does.
    pub fn append(
        &mut self,
        events: Vec<SignedEvent>,
        keys: &OperatorKeys,
        now: UnixTime,
    ) -> Result<Vec<Receipt>, LogError> {
        let mut registry = self.registry.clone();
        let mut entries = self.entries.clone();
        let mut receipts = Vec::new();
        for event in events {
            let time = now.max(registry.time());
            let (index, entry) = take_event(&mut registry, event, time)?;
            entries.push(entry);
            receipts.push(Receipt { index, time });
        }
        entries.write(&self.folder)?;
        self.write_checkpoint(entries.tree(), keys, now.max(registry.time()))?;
        self.registry = registry;
        self.entries = entries;
        self.entries.prune(&self.folder);
        Ok(receipts)
    }

    /// States that the newest checkpoint still stands at `now`.
    pub fn attest(&mut self, keys: &OperatorKeys, now: UnixTime) -> Result<(), LogError> {
        self.write_checkpoint(self.entries.tree(), keys, now.max(self.registry.time()))
    }

    fn write_checkpoint(
        &self,
        tree: &Tree,
        keys: &OperatorKeys,
        time: UnixTime,
    ) -> Result<(), LogError> {
        let refused = |error| LogError::OperatorKeys(Some(error));
        let log = NoteSigner::log(self.pin.log().name(), &keys.log).map_err(refused)?;
        let operator = NoteSigner::cosigner(self.pin.operator().name(), &keys.operator, time)
            .map_err(refused)?;
        if log.verifier() != self.pin.log() || operator.verifier() != self.pin.operator() {
            return Err(LogError::OperatorKeys(None));
        }
        let checkpoint = Checkpoint {
            origin: self.pin.origin().to_owned(),
            size: tree.size(),
            root: tree.root(),
        };
        let note = note::sign(&checkpoint.to_text(), &[log, operator]).map_err(refused)?;
        write_whole(&self.folder.join("checkpoint"), &note)?;
        Ok(())
    }
}

/// Applies an event and gives the entry for it. On a rejection nothing has changed.
pub(crate) fn take_event(
    registry: &mut Registry,
    event: SignedEvent,
    time: UnixTime,
) -> Result<(u64, Vec<u8>), LogError> {
    let index = registry.size();
    let mut leaf = Leaf {
        time,
        event,
        state: [0; 32],
    };
    // An entry that is too long is refused before anything changes: the state has one length.
    leaf.to_bytes()?;
    let checked = check_one(registry, leaf.clone())?;
    registry.apply(index, time, &checked)?;
    leaf.state = registry.state();
    Ok((index, leaf.to_bytes()?))
}

/// Reads and checks a whole ledger folder as a replica with its own pin would.
pub fn verify_folder(folder: &Path) -> Result<Replica, LogError> {
    let pin = match fs::read(folder.join("pin.json")) {
        Ok(bytes) => Pin::parse(&bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(LogError::NoLedger);
        }
        Err(error) => return Err(error.into()),
    };
    let empty = Replica::new(pin);
    let checkpoint = fs::read(folder.join("checkpoint"))?;
    let size = crate::replica::check_note(empty.pin(), &checkpoint)?
        .checkpoint
        .size;
    let mut tiles = Vec::new();
    for position in empty.wanted_tiles(size) {
        let width = tile::width_at(position, size);
        let read = |path: String| match fs::read(folder.join(path)) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(LogError::Refused(UpdateError::MissingTile(position)))
            }
            Err(error) => Err(error.into()),
        };
        tiles.push(Tile {
            position,
            entries: read(tile::bundle_path(position, width))?,
            hashes: read(tile::hash_tile_path(0, position, width))?,
        });
    }
    let replica = advance(&empty, &Update { checkpoint, tiles })?;
    for (path, bytes) in tile::hash_tiles(replica.tree(), 0, size) {
        if fs::read(folder.join(path)).ok().as_deref() != Some(bytes.as_slice()) {
            return Err(UpdateError::WrongTile(0).into());
        }
    }
    Ok(replica)
}

pub(crate) fn lock(folder: &Path) -> Result<File, LogError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("ledger.lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(LogError::Locked),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}
