//! W3C Data Integrity proofs (VC Data Integrity 1.0) over JSON-LD credentials.
//!
//! - [`plain`]: `eddsa-rdfc-2022`, `ecdsa-rdfc-2019`, the same over JSON, and two older ones: the
//!   whole document is signed, and shown.
//! - [`selective`]: `ecdsa-sd-2023` and `bbs-2023`, whose holder chooses what is shown.
//! - [`LdpVc`]: all of them as one of the [`FORMATS`](crate::format::FORMATS), `ldp_vc`.

mod choose;
mod format;
mod issue;
mod presentation;
mod refused;
mod reveal;
mod words;

pub mod plain;
pub mod selective;

pub use format::LdpVc;
pub(crate) use issue::unsigned;
pub use presentation::derive_presentation_header;

#[cfg(test)]
mod tests;
