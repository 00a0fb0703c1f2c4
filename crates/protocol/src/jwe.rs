//! Encryption of an answer to one key: ECDH-ES, direct, with AES-GCM.
//!
//! Compact JWE (RFC 7516 §3.1) with `alg` `ECDH-ES` (RFC 7518 §4.6) on P-256 and `enc`
//! `A128GCM` or `A256GCM` (§5.3). Refused: compression, `crit`, key wrapping, other curves,
//! a point off the curve.

use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::{Aes128Gcm, Aes256Gcm, Nonce, Tag};
use keys::json::JsonError;
use keys::{PublicKey, b64, json};
use p256::ecdh::{SharedSecret, diffie_hellman};
use rand::RngCore as _;
use rand::rngs::OsRng;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The longest JWE that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The longest `apu` and `apv`, in bytes.
const MAX_PARTY_INFO: usize = 1024;
const ALG: &str = "ECDH-ES";

/// A content encryption algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// AES-GCM with a key of 128 bits.
    A128Gcm,
    /// AES-GCM with a key of 256 bits.
    A256Gcm,
}

/// Why a JWE was refused.
#[derive(Debug, thiserror::Error)]
pub enum JweError {
    /// Not five base64url parts, or too long.
    #[error("not a compact JWE")]
    Malformed,
    /// The protected header is not acceptable JSON.
    #[error("the JWE header is malformed")]
    Header(#[source] JsonError),
    /// `alg` is not `ECDH-ES`, or there is a wrapped key.
    #[error("the JWE is not encrypted by direct key agreement")]
    Algorithm,
    /// `enc` is neither `A128GCM` nor `A256GCM`.
    #[error("the JWE names no supported content encryption")]
    Encryption,
    /// `zip` asks for compression.
    #[error("the JWE is compressed")]
    Compressed,
    /// `crit` asks for an extension.
    #[error("the JWE header asks for an extension that is not supported")]
    Critical,
    /// `epk` is absent or not a point of P-256.
    #[error("the JWE has no sound ephemeral key")]
    EphemeralKey,
    /// `apu` or `apv` is not base64url or too long.
    #[error("the JWE has malformed party information")]
    PartyInfo,
    /// `kid` names another key.
    #[error("the JWE is for another key")]
    OtherKey,
    /// The tag does not fit: another key, or changed on the way.
    #[error("the JWE does not decrypt")]
    Decrypt,
}

/// A key that an answer can be encrypted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// A P-256 key.
    key: p256::PublicKey,
    /// Its `kid`, which goes into the header.
    pub kid: Option<String>,
    /// The content encryption to use.
    pub encryption: Encryption,
}

/// The secret half of a key for answers. It has no `Debug`; the scalar is zeroized.
pub struct DecryptionKey {
    secret: p256::SecretKey,
    kid: String,
}

impl Encryption {
    /// Reads an `enc`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "A128GCM" => Some(Self::A128Gcm),
            "A256GCM" => Some(Self::A256Gcm),
            _ => None,
        }
    }

    /// The value of `enc`.
    pub fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm => 32,
        }
    }
}

impl Recipient {
    /// Takes a P-256 key; `None` for any other.
    pub fn new(key: &PublicKey, kid: Option<String>, encryption: Encryption) -> Option<Self> {
        match key {
            PublicKey::P256(key) => Some(Self {
                key: *key,
                kid,
                encryption,
            }),
            PublicKey::P384(_) | PublicKey::Ed25519(_) | PublicKey::Bls12381G2(_) => None,
        }
    }

    /// The RFC 7638 thumbprint of the key, with SHA-256.
    pub fn thumbprint(&self) -> [u8; 32] {
        PublicKey::P256(self.key).thumbprint_bytes()
    }

    /// Encrypts to this key with a fresh ephemeral key and a fresh nonce.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<String, JweError> {
        let ephemeral = p256::SecretKey::random(&mut OsRng);
        let epk = PublicKey::P256(ephemeral.public_key()).to_jwk();
        let mut header = Map::new();
        header.insert("alg".to_owned(), ALG.into());
        header.insert("enc".to_owned(), self.encryption.name().into());
        if let Some(kid) = &self.kid {
            header.insert("kid".to_owned(), kid.as_str().into());
        }
        header.insert("epk".to_owned(), epk);
        let protected = b64::encode(Value::Object(header).to_string());
        let shared = diffie_hellman(ephemeral.to_nonzero_scalar(), self.key.as_affine());
        let key = derive_key(&shared, self.encryption, &[], &[]);
        let mut iv = [0_u8; 12];
        OsRng.fill_bytes(&mut iv);
        let mut text = plaintext.to_vec();
        let nonce = Nonce::from_slice(&iv);
        let aad = protected.as_bytes();
        let tag = match self.encryption {
            Encryption::A128Gcm => Aes128Gcm::new_from_slice(&key)
                .map_err(|_| JweError::Encryption)?
                .encrypt_in_place_detached(nonce, aad, &mut text),
            Encryption::A256Gcm => Aes256Gcm::new_from_slice(&key)
                .map_err(|_| JweError::Encryption)?
                .encrypt_in_place_detached(nonce, aad, &mut text),
        }
        .map_err(|_| JweError::Encryption)?;
        Ok(format!(
            "{protected}..{}.{}.{}",
            b64::encode(iv),
            b64::encode(&text),
            b64::encode(tag)
        ))
    }
}

impl DecryptionKey {
    /// A fresh key with a random `kid`.
    pub fn make() -> Self {
        let mut kid = [0_u8; 16];
        OsRng.fill_bytes(&mut kid);
        Self {
            secret: p256::SecretKey::random(&mut OsRng),
            kid: b64::encode(kid),
        }
    }

    /// The key of this scalar, big-endian. `None` when it is not one of P-256.
    pub fn from_scalar(scalar: &[u8; 32], kid: &str) -> Option<Self> {
        Some(Self {
            secret: p256::SecretKey::from_slice(scalar).ok()?,
            kid: kid.to_owned(),
        })
    }

    /// The `kid`.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The RFC 7638 thumbprint of the public key, with SHA-256.
    pub fn thumbprint(&self) -> [u8; 32] {
        PublicKey::P256(self.secret.public_key()).thumbprint_bytes()
    }

    /// The public JWK as `client_metadata` lists it: with `kid`, `use` and `alg`.
    pub fn public_jwk(&self) -> Value {
        let mut jwk = PublicKey::P256(self.secret.public_key()).to_jwk();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".to_owned(), json!(self.kid));
            members.insert("use".to_owned(), json!("enc"));
            members.insert("alg".to_owned(), json!(ALG));
        }
        jwk
    }

    /// Decrypts. The plaintext is zeroized when dropped.
    pub fn decrypt(&self, compact: &str) -> Result<Zeroizing<Vec<u8>>, JweError> {
        let parts = Parts::split(compact)?;
        let header = parts.header()?;
        if header.kid.as_ref().is_some_and(|kid| *kid != self.kid) {
            return Err(JweError::OtherKey);
        }
        let shared = diffie_hellman(self.secret.to_nonzero_scalar(), header.epk.as_affine());
        let key = derive_key(&shared, header.encryption, &header.apu, &header.apv);
        let iv: [u8; 12] = decode(parts.iv)?
            .try_into()
            .map_err(|_| JweError::Malformed)?;
        let tag: [u8; 16] = decode(parts.tag)?
            .try_into()
            .map_err(|_| JweError::Malformed)?;
        let mut text = Zeroizing::new(decode(parts.ciphertext)?);
        let (nonce, tag) = (Nonce::from_slice(&iv), Tag::from_slice(&tag));
        let aad = parts.protected.as_bytes();
        match header.encryption {
            Encryption::A128Gcm => Aes128Gcm::new_from_slice(&key)
                .map_err(|_| JweError::Encryption)?
                .decrypt_in_place_detached(nonce, aad, &mut text, tag),
            Encryption::A256Gcm => Aes256Gcm::new_from_slice(&key)
                .map_err(|_| JweError::Encryption)?
                .decrypt_in_place_detached(nonce, aad, &mut text, tag),
        }
        .map_err(|_| JweError::Decrypt)?;
        Ok(text)
    }
}

struct Parts<'a> {
    protected: &'a str,
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

struct Header {
    encryption: Encryption,
    epk: p256::PublicKey,
    kid: Option<String>,
    apu: Vec<u8>,
    apv: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn split(compact: &'a str) -> Result<Self, JweError> {
        if compact.len() > MAX_BYTES {
            return Err(JweError::Malformed);
        }
        let mut parts = compact.split('.');
        let mut next = || parts.next().ok_or(JweError::Malformed);
        let (protected, wrapped) = (next()?, next()?);
        let (iv, ciphertext, tag) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(JweError::Malformed);
        }
        if !wrapped.is_empty() {
            return Err(JweError::Algorithm);
        }
        Ok(Self {
            protected,
            iv,
            ciphertext,
            tag,
        })
    }

    fn header(&self) -> Result<Header, JweError> {
        let header = json::parse_object(&decode(self.protected)?).map_err(JweError::Header)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        if header.contains_key("crit") {
            return Err(JweError::Critical);
        }
        if header.contains_key("zip") {
            return Err(JweError::Compressed);
        }
        if text("alg") != Some(ALG) {
            return Err(JweError::Algorithm);
        }
        let encryption = text("enc")
            .and_then(Encryption::from_name)
            .ok_or(JweError::Encryption)?;
        let epk = header.get("epk").ok_or(JweError::EphemeralKey)?;
        let Ok(PublicKey::P256(epk)) = PublicKey::from_jwk(epk) else {
            return Err(JweError::EphemeralKey);
        };
        let kid = match header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(JweError::OtherKey),
        };
        let party = |name: &str| match header.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(info)) if info.len() <= MAX_PARTY_INFO => {
                b64::decode(info).map_err(|_| JweError::PartyInfo)
            }
            Some(_) => Err(JweError::PartyInfo),
        };
        Ok(Header {
            encryption,
            epk,
            kid,
            apu: party("apu")?,
            apv: party("apv")?,
        })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, JweError> {
    b64::decode(part).map_err(|_| JweError::Malformed)
}

/// Concat KDF with SHA-256 (RFC 7518 §4.6.2). One round gives all that is needed.
fn derive_key(
    shared: &SharedSecret,
    encryption: Encryption,
    apu: &[u8],
    apv: &[u8],
) -> Zeroizing<Vec<u8>> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    let name = encryption.name().as_bytes();
    let bits = u32::try_from(encryption.key_bytes() * 8).unwrap_or(u32::MAX);
    let mut hash = Sha256::new();
    hash.update(1_u32.to_be_bytes());
    hash.update(shared.raw_secret_bytes());
    for field in [name, apu, apv] {
        hash.update(length(field));
        hash.update(field);
    }
    hash.update(bits.to_be_bytes());
    let digest = Zeroizing::new(<[u8; 32]>::from(hash.finalize()));
    Zeroizing::new(
        digest
            .iter()
            .copied()
            .take(encryption.key_bytes())
            .collect(),
    )
}

#[cfg(test)]
mod tests;
