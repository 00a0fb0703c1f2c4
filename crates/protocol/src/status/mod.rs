//! Lists of statuses over the network: fetched, verified, kept for a while.
//!
//! A list is asked for by its address alone: no parameter, no cookie, no place in it. Whoever
//! publishes it learns that somebody looks at one of its many cards, and from where.
//!
//! A list counts for a card only if it is the card's issuer's ([`CachedList::is_by`]): signed
//! by the very key that signed the card, or by a key that the issuer publishes under the name
//! that the card names. Another key counts only where the caller vouches for it, as the ledger
//! does where it lists the key for the same body.

use credential::KeySource;
use credential::did;
use credential::format;
use credential::status::token::{
    MAX_TOKEN, MEDIA_TYPE_CWT, MEDIA_TYPE_JWT, Signer, TokenError, UnverifiedCwt, UnverifiedJwt,
};
use credential::status::{
    ListCredentialError, LookUpError, StatusRef, Statuses, UnverifiedJwtCredential,
    VerifiedListCredential,
};
use keys::{Algorithm, PublicKey, UnixTime};
use net::{Http, HttpError, Request};
use url::Url;

use crate::issuer_keys::{self, IssuerKey, IssuerKeyError};

mod cache;
mod staple;

pub use cache::{CachedList, Known, MAX_PUBLISHED, StoredError, Unknown, look_up};
pub use staple::verify_stapled;

/// How long a Token Status List may be kept that says neither `ttl` nor `exp`, in seconds.
pub const DEFAULT_TTL: u64 = 3600;

/// Whose card it is.
#[derive(Clone, Copy)]
pub struct CardIssuer<'a> {
    /// The key that signed the card.
    pub key: &'a PublicKey,
    /// The name under which the issuer publishes its keys: `iss` or a DID. `None` where the
    /// card was signed by a certificate's key.
    pub name: Option<&'a str>,
}

impl<'a> CardIssuer<'a> {
    /// From where a card's key was found.
    pub fn new(source: &'a KeySource, key: &'a PublicKey) -> Self {
        let name = match source {
            KeySource::X5c(_) => None,
            KeySource::Did { url } => Some(did::split_url(url).0),
            KeySource::Metadata { iss, .. } => Some(iss.as_str()),
        };
        Self { key, name }
    }
}

/// Why a list could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The card's list has no usable address.
    #[error("the list of statuses has no usable address")]
    Address,
    /// No answer.
    #[error("no answer for the list of statuses: {0}")]
    Http(#[from] HttpError),
    /// Another status than success.
    #[error("the list of statuses was refused with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// A Token Status List was refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The credential of a Bitstring Status List was refused.
    #[error(transparent)]
    Credential(#[from] ListCredentialError),
    /// A list in a form that is not read.
    #[error("the list of statuses has a form that is not supported")]
    Form,
    /// The proof of a Bitstring Status List was refused.
    #[error("the proof of the list of statuses was refused: {0}")]
    Proof(#[from] format::Refused),
    /// The key of the list's issuer could not be had.
    #[error(transparent)]
    IssuerKey(#[from] IssuerKeyError),
    /// The list has no place for the card.
    #[error(transparent)]
    LookUp(#[from] LookUpError),
}

impl StatusError {
    /// True where nothing was learnt for want of a network, so that a later try may succeed.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Http(_) => true,
            Self::IssuerKey(IssuerKeyError::Fetch(error)) => error.http().is_some(),
            Self::Refused { status } => *status >= 500,
            _ => false,
        }
    }
}

/// Fetches the list that a card names and verifies it. Whether it is the card's issuer's is
/// for [`CachedList::is_by`].
///
/// The card's own key is tried first, so that the issuer's key is asked for only where the list
/// was signed by another.
pub async fn fetch(
    http: &dyn Http,
    reference: &StatusRef,
    card: CardIssuer<'_>,
    now: UnixTime,
) -> Result<CachedList, StatusError> {
    let uri = reference.list();
    let mut url = Url::parse(uri).map_err(|_| StatusError::Address)?;
    if !url.has_host() {
        return Err(StatusError::Address);
    }
    url.set_fragment(None);
    let accept = match reference {
        StatusRef::TokenList { .. } => format!("{MEDIA_TYPE_JWT}, {MEDIA_TYPE_CWT};q=0.9"),
        StatusRef::Bitstring { .. } => "application/vc+jwt, application/vc;q=0.9".to_owned(),
    };
    let request = Request::get(url).accept(&accept).limit(MAX_TOKEN);
    let response = http.send(request).await?;
    if response.status != 200 {
        return Err(StatusError::Refused {
            status: response.status,
        });
    }
    let list = Received::parse(&response.body, reference)?;
    // Signed by the key that is known already: nobody else needs to be asked.
    if list.algorithm() == card.key.algorithm()
        && let Ok(found) = list.verify(card.key, uri, now)
    {
        let key = IssuerKey::Jwk(card.key.clone());
        let name = card.name.map(str::to_owned);
        return Ok(found.cache(&response.body, uri, key, name, now));
    }
    let source = list.key_source(card.name)?;
    let key = issuer_keys::resolve(http, &source, list.algorithm()).await?;
    let public = match &key {
        IssuerKey::Jwk(key) => key,
        IssuerKey::Chain(chain) => chain
            .first()
            .map(keys::x509::Certificate::public_key)
            .ok_or(TokenError::KeySource)?,
    };
    let name = CardIssuer::new(&source, public).name.map(str::to_owned);
    let found = list.verify(public, uri, now)?;
    Ok(found.cache(&response.body, uri, key, name, now))
}

/// A list as it came.
enum Received {
    Jwt(UnverifiedJwt),
    Cwt(Box<UnverifiedCwt>),
    JwtCredential(UnverifiedJwtCredential),
    Credential {
        text: String,
        claimed: Box<format::Claimed>,
        format: &'static dyn format::Format,
    },
}

/// A list whose signature, address and dates were checked.
struct Checked {
    statuses: Statuses,
    issued_at: Option<UnixTime>,
    expires: Option<UnixTime>,
    ttl: Option<u64>,
}

impl Received {
    /// The form is told by the bytes: servers label lists in many ways, and every form names
    /// its type under the signature.
    fn parse(bytes: &[u8], reference: &StatusRef) -> Result<Self, StatusError> {
        let text = || std::str::from_utf8(bytes).map_err(|_| StatusError::Form);
        match reference {
            StatusRef::TokenList { .. } if bytes.first() == Some(&COSE_SIGN1) => {
                Ok(Self::Cwt(Box::new(UnverifiedCwt::parse(bytes)?)))
            }
            StatusRef::TokenList { .. } => Ok(Self::Jwt(UnverifiedJwt::parse(text()?)?)),
            StatusRef::Bitstring { .. } if bytes.trim_ascii_start().first() == Some(&b'{') => {
                let format = format::by_id("ldp_vc").ok_or(StatusError::Form)?;
                let text = text()?.to_owned();
                Ok(Self::Credential {
                    claimed: Box::new(format.peek(&text)?),
                    text,
                    format,
                })
            }
            StatusRef::Bitstring { .. } => Ok(Self::JwtCredential(UnverifiedJwtCredential::parse(
                text()?,
            )?)),
        }
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Jwt(token) => token.algorithm(),
            Self::Cwt(token) => token.algorithm(),
            Self::JwtCredential(token) => token.algorithm(),
            Self::Credential { claimed, .. } => claimed.algorithm,
        }
    }

    fn key_source(&self, of_card: Option<&str>) -> Result<KeySource, StatusError> {
        let from = |signer: Signer| signer.key_source(of_card);
        Ok(match self {
            Self::Jwt(token) => from(token.signer()?)?,
            Self::Cwt(token) => from(token.signer()?)?,
            Self::JwtCredential(token) => from(token.signer()?)?,
            Self::Credential { claimed, .. } => claimed.key_source.clone(),
        })
    }

    fn verify(&self, key: &PublicKey, uri: &str, now: UnixTime) -> Result<Checked, StatusError> {
        let token = match self {
            Self::Jwt(token) => token.verify(key, uri, now)?,
            Self::Cwt(token) => token.verify(key, uri, now)?,
            Self::JwtCredential(token) => return Ok(token.verify(key, uri, now)?.into()),
            Self::Credential { text, format, .. } => {
                let facts = format.verify(text, key, now)?;
                return Ok(VerifiedListCredential::check(&facts.claims, uri, now)?.into());
            }
        };
        Ok(Checked {
            statuses: Statuses::Token(token.list),
            issued_at: Some(token.issued_at),
            expires: token.expires,
            ttl: token.ttl,
        })
    }
}

/// The first byte of a tagged COSE_Sign1: tag 18.
const COSE_SIGN1: u8 = 0xD2;

impl From<VerifiedListCredential> for Checked {
    fn from(found: VerifiedListCredential) -> Self {
        Self {
            issued_at: found.issued_at,
            expires: found.expires,
            ttl: found
                .list
                .ttl()
                .or(Some(credential::status::bitstring::DEFAULT_TTL)),
            statuses: Statuses::Bitstring(found.list),
        }
    }
}

impl Checked {
    fn cache(
        self,
        published: &[u8],
        uri: &str,
        key: IssuerKey,
        name: Option<String>,
        now: UnixTime,
    ) -> CachedList {
        CachedList {
            uri: uri.to_owned(),
            key,
            name,
            fetched_at: now,
            issued_at: self.issued_at,
            expires: self.expires,
            ttl: self.ttl,
            statuses: self.statuses,
            published: (published.len() <= MAX_PUBLISHED).then(|| published.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests;
