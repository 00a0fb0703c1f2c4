//! JSON as it was written: members in their order, numbers as their text. What a signature is
//! over must come back byte for byte, whatever a library makes of JSON.

use keys::json;
use serde_json::{Map, Number, Value};

/// How deep JSON may nest to be read.
const MAX_DEPTH: usize = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// Its text.
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads JSON without white space; nothing where writing it would not give the same bytes.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        (reader.at == text.len() && value.to_text() == text).then_some(value)
    }

    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::Array(items.iter().map(Self::of_value).collect()),
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::of_value(value)))
                    .collect(),
            ),
        }
    }

    /// Nothing where a member is repeated, or a number is none.
    pub(super) fn into_value(self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(text) => Value::Number(text.parse::<Number>().ok()?),
            Self::Text(text) => Value::String(text),
            Self::Array(items) => items
                .into_iter()
                .map(Self::into_value)
                .collect::<Option<_>>()?,
            Self::Object(members) => {
                let mut object = Map::new();
                for (name, value) in members {
                    if object.insert(name, value.into_value()?).is_some() {
                        return None;
                    }
                }
                Value::Object(object)
            }
        })
    }

    /// Without white space.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, to: &mut String) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Bool(true) => to.push_str("true"),
            Self::Bool(false) => to.push_str("false"),
            Self::Number(text) => to.push_str(text),
            Self::Text(text) => to.push_str(&quoted(text)),
            Self::Array(items) => {
                to.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        to.push(',');
                    }
                    item.write(to);
                }
                to.push(']');
            }
            Self::Object(members) => {
                to.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        to.push(',');
                    }
                    to.push_str(&quoted(name));
                    to.push(':');
                    value.write(to);
                }
                to.push('}');
            }
        }
    }
}

fn quoted(text: &str) -> String {
    // A string can always be written.
    serde_json::to_string(text).unwrap_or_default()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, expected: &str) -> Option<()> {
        self.rest().starts_with(expected).then(|| {
            self.at += expected.len();
        })
    }

    fn next_is(&self, expected: char) -> bool {
        self.rest().starts_with(expected)
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.rest().chars().next()? {
            'n' => self.take("null").map(|()| Json::Null),
            't' => self.take("true").map(|()| Json::Bool(true)),
            'f' => self.take("false").map(|()| Json::Bool(false)),
            '"' => self.string().map(Json::Text),
            '[' => self.array(depth),
            '{' => self.object(depth),
            _ => self.number(),
        }
    }

    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.bytes().enumerate().skip(1).find(|(_, byte)| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        });
        let token = rest.get(..=end?.0)?;
        self.at += token.len();
        match json::parse_bounded(token.as_bytes(), token.len()).ok()? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Json> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let token = rest.get(..end)?;
        token.parse::<Number>().ok()?;
        self.at += token.len();
        Some(Json::Number(token.to_owned()))
    }

    fn array(&mut self, depth: usize) -> Option<Json> {
        self.take("[")?;
        let mut items = Vec::new();
        while !self.next_is(']') {
            if !items.is_empty() {
                self.take(",")?;
            }
            items.push(self.value(depth + 1)?);
        }
        self.take("]")?;
        Some(Json::Array(items))
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        self.take("{")?;
        let mut members = Vec::new();
        while !self.next_is('}') {
            if !members.is_empty() {
                self.take(",")?;
            }
            let name = if self.next_is('"') {
                self.string()?
            } else {
                return None;
            };
            self.take(":")?;
            members.push((name, self.value(depth + 1)?));
        }
        self.take("}")?;
        Some(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_numbers_their_text() {
        for text in [
            r#"{"z":1,"a":[1.50,-0,1e3,{}],"m":{"y":null,"b":true}}"#,
            r#"["salt","na\"me\\","ü\n"]"#,
            r#""text""#,
            "[]",
            "false",
            r#"{"a":1,"a":2}"#,
        ] {
            let read = Json::of_bytes(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(read.to_text(), text);
        }
        let twice = Json::of_bytes(br#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(twice.into_value(), None);
    }

    #[test]
    fn what_would_not_come_back_the_same_is_not_read() {
        for text in [
            "{ }",
            "[1, 2]",
            "\"\\u0041\"",
            "\"\\/\"",
            "[1",
            "[1,]",
            "[,]",
            "{\"a\"}",
            "{a:1}",
            "01",
            "+1",
            "1 ",
            "",
            "nul",
            "\"",
            "\"\\\"",
        ] {
            assert_eq!(Json::of_bytes(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Json::of_bytes(b"\xff"), None);
        assert_eq!(Json::of_bytes("[".repeat(100).as_bytes()), None);
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(Json::of_bytes(deep.as_bytes()), None);
    }
}
