//! Secret keys for BBS (BLS12-381, public half in G2) as JWK, and statements that such a key
//! signs.
//!
//! A BBS key signs lists of messages and no JWS. Where it must sign one statement, it signs an
//! empty list with the statement as its header. Credentials have headers of hashes, and whoever
//! writes a statement gives it a name in front, so that neither serves as the other.

use serde_json::{Value, json};
use zeroize::Zeroizing;

pub use bbs::SecretKey;

use crate::{KeyError, PublicKey, SecretKeyError, SignatureError, b64};

const NO_MESSAGES: &[&[u8]] = &[];

/// Reads a secret JWK: `kty` `OKP`, `crv` `Bls12381G2`; `x` must belong to `d`.
pub fn secret_from_jwk(jwk: &Value) -> Result<SecretKey, SecretKeyError> {
    let malformed = SecretKeyError::Malformed;
    let object = jwk.as_object().ok_or(malformed)?;
    let public = PublicKey::from_members(object).map_err(|_: KeyError| malformed)?;
    let PublicKey::Bls12381G2(public) = public else {
        return Err(malformed);
    };
    let d = object.get("d").and_then(Value::as_str).ok_or(malformed)?;
    let d = Zeroizing::new(b64::decode(d).map_err(|_| malformed)?);
    let d = Zeroizing::new(<[u8; 32]>::try_from(d.as_slice()).map_err(|_| malformed)?);
    let secret = SecretKey::from_bytes(&d).map_err(|_| malformed)?;
    if secret.public() == public {
        Ok(secret)
    } else {
        Err(SecretKeyError::Mismatch)
    }
}

/// The secret JWK, in memory that is zeroized.
pub fn secret_to_jwk(secret: &SecretKey) -> Zeroizing<String> {
    let public = json!({"jwk": PublicKey::Bls12381G2(secret.public()).to_jwk()});
    let x = public.pointer("/jwk/x").and_then(Value::as_str);
    let d = Zeroizing::new(b64::encode(secret.to_secret_bytes()));
    let mut text = Zeroizing::new(String::with_capacity(256));
    for part in [
        r#"{"kty":"OKP","crv":"Bls12381G2","x":""#,
        x.unwrap_or_default(),
        r#"","d":""#,
        &d,
        "\"}\n",
    ] {
        text.push_str(part);
    }
    text
}

/// Signs a statement.
pub fn sign_statement(secret: &SecretKey, statement: &[u8]) -> Result<Vec<u8>, SignatureError> {
    let signature = bbs::sign(secret, statement, NO_MESSAGES).map_err(|_| SignatureError)?;
    Ok(signature.to_bytes().to_vec())
}

/// Checks the signature of a statement by a BBS key; another kind of key signs none.
pub fn verify_statement(
    key: &PublicKey,
    statement: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let PublicKey::Bls12381G2(key) = key else {
        return Err(SignatureError);
    };
    let signature = bbs::Signature::from_bytes(signature).map_err(|_| SignatureError)?;
    bbs::verify(key, &signature, statement, NO_MESSAGES).map_err(|_| SignatureError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;

    #[test]
    fn a_secret_jwk_gives_back_its_key() {
        let secret = SecretKey::make();
        let text = secret_to_jwk(&secret);
        // It never had to grow, which would have left a copy.
        assert!(text.len() <= 256 && text.capacity() == 256);
        let again = secret_from_jwk(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(*again.to_secret_bytes(), *secret.to_secret_bytes());
    }

    #[test]
    fn secret_jwks_that_are_refused() {
        let good: Value = serde_json::from_str(&secret_to_jwk(&SecretKey::make())).unwrap();
        let other: Value = serde_json::from_str(&secret_to_jwk(&SecretKey::make())).unwrap();
        let with = |name: &str, value: Value| {
            let mut jwk = good.clone();
            jwk[name] = value;
            secret_from_jwk(&jwk).err()
        };
        let malformed = Some(SecretKeyError::Malformed);
        assert_eq!(
            with("d", other["d"].clone()),
            Some(SecretKeyError::Mismatch)
        );
        assert_eq!(with("d", json!(b64::encode([0; 32]))), malformed);
        assert_eq!(with("d", json!(b64::encode([1; 31]))), malformed);
        assert_eq!(with("d", json!(7)), malformed);
        assert_eq!(with("x", json!(b64::encode([0; 96]))), malformed);
        assert_eq!(with("crv", json!("Bls12381G1")), malformed);
        assert_eq!(secret_from_jwk(&json!([])).err(), malformed);
        let mut ed25519 = SigningKey::make_ed25519().public().to_jwk();
        ed25519["d"] = json!(b64::encode([1; 32]));
        assert_eq!(secret_from_jwk(&ed25519).err(), malformed);
    }

    #[test]
    fn a_statement_is_bound_to_its_key_and_its_text() {
        let secret = SecretKey::make();
        let key = PublicKey::Bls12381G2(secret.public());
        let signature = sign_statement(&secret, b"statement").unwrap();
        verify_statement(&key, b"statement", &signature).unwrap();
        assert!(verify_statement(&key, b"other", &signature).is_err());
        assert!(verify_statement(&key, b"statement", &signature[1..]).is_err());
        let other = PublicKey::Bls12381G2(SecretKey::make().public());
        assert!(verify_statement(&other, b"statement", &signature).is_err());
        let p256 = SigningKey::make_p256().public();
        assert!(verify_statement(&p256, b"statement", &signature).is_err());
        // A signature over messages is none over a statement.
        let listed = bbs::sign(&secret, b"statement", &[b"message"]).unwrap();
        assert!(verify_statement(&key, b"statement", &listed.to_bytes()).is_err());
    }
}
