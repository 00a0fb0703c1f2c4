//! Why a verdict is what it is, for people: what stands about an issuer and a type, fact by fact.
//!
//! The facts are the ones that [`decide`](crate::decide) judges by, and each key's answer is its
//! answer; this module adds no rule. Wording is left to those who show it.

use keys::UnixTime;

use crate::decide::{Age, Standing, View, age, key_standing};
use crate::event::ANY_TYPE;
use crate::record::{Accreditation, Grant, KeyRecord, Record};
use crate::registry::TrailEntry;

/// What stands about an issuer and a type.
pub struct Explanation<'r> {
    /// The issuer's record; `None` where the ledger knows no such issuer.
    pub record: Option<&'r Record>,
    /// The grants of the type, each with the accreditation that it rests on.
    pub grants: Vec<(&'r Grant, Option<&'r Accreditation>)>,
    /// Other types that it was granted, sorted.
    pub other_types: Vec<&'r str>,
    /// Its issuing keys, each with the verdict on a credential that it signed.
    pub keys: Vec<(&'r KeyRecord, Standing)>,
    /// Every change of its record.
    pub changes: &'r [TrailEntry],
    /// How old all this is; `None` where no ledger was read.
    pub age: Option<Age>,
}

/// Collects what bears on whether the body `issuer` may issue `type_id`, for a credential that
/// says that it was issued at `issued_at`, or for one that does not say, looked at at `now`.
pub fn explain<'r>(
    view: &View<'r>,
    issuer: &str,
    type_id: &str,
    issued_at: Option<UnixTime>,
    now: UnixTime,
) -> Explanation<'r> {
    let mut explanation = Explanation {
        record: None,
        grants: Vec::new(),
        other_types: Vec::new(),
        keys: Vec::new(),
        changes: &[],
        age: None,
    };
    let Some(registry) = view.registry else {
        return explanation;
    };
    explanation.age = Some(age(view, now));
    let now = now.max(view.highest_attested);
    let Some(record) = registry.record(issuer) else {
        return explanation;
    };
    explanation.changes = registry.trail(issuer);
    let Some(own) = &record.issuer else {
        return explanation;
    };
    explanation.record = Some(record);
    for grant in &own.grants {
        if grant.type_id == type_id || grant.type_id == ANY_TYPE {
            let below = registry.accreditation(&grant.by, grant.accreditation);
            explanation.grants.push((grant, below));
        } else {
            explanation.other_types.push(&grant.type_id);
        }
    }
    explanation.other_types.sort_unstable();
    explanation.other_types.dedup();
    explanation.keys = own
        .keys
        .iter()
        .map(|key| {
            let standing = key_standing(registry, own, key, type_id, issued_at, now);
            (key, standing)
        })
        .collect();
    explanation
}
