//! JSON from outside: bounded, and no object repeats a member.
//!
//! RFC 8259 leaves repeated members to the reader; two readers that choose differently
//! see two documents under one signature. RFC 7515 §4 asks for a parser that refuses them.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Objects and arrays may stand this deep in one another.
pub const MAX_DEPTH: usize = 32;
/// The longest JSON text that [`parse`] reads, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// `serde_json` passes a number of arbitrary precision to a visitor as an object with this
/// one member. A document that spells it itself is refused: plainly by [`parse_bounded`],
/// with escapes by [`Name`].
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Why a JSON text was refused. Carries positions, never content.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Longer than the bound.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The bound in bytes.
        limit: usize,
    },
    /// Not JSON, nested too deep, or a member stands twice in one object.
    #[error("not acceptable JSON at line {line} column {column}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Uses a name that the parser keeps for itself.
    #[error("uses a reserved member name")]
    Reserved,
    /// JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
}

/// Reads one JSON value of at most [`MAX_BYTES`].
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    parse_bounded(bytes, MAX_BYTES)
}

/// Reads one JSON object of at most [`MAX_BYTES`].
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match parse(bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError::NotAnObject),
    }
}

/// Reads one JSON value of at most `limit` bytes.
pub fn parse_bounded(bytes: &[u8], limit: usize) -> Result<Value, JsonError> {
    if bytes.len() > limit {
        return Err(JsonError::TooLong { limit });
    }
    // Nothing but its first byte is a dollar sign.
    let (dollar, token) = NUMBER_TOKEN.split_at(1);
    if bytes
        .split(|byte| dollar.as_bytes().contains(byte))
        .skip(1)
        .any(|rest| rest.starts_with(token.as_bytes()))
    {
        return Err(JsonError::Reserved);
    }
    let syntax = |error: serde_json::Error| JsonError::Syntax {
        line: error.line(),
        column: error.column(),
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }
        .deserialize(&mut reader)
        .map_err(syntax)?;
    reader.end().map_err(syntax)?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom("too deep"));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON without repeated members")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key_seed(NameSeed)? {
            let name = match name {
                Name::Member(name) => name,
                Name::Number => {
                    let digits: String = members.next_value()?;
                    return digits
                        .parse::<Number>()
                        .map(Value::Number)
                        .map_err(de::Error::custom);
                }
            };
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("member repeated"));
            }
        }
        Ok(Value::Object(object))
    }
}

/// A member name, or the sign that a number follows.
enum Name {
    Member(String),
    Number,
}

struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Name;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NameSeed {
    type Value = Name;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member name")
    }

    /// The reader borrows what has no escapes: its own token, and plain names, among which
    /// [`parse_bounded`] has made sure that the token is not.
    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name, E> {
        Ok(if name == NUMBER_TOKEN {
            Name::Number
        } else {
            Name::Member(name.to_owned())
        })
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
        if name == NUMBER_TOKEN {
            return Err(E::custom("reserved member name"));
        }
        Ok(Name::Member(name.to_owned()))
    }
}
