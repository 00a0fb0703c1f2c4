//! Elements as claims: CBOR as JSON, and back.
//!
//! | CBOR | JSON |
//! |---|---|
//! | text, whole number, boolean, null, array, map | the same; keys that are not text as text |
//! | `full-date` (tag 1004), `tdate` (tag 0) | the text |
//! | byte string | base64url; a JPEG or PNG as a `data:` URI, as the schemas have pictures |
//! | `undefined` | null |
//! | float | a number; null where JSON has none |
//! | any other tag | what it tags |

use ciborium::value::Value as Cbor;
use keys::b64;
use serde_json::{Map, Number, Value};

use super::cbor::{Item, Kind};

/// `tdate` (RFC 8949 §3.4.1).
pub(super) const TDATE: u64 = 0;
/// `full-date` (RFC 8943).
pub(super) const FULL_DATE: u64 = 1004;

const PICTURES: [(&[u8], &str); 2] = [
    (&[0xff, 0xd8, 0xff], "data:image/jpeg;base64,"),
    (b"\x89PNG\r\n\x1a\n", "data:image/png;base64,"),
];

/// An element's value as a claim; `None` where two keys of a map would become one.
pub(super) fn to_json(item: &Item<'_>) -> Option<Value> {
    Some(match &item.kind {
        Kind::Unsigned(number) => (*number).into(),
        Kind::Negative(_) => integer(item)?,
        Kind::Bytes(bytes) => bytes_to_json(bytes),
        Kind::Text(text) => text.as_ref().into(),
        Kind::Array(items) => items.iter().map(to_json).collect::<Option<_>>()?,
        Kind::Map(entries) => {
            let mut members = Map::new();
            for (key, value) in entries {
                if members.insert(name(key)?, to_json(value)?).is_some() {
                    return None;
                }
            }
            Value::Object(members)
        }
        Kind::Tag(_, content) => to_json(content)?,
        Kind::Bool(value) => (*value).into(),
        Kind::Null | Kind::Undefined => Value::Null,
        Kind::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Kind::Simple(number) => (*number).into(),
    })
}

fn integer(item: &Item<'_>) -> Option<Value> {
    match item.kind {
        Kind::Negative(number) => Some(match item.as_i64() {
            Some(number) => number.into(),
            // Beyond what others read as a number.
            None => (-1 - i128::from(number)).to_string().into(),
        }),
        Kind::Unsigned(number) => Some(number.into()),
        _ => None,
    }
}

fn name(key: &Item<'_>) -> Option<String> {
    match &key.kind {
        Kind::Text(text) => Some(text.clone().into_owned()),
        Kind::Bytes(bytes) => Some(b64::encode(bytes)),
        Kind::Bool(value) => Some(value.to_string()),
        _ => match integer(key)? {
            Value::String(text) => Some(text),
            number => Some(number.to_string()),
        },
    }
}

fn bytes_to_json(bytes: &[u8]) -> Value {
    let picture = PICTURES.iter().find(|(magic, _)| bytes.starts_with(magic));
    match picture {
        Some((_, prefix)) => format!("{prefix}{}", b64::encode_standard(bytes)).into(),
        None => b64::encode(bytes).into(),
    }
}

/// A claim as an element's value. The schema of the claim says which texts are dates.
pub(super) fn from_json(value: &Value, schema: Option<&Value>) -> Option<Cbor> {
    let below = |name: &str| schema.and_then(|schema| schema.get(name));
    Some(match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::Number(number) => {
            if let Some(number) = number.as_i64() {
                Cbor::from(number)
            } else if let Some(number) = number.as_u64() {
                Cbor::from(number)
            } else {
                Cbor::from(number.as_f64().filter(|number| number.is_finite())?)
            }
        }
        Value::String(text) => match below("format").and_then(Value::as_str) {
            Some("date") => Cbor::Tag(FULL_DATE, Box::new(Cbor::Text(text.clone()))),
            Some("date-time") => Cbor::Tag(TDATE, Box::new(Cbor::Text(text.clone()))),
            _ => picture(text).unwrap_or_else(|| Cbor::Text(text.clone())),
        },
        Value::Array(items) => Cbor::Array(
            items
                .iter()
                .map(|item| from_json(item, below("items")))
                .collect::<Option<_>>()?,
        ),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let schema = below("properties").and_then(|members| members.get(name));
                Some((Cbor::Text(name.clone()), from_json(value, schema)?))
            };
            Cbor::Map(members.iter().map(member).collect::<Option<_>>()?)
        }
    })
}

/// The bytes of a picture in a `data:` URI.
fn picture(text: &str) -> Option<Cbor> {
    PICTURES.iter().find_map(|(magic, prefix)| {
        let bytes = b64::decode_standard(text.strip_prefix(prefix)?).ok()?;
        bytes.starts_with(magic).then_some(Cbor::Bytes(bytes))
    })
}
