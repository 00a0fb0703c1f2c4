use keys::{SigningKey, UnixTime, b64};
use serde_json::{Map, Value, json};

use super::{ProofError, Purpose, Suite, hash_data};
use crate::json_ld::Contexts;
use crate::vcdm::written;

/// What a proof says of itself.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The suite, which must be the key's.
    pub suite: Suite,
    /// The DID URL of the key.
    pub verification_method: &'a str,
    /// What it is made for.
    pub purpose: Purpose,
    /// When it is made.
    pub created: Option<UnixTime>,
    /// What it answers.
    pub challenge: Option<&'a str>,
    /// Whom it is for.
    pub domain: Option<&'a str>,
}

/// Adds a proof to a document, beside those that it has.
pub fn sign(
    document: &Map<String, Value>,
    options: &Options<'_>,
    key: &SigningKey,
    contexts: &Contexts,
) -> Result<Map<String, Value>, ProofError> {
    let suite = options.suite;
    if !suite.takes(key.algorithm()) {
        return Err(ProofError::Key);
    }
    let mut document = document.clone();
    let mut others = match document.remove("proof") {
        None => Vec::new(),
        Some(Value::Array(proofs)) => proofs,
        Some(proof) => vec![proof],
    };
    let mut proof = config(options)?;
    if suite.is_jcs()
        && let Some(context) = document.get("@context")
    {
        proof.insert("@context".to_owned(), context.clone());
    }
    let hash = hash_data(suite, key.algorithm(), &document, &proof, contexts)?;
    let value = match suite {
        Suite::JsonWebSignature2020 => detached_jws(&hash, key),
        _ => format!("z{}", bs58::encode(key.sign(&hash)).into_string()),
    };
    proof.insert(suite.value_member().to_owned(), value.into());
    let all = match others.is_empty() {
        true => Value::Object(proof),
        false => {
            others.push(Value::Object(proof));
            Value::Array(others)
        }
    };
    document.insert("proof".to_owned(), all);
    Ok(document)
}

fn config(options: &Options<'_>) -> Result<Map<String, Value>, ProofError> {
    let mut config = Map::new();
    let mut insert = |name: &str, value: &str| config.insert(name.to_owned(), value.into());
    let name = options.suite.name();
    if options.suite.is_older() {
        insert("type", name);
    } else {
        insert("type", "DataIntegrityProof");
        insert("cryptosuite", name);
    }
    if let Some(created) = options.created {
        let created = written(created).ok_or(ProofError::Member("created"))?;
        insert("created", &created);
    }
    insert("verificationMethod", options.verification_method);
    insert("proofPurpose", options.purpose.name());
    if let Some(challenge) = options.challenge {
        insert("challenge", challenge);
    }
    if let Some(domain) = options.domain {
        insert("domain", domain);
    }
    Ok(config)
}

/// A JWS whose payload is not in it and not encoded (RFC 7797).
fn detached_jws(payload: &[u8], key: &SigningKey) -> String {
    let header = json!({"alg": key.algorithm().name(), "b64": false, "crit": ["b64"]});
    let header = b64::encode(header.to_string());
    let input = [header.as_bytes(), b".", payload].concat();
    format!("{header}..{}", b64::encode(key.sign(&input)))
}
