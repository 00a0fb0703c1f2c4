//! The application that consensus drives: pure rules, and a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use keys::{PublicKey, UnixTime};

use super::app_hash::derive_app_hash;
use super::pin::{NetworkPin, TRUSTING_PERIOD};
use super::recorded::read_entries;
use super::snapshot::{Restore, Snapshot, SnapshotError, bounds};
use super::state::State;
use crate::canonical;
use crate::entries::Entries;
use crate::event::Action;
use crate::lock::Lock;
use crate::log::{LogError, Receipt, take_event};
use crate::merkle::{Hash, Tree};
use crate::pin::Pin;
use crate::registry::Registry;
use crate::replay::Signatures;
use crate::rules::Rejection;
use crate::signed::SignedEvent;
use crate::store::write_whole;
use crate::tile::{self, MAX_ENTRY, WIDTH};

/// The most events in one block.
pub const MAX_BLOCK_EVENTS: usize = 1000;

/// Heights of snapshots are multiples of this, so that nodes offer the same ones.
const SNAPSHOT_EVERY: u64 = 10;
/// So many are offered.
const SNAPSHOTS: u64 = 3;
/// Who restores a snapshot needs the headers of the next two blocks.
const SNAPSHOT_AGE: u64 = 2;

/// A block that consensus decided.
#[derive(Clone, Debug)]
pub struct Block<'b> {
    /// Its height, from 1.
    pub height: u64,
    /// Hash of its header.
    pub hash: &'b [u8],
    /// The time in its header, in whole seconds.
    pub time: UnixTime,
}

/// What a block did.
#[derive(Debug)]
pub struct Done {
    /// For each event of the block, in order: where it stands in the log, or why not.
    pub results: Vec<Result<Receipt, LogError>>,
    /// Validators whose weight changed: key and new power, 0 for one that was removed.
    pub validators: Vec<([u8; 32], u64)>,
    /// The hash that belongs into the next header.
    pub app_hash: Hash,
}

/// One validator's ledger.
///
/// On disk are the tiles of the embedded engine and `chain.json`, which is replaced last: after
/// a kill at any moment the folder is as after some whole block, and consensus gives the blocks
/// that follow once more.
pub struct Chain {
    folder: PathBuf,
    state: State,
    registry: Registry,
    entries: Entries,
    /// What the events that wait for a block would make of it.
    waiting: Registry,
    /// A block that was executed and is not on disk.
    next: Option<(State, Registry, Entries)>,
    _lock: Lock,
}

impl Chain {
    /// Opens a folder, or begins an empty one, and checks that it is what was written.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, LogError> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        let lock = Lock::take(&folder)?;
        let state = State::read(&folder)?.unwrap_or_default();
        let mut registry = Registry::default();
        let mut tree = Tree::default();
        // The signatures were checked before the entries were written.
        read_entries(
            &folder,
            &state,
            (&mut registry, &mut tree),
            Signatures::CheckedBefore,
        )?;
        Ok(Self {
            entries: Entries::open(&folder, tree)?,
            waiting: registry.clone(),
            registry,
            folder,
            state,
            next: None,
            _lock: lock,
        })
    }

    /// The height of the last block on disk; 0 before the first.
    pub fn height(&self) -> u64 {
        self.state.height
    }

    /// The application hash after that block.
    pub fn app_hash(&self) -> Hash {
        derive_app_hash(self.state.size, &self.state.root)
    }

    /// Hash of the header of the last block on disk.
    pub fn block_hash(&self) -> &[u8] {
        &self.state.block
    }

    /// The chain's id.
    pub fn chain_id(&self) -> &str {
        &self.state.chain
    }

    /// What stands after the last block on disk.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Key and power of those who sign, as the ledger says.
    pub fn validators(&self) -> BTreeMap<[u8; 32], u64> {
        weights(&self.registry)
    }

    /// Size and root of the log after the block at `height`, where that is remembered; 0 is
    /// before the first block.
    pub fn log_at(&self, height: u64) -> Option<(u64, Hash)> {
        let size = self.state.size_at(height)?;
        Some((size, self.entries.tree().root_at(size)?))
    }

    /// A pin by the newest header: what this validator trusts, others may take from it.
    pub fn pin(&self) -> Option<Pin> {
        let header = self.state.block.as_slice().try_into().ok()?;
        let (chain, height) = (&self.state.chain, self.state.height);
        let network = NetworkPin::new(chain, height, header, TRUSTING_PERIOD).ok()?;
        let name = &self.registry.governance().name;
        Pin::of_network(self.registry.ledger(), name, network).ok()
    }

    /// The first `width` entries of bundle `position`, where the log has so many.
    pub fn bundle(&self, position: u64, width: u64) -> Result<Option<Vec<u8>>, LogError> {
        let have = tile::width_at(position, self.state.size);
        if width == 0 || width > have {
            return Ok(None);
        }
        let path = tile::bundle_path(position, have);
        let bytes = fs::read(self.folder.join(path))?;
        let entries = tile::decode_bundle(&bytes, width).map_err(|_| LogError::Damaged)?;
        Ok(Some(tile::encode_bundle(entries)?))
    }

    /// Begins a chain with the genesis of its ledger. Nothing is on disk before the first
    /// block; where that never comes, consensus begins once more.
    pub fn begin(&mut self, chain: &str, genesis: &[u8], time: UnixTime) -> Result<Hash, LogError> {
        if self.state.height != 0 {
            return Err(LogError::Exists);
        }
        let event = read_event(genesis)?;
        if !matches!(event.event().action, Action::Genesis(_)) {
            return Err(Rejection::Genesis.into());
        }
        let mut registry = Registry::default();
        let mut entries = Entries::default();
        let (_, entry) = take_event(&mut registry, event, time)?;
        entries.push(entry);
        self.state.chain = chain.to_owned();
        self.state.time = time;
        self.state.size = 1;
        self.state.root = entries.tree().root();
        self.state.sizes = vec![(0, 1)];
        self.waiting = registry.clone();
        self.registry = registry;
        self.entries = entries;
        self.next = None;
        Ok(self.app_hash())
    }

    /// Says whether an event may wait for a block, after all those that wait already.
    pub fn check(&mut self, event: &[u8]) -> Result<(), LogError> {
        // The next block is later than the last; how much later, nobody knows yet.
        let time = self.state.time.max(self.waiting.time());
        take_event(&mut self.waiting, read_event(event)?, time).map(|_| ())
    }

    /// Chooses the events of a proposed block: in order, without those that a rule refuses
    /// after the ones before them.
    pub fn choose<'e>(
        &self,
        events: impl IntoIterator<Item = &'e [u8]>,
        max_bytes: usize,
        time: UnixTime,
    ) -> Vec<&'e [u8]> {
        let mut registry = self.registry.clone();
        let mut chosen = Vec::new();
        let mut room = max_bytes;
        for event in events {
            if chosen.len() == MAX_BLOCK_EVENTS || event.len() > room {
                break;
            }
            let taken = read_event(event).and_then(|event| take_event(&mut registry, event, time));
            if taken.is_ok() {
                room -= event.len();
                chosen.push(event);
            }
        }
        chosen
    }

    /// Says whether every event of a proposed block may stand, in its order.
    pub fn accepts<'e>(
        &self,
        events: impl ExactSizeIterator<Item = &'e [u8]>,
        time: UnixTime,
    ) -> bool {
        if events.len() == 0 {
            return true;
        }
        if events.len() > MAX_BLOCK_EVENTS {
            return false;
        }
        let mut registry = self.registry.clone();
        let mut events = events;
        events.all(|event| {
            read_event(event).is_ok_and(|event| take_event(&mut registry, event, time).is_ok())
        })
    }

    /// Executes a decided block. An event that a rule refuses does nothing, on every replica
    /// alike. Nothing counts before [`Self::commit`].
    pub fn execute<'e>(
        &mut self,
        block: &Block<'_>,
        events: impl IntoIterator<Item = &'e [u8]>,
    ) -> Result<Done, LogError> {
        if block.height != self.state.height + 1 {
            return Err(LogError::Damaged);
        }
        let mut registry = self.registry.clone();
        let mut entries = self.entries.clone();
        let mut results = Vec::new();
        for event in events {
            let result = read_event(event).and_then(|event| {
                let (index, entry) = take_event(&mut registry, event, block.time)?;
                entries.push(entry);
                let time = block.time;
                Ok(Receipt { index, time })
            });
            results.push(result);
        }
        let mut state = self.state.clone();
        state.block = block.hash.to_vec();
        state.time = block.time;
        state.grow(block.height, registry.size(), entries.tree().root());
        let app_hash = derive_app_hash(state.size, &state.root);
        let validators = changed(self.validators(), weights(&registry));
        self.next = Some((state, registry, entries));
        Ok(Done {
            results,
            validators,
            app_hash,
        })
    }

    /// Puts the executed block on disk. What it took stands from now on.
    pub fn commit(&mut self) -> Result<(), LogError> {
        let Some((state, registry, mut entries)) = self.next.take() else {
            return Err(LogError::Damaged);
        };
        entries.write(&self.folder)?;
        state.write(&self.folder)?;
        entries.prune(&self.folder);
        let is_new = self.state.block.is_empty();
        self.state = state;
        self.entries = entries;
        self.waiting = registry.clone();
        self.registry = registry;
        if is_new {
            self.write_pin()?;
        }
        Ok(())
    }

    /// Snapshots that others may begin with, the newest first.
    pub fn snapshots(&self) -> Vec<Snapshot> {
        let newest = self.state.height.saturating_sub(SNAPSHOT_AGE) / SNAPSHOT_EVERY;
        let oldest = newest.saturating_sub(SNAPSHOTS - 1).max(1);
        let heights = (oldest..=newest).rev();
        heights
            .filter_map(|number| {
                let height = number * SNAPSHOT_EVERY;
                Snapshot::of(self.entries.tree(), height, self.state.size_at(height)?)
            })
            .collect()
    }

    /// A chunk of the snapshot at `height`, where that height is remembered.
    pub fn chunk(&self, height: u64, index: u32) -> Result<Option<Vec<u8>>, LogError> {
        let Some(size) = self.state.size_at(height) else {
            return Ok(None);
        };
        let (first, end) = bounds(index.into(), size);
        let bundle = match first < end {
            true => self.bundle(first / WIDTH, end - first / WIDTH * WIDTH)?,
            false => None,
        };
        let Some(bundle) = bundle else {
            return Ok(None);
        };
        let entries = tile::decode_bundle(&bundle, end - first / WIDTH * WIDTH)?;
        let skip = usize::try_from(first % WIDTH).map_err(|_| LogError::Damaged)?;
        Ok(Some(tile::encode_bundle(entries.into_iter().skip(skip))?))
    }

    /// Puts a whole snapshot on disk, as the ledger of the chain with this id. It may follow on
    /// what is here, and never goes back.
    pub fn adopt(&mut self, chain: &str, restore: Restore) -> Result<(), SnapshotError> {
        if !restore.is_whole() {
            return Err(SnapshotError::Unasked);
        }
        let Restore {
            snapshot,
            registry,
            mut entries,
            ..
        } = restore;
        if snapshot.height() < self.state.height {
            return Err(SnapshotError::Behind);
        }
        let was_here = self.state.height > 0 && self.state.size > 0;
        if was_here && entries.tree().root_at(self.state.size) != Some(self.state.root) {
            return Err(SnapshotError::SplitView);
        }
        let mut state = State {
            chain: chain.to_owned(),
            time: registry.time(),
            ..State::default()
        };
        state.grow(snapshot.height(), registry.size(), entries.tree().root());
        if derive_app_hash(state.size, &state.root) != snapshot.app_hash() {
            return Err(SnapshotError::WrongAppHash);
        }
        entries.write(&self.folder)?;
        state.write(&self.folder)?;
        entries.prune(&self.folder);
        self.state = state;
        self.entries = entries;
        self.waiting = registry.clone();
        self.registry = registry;
        self.next = None;
        Ok(())
    }

    /// Writes `pin.json` by the newest header.
    pub fn write_pin(&self) -> Result<(), LogError> {
        if let Some(pin) = self.pin() {
            write_whole(&self.folder.join("pin.json"), &pin.to_bytes())?;
        }
        Ok(())
    }
}

fn weights(registry: &Registry) -> BTreeMap<[u8; 32], u64> {
    let validators = registry.governance().validators.iter();
    validators
        .filter_map(|one| match PublicKey::from_jwk(&one.key) {
            Ok(PublicKey::Ed25519(key)) => Some((key.to_bytes(), one.power)),
            _ => None,
        })
        .collect()
}

/// What is different after, in the order of the keys.
fn changed(
    before: BTreeMap<[u8; 32], u64>,
    after: BTreeMap<[u8; 32], u64>,
) -> Vec<([u8; 32], u64)> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let mut changes: BTreeMap<[u8; 32], u64> = gone.map(|key| (*key, 0)).collect();
    for (key, power) in after {
        if before.get(&key) != Some(&power) {
            changes.insert(key, power);
        }
    }
    changes.into_iter().collect()
}

fn read_event(bytes: &[u8]) -> Result<SignedEvent, LogError> {
    let value = canonical::parse(bytes, MAX_ENTRY).map_err(crate::signed::SignedError::from)?;
    Ok(SignedEvent::parse(&value)?)
}
