//! The proof's configuration: all of a proof but its value (VC DI ECDSA §3.5.5, VC DI BBS §3.4.4).

use serde_json::{Map, Value};

use super::{SelectiveError, Suite};
use crate::json_ld::{Contexts, JsonLdError, canonical_hash, fixed_proof_hash};

/// A credential taken apart.
pub(super) struct Secured {
    /// The credential without its proofs.
    pub(super) document: Map<String, Value>,
    /// The selective proof, without its value.
    pub(super) config: Map<String, Value>,
    /// The proof's value.
    pub(super) value: String,
    pub(super) suite: Suite,
}

/// The configuration of a proof by these suites. `created` is an XML Schema date and time; a
/// `bbs-2023` credential that shall not be recognized has none, or a coarse one.
pub fn proof_options(
    suite: Suite,
    verification_method: &str,
    created: Option<&str>,
) -> Map<String, Value> {
    let mut options = Map::new();
    let mut insert = |name: &str, value: &str| options.insert(name.to_owned(), value.into());
    insert("type", "DataIntegrityProof");
    insert("cryptosuite", suite.name());
    if let Some(created) = created {
        insert("created", created);
    }
    insert("verificationMethod", verification_method);
    insert("proofPurpose", "assertionMethod");
    options
}

impl Secured {
    /// Takes the one selective proof; other proofs are over the whole credential and do not
    /// outlive the choice of a part.
    pub(super) fn split(credential: &Map<String, Value>) -> Result<Self, SelectiveError> {
        let mut document = credential.clone();
        let proofs = match document.remove("proof") {
            Some(Value::Array(proofs)) => proofs,
            Some(proof) => vec![proof],
            None => Vec::new(),
        };
        let mut selective = proofs.into_iter().filter_map(|proof| match proof {
            Value::Object(proof) => Some((check(&proof).ok()?, proof)),
            _ => None,
        });
        let (Some((suite, mut config)), None) = (selective.next(), selective.next()) else {
            return Err(SelectiveError::NoProof);
        };
        let Some(Value::String(value)) = config.remove("proofValue") else {
            return Err(SelectiveError::Configuration("proofValue"));
        };
        Ok(Self {
            document,
            config,
            value,
            suite,
        })
    }

    /// The digest of the configuration, under the document's context.
    pub(super) fn config_hash(&self, contexts: &Contexts) -> Result<[u8; 32], SelectiveError> {
        config_hash(&self.document, &self.config, contexts)
    }

    /// The document with the proof, which has this value.
    pub(super) fn join(
        mut document: Map<String, Value>,
        mut config: Map<String, Value>,
        value: String,
    ) -> Map<String, Value> {
        config.remove("@context");
        config.insert("proofValue".to_owned(), Value::String(value));
        document.insert("proof".to_owned(), Value::Object(config));
        document
    }
}

/// Checks a configuration and tells its suite.
pub(super) fn check(config: &Map<String, Value>) -> Result<Suite, SelectiveError> {
    let text = |name: &'static str| {
        config
            .get(name)
            .and_then(Value::as_str)
            .ok_or(SelectiveError::Configuration(name))
    };
    if text("type")? != "DataIntegrityProof" {
        return Err(SelectiveError::Configuration("type"));
    }
    let suite = Suite::from_name(text("cryptosuite")?)
        .ok_or(SelectiveError::Configuration("cryptosuite"))?;
    text("verificationMethod")?;
    if text("proofPurpose")? != "assertionMethod" {
        return Err(SelectiveError::Configuration("proofPurpose"));
    }
    if config.contains_key("previousProof") {
        return Err(SelectiveError::Configuration("previousProof"));
    }
    Ok(suite)
}

/// The digest of the canonical configuration, under the document's context.
pub(super) fn config_hash(
    document: &Map<String, Value>,
    config: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<[u8; 32], SelectiveError> {
    let mut config = config.clone();
    match document.get("@context") {
        Some(context) => config.insert("@context".to_owned(), context.clone()),
        None => return Err(JsonLdError::Context.into()),
    };
    Ok(match fixed_proof_hash(&config, contexts)? {
        Some(hash) => hash,
        None => canonical_hash(&config, contexts)?,
    })
}
