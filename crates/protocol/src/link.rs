//! Links that ask the wallet to take a credential or to show one.
//!
//! A link comes from a stranger: it is bounded, must be of a known kind, may say everything
//! once only, and is read without sending anything. [`Link::host`] is what the citizen sees
//! before the first byte leaves (OpenID4VCI 1.0 §4.1, OpenID4VP 1.0 §5, RFC 9101 §5).

use std::fmt;

use credential::did;
use keys::json;
use serde_json::{Map, Value};
use url::Url;

/// The longest link that is read, in bytes.
pub const MAX_LINK: usize = 64 * 1024;
/// The most parameters of a link.
const MAX_PARAMETERS: usize = 64;

const OFFER: &str = "credential_offer";
const OFFER_URI: &str = "credential_offer_uri";
const REQUEST: &str = "request";
const REQUEST_URI: &str = "request_uri";
const METHOD: &str = "request_uri_method";
const CLIENT_ID: &str = "client_id";

/// A link that was read. Nobody has vouched for anything in it.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// Somebody offers a credential.
    Offer(OfferLink),
    /// Somebody asks for a presentation.
    Request(RequestLink),
}

/// A credential offer.
#[derive(Clone, PartialEq)]
pub enum OfferLink {
    /// The offer itself.
    Value {
        /// The offer object, JSON as it came.
        offer: Map<String, Value>,
        /// Its `credential_issuer`.
        issuer: Url,
    },
    /// Where the offer lies.
    Reference(Url),
}

/// An authorization request for a presentation.
#[derive(Clone, PartialEq)]
pub struct RequestLink {
    /// The client identifier with its prefix, as the link gives it.
    pub client_id: String,
    /// Where the rest of the request is.
    pub source: RequestSource,
}

/// How a request travels.
#[derive(Clone, PartialEq)]
pub enum RequestSource {
    /// As parameters of the link, unsigned; `client_id` among them.
    Parameters(Map<String, Value>),
    /// As a request object in the link.
    Object(String),
    /// As a request object to be fetched.
    Reference {
        /// Where it lies.
        url: Url,
        /// True when it is to be asked for with POST and a nonce of the wallet's.
        post: bool,
    },
}

/// Why a link was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Nothing but white space.
    #[error("the link is empty")]
    Empty,
    /// Longer than [`MAX_LINK`], or with too many parameters.
    #[error("the link is too long")]
    TooLong,
    /// Not a URL, or with control characters in it.
    #[error("this is not a link")]
    NotALink,
    /// A URL, but not of a kind that a wallet opens.
    #[error("this link is not for a wallet")]
    NotForAWallet,
    /// A parameter stands twice.
    #[error("the link gives `{0}` twice")]
    Repeated(&'static str),
    /// A parameter that must be there is not.
    #[error("the link lacks `{0}`")]
    Missing(&'static str),
    /// Two parameters that exclude each other.
    #[error("the link gives both `{0}` and `{1}`")]
    Both(&'static str, &'static str),
    /// A parameter is not what it should be.
    #[error("`{0}` of the link is malformed")]
    Malformed(&'static str),
    /// An address that is not one of the web.
    #[error("`{0}` of the link is not a web address")]
    Address(&'static str),
    /// `request_uri_method` is neither `get` nor `post`.
    #[error("the link asks for a request method that does not exist")]
    Method,
}

impl Link {
    /// Reads a link as it was pasted, scanned or handed over by the system.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(LinkError::Empty);
        }
        if text.len() > MAX_LINK {
            return Err(LinkError::TooLong);
        }
        // `url` would drop them in silence.
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(LinkError::NotALink);
        }
        let url = Url::parse(text).map_err(|_| LinkError::NotALink)?;
        let given = parameters(&url)?;
        let has = |names: &[&str]| names.iter().any(|name| given.contains_key(*name));
        let offers = has(&[OFFER, OFFER_URI]);
        let requests = has(&[REQUEST, REQUEST_URI, "response_type", "dcql_query"]);
        match url.scheme() {
            "openid-credential-offer" | "haip-vci" => offer(&given).map(Self::Offer),
            "openid4vp" | "haip-vp" => request(given).map(Self::Request),
            "https" => match (offers, requests) {
                (true, true) => Err(LinkError::Both(OFFER, REQUEST)),
                (true, false) => offer(&given).map(Self::Offer),
                (false, true) => request(given).map(Self::Request),
                (false, false) => Err(LinkError::NotForAWallet),
            },
            _ => Err(LinkError::NotForAWallet),
        }
    }

    /// The host, with its port where that is not the usual one, that the wallet would speak
    /// to first: in ASCII, so that look-alike letters show. `None` when reading on needs no
    /// network.
    pub fn host(&self) -> Option<String> {
        match self {
            Self::Offer(offer) => Some(offer.host()),
            Self::Request(request) => request.host(),
        }
    }
}

impl OfferLink {
    /// The host of the offer, or of the issuer when the offer is in the link.
    pub fn host(&self) -> String {
        match self {
            Self::Value { issuer, .. } => host_of(issuer),
            Self::Reference(url) => host_of(url),
        }
    }
}

impl RequestLink {
    /// The host that the request is to be fetched from; for a request in the link that a
    /// `did:web` client signed, the host of its DID.
    pub fn host(&self) -> Option<String> {
        match &self.source {
            RequestSource::Reference { url, .. } => Some(host_of(url)),
            RequestSource::Object(_) => {
                let did = self.client_id.strip_prefix("decentralized_identifier:")?;
                did::web_url(did).ok().map(|url| host_of(&url))
            }
            RequestSource::Parameters(_) => None,
        }
    }
}

/// Host and unusual port of a web address.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn parameters(url: &Url) -> Result<Map<String, Value>, LinkError> {
    let mut given = Map::new();
    for (name, value) in url.query_pairs() {
        if given.len() >= MAX_PARAMETERS {
            return Err(LinkError::TooLong);
        }
        if value.contains('\u{fffd}') {
            return Err(LinkError::NotALink);
        }
        if given.contains_key(name.as_ref()) {
            return Err(LinkError::Repeated(known_name(&name)));
        }
        given.insert(name.into_owned(), Value::String(value.into_owned()));
    }
    Ok(given)
}

/// The name for an error, which must not carry what a stranger wrote.
fn known_name(name: &str) -> &'static str {
    [OFFER, OFFER_URI, REQUEST, REQUEST_URI, METHOD, CLIENT_ID]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("a parameter")
}

fn text<'a>(given: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    given.get(name).and_then(Value::as_str)
}

fn offer(given: &Map<String, Value>) -> Result<OfferLink, LinkError> {
    match (text(given, OFFER), text(given, OFFER_URI)) {
        (Some(_), Some(_)) => Err(LinkError::Both(OFFER, OFFER_URI)),
        (None, None) => Err(LinkError::Missing(OFFER)),
        (None, Some(uri)) => web_address(uri, OFFER_URI).map(OfferLink::Reference),
        (Some(offer), None) => {
            let offer =
                json::parse_object(offer.as_bytes()).map_err(|_| LinkError::Malformed(OFFER))?;
            let issuer =
                text(&offer, "credential_issuer").ok_or(LinkError::Missing("credential_issuer"))?;
            let issuer = web_address(issuer, "credential_issuer")?;
            Ok(OfferLink::Value { offer, issuer })
        }
    }
}

fn request(given: Map<String, Value>) -> Result<RequestLink, LinkError> {
    let client_id = match text(&given, CLIENT_ID) {
        None => return Err(LinkError::Missing(CLIENT_ID)),
        Some("") => return Err(LinkError::Malformed(CLIENT_ID)),
        Some(client_id) => client_id.to_owned(),
    };
    let post = match text(&given, METHOD) {
        None | Some("get") => false,
        Some("post") => true,
        Some(_) => return Err(LinkError::Method),
    };
    let source = match (text(&given, REQUEST), text(&given, REQUEST_URI)) {
        (Some(_), Some(_)) => return Err(LinkError::Both(REQUEST, REQUEST_URI)),
        (None, Some(uri)) => RequestSource::Reference {
            url: web_address(uri, REQUEST_URI)?,
            post,
        },
        _ if given.contains_key(METHOD) => return Err(LinkError::Missing(REQUEST_URI)),
        (Some(object), None) => RequestSource::Object(object.to_owned()),
        (None, None) => RequestSource::Parameters(given),
    };
    Ok(RequestLink { client_id, source })
}

/// Whether the address may be asked is for `net` to say; here it must be one at all.
fn web_address(text: &str, name: &'static str) -> Result<Url, LinkError> {
    let url = Url::parse(text).map_err(|_| LinkError::Address(name))?;
    let of_the_web = matches!(url.scheme(), "https" | "http") && url.has_host();
    if !of_the_web || !url.username().is_empty() || url.password().is_some() {
        return Err(LinkError::Address(name));
    }
    Ok(url)
}

// An offer carries a code that is worth a credential, a request may carry a session: neither
// belongs in a log.
impl fmt::Debug for OfferLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OfferLink({})", self.host())
    }
}

impl fmt::Debug for RequestLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host();
        write!(
            formatter,
            "RequestLink({})",
            host.as_deref().unwrap_or("by value")
        )
    }
}

#[cfg(test)]
mod tests;
