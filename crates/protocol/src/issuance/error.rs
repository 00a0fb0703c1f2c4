use net::HttpError;

use super::offer::TxCodeError;
use crate::fetch::{Document, FetchError};
use crate::members::BadMember;

/// Who an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The network between, or nobody answered.
    Network,
    /// The issuer, or the authorization server that works for it.
    Issuer,
    /// What the citizen chose or typed.
    Citizen,
    /// This wallet lacks what the issuer asks for.
    Wallet,
}

/// Why an offer is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// Not a JSON object, or too long.
    #[error("the offer is not acceptable JSON")]
    Json,
    /// A member is missing or malformed.
    #[error("the offer has no acceptable `{0}`")]
    Member(&'static str),
    /// `credential_issuer` is not the URL of an issuer.
    #[error("the offer does not name an issuer by its address")]
    Issuer,
    /// The offer wants the citizen to log in at the issuer, which is not supported.
    #[error("the offer carries no pre-authorized code")]
    NoPreAuthorizedCode,
}

impl From<BadMember> for OfferError {
    fn from(BadMember(name): BadMember) -> Self {
        Self::Member(name)
    }
}

/// What an issuer asks for that this wallet does not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// Another credential format.
    #[error("the format `{0}` is not supported")]
    Format(String),
    /// A binding method other than `jwk`, `did:key` and `did:jwk`.
    #[error("none of the issuer's ways to bind a card to a key is supported")]
    BindingMethod,
    /// Another proof type than `jwt`.
    #[error("none of the issuer's proof types is supported")]
    ProofType,
    /// No proof by ES256.
    #[error("none of the issuer's proof algorithms is supported")]
    ProofAlgorithm,
    /// The keys must be attested by hardware or by a wallet provider.
    #[error("the issuer asks for a key attestation")]
    KeyAttestation,
    /// Encrypted credential responses.
    #[error("the issuer asks for encrypted answers")]
    ResponseEncryption,
}

/// Why an offer cannot be shown for review. Nothing personal was sent, nothing was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The offer itself is bad.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// A document could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A document lacks a member, or the member is malformed.
    #[error("the {document} has no acceptable `{member}`")]
    Member {
        /// Which document.
        document: Document,
        /// Which member.
        member: &'static str,
    },
    /// An address in a document is one that is never asked.
    #[error("the {document} names a forbidden address for `{member}`: {source}")]
    Forbidden {
        /// Which document.
        document: Document,
        /// Which member.
        member: &'static str,
        /// Why.
        source: HttpError,
    },
    /// The metadata speaks for another issuer than the one that was asked.
    #[error("the issuer's metadata belongs to another issuer")]
    OtherIssuer,
    /// The metadata speaks for another authorization server than the one that was asked.
    #[error("the authorization server's metadata belongs to another server")]
    OtherServer,
    /// The offer names an authorization server that the issuer does not list.
    #[error("the offer names an authorization server that the issuer does not list")]
    UnlistedServer,
    /// No authorization server of the issuer takes pre-authorized codes.
    #[error("no authorization server of the issuer takes pre-authorized codes")]
    NoServer,
    /// The offer names a configuration that the issuer's metadata does not have.
    #[error("the offer names a card that the issuer does not describe")]
    UnknownConfiguration,
    /// Nothing of the offer can be taken.
    #[error("nothing in the offer can be taken: {0}")]
    Unsupported(#[source] Unsupported),
}

impl ResolveError {
    /// Who the error is about.
    pub fn party(&self) -> Party {
        match self {
            Self::Fetch(FetchError::Http { source, .. }) if source.forbidden().is_none() => {
                Party::Network
            }
            Self::Offer(OfferError::NoPreAuthorizedCode) | Self::Unsupported(_) => Party::Wallet,
            _ => Party::Issuer,
        }
    }
}

/// Why an offer could not be redeemed. Nothing was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedeemError {
    /// Nothing was chosen, or something that the offer does not have.
    #[error("the choice does not belong to the offer")]
    Selection,
    /// The code cannot be right. Nothing was sent.
    #[error(transparent)]
    TxCode(#[from] TxCodeError),
    /// An answer could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// An answer lacks a member, or the member is malformed.
    #[error("the {document} has no acceptable `{member}`")]
    Member {
        /// Which answer.
        document: Document,
        /// Which member.
        member: &'static str,
    },
    /// The authorization server refused the pre-authorized code or the typed code: it is
    /// wrong, used or over.
    #[error("the authorization server did not accept the code")]
    CodeRefused,
    /// The issuer refused with an error of the specification.
    #[error("the {document} says `{error}`")]
    Refused {
        /// Which answer.
        document: Document,
        /// `error`, letters and underscores only.
        error: String,
    },
    /// The issuer wants more time (§9). The offer is used up; the issuer has to offer again
    /// once the card is ready.
    #[error("the issuer has not finished the card")]
    Deferred {
        /// After how many seconds it may be asked again.
        interval: Option<u64>,
    },
    /// More copies than keys, or none.
    #[error("the issuer sent another number of copies than was asked for")]
    CopyCount,
    /// A copy is bound to a key that is not in this wallet, or two to the same.
    #[error("a card is not bound to the key that was made for it")]
    OtherKey,
    /// The token is of another type than `Bearer` or `DPoP`.
    #[error("the token type is not supported")]
    TokenType,
    /// A key could not be written as a DID.
    #[error("the key cannot be named as the issuer asks")]
    KeyName,
}

impl RedeemError {
    /// Who the error is about.
    pub fn party(&self) -> Party {
        match self {
            Self::Fetch(FetchError::Http { .. }) => Party::Network,
            Self::Selection | Self::TxCode(_) => Party::Citizen,
            Self::KeyName => Party::Wallet,
            _ => Party::Issuer,
        }
    }

    /// Whether the pre-authorized code may be used up, so that the same link may not work
    /// again.
    pub fn spent(&self) -> bool {
        match self {
            Self::Selection | Self::TxCode(_) | Self::CodeRefused => false,
            Self::Fetch(FetchError::Http { document, source }) => {
                *document != Document::Token || source.sent()
            }
            Self::Fetch(FetchError::Status { document, .. }) | Self::Refused { document, .. } => {
                *document != Document::Token
            }
            _ => true,
        }
    }
}

/// Why an issuer was not told what became of a card.
#[derive(Debug, thiserror::Error)]
#[error("the issuer could not be told: {0}")]
pub struct NotifyError(#[from] pub(crate) FetchError);

pub(crate) trait InDocument<T> {
    fn within(self, document: Document) -> Result<T, ResolveError>;
    fn in_answer(self, document: Document) -> Result<T, RedeemError>;
}

impl<T> InDocument<T> for Result<T, BadMember> {
    fn within(self, document: Document) -> Result<T, ResolveError> {
        self.map_err(|BadMember(member)| ResolveError::Member { document, member })
    }

    fn in_answer(self, document: Document) -> Result<T, RedeemError> {
        self.map_err(|BadMember(member)| RedeemError::Member { document, member })
    }
}
