use std::collections::BTreeSet;

use crate::{ClaimPath, ClaimQuery, CredentialQuery, Query};

/// Combinations of credentials that are looked at, and steps of the search among them.
/// Beyond it everything counts as asked for together, which errs towards a warning.
const MAX_COMBINATIONS: usize = 1024;
const MAX_STEPS: usize = 100_000;

/// Something that a request asks for beyond what its service registered. Each names the
/// credential query of the request that it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excess {
    /// A credential of a format or type that the purpose does not ask for.
    Credential {
        /// The credential query of the request.
        credential: String,
        /// The types that it names; empty when it takes any.
        types: Vec<String>,
    },
    /// A claim that the purpose does not ask for, or not together with the others.
    Claim {
        /// The credential query of the request.
        credential: String,
        /// The claim.
        path: ClaimPath,
    },
    /// The whole of a credential that cannot hold anything back, where single claims were
    /// registered.
    WholeCredential {
        /// The credential query of the request.
        credential: String,
    },
    /// A claim whatever its value, or with more values than were registered.
    AnyValue {
        /// The credential query of the request.
        credential: String,
        /// The claim.
        path: ClaimPath,
    },
    /// A claim to be kept, where the purpose says that it is not.
    Retained {
        /// The credential query of the request.
        credential: String,
        /// The claim.
        path: ClaimPath,
    },
    /// Several credentials where one was registered.
    Multiple {
        /// The credential query of the request.
        credential: String,
    },
    /// A copy that anybody can show again, where a proof of possession was registered.
    WithoutHolderBinding {
        /// The credential query of the request.
        credential: String,
    },
    /// Credentials of other authorities than were registered.
    Authorities {
        /// The credential query of the request.
        credential: String,
    },
    /// Credentials that the purpose knows, but does not ask for together, or not so often.
    Together {
        /// The credential queries of the request.
        credentials: Vec<String>,
    },
}

/// Everything that `request` asks beyond `registered`; empty when it is contained in it.
/// `values` and intents count, since they narrow what was registered.
pub fn excess(request: &Query, registered: &Query) -> Vec<Excess> {
    let mut found = Vec::new();
    let mut fitting: Vec<Vec<usize>> = Vec::with_capacity(request.credentials.len());
    let asked = combinations(request).unwrap_or_else(|| vec![everything(request)]);
    for (place, wanted) in request.credentials.iter().enumerate() {
        // A credential that no combination asks for is never sent.
        if !asked.iter().any(|combination| combination.contains(&place)) {
            fitting.push(Vec::new());
            continue;
        }
        let mut fits = Vec::new();
        let mut nearest: Option<Vec<Excess>> = None;
        for (other, known) in registered.credentials.iter().enumerate() {
            let Some(beyond) = beyond(wanted, known) else {
                continue;
            };
            if beyond.is_empty() {
                fits.push(other);
            } else if nearest.as_ref().is_none_or(|n| beyond.len() < n.len()) {
                nearest = Some(beyond);
            }
        }
        if fits.is_empty() {
            found.extend(nearest.unwrap_or_else(|| {
                vec![Excess::Credential {
                    credential: wanted.id.clone(),
                    types: wanted
                        .types
                        .names()
                        .into_iter()
                        .map(str::to_owned)
                        .collect(),
                }]
            }));
        }
        fitting.push(fits);
    }
    if found.is_empty() {
        found.extend(together(request, registered, &asked, &fitting));
    }
    found.sort();
    found.dedup();
    found
}

/// The smallest of several registered queries that contains the request whole; the first of
/// equals. `None` when only a union of several would, or nothing does: that is over-asking.
pub fn smallest_containing(request: &Query, purposes: &[Query]) -> Option<usize> {
    purposes
        .iter()
        .enumerate()
        .filter(|(_, purpose)| excess(request, purpose).is_empty())
        .min_by_key(|(_, purpose)| size(purpose))
        .map(|(place, _)| place)
}

/// The purpose to judge a request against when it names none: [`smallest_containing`], else
/// the one that it exceeds least, with what it exceeds it by. `None` without any purpose.
pub fn nearest_purpose(request: &Query, purposes: &[Query]) -> Option<(usize, Vec<Excess>)> {
    if let Some(place) = smallest_containing(request, purposes) {
        return Some((place, Vec::new()));
    }
    purposes
        .iter()
        .map(|purpose| excess(request, purpose))
        .enumerate()
        .min_by_key(|(_, beyond)| beyond.len())
}

fn size(query: &Query) -> usize {
    let claims = |credential: &CredentialQuery| credential.claims.as_ref().map_or(0, Vec::len);
    query
        .credentials
        .iter()
        .map(|credential| 1 + claims(credential))
        .sum()
}

/// What one credential query asks beyond another; `None` when it is of another kind.
fn beyond(wanted: &CredentialQuery, known: &CredentialQuery) -> Option<Vec<Excess>> {
    if wanted.format != known.format || !known.types.covers(&wanted.types) {
        return None;
    }
    let credential = || wanted.id.clone();
    let mut found = Vec::new();
    if wanted.multiple && !known.multiple {
        found.push(Excess::Multiple {
            credential: credential(),
        });
    }
    if known.require_holder_binding && !wanted.require_holder_binding {
        found.push(Excess::WithoutHolderBinding {
            credential: credential(),
        });
    }
    if !authorities_covered(wanted, known) {
        found.push(Excess::Authorities {
            credential: credential(),
        });
    }
    if !wanted.format.discloses_selectively() && wanted.claims.is_none() && known.claims.is_some() {
        found.push(Excess::WholeCredential {
            credential: credential(),
        });
        return Some(found);
    }
    let known_options = known.claim_options();
    for option in wanted.claim_options() {
        let nearest = known_options
            .iter()
            .map(|known| beyond_option(&wanted.id, &option, known))
            .min_by_key(Vec::len);
        found.extend(nearest.unwrap_or_default());
    }
    // An mdoc or an SD-JWT without claims discloses less than one with; a credential that
    // cannot hold back discloses all of it either way.
    Some(found)
}

fn authorities_covered(wanted: &CredentialQuery, known: &CredentialQuery) -> bool {
    if known.trusted_authorities.is_empty() {
        return true;
    }
    !wanted.trusted_authorities.is_empty()
        && wanted.trusted_authorities.iter().all(|mine| {
            mine.values.iter().all(|value| {
                known
                    .trusted_authorities
                    .iter()
                    .any(|theirs| theirs.kind == mine.kind && theirs.values.contains(value))
            })
        })
}

fn beyond_option(id: &str, wanted: &[&ClaimQuery], known: &[&ClaimQuery]) -> Vec<Excess> {
    wanted
        .iter()
        .filter_map(|claim| {
            known
                .iter()
                .filter(|known| known.path.covers(&claim.path))
                .map(|known| beyond_claim(id, claim, known))
                .min_by_key(Option::is_some)
                .unwrap_or_else(|| {
                    Some(Excess::Claim {
                        credential: id.to_owned(),
                        path: claim.path.clone(),
                    })
                })
        })
        .collect()
}

fn beyond_claim(id: &str, wanted: &ClaimQuery, known: &ClaimQuery) -> Option<Excess> {
    let within = |registered: &[serde_json::Value]| {
        let values = wanted.values.as_deref();
        values.is_some_and(|values| values.iter().all(|value| registered.contains(value)))
    };
    if known
        .values
        .as_deref()
        .is_some_and(|registered| !within(registered))
    {
        return Some(Excess::AnyValue {
            credential: id.to_owned(),
            path: wanted.path.clone(),
        });
    }
    if wanted.intent_to_retain == Some(true) && known.intent_to_retain != Some(true) {
        return Some(Excess::Retained {
            credential: id.to_owned(),
            path: wanted.path.clone(),
        });
    }
    None
}

type Combination = BTreeSet<usize>;

fn everything(query: &Query) -> Combination {
    (0..query.credentials.len()).collect()
}

/// Every combination of credentials that a query can lead to, optional sets included.
/// `None` when there are too many to look at.
fn combinations(query: &Query) -> Option<Vec<Combination>> {
    let Some(sets) = &query.credential_sets else {
        return Some(vec![everything(query)]);
    };
    let mut all: BTreeSet<Combination> = BTreeSet::from([Combination::new()]);
    for set in sets {
        let mut next = BTreeSet::new();
        for combination in &all {
            for option in &set.options {
                let mut more = combination.clone();
                more.extend(option);
                next.insert(more);
                if next.len() > MAX_COMBINATIONS {
                    return None;
                }
            }
        }
        all = next;
    }
    Some(all.into_iter().collect())
}

/// Whether every combination that is asked for stands in one that was registered, each
/// credential for a registered one of its own.
fn together(
    request: &Query,
    registered: &Query,
    asked: &[Combination],
    fitting: &[Vec<usize>],
) -> Vec<Excess> {
    let allowed = combinations(registered).unwrap_or_default();
    let mut found = Vec::new();
    let mut steps = 0;
    for combination in asked {
        let wanted: Vec<usize> = combination.iter().copied().collect();
        let fits = allowed.iter().any(|allowed| {
            assign(
                &wanted,
                fitting,
                registered,
                allowed,
                &mut Vec::new(),
                &mut steps,
            )
        });
        if !fits {
            let id = |place: &usize| request.credentials.get(*place).map(|c| c.id.clone());
            found.push(Excess::Together {
                credentials: wanted.iter().filter_map(id).collect(),
            });
        }
    }
    found
}

fn assign(
    wanted: &[usize],
    fitting: &[Vec<usize>],
    registered: &Query,
    allowed: &Combination,
    taken: &mut Vec<usize>,
    steps: &mut usize,
) -> bool {
    *steps += 1;
    let Some((first, rest)) = wanted.split_first() else {
        return true;
    };
    if *steps > MAX_STEPS {
        return false;
    }
    for place in fitting.get(*first).into_iter().flatten() {
        let multiple = registered
            .credentials
            .get(*place)
            .is_some_and(|c| c.multiple);
        if allowed.contains(place) && (multiple || !taken.contains(place)) {
            taken.push(*place);
            if assign(rest, fitting, registered, allowed, taken, steps) {
                return true;
            }
            taken.pop();
        }
    }
    false
}

#[cfg(test)]
mod tests;
