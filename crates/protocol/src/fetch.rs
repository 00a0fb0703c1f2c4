//! One JSON document from another party.

use std::fmt;

use keys::json::{self, JsonError};
use net::{Http, HttpError, Request, Response};
use serde_json::{Map, Value};
use url::Url;

/// A document or answer of another party, for error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Document {
    /// A credential offer.
    Offer,
    /// `/.well-known/openid-credential-issuer`.
    IssuerMetadata,
    /// `/.well-known/oauth-authorization-server`.
    ServerMetadata,
    /// The answer of the token endpoint.
    Token,
    /// The answer of the nonce endpoint.
    Nonce,
    /// The answer of the credential endpoint.
    Credential,
    /// The answer of the notification endpoint.
    Notification,
    /// SD-JWT VC type metadata.
    TypeMetadata,
    /// `/.well-known/jwt-vc-issuer`.
    IssuerKeys,
    /// The JWK set that the issuer's key metadata points to.
    JwkSet,
    /// A `did:web` document.
    DidDocument,
}

impl fmt::Display for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Offer => "offer",
            Self::IssuerMetadata => "issuer's metadata",
            Self::ServerMetadata => "authorization server's metadata",
            Self::Token => "token answer",
            Self::Nonce => "nonce answer",
            Self::Credential => "credential answer",
            Self::Notification => "notification answer",
            Self::TypeMetadata => "type metadata",
            Self::IssuerKeys => "issuer's key metadata",
            Self::JwkSet => "issuer's key set",
            Self::DidDocument => "issuer's DID document",
        })
    }
}

/// Why a document could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No answer.
    #[error("no answer for the {document}: {source}")]
    Http {
        /// What was asked for.
        document: Document,
        /// Why.
        source: HttpError,
    },
    /// Another status than success.
    #[error("the {document} was refused with status {status}")]
    Status {
        /// What was asked for.
        document: Document,
        /// The HTTP status.
        status: u16,
    },
    /// Not the JSON object that was expected.
    #[error("the {document} is not acceptable JSON: {source}")]
    Json {
        /// What was asked for.
        document: Document,
        /// Where.
        source: JsonError,
    },
}

impl FetchError {
    /// The network failure, where it was one.
    pub fn http(&self) -> Option<&HttpError> {
        match self {
            Self::Http { source, .. } => Some(source),
            _ => None,
        }
    }
}

pub(crate) async fn send(
    http: &dyn Http,
    request: Request,
    document: Document,
) -> Result<Response, FetchError> {
    http.send(request)
        .await
        .map_err(|source| FetchError::Http { document, source })
}

/// `GET`s a document of at most `limit` bytes, which must be there.
pub(crate) async fn bytes(
    http: &dyn Http,
    url: Url,
    document: Document,
    limit: usize,
) -> Result<Vec<u8>, FetchError> {
    let request = Request::get(url).accept("application/json").limit(limit);
    let response = send(http, request, document).await?;
    if response.status != 200 {
        return Err(FetchError::Status {
            document,
            status: response.status,
        });
    }
    Ok(response.body)
}

/// `GET`s a JSON object of at most `limit` bytes.
pub(crate) async fn object(
    http: &dyn Http,
    url: Url,
    document: Document,
    limit: usize,
) -> Result<Map<String, Value>, FetchError> {
    parse(&bytes(http, url, document, limit).await?, document)
}

pub(crate) fn parse(bytes: &[u8], document: Document) -> Result<Map<String, Value>, FetchError> {
    json::parse_object(bytes).map_err(|source| FetchError::Json { document, source })
}
