//! Token Status List (draft-ietf-oauth-status-list): the list (§4), the signed token around it
//! as JWT (§5.1) and CWT (§5.2), and what the values mean (§7.1).

use keys::UnixTime;
use keys::x509::Certificate;
use url::Url;

use super::{InflateError, Standing};
use crate::KeySource;
use crate::issuer::well_known_url;

mod cwt;
mod jwt;
mod list;

pub use cwt::UnverifiedCwt;
pub use jwt::UnverifiedJwt;
pub use list::{Bits, TokenList};

/// The media type of a list as JWT; `typ` is the part behind the slash.
pub const MEDIA_TYPE_JWT: &str = "application/statuslist+jwt";
/// The media type of a list as CWT, also its `typ`.
pub const MEDIA_TYPE_CWT: &str = "application/statuslist+cwt";
/// The longest token that is read, in bytes: a list of 1,000,000 entries of eight bits fits,
/// whatever its entries are.
pub const MAX_TOKEN: usize = 4 * 1024 * 1024;
/// How far `iat` may lie ahead of our clock, in seconds.
pub const LEEWAY: UnixTime = 60;

/// Why a Status List Token was refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a JWT, or not one that is acceptable.
    #[error("the list of statuses is not an acceptable JWT")]
    Jwt(#[from] keys::jws::JwsError),
    /// Not a CWT in a tagged COSE_Sign1, too long, or with something twice or behind it.
    #[error("the list of statuses is not an acceptable CWT")]
    Cwt,
    /// The header asks for an extension that is not understood (RFC 9052 §3.1, `crit`).
    #[error("the header of the list of statuses asks for an extension that is not supported")]
    Critical,
    /// `typ` is not the one of a Status List Token.
    #[error("the token is not a list of statuses")]
    Type,
    /// `alg` is absent or not supported, or is not the key's.
    #[error("the list of statuses is signed in a way that is not supported")]
    Algorithm,
    /// The signature is wrong.
    #[error("the list of statuses was not signed by this key")]
    Signature,
    /// A claim is missing or of the wrong type.
    #[error("the claim `{claim}` of the list of statuses is missing or malformed")]
    Claim {
        /// Its name in JWT.
        claim: &'static str,
    },
    /// `sub` is another address than the one that the credential names.
    #[error("the list of statuses belongs to another address")]
    OtherList,
    /// `exp` has passed.
    #[error("the list of statuses has expired")]
    Expired,
    /// `iat` lies in the future.
    #[error("the list of statuses was issued in the future")]
    IssuedInFuture,
    /// `lst` is refused.
    #[error(transparent)]
    Inflate(#[from] InflateError),
    /// The header's certificates or key name are refused.
    #[error("the list of statuses does not say where its issuer's key is")]
    KeySource,
}

/// What goes into a Status List Token.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    /// `sub`: the address at which the list is published.
    pub uri: &'a str,
    /// `iss`, for readers that find the issuer's key by it. The draft does not ask for it.
    pub issuer: Option<&'a str>,
    /// How the issuer's key is named.
    pub key_name: crate::format::KeyName<'a>,
    /// `iat`.
    pub issued_at: UnixTime,
    /// `exp`.
    pub expires: Option<UnixTime>,
    /// `ttl`: how long a copy may be kept before the list is asked for again, in seconds.
    pub ttl: Option<u64>,
    /// The list.
    pub list: &'a TokenList,
}

/// A Status List Token whose signature, address and dates were checked.
#[derive(Clone)]
pub struct VerifiedToken {
    /// `sub`.
    pub uri: String,
    /// `iat`.
    pub issued_at: UnixTime,
    /// `exp`.
    pub expires: Option<UnixTime>,
    /// `ttl` in seconds.
    pub ttl: Option<u64>,
    /// The list.
    pub list: TokenList,
}

/// What a token says of whose key signed it. Nothing has been verified.
#[derive(Clone, Default)]
pub struct Signer {
    /// `x5c` or `x5chain`, leaf first.
    pub chain: Option<Vec<Certificate>>,
    /// `kid`.
    pub kid: Option<String>,
    /// `iss`.
    pub iss: Option<String>,
}

impl Signer {
    /// Where the key is to be found. The draft leaves the naming of keys to the credentials'
    /// own rules (§11.3); where the token has no `iss`, the credential's, `of_credential`, is
    /// taken, since it is that issuer's list or none.
    pub fn key_source(&self, of_credential: Option<&str>) -> Result<KeySource, TokenError> {
        if let Some(chain) = &self.chain {
            return Ok(KeySource::X5c(chain.clone()));
        }
        let iss = self.iss.as_deref().or(of_credential);
        match (iss, self.kid.as_deref()) {
            (_, Some(kid)) if kid.starts_with("did:") => {
                // A key of another DID than `iss` would let anybody speak for it.
                if iss.is_some_and(|iss| crate::did::split_url(kid).0 != iss) {
                    return Err(TokenError::KeySource);
                }
                Ok(KeySource::Did {
                    url: kid.to_owned(),
                })
            }
            (Some(iss), kid) if iss.starts_with("did:") => Ok(KeySource::Did {
                url: match kid {
                    None => iss.to_owned(),
                    Some(kid) => format!("{iss}#{}", kid.trim_start_matches('#')),
                },
            }),
            (Some(iss), kid) if well_known_url(iss).is_some() => Ok(KeySource::Metadata {
                iss: iss.to_owned(),
                kid: kid.map(str::to_owned),
            }),
            _ => Err(TokenError::KeySource),
        }
    }
}

/// What a value means (§7.1). Values that nobody has given a meaning are [`Standing::Other`]
/// too: they do not say that the credential stands.
pub fn standing(value: u8) -> Standing {
    match value {
        0 => Standing::Valid,
        1 => Standing::Revoked,
        2 => Standing::Suspended,
        other => Standing::Other(other),
    }
}

/// Whether the draft leaves a value to the issuer and its verifiers: 0x03, 0x0B to 0x0F.
pub fn is_application_specific(value: u8) -> bool {
    matches!(value, 0x03 | 0x0B..=0x0F)
}

/// The claims of either form, before they are checked.
struct Claims {
    uri: String,
    issued_at: UnixTime,
    expires: Option<UnixTime>,
    ttl: Option<u64>,
    bits: Bits,
    lst: Vec<u8>,
}

impl Claims {
    /// §8.3: the address, the dates, then the list, which is inflated last.
    fn check(self, uri: &str, now: UnixTime) -> Result<VerifiedToken, TokenError> {
        if self.uri != uri {
            return Err(TokenError::OtherList);
        }
        if self.expires.is_some_and(|expires| now >= expires) {
            return Err(TokenError::Expired);
        }
        if self.issued_at > now.saturating_add(LEEWAY) {
            return Err(TokenError::IssuedInFuture);
        }
        if self.ttl == Some(0) {
            return Err(TokenError::Claim { claim: "ttl" });
        }
        Ok(VerifiedToken {
            uri: self.uri,
            issued_at: self.issued_at,
            expires: self.expires,
            ttl: self.ttl,
            list: TokenList::from_compressed(self.bits, &self.lst)?,
        })
    }
}

fn aggregation(uri: &str) -> Result<(), TokenError> {
    Url::parse(uri).map(|_| ()).map_err(|_| TokenError::Claim {
        claim: "aggregation_uri",
    })
}
