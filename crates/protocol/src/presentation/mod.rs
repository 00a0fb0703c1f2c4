//! The wallet's side of OpenID4VP 1.0: fetch a request, answer it, decline it.
//!
//! [`fetch`] says who asks and proves that they hold the key they claim; whether that key may
//! ask is the ledger's to say ([`Client::key`]). What is refused: client identifier prefixes
//! other than `redirect_uri`, `x509_san_dns`, `x509_hash` and `decentralized_identifier`;
//! response modes other than `direct_post` and `direct_post.jwt`; `scope`; transaction data;
//! encrypted request objects.

mod client;
mod error;
mod fetch;
mod object;
mod read;
mod respond;

use keys::PublicKey;
use keys::x509::Certificate;
use query::Query;
use serde_json::{Map, Value};
use url::Url;

pub use error::{FetchError, Refusal};
pub use fetch::fetch;
pub use respond::{Answer, NotSent, Reason, SendError, decline, report, respond};

use crate::jwe::Recipient;

/// The `typ` of a request object (OpenID4VP 1.0 §5).
pub const REQUEST_TYPE: &str = "oauth-authz-req+jwt";
/// The `aud` of a request object for a wallet that was not looked up (§5.8).
pub const AUDIENCE: &str = "https://self-issued.me/v2";
/// The `format` in `verifier_info` under which a request names its registered purpose.
pub const PURPOSE_FORMAT: &str = "cairn_purpose";

/// A request whose sender was authenticated as far as its client identifier allows.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub client: Client,
    /// What is asked for.
    pub query: Query,
    /// `nonce`, for the holder's proof.
    pub nonce: String,
    /// The registered purpose that the request names. Only a claim: see the ledger.
    pub purpose: Option<String>,
    /// `vp_formats_supported` of the client metadata, where it came.
    pub formats: Option<Map<String, Value>>,
    /// Where and how the answer goes.
    pub reply: Reply,
    /// True when the answer goes to another host than an `x509_san_dns` client identifier
    /// names. §5.9.3 allows that only to a client that is trusted otherwise: refuse unless
    /// the ledger lists it.
    pub must_be_listed: bool,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The whole client identifier, prefix included: `aud` of the holder's proof.
    pub id: String,
    /// The prefix.
    pub prefix: Prefix,
    /// What proves it.
    pub key: ClientKey,
}

/// A client identifier prefix (§5.9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// `redirect_uri`: unsigned, known by the address of its answers only.
    RedirectUri,
    /// `x509_san_dns`: a DNS name in a certificate.
    X509SanDns,
    /// `x509_hash`: the hash of a certificate.
    X509Hash,
    /// `decentralized_identifier`: a DID.
    DecentralizedIdentifier,
}

/// What the sender of a request proved.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientKey {
    /// Nothing: the request is not signed.
    Unsigned,
    /// Possession of the key of the first certificate. The chain is as it came; nobody has
    /// checked where it leads.
    Chain(Vec<Certificate>),
    /// Possession of a key that the DID's document lists.
    Did {
        /// The DID.
        did: String,
        /// The key.
        key: PublicKey,
    },
}

/// Where and how an answer goes.
#[derive(Clone)]
pub struct Reply {
    /// The address.
    pub response_uri: Url,
    /// The address as the request writes it: what a holder's proof may cover.
    pub response_uri_as_written: String,
    /// `state`, to be handed back.
    pub state: Option<String>,
    /// The key to encrypt to; `None` for `direct_post`.
    pub recipient: Option<Recipient>,
}

impl Client {
    /// The identifier without its prefix: a host, a hash, a DID or an address.
    pub fn name(&self) -> &str {
        self.id
            .split_once(':')
            .map_or(self.id.as_str(), |(_, name)| name)
    }
}

impl ClientKey {
    /// The key that signed.
    pub fn public_key(&self) -> Option<&PublicKey> {
        match self {
            Self::Unsigned => None,
            Self::Chain(chain) => chain.first().map(Certificate::public_key),
            Self::Did { key, .. } => Some(key),
        }
    }
}

/// The key identifiers of the authorities of a certificate chain, as `aki` in
/// `trusted_authorities` names them (§6.1.1.1).
pub fn authority_key_ids(chain: &[Certificate]) -> Vec<String> {
    chain
        .iter()
        .filter_map(Certificate::authority_key_id)
        .map(keys::b64::encode)
        .collect()
}

impl Prefix {
    /// The prefix as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::RedirectUri => "redirect_uri",
            Self::X509SanDns => "x509_san_dns",
            Self::X509Hash => "x509_hash",
            Self::DecentralizedIdentifier => "decentralized_identifier",
        }
    }
}

impl Request {
    /// The host that the answer goes to, with its port where that is not the usual one.
    pub fn response_host(&self) -> String {
        crate::link::host_of(&self.reply.response_uri)
    }
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsigned => formatter.write_str("Unsigned"),
            Self::Chain(chain) => write!(formatter, "Chain({} certificates)", chain.len()),
            Self::Did { did, .. } => write!(formatter, "Did({did})"),
        }
    }
}

// `state` names a session.
impl std::fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = self.response_uri.host_str().unwrap_or_default();
        let sealed = if self.recipient.is_some() {
            ", encrypted"
        } else {
            ""
        };
        write!(formatter, "Reply({host}{sealed})")
    }
}

#[cfg(test)]
pub(crate) mod tests;
