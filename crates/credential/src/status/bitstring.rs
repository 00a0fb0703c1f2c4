//! W3C Bitstring Status List v1.0: the list in a verified credential's subject (§2.2), and a
//! credential's entry (§2.1).
//!
//! The list is itself a credential. Whoever calls verifies it by its own format first, and
//! hands in its `credentialSubject`. StatusList2021, of which this is the successor, is read too.

use std::fmt;

use keys::b64;
use serde_json::{Map, Value, json};

use super::compress::{deflate_gzip, inflate_gzip};
use super::{InflateError, LookUpError, MAX_LIST, Standing, StatusRef};

/// The least entries of a list: the herd in which a credential hides (§5.1).
pub const MIN_ENTRIES: u64 = 131_072;
/// How long a list may be kept that does not say so, in seconds (`ttl` of §2.2).
pub const DEFAULT_TTL: u64 = 300;
/// The widest entry that is read, in bits.
pub const MAX_SIZE: u8 = 8;
/// The most purposes of one list.
const MAX_PURPOSES: usize = 8;

const TYPE: &str = "BitstringStatusList";
const ENTRY_TYPE: &str = "BitstringStatusListEntry";
/// What lists and entries were called in StatusList2021, to be read only.
const OLDER_TYPE: &str = "StatusList2021";
const OLDER_ENTRY_TYPE: &str = "StatusList2021Entry";

/// Why a list or an entry was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BitstringError {
    /// The type is another.
    #[error("not a bitstring status list or an entry of one")]
    Type,
    /// A member is missing or of the wrong type.
    #[error("`{member}` of the bitstring status list is missing or malformed")]
    Member {
        /// Which.
        member: &'static str,
    },
    /// `encodedList` is not base64url in multibase (`u`).
    #[error("the bitstring status list is not encoded in base64url")]
    Encoding,
    /// `encodedList` is not GZIP, or too large.
    #[error(transparent)]
    Inflate(#[from] InflateError),
}

/// The statuses of a Bitstring Status List, inflated. Entry 0 begins at the highest bit of the
/// first byte.
#[derive(Clone, PartialEq, Eq)]
pub struct BitstringList {
    purposes: Vec<String>,
    ttl: Option<u64>,
    bytes: Vec<u8>,
}

impl BitstringList {
    /// A list for one purpose with room for `entries` entries of `size` bits, and never less
    /// than [`MIN_ENTRIES`].
    pub fn new(purpose: &str, entries: u64, size: u8) -> Result<Self, InflateError> {
        let length = entries
            .max(MIN_ENTRIES)
            .checked_mul(u64::from(size))
            .and_then(|bits| usize::try_from(bits.div_ceil(8)).ok())
            .filter(|length| *length <= MAX_LIST)
            .ok_or(InflateError::TooLarge)?;
        Ok(Self {
            purposes: vec![purpose.to_owned()],
            ttl: None,
            bytes: vec![0; length],
        })
    }

    /// Reads the `credentialSubject` of a list credential that was verified.
    pub fn from_subject(subject: &Map<String, Value>) -> Result<Self, BitstringError> {
        let is_older = has_type(subject, OLDER_TYPE);
        if !is_older && !has_type(subject, TYPE) {
            return Err(BitstringError::Type);
        }
        let malformed = |member| BitstringError::Member { member };
        let purposes: Option<Vec<_>> = match subject.get("statusPurpose") {
            Some(Value::String(one)) => Some(vec![one.clone()]),
            Some(Value::Array(many)) if !many.is_empty() && many.len() <= MAX_PURPOSES => many
                .iter()
                .map(|one| one.as_str().map(str::to_owned))
                .collect(),
            _ => None,
        };
        let ttl = match subject.get("ttl") {
            None => None,
            // In milliseconds.
            Some(ttl) => Some(ttl.as_u64().ok_or(malformed("ttl"))? / 1000),
        };
        let list = subject
            .get("encodedList")
            .and_then(Value::as_str)
            .ok_or(malformed("encodedList"))?;
        let compressed = match is_older {
            true => decode_older(list),
            false => list
                .strip_prefix('u')
                .and_then(|list| b64::decode(list).ok()),
        };
        let compressed = compressed.ok_or(BitstringError::Encoding)?;
        Ok(Self {
            purposes: purposes.ok_or(malformed("statusPurpose"))?,
            ttl,
            bytes: inflate_gzip(&compressed)?,
        })
    }

    /// The `credentialSubject` of the list published at `uri`; `ttl` in seconds.
    pub fn to_subject(&self, uri: &str, ttl: Option<u64>) -> Map<String, Value> {
        let mut subject = Map::new();
        subject.insert("id".to_owned(), format!("{uri}#list").into());
        subject.insert("type".to_owned(), TYPE.into());
        let purpose = match self.purposes.as_slice() {
            [one] => json!(one),
            many => json!(many),
        };
        subject.insert("statusPurpose".to_owned(), purpose);
        let encoded = format!("u{}", b64::encode(deflate_gzip(&self.bytes)));
        subject.insert("encodedList".to_owned(), encoded.into());
        if let Some(ttl) = ttl {
            subject.insert("ttl".to_owned(), ttl.saturating_mul(1000).into());
        }
        subject
    }

    /// `ttl` in whole seconds.
    pub fn ttl(&self) -> Option<u64> {
        self.ttl
    }

    /// What the list is for.
    pub fn purposes(&self) -> impl Iterator<Item = &str> {
        self.purposes.iter().map(String::as_str)
    }

    /// How many entries of `size` bits there are.
    pub fn entries(&self, size: u8) -> u64 {
        (self.bytes.len() as u64 * 8)
            .checked_div(u64::from(size))
            .unwrap_or_default()
    }

    /// The value at a place (§3.2): purposes must agree, and the herd be large enough.
    pub fn get(&self, index: u64, purpose: &str, size: u8) -> Result<u8, LookUpError> {
        if !self.purposes.iter().any(|known| known == purpose) {
            return Err(LookUpError::OtherPurpose);
        }
        let mut value = 0;
        for bit in self.bits(index, size)? {
            let (byte, mask) = place(bit)?;
            let byte = self.bytes.get(byte).ok_or(LookUpError::OutOfRange)?;
            value = (value << 1) | u8::from(byte & mask != 0);
        }
        Ok(value)
    }

    /// Sets the value at a place.
    pub fn set(&mut self, index: u64, size: u8, value: u8) -> Result<(), LookUpError> {
        if u32::from(value) >> size.min(MAX_SIZE) != 0 {
            return Err(LookUpError::TooWide);
        }
        for (bit, shift) in self.bits(index, size)?.zip((0..size).rev()) {
            let (byte, mask) = place(bit)?;
            let byte = self.bytes.get_mut(byte).ok_or(LookUpError::OutOfRange)?;
            if (value >> shift) & 1 == 1 {
                *byte |= mask;
            } else {
                *byte &= !mask;
            }
        }
        Ok(())
    }

    /// What the value means for the purpose that the credential names.
    pub fn standing(&self, index: u64, purpose: &str, size: u8) -> Result<Standing, LookUpError> {
        let value = self.get(index, purpose, size)?;
        Ok(match (value, purpose) {
            (0, _) => Standing::Valid,
            (_, "revocation") => Standing::Revoked,
            (_, "suspension") => Standing::Suspended,
            (value, _) => Standing::Other(value),
        })
    }

    fn bits(&self, index: u64, size: u8) -> Result<std::ops::Range<u64>, LookUpError> {
        let entries = self.entries(size);
        if size == 0 || size > MAX_SIZE {
            return Err(LookUpError::OutOfRange);
        }
        if entries < MIN_ENTRIES {
            return Err(LookUpError::TooShort);
        }
        if index >= entries {
            return Err(LookUpError::OutOfRange);
        }
        let start = index * u64::from(size);
        Ok(start..start + u64::from(size))
    }
}

/// Base64, of which StatusList2021 did not say the alphabet, without multibase.
fn decode_older(list: &str) -> Option<Vec<u8>> {
    let url_safe = b64::decode(list.trim_end_matches('='));
    url_safe.or_else(|_| b64::decode_standard(list)).ok()
}

fn place(bit: u64) -> Result<(usize, u8), LookUpError> {
    let byte = usize::try_from(bit / 8).map_err(|_| LookUpError::OutOfRange)?;
    Ok((byte, 0x80 >> (bit % 8)))
}

/// A credential's entry in a list: one object of its `credentialStatus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where the status is published.
    pub reference: StatusRef,
    /// `statusMessage`: what each value means.
    messages: Vec<(u64, String)>,
}

impl Entry {
    /// Reads a `BitstringStatusListEntry` (§2.1), or a `StatusList2021Entry`.
    pub fn parse(entry: &Map<String, Value>) -> Result<Self, BitstringError> {
        if !has_type(entry, ENTRY_TYPE) && !has_type(entry, OLDER_ENTRY_TYPE) {
            return Err(BitstringError::Type);
        }
        let malformed = |member| BitstringError::Member { member };
        let text = |member| entry.get(member).and_then(Value::as_str);
        let size = match entry.get("statusSize") {
            None => 1,
            Some(size) => size
                .as_u64()
                .and_then(|size| u8::try_from(size).ok())
                .filter(|size| (1..=MAX_SIZE).contains(size))
                .ok_or(malformed("statusSize"))?,
        };
        let index = text("statusListIndex").ok_or(malformed("statusListIndex"))?;
        // No sign, no space: digits only.
        if index.is_empty() || !index.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed("statusListIndex"));
        }
        let messages = match entry.get("statusMessage") {
            None if size == 1 => Vec::new(),
            Some(Value::Array(messages)) if messages.len() == 1_usize << size => messages
                .iter()
                .map(message)
                .collect::<Option<_>>()
                .ok_or(malformed("statusMessage"))?,
            _ => return Err(malformed("statusMessage")),
        };
        Ok(Self {
            reference: StatusRef::Bitstring {
                list: text("statusListCredential")
                    .ok_or(malformed("statusListCredential"))?
                    .to_owned(),
                index: index.parse().map_err(|_| malformed("statusListIndex"))?,
                purpose: text("statusPurpose")
                    .ok_or(malformed("statusPurpose"))?
                    .to_owned(),
                size,
            },
            messages,
        })
    }

    /// What a value means in the issuer's words.
    pub fn message(&self, value: u8) -> Option<&str> {
        self.messages
            .iter()
            .find_map(|(known, text)| (*known == u64::from(value)).then_some(text.as_str()))
    }
}

/// The entry of a credential, as it stands in `credentialStatus`. `None` for a place in a list
/// of another kind, and for entries wider than one bit, whose values would need messages.
pub fn to_entry(reference: &StatusRef) -> Option<Map<String, Value>> {
    let StatusRef::Bitstring {
        list,
        index,
        purpose,
        size: 1,
    } = reference
    else {
        return None;
    };
    let mut entry = Map::new();
    entry.insert("id".to_owned(), format!("{list}#{index}").into());
    entry.insert("type".to_owned(), ENTRY_TYPE.into());
    entry.insert("statusPurpose".to_owned(), purpose.as_str().into());
    entry.insert("statusListIndex".to_owned(), index.to_string().into());
    entry.insert("statusListCredential".to_owned(), list.as_str().into());
    Some(entry)
}

/// `{"status": "0x1", "message": "…"}`.
fn message(value: &Value) -> Option<(u64, String)> {
    let digits = value.get("status")?.as_str()?.strip_prefix("0x")?;
    Some((
        u64::from_str_radix(digits, 16).ok()?,
        value.get("message")?.as_str()?.to_owned(),
    ))
}

fn has_type(object: &Map<String, Value>, name: &str) -> bool {
    match object.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(many)) => many.iter().any(|one| one == name),
        _ => false,
    }
}

impl fmt::Debug for BitstringList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "BitstringList({:?}, {} bits)",
            self.purposes,
            self.bytes.len() * 8
        )
    }
}
