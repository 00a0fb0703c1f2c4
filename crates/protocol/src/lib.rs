//! OpenID4VCI 1.0 and OpenID4VP 1.0, for wallet, issuer and verifier; the VC API for the last two.
//!
//! Messages and their checks; the network behind [`net::Http`], no storage, no clock: the time
//! is an argument.

pub mod counter_code;
pub mod dpop;
mod fetch;
pub mod issuance;
pub mod issuer;
pub mod issuer_keys;
pub mod jwe;
pub mod link;
mod members;
pub mod presentation;
pub mod status;
pub mod vc_api;
pub mod verifier;
mod well_known;

pub use fetch::{Document, FetchError};
