//! Selecting parts of a document by JSON pointers (VC DI ECDSA §3.4.11 `createInitialSelection`,
//! §3.4.12 `selectPaths`, §3.4.13 `selectJsonLd`).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Pointer;
use super::pointer::{MAX_POINTERS, PointerError};

/// What of a value is chosen.
#[derive(Default)]
struct Choice<'a> {
    whole: bool,
    within: BTreeMap<&'a str, Choice<'a>>,
}

/// The chosen parts of the document, in its order, with what identifies and types the objects
/// that they stand in; `None` where nothing is chosen.
pub(super) fn select(
    document: &Map<String, Value>,
    pointers: &[&Pointer],
) -> Result<Option<Map<String, Value>>, PointerError> {
    if pointers.is_empty() {
        return Ok(None);
    }
    if pointers.len() > MAX_POINTERS {
        return Err(PointerError::TooMany);
    }
    let mut choice = Choice::default();
    for pointer in pointers {
        let mut at = &mut choice;
        for token in pointer.tokens() {
            at = at.within.entry(token).or_default();
        }
        at.whole = true;
    }
    let mut selected = Map::new();
    if let Some(context) = document.get("@context") {
        selected.insert("@context".to_owned(), context.clone());
    }
    selected.extend(choice.of_object(document)?);
    Ok(Some(selected))
}

impl Choice<'_> {
    fn of(&self, value: &Value) -> Result<Value, PointerError> {
        if self.whole {
            // What is chosen within it must be there all the same.
            self.reaches(value)?;
            return Ok(value.clone());
        }
        match value {
            Value::Object(object) => self.of_object(object).map(Value::Object),
            Value::Array(items) => {
                let chosen = self.items(items)?;
                chosen
                    .into_iter()
                    .map(|(item, choice)| choice.of(item))
                    .collect::<Result<_, _>>()
                    .map(Value::Array)
            }
            _ => Err(PointerError::NoValue),
        }
    }

    fn of_object(&self, object: &Map<String, Value>) -> Result<Map<String, Value>, PointerError> {
        if self.within.keys().any(|name| !object.contains_key(*name)) {
            return Err(PointerError::NoValue);
        }
        let mut selected = Map::new();
        for (name, value) in object {
            if let Some(choice) = self.within.get(name.as_str()) {
                selected.insert(name.clone(), choice.of(value)?);
            } else if self.whole || describes(name) {
                selected.insert(name.clone(), value.clone());
            }
        }
        Ok(selected)
    }

    /// The chosen items in the order of the array.
    fn items<'v>(&self, items: &'v [Value]) -> Result<Vec<(&'v Value, &Self)>, PointerError> {
        let mut chosen = BTreeMap::new();
        for (token, choice) in &self.within {
            let canonical = *token == "0" || !token.starts_with(['0', '+']);
            let index: usize = token.parse().map_err(|_| PointerError::NoValue)?;
            let item = items.get(index).filter(|_| canonical);
            chosen.insert(index, (item.ok_or(PointerError::NoValue)?, choice));
        }
        Ok(chosen.into_values().collect())
    }

    fn reaches(&self, value: &Value) -> Result<(), PointerError> {
        match value {
            _ if self.within.is_empty() => Ok(()),
            Value::Object(object) => self.within.iter().try_for_each(|(name, choice)| {
                choice.reaches(object.get(*name).ok_or(PointerError::NoValue)?)
            }),
            Value::Array(items) => self
                .items(items)?
                .into_iter()
                .try_for_each(|(item, choice)| choice.reaches(item)),
            _ => Err(PointerError::NoValue),
        }
    }
}

/// True for the members without which an object is another one, or has other terms. The labels of
/// blank nodes are kept too, against the letter of the specification: a node that the document
/// names twice would otherwise become two.
fn describes(name: &str) -> bool {
    matches!(name, "id" | "@id" | "type" | "@type")
}
