//! ISO mdoc: ISO/IEC 18013-5:2021, with OpenID4VCI 1.0 §A.2 and OpenID4VP 1.0 §B.2 around it.
//!
//! ```text
//! Template::issue ─► text ─► Unverified::parse ─► verify ─► Verified ─► (store) ─► IssuerSigned
//!                                                                                     │ select
//!       text ◄── respond (SessionTranscript, device key) ◄── IssuerSigned ◄───────────┘
//!         └─► Document::parse ─► verify (issuer, SessionTranscript) ─► Verified
//! ```
//!
//! Elements and signed parts keep the bytes they came in, since digests and signatures are over
//! those. Every element that is shown must have a digest that the issuer signed: in its own
//! namespace and under its own id. An mdoc is never accepted without its device's proof.
//!
//! Refused beyond what the standard asks for: CBOR beyond [`MAX_BYTES`], [`MAX_DEPTH`] and
//! [`MAX_ITEMS`], maps that repeat a key, more than [`MAX_ELEMENTS`] elements, answers with more
//! than one document. Elements that the device signs itself are checked against the
//! authorisation of the issuer and are no claims.

mod cbor;
mod cose;
mod device;
mod error;
mod format;
mod issue;
mod issuer_signed;
mod mso;
mod response;
mod transcript;
mod value;
mod verify;

#[cfg(test)]
mod tests;

pub use cbor::{CborError, MAX_BYTES, MAX_DEPTH, MAX_ITEMS};
pub use device::DeviceSigned;
pub use error::{DeviceError, IssueError, ParseError, PresentError, VerifyError};
pub use format::Mdoc;
pub use issue::Template;
pub use issuer_signed::IssuerSigned;
pub use mso::{DigestAlgorithm, SecurityObject, Validity};
pub use response::{CheckError, DeviceProof, Document};
pub use transcript::SessionTranscript;
pub use verify::{Unverified, Verified};

/// The format identifier of OpenID4VCI 1.0 and OpenID4VP 1.0.
pub const FORMAT: &str = "mso_mdoc";
/// The most elements of one mdoc.
pub const MAX_ELEMENTS: usize = 1000;
/// The shortest random of an element, in bytes (ISO/IEC 18013-5 §9.1.2.5).
pub const MIN_RANDOM: usize = 16;
