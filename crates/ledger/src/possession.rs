//! Proof that the holder of a key wants it registered for one body on one ledger.
//!
//! A compact JWS with `typ` `cairn-possession`, made by the key itself over
//! `{"body","key","ledger"}`: the body's id, the key's thumbprint, the ledger's id. It can
//! serve for no other body, key or ledger, and is not secret.

use keys::jws::Unverified;
use keys::{PublicKey, SigningKey};
use serde_json::{Map, json};

/// The `typ` of a proof.
pub const TYPE: &str = "cairn-possession";

/// The proof is not one of this key for this body on this ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof of possession does not verify")]
pub struct PossessionError;

/// Makes a proof.
pub fn prove(key: &SigningKey, body: &str, ledger: &str) -> String {
    let claims = json!({"body": body, "key": key.public().thumbprint(), "ledger": ledger});
    keys::jws::sign_claims(TYPE, Map::new(), &claims, key)
}

/// Checks a proof.
pub fn verify(
    proof: &str,
    key: &PublicKey,
    body: &str,
    ledger: &str,
) -> Result<(), PossessionError> {
    let unverified = Unverified::parse(proof).map_err(|_| PossessionError)?;
    unverified.require_type(TYPE).map_err(|_| PossessionError)?;
    let claims = unverified
        .verify(key)
        .and_then(|verified| verified.claims())
        .map_err(|_| PossessionError)?;
    let expected = json!({"body": body, "key": key.thumbprint(), "ledger": ledger});
    if Some(&claims) == expected.as_object() {
        Ok(())
    } else {
        Err(PossessionError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_serves_one_key_body_and_ledger() {
        let (key, other) = (SigningKey::make_p256(), SigningKey::make_p256());
        let proof = prove(&key, "https://a.example", "L1");
        assert!(verify(&proof, &key.public(), "https://a.example", "L1").is_ok());
        assert!(verify(&proof, &other.public(), "https://a.example", "L1").is_err());
        assert!(verify(&proof, &key.public(), "https://b.example", "L1").is_err());
        assert!(verify(&proof, &key.public(), "https://a.example", "L2").is_err());
    }

    #[test]
    fn another_signed_object_is_no_proof() {
        let key = SigningKey::make_ed25519();
        let claims = json!({"body": "b", "key": key.public().thumbprint(), "ledger": "L"});
        let other = keys::jws::sign_claims("jwt", Map::new(), &claims, &key);
        assert!(verify(&other, &key.public(), "b", "L").is_err());
    }
}
