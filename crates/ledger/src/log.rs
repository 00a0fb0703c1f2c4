//! The embedded engine: one operator appends to a folder.
//!
//! The folder holds `pin.json`, `checkpoint` and `tile/` (C2SP tlog-tiles). The checkpoint is
//! replaced last, in one step: what it does not commit to was never acknowledged, and is
//! overwritten. Where witnesses are asked, the checkpoint that they see is kept as
//! `checkpoint.pending` first: from then on the log may sign no other of this size, and a process
//! that ends meanwhile leaves it to the next one to publish. One process writes at a time, by a lock on `ledger.lock`; readers need none.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keys::{SigningKey, UnixTime};

use crate::admission::admit;
use crate::checkpoint::Checkpoint;
use crate::cosignature::{Cosignature, cosign};
use crate::entries::Entries;
use crate::event::Action;
use crate::lock::Lock;
use crate::merkle::Tree;
use crate::note::{self, NoteError, NoteSigner, VerifierKey};
use crate::pin::{Pin, PinError, origin};
use crate::registry::Registry;
use crate::replay::{Signatures, check_one};
use crate::replica::{Clock, Replica, Tile, Update, UpdateError, advance_with};
use crate::rules::Rejection;
use crate::signed::{Leaf, SignedError, SignedEvent};
use crate::store::write_whole;
use crate::tile::{self, TileError};

/// A checkpoint that witnesses may have seen and readers have not.
const PENDING: &str = "checkpoint.pending";

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

/// Those whom the log asks to cosign a checkpoint before it is published.
pub trait Cosigners: Send + Sync {
    /// Asks for cosignatures of the signed note `checkpoint` over `tree`. It takes bounded time,
    /// and gives what it has got: none is no reason to stop.
    fn cosign(&self, checkpoint: &[u8], tree: &Tree) -> Vec<Cosignature>;
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
    /// The genesis names validators: the ledger is a network's.
    #[error("the ledger is to be kept by a network")]
    OfNetwork,
    /// No ledger is here.
    #[error("no ledger is here")]
    NoLedger,
    /// What was written last was signed and not published: only opening the ledger anew does so.
    #[error("the last writing was interrupted: open the ledger again")]
    Interrupted,
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
            Self::OfNetwork => "of_network",
            Self::NoLedger => "no_ledger",
            Self::Interrupted => "ledger_interrupted",
            Self::Locked => "ledger_locked",
            Self::Folder(error) if is_full(error) => "disk_full",
            Self::Folder(_) => "ledger_folder",
            Self::Damaged => "ledger_damaged",
            Self::Pin(_) => "wrong_pin",
            Self::Refused(error) => error.name(),
            Self::Event(_) => "malformed_event",
            Self::OperatorKeys(_) => "operator_keys",
        }
    }
}

/// True where a disk, a quota or a limit takes no more bytes.
pub fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
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
    cosigners: Option<Arc<dyn Cosigners>>,
    _lock: Lock,
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
        let lock = Lock::take(&folder)?;
        if folder.join("checkpoint").exists() || folder.join("pin.json").exists() {
            return Err(LogError::Exists);
        }
        let Action::Genesis(body) = &genesis.event().action else {
            return Err(Rejection::Genesis.into());
        };
        if !body.validators.is_empty() {
            return Err(LogError::OfNetwork);
        }
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
            cosigners: None,
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
        let lock = Lock::take(&folder)?;
        publish_pending(&folder)?;
        let replica = verify_folder(&folder)?;
        let entries = Entries::open(&folder, replica.tree().clone())?;
        Ok(Self {
            folder,
            pin: replica.pin().clone(),
            registry: replica.registry().clone(),
            entries,
            cosigners: None,
            _lock: lock,
        })
    }

    /// Asks these for every checkpoint from now on.
    pub fn ask(&mut self, cosigners: Arc<dyn Cosigners>) {
        self.cosigners = Some(cosigners);
    }

    /// What stands.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The tree over all entries, for proofs.
    pub fn tree(&self) -> &Tree {
        self.entries.tree()
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
        self.require_published()?;
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
        self.require_published()?;
        self.write_checkpoint(self.entries.tree(), keys, now.max(self.registry.time()))
    }

    /// Adds cosignatures of `checkpoint` to the published one, where that still says the same. Tells
    /// whether it did.
    pub fn add_cosignatures(
        &mut self,
        checkpoint: &[u8],
        cosignatures: &[Cosignature],
    ) -> Result<bool, LogError> {
        self.require_published()?;
        let refused = |error| LogError::OperatorKeys(Some(error));
        let path = self.folder.join("checkpoint");
        let published = fs::read(&path)?;
        let known: Vec<VerifierKey> = self.pin.log().into_iter().cloned().collect();
        let asked = note::open(checkpoint, &known).map_err(refused)?;
        let stands = note::open(&published, &known).map_err(refused)?;
        if asked.text != stands.text {
            return Ok(false);
        }
        let note = cosign(&published, None, cosignatures).map_err(refused)?;
        write_whole(&path, &note)?;
        Ok(true)
    }

    /// A checkpoint that others may have seen stands before any other.
    fn require_published(&self) -> Result<(), LogError> {
        if self.folder.join(PENDING).exists() {
            Err(LogError::Interrupted)
        } else {
            Ok(())
        }
    }

    fn write_checkpoint(
        &self,
        tree: &Tree,
        keys: &OperatorKeys,
        time: UnixTime,
    ) -> Result<(), LogError> {
        let refused = |error| LogError::OperatorKeys(Some(error));
        let (Some(log_key), Some(operator_key)) = (self.pin.log(), self.pin.operator()) else {
            return Err(LogError::OperatorKeys(None));
        };
        let log = NoteSigner::log(log_key.name(), &keys.log).map_err(refused)?;
        let operator =
            NoteSigner::cosigner(operator_key.name(), &keys.operator, time).map_err(refused)?;
        if log.verifier() != log_key || operator.verifier() != operator_key {
            return Err(LogError::OperatorKeys(None));
        }
        let checkpoint = Checkpoint {
            origin: self.pin.origin().to_owned(),
            size: tree.size(),
            root: tree.root(),
        };
        let note = note::sign(&checkpoint.to_text(), &[log, operator]).map_err(refused)?;
        let mut cosignatures = Vec::new();
        if let Some(cosigners) = &self.cosigners {
            write_whole(&self.folder.join(PENDING), &note)?;
            cosignatures = cosigners.cosign(&note, tree);
        }
        let before = fs::read(self.folder.join("checkpoint")).ok();
        let note = cosign(&note, before.as_deref(), &cosignatures).map_err(refused)?;
        write_whole(&self.folder.join("checkpoint"), &note)?;
        if self.cosigners.is_some() {
            fs::remove_file(self.folder.join(PENDING))?;
        }
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
    admit(registry, &leaf.event, time)?;
    let checked = check_one(registry, leaf.clone())?;
    registry.apply(index, time, &checked)?;
    leaf.state = registry.state();
    Ok((index, leaf.to_bytes()?))
}

/// Reads and checks a whole ledger folder as a replica with its own pin would.
pub fn verify_folder(folder: &Path) -> Result<Replica, LogError> {
    let checkpoint = || Ok(fs::read(folder.join("checkpoint"))?);
    verify(folder, checkpoint)
}

/// Publishes what was signed and shown to witnesses, if a process ended before it could.
fn publish_pending(folder: &Path) -> Result<(), LogError> {
    let pending = match fs::read(folder.join(PENDING)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let kept = verify_folder(folder)?;
    let shown = verify(folder, || Ok(pending.clone()))?;
    if shown.size() < kept.size() {
        let (kept, offered) = (kept.size(), shown.size());
        return Err(UpdateError::Rollback { kept, offered }.into());
    }
    if shown.tree().root_at(kept.size()) != Some(kept.root()) {
        let size = shown.size();
        return Err(UpdateError::SplitView { size }.into());
    }
    if shown.size() > kept.size() {
        write_whole(&folder.join("checkpoint"), &pending)?;
    }
    fs::remove_file(folder.join(PENDING))?;
    Ok(())
}

fn verify(
    folder: &Path,
    checkpoint: impl FnOnce() -> Result<Vec<u8>, LogError>,
) -> Result<Replica, LogError> {
    let pin = match fs::read(folder.join("pin.json")) {
        Ok(bytes) => Pin::parse(&bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(LogError::NoLedger);
        }
        Err(error) => return Err(error.into()),
    };
    let empty = Replica::new(pin);
    let checkpoint = checkpoint()?;
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
    let update = Update { checkpoint, tiles };
    let replica = advance_with(&empty, &update, Signatures::Check, Clock::AcceptedBefore)?;
    for (path, bytes) in tile::hash_tiles(replica.tree(), 0, size) {
        if fs::read(folder.join(path)).ok().as_deref() != Some(bytes.as_slice()) {
            return Err(UpdateError::WrongTile(0).into());
        }
    }
    Ok(replica)
}
