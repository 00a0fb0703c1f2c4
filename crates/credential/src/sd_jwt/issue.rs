use std::collections::BTreeSet;

use keys::x509::Certificate;
use keys::{PublicKey, SigningKey, jws};
use query::{ClaimPath, Segment};
use rand::Rng as _;
use rand::rngs::OsRng;
use serde_json::{Map, Value, json};

use super::disclosure::{Disclosure, ELLIPSIS, SD, SD_ALG, is_reserved};
use super::verify::ALWAYS_VISIBLE;
use super::{FORMAT, HashAlgorithm, IssueError, MAX_BYTES, MAX_DEPTH, MAX_DISCLOSURES};

/// What the header says about the issuer's key.
#[derive(Clone, Copy)]
pub enum IssuerHeader<'a> {
    /// `x5c`: the chain, leaf first, without the root.
    X5c(&'a [Certificate]),
    /// `kid`: a DID URL, or the name of a key in the issuer's metadata.
    Kid(&'a str),
}

/// A credential to be issued.
///
/// ```text
/// Template { claims: {"vct": …, "given_name": "Ada"}, conceal: [["given_name"]], .. }
/// ```
pub struct Template<'a> {
    /// All claims in the clear, `vct` and the other registered ones included; without `cnf`
    /// where `holder` is set.
    pub claims: &'a Map<String, Value>,
    /// What becomes selectively disclosable. `null` stands for every element of an array. A
    /// path below another one makes a recursive disclosure.
    pub conceal: &'a [ClaimPath],
    /// The key that the credential is bound to, as `cnf.jwk`.
    pub holder: Option<&'a PublicKey>,
    /// `_sd_alg`.
    pub hash: HashAlgorithm,
    /// Decoy digests beside the real ones of each object or array that conceals something
    /// (RFC 9901 §4.2.5).
    pub decoys: usize,
}

impl Template<'_> {
    /// Signs the credential; each call makes new salts and decoys. `_sd` is sorted, so that
    /// its order says nothing (RFC 9901 §4.2.4.1).
    pub fn issue(&self, header: IssuerHeader<'_>, key: &SigningKey) -> Result<String, IssueError> {
        let mut claims = self.claims.clone();
        if let Some(holder) = self.holder {
            claims.insert("cnf".to_owned(), json!({"jwk": holder.to_jwk()}));
        }
        check_claims(&claims)?;
        let claims = Value::Object(claims);
        let mut concealing = Concealing {
            paths: self.concrete_paths(&claims)?,
            hash: self.hash,
            decoys: self.decoys,
            disclosures: Vec::new(),
        };
        let mut payload = concealing.apply(claims, &mut Vec::new());
        let disclosures = concealing.disclosures;
        if disclosures.len() > MAX_DISCLOSURES {
            return Err(IssueError::TooLarge);
        }
        if let (false, Some(object)) = (disclosures.is_empty(), payload.as_object_mut()) {
            object.insert(SD_ALG.to_owned(), self.hash.name().into());
        }
        let mut text = jws::sign_claims(FORMAT, header.to_members(), &payload, key);
        text.push('~');
        for disclosure in &disclosures {
            text.push_str(disclosure.encoded());
            text.push('~');
        }
        if text.len() > MAX_BYTES {
            return Err(IssueError::TooLarge);
        }
        Ok(text)
    }

    fn concrete_paths(&self, claims: &Value) -> Result<BTreeSet<Vec<Segment>>, IssueError> {
        let mut paths = BTreeSet::new();
        for path in self.conceal {
            if let Some(claim) = ALWAYS_VISIBLE
                .iter()
                .find(|claim| path.root() == Some(**claim))
            {
                return Err(IssueError::MustBeVisible { claim });
            }
            let selected = path.select(claims).map_err(|_| IssueError::NoSuchClaim)?;
            paths.extend(selected.iter().map(|(at, _)| at.segments().to_vec()));
        }
        Ok(paths)
    }
}

impl IssuerHeader<'_> {
    fn to_members(self) -> Map<String, Value> {
        let (name, value) = match self {
            Self::X5c(chain) => ("x5c", chain.iter().map(Certificate::to_x5c).collect()),
            Self::Kid(kid) => ("kid", Value::from(kid)),
        };
        Map::from_iter([(name.to_owned(), value)])
    }
}

struct Concealing {
    paths: BTreeSet<Vec<Segment>>,
    hash: HashAlgorithm,
    decoys: usize,
    disclosures: Vec<Disclosure>,
}

impl Concealing {
    /// Works from the leaves up, so that a disclosure holds the digests of those below it.
    fn apply(&mut self, value: Value, at: &mut Vec<Segment>) -> Value {
        match value {
            Value::Object(object) => self.object(object, at).into(),
            Value::Array(elements) => self.array(elements, at).into(),
            scalar => scalar,
        }
    }

    fn object(&mut self, object: Map<String, Value>, at: &mut Vec<Segment>) -> Map<String, Value> {
        let mut visible = Map::new();
        let mut digests = Vec::new();
        for (name, value) in object {
            at.push(Segment::Name(name.clone()));
            let value = self.apply(value, at);
            if self.paths.contains(at.as_slice()) {
                digests.push(self.disclose(Some(name), value));
            } else {
                visible.insert(name, value);
            }
            at.pop();
        }
        if !digests.is_empty() {
            digests.extend((0..self.decoys).map(|_| self.hash.make_decoy()));
            digests.sort_unstable();
            visible.insert(SD.to_owned(), digests.into());
        }
        visible
    }

    fn array(&mut self, elements: Vec<Value>, at: &mut Vec<Segment>) -> Vec<Value> {
        let mut result = Vec::with_capacity(elements.len());
        let mut concealed = false;
        for (index, value) in elements.into_iter().enumerate() {
            at.push(Segment::Index(index));
            let value = self.apply(value, at);
            if self.paths.contains(at.as_slice()) {
                concealed = true;
                result.push(json!({ELLIPSIS: self.disclose(None, value)}));
            } else {
                result.push(value);
            }
            at.pop();
        }
        if concealed {
            for _ in 0..self.decoys {
                let place = OsRng.gen_range(0..=result.len());
                result.insert(place, json!({ELLIPSIS: self.hash.make_decoy()}));
            }
        }
        result
    }

    fn disclose(&mut self, name: Option<String>, value: Value) -> String {
        let disclosure = Disclosure::make(name, value);
        let digest = self.hash.derive_digest(disclosure.encoded());
        self.disclosures.push(disclosure);
        digest
    }
}

fn check_claims(claims: &Map<String, Value>) -> Result<(), IssueError> {
    if claims.contains_key(SD_ALG) {
        return Err(IssueError::ReservedName);
    }
    match claims.get("vct") {
        Some(Value::String(vct)) if !vct.is_empty() => {}
        _ => return Err(IssueError::NoVct),
    }
    claims
        .iter()
        .try_for_each(|(name, value)| check(name, value, 1))
}

fn check(name: &str, value: &Value, depth: usize) -> Result<(), IssueError> {
    if is_reserved(name) {
        return Err(IssueError::ReservedName);
    }
    // An array element that is concealed becomes one level deeper.
    if depth >= MAX_DEPTH || name.len() > query::MAX_NAME {
        return Err(IssueError::TooDeep);
    }
    let below = depth.saturating_add(1);
    match value {
        Value::Object(object) => object
            .iter()
            .try_for_each(|(name, value)| check(name, value, below)),
        Value::Array(elements) => elements
            .iter()
            .try_for_each(|value| check("", value, below)),
        _ => Ok(()),
    }
}
