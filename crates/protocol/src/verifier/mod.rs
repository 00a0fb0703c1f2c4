//! The verifier's side of OpenID4VP 1.0: ask, open the answer, check it.
//!
//! ```text
//! Identity + Ask ─► Session::make ─► link, request object ─► (wallet)
//!                        └─ open(form) ─► vp_token ─► check(issuer keys) ─► Checked
//! ```
//!
//! A session is good for one answer: its nonce, state and encryption key are fresh, and
//! whoever keeps it forgets it afterwards. Who the issuers are is not judged here.

mod check;
mod open;
mod request;

pub(crate) use check::answers_query;
pub use check::{
    CheckError, Checked, IssuerKeys, NoIssuerKey, PresentationError, Published, check,
};
pub use open::{MAX_BODY, OpenError, Received};
pub use request::{Ask, Identity, Session};

#[cfg(test)]
mod tests;
