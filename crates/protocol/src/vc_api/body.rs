//! Requests, as far as both sides read them alike.

use keys::json;
use serde_json::{Map, Value};

use super::{MAX_BODY, Problem};

/// A request: what it is about, and its options.
pub(super) struct Body {
    pub(super) subject: Map<String, Value>,
    pub(super) options: Map<String, Value>,
}

impl Body {
    /// Reads a request about what stands under `member`.
    pub(super) fn read(bytes: &[u8], member: &'static str) -> Result<Self, Problem> {
        let value = json::parse_bounded(bytes, MAX_BODY).map_err(|_| Problem::Json)?;
        let Value::Object(mut request) = value else {
            return Err(Problem::Json);
        };
        let Some(Value::Object(subject)) = request.remove(member) else {
            return Err(Problem::Member(member));
        };
        let options = match request.remove("options") {
            None => Map::new(),
            Some(Value::Object(options)) => options,
            Some(_) => return Err(Problem::Member("options")),
        };
        Ok(Self { subject, options })
    }

    /// An option that is a text.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, Problem> {
        match self.options.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::Option(name)),
        }
    }

    /// An option that is a list of texts.
    pub(super) fn texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, Problem> {
        match self.options.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => items
                .iter()
                .map(Value::as_str)
                .collect::<Option<_>>()
                .map(Some)
                .ok_or(Problem::Option(name)),
            Some(_) => Err(Problem::Option(name)),
        }
    }
}
