use keys::b64;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::VcdmError;
use crate::catalogue;

/// The most hashes of one `digestSRI`.
const MAX_HASHES: usize = 8;
/// The longest text of a digest, in bytes.
const MAX_TEXT: usize = 1024;

/// The digests of W3C's own contexts as W3C serves them: by SHA-256, which it publishes (VCDM 2.0
/// §B.1 and 1.1 §B.1), and of the same bytes by SHA-384 and SHA-512.
const PUBLISHED: &[(&str, [&str; 3])] = &[
    (
        "https://www.w3.org/ns/credentials/v2",
        [
            "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
            "97f1eb8e5042356c805fdd61afa2c557663785e0794dcafa21e138fd38def18cb360133c221aa31d6896a6bf3e65b614",
            "5d55452bd2dcf8a29f5a290473eb242b1c5fb77d4e68f1a0aa87baa4dba2694852d65ec63d48ac04a99d956f9f7153b9406f84d2d04c74869b02c239a1d81305",
        ],
    ),
    (
        "https://www.w3.org/2018/credentials/v1",
        [
            "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
            "82c3b3eab863754bbfd2b9f17d8d6db9f61169f301cbf0b05e1fc4beb5f5c51dd4d2e888c274f49c3fbb2408f61faed1",
            "536a40b390dda94a9e39196c00090f62668e8184fe3c8c02c4a22c85666e68bf6e85d3dc7f2dba85b2b62ef95d97de24132568d8504db43f2c9c82d2e88418d2",
        ],
    ),
];

/// A hash function.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// What a digest allows: any of these values of one function.
pub(super) struct Digest {
    hash: Hash,
    values: Vec<Vec<u8>>,
}

impl Digest {
    /// Reads `sha256-…`, `sha384-…` and `sha512-…` (Subresource Integrity §3.5), of which the
    /// strongest counts. Digits to the base of 16 are read besides base64: W3C's own test suite
    /// for the data model writes them.
    pub(super) fn from_sri(text: &str) -> Result<Self, VcdmError> {
        if text.len() > MAX_TEXT {
            return Err(VcdmError::Digest);
        }
        let mut found: Vec<(Hash, Vec<u8>)> = Vec::new();
        for token in text.split_ascii_whitespace() {
            let expression = token.split('?').next().unwrap_or_default();
            let (name, value) = expression.split_once('-').ok_or(VcdmError::Digest)?;
            let hash = match name {
                "sha256" => Hash::Sha256,
                "sha384" => Hash::Sha384,
                "sha512" => Hash::Sha512,
                _ => return Err(VcdmError::Digest),
            };
            let value = from_hex(value)
                .filter(|value| value.len() == hash.length())
                .or_else(|| b64::decode_standard(value).ok())
                .filter(|value| value.len() == hash.length())
                .ok_or(VcdmError::Digest)?;
            if found.len() == MAX_HASHES {
                return Err(VcdmError::Digest);
            }
            found.push((hash, value));
        }
        let strongest = found.iter().map(|(hash, _)| *hash).max();
        let hash = strongest.ok_or(VcdmError::Digest)?;
        found.retain(|(other, _)| *other == hash);
        Ok(Self {
            hash,
            values: found.into_iter().map(|(_, value)| value).collect(),
        })
    }

    /// Reads a multihash in base64url or base58btc (Controlled Identifiers 1.0 §2.4 and §2.5). The
    /// 32 bytes of a SHA-256 are read without the name of the function too: W3C's own test suite
    /// for the data model writes them.
    pub(super) fn from_multibase(text: &str) -> Result<Self, VcdmError> {
        if text.len() > MAX_TEXT {
            return Err(VcdmError::Digest);
        }
        let bytes = if let Some(digits) = text.strip_prefix('u') {
            b64::decode(digits).ok()
        } else if let Some(digits) = text.strip_prefix('z') {
            bs58::decode(digits).into_vec().ok()
        } else {
            None
        };
        let bytes = bytes.ok_or(VcdmError::Digest)?;
        if bytes.len() == Hash::Sha256.length() {
            return Ok(Self {
                hash: Hash::Sha256,
                values: vec![bytes],
            });
        }
        let (hash, value) = match bytes.split_first_chunk().ok_or(VcdmError::Digest)? {
            ([0x12, 32], value) => (Hash::Sha256, value),
            ([0x20, 48], value) => (Hash::Sha384, value),
            ([0x13, 64], value) => (Hash::Sha512, value),
            _ => return Err(VcdmError::Digest),
        };
        if value.len() != hash.length() {
            return Err(VcdmError::Digest);
        }
        Ok(Self {
            hash,
            values: vec![value.to_vec()],
        })
    }

    /// Whether this is the digest of the resource that is compiled in under this name. `None` where
    /// none is, or where its digest by this function is not known.
    pub(super) fn is_of(&self, id: &str) -> Option<bool> {
        let value = match catalogue::by_context(id) {
            Some(entry) => Some(self.hash.of(entry.context.as_bytes())),
            None => PUBLISHED.iter().find(|(name, _)| *name == id).and_then(
                |(_, [short, middle, long])| {
                    from_hex(match self.hash {
                        Hash::Sha256 => short,
                        Hash::Sha384 => middle,
                        Hash::Sha512 => long,
                    })
                },
            ),
        };
        value.map(|value| self.values.contains(&value))
    }

    /// Whether this is the digest of these bytes.
    pub(super) fn matches(&self, bytes: &[u8]) -> bool {
        self.values.contains(&self.hash.of(bytes))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .chars()
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}
