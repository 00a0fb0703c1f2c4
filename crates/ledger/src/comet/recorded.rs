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
        Self::nothing().follow(folder)
    }

    fn nothing() -> Self {
        Self {
            state: State::default(),
            registry: Registry::default(),
            tree: Tree::default(),
        }
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
        self.follow_by(folder, || State::read(folder))
    }

    /// By what `read_state` says of the folder at the beginning of each attempt.
    fn follow_by(
        &self,
        folder: &Path,
        mut read_state: impl FnMut() -> Result<Option<State>, LogError>,
    ) -> Result<Self, LogError> {
        let mut left = ATTEMPTS;
        let mut read = self.clone();
        loop {
            left -= 1;
            let state = read_state()?.ok_or(LogError::NoLedger)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SignedEvent;
    use crate::comet::{Block, Chain};
    use crate::event::{ATTESTED, Accredit, Action, ControlKey, Event, GOVERNANCE, Genesis, Names};
    use keys::SigningKey;

    const NOW: UnixTime = 1_800_000_000;

    fn signed(ledger: Option<String>, sequence: u64, action: Action, key: &SigningKey) -> Vec<u8> {
        let event = Event {
            ledger,
            signer: GOVERNANCE.to_owned(),
            sequence,
            submit_before: NOW + 3600,
            action,
        };
        let signed = SignedEvent::sign(&event, &[key]).unwrap();
        crate::canonical::value_to_bytes(signed.to_value()).unwrap()
    }

    /// A validator's folder with so many entries.
    fn grown(folder: &Path, entries: u64) {
        let key = SigningKey::make_ed25519();
        let genesis = Action::Genesis(Genesis {
            name: "Test".to_owned(),
            rules: crate::RULES,
            keys: vec![key.public().to_jwk()],
            threshold: 1,
            demo: true,
            validators: Vec::new(),
            nonce: "n".repeat(22),
        });
        let mut chain = Chain::open(folder).unwrap();
        chain
            .begin("test", &signed(None, 1, genesis, &key), NOW)
            .unwrap();
        let ledger = chain.registry().ledger().to_owned();
        let events: Vec<Vec<u8>> = (2..=entries)
            .map(|sequence| {
                let control = SigningKey::make_ed25519();
                let accredit = Action::Accredit(Accredit {
                    id: format!("https://body-{sequence}.example"),
                    names: Names::from([("en".to_owned(), "A body".to_owned())]),
                    control_keys: vec![ControlKey {
                        jwk: control.public().to_jwk(),
                        possession: ATTESTED.to_owned(),
                    }],
                    types: vec!["*".to_owned()],
                    until: NOW + 86_400,
                });
                signed(Some(ledger.clone()), sequence, accredit, &key)
            })
            .collect();
        let block = Block {
            height: 1,
            hash: &[7; 32],
            time: NOW,
        };
        let done = chain
            .execute(&block, events.iter().map(Vec::as_slice))
            .unwrap();
        assert!(done.results.iter().all(Result::is_ok));
        chain.commit().unwrap();
    }

    /// A validator that writes all the time is caught up with: what was read is not read again.
    #[test]
    fn what_was_read_is_kept_where_the_rest_has_gone_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let size = WIDTH + 4;
        grown(folder, size);
        let full = folder.join(tile::bundle_path(0, WIDTH));
        let rest = folder.join(tile::bundle_path(1, 4));
        let kept = folder.join("kept");
        let mut attempts = 0;
        let recorded = Recorded::nothing().follow_by(folder, || {
            attempts += 1;
            match attempts {
                // The first time the last bundle is gone, and after it the one that was read.
                1 => fs::rename(&rest, &kept)?,
                2 => {
                    fs::rename(&kept, &rest)?;
                    fs::remove_file(&full)?;
                }
                _ => {}
            }
            State::read(folder)
        });
        assert_eq!(recorded.unwrap().registry().size(), size);
        assert_eq!(attempts, 2);
        // With nothing read before there is no way to it.
        assert!(Recorded::read(folder).is_err());
    }
}
