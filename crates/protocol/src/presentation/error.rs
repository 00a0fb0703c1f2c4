use credential::did::DidError;
use keys::json::JsonError;
use keys::jws::JwsError;
use keys::x509::CertificateError;
use net::HttpError;
use query::QueryError;

use super::{Prefix, Reply};

/// Why there is no request that could be shown.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The request could not be fetched.
    #[error("the service's request could not be fetched")]
    Http(#[source] HttpError),
    /// The service answered with an error where its request should be.
    #[error("the service answered with status {status} in place of its request")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The service's DID document could not be fetched.
    #[error("the service's DID document could not be fetched")]
    DidDocument(#[source] HttpError),
    /// The request breaks a rule.
    #[error("the service's request is not acceptable: {refusal}")]
    Refused {
        /// The rule.
        #[source]
        refusal: Refusal,
        /// Where the service may be told: see [`report`](super::report). `None` where nobody
        /// has proved to be the one who asked.
        reply: Option<Box<Reply>>,
    },
}

/// A rule that a request breaks. Carries names of parameters, never what a stranger wrote.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a request object.
    #[error("it is not a signed request object")]
    Object(#[source] JwsError),
    /// Not text.
    #[error("it is not a request object")]
    NotText,
    /// `typ` is another one.
    #[error("its `typ` is not that of a request")]
    Type,
    /// The signature does not verify under the client's key.
    #[error("its signature does not verify")]
    Signature(#[source] JwsError),
    /// A prefix that is not supported, or none.
    #[error("its client identifier has an unsupported prefix: {prefix}")]
    Prefix {
        /// The prefix where the specification knows it, else a word for it.
        prefix: &'static str,
    },
    /// What follows the prefix is not what the prefix calls for.
    #[error("its client identifier is not one of `{}`", prefix.name())]
    ClientId {
        /// The prefix.
        prefix: Prefix,
    },
    /// A prefix that calls for a signature, without one.
    #[error("it is not signed, as `{}` asks", prefix.name())]
    Unsigned {
        /// The prefix.
        prefix: Prefix,
    },
    /// `redirect_uri`, which cannot be signed, with a signature.
    #[error("it is signed, which `redirect_uri` does not allow")]
    Signed,
    /// No `x5c`.
    #[error("it comes without a certificate")]
    NoCertificate,
    /// The `x5c` is malformed.
    #[error("its certificate is malformed")]
    Certificate(#[source] CertificateError),
    /// A certificate of the chain is expired or not yet valid.
    #[error("a certificate of it is not valid now")]
    CertificateTime,
    /// The certificate does not name the host of the client identifier.
    #[error("its certificate is for another name")]
    CertificateName,
    /// The certificate has another hash than the client identifier.
    #[error("its certificate is another than its client identifier names")]
    CertificateHash,
    /// No `kid`, or one of another DID.
    #[error("its `kid` does not name a key of the client's DID")]
    Kid,
    /// The DID or its document is not usable.
    #[error("the client's DID is not usable")]
    Did(#[source] DidError),
    /// The payload is not acceptable JSON.
    #[error("its content is malformed")]
    Payload(#[source] JwsError),
    /// The link and the object name different clients.
    #[error("it names another client than the link")]
    OtherClient,
    /// It is for somebody else.
    #[error("it is not meant for a wallet")]
    Audience,
    /// `exp` has passed.
    #[error("it has expired")]
    Expired,
    /// `nbf` or `iat` lies ahead.
    #[error("it is not valid yet")]
    NotYetValid,
    /// It does not repeat the wallet's nonce.
    #[error("it does not answer the wallet's own nonce")]
    WalletNonce,
    /// It holds `request` or `request_uri`.
    #[error("it points to another request")]
    Nested,
    /// A parameter that must be there is not.
    #[error("it lacks `{0}`")]
    Missing(&'static str),
    /// A parameter is malformed or too long.
    #[error("its `{0}` is malformed")]
    Malformed(&'static str),
    /// A parameter in JSON cannot be read.
    #[error("its `{parameter}` is not acceptable JSON")]
    Json {
        /// The parameter.
        parameter: &'static str,
        /// Why.
        #[source]
        source: JsonError,
    },
    /// Another response type than `vp_token`.
    #[error("it asks for another kind of response than a presentation")]
    ResponseType,
    /// Another response mode than `direct_post` and `direct_post.jwt`.
    #[error("it asks for a way of answering that is not supported")]
    ResponseMode,
    /// `redirect_uri` beside `direct_post`.
    #[error("it gives a `redirect_uri`, which has no place here")]
    RedirectUri,
    /// The answer would go where nothing may go.
    #[error("its `response_uri` is not an address that may be used")]
    ResponseUri(#[source] HttpError),
    /// With `redirect_uri`, the answer would go elsewhere than the client identifier says.
    #[error("its `response_uri` is another than its client identifier")]
    OtherResponseUri,
    /// `scope` beside a query.
    #[error("it gives both a query and a `scope`")]
    QueryAndScope,
    /// `scope` in place of a query.
    #[error("it names a `scope` in place of a query")]
    Scope,
    /// The query is unsound.
    #[error("its query is unsound: {0}")]
    Query(#[source] QueryError),
    /// Transaction data.
    #[error("it asks to confirm a transaction, which is not supported")]
    TransactionData,
    /// `direct_post.jwt` without a key that can be used.
    #[error("it asks for encryption and gives no key that can be used")]
    NoEncryptionKey,
    /// The service takes no signature that the wallet's keys can make.
    #[error("it accepts none of the wallet's signatures")]
    Formats,
}

impl Refusal {
    /// The error code of OpenID4VP 1.0 §8.5 and RFC 6749 §4.1.2.1.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scope => "invalid_scope",
            Self::TransactionData => "invalid_transaction_data",
            Self::Formats => "vp_formats_not_supported",
            Self::ResponseType => "unsupported_response_type",
            _ => "invalid_request",
        }
    }
}

impl From<Refusal> for FetchError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            refusal,
            reply: None,
        }
    }
}
