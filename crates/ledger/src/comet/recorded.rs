//! What a validator has on disk, read beside it.

use std::fs;
use std::path::Path;

use keys::UnixTime;

use super::state::State;
use crate::decide::{Freshness, View};
use crate::log::LogError;
use crate::merkle::{Hash, Tree, leaf_hash};
use crate::registry::Registry;
use crate::replay::{Signatures, replay};
use crate::replica::UpdateError;
use crate::tile::{self, WIDTH};

/// How often a folder is read again that changed while it was read.
const ATTEMPTS: u32 = 4;

/// A validator's own record of the ledger, read without its lock while it may be writing.
///
/// Every signature, rule and hash is checked, and that is all: no header is, so that it is the word
/// of whoever has the folder that these are the network's blocks.
#[derive(Clone)]
pub struct Recorded {
    state: State,
    registry: Registry,
    tree: Tree,
}

impl Recorded {
    /// Reads the folder of a [`Chain`](super::Chain); [`LogError::NoLedger`] before its first block.
    pub fn read(folder: &Path) -> Result<Self, LogError> {
        let empty = Self {
            state: State::default(),
            registry: Registry::default(),
            tree: Tree::default(),
        };
        empty.follow(folder)
    }

    /// The same folder as it is now. Only what is new is read and checked, unless what was known
    /// is no longer there.
    pub fn catch_up(&self, folder: &Path) -> Result<Self, LogError> {
        self.follow(folder).or_else(|_| Self::read(folder))
    }

    /// True where the folder has no entries that are not known here, and is not begun anew.
    pub fn is_current(&self, folder: &Path) -> bool {
        let state = State::read(folder).ok().flatten();
        state.is_some_and(|state| state.size == self.state.size && state.root == self.state.root)
    }

    fn follow(&self, folder: &Path) -> Result<Self, LogError> {
        let mut left = ATTEMPTS;
        let mut read = self.clone();
        loop {
            left -= 1;
            let state = State::read(folder)?.ok_or(LogError::NoLedger)?;
            let known = (&mut read.registry, &mut read.tree);
            match read_entries(folder, &state, known, Signatures::Check) {
                // The validator went on meanwhile and removed what its readers had time to read.
                // The bundles that were read stand: only the rest is read again.
                Err(LogError::Folder(error))
                    if error.kind() == std::io::ErrorKind::NotFound && left > 0 => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(Self { state, ..read }),
            }
        }
    }

    /// What stands after the last block.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The chain's id.
    pub fn chain_id(&self) -> &str {
        &self.state.chain
    }

    /// Height of the last block.
    pub fn height(&self) -> u64 {
        self.state.height
    }

    /// The time of the last block.
    pub fn time(&self) -> UnixTime {
        self.state.time
    }

    /// Root over all entries.
    pub fn root(&self) -> Hash {
        self.state.root
    }

    /// What questions are decided with, as old as the last block.
    pub fn view(&self, freshness: Freshness) -> View<'_> {
        View {
            registry: Some(&self.registry),
            attested: self.state.time,
            highest_attested: self.state.time,
            freshness,
        }
    }
}

/// Reads the entries that the state counts, and replays those that are not known yet.
pub(crate) fn read_entries(
    folder: &Path,
    state: &State,
    (registry, tree): (&mut Registry, &mut Tree),
    signatures: Signatures,
) -> Result<(), LogError> {
    let known = tree.size();
    if known > state.size {
        return Err(LogError::Damaged);
    }
    for position in known / WIDTH..state.size.div_ceil(WIDTH) {
        let width = tile::width_at(position, state.size);
        let (bytes, holds) = read_bundle(folder, position, width)?;
        let entries = tile::decode_exact_bundle(&bytes, holds).map_err(|_| LogError::Damaged)?;
        let skip = known.saturating_sub(position * WIDTH);
        let new = usize::try_from(skip).ok().zip(usize::try_from(width).ok());
        let new = new.and_then(|(skip, width)| entries.get(skip..width));
        let new = new.ok_or(LogError::Damaged)?;
        for entry in new {
            tree.push(leaf_hash(entry));
        }
        replay(registry, new, signatures)
            .map_err(|error| LogError::Refused(UpdateError::Entry(error)))?;
    }
    if state.size > 0 && tree.root() != state.root {
        return Err(LogError::Damaged);
    }
    Ok(())
}

/// A bundle of this width, or the full one that took its place; and how many it holds.
fn read_bundle(folder: &Path, position: u64, width: u64) -> Result<(Vec<u8>, u64), LogError> {
    let read = |width| fs::read(folder.join(tile::bundle_path(position, width)));
    match read(width) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && width < WIDTH => {
            Ok((read(WIDTH)?, WIDTH))
        }
        other => Ok((other?, width)),
    }
}
