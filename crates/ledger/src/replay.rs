//! Replaying entries of a log: signatures on all cores, rules one after the other.

use std::collections::HashMap;
use std::num::NonZero;

use keys::PublicKey;

use crate::event::GOVERNANCE;
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

/// Applies entries that follow on what the registry holds.
pub(crate) fn replay(
    registry: &mut Registry,
    entries: &[&[u8]],
    signatures: Signatures,
) -> Result<(), ReplayError> {
    for block in entries.chunks(BLOCK) {
        let first = registry.size();
        let at = |offset: usize, source: EntryError| ReplayError {
            index: first + offset as u64,
            source,
        };
        let leaves = in_parallel(block.to_vec(), Leaf::parse);
        let mut known = HashMap::new();
        if signatures == Signatures::Check {
            for leaf in leaves.iter().flatten() {
                collect_keys(registry, leaf, &mut known);
            }
        }
        let checked = in_parallel(leaves, |leaf| {
            let leaf = leaf?;
            let event = match signatures {
                Signatures::Check => leaf.event.check(&known)?,
                Signatures::CheckedBefore => leaf.event.accepted_before(),
            };
            Ok::<_, EntryError>((leaf.time, event, leaf.state))
        });
        for (offset, entry) in checked.into_iter().enumerate() {
            let (time, event, state) = entry.map_err(|source| at(offset, source))?;
            registry
                .apply(registry.size(), time, &event)
                .map_err(|rule| at(offset, rule.into()))?;
            if registry.state() != state {
                return Err(at(offset, EntryError::WrongState));
            }
        }
    }
    Ok(())
}

/// Checks one event by the keys of its signer and those that it brings itself.
pub(crate) fn check_one(registry: &Registry, leaf: Leaf) -> Result<CheckedEvent, Rejection> {
    let mut known = HashMap::new();
    collect_keys(registry, &leaf, &mut known);
    leaf.event.check(&known)
}

/// Keys under which a signature may be checked. Being here gives a key no right.
fn collect_keys(registry: &Registry, leaf: &Leaf, known: &mut HashMap<String, PublicKey>) {
    known.extend(leaf.event.declared_keys());
    known.extend(signer_keys(registry, &leaf.event.event().signer));
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
