//! The key of an issuer, by the network where it has to be.
//!
//! To be asked when a card is added or refreshed, never between a request and its answer.

use credential::KeySource;
use credential::did::{self, DidError, Relationship};
use credential::issuer::{IssuerMetadata, MetadataError, well_known_url};
use keys::x509::Certificate;
use keys::{Algorithm, PublicKey};
use net::Http;

use crate::fetch::{self, Document, FetchError};

const LIMIT: usize = 256 * 1024;

/// What an issuer signs with.
#[derive(Clone)]
pub enum IssuerKey {
    /// A key that the issuer's DID or metadata names.
    Jwk(PublicKey),
    /// The chain of the credential's header, leaf first. Whether it leads to a trusted root
    /// is still to be checked.
    Chain(Vec<Certificate>),
}

/// Why an issuer's key could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerKeyError {
    /// A document could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The DID, or its document, is not acceptable.
    #[error("the issuer's DID is not acceptable: {0}")]
    Did(#[from] DidError),
    /// The issuer's metadata is not acceptable.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The issuer is not named by an https URL.
    #[error("the issuer is not named by its address")]
    Address,
}

/// Finds the key that `source` names and that signs with `algorithm`.
///
/// `did:key` and `did:jwk` need no network; a DID may name a key by its fragment or have only one. `did:web` and
/// `/.well-known/jwt-vc-issuer` are fetched; their hosts learn nothing but that.
pub async fn resolve(
    http: &dyn Http,
    source: &KeySource,
    algorithm: Algorithm,
) -> Result<IssuerKey, IssuerKeyError> {
    match source {
        KeySource::X5c(chain) => Ok(IssuerKey::Chain(chain.clone())),
        KeySource::Did { url } => {
            let document = resolve_did(http, did::split_url(url).0).await?;
            let key = document.key_for(url, Relationship::Assertion, algorithm)?;
            Ok(IssuerKey::Jwk(key))
        }
        KeySource::Metadata { iss, kid } => {
            let url = well_known_url(iss).ok_or(IssuerKeyError::Address)?;
            let bytes = fetch::bytes(http, url, Document::IssuerKeys, LIMIT).await?;
            let set = match IssuerMetadata::parse(&bytes, iss)? {
                IssuerMetadata::Keys(set) => set,
                IssuerMetadata::KeysAt(url) => {
                    let bytes = fetch::bytes(http, url, Document::JwkSet, LIMIT).await?;
                    credential::issuer::KeySet::parse(&bytes)?
                }
            };
            Ok(IssuerKey::Jwk(set.find(kid.as_deref(), algorithm)?))
        }
    }
}

/// The document of a DID of any method that is supported: key, jwk and web.
pub async fn resolve_did(http: &dyn Http, did: &str) -> Result<did::Document, IssuerKeyError> {
    if did::method(did) != Some("web") {
        return Ok(did::resolve_self_contained(did)?);
    }
    let url = did::web_url(did)?;
    let bytes = fetch::bytes(http, url, Document::DidDocument, LIMIT).await?;
    Ok(did::Document::parse(&bytes, did)?)
}
