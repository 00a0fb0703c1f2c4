//! The claims of a type as a form on a page: what is asked for stands in the type's own schema and
//! metadata, so that a new type needs no page of its own.
//!
//! ```text
//! schema, metadata ─► fields ─► page ─► (clerk) ─► what was filled in ─► claims ─► schema
//! ```

mod read;
mod show;
mod words;

pub(crate) use read::read;
pub(crate) use show::{inputs, summary, told};
pub(crate) use words::faults;

use std::collections::BTreeMap;

use credential::type_metadata::{ClaimMetadata, TypeMetadata};
use serde_json::{Map, Value};

/// The most rows of a list that a page shows or reads.
const MAX_ROWS: usize = 100;
/// A text that may have more characters than this gets more than one line.
const ONE_LINE: u64 = 200;
/// Of a text about which the schema says nothing but that it does not begin or end with a space.
const ANY_TEXT: &str = r"^\S(.*\S)?$";

/// What is wrong, by the place in the claims (a JSON Pointer).
pub(crate) type Faults = BTreeMap<String, String>;

/// One claim that is asked for.
pub(crate) struct Field {
    /// The member's name.
    name: String,
    /// For people.
    label: String,
    required: bool,
    kind: Kind,
    /// As the made-up person of the type has it.
    sample: Option<String>,
}

/// What a claim may be.
enum Kind {
    Text {
        most: Option<u64>,
        formed: bool,
    },
    Picture,
    Date,
    Number {
        whole: bool,
        range: Range,
    },
    YesNo,
    OneOf(Vec<String>),
    /// Nothing to choose.
    Fixed(String),
    /// Any of these.
    SomeOf(Vec<String>),
    Group(Vec<Field>),
    /// A list of groups.
    Rows {
        row: Vec<Field>,
        /// The label of one of them, where it has its own.
        each: Option<String>,
        least: u64,
        most: u64,
    },
    /// What no other kind fits: asked for as JSON.
    Other,
}

/// Whether a text of so many characters at most gets more than one line.
fn is_long(most: Option<u64>) -> bool {
    most.is_some_and(|most| most > ONE_LINE)
}

/// The least and the most, as the schema writes them.
struct Range(Option<String>, Option<String>);

/// What a schema asks for.
pub(crate) fn fields(schema: &Value, metadata: &TypeMetadata, example: &Value) -> Vec<Field> {
    of_object(schema, &mut Vec::new(), metadata, Some(example))
}

fn of_object(
    schema: &Value,
    path: &mut Vec<Value>,
    metadata: &TypeMetadata,
    example: Option<&Value>,
) -> Vec<Field> {
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut fields = Vec::new();
    for (name, about) in properties.into_iter().flatten() {
        path.push(name.as_str().into());
        let sample = example.and_then(|example| example.get(name));
        fields.push(Field {
            name: name.clone(),
            label: label(metadata, path).unwrap_or(name).to_owned(),
            required: required.is_some_and(|names| names.contains(&name.as_str().into())),
            kind: kind(about, path, metadata, sample),
            sample: sample.map(text),
        });
        path.pop();
    }
    // In the order in which the type itself tells its claims.
    fields.sort_by_key(|field| {
        path.push(field.name.as_str().into());
        let claims = &metadata.claims;
        let place = claims.iter().position(|claim| is_at(claim, path));
        path.pop();
        place.unwrap_or(usize::MAX)
    });
    fields
}

fn kind(
    about: &Value,
    path: &mut Vec<Value>,
    metadata: &TypeMetadata,
    sample: Option<&Value>,
) -> Kind {
    let word = |name: &str| about.get(name).and_then(Value::as_str);
    let number = |name: &str| about.get(name).and_then(Value::as_u64);
    if let Some(only) = word("const") {
        return Kind::Fixed(only.to_owned());
    }
    if let Some(choices) = choices(about) {
        return Kind::OneOf(choices);
    }
    match word("type") {
        Some("boolean") => Kind::YesNo,
        Some(kind @ ("integer" | "number")) => {
            let bound = |name| about.get(name).map(text);
            Kind::Number {
                whole: kind == "integer",
                range: Range(bound("minimum"), bound("maximum")),
            }
        }
        Some("string") if word("format") == Some("date") => Kind::Date,
        Some("string") => match word("pattern") {
            Some(pattern) if pattern.starts_with("^data:image/") => Kind::Picture,
            pattern => Kind::Text {
                most: number("maxLength"),
                formed: pattern.is_some_and(|pattern| pattern != ANY_TEXT),
            },
        },
        Some("object") => Kind::Group(of_object(about, path, metadata, sample)),
        Some("array") => {
            let Some(item) = about.get("items") else {
                return Kind::Other;
            };
            if let Some(choices) = choices(item) {
                return Kind::SomeOf(choices);
            }
            if item.get("type").and_then(Value::as_str) != Some("object") {
                return Kind::Other;
            }
            path.push(Value::Null);
            let first = sample.and_then(|rows| rows.get(0));
            let row = of_object(item, path, metadata, first);
            let each = label(metadata, path).map(str::to_owned);
            path.pop();
            Kind::Rows {
                row,
                each,
                least: number("minItems").unwrap_or(0),
                most: number("maxItems").unwrap_or(MAX_ROWS as u64),
            }
        }
        _ => Kind::Other,
    }
}

fn choices(about: &Value) -> Option<Vec<String>> {
    let choices = about.get("enum")?.as_array()?;
    let texts = choices
        .iter()
        .map(|choice| choice.as_str().map(str::to_owned));
    texts.collect()
}

/// The label in English, else the first that there is.
fn label<'m>(metadata: &'m TypeMetadata, path: &[Value]) -> Option<&'m str> {
    let claim = metadata.claims.iter().find(|claim| is_at(claim, path))?;
    let mut labels = claim.display.iter();
    let english = labels.find(|label| label.locale.starts_with("en"));
    let label = english.or(claim.display.first())?;
    Some(&label.label)
}

fn is_at(claim: &ClaimMetadata, path: &[Value]) -> bool {
    claim.path.to_json().as_array().is_some_and(|is| is == path)
}

/// A value as it stands in a field.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The place of a member, a JSON Pointer.
fn member(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The field at a place in the claims, and its label with the number of its row.
fn at<'f>(fields: &'f [Field], place: &str) -> Option<(&'f Field, String)> {
    let mut fields = fields;
    let mut names = place.strip_prefix('/')?.split('/');
    let mut row = String::new();
    loop {
        let name = names.next()?.replace("~1", "/").replace("~0", "~");
        let field = fields.iter().find(|field| field.name == name)?;
        let within = match &field.kind {
            Kind::Group(within) => within,
            Kind::Rows {
                row: within, each, ..
            } => {
                if let Some(number) = names.clone().next() {
                    names.next();
                    let number: usize = number.parse().ok()?;
                    row.push_str(&format!(
                        "{} {}",
                        each.as_ref().unwrap_or(&field.label),
                        number + 1
                    ));
                    if names.clone().next().is_none() {
                        return Some((field, row));
                    }
                    row.push_str(": ");
                }
                within
            }
            _ => return Some((field, format!("{row}{}", field.label))),
        };
        if names.clone().next().is_none() {
            return Some((field, format!("{row}{}", field.label)));
        }
        fields = within;
    }
}

/// Where a place stands on the page: to put what is wrong in the order of the fields.
fn order(fields: &[Field], place: &str) -> Vec<usize> {
    let mut fields = fields;
    let mut order = Vec::new();
    for name in place.split('/').skip(1) {
        if let Ok(row) = name.parse() {
            order.push(row);
            continue;
        }
        let name = name.replace("~1", "/").replace("~0", "~");
        let Some(index) = fields.iter().position(|field| field.name == name) else {
            break;
        };
        order.push(index);
        if let Some(Kind::Group(within) | Kind::Rows { row: within, .. }) =
            fields.get(index).map(|field| &field.kind)
        {
            fields = within;
        }
    }
    order
}

/// The claims of the type's made-up person.
pub(crate) fn sample(example: &str) -> Map<String, Value> {
    keys::json::parse_object(example.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
