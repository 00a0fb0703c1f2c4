//! W3C Data Integrity proofs (VC Data Integrity 1.0) over JSON-LD credentials.
//!
//! - [`plain`]: `eddsa-rdfc-2022`, `ecdsa-rdfc-2019`, the same over JSON, and two older ones: the
//!   whole document is signed, and shown.
//! - [`selective`]: `ecdsa-sd-2023` and `bbs-2023`, whose holder chooses what is shown.

pub mod plain;
pub mod selective;
