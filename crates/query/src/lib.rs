//! The Digital Credentials Query Language: what a service asks for, and which cards answer it.
//!
//! Reads a query strictly and within bounds (OpenID for Verifiable Presentations 1.0 §6),
//! matches it against an index of cards, says which claims each card would disclose and what
//! is missing, and compares a request with what its service registered. Pure: no clock, no
//! network, no storage, and no claim value in an error.

mod path;

pub use path::{ClaimPath, MAX_NAME, MAX_SEGMENTS, PathError, Segment, SelectError};
