//! W3C credentials and presentations secured with JOSE: `vc+jwt` and `vp+jwt` (W3C VC-JOSE-COSE
//! 1.0), and JWTs of VCDM 1.1 with a `vc` or `vp` claim (VCDM 1.1 §6.3.1), to be kept and shown.
//!
//! - [`Secured`]: a credential in a JWT, and where its issuer's key is.
//! - [`Presented`]: a presentation in a JWT.
//! - [`VcJose`]: both as one of the [`FORMATS`](crate::format::FORMATS), `jwt_vc_json`.
//!
//! The whole credential is signed: nothing can be hidden. What the JWT says twice must be the same
//! both times.

mod error;
mod format;
mod older;
mod presented;
mod secured;

pub use error::JoseError;
pub use format::VcJose;
pub use presented::{Presented, PresentedFor};
pub use secured::{Secured, sign};

/// The media type of a credential.
pub const CREDENTIAL: &str = "application/vc+jwt";
/// The media type of a presentation.
pub const PRESENTATION: &str = "application/vp+jwt";

#[cfg(test)]
mod tests;
