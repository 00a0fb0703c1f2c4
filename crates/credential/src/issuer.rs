//! Where an issuer's key comes from: certificate, DID, or the issuer's metadata
//! (draft-ietf-oauth-sd-jwt-vc §3.5 and §5). What needs the network is left to the caller.

use keys::x509::{Certificate, CertificateError};
use keys::{Algorithm, KeyError, PublicKey, json};
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::did;
use crate::sd_jwt::{ParseError, Unverified};

/// The longest metadata document or key set, in bytes.
pub const MAX_DOCUMENT: usize = 256 * 1024;
/// The most keys of one set that are looked at.
pub const MAX_KEYS: usize = 100;

/// Where the issuer's key comes from.
#[derive(Clone)]
pub enum KeySource {
    /// The `x5c` header, leaf first. Whether the chain leads to a trusted root, or the leaf's
    /// key is registered, is for the caller to decide.
    X5c(Vec<Certificate>),
    /// A DID URL; without a fragment the document must have exactly one key that may assert.
    Did {
        /// The absolute DID URL.
        url: String,
    },
    /// `/.well-known/jwt-vc-issuer` of the `iss`.
    Metadata {
        /// `iss`, exactly as it was written.
        iss: String,
        /// `kid`, where the header has one.
        kid: Option<String>,
    },
}

/// Why a credential does not say where its issuer's key is.
#[derive(Debug, thiserror::Error)]
pub enum KeySourceError {
    /// The payload cannot be read.
    #[error(transparent)]
    Payload(#[from] ParseError),
    /// `x5c` is malformed.
    #[error("the certificate chain of the credential is malformed")]
    Chain(#[from] CertificateError),
    /// `kid` names a key of another DID than `iss`.
    #[error("the `kid` belongs to another DID than the `iss`")]
    OtherDid,
    /// `iss` or `kid` is not a string.
    #[error("`{member}` is not a string")]
    NotString {
        /// The member.
        member: &'static str,
    },
    /// Neither `x5c`, nor a DID, nor an https `iss`.
    #[error("the credential does not say where its issuer's key is")]
    Nowhere,
}

impl Unverified {
    /// Reads `x5c`, `kid` and `iss`, in this order of precedence.
    ///
    /// With `x5c` the leaf's subject is the issuer, and `iss` is only what the issuer calls
    /// itself: see [`names`] before it is shown to anybody.
    pub fn key_source(&self) -> Result<KeySource, KeySourceError> {
        let claims = self.unverified_claims()?;
        let iss = string(&claims, "iss")?;
        let kid = string(self.header(), "kid");
        if let Some(x5c) = self.header().get("x5c") {
            let chain = Certificate::chain_from_x5c(x5c)?;
            return Ok(KeySource::X5c(chain));
        }
        from_names(iss, kid?)
    }
}

/// Where the key is that an issuer names by its identifier and the name of the key.
pub(crate) fn from_names(
    iss: Option<&str>,
    kid: Option<&str>,
) -> Result<KeySource, KeySourceError> {
    match (iss, kid) {
        (Some(iss), kid) if iss.starts_with("did:") => {
            let url = match kid {
                None => iss.to_owned(),
                Some(kid) if kid.starts_with('#') => format!("{iss}{kid}"),
                Some(kid) if did::split_url(kid).0 == iss => kid.to_owned(),
                // A bare fragment, as some issuers write it.
                Some(kid) if !kid.starts_with("did:") => format!("{iss}#{kid}"),
                Some(_) => return Err(KeySourceError::OtherDid),
            };
            Ok(KeySource::Did { url })
        }
        (None, Some(kid)) if kid.starts_with("did:") => Ok(KeySource::Did {
            url: kid.to_owned(),
        }),
        (Some(iss), kid) if well_known_url(iss).is_some() => Ok(KeySource::Metadata {
            iss: iss.to_owned(),
            kid: kid.map(str::to_owned),
        }),
        _ => Err(KeySourceError::Nowhere),
    }
}

fn string<'a>(
    object: &'a Map<String, Value>,
    member: &'static str,
) -> Result<Option<&'a str>, KeySourceError> {
    object
        .get(member)
        .map(|value| value.as_str().ok_or(KeySourceError::NotString { member }))
        .transpose()
}

/// Whether a certificate's subject alternative name vouches for an `iss`: as its URI, or as
/// the host (name or address) of an https URL; of an http URL on loopback only, for the demo.
/// An `iss` that no certificate vouches for is not to be shown as the issuer's identity.
pub fn names(leaf: &Certificate, iss: &str) -> bool {
    if leaf.san_uri().iter().any(|uri| uri == iss) {
        return true;
    }
    let Ok(url) = Url::parse(iss) else {
        return false;
    };
    let Some(host) = url.host() else {
        return false;
    };
    // Plain http names an issuer on loopback only, for the demo.
    if url.scheme() != "https" && !(url.scheme() == "http" && did::is_loopback(&host)) {
        return false;
    }
    match host {
        Host::Domain(name) => leaf.san_dns().iter().any(|known| known == name),
        Host::Ipv4(address) => leaf.san_ip().contains(&address.into()),
        Host::Ipv6(address) => leaf.san_ip().contains(&address.into()),
    }
}

/// The metadata's URL for an `iss`: the well-known part goes between host and path. `None`
/// where `iss` is no https URL, or has a query, a fragment or user information. Plain http is
/// taken for loopback hosts only, for the demo.
pub fn well_known_url(iss: &str) -> Option<Url> {
    let mut url = Url::parse(iss).ok()?;
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let loopback = url.host().is_some_and(|host| did::is_loopback(&host));
    if !plain || !(url.scheme() == "https" || (url.scheme() == "http" && loopback)) {
        return None;
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("/.well-known/jwt-vc-issuer{path}"));
    Some(url)
}

/// Why an issuer's metadata or key set was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not acceptable JSON.
    #[error("the issuer's metadata is not acceptable JSON")]
    Json,
    /// `issuer` is not the `iss` of the credential, character by character.
    #[error("the metadata belongs to another issuer")]
    OtherIssuer,
    /// Neither `jwks` nor `jwks_uri`, both, or one of the wrong type.
    #[error("the metadata must have either `jwks` or `jwks_uri`")]
    Keys,
    /// The set has no key of this name for this algorithm.
    #[error("the issuer's keys do not include the one that signed")]
    NoSuchKey,
    /// No `kid`, and more than one key that could have signed; or one `kid` twice.
    #[error("the issuer's keys do not say which one signed")]
    Ambiguous,
    /// The key was refused.
    #[error("the issuer's key is not usable")]
    Key(#[from] KeyError),
}

/// JWT VC issuer metadata.
#[derive(Clone, Debug)]
pub enum IssuerMetadata {
    /// `jwks`.
    Keys(KeySet),
    /// `jwks_uri`.
    KeysAt(Url),
}

impl IssuerMetadata {
    /// Reads what was fetched for `iss`.
    pub fn parse(bytes: &[u8], iss: &str) -> Result<Self, MetadataError> {
        let Ok(Value::Object(object)) = json::parse_bounded(bytes, MAX_DOCUMENT) else {
            return Err(MetadataError::Json);
        };
        if object.get("issuer").and_then(Value::as_str) != Some(iss) {
            return Err(MetadataError::OtherIssuer);
        }
        match (object.get("jwks"), object.get("jwks_uri")) {
            (Some(jwks), None) => Ok(Self::Keys(KeySet::from_json(jwks)?)),
            (None, Some(uri)) => uri
                .as_str()
                .and_then(|uri| Url::parse(uri).ok())
                .map(Self::KeysAt)
                .ok_or(MetadataError::Keys),
            _ => Err(MetadataError::Keys),
        }
    }
}

/// A JWK set (RFC 7517 §5). Keys that are not understood are kept by name.
#[derive(Clone, Debug)]
pub struct KeySet(Vec<(Option<String>, Result<PublicKey, KeyError>)>);

impl KeySet {
    /// Reads what was fetched from `jwks_uri`.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        let value = json::parse_bounded(bytes, MAX_DOCUMENT).map_err(|_| MetadataError::Json)?;
        Self::from_json(&value)
    }

    /// Reads a set; keys for encryption are left out.
    pub fn from_json(value: &Value) -> Result<Self, MetadataError> {
        let keys = value
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(MetadataError::Keys)?;
        if keys.len() > MAX_KEYS {
            return Err(MetadataError::Keys);
        }
        let text =
            |key: &Value, name: &str| key.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Self(
            keys.iter()
                .filter(|key| text(key, "use").as_deref() != Some("enc"))
                .map(|key| (text(key, "kid"), PublicKey::from_jwk(key)))
                .collect(),
        ))
    }

    /// The key named `kid`; without `kid`, the only one for `algorithm`.
    pub fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<PublicKey, MetadataError> {
        let mut fitting = self.0.iter().filter(|(name, key)| match kid {
            Some(kid) => name.as_deref() == Some(kid),
            None => key.as_ref().is_ok_and(|key| key.algorithm() == algorithm),
        });
        let (_, key) = fitting.next().ok_or(MetadataError::NoSuchKey)?;
        if fitting.next().is_some() {
            return Err(MetadataError::Ambiguous);
        }
        let key = key.clone()?;
        if key.algorithm() != algorithm {
            return Err(MetadataError::NoSuchKey);
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests;
