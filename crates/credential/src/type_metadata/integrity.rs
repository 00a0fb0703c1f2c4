use std::fmt;

use keys::b64;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;

/// The most hashes of one integrity metadata string.
const MAX_HASHES: usize = 8;

/// An "integrity metadata" string (W3C Subresource Integrity §3.5): hashes separated by
/// white space, of which the strongest algorithm counts.
#[derive(Clone, PartialEq, Eq)]
pub struct Integrity {
    strength: Strength,
    hashes: Vec<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Sha256,
    Sha384,
    Sha512,
}

/// Why a document and its integrity metadata do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntegrityError {
    /// No hash that is understood. Browsers would let such a document pass; here it is
    /// refused, because the issuer meant to pin it.
    #[error("the integrity metadata names no supported hash")]
    Unsupported,
    /// Another document.
    #[error("the document is not the one that was pinned")]
    Mismatch,
}

impl Integrity {
    /// Reads `sha256-…`, `sha384-…` and `sha512-…`; other algorithms are skipped, options
    /// after `?` too.
    pub fn parse(text: &str) -> Result<Self, IntegrityError> {
        let mut parsed: Vec<(Strength, Vec<u8>)> = Vec::new();
        for token in text.split_ascii_whitespace().take(MAX_HASHES) {
            let hash = token.split('?').next().unwrap_or_default();
            let Some((algorithm, digest)) = hash.split_once('-') else {
                continue;
            };
            let (strength, length) = match algorithm.to_ascii_lowercase().as_str() {
                "sha256" => (Strength::Sha256, 32),
                "sha384" => (Strength::Sha384, 48),
                "sha512" => (Strength::Sha512, 64),
                _ => continue,
            };
            if let Ok(digest) = b64::decode_standard(digest)
                && digest.len() == length
            {
                parsed.push((strength, digest));
            }
        }
        let strength = parsed
            .iter()
            .map(|(strength, _)| *strength)
            .max()
            .ok_or(IntegrityError::Unsupported)?;
        Ok(Self {
            strength,
            // Digests of the weaker algorithms have another length and never match.
            hashes: parsed.into_iter().map(|(_, digest)| digest).collect(),
        })
    }

    /// The integrity metadata of a document, with SHA-256.
    pub fn derive(document: &[u8]) -> String {
        format!("sha256-{}", b64::encode_standard(Sha256::digest(document)))
    }

    /// Checks a document byte by byte as it was received.
    pub fn check(&self, document: &[u8]) -> Result<(), IntegrityError> {
        let digest = match self.strength {
            Strength::Sha256 => Sha256::digest(document).to_vec(),
            Strength::Sha384 => Sha384::digest(document).to_vec(),
            Strength::Sha512 => Sha512::digest(document).to_vec(),
        };
        if self.hashes.iter().any(|hash| hash.ct_eq(&digest).into()) {
            Ok(())
        } else {
            Err(IntegrityError::Mismatch)
        }
    }
}

impl fmt::Debug for Integrity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Integrity(..)")
    }
}
