//! What an application has on disk beside its tiles: how far it is.

use std::fs;
use std::path::Path;

use keys::{UnixTime, b64, json};
use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::log::LogError;
use crate::merkle::Hash;
use crate::store::write_whole;

/// Heights at which the log grew, and that are remembered for those who ask how long it was.
pub const KEPT_SIZES: usize = 256;

const FILE: &str = "chain.json";
const MAX_STATE: usize = 64 * 1024;

/// The application after its last committed block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) chain: String,
    pub(crate) height: u64,
    /// The time of that block.
    pub(crate) time: UnixTime,
    /// Hash of the header at this height.
    pub(crate) block: Vec<u8>,
    pub(crate) size: u64,
    pub(crate) root: Hash,
    /// Heights after which the log had another size than before, the oldest first.
    pub(crate) sizes: Vec<(u64, u64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateFile {
    version: u64,
    chain: String,
    height: u64,
    time: UnixTime,
    block: String,
    size: u64,
    root: String,
    sizes: Vec<(u64, u64)>,
}

impl State {
    /// Reads the file; `None` where no block was committed yet.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, LogError> {
        let bytes = match fs::read(folder.join(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Self::parse(&bytes).map(Some).ok_or(LogError::Damaged)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let value = json::parse_bounded(bytes, MAX_STATE).ok()?;
        let file: StateFile = serde_json::from_value(value).ok()?;
        if file.version != 1 {
            return None;
        }
        Some(Self {
            chain: file.chain,
            height: file.height,
            time: file.time,
            block: b64::decode(&file.block).ok()?,
            size: file.size,
            root: b64::decode(&file.root).ok()?.try_into().ok()?,
            sizes: file.sizes,
        })
    }

    /// Replaces the file in one step.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), LogError> {
        let file = StateFile {
            version: 1,
            chain: self.chain.clone(),
            height: self.height,
            time: self.time,
            block: b64::encode(&self.block),
            size: self.size,
            root: b64::encode(self.root),
            sizes: self.sizes.clone(),
        };
        let bytes = canonical::to_bytes(&file).map_err(|_| LogError::Damaged)?;
        write_whole(&folder.join(FILE), &bytes)?;
        Ok(())
    }

    /// Notes the size after the block at `height`.
    pub(crate) fn grow(&mut self, height: u64, size: u64, root: Hash) {
        if self.sizes.last().map(|(_, size)| *size) != Some(size) {
            self.sizes.push((height, size));
            if self.sizes.len() > KEPT_SIZES {
                self.sizes.remove(0);
            }
        }
        self.height = height;
        self.size = size;
        self.root = root;
    }

    /// The size after the block at `height`, where that is still remembered.
    pub(crate) fn size_at(&self, height: u64) -> Option<u64> {
        if height > self.height {
            return None;
        }
        let mut known = self.sizes.iter().rev();
        known.find(|(at, _)| *at <= height).map(|(_, size)| *size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_known_between_changes() {
        let mut state = State::default();
        for (height, size) in [(1, 1), (2, 1), (3, 4), (9, 4)] {
            state.grow(height, size, [0; 32]);
        }
        assert_eq!(state.sizes, [(1, 1), (3, 4)]);
        let at = |height| state.size_at(height);
        assert_eq!(
            [at(0), at(1), at(2), at(3), at(9), at(10)],
            [None, Some(1), Some(1), Some(4), Some(4), None]
        );
    }

    #[test]
    fn only_so_many_sizes_are_kept() {
        let mut state = State::default();
        for height in 1..1000 {
            state.grow(height, height, [0; 32]);
        }
        assert_eq!(state.sizes.len(), KEPT_SIZES);
        assert_eq!(state.size_at(1), None);
        assert_eq!(state.size_at(999), Some(999));
    }

    #[test]
    fn it_reads_back_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(State::read(folder.path()).unwrap(), None);
        let mut state = State::default();
        state.grow(5, 6, [7; 32]);
        state.block = vec![1; 32];
        state.write(folder.path()).unwrap();
        assert_eq!(State::read(folder.path()).unwrap(), Some(state));
        std::fs::write(folder.path().join(FILE), "{}").unwrap();
        assert!(matches!(State::read(folder.path()), Err(LogError::Damaged)));
    }
}
