use std::collections::BTreeSet;

use keys::{PublicKey, SigningKey, UnixTime};
use query::{ClaimPath, Segment};
use serde_json::Value;

use super::process::{Child, Node};
use super::verify::{ALWAYS_VISIBLE, compact};
use super::{HashAlgorithm, PresentError, Processed, key_binding};

/// Top-level claims that describe the credential rather than its subject.
const ENVELOPE: [&str; 3] = ["iat", "jti", "aud"];

/// True for the claims about the credential itself: issuer, type, times, status and the
/// holder's key, with whatever lies below them. Everything else is about the subject.
pub fn is_envelope(path: &ClaimPath) -> bool {
    path.root()
        .is_some_and(|name| ALWAYS_VISIBLE.contains(&name) || ENVELOPE.contains(&name))
}

/// A claim of a credential, as [`Processed::describe`] lists it.
#[derive(Clone, PartialEq)]
pub struct Claim<'a> {
    /// The concrete path: names and indices.
    pub path: ClaimPath,
    /// The value, with everything below it.
    pub value: &'a Value,
    /// True when this claim has a disclosure of its own.
    pub disclosable: bool,
    /// True when a presentation can leave it out: it or something above it is disclosable.
    pub can_hide: bool,
    /// True when nothing lies below: a scalar, or an empty object or array.
    pub leaf: bool,
}

/// A selection of claims, ready to be bound to the holder's key. It shows what will be
/// revealed before anything is signed.
#[derive(Clone)]
pub struct Selection {
    text: String,
    hash: HashAlgorithm,
    holder: Option<PublicKey>,
    revealed: Vec<ClaimPath>,
}

impl Processed {
    /// All claims, parents before children, in the order of the credential.
    pub fn describe(&self) -> Vec<Claim<'_>> {
        let mut list = Vec::new();
        for (name, child) in &self.members {
            if let Some(value) = self.claims.get(name) {
                let path = vec![Segment::Name(name.clone())];
                describe(child, value, path, false, &mut list);
            }
        }
        list
    }

    /// Selects what `paths` ask for, with everything below and the parents that recursive
    /// disclosures need, and nothing else that can be hidden.
    ///
    /// A path that selects nothing is an error. Array indices count the elements of this
    /// credential; `null` selects all.
    pub fn select(&self, paths: &[ClaimPath]) -> Result<Selection, PresentError> {
        let mut chosen = BTreeSet::new();
        for path in paths {
            let Some((Segment::Name(first), rest)) = path.segments().split_first() else {
                return Err(PresentError::NoSuchClaim);
            };
            let mut found = false;
            for (_, child) in self.members.iter().filter(|(name, _)| name == first) {
                found |= choose(child, rest, &mut Vec::new(), &mut chosen);
            }
            if !found {
                return Err(PresentError::NoSuchClaim);
            }
        }
        let mut revealed = Vec::new();
        for (name, child) in &self.members {
            let path = vec![Segment::Name(name.clone())];
            reveal(child, path, &chosen, &mut revealed)?;
        }
        let disclosures = self
            .disclosures
            .iter()
            .enumerate()
            .filter(|(index, _)| chosen.contains(index))
            .map(|(_, disclosure)| disclosure);
        Ok(Selection {
            text: compact(&self.jwt_text, disclosures),
            hash: self.hash,
            holder: self.holder_key().cloned(),
            revealed,
        })
    }
}

impl Selection {
    /// Every claim that the presentation shows: the concrete paths of its scalars (and of
    /// objects and arrays that show empty), chosen or always visible, the envelope
    /// included. Indices count the elements of the credential.
    pub fn revealed(&self) -> &[ClaimPath] {
        &self.revealed
    }

    /// As [`Self::revealed`], without the envelope: what the service learns of the subject.
    pub fn revealed_of_subject(&self) -> impl Iterator<Item = &ClaimPath> {
        self.revealed.iter().filter(|path| !is_envelope(path))
    }

    /// The presentation with a key binding for `audience` and `nonce` (RFC 9901 §4.3).
    /// `key` must be the one that the credential names.
    pub fn bind(
        &self,
        key: &SigningKey,
        audience: &str,
        nonce: &str,
        now: UnixTime,
    ) -> Result<String, PresentError> {
        match &self.holder {
            None => return Err(PresentError::NoHolderKey),
            Some(holder) if *holder != key.public() => return Err(PresentError::WrongKey),
            Some(_) => {}
        }
        let binding = key_binding::sign(&self.text, self.hash, key, audience, nonce, now);
        Ok(format!("{}{binding}", self.text))
    }

    /// The presentation without key binding, where the request does away with it. Whoever
    /// receives it can show it on.
    pub fn into_unbound(self) -> String {
        self.text
    }
}

fn describe<'a>(
    child: &Child,
    value: &'a Value,
    path: Vec<Segment>,
    hidden_above: bool,
    list: &mut Vec<Claim<'a>>,
) {
    let disclosable = child.disclosure.is_some();
    let can_hide = disclosable || hidden_above;
    let leaf = match &child.node {
        Node::Leaf => true,
        Node::Object(members) => members.is_empty(),
        Node::Array(elements) => elements.is_empty(),
    };
    // Names and depth were bounded when the claims were put together.
    let Ok(claim_path) = ClaimPath::new(path.clone()) else {
        return;
    };
    list.push(Claim {
        path: claim_path,
        value,
        disclosable,
        can_hide,
        leaf,
    });
    for (segment, below) in children(&child.node) {
        let value = match &segment {
            Segment::Name(name) => value.get(name),
            Segment::Index(index) => value.get(index),
            Segment::All => None,
        };
        if let Some(value) = value {
            describe(below, value, with(&path, segment), can_hide, list);
        }
    }
}

/// Adds to `chosen` what `path` needs below `child`; false when it selects nothing.
fn choose(
    child: &Child,
    path: &[Segment],
    above: &mut Vec<usize>,
    chosen: &mut BTreeSet<usize>,
) -> bool {
    above.extend(child.disclosure);
    let found = match path.split_first() {
        None => {
            chosen.extend(above.iter().copied());
            choose_all(child, chosen);
            true
        }
        Some((segment, rest)) => {
            let mut found = false;
            for (place, below) in children(&child.node) {
                let matches = match (segment, &place) {
                    (Segment::All, Segment::Index(_)) => true,
                    (wanted, place) => wanted == place,
                };
                found |= matches && choose(below, rest, above, chosen);
            }
            found
        }
    };
    if child.disclosure.is_some() {
        above.pop();
    }
    found
}

fn choose_all(child: &Child, chosen: &mut BTreeSet<usize>) {
    chosen.extend(child.disclosure);
    for (_, below) in children(&child.node) {
        choose_all(below, chosen);
    }
}

/// Lists what stands below `child`; false when it is hidden. Leaving something out would
/// mislead the citizen, so what cannot be listed is an error.
fn reveal(
    child: &Child,
    path: Vec<Segment>,
    chosen: &BTreeSet<usize>,
    revealed: &mut Vec<ClaimPath>,
) -> Result<bool, PresentError> {
    if child
        .disclosure
        .is_some_and(|index| !chosen.contains(&index))
    {
        return Ok(false);
    }
    let mut any = false;
    for (segment, below) in children(&child.node) {
        any |= reveal(below, with(&path, segment), chosen, revealed)?;
    }
    if !any {
        revealed.push(ClaimPath::new(path).map_err(|_| PresentError::NoSuchClaim)?);
    }
    Ok(true)
}

fn children(node: &Node) -> Vec<(Segment, &Child)> {
    match node {
        Node::Leaf => Vec::new(),
        Node::Object(members) => members
            .iter()
            .map(|(name, child)| (Segment::Name(name.clone()), child))
            .collect(),
        Node::Array(elements) => elements
            .iter()
            .enumerate()
            .map(|(index, child)| (Segment::Index(index), child))
            .collect(),
    }
}

fn with(path: &[Segment], segment: Segment) -> Vec<Segment> {
    let mut path = path.to_vec();
    path.push(segment);
    path
}
