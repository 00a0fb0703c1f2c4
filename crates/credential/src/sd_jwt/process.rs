//! From digests and disclosures to claims (RFC 9901 §7.1 steps 3 to 5).

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::disclosure::{Disclosure, ELLIPSIS, SD, SD_ALG, is_reserved};
use super::{DisclosureError, HashAlgorithm, MAX_DEPTH};

/// The shape of the claims, with the place of every disclosure.
#[derive(Clone, PartialEq)]
pub(super) enum Node {
    Leaf,
    Object(Vec<(String, Child)>),
    Array(Vec<Child>),
}

/// A member or element, and the disclosure that brought it, if one did.
#[derive(Clone, PartialEq)]
pub(super) struct Child {
    pub(super) disclosure: Option<usize>,
    pub(super) node: Node,
}

impl Child {
    /// How many disclosures stand here and below.
    pub(super) fn count(&self) -> usize {
        let below: usize = match &self.node {
            Node::Leaf => 0,
            Node::Object(members) => members.iter().map(|(_, child)| child.count()).sum(),
            Node::Array(elements) => elements.iter().map(Self::count).sum(),
        };
        below.saturating_add(usize::from(self.disclosure.is_some()))
    }
}

pub(super) struct Outcome {
    pub(super) claims: Map<String, Value>,
    pub(super) members: Vec<(String, Child)>,
    pub(super) hash: HashAlgorithm,
}

/// Replaces each digest by what it discloses, removes the others, and refuses whatever
/// does not fit together exactly.
pub(super) fn process(
    payload: &Map<String, Value>,
    disclosures: &[Disclosure],
) -> Result<Outcome, DisclosureError> {
    let hash = match payload.get(SD_ALG) {
        None => HashAlgorithm::default(),
        Some(name) => name
            .as_str()
            .and_then(HashAlgorithm::from_name)
            .ok_or(DisclosureError::HashAlgorithm)?,
    };
    let mut by_digest = HashMap::with_capacity(disclosures.len());
    for (index, disclosure) in disclosures.iter().enumerate() {
        let digest = hash.derive_digest(disclosure.encoded());
        if by_digest.insert(digest, index).is_some() {
            return Err(DisclosureError::DuplicateDisclosure);
        }
    }
    let mut walk = Walk {
        disclosures,
        by_digest,
        seen: HashSet::new(),
        used: 0,
    };
    let (mut claims, mut members) = walk.object(payload, 0)?;
    claims.remove(SD_ALG);
    members.retain(|(name, _)| name != SD_ALG);
    // A digest is used at most once, so that counting suffices.
    if walk.used != disclosures.len() {
        return Err(DisclosureError::Unreferenced);
    }
    Ok(Outcome {
        claims,
        members,
        hash,
    })
}

fn bounded(name: &str) -> Result<(), DisclosureError> {
    if name.len() > query::MAX_NAME {
        return Err(DisclosureError::NameTooLong);
    }
    Ok(())
}

struct Walk<'a> {
    disclosures: &'a [Disclosure],
    by_digest: HashMap<String, usize>,
    seen: HashSet<String>,
    used: usize,
}

type Members = Vec<(String, Child)>;

impl<'a> Walk<'a> {
    fn value(&mut self, value: &Value, depth: usize) -> Result<(Value, Node), DisclosureError> {
        if depth > MAX_DEPTH {
            return Err(DisclosureError::TooDeep);
        }
        match value {
            Value::Object(object) => {
                let (claims, members) = self.object(object, depth)?;
                Ok((Value::Object(claims), Node::Object(members)))
            }
            Value::Array(elements) => self.array(elements, depth),
            scalar => Ok((scalar.clone(), Node::Leaf)),
        }
    }

    fn object(
        &mut self,
        object: &Map<String, Value>,
        depth: usize,
    ) -> Result<(Map<String, Value>, Members), DisclosureError> {
        let below = depth.saturating_add(1);
        let mut claims = Map::new();
        let mut members = Vec::with_capacity(object.len());
        for (name, value) in object {
            if name == SD {
                continue;
            }
            if is_reserved(name) {
                return Err(DisclosureError::StrayEllipsis);
            }
            bounded(name)?;
            let (value, node) = self.value(value, below)?;
            claims.insert(name.clone(), value);
            members.push((
                name.clone(),
                Child {
                    disclosure: None,
                    node,
                },
            ));
        }
        let digests = match object.get(SD) {
            None => &[],
            Some(Value::Array(digests)) => digests.as_slice(),
            Some(_) => return Err(DisclosureError::SdNotArray),
        };
        for digest in digests {
            let Some((index, disclosure)) = self.look_up(digest)? else {
                continue;
            };
            let name = disclosure.name().ok_or(DisclosureError::WrongPlace)?;
            bounded(name)?;
            if claims.contains_key(name) || (depth == 0 && name == SD_ALG) {
                return Err(DisclosureError::ClaimPresent);
            }
            let (value, node) = self.value(disclosure.value(), below)?;
            claims.insert(name.to_owned(), value);
            members.push((
                name.to_owned(),
                Child {
                    disclosure: Some(index),
                    node,
                },
            ));
        }
        Ok((claims, members))
    }

    fn array(
        &mut self,
        elements: &[Value],
        depth: usize,
    ) -> Result<(Value, Node), DisclosureError> {
        let below = depth.saturating_add(1);
        let mut values = Vec::with_capacity(elements.len());
        let mut children = Vec::with_capacity(elements.len());
        for element in elements {
            let (disclosure, value) = match element.get(ELLIPSIS) {
                None => (None, element),
                Some(digest) => {
                    if element.as_object().is_some_and(|object| object.len() != 1) {
                        return Err(DisclosureError::StrayEllipsis);
                    }
                    let Some((index, disclosure)) = self.look_up(digest)? else {
                        continue;
                    };
                    if disclosure.name().is_some() {
                        return Err(DisclosureError::WrongPlace);
                    }
                    (Some(index), disclosure.value())
                }
            };
            let (value, node) = self.value(value, below)?;
            values.push(value);
            children.push(Child { disclosure, node });
        }
        Ok((Value::Array(values), Node::Array(children)))
    }

    /// The disclosure of a digest; `None` for a decoy or what the holder kept back.
    fn look_up(
        &mut self,
        digest: &Value,
    ) -> Result<Option<(usize, &'a Disclosure)>, DisclosureError> {
        let digest = digest.as_str().ok_or(DisclosureError::DigestNotString)?;
        if !self.seen.insert(digest.to_owned()) {
            return Err(DisclosureError::DuplicateDigest);
        }
        let Some(index) = self.by_digest.get(digest).copied() else {
            return Ok(None);
        };
        self.used = self.used.saturating_add(1);
        let all: &'a [Disclosure] = self.disclosures;
        Ok(all.get(index).map(|disclosure| (index, disclosure)))
    }
}
