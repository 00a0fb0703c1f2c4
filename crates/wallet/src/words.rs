//! Labels and values for a screen, from a type's own metadata (SD-JWT VC §6: `display`,
//! `claims`), in the citizen's language where the type has it.

use query::{ClaimPath, Segment};
use serde_json::Value;

/// The longest label that is taken from type metadata, in characters.
const MAX_LABEL: usize = 80;
/// The longest sentence that is taken from type metadata, in characters.
const MAX_SENTENCE: usize = 300;

/// One detail of a card.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// Its name in the citizen's language.
    pub label: String,
    /// Its value.
    pub value: Shown,
}

/// A value as a screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// Text and numbers.
    Text(String),
    /// A full date, `YYYY-MM-DD`.
    Date(String),
    /// Yes or no.
    YesNo(bool),
    /// A picture: a `data:` URL of type `image/png` or `image/jpeg`.
    Photo(String),
    /// Several values.
    List(Vec<Shown>),
    /// Details with names of their own.
    Group(Vec<Detail>),
}

/// What a type says about how its cards are shown. Made from type metadata that is already
/// known to belong to the type; what is missing or malformed in it is passed over.
#[derive(Clone, Copy)]
pub struct Wording<'a> {
    metadata: Option<&'a Value>,
    locale: &'a str,
}

impl<'a> Wording<'a> {
    /// The wording of `metadata` in `locale` (a BCP 47 tag), else in English, else the first.
    pub fn new(metadata: Option<&'a Value>, locale: &'a str) -> Self {
        Self { metadata, locale }
    }

    /// The name of the kind of card, else one made from its type id.
    pub fn title(&self, type_id: &str) -> String {
        self.type_display()
            .and_then(|display| text(display, "name", MAX_LABEL))
            .or_else(|| {
                self.metadata
                    .and_then(|metadata| text(metadata, "name", MAX_LABEL))
            })
            .unwrap_or_else(|| title_from_id(type_id))
    }

    /// What the kind of card is for.
    pub fn about(&self) -> Option<String> {
        self.type_display()
            .and_then(|display| text(display, "description", MAX_SENTENCE))
    }

    /// The background colour, where it is exactly `#rrggbb`.
    pub fn colour(&self) -> Option<String> {
        let colour = self
            .type_display()?
            .pointer("/rendering/simple/background_color")?
            .as_str()?;
        is_colour(colour).then(|| colour.to_owned())
    }

    /// The label of a claim, else one made from its name.
    pub fn label(&self, path: &ClaimPath) -> String {
        self.claim(path)
            .and_then(|claim| self.pick(claim.get("display")?))
            .and_then(|display| text(display, "label", MAX_LABEL))
            .unwrap_or_else(|| label_from_path(path))
    }

    /// A claim and everything below it.
    pub fn detail(&self, path: &ClaimPath, value: &Value) -> Detail {
        Detail {
            label: self.label(path),
            value: self.shown(path, value),
        }
    }

    /// The labels of all claims that the type knows, in its order: what a card will hold.
    pub fn contents(&self) -> Vec<String> {
        self.claims()
            .filter_map(|claim| ClaimPath::from_json(claim.get("path")?).ok())
            .filter(|path| path.segments().len() == 1)
            .map(|path| self.label(&path))
            .collect()
    }

    /// The claim's place in the order of its type; claims that the type does not know come
    /// last.
    pub fn place(&self, path: &ClaimPath) -> usize {
        self.claims()
            .position(|claim| {
                claim
                    .get("path")
                    .and_then(|known| ClaimPath::from_json(known).ok())
                    .is_some_and(|known| known.root() == path.root())
            })
            .unwrap_or(usize::MAX)
    }

    fn shown(&self, path: &ClaimPath, value: &Value) -> Shown {
        let below = |segment: Segment| {
            let mut segments = path.segments().to_vec();
            segments.push(segment);
            ClaimPath::new(segments).unwrap_or_else(|_| path.clone())
        };
        match value {
            Value::Null => Shown::Text("–".to_owned()),
            Value::Bool(yes) => Shown::YesNo(*yes),
            Value::Number(number) => Shown::Text(number.to_string()),
            Value::String(text) if is_date(text) => Shown::Date(text.clone()),
            Value::String(text) if is_photo(text) => Shown::Photo(text.clone()),
            Value::String(text) => Shown::Text(visible(text)),
            Value::Array(items) => Shown::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| self.shown(&below(Segment::Index(index)), item))
                    .collect(),
            ),
            Value::Object(members) => Shown::Group(
                members
                    .iter()
                    .map(|(name, member)| self.detail(&below(Segment::Name(name.clone())), member))
                    .collect(),
            ),
        }
    }

    fn type_display(&self) -> Option<&'a Value> {
        self.pick(self.metadata?.get("display")?)
    }

    fn claims(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.metadata
            .and_then(|metadata| metadata.get("claims"))
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    fn claim(&self, path: &ClaimPath) -> Option<&'a Value> {
        self.claims().find(|claim| {
            claim
                .get("path")
                .and_then(|known| ClaimPath::from_json(known).ok())
                .is_some_and(|known| {
                    known.segments().len() == path.segments().len() && known.covers(path)
                })
        })
    }

    /// The display entry in the citizen's language, else in English, else the first.
    fn pick(&self, display: &'a Value) -> Option<&'a Value> {
        let entries = display.as_array()?;
        let in_language = |wanted: &str| {
            entries.iter().find(|entry| {
                entry
                    .get("locale")
                    .or_else(|| entry.get("lang"))
                    .and_then(Value::as_str)
                    .is_some_and(|tag| primary(tag).eq_ignore_ascii_case(primary(wanted)))
            })
        };
        in_language(self.locale)
            .or_else(|| in_language("en"))
            .or_else(|| entries.first())
    }
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

fn text(object: &Value, name: &str, most: usize) -> Option<String> {
    let text = object.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| visible(text).chars().take(most).collect())
}

/// Text without characters that could rewrite the line that they stand in: controls and the
/// marks that change the direction of writing.
pub fn visible(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        })
        .collect()
}

fn title_from_id(type_id: &str) -> String {
    // An mdoc's type is a domain name the other way round.
    match type_id.contains(SEPARATORS) {
        true => title_from_tail(type_id, &SEPARATORS),
        false => title_from_tail(type_id, &['.']),
    }
}

const SEPARATORS: [char; 3] = ['/', ':', '#'];

fn title_from_tail(name: &str, separators: &[char]) -> String {
    let tail = name
        .rsplit(separators)
        .find(|part| part.chars().any(char::is_alphabetic))
        .unwrap_or(name);
    let mut words = String::new();
    let mut before_lower = false;
    for c in tail.chars().take(MAX_LABEL) {
        if matches!(c, '-' | '_') {
            words.push(' ');
        } else {
            if c.is_uppercase() && before_lower {
                words.push(' ');
            }
            words.push(c);
        }
        before_lower = c.is_lowercase();
    }
    capitalised(&visible(&words))
}

fn label_from_path(path: &ClaimPath) -> String {
    path.segments()
        .iter()
        .rev()
        .find_map(|segment| match segment {
            Segment::Name(name) => Some(title_from_tail(name, &SEPARATORS).to_lowercase()),
            Segment::Index(_) | Segment::All => None,
        })
        .map(|label| capitalised(&label))
        .unwrap_or_default()
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn is_colour(text: &str) -> bool {
    text.len() == 7
        && text.starts_with('#')
        && text.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit())
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// True for a picture that a page may show: nothing that could carry a script.
pub fn is_photo(text: &str) -> bool {
    ["data:image/png;base64,", "data:image/jpeg;base64,"]
        .iter()
        .any(|prefix| {
            text.strip_prefix(prefix).is_some_and(|data| {
                !data.is_empty()
                    && data
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn metadata() -> Value {
        json!({
            "name": "Fallback",
            "display": [
                {"locale": "en-GB", "name": "Blue card", "description": "For tests.",
                 "rendering": {"simple": {"background_color": "#12aBcd"}}},
                {"locale": "cy", "name": "Cerdyn glas"}
            ],
            "claims": [
                {"path": ["given_name"], "display": [
                    {"locale": "en-GB", "label": "First name"}, {"locale": "cy", "label": "Enw cyntaf"}]},
                {"path": ["children", null, "name"], "display": [{"locale": "en-GB", "label": "Child's name"}]}
            ]
        })
    }

    fn path(value: Value) -> ClaimPath {
        ClaimPath::from_json(&value).unwrap()
    }

    #[test]
    fn speaks_the_citizens_language_and_falls_back_to_english() {
        let metadata = metadata();
        let welsh = Wording::new(Some(&metadata), "cy-GB");
        assert_eq!(welsh.title("x"), "Cerdyn glas");
        assert_eq!(welsh.label(&path(json!(["given_name"]))), "Enw cyntaf");
        assert_eq!(
            welsh.label(&path(json!(["children", 1, "name"]))),
            "Child's name"
        );
        assert_eq!(Wording::new(Some(&metadata), "gd").title("x"), "Blue card");
    }

    #[test]
    fn makes_a_title_and_a_label_where_the_type_has_none() {
        let wording = Wording::new(None, "en");
        assert_eq!(wording.title("urn:example:blue-badge:1"), "Blue badge");
        assert_eq!(
            wording.title("https://example.org/types/LandTitle"),
            "Land Title"
        );
        assert_eq!(wording.title("org.example.bus-pass.1"), "Bus pass");
        assert_eq!(wording.label(&path(json!(["family_name"]))), "Family name");
        assert_eq!(
            wording.label(&path(json!(["nationalities", 0]))),
            "Nationalities"
        );
    }

    #[test]
    fn claims_keep_the_order_of_their_type() {
        let metadata = metadata();
        let wording = Wording::new(Some(&metadata), "en");
        assert_eq!(wording.place(&path(json!(["children", 0, "name"]))), 1);
        assert_eq!(wording.place(&path(json!(["unknown"]))), usize::MAX);
    }

    #[test]
    fn passes_only_plain_colours_and_pictures() {
        let mut metadata = metadata();
        assert_eq!(
            Wording::new(Some(&metadata), "en").colour().as_deref(),
            Some("#12aBcd")
        );
        metadata["display"][0]["rendering"]["simple"]["background_color"] =
            json!("red;background:url(//x)");
        assert_eq!(Wording::new(Some(&metadata), "en").colour(), None);
        assert!(is_photo("data:image/png;base64,iVBORw0KGgo="));
        assert!(!is_photo("data:image/svg+xml;base64,PHN2Zz4="));
        assert!(!is_photo("data:image/png;base64,\"><script>"));
    }

    #[test]
    fn text_cannot_change_the_direction_of_writing() {
        assert_eq!(visible("ab\u{202e}cd\u{0007}"), "abcd");
        let shown = Wording::new(None, "en").detail(&path(json!(["a"])), &json!("x\u{2066}y"));
        assert_eq!(shown.value, Shown::Text("xy".to_owned()));
    }

    #[test]
    fn dates_booleans_and_groups_keep_their_shape() {
        let detail = Wording::new(None, "en").detail(
            &path(json!(["address"])),
            &json!({"since": "2026-01-31", "own": true, "lines": ["a", 2]}),
        );
        let Shown::Group(members) = detail.value else {
            panic!("a group")
        };
        assert!(
            members
                .iter()
                .any(|m| m.value == Shown::Date("2026-01-31".to_owned()))
        );
        assert!(members.iter().any(|m| m.value == Shown::YesNo(true)));
    }
}
