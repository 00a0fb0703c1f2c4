use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::{ClaimPath, ClaimQuery, CredentialQuery, Format, Query, TrustedAuthority};

/// What the index needs to know of one card, or of one presentation that came in.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// The caller's name for it; handed back in a [`Match`].
    pub id: &'a str,
    /// Its format.
    pub format: Format,
    /// `vct` and the types that it extends, the document type, or the W3C types as IRIs.
    pub types: Vec<&'a str>,
    /// Every claim, disclosed. For an mdoc: namespace → element → value.
    pub claims: &'a Value,
    /// What is known of who certifies the issuer: (`aki`, base64url of the key id), …
    pub authorities: Vec<(&'a str, &'a str)>,
    /// True when the holder can prove possession of a key that the credential names.
    pub holder_bound: bool,
}

/// Cards by format and type, so that a query looks only at those that it may concern.
pub struct Index<'a> {
    candidates: Vec<Candidate<'a>>,
    by_format: HashMap<Format, Places<'a>>,
}

/// The places of all candidates of a format, ascending.
#[derive(Default)]
struct Places<'a> {
    all: Vec<usize>,
    by_type: HashMap<&'a str, Vec<usize>>,
}

/// What a set of cards has to say to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// One entry for each credential query, in its order.
    pub credentials: Vec<CredentialAnswer>,
    /// One entry for each credential set, in its order; empty when the query has none.
    pub sets: Vec<SetAnswer>,
    /// True when everything that is required can be shown.
    pub satisfiable: bool,
}

/// The cards for one credential query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialAnswer {
    /// The id of the credential query.
    pub id: String,
    /// The cards that match, in the order of the index.
    pub matches: Vec<Match>,
    /// Why none matches; `None` when at least one does.
    pub missing: Option<Missing>,
}

/// A card that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The card's place in the index.
    pub candidate: usize,
    /// The card's id.
    pub id: String,
    /// The claim set that it satisfies, as a place in `claim_sets`.
    pub claim_set: Option<usize>,
    /// What it would disclose, without nulls, in the query's order and without repetition. Cards
    /// that disclose the same share it.
    pub disclose: Arc<[ClaimPath]>,
}

/// Which options of a credential set can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAnswer {
    /// True when the service will not do without.
    pub required: bool,
    /// The places of the options for all of whose credentials a card matches.
    pub satisfiable: Vec<usize>,
}

/// What the nearest card lacks. Ordered from furthest to nearest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// There is no card of this format and type.
    Type,
    /// There is, but none certified by one of the authorities that the service trusts.
    Authority,
    /// There is, but none whose holder can prove possession.
    HolderBinding,
    /// There is, but these claims are not on it.
    Claims(Vec<ClaimPath>),
    /// There is, but with other values than are of use to the service.
    Values(Vec<ClaimPath>),
}

impl<'a> Index<'a> {
    /// Sorts candidates into the index.
    pub fn new(candidates: Vec<Candidate<'a>>) -> Self {
        let mut by_format: HashMap<Format, Places<'a>> = HashMap::new();
        for (place, candidate) in candidates.iter().enumerate() {
            let of_format = by_format.entry(candidate.format.clone()).or_default();
            of_format.all.push(place);
            for name in &candidate.types {
                let places = of_format.by_type.entry(name).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        Self {
            candidates,
            by_format,
        }
    }

    /// The candidates, in the order given.
    pub fn candidates(&self) -> &[Candidate<'a>] {
        &self.candidates
    }

    /// Matches a query against every card (§6.4).
    pub fn answer(&self, query: &Query) -> Answer {
        let credentials: Vec<CredentialAnswer> = query
            .credentials
            .iter()
            .map(|credential| self.answer_credential(credential))
            .collect();
        let shown = |place: &usize| {
            credentials
                .get(*place)
                .is_some_and(|c| !c.matches.is_empty())
        };
        let (sets, satisfiable) = satisfied_sets(query, shown);
        Answer {
            credentials,
            sets,
            satisfiable,
        }
    }

    fn answer_credential(&self, query: &CredentialQuery) -> CredentialAnswer {
        let mut matches = Vec::new();
        let mut missing = Missing::Type;
        let mut options = options(query, Arrays::Whole);
        for place in self.of_type(query) {
            let Some(candidate) = self.candidates.get(place) else {
                continue;
            };
            match assess(query, &mut options, candidate) {
                Ok((claim_set, disclose)) => matches.push(Match {
                    candidate: place,
                    id: candidate.id.to_owned(),
                    claim_set,
                    disclose,
                }),
                Err(lack) => missing = nearer(missing, lack),
            }
        }
        CredentialAnswer {
            id: query.id.clone(),
            missing: matches.is_empty().then_some(missing),
            matches,
        }
    }

    /// The places of the cards of the right format and type, ascending.
    fn of_type(&self, query: &CredentialQuery) -> Vec<usize> {
        let Some(of_format) = self.by_format.get(&query.format) else {
            return Vec::new();
        };
        let names = query.types.names();
        if names.is_empty() {
            return of_format.all.clone();
        }
        let mut places: Vec<usize> = names
            .iter()
            .filter_map(|name| of_format.by_type.get(name))
            .flatten()
            .copied()
            .collect();
        places.sort_unstable();
        places.dedup();
        let wanted = |place: &usize| {
            let candidate = self.candidates.get(*place);
            candidate.is_some_and(|candidate| query.types.accepts(&candidate.types))
        };
        places.retain(wanted);
        places
    }
}

/// Which sets and options are satisfied, and whether everything required is.
pub(crate) fn satisfied_sets(
    query: &Query,
    shown: impl Fn(&usize) -> bool,
) -> (Vec<SetAnswer>, bool) {
    let Some(sets) = &query.credential_sets else {
        return (
            Vec::new(),
            (0..query.credentials.len()).all(|place| shown(&place)),
        );
    };
    let sets: Vec<SetAnswer> = sets
        .iter()
        .map(|set| SetAnswer {
            required: set.required,
            satisfiable: set
                .options
                .iter()
                .enumerate()
                .filter(|(_, option)| option.iter().all(&shown))
                .map(|(place, _)| place)
                .collect(),
        })
        .collect();
    let satisfied = sets
        .iter()
        .all(|set| !set.required || !set.satisfiable.is_empty());
    (sets, satisfied)
}

/// How an index into an array is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrays {
    /// As it stands: the document is complete.
    Whole,
    /// As any element: elements that were held back have left the array, so that the others
    /// moved up.
    Thinned,
}

type Selected = (Option<usize>, Arc<[ClaimPath]>);

/// A combination of claims that would do.
pub(crate) struct ClaimOption<'q> {
    claims: Vec<Sought<'q>>,
    /// What a card of this shape discloses. Cards are many and their shapes few, and paths cost
    /// more to build than a card to match.
    disclosed: HashMap<Vec<usize>, Arc<[ClaimPath]>>,
    /// The shape of the card that is looked at: for each claim the number of elements that fit,
    /// and for each of those the index that every null of its path stands for.
    shape: Vec<usize>,
}

/// A claim, and its path as arrays are to be read.
struct Sought<'q> {
    claim: &'q ClaimQuery,
    path: Cow<'q, ClaimPath>,
}

/// The combinations of a query, the preferred first.
pub(crate) fn options(query: &CredentialQuery, arrays: Arrays) -> Vec<ClaimOption<'_>> {
    let sought = |claim| Sought::new(claim, arrays);
    let option = |claims: Vec<_>| ClaimOption {
        claims: claims.into_iter().map(sought).collect(),
        disclosed: HashMap::new(),
        shape: Vec::new(),
    };
    query.claim_options().into_iter().map(option).collect()
}

impl<'q> Sought<'q> {
    fn new(claim: &'q ClaimQuery, arrays: Arrays) -> Self {
        let path = match arrays {
            Arrays::Whole => Cow::Borrowed(&claim.path),
            Arrays::Thinned => Cow::Owned(claim.path.any_index()),
        };
        Self { claim, path }
    }
}

/// Everything but format and type. `options` are those of `query`.
pub(crate) fn assess(
    query: &CredentialQuery,
    options: &mut [ClaimOption<'_>],
    candidate: &Candidate<'_>,
) -> Result<Selected, Missing> {
    if !certified(&query.trusted_authorities, &candidate.authorities) {
        return Err(Missing::Authority);
    }
    if query.require_holder_binding && !candidate.holder_bound {
        return Err(Missing::HolderBinding);
    }
    let mut nearest: Option<Missing> = None;
    for (place, option) in options.iter_mut().enumerate() {
        match option.select(candidate.claims) {
            Ok(disclose) => return Ok((query.claim_sets.as_ref().map(|_| place), disclose)),
            Err(lack) => {
                nearest = Some(match nearest {
                    Some(before) => nearer(before, lack),
                    None => lack,
                });
            }
        }
    }
    Err(nearest.unwrap_or(Missing::Claims(Vec::new())))
}

fn certified(wanted: &[TrustedAuthority], known: &[(&str, &str)]) -> bool {
    wanted.is_empty()
        || wanted.iter().any(|authority| {
            known.iter().any(|(kind, value)| {
                authority.kind == *kind && authority.values.iter().any(|wanted| wanted == value)
            })
        })
}

impl ClaimOption<'_> {
    /// The concrete paths of the claims, or what is missing for them.
    fn select(&mut self, claims: &Value) -> Result<Arc<[ClaimPath]>, Missing> {
        let (mut absent, mut other) = (Vec::new(), Vec::new());
        self.shape.clear();
        for Sought { claim, path } in &self.claims {
            let counted = self.shape.len();
            self.shape.push(0);
            let mut fitting = 0;
            let walked = path.visit(claims, |at, value| {
                let wanted = claim.values.as_ref();
                if wanted.is_none_or(|values| values.contains(value)) {
                    fitting += 1;
                    self.shape.extend_from_slice(at);
                }
            });
            if walked.is_err() {
                absent.push(claim.path.clone());
            } else if fitting == 0 {
                other.push(claim.path.clone());
            }
            if let Some(count) = self.shape.get_mut(counted) {
                *count = fitting;
            }
        }
        match (absent.is_empty(), other.is_empty()) {
            (true, true) => Ok(self.disclosed()),
            (false, _) => Err(Missing::Claims(absent)),
            (true, false) => Err(Missing::Values(other)),
        }
    }

    /// What a card of the present shape discloses.
    fn disclosed(&mut self) -> Arc<[ClaimPath]> {
        if let Some(known) = self.disclosed.get(&self.shape) {
            return Arc::clone(known);
        }
        let mut numbers = self.shape.iter().copied();
        let mut paths = Vec::new();
        for Sought { path, .. } in &self.claims {
            for _ in 0..numbers.next().unwrap_or_default() {
                let at: Vec<usize> = numbers.by_ref().take(path.nulls()).collect();
                paths.push(path.at(&at));
            }
        }
        let paths: Arc<[ClaimPath]> = without_repetition(paths).into();
        self.disclosed
            .insert(self.shape.clone(), Arc::clone(&paths));
        paths
    }
}

fn without_repetition(mut paths: Vec<ClaimPath>) -> Vec<ClaimPath> {
    // Few paths are told apart faster one by one; many come of a stranger's query.
    if paths.len() <= 16 {
        for place in (1..paths.len()).rev() {
            let (before, rest) = paths.split_at(place);
            if rest.first().is_some_and(|path| before.contains(path)) {
                paths.remove(place);
            }
        }
        return paths;
    }
    let mut seen = HashSet::with_capacity(paths.len());
    let first: Vec<bool> = paths.iter().map(|path| seen.insert(path)).collect();
    let mut first = first.into_iter();
    paths.retain(|_| first.next().unwrap_or(true));
    paths
}

/// The lack that is easier to make good: the later kind, then the shorter list.
fn nearer(one: Missing, other: Missing) -> Missing {
    fn rank(missing: &Missing) -> (u8, std::cmp::Reverse<usize>) {
        let (kind, count) = match missing {
            Missing::Type => (0, 0),
            Missing::Authority => (1, 0),
            Missing::HolderBinding => (2, 0),
            Missing::Claims(paths) => (3, paths.len()),
            Missing::Values(paths) => (4, paths.len()),
        };
        (kind, std::cmp::Reverse(count))
    }
    if rank(&other) > rank(&one) {
        other
    } else {
        one
    }
}

#[cfg(test)]
pub(crate) mod tests;
