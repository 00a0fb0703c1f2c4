//! The cryptosuites with selective disclosure: `ecdsa-sd-2023` (VC DI ECDSA 1.0 §3.4–3.6) and
//! `bbs-2023` (VC DI BBS §3.2–3.5), in its baseline.
//!
//! An issuer signs a credential's statements with a *base proof* ([`sign_base`]). Some of them are
//! mandatory: no derived credential leaves them out. The holder turns the base proof into a
//! *derived proof* over the statements that a verifier shall see ([`derive`](fn@derive),
//! [`present`]), and the verifier checks that one ([`verify_derived`]). A base proof says where
//! every statement is, so it never leaves the holder; [`verify_base`] is the holder's own check.
//!
//! # What a verifier can know
//! A derived credential shows its mandatory statements, all of them, and which they are
//! ([`Verified::is_mandatory`]). It does not show whether the credential had other statements that
//! were optional: an expiry that the issuer did not make mandatory can be hidden, and nothing
//! tells. So our issuer makes mandatory what limits a credential ([`guarded_pointers`]), our
//! wallet shows it even where it is optional ([`present`]), and a verifier refuses credentials of
//! issuers that do not ([`Verified::require_guarded`]).
//!
//! # What is not spoken
//! The features of `bbs-2023` beyond the baseline: anonymous holder binding and pseudonyms. Their
//! proof values are refused by name. Lists in order (`@list`) cannot be shown in part; the
//! statements between their items have no stable label.

mod cbor;
mod config;
mod derive;
mod error;
mod group;
mod guarded;
mod pointer;
mod select;
mod sign;
mod skolem;
mod value;
mod verify;

use serde_json::{Map, Value};

pub use config::proof_options;
pub use derive::{derive, mandatory_pointers, present};
pub use error::SelectiveError;
pub use guarded::{Guarded, Unguarded, guarded_pointers};
pub use pointer::{Pointer, PointerError};
pub use sign::sign_base;
pub use value::{Kind, ProofValueError, kind_of};
pub use verify::{Verified, verify_base, verify_derived};

/// A cryptosuite with selective disclosure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// `ecdsa-sd-2023`: a P-256 signature for each optional statement, and one for all that is
    /// mandatory. Every derived proof shows the same signatures, which makes them linkable.
    EcdsaSd2023,
    /// `bbs-2023`: a BBS signature, and zero-knowledge proofs of it that are not linkable.
    Bbs2023,
}

impl Suite {
    /// The `cryptosuite` of a proof.
    pub fn name(self) -> &'static str {
        match self {
            Self::EcdsaSd2023 => "ecdsa-sd-2023",
            Self::Bbs2023 => "bbs-2023",
        }
    }

    /// The suite with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::EcdsaSd2023, Self::Bbs2023]
            .into_iter()
            .find(|suite| suite.name() == name)
    }

    /// The suite of a credential's proof. Where it has several proofs, of the one that is
    /// selective; `None` where there is no such proof, or more than one.
    pub fn of(credential: &Map<String, Value>) -> Option<Self> {
        config::Secured::split(credential)
            .ok()
            .map(|secured| secured.suite)
    }
}

#[cfg(test)]
mod tests;
