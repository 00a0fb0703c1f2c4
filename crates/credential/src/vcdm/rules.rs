//! What the members of credentials and presentations have in common.

use serde_json::{Map, Value};
use url::Url;

use super::{MAX_ITEMS, VcdmError, Version};

/// The version that the first context says; the others are URLs or objects.
pub(super) fn contexts(document: &Map<String, Value>) -> Result<Version, VcdmError> {
    let only;
    let items = match document.get("@context") {
        Some(Value::Array(items)) => items.as_slice(),
        Some(text @ Value::String(_)) => {
            only = [text.clone()];
            &only
        }
        _ => return Err(VcdmError::BaseContext),
    };
    if items.len() > MAX_ITEMS {
        return Err(VcdmError::TooMany("@context"));
    }
    let (first, others) = items.split_first().ok_or(VcdmError::BaseContext)?;
    let version = first
        .as_str()
        .and_then(Version::from_context)
        .ok_or(VcdmError::BaseContext)?;
    for other in others {
        match other {
            Value::Object(_) => {}
            Value::String(url) if is_url(url) => {}
            _ => return Err(VcdmError::Context),
        }
    }
    Ok(version)
}

/// The values of `type`: at least one, each a term or a URL.
pub(super) fn types<'a>(
    object: &'a Map<String, Value>,
    member: &'static str,
) -> Result<Vec<&'a str>, VcdmError> {
    let malformed = VcdmError::Type(member);
    // A type under its keyword would be one that no check sees.
    if object.contains_key("@type") {
        return Err(malformed);
    }
    let values: Vec<&str> = match object.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many
            .iter()
            .map(Value::as_str)
            .collect::<Option<_>>()
            .ok_or(malformed)?,
        _ => return Err(malformed),
    };
    if values.len() > MAX_ITEMS {
        return Err(VcdmError::TooMany("type"));
    }
    let acceptable = |value: &&str| {
        !value.is_empty() && !value.contains(char::is_whitespace) && !value.starts_with('@')
    };
    if values.is_empty() || !values.iter().all(acceptable) {
        return Err(malformed);
    }
    Ok(values)
}

/// `id`, which is a single URL where it is there.
pub(super) fn id<'a>(
    object: &'a Map<String, Value>,
    member: &'static str,
) -> Result<Option<&'a str>, VcdmError> {
    // An identifier under its keyword would be one that no check sees.
    if object.contains_key("@id") {
        return Err(VcdmError::Id(member));
    }
    match object.get("id") {
        None => Ok(None),
        Some(Value::String(id)) if is_url(id) => Ok(Some(id)),
        Some(_) => Err(VcdmError::Id(member)),
    }
}

/// A party: a URL, or an object with one.
pub(super) fn party<'a>(value: &'a Value, member: &'static str) -> Result<&'a str, VcdmError> {
    let id = match value {
        Value::String(id) => Some(id.as_str()),
        Value::Object(object) => {
            texts(object, [member, member])?;
            id(object, member).map_err(|_| VcdmError::Party(member))?
        }
        _ => None,
    };
    id.filter(|id| is_url(id)).ok_or(VcdmError::Party(member))
}

/// The objects of a member: one, or a list of at least one; none where the member is missing.
pub(super) fn objects<'a>(
    document: &'a Map<String, Value>,
    member: &'static str,
) -> Result<Vec<&'a Map<String, Value>>, VcdmError> {
    let found: Vec<&Map<String, Value>> = match document.get(member) {
        None => return Ok(Vec::new()),
        Some(Value::Object(one)) => vec![one],
        Some(Value::Array(many)) => many
            .iter()
            .map(Value::as_object)
            .collect::<Option<_>>()
            .ok_or(VcdmError::NotObjects(member))?,
        Some(_) => return Err(VcdmError::NotObjects(member)),
    };
    if found.is_empty() {
        return Err(VcdmError::NotObjects(member));
    }
    if found.len() > MAX_ITEMS {
        return Err(VcdmError::TooMany(member));
    }
    Ok(found)
}

/// Objects that say of what type they are, and which may have to have an identifier.
pub(super) fn typed(
    document: &Map<String, Value>,
    member: &'static str,
    needs_id: bool,
) -> Result<(), VcdmError> {
    for object in objects(document, member)? {
        types(object, member)?;
        if id(object, member)?.is_none() && needs_id {
            return Err(VcdmError::Id(member));
        }
    }
    Ok(())
}

/// `name` and `description`: texts, or language value objects, or lists of them (§11.1).
/// `members` are what to call them in a refusal.
pub(super) fn texts(
    object: &Map<String, Value>,
    members: [&'static str; 2],
) -> Result<(), VcdmError> {
    for (name, member) in ["name", "description"].into_iter().zip(members) {
        let fits = match object.get(name) {
            None => true,
            Some(Value::Array(many)) => many.len() <= MAX_ITEMS && many.iter().all(is_text),
            Some(one) => is_text(one),
        };
        if !fits {
            return Err(VcdmError::Text(member));
        }
    }
    Ok(())
}

fn is_text(value: &Value) -> bool {
    let object = match value {
        Value::String(_) => return true,
        Value::Object(object) => object,
        _ => return false,
    };
    object.get("@value").is_some_and(Value::is_string)
        && object.iter().all(|(name, value)| match name.as_str() {
            "@value" => true,
            "@language" => value.as_str().is_some_and(is_language),
            "@direction" => matches!(value.as_str(), Some("ltr" | "rtl")),
            _ => false,
        })
}

/// Well-formed as far as one sees without a registry (RFC 5646 §2.1).
fn is_language(tag: &str) -> bool {
    let part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let first = tag.split('-').next().unwrap_or_default();
    first.bytes().all(|byte| byte.is_ascii_alphabetic()) && tag.split('-').all(part)
}

/// An absolute URL without characters that no IRI has.
pub(super) fn is_url(text: &str) -> bool {
    let forbidden = |c: char| c <= ' ' || "<>\"{}|\\^`".contains(c) || c.is_whitespace();
    !text.contains(forbidden) && Url::parse(text).is_ok()
}
