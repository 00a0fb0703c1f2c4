//! OpenID4VCI 1.0 and OpenID4VP 1.0, for wallet, issuer and verifier.
//!
//! Messages and their checks; the network behind [`net::Http`], no storage, no clock: the time
//! is an argument.

pub mod jwe;
pub mod link;
pub mod presentation;
pub mod verifier;
