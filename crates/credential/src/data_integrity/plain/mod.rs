//! Proofs over a whole document: `eddsa-rdfc-2022`, `eddsa-jcs-2022` (W3C VC DI EdDSA 1.0),
//! `ecdsa-rdfc-2019`, `ecdsa-jcs-2019` on P-256 and P-384 (VC DI ECDSA 1.0), and of VCDM 1.1's time
//! `Ed25519Signature2020` and `JsonWebSignature2020`.
//!
//! A document may have several proofs, a set; a proof that names others with `previousProof`
//! vouches for them, a chain. [`verify`](fn@verify) checks one proof and those that it vouches
//! for. Sets and chains are bounded by [`MAX_PROOFS`].
//!
//! The names and the rules of proofs are those of W3C Verifiable Credential Data Integrity 1.0 §2
//! and §4.

mod error;
mod hash;
mod proof;
mod said;
mod sign;
mod suite;
mod verify;

pub use error::ProofError;
pub use hash::hash_data;
pub use proof::{MAX_PROOFS, Proof, Purpose, proofs};
pub use said::Said;
pub use sign::{Options, sign};
pub use suite::Suite;
pub use verify::{Expected, verify};

#[cfg(test)]
mod tests;
