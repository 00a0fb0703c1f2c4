use keys::json;
use keys::jws;
use serde_json::{Map, Value};

use super::disclosure::Disclosure;
use super::{MAX_BYTES, MAX_DISCLOSURES, ParseError};

/// An SD-JWT, with or without key binding, that nobody has verified yet (RFC 9901 §4).
#[derive(Clone)]
pub struct Unverified {
    pub(super) jwt: jws::Unverified,
    pub(super) jwt_text: String,
    pub(super) disclosures: Vec<Disclosure>,
    pub(super) key_binding: Option<jws::Unverified>,
}

impl Unverified {
    /// Reads the compact form `jwt~disclosure~…~[kb-jwt]`. Bounded by [`MAX_BYTES`] and
    /// [`MAX_DISCLOSURES`]; white space around the text is not accepted.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::TooLong { limit: MAX_BYTES });
        }
        let (rest, key_binding) = text.rsplit_once('~').ok_or(ParseError::NotSdJwt)?;
        let mut parts = rest.split('~');
        let jwt_text = parts.next().ok_or(ParseError::NotSdJwt)?;
        let disclosures: Vec<&str> = parts.collect();
        let key_binding = (!key_binding.is_empty()).then_some(key_binding);
        Self::assemble(jwt_text.to_owned(), &disclosures, key_binding)
    }

    /// Reads the JSON serialization (RFC 9901 §8), flattened or general: one SD-JWT for
    /// each signature, in order. Disclosures and key binding stand in the unprotected
    /// header of the first signature and belong to all.
    pub fn parse_json(bytes: &[u8]) -> Result<Vec<Self>, ParseError> {
        if bytes.len() > MAX_BYTES {
            return Err(ParseError::TooLong { limit: MAX_BYTES });
        }
        let object = json::parse_object(bytes).map_err(ParseError::Json)?;
        let payload = member(&object, "payload")?;
        let flattened = [Value::Object(object.clone())];
        let signatures = match object.get("signatures") {
            None => flattened.as_slice(),
            Some(Value::Array(items)) if !items.is_empty() && items.len() <= MAX_SIGNATURES => {
                items.as_slice()
            }
            Some(_) => {
                return Err(ParseError::JsonMember {
                    member: "signatures",
                });
            }
        };
        let header = signatures
            .first()
            .and_then(|first| first.get("header"))
            .and_then(Value::as_object)
            .ok_or(ParseError::JsonMember { member: "header" })?;
        let disclosures: Vec<&str> = header
            .get("disclosures")
            .and_then(Value::as_array)
            .and_then(|items| items.iter().map(Value::as_str).collect())
            .ok_or(ParseError::JsonMember {
                member: "disclosures",
            })?;
        let key_binding = match header.get("kb_jwt") {
            None => None,
            Some(_) => Some(member(header, "kb_jwt")?),
        };
        signatures
            .iter()
            .map(|signature| {
                let signature = signature.as_object().ok_or(ParseError::JsonMember {
                    member: "signatures",
                })?;
                let protected = member(signature, "protected")?;
                let value = member(signature, "signature")?;
                let jwt_text = format!("{protected}.{payload}.{value}");
                Self::assemble(jwt_text, &disclosures, key_binding)
            })
            .collect()
    }

    fn assemble(
        jwt_text: String,
        disclosures: &[&str],
        key_binding: Option<&str>,
    ) -> Result<Self, ParseError> {
        if disclosures.len() > MAX_DISCLOSURES {
            return Err(ParseError::TooManyDisclosures {
                limit: MAX_DISCLOSURES,
            });
        }
        let jwt = jws::Unverified::parse(&jwt_text).map_err(ParseError::IssuerJwt)?;
        let disclosures = disclosures
            .iter()
            .enumerate()
            .map(|(index, encoded)| Disclosure::parse(encoded, index.saturating_add(1)))
            .collect::<Result<_, _>>()?;
        let key_binding = key_binding
            .map(jws::Unverified::parse)
            .transpose()
            .map_err(ParseError::KeyBinding)?;
        Ok(Self {
            jwt,
            jwt_text,
            disclosures,
            key_binding,
        })
    }

    /// The protected header of the issuer's JWT, before anybody vouched for it.
    pub fn header(&self) -> &Map<String, Value> {
        &self.jwt.header
    }

    /// The issuer's payload with its digests, before anybody vouched for it: only to find
    /// out which key to ask.
    pub fn unverified_claims(&self) -> Result<Map<String, Value>, ParseError> {
        self.jwt.unverified_claims().map_err(ParseError::IssuerJwt)
    }

    /// True when a key binding JWT follows.
    pub fn has_key_binding(&self) -> bool {
        self.key_binding.is_some()
    }
}

/// A general JSON serialization may carry this many signatures.
const MAX_SIGNATURES: usize = 8;

fn member<'a>(object: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, ParseError> {
    object
        .get(name)
        .and_then(Value::as_str)
        .ok_or(ParseError::JsonMember { member: name })
}
