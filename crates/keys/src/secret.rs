use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, LineEnding};
use rand::rngs::OsRng;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{Algorithm, KeyError, PublicKey, b64};

/// Why a secret key could not be read. Never says what it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretKeyError {
    /// Not a secret key in a form that is read here.
    #[error("not a P-256, P-384 or Ed25519 secret key")]
    Malformed,
    /// A JWK whose public part is not the one of its secret part.
    #[error("the public part does not belong to the secret part")]
    Mismatch,
}

const SEC1_BEGIN: &str = "-----BEGIN EC PRIVATE KEY-----";

/// A secret key. It has no `Debug`, is not cloned by accident and is zeroized when dropped.
pub struct SigningKey(Secret);

enum Secret {
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    Ed25519(Box<ed25519_dalek::SigningKey>),
}

impl SigningKey {
    /// A fresh P-256 key.
    pub fn make_p256() -> Self {
        Self(Secret::P256(p256::SecretKey::random(&mut OsRng)))
    }

    /// A fresh P-384 key, for an issuer: what wallets hold is P-256 or Ed25519.
    pub fn make_p384() -> Self {
        Self(Secret::P384(p384::SecretKey::random(&mut OsRng)))
    }

    /// A fresh Ed25519 key.
    pub fn make_ed25519() -> Self {
        let mut seed = Zeroizing::new([0_u8; 32]);
        rand::RngCore::fill_bytes(&mut OsRng, seed.as_mut());
        Self::ed25519_from_seed(&seed)
    }

    /// The Ed25519 key of this seed (RFC 8032 §5.1.5).
    pub fn ed25519_from_seed(seed: &[u8; 32]) -> Self {
        Self(Secret::Ed25519(Box::new(
            ed25519_dalek::SigningKey::from_bytes(seed),
        )))
    }

    /// The P-256 key of this scalar, big-endian.
    pub fn p256_from_scalar(scalar: &[u8; 32]) -> Result<Self, SecretKeyError> {
        p256::SecretKey::from_slice(scalar)
            .map(|key| Self(Secret::P256(key)))
            .map_err(|_| SecretKeyError::Malformed)
    }

    /// The P-384 key of this scalar, big-endian.
    pub fn p384_from_scalar(scalar: &[u8; 48]) -> Result<Self, SecretKeyError> {
        p384::SecretKey::from_slice(scalar)
            .map(|key| Self(Secret::P384(key)))
            .map_err(|_| SecretKeyError::Malformed)
    }

    /// Reads PKCS #8 in PEM or (for P-256 and P-384) SEC 1 PEM as OpenSSL writes it.
    pub fn from_pem(pem: &str) -> Result<Self, SecretKeyError> {
        if let Ok(key) = p256::SecretKey::from_pkcs8_pem(pem) {
            return Ok(Self(Secret::P256(key)));
        }
        if let Ok(key) = p384::SecretKey::from_pkcs8_pem(pem) {
            return Ok(Self(Secret::P384(key)));
        }
        // OpenSSL may write the curve's parameters in a block of their own before it.
        let sec1 = pem.find(SEC1_BEGIN).and_then(|start| pem.get(start..));
        if let Some(Ok(key)) = sec1.map(p256::SecretKey::from_sec1_pem) {
            return Ok(Self(Secret::P256(key)));
        }
        if let Some(Ok(key)) = sec1.map(p384::SecretKey::from_sec1_pem) {
            return Ok(Self(Secret::P384(key)));
        }
        ed25519_dalek::SigningKey::from_pkcs8_pem(pem)
            .map(|key| Self(Secret::Ed25519(Box::new(key))))
            .map_err(|_| SecretKeyError::Malformed)
    }

    /// PKCS #8 in PEM, in memory that is zeroized.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, SecretKeyError> {
        match &self.0 {
            Secret::P256(key) => key.to_pkcs8_pem(LineEnding::LF),
            Secret::P384(key) => key.to_pkcs8_pem(LineEnding::LF),
            Secret::Ed25519(key) => key.to_pkcs8_pem(LineEnding::LF),
        }
        .map_err(|_| SecretKeyError::Malformed)
    }

    /// Reads a secret JWK; its public members must belong to `d`.
    pub fn from_jwk(jwk: &Value) -> Result<Self, SecretKeyError> {
        let object = jwk.as_object().ok_or(SecretKeyError::Malformed)?;
        let public =
            PublicKey::from_members(object).map_err(|_: KeyError| SecretKeyError::Malformed)?;
        let d = object
            .get("d")
            .and_then(Value::as_str)
            .ok_or(SecretKeyError::Malformed)?;
        let d = Zeroizing::new(b64::decode(d).map_err(|_| SecretKeyError::Malformed)?);
        let key = match public.algorithm() {
            Algorithm::Es256 => Self::p256_from_scalar(&*fixed(&d)?)?,
            Algorithm::Es384 => Self::p384_from_scalar(&*fixed(&d)?)?,
            Algorithm::EdDsa => Self::ed25519_from_seed(&*fixed(&d)?),
            Algorithm::Bbs => return Err(SecretKeyError::Malformed),
        };
        if key.public() != public {
            return Err(SecretKeyError::Mismatch);
        }
        Ok(key)
    }

    /// Scalar or seed: what [`Self::p256_from_scalar`] and [`Self::ed25519_from_seed`] (32 bytes)
    /// and [`Self::p384_from_scalar`] (48 bytes) read.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        match &self.0 {
            Secret::P256(key) => Zeroizing::new(key.to_bytes().to_vec()),
            Secret::P384(key) => Zeroizing::new(key.to_bytes().to_vec()),
            Secret::Ed25519(key) => Zeroizing::new(key.to_bytes().to_vec()),
        }
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Secret::P256(key) => PublicKey::P256(key.public_key()),
            Secret::P384(key) => PublicKey::P384(key.public_key()),
            Secret::Ed25519(key) => PublicKey::Ed25519(key.verifying_key()),
        }
    }

    /// The algorithm that this key signs with.
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Secret::P256(_) => Algorithm::Es256,
            Secret::P384(_) => Algorithm::Es384,
            Secret::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// A JOSE signature: `r ‖ s` (deterministic, RFC 6979) of 64 bytes, for P-384 of 96; or 64 of
    /// Ed25519.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Secret::P256(key) => {
                let signature: p256::ecdsa::Signature =
                    p256::ecdsa::SigningKey::from(key).sign(message);
                signature.to_bytes().to_vec()
            }
            Secret::P384(key) => {
                let signature: p384::ecdsa::Signature =
                    p384::ecdsa::SigningKey::from(key).sign(message);
                signature.to_bytes().to_vec()
            }
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

fn fixed<const N: usize>(secret: &[u8]) -> Result<Zeroizing<[u8; N]>, SecretKeyError> {
    let secret = secret.try_into().map_err(|_| SecretKeyError::Malformed)?;
    Ok(Zeroizing::new(secret))
}
