//! W3C Data Integrity proofs (VC Data Integrity 1.0) over JSON-LD credentials.
//!
//! - [`selective`]: `ecdsa-sd-2023` and `bbs-2023`, whose holder chooses what is shown.

pub mod selective;
