//! What the clerk reads: labels and values of details, times, ages.

use credential::catalogue;
use credential::type_metadata::TypeMetadata;
use keys::UnixTime;
use query::{ClaimPath, Segment};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const LOCALE: &str = "en-GB";
/// The longest text of a credential or a ledger that is shown, in characters.
const MAX_SHOWN: usize = 2000;
/// The most rows of one credential.
const MAX_ROWS: usize = 500;

/// A text by somebody else, without what could hide, reorder or flood.
pub(crate) fn visible(text: &str) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars()
        .take(MAX_SHOWN)
        .map(|c| if hides(c) { '\u{fffd}' } else { c })
        .collect()
}

/// RFC 3339 in UTC.
pub(crate) fn moment(time: UnixTime) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(time)
        .ok()?
        .format(&Rfc3339)
        .ok()
}

/// A length of time, roughly.
pub(crate) fn length(seconds: UnixTime) -> String {
    let (number, unit) = match seconds {
        ..120 => return "less than 2 minutes".to_owned(),
        120..7200 => (seconds / 60, "minutes"),
        7200..172_800 => (seconds / 3600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{number} {unit}")
}

/// A length of time that somebody set, exactly.
pub(crate) fn whole(seconds: UnixTime) -> String {
    let (number, unit) = match seconds {
        _ if seconds % 3600 == 0 => (seconds / 3600, "hour"),
        _ if seconds % 60 == 0 => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// What the types of `schemas/` say of themselves.
fn metadata(id: &str) -> Option<TypeMetadata> {
    let entry = catalogue::by_type_id(id)?;
    TypeMetadata::parse(entry.metadata.as_bytes(), entry.vct, None).ok()
}

/// The name of a type, else its id.
pub(crate) fn type_name(id: &str) -> String {
    catalogue::by_type_id(id).map_or_else(|| visible(id), |entry| entry.title.to_owned())
}

/// `[{"label","value"}]` of claims in the words of their type, one row for each value, those of nested claims too. A photo is a row
/// with `"image"`.
pub(crate) fn details(type_id: &str, claims: &Map<String, Value>) -> Value {
    let mut rows = Rows {
        metadata: metadata(type_id),
        rows: Vec::new(),
    };
    for (name, value) in claims {
        rows.add(&mut vec![Segment::Name(name.clone())], value);
    }
    Value::Array(rows.rows)
}

struct Rows {
    metadata: Option<TypeMetadata>,
    rows: Vec<Value>,
}

impl Rows {
    fn add(&mut self, path: &mut Vec<Segment>, value: &Value) {
        if self.rows.len() >= MAX_ROWS {
            return;
        }
        match value {
            Value::Array(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Segment::Index(index));
                    self.add(path, item);
                    path.pop();
                }
            }
            Value::Object(members) if !members.is_empty() => {
                for (name, member) in members {
                    path.push(Segment::Name(name.clone()));
                    self.add(path, member);
                    path.pop();
                }
            }
            single => {
                let label = self.label(path);
                self.rows
                    .push(match single.as_str().filter(|s| is_photo(s)) {
                        Some(photo) => json!({"label": label, "image": photo}),
                        None => json!({"label": label, "value": shown(single)}),
                    });
            }
        }
    }

    fn label(&self, path: &[Segment]) -> String {
        let mut words = Vec::new();
        for length in 1..=path.len() {
            let here = path.get(..length).unwrap_or_default();
            let known = self.known(here);
            match (known, here.last()) {
                (Some(label), _) => words.push(label),
                (None, Some(Segment::Name(name))) => words.push(visible(name)),
                (None, Some(Segment::Index(index))) => words.push(format!("{}", index + 1)),
                (None, _) => {}
            }
        }
        words.join(", ")
    }

    fn known(&self, path: &[Segment]) -> Option<String> {
        let path = ClaimPath::new(path.to_vec()).ok()?;
        let label = self.metadata.as_ref()?.label(&path, LOCALE)?;
        Some(label.to_owned())
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Bool(true) => "Yes".to_owned(),
        Value::Bool(false) => "No".to_owned(),
        Value::String(text) => full_date(text).unwrap_or_else(|| visible(text)),
        other => visible(&other.to_string()),
    }
}

/// `2027-03-01` as people write it.
fn full_date(text: &str) -> Option<String> {
    let form = time::macros::format_description!("[year]-[month]-[day]");
    let date = time::Date::parse(text, form).ok()?;
    Some(format!("{} {} {}", date.day(), date.month(), date.year()))
}

fn is_photo(text: &str) -> bool {
    ["data:image/png;base64,", "data:image/jpeg;base64,"]
        .iter()
        .any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_from_the_type() {
        let claims = json!({"age_over_18": true, "other": {"a": ["x"]}});
        let rows = details(
            "urn:cairn:demo:driving-licence:1",
            claims.as_object().unwrap(),
        );
        assert_eq!(rows[0]["value"], "Yes");
        assert_ne!(rows[0]["label"], "age_over_18");
        assert_eq!(rows[1], json!({"label": "other, a, 1", "value": "x"}));
    }

    #[test]
    fn nothing_hides_in_a_text() {
        assert_eq!(visible("a\u{202e}b\n"), "a\u{fffd}b\u{fffd}");
        assert_eq!(visible(&"x".repeat(3000)).len(), MAX_SHOWN);
    }

    #[test]
    fn times() {
        assert_eq!(moment(0).unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(length(3 * 3600), "3 hours");
        assert_eq!(length(3 * 86_400), "3 days");
        assert_eq!(whole(120), "2 minutes");
        assert_eq!(whole(3600), "1 hour");
        assert_eq!(shown(&json!("2027-03-01")), "1 March 2027");
        assert_eq!(shown(&json!("2027-13-01")), "2027-13-01");
    }
}
