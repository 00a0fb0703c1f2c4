//! Reading members of JSON objects that others wrote.

use serde_json::{Map, Value};

/// A member that is absent where it must be there, or of the wrong kind or size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadMember(pub(crate) &'static str);

pub(crate) type Object = Map<String, Value>;

/// A string of at most `max` bytes, or nothing where the member is absent.
pub(crate) fn text<'a>(
    object: &'a Object,
    name: &'static str,
    max: usize,
) -> Result<Option<&'a str>, BadMember> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= max => Ok(Some(text)),
        Some(_) => Err(BadMember(name)),
    }
}

/// A string that must be there and not be empty.
pub(crate) fn needed<'a>(
    object: &'a Object,
    name: &'static str,
    max: usize,
) -> Result<&'a str, BadMember> {
    match text(object, name, max)? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(BadMember(name)),
    }
}

pub(crate) fn flag(object: &Object, name: &'static str) -> Result<bool, BadMember> {
    match object.get(name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(BadMember(name)),
    }
}

pub(crate) fn object<'a>(
    object: &'a Object,
    name: &'static str,
) -> Result<Option<&'a Object>, BadMember> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::Object(inner)) => Ok(Some(inner)),
        Some(_) => Err(BadMember(name)),
    }
}

pub(crate) fn array<'a>(
    object: &'a Object,
    name: &'static str,
    max: usize,
) -> Result<Option<&'a [Value]>, BadMember> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::Array(items)) if items.len() <= max => Ok(Some(items)),
        Some(_) => Err(BadMember(name)),
    }
}

/// An array of at most `max` strings of at most `length` bytes each.
pub(crate) fn texts(
    object: &Object,
    name: &'static str,
    max: usize,
    length: usize,
) -> Result<Option<Vec<String>>, BadMember> {
    let Some(items) = array(object, name, max)? else {
        return Ok(None);
    };
    let texts = items.iter().map(|item| match item {
        Value::String(text) if text.len() <= length => Ok(text.clone()),
        _ => Err(BadMember(name)),
    });
    texts.collect::<Result<Vec<_>, _>>().map(Some)
}

/// Text of another party as it may be shown to a person: control characters and those that
/// turn the direction of writing are left out, and what is longer than `max` characters is cut.
pub(crate) fn shown(text: &str, max: usize) -> String {
    let kept = text.chars().filter(|character| {
        !character.is_control()
            && !matches!(character,
                '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}')
    });
    kept.take(max).collect::<String>().trim().to_owned()
}
