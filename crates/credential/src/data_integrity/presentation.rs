use keys::{PublicKey, SigningKey};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::plain::{self, Expected, Options, Proof, Purpose, Suite, proofs};
use super::refused::{Unfit, holders};
use crate::did;
use crate::format::{MadeFor, Refused, Request};
use crate::json_ld::Contexts;
use crate::sd_jwt::KEY_BINDING_MAX_AGE;
use crate::vcdm::facts::{SUBJECT, key_inside};
use crate::vcdm::{Contained, Credential, Presentation, Version};

/// What a `bbs-2023` proof is bound to: the SHA-256 digest of three texts, each behind its length
/// in bytes as eight bytes, the most significant first. The texts are
/// `cairn:bbs-2023:openid4vp:1`, the client identifier with its prefix, and the nonce.
///
/// A proof carries its header. Who does not know this rule verifies the proof all the same, but not
/// for whom it was made.
pub fn derive_presentation_header(client_id: &str, nonce: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in ["cairn:bbs-2023:openid4vp:1", client_id, nonce] {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().into()
}

/// A credential by itself, or in a presentation with the holder's proof.
pub(super) struct Shown {
    pub(super) credential: Credential,
    presentation: Option<Presentation>,
}

impl Shown {
    /// Reads what stands in a `vp_token`.
    pub(super) fn read(value: &Value) -> Result<Self, Refused> {
        let Value::Object(object) = value else {
            return Err(Unfit::NotJson.refuse());
        };
        let is_type = |types: &Value| match types {
            Value::Array(types) => types.iter().any(|name| name == "VerifiablePresentation"),
            name => name == "VerifiablePresentation",
        };
        if !object.get("type").is_some_and(is_type) {
            return Ok(Self {
                credential: Credential::check(object.clone())?,
                presentation: None,
            });
        }
        let presentation = Presentation::check(object.clone())?;
        match presentation.credentials() {
            [Contained::Embedded(credential)] => Ok(Self {
                credential: credential.clone(),
                presentation: Some(presentation),
            }),
            _ => Err(Unfit::NotOneCredential.refuse()),
        }
    }

    /// Whom the holder's proof says that it was made for.
    pub(super) fn made_for(&self) -> Option<MadeFor> {
        let proof = self.holders_proof().ok()??;
        let [domain] = proof.said.domains.as_slice() else {
            return None;
        };
        Some(MadeFor {
            client_id: domain.clone(),
            nonce: proof.said.challenge?,
            at: proof.said.created?.seconds,
        })
    }

    fn holders_proof(&self) -> Result<Option<Proof>, Refused> {
        let Some(presentation) = &self.presentation else {
            return Ok(None);
        };
        match proofs(presentation.document()).map_err(holders)?.as_slice() {
            [proof] => Proof::parse(proof).map(Some).map_err(holders),
            _ => Err(Unfit::NoHolderProof.refuse()),
        }
    }

    /// Checks the holder's proof, by the key that the credential is bound to. True where there is
    /// one.
    pub(super) fn check_holder(
        &self,
        holder: Option<&PublicKey>,
        request: &Request<'_>,
        contexts: &Contexts,
    ) -> Result<bool, Refused> {
        let (Some(presentation), Some(proof)) = (&self.presentation, self.holders_proof()?) else {
            return Ok(false);
        };
        let (did, _) = did::split_url(&proof.verification_method);
        let same = presentation.holder().is_none_or(|holder| holder == did);
        let key = holder.filter(|holder| same && key_inside(did).as_ref() == Some(*holder));
        let key = key.ok_or_else(|| Unfit::NotTheHolder.refuse())?;
        let expected = Expected {
            purpose: Purpose::Authentication,
            challenge: Some(request.nonce),
            domain: Some(request.client_id),
            now: request.now,
        };
        let key = |url: &str| (url == proof.verification_method).then(|| key.clone());
        plain::verify(presentation.document(), 0, &key, &expected, contexts).map_err(holders)?;
        let oldest = request.now.saturating_sub(KEY_BINDING_MAX_AGE);
        match proof.said.created {
            Some(created) if created.seconds >= oldest => Ok(true),
            _ => Err(Unfit::ProofTime.refuse()),
        }
    }
}

/// A presentation of one credential, with the proof of its holder.
pub(super) fn bind(
    credential: Map<String, Value>,
    key: &SigningKey,
    request: &Request<'_>,
    contexts: &Contexts,
) -> Result<Value, Refused> {
    let credential = Credential::check(credential)?;
    let subject = credential.document().get(SUBJECT);
    let id = subject
        .and_then(|subject| subject.get("id"))
        .and_then(Value::as_str)
        .filter(|id| key_inside(id).as_ref() == Some(&key.public()))
        .ok_or_else(|| Unfit::NotTheHolder.refuse())?
        .to_owned();
    let url = match did::method(&id) {
        Some("key") => did::derive_did_key_url(&key.public()),
        _ => did::derive_did_jwk_url(&key.public()),
    };
    let url = url.map_err(|_| Unfit::NotTheHolder.refuse())?;
    // Terms of the older data model are not those of the newer one, and no proof is in it.
    let contexts_of_it = match credential.version() {
        Version::V2 => json!([Version::V2.context()]),
        Version::V1 => json!([
            Version::V1.context(),
            "https://w3id.org/security/data-integrity/v2"
        ]),
    };
    let mut document = Map::new();
    document.insert("@context".to_owned(), contexts_of_it);
    document.insert("type".to_owned(), json!(["VerifiablePresentation"]));
    document.insert("holder".to_owned(), id.into());
    let credential = Value::Object(credential.into_document());
    document.insert("verifiableCredential".to_owned(), json!([credential]));
    let suite = Suite::for_algorithm(key.algorithm());
    let options = Options {
        suite: suite.ok_or_else(|| Unfit::NotTheHolder.refuse())?,
        verification_method: &url,
        purpose: Purpose::Authentication,
        created: Some(request.now),
        challenge: Some(request.nonce),
        domain: Some(request.client_id),
    };
    let signed = plain::sign(&document, &options, key, contexts).map_err(holders)?;
    Ok(Value::Object(signed))
}
