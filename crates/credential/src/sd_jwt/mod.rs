//! SD-JWT VC: RFC 9901 (SD-JWT) and draft-ietf-oauth-sd-jwt-vc.
//!
//! ```text
//! issue ─► text ─► Unverified::parse ─► verify ─► Verified ─► (store) ─► Processed
//!                                                                            │ select
//!          text ◄── bind ◄── Selection (says what it reveals) ◄──────────────┘
//!            └─► Unverified::parse ─► verify_presentation ─► Verified
//! ```
//!
//! Refused beyond what the specifications ask for: texts longer than [`MAX_BYTES`], more
//! than [`MAX_DISCLOSURES`] disclosures, claims deeper than [`MAX_DEPTH`], JSON that repeats
//! a member, hash algorithms other than SHA-2.

mod disclosure;
mod error;
mod format;
mod hash;
mod issue;
mod key_binding;
mod parse;
mod present;
mod process;
mod verify;

#[cfg(test)]
mod tests;

pub use disclosure::Disclosure;
pub use error::{
    DisclosureError, HolderKeyError, IssueError, KeyBindingError, ParseError, PresentError,
    VerifyError,
};
pub use format::SdJwtVc;
pub use hash::HashAlgorithm;
pub use issue::{IssuerHeader, Template};
pub use key_binding::Expected;
pub use parse::Unverified;
pub use present::{Claim, Selection, is_envelope};
pub(crate) use verify::numeric_date;
pub use verify::{Processed, StoreError, Verified};

/// The format identifier of OpenID4VCI 1.0 and OpenID4VP 1.0, and the `typ`.
pub const FORMAT: &str = "dc+sd-jwt";
/// The longest SD-JWT that is read or made, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The most disclosures of one SD-JWT.
pub const MAX_DISCLOSURES: usize = 1000;
/// Claims may nest this deep once all disclosures are in their places.
pub const MAX_DEPTH: usize = 32;
/// How far another clock may be ahead, in seconds: for what may not lie in the future. What
/// has ended has ended, without leeway.
pub const LEEWAY: i64 = 60;
/// The oldest key binding that is accepted, in seconds.
pub const KEY_BINDING_MAX_AGE: i64 = 600;
