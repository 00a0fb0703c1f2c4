use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{ProofError, Suite};
use crate::json_ld::{Contexts, canonical_hash, check_bounds};

/// What a suite signs: the digest of the proof's configuration, then that of the document
/// (VC DI EdDSA §3.2.4 and §3.3.4, VC DI ECDSA §3.2.4 and §3.3.4).
///
/// The document is without `proof`, or in a chain with the proofs that this one vouches for. The
/// configuration is the proof without its value.
pub fn hash_data(
    suite: Suite,
    document: &Map<String, Value>,
    config: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<[u8; 64], ProofError> {
    let (config, document) = match suite.is_jcs() {
        true => hash_json(document, config)?,
        false => hash_statements(document, config, contexts)?,
    };
    let mut both = [0; 64];
    for (byte, from) in both.iter_mut().zip(config.iter().chain(&document)) {
        *byte = *from;
    }
    Ok(both)
}

/// The configuration is read under the document's context.
fn hash_statements(
    document: &Map<String, Value>,
    config: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<([u8; 32], [u8; 32]), ProofError> {
    let mut config = config.clone();
    match document.get("@context") {
        Some(context) => config.insert("@context".to_owned(), context.clone()),
        None => return Err(ProofError::Context),
    };
    Ok((
        canonical_hash(&config, contexts)?,
        canonical_hash(document, contexts)?,
    ))
}

/// The configuration has the context that the document had when it was signed; contexts that were
/// put after it since then are not signed (VC DI EdDSA §3.3.2).
fn hash_json(
    document: &Map<String, Value>,
    config: &Map<String, Value>,
) -> Result<([u8; 32], [u8; 32]), ProofError> {
    let signed = match config.get("@context") {
        None => canonical(document)?,
        Some(context) => {
            let found = document.get("@context").ok_or(ProofError::Context)?;
            if !list(found).starts_with(list(context)) {
                return Err(ProofError::Context);
            }
            let mut document = document.clone();
            document.insert("@context".to_owned(), context.clone());
            canonical(&document)?
        }
    };
    Ok((
        Sha256::digest(canonical(config)?).into(),
        Sha256::digest(signed).into(),
    ))
}

fn list(context: &Value) -> &[Value] {
    match context {
        Value::Array(items) => items,
        single => std::slice::from_ref(single),
    }
}

/// RFC 8785, for what RFC 7493 lets every program read alike.
pub(super) fn canonical(object: &Map<String, Value>) -> Result<Vec<u8>, ProofError> {
    check_bounds(object)?;
    serde_json_canonicalizer::to_vec(object).map_err(|_| ProofError::Canonical)
}
