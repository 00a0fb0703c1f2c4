use keys::{Algorithm, PublicKey};
use query::ClaimPath;
use serde_json::{Map, Value, json};

use super::plain::{self, Options, Purpose};
use super::refused::{Unfit, issuers};
use super::selective::{self, Pointer, guarded_pointers};
use crate::catalogue;
use crate::did::{self, Relationship};
use crate::format::{Draft, Fault, IssuerSecret, KeyName, Refused};
use crate::json_ld::Contexts;
use crate::vcdm::facts::{SUBJECT, to_entry};
use crate::vcdm::{Credential, Version, written};

/// Signs a credential of the catalogue, by the suite that the key and the draft call for:
///
/// | key | something may be hidden | suite |
/// |---|---|---|
/// | BBS | | `bbs-2023` |
/// | P-256 | yes | `ecdsa-sd-2023` |
/// | P-256 | no | `ecdsa-rdfc-2019` |
/// | Ed25519 | | `eddsa-rdfc-2022`, which hides nothing |
pub(super) fn issue(
    draft: &Draft<'_>,
    key: IssuerSecret<'_>,
    contexts: &Contexts,
) -> Result<String, Refused> {
    let KeyName::Id(url) = draft.key_name else {
        return Err(Unfit::Chain.refuse());
    };
    let document = unsigned(draft, issuer_of(draft, url)?)?;
    check_key(url, key)?;
    // More nodes than two stand in an order that is the card's own.
    if matches!(key, IssuerSecret::Bbs(_)) && draft.claims.values().any(is_nested) {
        return Err(Unfit::Nested.refuse());
    }
    let suite = match key {
        IssuerSecret::Bbs(_) => Some(selective::Suite::Bbs2023),
        IssuerSecret::Signing(key)
            if key.algorithm() == Algorithm::Es256 && !draft.conceal.is_empty() =>
        {
            Some(selective::Suite::EcdsaSd2023)
        }
        IssuerSecret::Signing(_) => None,
    };
    let signed = match (suite, key) {
        (None, IssuerSecret::Signing(key)) => {
            let suite = plain::Suite::for_algorithm(key.algorithm());
            let options = Options {
                suite: suite.ok_or_else(|| Unfit::NoProof.refuse())?,
                verification_method: url,
                purpose: Purpose::Assertion,
                created: Some(draft.issued_at),
                challenge: None,
                domain: None,
            };
            plain::sign(&document, &options, key, contexts).map_err(issuers)?
        }
        (Some(suite), key) => {
            // When a proof was made would tell apart what is meant to be the same.
            let created = match suite {
                selective::Suite::Bbs2023 => None,
                selective::Suite::EcdsaSd2023 => {
                    Some(written(draft.issued_at).ok_or_else(|| Unfit::Date.refuse())?)
                }
            };
            let config = selective::proof_options(suite, url, created.as_deref());
            let mandatory = mandatory(&document, draft.conceal);
            selective::sign_base(&document, &config, &mandatory, key, contexts)?
        }
        (None, IssuerSecret::Bbs(_)) => return Err(Unfit::NoProof.refuse()),
    };
    Ok(Value::Object(signed).to_string())
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(is_nested),
        _ => false,
    }
}

/// The issuer is the DID that the key belongs to.
fn issuer_of<'a>(draft: &Draft<'a>, url: &'a str) -> Result<&'a str, Refused> {
    let (did, _) = did::split_url(url);
    if did::method(did).is_none() {
        return Err(Unfit::NoDid.refuse());
    }
    match draft.issuer {
        Some(issuer) if issuer != did => Err(Unfit::OtherKey.refuse()),
        _ => Ok(did),
    }
}

/// Where the DID is made of a key, it must be this one. Other DIDs would have to be looked up.
fn check_key(url: &str, key: IssuerSecret<'_>) -> Result<(), Refused> {
    let Ok(document) = did::resolve_self_contained(did::split_url(url).0) else {
        return Ok(());
    };
    let public = match key {
        IssuerSecret::Signing(key) => key.public(),
        IssuerSecret::Bbs(key) => PublicKey::Bls12381G2(key.public()),
    };
    match document.key(url, Relationship::Assertion) {
        Ok(named) if named == public => Ok(()),
        _ => Err(Unfit::OtherKey.refuse()),
    }
}

/// The credential without a proof, which must keep the rules of the data model.
pub(crate) fn unsigned(draft: &Draft<'_>, issuer: &str) -> Result<Map<String, Value>, Refused> {
    let entry = catalogue::by_type_id(draft.type_id).ok_or_else(|| Unfit::NoContext.refuse())?;
    let date = |time| written(time).ok_or_else(|| Unfit::Date.refuse());
    let mut document = Map::new();
    let mut insert = |name: &str, value: Value| document.insert(name.to_owned(), value);
    insert("@context", json!([Version::V2.context(), entry.context_id]));
    insert("type", json!(["VerifiableCredential", entry.name]));
    insert("issuer", issuer.into());
    let from = draft.valid_from.unwrap_or(draft.issued_at);
    insert("validFrom", date(from)?.into());
    if let Some(until) = draft.valid_until {
        insert("validUntil", date(until)?.into());
    }
    let entries = draft.status.iter().map(to_entry);
    let entries: Option<Vec<Value>> = entries.collect();
    match entries.ok_or_else(|| Unfit::Status.refuse())?.as_slice() {
        [] => None,
        [one] => insert("credentialStatus", one.clone()),
        many => insert("credentialStatus", many.into()),
    };
    let mut subject = Map::new();
    if let Some(holder) = draft.holder {
        let did =
            did::derive_did_key(holder).map_err(|error| Refused::new(Fault::Unsupported, error))?;
        subject.insert("id".to_owned(), did.into());
    }
    for (name, value) in draft.claims {
        subject.entry(name.clone()).or_insert_with(|| value.clone());
    }
    insert(SUBJECT, subject.into());
    Ok(Credential::check(document)?.into_document())
}

/// What every presentation shows: what limits the credential, whose it is, and what is not to be
/// concealed.
fn mandatory(document: &Map<String, Value>, conceal: &[ClaimPath]) -> Vec<Pointer> {
    let mut pointers = guarded_pointers(document);
    pointers.extend(super::reveal::binding(document));
    if let Some(Value::Object(subject)) = document.get(SUBJECT) {
        for (name, value) in subject.iter().filter(|(name, _)| *name != "id") {
            descend(&mut vec![name.clone()], value, conceal, &mut pointers);
        }
    }
    pointers
}

/// Everything that no path to be concealed covers, as few pointers as say it.
fn descend(
    at: &mut Vec<String>,
    value: &Value,
    conceal: &[ClaimPath],
    pointers: &mut Vec<Pointer>,
) {
    use query::Segment;
    let reaches = |path: &ClaimPath, count: usize| {
        let segments = path.segments().iter().take(count);
        segments
            .zip(at.iter())
            .all(|(segment, token)| match segment {
                Segment::Name(name) => name == token,
                Segment::Index(index) => index.to_string() == *token,
                Segment::All => true,
            })
    };
    let depth = at.len();
    let length = |path: &ClaimPath| path.segments().len();
    if conceal
        .iter()
        .any(|path| length(path) <= depth && reaches(path, length(path)))
    {
        return;
    }
    let below = conceal
        .iter()
        .any(|path| length(path) > depth && reaches(path, depth));
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) if below => members
            .iter()
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        Value::Array(items) if below => items
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => {
            let escaped = at
                .iter()
                .map(|token| token.replace('~', "~0").replace('/', "~1"));
            let text: String = escaped.map(|token| format!("/{token}")).collect();
            pointers.extend(Pointer::parse(&format!("/{SUBJECT}{text}")));
            return;
        }
    };
    for (token, value) in children {
        at.push(token);
        descend(at, value, conceal, pointers);
        at.pop();
    }
}
