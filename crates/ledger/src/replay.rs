//! Replaying entries of a log: signatures on all cores, rules one after the other.

use std::collections::{HashMap, HashSet};
use std::num::NonZero;

use keys::{PublicKey, UnixTime};

use crate::event::GOVERNANCE;
use crate::merkle::Hash;
use crate::registry::Registry;
use crate::rules::Rejection;
use crate::signed::{CheckedEvent, Leaf, SignedError};

/// Entries that are held in parsed form at once.
const BLOCK: usize = 4096;

/// Why an entry of the log was refused.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Not an entry at all.
    #[error("not an entry of a ledger: {0}")]
    Malformed(#[from] SignedError),
    /// A rule refuses it.
    #[error(transparent)]
    Rule(#[from] Rejection),
    /// The state after the event is not the one that the entry states.
    #[error("the entry states another state than its event makes")]
    WrongState,
}

/// Which entry was refused.
#[derive(Debug, thiserror::Error)]
#[error("entry {index}: {source}")]
pub struct ReplayError {
    /// Number of the entry, from 0.
    pub index: u64,
    /// Why.
    #[source]
    pub source: EntryError,
}

impl EntryError {
    /// The name of what refused the entry.
    pub fn name(&self) -> &'static str {
        match self {
            // What cannot be read was never signed by anybody.
            Self::Malformed(_) => "forged_event",
            Self::Rule(rule) => rule.name(),
            Self::WrongState => "wrong_state",
        }
    }
}

/// Whether signatures must be checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signatures {
    Check,
    /// The entries hash to a root for which they were checked before.
    CheckedBefore,
}

/// Applies entries that follow on what the registry holds. While the rules judge one block of
/// entries, the signatures of the next are checked.
pub(crate) fn replay(
    registry: &mut Registry,
    entries: &[&[u8]],
    signatures: Signatures,
) -> Result<(), ReplayError> {
    replay_by(BLOCK, registry, entries, signatures)
}

fn replay_by(
    block: usize,
    registry: &mut Registry,
    entries: &[&[u8]],
    signatures: Signatures,
) -> Result<(), ReplayError> {
    let mut reader = Reader {
        before: registry.clone(),
        signatures,
        signers: HashSet::new(),
        known: HashMap::new(),
    };
    let mut blocks = entries.chunks(block);
    let Some(mut read) = blocks.next().map(|block| reader.read(block)) else {
        return Ok(());
    };
    for next in blocks {
        read = std::thread::scope(|scope| {
            let next = scope.spawn(|| reader.read(next));
            apply(registry, read)?;
            match next.join() {
                Ok(read) => Ok(read),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })?;
    }
    // What stood before is let go: as long as somebody has it, a change copies all of it.
    drop(reader);
    apply(registry, read)
}

/// An entry that is in good form: its time, its event, and the state that it states.
type Read = Result<(UnixTime, CheckedEvent, Hash), EntryError>;

/// Reads entries ahead of the rules.
struct Reader {
    /// What stood before the first of them.
    before: Registry,
    signatures: Signatures,
    /// Those whose keys of before are in `known`.
    signers: HashSet<String>,
    /// Keys under which a signature may be checked: those that the signers had before, and those
    /// that the entries read so far bring. Being here gives a key no right.
    known: HashMap<String, PublicKey>,
}

impl Reader {
    fn read(&mut self, block: &[&[u8]]) -> Vec<Read> {
        let leaves = in_parallel(block.to_vec(), |entry| {
            let leaf = Leaf::parse(entry)?;
            let declared = match self.signatures {
                Signatures::Check => leaf.event.declared_keys(),
                Signatures::CheckedBefore => Vec::new(),
            };
            Ok::<_, SignedError>((leaf, declared))
        });
        let leaves = leaves.into_iter().map(|read| {
            let (leaf, declared) = read?;
            let signer = &leaf.event.event().signer;
            if self.signatures == Signatures::Check && !self.signers.contains(signer) {
                self.known.extend(signer_keys(&self.before, signer));
                self.signers.insert(signer.clone());
            }
            self.known.extend(declared);
            Ok(leaf)
        });
        let leaves: Vec<Result<Leaf, SignedError>> = leaves.collect();
        in_parallel(leaves, |leaf| {
            let leaf = leaf?;
            let event = match self.signatures {
                Signatures::Check => leaf.event.check(&self.known)?,
                Signatures::CheckedBefore => leaf.event.accepted_before(),
            };
            Ok((leaf.time, event, leaf.state))
        })
    }
}

fn apply(registry: &mut Registry, block: Vec<Read>) -> Result<(), ReplayError> {
    for entry in block {
        let index = registry.size();
        let refused = |source| ReplayError { index, source };
        let (time, event, state) = entry.map_err(refused)?;
        registry
            .apply(index, time, &event)
            .map_err(|rule| refused(rule.into()))?;
        if registry.state() != state {
            return Err(refused(EntryError::WrongState));
        }
    }
    Ok(())
}

/// Checks one event by the keys of its signer and those that it brings itself.
pub(crate) fn check_one(registry: &Registry, leaf: Leaf) -> Result<CheckedEvent, Rejection> {
    let mut known: HashMap<String, PublicKey> = leaf.event.declared_keys().into_iter().collect();
    known.extend(signer_keys(registry, &leaf.event.event().signer));
    leaf.event.check(&known)
}

/// Every control key that a body or the governance has had, by thumbprint.
pub(crate) fn signer_keys(registry: &Registry, signer: &str) -> Vec<(String, PublicKey)> {
    let jwks: Vec<&serde_json::Value> = if signer == GOVERNANCE {
        registry.governance().keys.iter().collect()
    } else if let Some(record) = registry.record(signer) {
        let accreditor = record
            .accreditations
            .iter()
            .flat_map(|accreditation| &accreditation.control_keys);
        let issuer = record.issuer.iter().flat_map(|issuer| &issuer.control_keys);
        accreditor.chain(issuer).map(|key| &key.jwk).collect()
    } else {
        Vec::new()
    };
    jwks.into_iter()
        .filter_map(|jwk| PublicKey::from_jwk(jwk).ok())
        .map(|key| (key.thumbprint(), key))
        .collect()
}

fn in_parallel<T: Send, R: Send>(mut items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(16);
    if threads == 1 || items.len() < 64 {
        return items.into_iter().map(work).collect();
    }
    let share = items.len().div_ceil(threads);
    let mut shares = Vec::new();
    while items.len() > share {
        let rest = items.split_off(share);
        shares.push(std::mem::replace(&mut items, rest));
    }
    shares.push(items);
    let work = &work;
    std::thread::scope(|scope| {
        let running: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || share.into_iter().map(work).collect::<Vec<R>>()))
            .collect();
        running
            .into_iter()
            .flat_map(|thread| match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use keys::SigningKey;

    use super::*;
    use crate::event::{
        ATTESTED, Accredit, Action, ControlKey, Event, Genesis, KeyEntry, Names, RegisterIssuer,
    };
    use crate::signed::SignedEvent;

    const NOW: UnixTime = 1_800_000_000;
    const BODY: &str = "https://accreditor.example";

    fn names() -> Names {
        Names::from([("en".to_owned(), "A body".to_owned())])
    }

    fn genesis(key: &SigningKey) -> Action {
        Action::Genesis(Genesis {
            name: "Test".to_owned(),
            rules: 1,
            keys: vec![key.public().to_jwk()],
            threshold: 1,
            demo: false,
            validators: Vec::new(),
            nonce: "0123456789abcdef".to_owned(),
        })
    }

    fn accredit(key: &SigningKey) -> Action {
        Action::Accredit(Accredit {
            id: BODY.to_owned(),
            names: names(),
            control_keys: vec![ControlKey {
                jwk: key.public().to_jwk(),
                possession: ATTESTED.to_owned(),
            }],
            types: vec!["*".to_owned()],
            until: NOW + 1000,
        })
    }

    fn register(number: usize) -> Action {
        Action::RegisterIssuer(RegisterIssuer {
            id: format!("https://issuer-{number}.example"),
            names: names(),
            jurisdiction: None,
            control_keys: Vec::new(),
            keys: vec![KeyEntry {
                jwk: Some(SigningKey::make_p256().public().to_jwk()),
                x509: None,
                ca: false,
                san: None,
                source: None,
                possession: ATTESTED.to_owned(),
            }],
            types: vec!["a".to_owned()],
            until: None,
            status_lists: Vec::new(),
        })
    }

    /// Entries of a log: governance, an accreditor, and issuers that it registers.
    fn entries(issuers: usize) -> Vec<Vec<u8>> {
        let (governance, control) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
        let mut registry = Registry::default();
        let mut actions = vec![
            (GOVERNANCE, genesis(&governance), &governance),
            (GOVERNANCE, accredit(&control), &governance),
        ];
        actions.extend((0..issuers).map(|number| (BODY, register(number), &control)));
        let entries = actions.into_iter().map(|(signer, action, key)| {
            let event = Event {
                ledger: (registry.size() > 0).then(|| registry.ledger().to_owned()),
                signer: signer.to_owned(),
                sequence: registry.next_sequence(signer),
                submit_before: NOW + 60,
                action,
            };
            let mut leaf = Leaf {
                time: NOW,
                event: SignedEvent::sign(&event, &[key]).unwrap(),
                state: [0; 32],
            };
            let checked = check_one(&registry, leaf.clone()).unwrap();
            registry.apply(registry.size(), NOW, &checked).unwrap();
            leaf.state = registry.state();
            leaf.to_bytes().unwrap()
        });
        entries.collect()
    }

    /// Folders and snapshots are replayed a bundle at a time: a copy for each makes the time grow
    /// with the square of the log.
    #[test]
    fn a_block_alone_copies_no_registry() {
        let entries = entries(5);
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let mut registry = Registry::default();
        replay(&mut registry, &entries[..4], Signatures::Check).unwrap();
        let records = std::sync::Arc::as_ptr(&registry.records);
        replay(&mut registry, &entries[4..], Signatures::Check).unwrap();
        assert_eq!(registry.size(), 7);
        assert_eq!(std::sync::Arc::as_ptr(&registry.records), records);
    }

    #[test]
    fn blocks_are_read_ahead_of_the_rules_and_nothing_is_let_through() {
        let entries = entries(5);
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        for block in [1, 2, 3, 100] {
            let replayed = |signatures, entries: &[&[u8]]| {
                let mut registry = Registry::default();
                // Some were there before, so that their signers are known another way.
                let (first, rest) = entries.split_at(2);
                replay_by(block, &mut registry, first, signatures)?;
                replay_by(block, &mut registry, rest, signatures)?;
                Ok::<_, ReplayError>(registry.size())
            };
            assert_eq!(replayed(Signatures::Check, &entries).unwrap(), 7);
            assert_eq!(replayed(Signatures::CheckedBefore, &entries).unwrap(), 7);
            for wrong in 0..7 {
                let mut value: serde_json::Value = serde_json::from_slice(entries[wrong]).unwrap();
                let other = SigningKey::make_ed25519().sign(b"something else");
                value["event"]["signatures"][0]["signature"] = keys::b64::encode(other).into();
                let forged = crate::canonical::value_to_bytes(&value).unwrap();
                let mut with = entries.clone();
                with[wrong] = &forged;
                let error = replayed(Signatures::Check, &with).unwrap_err();
                assert_eq!(error.index, wrong as u64);
                assert_eq!(error.source.name(), "forged_event");
            }
            // A block that was read ahead does not hide what is wrong before it.
            let mut without = entries.clone();
            without.remove(4);
            without[5] = b"no entry";
            let error = replayed(Signatures::Check, &without).unwrap_err();
            assert_eq!((error.index, error.source.name()), (4, "sequence_gap"));
        }
    }
}
