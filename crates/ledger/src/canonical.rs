//! RFC 8785 canonical JSON, for the part of JSON that events use.
//!
//! Events hold strings, booleans, arrays, objects and whole numbers inside ±(2^53 − 1).
//! Fractions are refused, so that no two readers can differ about a number.

use keys::json::{self, JsonError};
use serde::Serialize;
use serde_json::Value;

/// The largest whole number that every JSON reader holds exactly (RFC 7493 §2.2).
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Why a text is not canonical JSON.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// Not acceptable JSON at all.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A number is a fraction or outside ±(2^53 − 1).
    #[error("a number is not a whole number that fits")]
    Number,
    /// The value cannot be written as JSON.
    #[error("the value has no JSON form")]
    NotJson,
    /// The same value has another canonical text.
    #[error("not in canonical form")]
    NotCanonical,
}

/// The canonical text of a value.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|_| CanonicalError::NotJson)?;
    value_to_bytes(&value)
}

/// The canonical text of a JSON value.
pub fn value_to_bytes(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(512);
    write_value(value, &mut out)?;
    Ok(out)
}

/// Reads JSON of at most `limit` bytes and requires that it is already canonical.
pub fn parse(bytes: &[u8], limit: usize) -> Result<Value, CanonicalError> {
    let value = json::parse_bounded(bytes, limit)?;
    if value_to_bytes(&value)? != bytes {
        return Err(CanonicalError::NotCanonical);
    }
    Ok(value)
}

fn write_value(value: &Value, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => {
            let integer = number.as_i64().ok_or(CanonicalError::Number)?;
            if !(-MAX_INTEGER..=MAX_INTEGER).contains(&integer) {
                return Err(CanonicalError::Number);
            }
            out.extend_from_slice(integer.to_string().as_bytes());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_value(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
            sorted.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
            out.push(b'{');
            for (position, (name, member)) in sorted.into_iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_text(name, out);
                out.push(b':');
                write_value(member, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// RFC 8785 §3.2.2.2.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            0x00..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::from),
            any::<String>().prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_an_independent_writer(value in values()) {
            let theirs = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert_eq!(value_to_bytes(&value).unwrap(), theirs);
        }

        #[test]
        fn reads_back_what_it_wrote(value in values()) {
            let bytes = value_to_bytes(&value).unwrap();
            prop_assert_eq!(parse(&bytes, 1 << 20).unwrap(), value);
        }
    }

    #[test]
    fn members_are_ordered_by_utf16() {
        let value = json!({"\u{1f600}": 1, "\u{fb33}": 2});
        let text = String::from_utf8(value_to_bytes(&value).unwrap()).unwrap();
        assert_eq!(text, "{\"\u{1f600}\":1,\"\u{fb33}\":2}");
    }

    #[test]
    fn refuses_another_form() {
        for text in ["{ }", "{\"b\":1,\"a\":2}", "\"\\u0041\"", "[1 ]"] {
            assert!(
                matches!(
                    parse(text.as_bytes(), 100),
                    Err(CanonicalError::NotCanonical)
                ),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_fractions_and_large_numbers() {
        // "-0" is one number or another, as `serde_json` is built; refused it is always.
        assert!(parse(b"-0", 100).is_err());
        for text in ["1.5", "1e3", "9007199254740992", "-9007199254740992"] {
            assert!(
                matches!(parse(text.as_bytes(), 100), Err(CanonicalError::Number)),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_repeated_members_and_length() {
        assert!(matches!(
            parse(b"{\"a\":1,\"a\":1}", 100),
            Err(CanonicalError::Json(_))
        ));
        assert!(matches!(
            parse(b"[1,2,3]", 4),
            Err(CanonicalError::Json(JsonError::TooLong { .. }))
        ));
    }
}
