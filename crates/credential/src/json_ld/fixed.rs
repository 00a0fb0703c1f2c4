use serde_json::{Map, Value};

use super::{Contexts, JsonLdError, hash_lines};
use crate::rdf::nquads::sorted_lines;
use crate::rdf::{Literal, Quad, Term};

/// The context that defines what a proof's members mean, and protects it.
const CREDENTIALS_V2: &str = "https://www.w3.org/ns/credentials/v2";
const SECURITY: &str = "https://w3id.org/security#";
const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const XSD_DATE_TIME: &str = "http://www.w3.org/2001/XMLSchema#dateTime";

/// The hash of a proof's configuration, without the algorithms of JSON-LD, where it has nothing
/// but the usual members under a context that begins with that of VCDM 2.0: half of the work of
/// verifying a proof is saved. `None` where the general algorithms are needed.
///
/// The terms of the first context are protected, so that no later one changes them without being
/// refused: the contexts are processed here too.
pub(crate) fn fixed_proof_hash(
    config: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Option<[u8; 32]>, JsonLdError> {
    let Some([first, later @ ..]) = config
        .get("@context")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    else {
        return Ok(None);
    };
    if first != CREDENTIALS_V2 || !later.iter().all(Value::is_string) {
        return Ok(None);
    }
    let processed = contexts.process(config)?;
    let mut quads = Vec::new();
    let mut names = 0;
    for (name, value) in config {
        let Value::String(text) = value else {
            if name == "@context" {
                continue;
            }
            return Ok(None);
        };
        names += 1;
        let typed = |datatype: String| {
            Term::Literal(Literal {
                value: text.clone(),
                datatype,
                language: None,
            })
        };
        let (predicate, object) = match name.as_str() {
            "type" if text == "DataIntegrityProof" => {
                let class = format!("{SECURITY}DataIntegrityProof");
                (RDF_TYPE.to_owned(), Term::Iri(class))
            }
            "cryptosuite" => {
                let datatype = format!("{SECURITY}cryptosuiteString");
                (format!("{SECURITY}cryptosuite"), typed(datatype))
            }
            "created" => {
                let predicate = "http://purl.org/dc/terms/created".to_owned();
                (predicate, typed(XSD_DATE_TIME.to_owned()))
            }
            "proofPurpose" if text == "assertionMethod" => {
                let purpose = format!("{SECURITY}assertionMethod");
                (format!("{SECURITY}proofPurpose"), Term::Iri(purpose))
            }
            "verificationMethod" => {
                let scheme = text.split_once(':').map(|(scheme, _)| scheme);
                let is_plain = scheme.is_some_and(|scheme| {
                    ["did", "http", "https", "urn"].contains(&scheme)
                        && !processed.processed().contains_term(scheme)
                }) && iref::Iri::new(text.as_str()).is_ok();
                if !is_plain {
                    return Ok(None);
                }
                let predicate = format!("{SECURITY}verificationMethod");
                (predicate, Term::Iri(text.clone()))
            }
            _ => return Ok(None),
        };
        quads.push(Quad {
            subject: Term::Blank("c14n0".to_owned()),
            predicate,
            object,
            graph: None,
        });
    }
    // A configuration without a type has other terms.
    if names == 0 || !config.contains_key("type") {
        return Ok(None);
    }
    Ok(Some(hash_lines(&sorted_lines(&quads, |label| label))))
}
