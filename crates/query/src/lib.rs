//! The Digital Credentials Query Language: what a service asks for, and which cards answer it.
//!
//! Reads a query strictly and within bounds (OpenID for Verifiable Presentations 1.0 §6),
//! matches it against an index of cards, says which claims each card would disclose and what
//! is missing, checks an answer that came back, and compares a request with what its service
//! registered. Pure: no clock, no network, no storage, and no claim value in an error.

mod answer;
mod ask;
mod check;
mod excess;
mod path;
mod read;

pub use answer::{Answer, Candidate, CredentialAnswer, Index, Match, Missing, SetAnswer};
pub use ask::{
    ClaimQuery, CredentialQuery, CredentialSet, Format, Query, TrustedAuthority, TypeFilter,
};
pub use check::{Fault, Presented};
pub use excess::{Excess, excess, nearest_purpose, smallest_containing};
pub use path::{ClaimPath, MAX_NAME, MAX_SEGMENTS, PathError, Segment, SelectError};
pub use read::{
    MAX_CHOICES_IN_ALL, MAX_CLAIMS, MAX_CLAIMS_IN_ALL, MAX_CREDENTIALS, MAX_OPTIONS, MAX_SETS,
    MAX_TEXT, MAX_VALUES, QueryError,
};

#[cfg(test)]
mod vectors;
