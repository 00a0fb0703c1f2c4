use keys::b64;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// The hash algorithm of `_sd_alg`, by its name in IANA's registry of named information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HashAlgorithm {
    /// `sha-256`, also where `_sd_alg` is absent (RFC 9901 §4.1.1).
    #[default]
    Sha256,
    /// `sha-384`.
    Sha384,
    /// `sha-512`.
    Sha512,
}

impl HashAlgorithm {
    /// Reads the value of `_sd_alg`. Shorter and older algorithms are not read.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "sha-256" => Some(Self::Sha256),
            "sha-384" => Some(Self::Sha384),
            "sha-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The value of `_sd_alg`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// The base64url digest of the US-ASCII text (RFC 9901 §4.2.3).
    pub(crate) fn derive_digest(self, text: &str) -> String {
        match self {
            Self::Sha256 => b64::encode(Sha256::digest(text)),
            Self::Sha384 => b64::encode(Sha384::digest(text)),
            Self::Sha512 => b64::encode(Sha512::digest(text)),
        }
    }

    /// A decoy: the digest of random bytes, which nobody can tell from another digest.
    pub(crate) fn make_decoy(self) -> String {
        let mut bytes = [0_u8; 32];
        rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, &mut bytes);
        self.derive_digest(&b64::encode(bytes))
    }
}
