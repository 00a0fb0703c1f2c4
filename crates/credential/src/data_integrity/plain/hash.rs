use keys::Algorithm;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384};

use super::{ProofError, Suite};
use crate::json_ld::{Contexts, canonize_with, check_bounds};

/// What a suite signs: the digest of the proof's configuration, then that of the document
/// (VC DI EdDSA §3.2.4 and §3.3.4, VC DI ECDSA §3.2.4 and §3.3.4). A key of P-384 has SHA-384
/// wherever there is SHA-256 for others: 96 bytes, otherwise 64.
///
/// The document is without `proof`, or in a chain with the proofs that this one vouches for. The
/// configuration is the proof without its value.
pub fn hash_data(
    suite: Suite,
    algorithm: Algorithm,
    document: &Map<String, Value>,
    config: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Vec<u8>, ProofError> {
    match algorithm {
        Algorithm::Es384 => hash_with::<Sha384>(suite, document, config, contexts),
        _ => hash_with::<Sha256>(suite, document, config, contexts),
    }
}

fn hash_with<H: Digest>(
    suite: Suite,
    document: &Map<String, Value>,
    config: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Vec<u8>, ProofError> {
    let (config, document) = match suite.is_jcs() {
        true => json(document, config)?,
        false => statements::<H>(document, config, contexts)?,
    };
    Ok([H::digest(config), H::digest(document)].concat())
}

/// The configuration is read under the document's context.
fn statements<H: Digest>(
    document: &Map<String, Value>,
    config: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<(Vec<u8>, Vec<u8>), ProofError> {
    let mut config = config.clone();
    match document.get("@context") {
        Some(context) => config.insert("@context".to_owned(), context.clone()),
        None => return Err(ProofError::Context),
    };
    let lines = |object| canonize_with::<H>(object, contexts).map(|lines| lines.concat());
    Ok((lines(&config)?.into_bytes(), lines(document)?.into_bytes()))
}

/// The configuration has the context that the document had when it was signed; contexts that were
/// put after it since then are not signed (VC DI EdDSA §3.3.2).
fn json(
    document: &Map<String, Value>,
    config: &Map<String, Value>,
) -> Result<(Vec<u8>, Vec<u8>), ProofError> {
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
    Ok((canonical(config)?, signed))
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
