//! The authorization server's metadata (RFC 8414, OpenID4VCI 1.0 §12.3).

use keys::Algorithm;
use net::Http;
use url::Url;

use super::error::{InDocument as _, ResolveError};
use super::metadata::{IssuerMetadata, endpoint};
use super::offer::{OfferDocument, PRE_AUTHORIZED, identifier};
use crate::fetch::{self, Document};
use crate::members::{self, Object};
use crate::well_known;

const DOCUMENT: Document = Document::ServerMetadata;
const MAX_LIST: usize = 64;
const MAX_NAME: usize = 256;
const LIMIT: usize = 256 * 1024;

/// What of an authorization server's metadata the wallet needs.
#[derive(Clone, Debug)]
pub struct ServerMetadata {
    pub(crate) token_endpoint: Url,
    /// A code may come without a `client_id`.
    pub(crate) anonymous: bool,
    /// The server wants tokens bound to a key.
    pub(crate) dpop: bool,
    grants: Option<Vec<String>>,
}

impl ServerMetadata {
    /// Reads the metadata of `server`.
    pub fn read(object: &Object, server: &str, http: &dyn Http) -> Result<Self, ResolveError> {
        if members::needed(object, "issuer", net::MAX_URL).within(DOCUMENT)? != server {
            return Err(ResolveError::OtherServer);
        }
        let list = |name| members::texts(object, name, MAX_LIST, MAX_NAME).within(DOCUMENT);
        let es256 = Algorithm::Es256.name();
        Ok(Self {
            token_endpoint: endpoint(object, DOCUMENT, "token_endpoint", http)?.ok_or(
                ResolveError::Member {
                    document: DOCUMENT,
                    member: "token_endpoint",
                },
            )?,
            anonymous: members::flag(object, "pre-authorized_grant_anonymous_access_supported")
                .within(DOCUMENT)?,
            dpop: list("dpop_signing_alg_values_supported")?
                .is_some_and(|names| names.iter().any(|name| name == es256)),
            grants: list("grant_types_supported")?,
        })
    }

    /// Whether the server says that it takes pre-authorized codes, or says nothing.
    fn takes_codes(&self) -> bool {
        let grants = self.grants.as_deref();
        grants.is_none_or(|grants| grants.iter().any(|grant| grant == PRE_AUTHORIZED))
    }
}

/// Finds the authorization server for an offer: the one that it names, else the first of the
/// issuer's that takes pre-authorized codes, else the issuer itself.
pub(crate) async fn choose(
    http: &dyn Http,
    offer: &OfferDocument,
    issuer: &IssuerMetadata,
) -> Result<ServerMetadata, ResolveError> {
    let listed = &issuer.authorization_servers;
    if let Some(named) = &offer.authorization_server {
        let known = listed.contains(named) || (listed.is_empty() && *named == offer.issuer);
        if !known {
            return Err(ResolveError::UnlistedServer);
        }
        return fetch_one(http, named).await;
    }
    match listed.as_slice() {
        [] => fetch_one(http, &offer.issuer).await,
        [only] => fetch_one(http, only).await,
        several => {
            for server in several {
                let metadata = fetch_one(http, server).await?;
                if metadata.takes_codes() {
                    return Ok(metadata);
                }
            }
            Err(ResolveError::NoServer)
        }
    }
}

async fn fetch_one(http: &dyn Http, server: &str) -> Result<ServerMetadata, ResolveError> {
    let url = identifier(server).ok_or(ResolveError::Member {
        document: Document::IssuerMetadata,
        member: "authorization_servers",
    })?;
    let url = well_known::derive(&url, "oauth-authorization-server");
    let object = fetch::object(http, url, DOCUMENT, LIMIT).await?;
    ServerMetadata::read(&object, server, http)
}
