//! The entries of a log as its writer holds them, and the tiles that they fill on disk.

use std::path::Path;

use crate::log::LogError;
use crate::merkle::{Tree, leaf_hash};
use crate::store::write_whole;
use crate::tile::{self, WIDTH};

/// Partial tiles that stay for readers of an older size.
const KEPT_PARTIALS: u64 = 8;

/// A log's tree, and those of its entries that are not on disk in a full tile.
#[derive(Clone, Default)]
pub(crate) struct Entries {
    tree: Tree,
    /// Entries of the last tile while it is not full.
    tail: Vec<Vec<u8>>,
    /// Full bundles that were not written yet, by position.
    full: Vec<(u64, Vec<Vec<u8>>)>,
    /// So many entries are on disk.
    written: u64,
}

impl Entries {
    /// What a folder holds that was just checked. `tree` has its leaves.
    pub(crate) fn open(folder: &Path, tree: Tree) -> Result<Self, LogError> {
        let size = tree.size();
        let mut tail = Vec::new();
        if !size.is_multiple_of(WIDTH) {
            let path = tile::bundle_path(size / WIDTH, size % WIDTH);
            let bundle = std::fs::read(folder.join(path))?;
            tail = tile::decode_bundle(&bundle, size % WIDTH)?
                .into_iter()
                .map(<[u8]>::to_vec)
                .collect();
        }
        Ok(Self {
            tree,
            tail,
            full: Vec::new(),
            written: size,
        })
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    pub(crate) fn push(&mut self, entry: Vec<u8>) {
        let index = self.tree.size();
        self.tree.push(leaf_hash(&entry));
        self.tail.push(entry);
        if self.tail.len() as u64 == WIDTH {
            self.full
                .push((index / WIDTH, std::mem::take(&mut self.tail)));
        }
    }

    /// Writes what is not on disk yet: entries first, then hashes. Nothing of it counts before
    /// the file that commits to it is replaced.
    pub(crate) fn write(&mut self, folder: &Path) -> Result<(), LogError> {
        let size = self.tree.size();
        let tail = (!self.tail.is_empty()).then_some((size / WIDTH, &self.tail));
        let full = self.full.iter().map(|(at, entries)| (*at, entries));
        for (position, entries) in full.chain(tail) {
            let bundle = tile::encode_bundle(entries.iter().map(Vec::as_slice))?;
            let path = tile::bundle_path(position, entries.len() as u64);
            write_whole(&folder.join(path), &bundle)?;
        }
        for (path, bytes) in tile::hash_tiles(&self.tree, self.written, size) {
            write_whole(&folder.join(path), &bytes)?;
        }
        self.full.clear();
        self.written = size;
        Ok(())
    }

    /// Removes partial tiles that no reader of a recent size asks for. Failing to is no harm.
    pub(crate) fn prune(&self, folder: &Path) {
        let size = self.tree.size();
        let (position, width) = (size / WIDTH, size % WIDTH);
        for old in 1..width.saturating_sub(KEPT_PARTIALS) {
            let _ = std::fs::remove_file(folder.join(tile::bundle_path(position, old)));
            let _ = std::fs::remove_file(folder.join(tile::hash_tile_path(0, position, old)));
        }
    }
}
