use serde_json::{Map, Number, Value};

use super::JsonLdError;

/// How deep objects and arrays may stand in one another.
const MAX_DEPTH: usize = 32;
/// How many values a document may have.
const MAX_VALUES: usize = 20_000;
/// How much text a document may have, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// The keywords of JSON-LD 1.1 §1.7. Other names with an at sign are dropped by its algorithms.
const KEYWORDS: &[&str] = &[
    "@base",
    "@container",
    "@context",
    "@default",
    "@direction",
    "@graph",
    "@id",
    "@import",
    "@included",
    "@json",
    "@language",
    "@list",
    "@nest",
    "@none",
    "@prefix",
    "@propagate",
    "@protected",
    "@reverse",
    "@set",
    "@type",
    "@value",
    "@version",
    "@vocab",
];

/// Refuses documents that cost too much, and what would be dropped or read differently.
pub(crate) fn check(document: &Map<String, Value>) -> Result<(), JsonLdError> {
    let mut left = Left {
        values: MAX_VALUES,
        text: MAX_TEXT,
    };
    left.members(document, 0)
}

/// Refuses what no statement comes of, so that anybody could add it to what is signed: a `null`,
/// an empty list. In a context they mean something. A presentation that holds no credential may
/// say so: whoever adds that, or takes it away, changes nothing. The document was expanded: its
/// depth is bounded.
pub(crate) fn require_said(document: &Map<String, Value>) -> Result<(), JsonLdError> {
    let may_be_empty = is_presentation(document);
    members_said(document, |name| {
        may_be_empty && name == "verifiableCredential"
    })
}

fn is_presentation(document: &Map<String, Value>) -> bool {
    const NAME: &str = "VerifiablePresentation";
    match document.get("type") {
        Some(Value::String(one)) => one == NAME,
        Some(Value::Array(many)) => many.iter().any(|one| one == NAME),
        _ => false,
    }
}

fn members_said(
    object: &Map<String, Value>,
    may_be_empty: impl Fn(&str) -> bool,
) -> Result<(), JsonLdError> {
    object
        .iter()
        .filter(|(name, _)| *name != "@context")
        .try_for_each(|(name, value)| match value {
            // The end of a list in order is a statement.
            Value::Array(items) if items.is_empty() && name == "@list" => Ok(()),
            Value::Array(items) if items.is_empty() && may_be_empty(name) => Ok(()),
            value => is_said(value),
        })
}

/// How many objects and arrays lie within one another, this one included.
pub(super) fn depth(object: &Map<String, Value>) -> usize {
    1 + object.values().map(depth_of).max().unwrap_or(0)
}

fn depth_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        Value::Object(object) => depth(object),
        _ => 0,
    }
}

fn is_said(value: &Value) -> Result<(), JsonLdError> {
    match value {
        Value::Null => Err(JsonLdError::Dropped),
        Value::Array(items) if items.is_empty() => Err(JsonLdError::Dropped),
        Value::Array(items) => items.iter().try_for_each(is_said),
        Value::Object(object) => members_said(object, |_| false),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

struct Left {
    values: usize,
    text: usize,
}

impl Left {
    fn members(&mut self, object: &Map<String, Value>, depth: usize) -> Result<(), JsonLdError> {
        if depth >= MAX_DEPTH {
            return Err(JsonLdError::TooLarge("32 levels"));
        }
        for (name, value) in object {
            if name.is_empty() || (name.starts_with('@') && !KEYWORDS.contains(&name.as_str())) {
                return Err(JsonLdError::Dropped);
            }
            self.text(name)?;
            self.value(value, depth + 1)?;
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), JsonLdError> {
        self.values = self
            .values
            .checked_sub(1)
            .ok_or(JsonLdError::TooLarge("20000 values"))?;
        match value {
            Value::Null | Value::Bool(_) => Ok(()),
            Value::Number(number) => check_number(number),
            Value::String(text) => self.text(text),
            Value::Array(items) if depth >= MAX_DEPTH && !items.is_empty() => {
                Err(JsonLdError::TooLarge("32 levels"))
            }
            Value::Array(items) => items
                .iter()
                .try_for_each(|item| self.value(item, depth + 1)),
            Value::Object(object) => self.members(object, depth),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), JsonLdError> {
        self.text = self
            .text
            .checked_sub(text.len())
            .ok_or(JsonLdError::TooLarge("a megabyte of text"))?;
        if is_readable(text) {
            Ok(())
        } else {
            Err(JsonLdError::Identifier)
        }
    }
}

/// False for what may be an IRI and whose escapes (RFC 3986 §2.1) are not those of UTF-8: the
/// library for IRIs breaks off where it compares two of them. What has a space is no IRI.
pub(super) fn is_readable(text: &str) -> bool {
    if !text.contains('%') || text.contains(char::is_whitespace) {
        return true;
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| {
        let byte = bytes.get(at).copied().map(char::from)?;
        byte.to_digit(16).and_then(|digit| u8::try_from(digit).ok())
    };
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    std::str::from_utf8(&decoded).is_ok()
}

/// A double keeps 15 decimal digits whatever they are; a number of more digits or another
/// magnitude would be signed as another number than a reader of the JSON sees.
fn check_number(number: &Number) -> Result<(), JsonLdError> {
    const MOST_DIGITS: usize = 15;
    let text = number.to_string();
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0');
    // Zeros at the end of a whole number are its magnitude, and of a fraction nothing.
    let significant = significant.trim_end_matches('0');
    let value: f64 = text.parse().map_err(|_| JsonLdError::Number)?;
    let kept = significant.len() <= MOST_DIGITS
        && value.is_finite()
        && (value != 0.0 || significant.is_empty());
    kept.then_some(()).ok_or(JsonLdError::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_that_are_no_utf_8_are_refused_before_they_are_compared() {
        for text in ["urn:x:%ff", "https://a.example/%C3/%A9", "%de", "urn:%80"] {
            assert!(!is_readable(text), "{text}");
        }
        for text in [
            "urn:x:%c3%A9",
            "https://a.example/%20a",
            "100%",
            "%zz",
            "5 %decline",
            "urn:x",
        ] {
            assert!(is_readable(text), "{text}");
        }
    }
}
