//! BBS signatures over BLS12-381-SHA-256 (draft-irtf-cfrg-bbs-signatures, whose names of operations
//! stand in brackets below; interface `BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_H2G_HM2S_`). It agrees with
//! the fixtures that an implementation of draft 13 carries and with W3C's example of `bbs-2023`.
//!
//! A signer signs a list of messages under a header. Who holds the signature proves that it exists
//! and shows some of the messages; two proofs cannot be told to come from one signature by
//! anything but what they show.
//!
//! ```
//! let secret = bbs::SecretKey::make();
//! let public = secret.public();
//! let signature = bbs::sign(&secret, b"header", &["name", "birth", "town"])?;
//! bbs::verify(&public, &signature, b"header", &["name", "birth", "town"])?;
//! let all = ["name", "birth", "town"];
//! let proof = bbs::prove(&public, &signature, b"header", b"nonce", &all, &[1])?;
//! bbs::verify_proof(&public, &proof, b"header", b"nonce", &["birth"], &[1])?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is refused: lists of more than [`MAX_MESSAGES`]; points that are not of the prime-order
//! subgroup, or its identity, or not in their one encoding; scalars that are zero or not below the
//! order; indexes that do not ascend or are out of range; bytes left over.
//!
//! Which computations may tell what they compute on by their time:
//! * Signing, verifying a signature and proving touch secret keys, messages that are the holder's
//!   and blinding factors. They multiply in constant time.
//! * Verifying a proof touches only what came from the other side. It multiplies as fast as it can.
//!
//! Blind signing and pseudonyms are not here.

mod generators;
mod hash;
mod hidden;
mod multiply;
mod octets;
mod pairing;
mod proof;
mod prove;
mod public;
mod secret;
mod signature;
#[cfg(test)]
mod tests;
mod verify_proof;

pub use proof::{Proof, ProofFormatError};
pub use prove::{ProveError, prove};
pub use public::{InvalidKey, PublicKey};
pub use secret::{KeyMaterialError, SecretKey};
pub use signature::{SignError, Signature, SignatureFormatError, VerifyError, sign, verify};
pub use verify_proof::{VerifyProofError, verify_proof};

/// The longest list of messages. Generators are computed for as many as are used and kept for the
/// life of the process: a hostile proof can claim at most this many, which costs half a second
/// once (measured on a busy machine) and then 13 MB.
pub const MAX_MESSAGES: usize = 1024;

/// More messages than [`MAX_MESSAGES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_MESSAGES} messages")]
pub struct TooManyMessages;
