//! The credential offer (OpenID4VCI 1.0 §4.1).

use std::fmt;

use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::error::OfferError;
use crate::fetch::{self, Document};
use crate::members::{self, BadMember, Object, shown};

/// The grant that is supported.
pub const PRE_AUTHORIZED: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
/// The most cards of one offer.
pub const MAX_OFFERED: usize = 32;

const MAX_ID: usize = 256;
const MAX_CODE: usize = 8 * 1024;
const MAX_DESCRIPTION: usize = 300;
const MAX_TX_CODE: usize = 64;

/// What a code is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputMode {
    /// Digits only.
    Numeric,
    /// Any characters.
    Text,
}

/// The code that the issuer sent on another way (§4.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxCode {
    /// What it is made of; `numeric` where the offer does not say.
    pub input_mode: InputMode,
    /// How many characters it has, where the offer says.
    pub length: Option<usize>,
    /// Where to find it, in the issuer's words.
    pub description: Option<String>,
}

/// Why a code cannot be the one that was asked for. Found before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TxCodeError {
    /// None was given.
    #[error("the offer asks for a code")]
    Missing,
    /// Something else than digits.
    #[error("the code has digits only")]
    NotNumeric,
    /// Too short or too long.
    #[error("the code has {expected} characters")]
    Length {
        /// How many it has.
        expected: usize,
    },
    /// Longer than any code.
    #[error("the code is too long")]
    TooLong,
}

impl TxCode {
    /// Whether `code` has the right form.
    pub fn check(&self, code: &str) -> Result<(), TxCodeError> {
        if code.is_empty() {
            return Err(TxCodeError::Missing);
        }
        if self.input_mode == InputMode::Numeric && !code.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(TxCodeError::NotNumeric);
        }
        let length = code.chars().count();
        match self.length {
            Some(expected) if expected != length => Err(TxCodeError::Length { expected }),
            None if length > MAX_TX_CODE => Err(TxCodeError::TooLong),
            _ => Ok(()),
        }
    }
}

/// An offer as it was written, before the issuer's metadata was asked.
#[derive(Clone)]
pub struct OfferDocument {
    /// The issuer's identifier, exactly as written.
    pub issuer: String,
    /// The identifier as a URL.
    pub issuer_url: Url,
    /// The offered configurations, in order, each once.
    pub configuration_ids: Vec<String>,
    /// The code that has to be typed in.
    pub tx_code: Option<TxCode>,
    /// Which authorization server takes the pre-authorized code.
    pub authorization_server: Option<String>,
    pub(crate) code: Zeroizing<String>,
}

impl OfferDocument {
    /// Reads an offer.
    pub fn parse(bytes: &[u8]) -> Result<Self, OfferError> {
        let object = fetch::parse(bytes, Document::Offer).map_err(|_| OfferError::Json)?;
        Self::read(&object)
    }

    pub(crate) fn read(object: &Object) -> Result<Self, OfferError> {
        let issuer = members::needed(object, "credential_issuer", net::MAX_URL)?;
        let issuer_url = identifier(issuer).ok_or(OfferError::Issuer)?;
        let name = "credential_configuration_ids";
        let configuration_ids = members::texts(object, name, MAX_OFFERED, MAX_ID)?
            .filter(|ids| !ids.is_empty() && distinct(ids))
            .ok_or(BadMember(name))?;
        let grants = members::object(object, "grants")?.ok_or(OfferError::NoPreAuthorizedCode)?;
        let grant =
            members::object(grants, PRE_AUTHORIZED)?.ok_or(OfferError::NoPreAuthorizedCode)?;
        let code = members::needed(grant, "pre-authorized_code", MAX_CODE)?;
        let tx_code = members::object(grant, "tx_code")?
            .map(read_tx_code)
            .transpose()?;
        let server = members::text(grant, "authorization_server", net::MAX_URL)?;
        Ok(Self {
            issuer: issuer.to_owned(),
            issuer_url,
            configuration_ids,
            tx_code,
            authorization_server: server.map(str::to_owned),
            code: Zeroizing::new(code.to_owned()),
        })
    }
}

impl fmt::Debug for OfferDocument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OfferDocument")
            .field("issuer", &self.issuer)
            .field("configuration_ids", &self.configuration_ids)
            .finish_non_exhaustive()
    }
}

fn read_tx_code(object: &Object) -> Result<TxCode, OfferError> {
    let input_mode = match members::text(object, "input_mode", MAX_ID)? {
        None | Some("numeric") => InputMode::Numeric,
        Some("text") => InputMode::Text,
        Some(_) => return Err(BadMember("input_mode").into()),
    };
    let length = match object.get("length") {
        None => None,
        Some(length) => Some(
            length
                .as_u64()
                .and_then(|length| usize::try_from(length).ok())
                .filter(|length| (1..=MAX_TX_CODE).contains(length))
                .ok_or(BadMember("length"))?,
        ),
    };
    let description = match object.get("description") {
        None => None,
        Some(Value::String(text)) => Some(shown(text, MAX_DESCRIPTION)),
        Some(_) => return Err(BadMember("description").into()),
    };
    Ok(TxCode {
        input_mode,
        length,
        description: description.filter(|text| !text.is_empty()),
    })
}

/// An issuer's identifier: a URL with a host and without query and fragment (§12.2.1).
/// Whether it may be asked is for the HTTP client to say.
pub(crate) fn identifier(text: &str) -> Option<Url> {
    let url: Url = text.parse().ok()?;
    (url.has_host() && url.query().is_none() && url.fragment().is_none()).then_some(url)
}

fn distinct(ids: &[String]) -> bool {
    let mut seen = std::collections::HashSet::new();
    ids.iter().all(|id| !id.is_empty() && seen.insert(id))
}
