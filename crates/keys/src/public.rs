use std::fmt;

use p256::ecdsa::signature::Verifier as _;
use p256::elliptic_curve::generic_array::{ArrayLength, GenericArray};
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
    /// ECDSA on P-384 with SHA-384 (RFC 7518 §3.4).
    Es384,
    /// Ed25519 (RFC 8037 §3.1).
    EdDsa,
    /// BBS over BLS12-381-SHA-256. Not an algorithm of a JWS: it signs lists of messages.
    Bbs,
}

impl Algorithm {
    /// What a wallet may sign with: the kinds of key that it may have.
    pub const OF_WALLETS: [Self; 2] = [Self::Es256, Self::EdDsa];

    /// The value of a JOSE `alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
            Self::Bbs => "BBS",
        }
    }

    /// Reads the `alg` of a JWS. `Ed25519` is the fully specified name of RFC 9864.
    pub fn from_name(name: &str) -> Result<Self, KeyError> {
        match name {
            "ES256" => Ok(Self::Es256),
            "ES384" => Ok(Self::Es384),
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
    /// None of `ES256`, `ES384` and `EdDSA`.
    #[error("signature algorithm not supported")]
    UnsupportedAlgorithm,
    /// None of P-256, P-384, Ed25519 and BLS12-381 G2.
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
    /// P-384: of issuers. Wallets make no such key.
    P384(p384::PublicKey),
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
        let bytes = |name: &str| -> Result<Vec<u8>, KeyError> {
            let text = text(name).ok_or(KeyError::Malformed)?;
            b64::decode(text).map_err(|_| KeyError::Malformed)
        };
        let point = |width: usize| -> Result<Vec<u8>, KeyError> {
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != width || y.len() != width {
                return Err(KeyError::Malformed);
            }
            Ok([[4].as_slice(), &x, &y].concat())
        };
        match (text("kty"), text("crv")) {
            (Some("EC"), Some("P-256")) => Self::from_sec1(&point(32)?),
            (Some("EC"), Some("P-384")) => Self::from_p384_sec1(&point(48)?),
            (Some("OKP"), Some("Ed25519")) => {
                Self::from_ed25519(&bytes("x")?.try_into().map_err(|_| KeyError::Malformed)?)
            }
            (Some("OKP"), Some(BLS12381_G2)) => {
                Self::from_bls12381_g2(&bytes("x")?.try_into().map_err(|_| KeyError::Malformed)?)
            }
            (Some(_), _) => Err(KeyError::UnsupportedKey),
            _ => Err(KeyError::Malformed),
        }
    }

    /// A P-256 point in SEC 1 form, compressed or not.
    pub fn from_sec1(point: &[u8]) -> Result<Self, KeyError> {
        require_form(point)?;
        p256::PublicKey::from_sec1_bytes(point)
            .map(Self::P256)
            .map_err(|_| KeyError::NotOnCurve)
    }

    /// A P-384 point in SEC 1 form, compressed or not.
    pub fn from_p384_sec1(point: &[u8]) -> Result<Self, KeyError> {
        require_form(point)?;
        p384::PublicKey::from_sec1_bytes(point)
            .map(Self::P384)
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
        if let Ok(key) = p384::PublicKey::from_public_key_pem(pem) {
            return Ok(Self::P384(key));
        }
        let key = ed25519_dalek::VerifyingKey::from_public_key_pem(pem)
            .map_err(|_| KeyError::Malformed)?;
        Self::from_ed25519(key.as_bytes())
    }

    /// The key alone: a point of P-256 or P-384, compressed (33 or 49 bytes), of Ed25519 (32), or
    /// of BLS12-381's G2, compressed (96).
    pub fn to_point_bytes(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.to_encoded_point(true).as_bytes().to_vec(),
            Self::P384(key) => key.to_encoded_point(true).as_bytes().to_vec(),
            Self::Ed25519(key) => key.as_bytes().to_vec(),
            Self::Bls12381G2(key) => key.to_bytes().to_vec(),
        }
    }

    /// The algorithm that this key verifies.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::Es256,
            Self::P384(_) => Algorithm::Es384,
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::Bls12381G2(_) => Algorithm::Bbs,
        }
    }

    /// The public JWK with its required members only, in the order of RFC 7638.
    pub fn to_jwk(&self) -> Value {
        match self {
            Self::P256(_) | Self::P384(_) => {
                let (crv, x, y) = self.curve_and_coordinates();
                json!({"crv": crv, "kty": "EC", "x": x, "y": y})
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
            Self::P256(_) | Self::P384(_) => {
                let (crv, x, y) = self.curve_and_coordinates();
                format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
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

    /// Checks a JOSE signature: `r ‖ s` of 64 (P-256) or 96 bytes (P-384), or 64 of Ed25519. As
    /// FIPS 186-5 has it, `s` and its negative are the same signature.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        match self {
            Self::P256(key) => {
                let signature =
                    p256::ecdsa::Signature::from_slice(signature).map_err(|_| SignatureError)?;
                p256::ecdsa::VerifyingKey::from(key)
                    .verify(message, &signature)
                    .map_err(|_| SignatureError)
            }
            Self::P384(key) => {
                let signature =
                    p384::ecdsa::Signature::from_slice(signature).map_err(|_| SignatureError)?;
                p384::ecdsa::VerifyingKey::from(key)
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

    fn curve_and_coordinates(&self) -> (&'static str, String, String) {
        match self {
            Self::P256(key) => {
                let point = key.to_encoded_point(false);
                ("P-256", encode(point.x()), encode(point.y()))
            }
            Self::P384(key) => {
                let point = key.to_encoded_point(false);
                ("P-384", encode(point.x()), encode(point.y()))
            }
            Self::Ed25519(_) | Self::Bls12381G2(_) => ("", String::new(), String::new()),
        }
    }
}

/// The library reads a form too that tells nothing of `y`, which would give a key two multikeys.
fn require_form(point: &[u8]) -> Result<(), KeyError> {
    match point.first() {
        Some(2..=4) => Ok(()),
        _ => Err(KeyError::NotOnCurve),
    }
}

fn encode<N: ArrayLength<u8>>(part: Option<&GenericArray<u8, N>>) -> String {
    part.map(b64::encode).unwrap_or_default()
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
