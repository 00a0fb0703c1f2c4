//! What W3C credentials say, in terms that every format shares.

use keys::PublicKey;
use query::{ClaimPath, Segment};
use serde_json::{Map, Value};

use super::Credential;
use crate::did::{self, Relationship};
use crate::format::{Facts, Fault, Refused, below};
use crate::json_ld::{Contexts, JsonLdError, to_quads};
use crate::rdf::Term;
use crate::status::StatusRef;

/// Where the claims about the subject are.
pub(crate) const SUBJECT: &str = "credentialSubject";
/// What belongs to a subject itself and is no claim about it.
const OF_THE_NODE: [&str; 4] = ["id", "type", "@id", "@type"];

/// A `credentialStatus` that nobody here can look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StatusError {
    /// An entry of a known kind lacks something.
    #[error("the credential's status is malformed")]
    Malformed,
    /// Another kind than a list of bits.
    #[error("the credential's status is of a kind that is not supported")]
    Kind,
}

/// The facts that the document alone tells.
pub(crate) fn facts(credential: &Credential, contexts: &Contexts) -> Result<Facts, Refused> {
    let types = types(credential, contexts).map_err(refuse_json_ld)?;
    let mut claims = credential.document().clone();
    claims.remove("proof");
    let paths = paths(&claims).into_iter().map(|path| (path, false));
    Ok(Facts {
        type_id: most_specific(credential, &types, contexts).map_err(refuse_json_ld)?,
        types,
        issuer: Some(credential.issuer().to_owned()),
        holder: holder(credential),
        holder_proven: false,
        unlinkable: false,
        issued_at: None,
        valid_from: credential.valid_from().map(|moment| moment.seconds),
        valid_until: credential.valid_until().map(|moment| moment.seconds),
        status: statuses(credential)?,
        paths: paths.collect(),
        claims,
    })
}

/// The type that names the claims: the catalogue's, else the last that the credential names.
pub(crate) fn type_id(credential: &Credential, contexts: &Contexts) -> Result<String, Refused> {
    let types = types(credential, contexts).map_err(refuse_json_ld)?;
    most_specific(credential, &types, contexts).map_err(refuse_json_ld)
}

/// What JSON-LD refuses.
pub(crate) fn refuse_json_ld(error: JsonLdError) -> Refused {
    let fault = match error {
        JsonLdError::UnknownContext => Fault::Unsupported,
        _ => Fault::Malformed,
    };
    Refused::new(fault, error)
}

/// Refuses what is no JSON-LD by the contexts that it names, such as a term that none defines or
/// that one defines anew, of a credential whose signature does not depend on that.
pub(crate) fn require_json_ld(credential: &Credential, contexts: &Contexts) -> Result<(), Refused> {
    let mut document = credential.document().clone();
    document.remove("proof");
    to_quads(&document, contexts)
        .map(drop)
        .map_err(refuse_json_ld)
}

fn most_specific(
    credential: &Credential,
    types: &[String],
    contexts: &Contexts,
) -> Result<String, JsonLdError> {
    let known = |iri: &&String| crate::catalogue::by_vct(iri).is_some();
    if let Some(iri) = types.iter().find(known) {
        return Ok(iri.clone());
    }
    let terms = credential.types();
    let specific = terms
        .iter()
        .rev()
        .find(|term| **term != "VerifiableCredential");
    let term = specific.copied().unwrap_or("VerifiableCredential");
    let iris = expand(credential, term.into(), contexts)?;
    iris.into_iter().next().ok_or(JsonLdError::Identifier)
}

/// The types as IRIs, in no particular order.
fn types(credential: &Credential, contexts: &Contexts) -> Result<Vec<String>, JsonLdError> {
    let types: Vec<Value> = credential.types().into_iter().map(Value::from).collect();
    expand(credential, types.into(), contexts)
}

/// Type terms by the credential's contexts. Whatever else stands in the credential does not change
/// what they mean.
fn expand(
    credential: &Credential,
    types: Value,
    contexts: &Contexts,
) -> Result<Vec<String>, JsonLdError> {
    let mut document = Map::new();
    if let Some(context) = credential.document().get("@context") {
        document.insert("@context".to_owned(), context.clone());
    }
    document.insert("type".to_owned(), types);
    let iris = to_quads(&document, contexts)?;
    let iris = iris.into_iter().filter_map(|quad| match quad.object {
        Term::Iri(iri) => Some(iri),
        _ => None,
    });
    Ok(iris.collect())
}

/// The key of the only subject, where its identifier holds one that can sign.
fn holder(credential: &Credential) -> Option<PublicKey> {
    match credential.subjects().as_slice() {
        [subject] => key_inside(subject.get("id")?.as_str()?),
        _ => None,
    }
}

/// The key that a `did:key` or a `did:jwk` is made of.
pub(crate) fn key_inside(id: &str) -> Option<PublicKey> {
    let document = did::resolve_self_contained(id).ok()?;
    document.key(id, Relationship::Authentication).ok()
}

/// Where the status is published: entries of a Bitstring Status List, or of what it was before.
fn statuses(credential: &Credential) -> Result<Vec<StatusRef>, Refused> {
    let refused = |error: StatusError| match error {
        StatusError::Malformed => Refused::new(Fault::Malformed, error),
        StatusError::Kind => Refused::new(Fault::Unsupported, error),
    };
    let statuses = credential.statuses();
    let entries = statuses
        .into_iter()
        .map(|entry| status(entry).map_err(refused));
    entries.collect()
}

fn status(entry: &Map<String, Value>) -> Result<StatusRef, StatusError> {
    let kind = entry.get("type").and_then(|kind| match kind {
        Value::Array(kinds) => kinds.first()?.as_str(),
        kind => kind.as_str(),
    });
    if !matches!(
        kind,
        Some("BitstringStatusListEntry" | "StatusList2021Entry")
    ) {
        return Err(StatusError::Kind);
    }
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    // The specification asks for text, and some write numbers.
    let number = |name: &str| match entry.get(name)? {
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        value => value.as_u64(),
    };
    let size = match entry.get("statusSize") {
        None => Some(1),
        Some(_) => number("statusSize").and_then(|size| u8::try_from(size).ok()),
    };
    Ok(StatusRef::Bitstring {
        list: text("statusListCredential")
            .ok_or(StatusError::Malformed)?
            .to_owned(),
        index: number("statusListIndex").ok_or(StatusError::Malformed)?,
        purpose: text("statusPurpose")
            .ok_or(StatusError::Malformed)?
            .to_owned(),
        size: size
            .filter(|size| *size > 0)
            .ok_or(StatusError::Malformed)?,
    })
}

/// An entry of a list as a credential names it. It has no identifier: a subject of its own would
/// be one more thing to recognize the credential by.
pub(crate) fn to_entry(status: &StatusRef) -> Option<Value> {
    let StatusRef::Bitstring {
        list,
        index,
        purpose,
        size,
    } = status
    else {
        return None;
    };
    let mut entry = Map::new();
    entry.insert("type".to_owned(), "BitstringStatusListEntry".into());
    entry.insert("statusPurpose".to_owned(), purpose.as_str().into());
    entry.insert("statusListIndex".to_owned(), index.to_string().into());
    entry.insert("statusListCredential".to_owned(), list.as_str().into());
    if *size != 1 {
        entry.insert("statusSize".to_owned(), (*size).into());
    }
    Some(entry.into())
}

/// The paths of all values of a document, parents first.
fn paths(document: &Map<String, Value>) -> Vec<ClaimPath> {
    let mut found = Vec::new();
    for (name, value) in document {
        descend(&mut vec![Segment::Name(name.clone())], value, &mut found);
    }
    found
}

fn descend(at: &mut Vec<Segment>, value: &Value, found: &mut Vec<ClaimPath>) {
    let Ok(path) = ClaimPath::new(at.clone()) else {
        return;
    };
    found.push(path);
    for (segment, value) in below(value) {
        at.push(segment);
        descend(at, value, found);
        at.pop();
    }
}

/// A path below `credentialSubject`, without it.
pub(crate) fn in_words_of_type(path: &ClaimPath) -> Option<ClaimPath> {
    let (first, rest) = path.segments().split_first()?;
    if *first != Segment::Name(SUBJECT.to_owned()) {
        return None;
    }
    let rest = match rest {
        [Segment::Index(_) | Segment::All, rest @ ..] => rest,
        rest => rest,
    };
    match rest.first()? {
        Segment::Name(name) if !OF_THE_NODE.contains(&name.as_str()) => {
            ClaimPath::new(rest.to_vec()).ok()
        }
        _ => None,
    }
}
