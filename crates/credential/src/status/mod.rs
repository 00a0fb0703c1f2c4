//! Whether a credential still stands: lists of statuses, and a credential's place in them.
//!
//! - [`token`]: Token Status List (draft-ietf-oauth-status-list), as JWT and as CWT.
//! - [`bitstring`]: W3C Bitstring Status List v1.0, and [`VerifiedListCredential`] around it.
//!
//! Lists come compressed from outside: what they inflate to is bounded by [`MAX_LIST`], and a
//! list is believed only once its signature, its address and its dates were checked.

use std::fmt;

mod compress;
mod list_credential;

pub mod bitstring;
pub mod token;

pub use bitstring::BitstringList;
pub use compress::{InflateError, MAX_LIST};
pub use list_credential::{
    ListCredentialError, UnverifiedJwtCredential, VerifiedListCredential, derive_list_credential,
};
pub use token::{TokenList, VerifiedToken};

/// A credential's place in a list of statuses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StatusRef {
    /// Token Status List (draft-ietf-oauth-status-list).
    TokenList {
        /// `uri`: where the list is.
        uri: String,
        /// `idx`: the place in it.
        index: u64,
    },
    /// An entry of a W3C Bitstring Status List.
    Bitstring {
        /// `statusListCredential`: where the list is.
        list: String,
        /// `statusListIndex`.
        index: u64,
        /// `statusPurpose`: `revocation`, `suspension`, `message` or `refresh`.
        purpose: String,
        /// `statusSize` in bits.
        size: u8,
    },
}

impl StatusRef {
    /// Where the list is.
    pub fn list(&self) -> &str {
        match self {
            Self::TokenList { uri, .. } => uri,
            Self::Bitstring { list, .. } => list,
        }
    }

    /// The place in the list.
    pub fn index(&self) -> u64 {
        match self {
            Self::TokenList { index, .. } | Self::Bitstring { index, .. } => *index,
        }
    }
}

/// What a list says of one credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It stands.
    Valid,
    /// Its issuer has stopped it for a time.
    Suspended,
    /// Its issuer has withdrawn it for good.
    Revoked,
    /// Something else, which the issuer and its verifiers have agreed upon: an
    /// application-specific status, a message, or that a newer credential is there.
    Other(u8),
}

impl Standing {
    /// The graver of two: a credential may stand in several lists.
    pub fn and(self, other: Self) -> Self {
        let gravity = |standing| match standing {
            Self::Valid => 0,
            Self::Other(_) => 1,
            Self::Suspended => 2,
            Self::Revoked => 3,
        };
        if gravity(other) > gravity(self) {
            other
        } else {
            self
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid => formatter.write_str("valid"),
            Self::Suspended => formatter.write_str("suspended"),
            Self::Revoked => formatter.write_str("revoked"),
            Self::Other(value) => write!(formatter, "status {value}"),
        }
    }
}

/// Why a list says nothing of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookUpError {
    /// The list ends before that place.
    #[error("the list of statuses has no such place")]
    OutOfRange,
    /// The list is shorter than the herd in which a credential hides must be.
    #[error("the list of statuses is shorter than such lists may be")]
    TooShort,
    /// It is a list of another kind than the credential names.
    #[error("the list of statuses is of another kind than the credential names")]
    OtherKind,
    /// It is a list for another purpose.
    #[error("the list of statuses has another purpose than the credential names")]
    OtherPurpose,
    /// A value wider than the list can hold was to be set.
    #[error("the list of statuses cannot hold that value")]
    TooWide,
}

/// What a verified list holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Statuses {
    /// Of a Token Status List.
    Token(TokenList),
    /// Of a Bitstring Status List.
    Bitstring(BitstringList),
}

impl Statuses {
    /// What the list says of a credential. The caller has made sure that it is the list at
    /// [`StatusRef::list`].
    pub fn standing(&self, reference: &StatusRef) -> Result<Standing, LookUpError> {
        match (self, reference) {
            (Self::Token(list), StatusRef::TokenList { index, .. }) => {
                Ok(token::standing(list.get(*index)?))
            }
            (
                Self::Bitstring(list),
                StatusRef::Bitstring {
                    index,
                    purpose,
                    size,
                    ..
                },
            ) => list.standing(*index, purpose, *size),
            _ => Err(LookUpError::OtherKind),
        }
    }
}

#[cfg(test)]
mod tests;
