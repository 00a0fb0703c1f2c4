use std::fmt;

use p256::ecdsa::signature::Verifier as _;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::pkcs8::DecodePublicKey as _;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::b64;

/// `crv` of a BLS12-381 key in G2, of `kty` OKP with the compressed point as `x`
/// (draft-ietf-cose-bls-key-representations-02 §2.2).
const BLS12381_G2: &str = "Bls12381G2";

/// A signature algorithm by its JOSE name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// Ed25519 (RFC 8037 §3.1).
    EdDsa,
    /// BBS over BLS12-381-SHA-256. Not an algorithm of a JWS: it signs lists of messages.
    Bbs,
}

impl Algorithm {
    /// The value of a JOSE `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Bbs => "BBS",
        }
    }

    /// Reads the `alg` of a JWS. `Ed25519` is the fully specified name of RFC 9864.
    pub fn from_name(name: &str) -> Result<Self, KeyError> {
        match name {
            "ES256" => Ok(Self::Es256),
            "EdDSA" | "Ed25519" => Ok(Self::EdDsa),
            _ => Err(KeyError::UnsupportedAlgorithm),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Why a key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither `ES256` nor `EdDSA`.
    #[error("signature algorithm not supported")]
    UnsupportedAlgorithm,
    /// Neither P-256 nor Ed25519 nor BLS12-381 G2.
    #[error("key type or curve not supported")]
    UnsupportedKey,
    /// A member is absent or not what RFC 7517 asks for.
    #[error("malformed key")]
    Malformed,
    /// The point is not on the curve.
    #[error("not a point on the curve")]
    NotOnCurve,
    /// A public key was expected and the secret one was handed over.
    #[error("the key contains its secret part")]
    SecretPresent,
}

/// The signature does not verify, whatever the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature does not verify")]
pub struct SignatureError;

/// A public key that is known to be a valid point.
#[derive(Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// P-256.
    P256(p256::PublicKey),
    /// Ed25519.
    Ed25519(ed25519_dalek::VerifyingKey),
    /// BLS12-381, the key in G2: for BBS signatures only.
    Bls12381G2(bbs::PublicKey),
}

impl PublicKey {
    /// Reads a public JWK (RFC 7517). A secret member (`d`) is refused, so that a key that
    /// was pasted by mistake goes no further.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let object = jwk.as_object().ok_or(KeyError::Malformed)?;
        if object.contains_key("d") || object.contains_key("k") {
            return Err(KeyError::SecretPresent);
        }
        Self::from_members(object)
    }

    pub(crate) fn from_members(jwk: &Map<String, Value>) -> Result<Self, KeyError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| -> Result<[u8; 32], KeyError> {
            let text = text(name).ok_or(KeyError::Malformed)?;
            let bytes = b64::decode(text).map_err(|_| KeyError::Malformed)?;
            bytes.try_into().map_err(|_| KeyError::Malformed)
        };
        match (text("kty"), text("crv")) {
            (Some("EC"), Some("P-256")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                let mut point = Vec::with_capacity(65);
                point.push(4);
                point.extend_from_slice(&x);
                point.extend_from_slice(&y);
                Self::from_sec1(&point)
            }
            (Some("OKP"), Some("Ed25519")) => Self::from_ed25519(&bytes("x")?),
            (Some("OKP"), Some(BLS12381_G2)) => {
                let point = b64::decode(text("x").ok_or(KeyError::Malformed)?);
                let point = point.map_err(|_| KeyError::Malformed)?;
                Self::from_bls12381_g2(&point.try_into().map_err(|_| KeyError::Malformed)?)
            }
            (Some(_), _) => Err(KeyError::UnsupportedKey),
            _ => Err(KeyError::Malformed),
        }
    }

    /// A P-256 point in SEC 1 form, compressed or not.
    pub fn from_sec1(point: &[u8]) -> Result<Self, KeyError> {
        p256::PublicKey::from_sec1_bytes(point)
            .map(Self::P256)
            .map_err(|_| KeyError::NotOnCurve)
    }

    /// An Ed25519 key of 32 bytes. Points of small order are refused.
    pub fn from_ed25519(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key =
            ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotOnCurve)?;
        if key.is_weak() {
            return Err(KeyError::NotOnCurve);
        }
        Ok(Self::Ed25519(key))
    }

    /// A compressed point of G2.
    pub fn from_bls12381_g2(point: &[u8; bbs::PublicKey::LENGTH]) -> Result<Self, KeyError> {
        bbs::PublicKey::from_bytes(point)
            .map(Self::Bls12381G2)
            .map_err(|_| KeyError::NotOnCurve)
    }

    /// Reads a public key in PEM (`BEGIN PUBLIC KEY`).
    pub fn from_public_pem(pem: &str) -> Result<Self, KeyError> {
        if let Ok(key) = p256::PublicKey::from_public_key_pem(pem) {
            return Ok(Self::P256(key));
        }
        let key = ed25519_dalek::VerifyingKey::from_public_key_pem(pem)
            .map_err(|_| KeyError::Malformed)?;
        Self::from_ed25519(key.as_bytes())
    }

    /// The key alone: a point of P-256, compressed (33 bytes), of Ed25519 (32), or of BLS12-381's
    /// G2, compressed (96).
    pub fn to_point_bytes(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.to_encoded_point(true).as_bytes().to_vec(),
            Self::Ed25519(key) => key.as_bytes().to_vec(),
            Self::Bls12381G2(key) => key.to_bytes().to_vec(),
        }
    }

    /// The algorithm that this key verifies.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::Bls12381G2(_) => Algorithm::Bbs,
        }
    }

    /// The public JWK with its required members only, in the order of RFC 7638.
    pub fn to_jwk(&self) -> Value {
        match self {
            Self::P256(_) => {
                let (x, y) = self.coordinates();
                json!({"crv": "P-256", "kty": "EC", "x": x, "y": y})
            }
            Self::Ed25519(key) => {
                json!({"crv": "Ed25519", "kty": "OKP", "x": b64::encode(key.as_bytes())})
            }
            Self::Bls12381G2(key) => {
                json!({"crv": BLS12381_G2, "kty": "OKP", "x": b64::encode(key.to_bytes())})
            }
        }
    }

    /// RFC 7638 thumbprint with SHA-256, base64url.
    pub fn thumbprint(&self) -> String {
        b64::encode(self.thumbprint_bytes())
    }

    /// RFC 7638 thumbprint with SHA-256.
    pub fn thumbprint_bytes(&self) -> [u8; 32] {
        let canonical = match self {
            Self::P256(_) => {
                let (x, y) = self.coordinates();
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Ed25519(key) => {
                let x = b64::encode(key.as_bytes());
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
            }
            Self::Bls12381G2(key) => {
                let x = b64::encode(key.to_bytes());
                format!(r#"{{"crv":"{BLS12381_G2}","kty":"OKP","x":"{x}"}}"#)
            }
        };
        Sha256::digest(canonical).into()
    }

    /// The thumbprint that a public JWK in the form of [`Self::to_jwk`] has, without a look at
    /// its point: for keys that were read with [`Self::from_jwk`] once.
    pub fn thumbprint_of_jwk(jwk: &Value) -> String {
        let member = |name: &str| Some((name.to_owned(), jwk.get(name)?.clone()));
        let required: Map<String, Value> = ["crv", "kty", "x", "y"]
            .into_iter()
            .filter_map(member)
            .collect();
        b64::encode(Sha256::digest(Value::Object(required).to_string()))
    }

    /// Checks a JOSE signature: 64 bytes, `r ‖ s` or Ed25519.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        match self {
            Self::P256(key) => {
                let signature =
                    p256::ecdsa::Signature::from_slice(signature).map_err(|_| SignatureError)?;
                p256::ecdsa::VerifyingKey::from(key)
                    .verify(message, &signature)
                    .map_err(|_| SignatureError)
            }
            Self::Ed25519(key) => {
                let signature =
                    ed25519_dalek::Signature::from_slice(signature).map_err(|_| SignatureError)?;
                key.verify_strict(message, &signature)
                    .map_err(|_| SignatureError)
            }
            // It signs lists of messages: see the crate `bbs`.
            Self::Bls12381G2(_) => Err(SignatureError),
        }
    }

    fn coordinates(&self) -> (String, String) {
        let Self::P256(key) = self else {
            return (String::new(), String::new());
        };
        let point = key.to_encoded_point(false);
        let encode = |part: Option<&p256::FieldBytes>| part.map(b64::encode).unwrap_or_default();
        (encode(point.x()), encode(point.y()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "PublicKey({} {})",
            self.algorithm(),
            self.thumbprint()
        )
    }
}
