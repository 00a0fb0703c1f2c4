//! Checking a key proof (OpenID4VCI 1.0 appendix F.1, F.4).

use credential::did::{self, DidError, Relationship};
use keys::jws::{self, JwsError};
use keys::{Algorithm, KeyError, PublicKey, UnixTime};
use serde_json::Value;

use crate::issuance::PROOF_TYPE;

/// How old or how far ahead a proof may be, in seconds.
const MAX_AGE: UnixTime = 300;

/// Why a key proof was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Not a JWS of the right type, or its signature is wrong.
    #[error("the proof is malformed: {0}")]
    Jws(#[from] JwsError),
    /// Not exactly one of `jwk` and `kid`.
    #[error("the proof must name its key by either `jwk` or `kid`")]
    KeyName,
    /// The key is not acceptable.
    #[error("the key of the proof is not acceptable: {0}")]
    Key(#[from] KeyError),
    /// `kid` is not a DID URL that can be read.
    #[error("the key of the proof is not named by an acceptable DID: {0}")]
    Did(#[from] DidError),
    /// Made for another issuer.
    #[error("the proof is for another issuer")]
    Audience,
    /// `iat` is missing, too old or in the future.
    #[error("the proof is not of this moment")]
    Time,
    /// `nonce` is missing.
    #[error("the proof has no nonce")]
    NoNonce,
}

/// A key that a wallet has shown to hold. Whether the nonce is a good one is still open.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The key.
    pub key: PublicKey,
    /// The nonce that the proof was made for.
    pub nonce: String,
}

/// Checks a proof made for `issuer`.
pub fn verify_proof(proof: &str, issuer: &str, now: UnixTime) -> Result<Proven, ProofError> {
    let jws = jws::Unverified::parse(proof)?;
    jws.require_type(PROOF_TYPE)?;
    let key = match (jws.header.get("jwk"), jws.header.get("kid")) {
        (Some(jwk), None) => PublicKey::from_jwk(jwk)?,
        (None, Some(Value::String(kid))) => did::resolve_self_contained(did::split_url(kid).0)?
            .key(kid, Relationship::Authentication)?,
        _ => return Err(ProofError::KeyName),
    };
    if jws.header.contains_key("x5c") {
        return Err(ProofError::KeyName);
    }
    if !Algorithm::OF_WALLETS.contains(&jws.algorithm()) {
        return Err(JwsError::Algorithm.into());
    }
    let claims = jws.verify(&key)?.claims()?;
    let addressed = match claims.get("aud") {
        Some(Value::String(audience)) => audience == issuer,
        Some(Value::Array(audiences)) => {
            matches!(audiences.as_slice(), [Value::String(only)] if only == issuer)
        }
        _ => false,
    };
    if !addressed {
        return Err(ProofError::Audience);
    }
    let iat = claims.get("iat").and_then(Value::as_i64);
    if iat.is_none_or(|iat| now.saturating_sub(iat).saturating_abs() > MAX_AGE) {
        return Err(ProofError::Time);
    }
    let nonce = claims
        .get("nonce")
        .and_then(Value::as_str)
        .ok_or(ProofError::NoNonce)?;
    Ok(Proven {
        key,
        nonce: nonce.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use keys::SigningKey;
    use serde_json::json;

    use super::*;

    const NOW: UnixTime = 1_790_000_000;

    /// The metadata announce no other algorithms than those of wallets.
    #[test]
    fn only_the_algorithms_of_wallets() {
        let check = |key: &SigningKey| {
            let header = json!({"jwk": key.public().to_jwk()});
            let claims = json!({"aud": "https://issuer.example", "iat": NOW, "nonce": "n"});
            let header = header.as_object().cloned().unwrap_or_default();
            let proof = jws::sign_claims(PROOF_TYPE, header, &claims, key);
            verify_proof(&proof, "https://issuer.example", NOW)
        };
        for key in [SigningKey::make_p256(), SigningKey::make_ed25519()] {
            assert!(check(&key).unwrap().key == key.public());
        }
        let refused = check(&SigningKey::make_p384());
        assert!(matches!(refused, Err(ProofError::Jws(JwsError::Algorithm))));
    }
}
