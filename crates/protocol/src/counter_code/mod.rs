//! What goes through the air between a citizen's screen and a desk's camera when neither has a
//! network: the desk's ask and the wallet's answer. A profile of our own beside ISO/IEC 18013-5,
//! which needs a radio; `docs/counter-code.md` and `schemas/counter-code.cddl` describe it.
//!
//! Messages only: no picture, no storage, no clock. How bytes become codes is the crate `code`'s
//! business. Everything is read as deterministic CBOR within bounds; the answer is compressed,
//! and inflated to at most [`MAX_INFLATED`] bytes.
//!
//! ```text
//! Ask::parse → (the ledger vouches for service, key, purpose) → Bound::new → present each card
//!   for Bound::request → Answer::encode ⇒ Answer::decode → check
//! ```

mod answer;
mod ask;
mod binding;
mod cbor;
mod check;
mod compact;
mod inflate;
mod pack;
mod words;

pub use answer::{
    Answer, AnswerError, EncodeError, MAX_ANSWER, MAX_INFLATED, MAX_PRESENTATIONS,
    MAX_STAPLED_EVIDENCE, MAX_STAPLED_STATUS, MAX_STAPLES, StapledStatus, Staples,
};
pub use ask::{Ask, AskError, Live, MAX_ASK, MAX_OPEN, SignError, Signer, Wants};
pub use binding::{
    Binding, BindingError, Bound, CHALLENGE, CLOCK_DOUBT, MAX_PASS, RESPONSE_URI, SLOT,
    SLOT_TOLERANCE, TimeFault,
};
pub use cbor::CborError;
pub use check::check;
pub use inflate::{InflateError, inflate};

/// The version of the form.
pub const VERSION: u64 = 1;
/// The longest name of a service, a purpose, a query or a list, in bytes.
pub const MAX_NAME: usize = 2048;

#[cfg(test)]
mod tests;
