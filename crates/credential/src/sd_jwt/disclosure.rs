use std::fmt;

use keys::{b64, json};
use serde_json::Value;

use super::ParseError;

/// The member that holds the digests of an object.
pub(super) const SD: &str = "_sd";
/// The only member of an array element that stands for a digest.
pub(super) const ELLIPSIS: &str = "...";
/// The member that names the hash algorithm.
pub(super) const SD_ALG: &str = "_sd_alg";

/// A disclosure (RFC 9901 §4.2): salt, claim name (for members of an object) and value.
#[derive(Clone, PartialEq)]
pub struct Disclosure {
    encoded: String,
    name: Option<String>,
    value: Value,
}

impl Disclosure {
    /// Reads a disclosure; `position` counts from 1 and only serves the error.
    pub(super) fn parse(encoded: &str, position: usize) -> Result<Self, ParseError> {
        let malformed = || ParseError::Disclosure { position };
        let bytes = b64::decode(encoded).map_err(|_| malformed())?;
        let Value::Array(items) = json::parse(&bytes).map_err(|_| malformed())? else {
            return Err(ParseError::DisclosureShape { position });
        };
        let mut items = items.into_iter();
        let parts = (items.next(), items.next(), items.next(), items.next());
        let (name, value) = match parts {
            (Some(Value::String(_)), Some(value), None, None) => (None, value),
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => {
                (Some(name), value)
            }
            _ => return Err(ParseError::DisclosureShape { position }),
        };
        if name.as_deref().is_some_and(is_reserved) {
            return Err(ParseError::ReservedName { position });
        }
        Ok(Self {
            encoded: encoded.to_owned(),
            name,
            value,
        })
    }

    /// A disclosure with a fresh 128-bit salt (RFC 9901 §9.3).
    pub(super) fn make(name: Option<String>, value: Value) -> Self {
        let mut salt = [0_u8; 16];
        rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, &mut salt);
        let salt = Value::String(b64::encode(salt));
        let array = match &name {
            Some(name) => vec![salt, Value::String(name.clone()), value.clone()],
            None => vec![salt, value.clone()],
        };
        Self {
            encoded: b64::encode(Value::Array(array).to_string()),
            name,
            value,
        }
    }

    /// The text between two tildes.
    pub fn encoded(&self) -> &str {
        &self.encoded
    }

    /// The claim name; absent for an element of an array.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The value as it was disclosed, with digests of further disclosures still in it.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

/// Without the value: it is personal.
impl fmt::Debug for Disclosure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Disclosure(..)")
    }
}

/// Names that a claim may not have (RFC 9901 §4.2.1).
pub(super) fn is_reserved(name: &str) -> bool {
    name == SD || name == ELLIPSIS
}
