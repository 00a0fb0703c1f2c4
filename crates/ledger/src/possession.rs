//! Proof that the holder of a key wants it registered for one body on one ledger.
//!
//! A compact JWS with `typ` `cairn-possession`, made by the key itself over
//! `{"body","key","ledger"}`: the body's id, the key's thumbprint, the ledger's id. It can
//! serve for no other body, key or ledger, and is not secret.
//!
//! A BBS key signs no JWS. Its proof is `bbs:` and, in base64url, its signature of a statement
//! ([`keys::bls`]): the same `typ`, a full stop, and the same object in canonical JSON.

use keys::jws::Unverified;
use keys::{PublicKey, SigningKey, b64, bls};
use serde_json::{Map, Value, json};

use crate::canonical;

/// The `typ` of a proof.
pub const TYPE: &str = "cairn-possession";

/// The proof is not one of this key for this body on this ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof of possession does not verify")]
pub struct PossessionError;

/// What a proof by a BBS key begins with.
const BBS: &str = "bbs:";

/// Makes a proof.
pub fn prove(key: &SigningKey, body: &str, ledger: &str) -> String {
    let claims = claims(&key.public(), body, ledger);
    keys::jws::sign_claims(TYPE, Map::new(), &claims, key)
}

/// Makes a proof by a BBS key.
pub fn prove_bbs(
    key: &bls::SecretKey,
    body: &str,
    ledger: &str,
) -> Result<String, PossessionError> {
    let public = PublicKey::Bls12381G2(key.public());
    let statement = statement(&public, body, ledger)?;
    let signature = bls::sign_statement(key, &statement).map_err(|_| PossessionError)?;
    Ok(format!("{BBS}{}", b64::encode(signature)))
}

fn claims(key: &PublicKey, body: &str, ledger: &str) -> Value {
    json!({"body": body, "key": key.thumbprint(), "ledger": ledger})
}

fn statement(key: &PublicKey, body: &str, ledger: &str) -> Result<Vec<u8>, PossessionError> {
    let claims = claims(key, body, ledger);
    let claims = canonical::value_to_bytes(&claims).map_err(|_| PossessionError)?;
    Ok([TYPE.as_bytes(), b".", &claims].concat())
}

/// Checks a proof.
pub fn verify(
    proof: &str,
    key: &PublicKey,
    body: &str,
    ledger: &str,
) -> Result<(), PossessionError> {
    if let Some(signature) = proof.strip_prefix(BBS) {
        let signature = b64::decode(signature).map_err(|_| PossessionError)?;
        let statement = statement(key, body, ledger)?;
        return bls::verify_statement(key, &statement, &signature).map_err(|_| PossessionError);
    }
    let unverified = Unverified::parse(proof).map_err(|_| PossessionError)?;
    unverified.require_type(TYPE).map_err(|_| PossessionError)?;
    let claims = unverified
        .verify(key)
        .and_then(|verified| verified.claims())
        .map_err(|_| PossessionError)?;
    if Some(&claims) == self::claims(key, body, ledger).as_object() {
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
    fn a_proof_by_a_bbs_key_serves_one_key_body_and_ledger() {
        let (key, other) = (bls::SecretKey::make(), bls::SecretKey::make());
        let public = |key: &bls::SecretKey| PublicKey::Bls12381G2(key.public());
        let proof = prove_bbs(&key, "https://a.example", "L1").unwrap();
        let check = |proof: &str, key: &PublicKey, body: &str, ledger: &str| {
            verify(proof, key, body, ledger)
        };
        let id = "https://a.example";
        assert_eq!(check(&proof, &public(&key), id, "L1"), Ok(()));
        let refused = Err(PossessionError);
        assert_eq!(check(&proof, &public(&other), id, "L1"), refused);
        assert_eq!(
            check(&proof, &SigningKey::make_p256().public(), id, "L1"),
            refused
        );
        assert_eq!(
            check(&proof, &public(&key), "https://b.example", "L1"),
            refused
        );
        assert_eq!(check(&proof, &public(&key), id, "L2"), refused);
        assert_eq!(
            check(&proof[..proof.len() - 1], &public(&key), id, "L1"),
            refused
        );
        assert_eq!(check("bbs:", &public(&key), id, "L1"), refused);
        // By a JWS it cannot prove anything.
        let jws = prove(&SigningKey::make_p256(), id, "L1");
        assert_eq!(check(&jws, &public(&key), id, "L1"), refused);
        // Another statement by the same key.
        let claims = claims(&public(&key), id, "L1").to_string();
        let signature = bls::sign_statement(&key, claims.as_bytes()).unwrap();
        let bare = format!("bbs:{}", b64::encode(signature));
        assert_eq!(check(&bare, &public(&key), id, "L1"), refused);
    }

    #[test]
    fn another_signed_object_is_no_proof() {
        let key = SigningKey::make_ed25519();
        let claims = json!({"body": "b", "key": key.public().thumbprint(), "ledger": "L"});
        let other = keys::jws::sign_claims("jwt", Map::new(), &claims, &key);
        assert!(verify(&other, &key.public(), "b", "L").is_err());
    }
}
