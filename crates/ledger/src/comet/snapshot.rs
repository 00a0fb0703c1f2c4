//! The log as it was after a block, in chunks that are checked one by one: how a node joins without
//! replaying every block.
//!
//! Nothing of a snapshot is believed. Its header binds size and root by the application hash; the
//! offer brings a root for each chunk, which together make the root of the log; a chunk is
//! entries that make its root, and every entry is replayed by the rules as on any replica.

use sha2::{Digest as _, Sha256};

use super::app_hash::derive_app_hash;
use crate::entries::Entries;
use crate::log::LogError;
use crate::merkle::{Hash, Tree, leaf_hash};
use crate::registry::Registry;
use crate::replay::{ReplayError, Signatures, replay};
use crate::replica::MAX_ENTRIES;
use crate::tile::{self, MAX_ENTRY};

/// The only form of snapshots.
pub const SNAPSHOT_FORMAT: u32 = 1;
/// The longest chunk, in bytes.
pub const MAX_CHUNK: usize = CHUNK * (2 + MAX_ENTRY);

/// Entries of a full chunk. A power of two, so that a chunk is a subtree; few enough that the
/// longest fits the messages of CometBFT.
const CHUNK: usize = 64;
/// The level of the tree on which a full chunk is a node.
const LEVEL: usize = 6;
const DOMAIN: &[u8] = b"cairn-ledger/snapshot/v1\0";

/// Why a snapshot or a chunk of one was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// A form that is not known here.
    #[error("the snapshot has another format")]
    Format,
    /// Not a description of a snapshot.
    #[error("the description of the snapshot is malformed")]
    Malformed,
    /// More entries than a replica takes.
    #[error("the snapshot has more than {MAX_ENTRIES} entries")]
    TooLarge,
    /// Size and roots are not those that a header commits to.
    #[error("the snapshot is not what the header commits to")]
    WrongAppHash,
    /// It is older than what is here.
    #[error("the snapshot is older than what is here")]
    Behind,
    /// No snapshot was taken on, or it is another chunk's turn.
    #[error("the chunk was not asked for")]
    Unasked,
    /// The bytes are not the entries of this chunk.
    #[error("the bytes are not those of chunk {0}")]
    WrongChunk(u32),
    /// It begins with the genesis of another ledger.
    #[error("the snapshot is one of another ledger")]
    OtherLedger,
    /// The log is another one than that which is here.
    #[error("the snapshot contradicts what is here")]
    SplitView,
    /// An entry breaks a rule, though the validators signed for it.
    #[error(transparent)]
    Entry(#[from] ReplayError),
    /// It could not be put on disk.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl SnapshotError {
    /// The name of the error.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Format => "unknown_format",
            Self::Malformed => "malformed_snapshot",
            Self::TooLarge => "too_large",
            Self::WrongAppHash => "wrong_app_hash",
            Self::Behind => "behind",
            Self::Unasked => "unasked_chunk",
            Self::WrongChunk(_) => "wrong_chunk",
            Self::OtherLedger => "other_ledger",
            Self::SplitView => "split_view",
            Self::Entry(error) => error.source.name(),
            Self::Log(error) => error.name(),
        }
    }
}

/// What is said about a snapshot before its chunks are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    height: u64,
    size: u64,
    /// The root over the entries of each chunk.
    chunks: Vec<Hash>,
}

impl Snapshot {
    /// The first `size` entries, as they were after the block at `height`.
    pub(crate) fn of(tree: &Tree, height: u64, size: u64) -> Option<Self> {
        let chunks = (0..size.div_ceil(CHUNK as u64)).map(|position| {
            let (first, end) = bounds(position, size);
            if end - first == CHUNK as u64 {
                tree.node(LEVEL, position)
            } else {
                tree.range(first, end)
            }
        });
        let chunks: Vec<Hash> = chunks.collect::<Option<_>>()?;
        (!chunks.is_empty()).then_some(Self {
            height,
            size,
            chunks,
        })
    }

    /// Reads what a peer offers: height, format, number of chunks, hash and metadata.
    pub fn parse(
        height: u64,
        format: u32,
        chunks: u32,
        hash: &[u8],
        metadata: &[u8],
    ) -> Result<Self, SnapshotError> {
        if format != SNAPSHOT_FORMAT {
            return Err(SnapshotError::Format);
        }
        let (size, roots) = metadata
            .split_first_chunk::<8>()
            .ok_or(SnapshotError::Malformed)?;
        let size = u64::from_be_bytes(*size);
        if size > MAX_ENTRIES {
            return Err(SnapshotError::TooLarge);
        }
        let (roots, rest) = roots.as_chunks::<32>();
        let snapshot = Self {
            height,
            size,
            chunks: roots.to_vec(),
        };
        let counted = roots.len() as u64 == size.div_ceil(CHUNK as u64);
        let told = u64::from(chunks) == roots.len() as u64;
        let fits = size > 0 && height > 0 && rest.is_empty() && counted && told;
        if fits && snapshot.hash() == hash {
            Ok(snapshot)
        } else {
            Err(SnapshotError::Malformed)
        }
    }

    /// The height after whose block the log was so.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// How many chunks there are.
    pub fn chunks(&self) -> u32 {
        u32::try_from(self.chunks.len()).unwrap_or(u32::MAX)
    }

    /// Number of entries (8 bytes, big-endian), then the root of each chunk (32 bytes).
    pub fn metadata(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.chunks.iter().flatten());
        bytes
    }

    /// By which peers know that they mean the same.
    pub fn hash(&self) -> Hash {
        Self::derive_hash(self.height, &self.metadata())
    }

    /// SHA-256 over a name of its own, the height (8 bytes, big-endian) and the metadata.
    pub fn derive_hash(height: u64, metadata: &[u8]) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(DOMAIN);
        hasher.update(height.to_be_bytes());
        hasher.update(metadata);
        hasher.finalize().into()
    }

    /// The application hash of a log with these chunks.
    pub fn app_hash(&self) -> Hash {
        derive_app_hash(self.size, &self.root())
    }

    /// RFC 9162 splits a log at powers of two, hence between chunks as long as there are several.
    pub(crate) fn root(&self) -> Hash {
        let mut tree = Tree::default();
        for chunk in &self.chunks {
            tree.push(*chunk);
        }
        tree.root()
    }
}

/// First entry of a chunk, and the one after its last.
pub(crate) fn bounds(position: u64, size: u64) -> (u64, u64) {
    let first = position * CHUNK as u64;
    (first, (first + CHUNK as u64).min(size))
}

/// A snapshot on its way into an empty node. Nothing of it is on disk before all of it is here.
pub struct Restore {
    pub(crate) snapshot: Snapshot,
    pub(crate) registry: Registry,
    pub(crate) entries: Entries,
    ledger: String,
    next: u32,
}

impl Restore {
    /// Takes a snapshot on that a verified header binds by `app_hash`, of the ledger with this id.
    pub fn begin(snapshot: Snapshot, app_hash: &[u8], ledger: &str) -> Result<Self, SnapshotError> {
        if snapshot.app_hash() != app_hash {
            return Err(SnapshotError::WrongAppHash);
        }
        Ok(Self {
            snapshot,
            registry: Registry::default(),
            entries: Entries::default(),
            ledger: ledger.to_owned(),
            next: 0,
        })
    }

    /// Takes the next chunk. After an error of [`SnapshotError::WrongChunk`] the same chunk may
    /// come once more, from somebody else.
    pub fn take(&mut self, index: u32, chunk: &[u8]) -> Result<(), SnapshotError> {
        if index != self.next || self.is_whole() {
            return Err(SnapshotError::Unasked);
        }
        let wrong = || SnapshotError::WrongChunk(index);
        let expected = usize::try_from(index).ok();
        let expected = expected.and_then(|index| self.snapshot.chunks.get(index));
        let (first, end) = bounds(index.into(), self.snapshot.size);
        if chunk.len() > MAX_CHUNK {
            return Err(wrong());
        }
        let entries = tile::decode_exact_bundle(chunk, end - first).map_err(|_| wrong())?;
        let mut tree = Tree::default();
        for entry in &entries {
            tree.push(leaf_hash(entry));
        }
        if Some(&tree.root()) != expected {
            return Err(wrong());
        }
        replay(&mut self.registry, &entries, Signatures::Check)?;
        if self.registry.ledger() != self.ledger {
            return Err(SnapshotError::OtherLedger);
        }
        for entry in entries {
            self.entries.push(entry.to_vec());
        }
        self.next += 1;
        Ok(())
    }

    /// True after the last chunk.
    pub fn is_whole(&self) -> bool {
        self.next == self.snapshot.chunks()
    }
}
