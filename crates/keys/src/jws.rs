//! JWS in compact form (RFC 7515 §3.1, §7.1).

use serde_json::{Map, Value};

use crate::json::{self, JsonError};
use crate::{Algorithm, KeyError, PublicKey, SignatureError, SigningKey, b64};

/// The longest compact JWS that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// Why a JWS was refused.
#[derive(Debug, thiserror::Error)]
pub enum JwsError {
    /// Not three base64url parts, or too long.
    #[error("not a compact JWS")]
    Malformed,
    /// The protected header is not acceptable JSON.
    #[error("the JWS header is malformed")]
    Header(#[source] JsonError),
    /// The payload is not acceptable JSON.
    #[error("the JWS payload is malformed")]
    Payload(#[source] JsonError),
    /// `alg` is absent, `none`, or one that is not supported.
    #[error("the JWS names no acceptable algorithm")]
    Algorithm,
    /// `crit` or `b64` asks for something that is not understood (RFC 7515 §4.1.11).
    #[error("the JWS header asks for an extension that is not supported")]
    Critical,
    /// `typ` is not the one that belongs here.
    #[error("the JWS has another type than {expected}")]
    Type {
        /// What belongs here.
        expected: &'static str,
    },
    /// The key cannot have made a signature with this `alg`.
    #[error("the key does not fit the JWS algorithm")]
    KeyMismatch,
    /// The signature is wrong.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// A parsed JWS whose signature nobody has checked yet.
#[derive(Clone)]
pub struct Unverified {
    /// The protected header.
    pub header: Map<String, Value>,
    algorithm: Algorithm,
    limit: usize,
    payload: Vec<u8>,
    signing_input: String,
    signature: Vec<u8>,
}

impl Unverified {
    /// Splits and bounds a compact JWS. `alg` must be supported, `crit` and `b64` absent.
    pub fn parse(compact: &str) -> Result<Self, JwsError> {
        Self::parse_bounded(compact, MAX_BYTES)
    }

    /// The same with another bound in bytes, for the few that are long by nature.
    pub fn parse_bounded(compact: &str, limit: usize) -> Result<Self, JwsError> {
        if compact.len() > limit {
            return Err(JwsError::Malformed);
        }
        let (signing_input, signature) = compact.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Malformed)?;
        if payload.contains('.') {
            return Err(JwsError::Malformed);
        }
        let decode = |part: &str| b64::decode(part).map_err(|_| JwsError::Malformed);
        let header = json::parse_object(&decode(header)?).map_err(JwsError::Header)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(JwsError::Critical);
        }
        let algorithm = header
            .get("alg")
            .and_then(Value::as_str)
            .and_then(|name| Algorithm::from_name(name).ok())
            .ok_or(JwsError::Algorithm)?;
        Ok(Self {
            header,
            algorithm,
            limit,
            payload: decode(payload)?,
            signing_input: signing_input.to_owned(),
            signature: decode(signature)?,
        })
    }

    /// A header parameter that is a string.
    pub fn header_str(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// The algorithm of the header.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Requires the explicit type (RFC 8725 §3.11). `application/` may be left out.
    pub fn require_type(&self, expected: &'static str) -> Result<(), JwsError> {
        let found = self.header_str("typ").unwrap_or_default();
        let found = found.strip_prefix("application/").unwrap_or(found);
        if found.eq_ignore_ascii_case(expected) {
            Ok(())
        } else {
            Err(JwsError::Type { expected })
        }
    }

    /// The payload before anybody vouched for it: only to find out which key to ask.
    pub fn unverified_claims(&self) -> Result<Map<String, Value>, JwsError> {
        object(&self.payload, self.limit)
    }

    /// Checks the signature; the key decides the algorithm, the header must agree.
    pub fn verify(&self, key: &PublicKey) -> Result<Verified, JwsError> {
        if key.algorithm() != self.algorithm {
            return Err(JwsError::KeyMismatch);
        }
        key.verify(self.signing_input.as_bytes(), &self.signature)?;
        Ok(Verified {
            header: self.header.clone(),
            limit: self.limit,
            payload: self.payload.clone(),
        })
    }
}

/// A JWS whose signature was checked against a key.
#[derive(Clone)]
pub struct Verified {
    /// The protected header.
    pub header: Map<String, Value>,
    /// The payload, whatever it is.
    pub payload: Vec<u8>,
    limit: usize,
}

impl Verified {
    /// The payload as a JSON object.
    pub fn claims(&self) -> Result<Map<String, Value>, JwsError> {
        object(&self.payload, self.limit)
    }
}

fn object(payload: &[u8], limit: usize) -> Result<Map<String, Value>, JwsError> {
    match json::parse_bounded(payload, limit).map_err(JwsError::Payload)? {
        Value::Object(object) => Ok(object),
        _ => Err(JwsError::Payload(JsonError::NotAnObject)),
    }
}

/// Signs `payload` under `header`; `alg` is set from the key and replaces any other.
pub fn sign(mut header: Map<String, Value>, payload: &[u8], key: &SigningKey) -> String {
    header.insert("alg".to_owned(), key.algorithm().name().into());
    let signing_input = format!(
        "{}.{}",
        b64::encode(Value::Object(header).to_string()),
        b64::encode(payload)
    );
    let signature = b64::encode(key.sign(signing_input.as_bytes()));
    format!("{signing_input}.{signature}")
}

/// Signs JSON claims with a `typ`.
pub fn sign_claims(
    typ: &str,
    mut header: Map<String, Value>,
    claims: &Value,
    key: &SigningKey,
) -> String {
    header.insert("typ".to_owned(), typ.into());
    sign(header, claims.to_string().as_bytes(), key)
}

impl From<JwsError> for KeyError {
    fn from(_: JwsError) -> Self {
        Self::Malformed
    }
}
