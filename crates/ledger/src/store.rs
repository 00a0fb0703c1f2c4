//! A replica in a folder of its own.
//!
//! `replica.json` names what was accepted last and is replaced in one step after the tiles
//! below it are on disk: a kill at any moment leaves the state before or the state after.
//! Contradictions of the ledger are kept below `evidence/`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use keys::{UnixTime, json};
use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::comet::HeaderError;
use crate::evidence::Evidence;
use crate::log::is_full;
use crate::merkle::leaf_hash;
use crate::pin::Pin;
use crate::replay::Signatures;
use crate::replica::{
    Clock, Replica, Tile, Update, UpdateError, advance, advance_with, check_note,
};
use crate::source::{LedgerSource, SourceError};
use crate::tile::{self, WIDTH};

/// Pairs of contradicting checkpoints that are kept.
const MAX_EVIDENCE: usize = 16;
const MAX_STATE: usize = 1024 * 1024;
/// Files that are open at once while many are written.
const OPEN_FILES: usize = 64;

/// Why a stored replica could not be read, changed or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file could not be read or written.
    #[error("the replica's folder cannot be used")]
    Folder(#[from] std::io::Error),
    /// What is stored is not what was written.
    #[error("the stored replica is damaged")]
    Damaged,
    /// What is stored belongs to another ledger than the pin.
    #[error("the stored replica belongs to another ledger")]
    OtherLedger,
    /// The update is refused; nothing changed.
    #[error(transparent)]
    Refused(#[from] UpdateError),
    /// No update came; nothing changed.
    #[error(transparent)]
    Source(SourceError),
}

impl StoreError {
    /// The name of the error.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Folder(error) if is_full(error) => "disk_full",
            Self::Folder(_) => "replica_folder",
            Self::Damaged => "replica_damaged",
            Self::OtherLedger => "other_ledger",
            Self::Refused(error) => error.name(),
            Self::Source(error) => error.name(),
        }
    }
}

/// What an update brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synced {
    /// Entries before.
    pub before: u64,
    /// Entries after.
    pub after: u64,
    /// The time that the operator attests.
    pub attested: UnixTime,
}

/// A replica that survives the program.
pub struct StoredReplica {
    folder: PathBuf,
    replica: Replica,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    version: u64,
    checkpoint: String,
    highest_attested: UnixTime,
}

impl StoredReplica {
    /// Reads the replica in `folder`, or begins an empty one there.
    pub fn open(folder: impl Into<PathBuf>, pin: Pin) -> Result<Self, StoreError> {
        let folder = folder.into();
        fs::create_dir_all(folder.join("tiles"))?;
        let replica = match fs::read(folder.join("replica.json")) {
            Ok(bytes) => load(&folder, &bytes, pin)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Replica::new(pin),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { folder, replica })
    }

    /// What is known.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Fetches from a source and accepts what it gives. A source that is behind brings nothing,
    /// and is no refusal.
    pub async fn sync(
        &mut self,
        source: &dyn LedgerSource,
        now: UnixTime,
    ) -> Result<Synced, StoreError> {
        match source.update(&self.replica).await {
            Ok(update) => self.accept(&update, now),
            Err(SourceError::Behind) => Ok(Synced {
                before: self.replica.size(),
                after: self.replica.size(),
                attested: self.replica.attested(),
            }),
            Err(SourceError::Contradiction { one, other }) => {
                let error = UpdateError::from(HeaderError::SplitView);
                self.keep_evidence(&error, &one, &other, now)?;
                Err(error.into())
            }
            Err(SourceError::Refused(error)) => Err(StoreError::Refused(error)),
            Err(other) => Err(StoreError::Source(other)),
        }
    }

    /// Checks an update and stores what it brings. `now` is the clock here.
    pub fn accept(&mut self, update: &Update, now: UnixTime) -> Result<Synced, StoreError> {
        let next = match advance(&self.replica, update, now) {
            Ok(next) => next,
            Err(error) => {
                if error.is_contradiction() {
                    self.keep_evidence(&error, self.replica.note(), &update.checkpoint, now)?;
                }
                return Err(error.into());
            }
        };
        self.keep(next, update)
    }

    /// Stores what an update brought, after it was checked.
    pub(crate) fn keep(&mut self, next: Replica, update: &Update) -> Result<Synced, StoreError> {
        let synced = Synced {
            before: self.replica.size(),
            after: next.size(),
            attested: next.attested(),
        };
        if next.note() != self.replica.note() {
            let wanted = self.replica.wanted_tiles(next.size());
            let tiles = update.tiles.iter();
            let tiles: HashMap<u64, &Tile> = tiles.map(|tile| (tile.position, tile)).collect();
            let files = wanted.map(|position| {
                let tile = tiles.get(&position);
                let tile = tile.ok_or(UpdateError::MissingTile(position))?;
                Ok((tile_name(position), tile.entries.as_slice()))
            });
            let files: Vec<(String, &[u8])> = files.collect::<Result<_, UpdateError>>()?;
            write_all(&self.folder.join("tiles"), &files)?;
            self.write_state(&next)?;
        }
        self.replica = next;
        Ok(synced)
    }

    /// An entry of the log, as its bytes.
    pub fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(leaf) = self.replica.tree().leaf(index) else {
            return Ok(None);
        };
        let bundle = fs::read(tile_path(&self.folder, index / WIDTH))?;
        let entries =
            tile::decode_bundle(&bundle, index % WIDTH + 1).map_err(|_| StoreError::Damaged)?;
        let entry = entries.last().ok_or(StoreError::Damaged)?;
        if leaf_hash(entry) != leaf {
            return Err(StoreError::Damaged);
        }
        Ok(Some(entry.to_vec()))
    }

    /// Evidence of what stands about an issuer, to be checked without this replica; `None`
    /// where the ledger does not know the body.
    pub fn prove_standing(&self, body: &str) -> Result<Option<Evidence>, StoreError> {
        let Some(index) = self.replica.size().checked_sub(1) else {
            return Ok(None);
        };
        let last = self.entry(index)?.ok_or(StoreError::Damaged)?;
        Ok(self.replica.prove_standing(body, &last))
    }

    /// Files with contradicting checkpoints, the oldest first.
    pub fn evidence(&self) -> Result<Vec<PathBuf>, StoreError> {
        let folder = self.folder.join("evidence");
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut files = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()?;
        files.sort();
        Ok(files)
    }

    fn write_state(&self, replica: &Replica) -> Result<(), StoreError> {
        let state = StateFile {
            version: 1,
            checkpoint: String::from_utf8(replica.note().to_vec())
                .map_err(|_| StoreError::Damaged)?,
            highest_attested: replica.highest_attested(),
        };
        let bytes = canonical::to_bytes(&state).map_err(|_| StoreError::Damaged)?;
        write_whole(&self.folder.join("replica.json"), &bytes)?;
        Ok(())
    }

    fn keep_evidence(
        &self,
        error: &UpdateError,
        kept: &[u8],
        offered: &[u8],
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let files = self.evidence()?;
        if files.len() >= 2 * MAX_EVIDENCE {
            return Ok(());
        }
        let seen = files
            .iter()
            .any(|file| fs::read(file).is_ok_and(|bytes| bytes == offered));
        if seen {
            return Ok(());
        }
        let folder = self.folder.join("evidence");
        fs::create_dir_all(&folder)?;
        let name = format!("{now:012}-{:02}-{}", files.len() / 2, error.name());
        write_whole(&folder.join(format!("{name}-kept.note")), kept)?;
        write_whole(&folder.join(format!("{name}-offered.note")), offered)?;
        Ok(())
    }
}

fn load(folder: &Path, bytes: &[u8], pin: Pin) -> Result<Replica, StoreError> {
    let value = json::parse_bounded(bytes, MAX_STATE).map_err(|_| StoreError::Damaged)?;
    let state: StateFile = serde_json::from_value(value).map_err(|_| StoreError::Damaged)?;
    if state.version != 1 {
        return Err(StoreError::Damaged);
    }
    let checkpoint = state.checkpoint.into_bytes();
    let empty = Replica::new(pin);
    let size = match check_note(empty.pin(), &checkpoint) {
        Ok(claim) => claim.checkpoint.size,
        Err(
            UpdateError::WrongSignature(_)
            | UpdateError::WrongOrigin
            | UpdateError::Header(HeaderError::WrongStart | HeaderError::WrongChain),
        ) => {
            return Err(StoreError::OtherLedger);
        }
        // The pin asks for more witnesses than it did: what was accepted without them is not known
        // under this one, and the next update brings it.
        Err(UpdateError::TooFewWitnesses { .. } | UpdateError::WitnessesTooOld { .. }) => {
            return Ok(empty.remembering(state.highest_attested));
        }
        Err(_) => return Err(StoreError::Damaged),
    };
    let mut tiles = Vec::new();
    for position in empty.wanted_tiles(size) {
        // A kill may have left more entries in the last tile than were accepted.
        let bundle = fs::read(tile_path(folder, position))?;
        let width = tile::width_at(position, size);
        let entries = tile::decode_bundle(&bundle, width).map_err(|_| StoreError::Damaged)?;
        tiles.push(Tile {
            position,
            hashes: entries.iter().flat_map(|entry| leaf_hash(entry)).collect(),
            entries: tile::encode_bundle(entries).map_err(|_| StoreError::Damaged)?,
        });
    }
    let update = Update { checkpoint, tiles };
    let replica = advance_with(
        &empty,
        &update,
        Signatures::CheckedBefore,
        Clock::AcceptedBefore,
    )
    .map_err(|_| StoreError::Damaged)?;
    Ok(replica.remembering(state.highest_attested))
}

fn tile_path(folder: &Path, position: u64) -> PathBuf {
    folder.join("tiles").join(tile_name(position))
}

fn tile_name(position: u64) -> String {
    format!("{position:06}")
}

/// Writes files into one folder, each as [`write_whole`] does. Writing many before the first is
/// waited for is several times as quick as waiting for each.
fn write_all(folder: &Path, files: &[(String, &[u8])]) -> std::io::Result<()> {
    for some in files.chunks(OPEN_FILES) {
        let mut fresh = Vec::new();
        for (name, bytes) in some {
            let path = folder.join(format!("{name}.new"));
            let mut file = File::create(&path)?;
            file.write_all(bytes)?;
            fresh.push((file, path, folder.join(name)));
        }
        for (file, from, to) in fresh {
            file.sync_all()?;
            drop(file);
            fs::rename(from, to)?;
        }
    }
    #[cfg(unix)]
    if !files.is_empty() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Writes a file so that readers see the old bytes or the new ones, also after a power cut.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::InvalidInput))?;
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = folder.join(name);
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}
