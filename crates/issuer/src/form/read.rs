//! What was filled in, as claims.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::{Field, Kind, MAX_ROWS, member};

/// Before the place of a claim in the name of a field.
pub(super) const PREFIX: &str = "c";

/// What a page sent, by the name of the field.
struct Given<'g>(BTreeMap<&'g str, Vec<&'g str>>);

/// The claims that were filled in. What is left empty is left out, and what cannot be read stays
/// as it is, for the schema to refuse.
pub(crate) fn read(fields: &[Field], given: &[(String, String)]) -> Map<String, Value> {
    let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in given {
        if let Some(place) = name.strip_prefix(PREFIX)
            && place.starts_with('/')
        {
            by_name.entry(place).or_default().push(value);
        }
    }
    group(fields, "", &Given(by_name), true)
}

impl Given<'_> {
    /// One text without the spaces around it; nothing where it is empty.
    fn text(&self, place: &str) -> Option<&str> {
        let text = self.0.get(place)?.first()?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn all(&self, place: &str) -> Vec<Value> {
        let texts = self.0.get(place).into_iter().flatten();
        texts.map(|text| Value::from(*text)).collect()
    }

    fn has_row(&self, place: &str) -> bool {
        let within = format!("{place}/");
        let mut behind = self.0.range(within.as_str()..);
        behind
            .next()
            .is_some_and(|(name, _)| name.starts_with(&within))
    }
}

/// What is fixed is in a group that is needed, or of which anything was filled in.
fn group(fields: &[Field], place: &str, given: &Given<'_>, needed: bool) -> Map<String, Value> {
    let mut filled = false;
    let mut found = Map::new();
    for field in fields {
        if let Some(value) = value(field, &member(place, &field.name), given) {
            let fixed = matches!(field.kind, Kind::Fixed(_));
            let nothing = value.as_array().is_some_and(Vec::is_empty);
            filled |= !fixed && !nothing;
            found.insert(field.name.clone(), value);
        }
    }
    if needed || filled { found } else { Map::new() }
}

fn value(field: &Field, place: &str, given: &Given<'_>) -> Option<Value> {
    match &field.kind {
        Kind::Text { .. } | Kind::Picture | Kind::Date | Kind::OneOf(_) => {
            given.text(place).map(Value::from)
        }
        Kind::Number { .. } => given.text(place).map(|text| {
            let number = serde_json::from_str::<Number>(text);
            number.map_or_else(|_| text.into(), Value::Number)
        }),
        Kind::YesNo => given.text(place).map(|text| match text {
            "yes" => true.into(),
            "no" => false.into(),
            other => other.into(),
        }),
        Kind::Fixed(only) => field.required.then(|| only.as_str().into()),
        Kind::SomeOf(_) => {
            let all = given.all(place);
            (!all.is_empty()).then(|| all.into())
        }
        Kind::Group(within) => {
            let found = group(within, place, given, false);
            (!found.is_empty()).then(|| found.into())
        }
        Kind::Rows { row, .. } => {
            let mut rows: Vec<Value> = Vec::new();
            for number in 0..MAX_ROWS {
                let place = member(place, &number.to_string());
                if !given.has_row(&place) {
                    break;
                }
                let found = group(row, &place, given, false);
                if !found.is_empty() {
                    rows.push(found.into());
                }
            }
            (field.required || !rows.is_empty()).then(|| rows.into())
        }
        Kind::Other => given.text(place).map(|text| {
            let value = keys::json::parse(text.as_bytes());
            value.unwrap_or_else(|_| text.into())
        }),
    }
}
