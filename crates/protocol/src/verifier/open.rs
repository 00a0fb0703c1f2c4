use keys::json::{self, JsonError};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::Session;
use crate::jwe::JweError;

/// The longest body of an answer, in bytes.
pub const MAX_BODY: usize = 2 << 20;
/// The most fields of an answer.
const MAX_FIELDS: usize = 32;
/// The longest error code, in bytes.
const MAX_CODE: usize = 64;

/// What a wallet sent.
#[derive(Clone, PartialEq)]
pub enum Received {
    /// Presentations by credential query; nothing in them is checked yet.
    Presentations(Map<String, Value>),
    /// The wallet says that nothing will come.
    Declined {
        /// The error code, letters and `_` only.
        code: String,
    },
}

/// Why an answer could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Longer than [`MAX_BODY`], or too many fields.
    #[error("the answer is too long")]
    TooLong,
    /// A field stands twice.
    #[error("the answer repeats a field")]
    Repeated,
    /// Neither presentations nor an error.
    #[error("the answer lacks `{0}`")]
    Missing(&'static str),
    /// Presentations in clear where encryption was asked for.
    #[error("the answer is not encrypted")]
    NotEncrypted,
    /// Encrypted where that was not asked for.
    #[error("the answer is encrypted for no reason")]
    Encrypted,
    /// The encryption does not open.
    #[error("the answer does not decrypt")]
    Decrypt(#[source] JweError),
    /// A part that should be a JSON object is not.
    #[error("`{0}` of the answer is malformed")]
    Json(&'static str, #[source] JsonError),
    /// `state` is not the one of this session.
    #[error("the answer belongs to another session")]
    State,
    /// The error code is malformed.
    #[error("the answer holds a malformed error")]
    Code,
}

impl Session {
    /// Opens the body of a POST to the response endpoint (OpenID4VP 1.0 §8.2, §8.3.1, §8.5).
    pub fn open(&self, body: &[u8]) -> Result<Received, OpenError> {
        let fields = read_form(body)?;
        let sealed = fields.get("response").and_then(Value::as_str);
        let answer = match (&self.key, sealed) {
            (None, Some(_)) => return Err(OpenError::Encrypted),
            (Some(key), Some(sealed)) => {
                let plain = key.decrypt(sealed).map_err(OpenError::Decrypt)?;
                json::parse_object(&plain).map_err(|e| OpenError::Json("response", e))?
            }
            (key, None) => {
                // An error may come in clear also where encryption was asked for.
                if key.is_some() && fields.contains_key("vp_token") {
                    return Err(OpenError::NotEncrypted);
                }
                in_clear(fields)?
            }
        };
        self.read(&answer)
    }

    fn read(&self, answer: &Map<String, Value>) -> Result<Received, OpenError> {
        let state = answer
            .get("state")
            .and_then(Value::as_str)
            .unwrap_or_default();
        // Digests take the same time to compare wherever they differ.
        if Sha256::digest(state) != Sha256::digest(&self.state) {
            return Err(OpenError::State);
        }
        if let Some(code) = answer.get("error") {
            let code = code.as_str().ok_or(OpenError::Code)?;
            let fits = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
            if code.is_empty() || code.len() > MAX_CODE || !code.bytes().all(fits) {
                return Err(OpenError::Code);
            }
            return Ok(Received::Declined {
                code: code.to_owned(),
            });
        }
        match answer.get("vp_token") {
            Some(Value::Object(presentations)) => {
                Ok(Received::Presentations(presentations.clone()))
            }
            Some(_) => Err(OpenError::Json("vp_token", JsonError::NotAnObject)),
            None => Err(OpenError::Missing("vp_token")),
        }
    }
}

fn read_form(body: &[u8]) -> Result<Map<String, Value>, OpenError> {
    if body.len() > MAX_BODY {
        return Err(OpenError::TooLong);
    }
    let mut fields = Map::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        if fields.len() >= MAX_FIELDS {
            return Err(OpenError::TooLong);
        }
        let value = Value::String(value.into_owned());
        if fields.insert(name.into_owned(), value).is_some() {
            return Err(OpenError::Repeated);
        }
    }
    Ok(fields)
}

/// In a form `vp_token` is JSON text.
fn in_clear(mut fields: Map<String, Value>) -> Result<Map<String, Value>, OpenError> {
    if let Some(Value::String(text)) = fields.get("vp_token") {
        let object =
            json::parse_object(text.as_bytes()).map_err(|e| OpenError::Json("vp_token", e))?;
        fields.insert("vp_token".to_owned(), Value::Object(object));
    }
    Ok(fields)
}

// Presentations are personal.
impl std::fmt::Debug for Received {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Presentations(map) => write!(formatter, "Presentations({})", map.len()),
            Self::Declined { code } => write!(formatter, "Declined({code})"),
        }
    }
}
