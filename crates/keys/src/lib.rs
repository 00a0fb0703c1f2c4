//! Public and secret keys, JWS and X.509 chains: what every other crate says about keys.
//!
//! Three algorithms, `ES256` (P-256) and `ES384` (P-384, RFC 7518 §3.4) and `EdDSA` (Ed25519,
//! RFC 8037 §3.1). A fourth kind of public key, BLS12-381 in G2, verifies BBS signatures and no JWS.
//! Everything else is refused by name: `none`, symmetric algorithms, RSA, other curves.
//! Input is hostile: JSON is bounded in size and depth and may not repeat a member
//! ([`json`]), base64url is strict ([`b64`]), a certificate chain is at most
//! [`x509::MAX_CHAIN`] certificates.
//!
//! Sections: RFC 7515 (JWS, compact form), RFC 7517 (JWK), RFC 7638 (thumbprint),
//! RFC 5280 §6 (path validation, by `rustls-webpki`).

pub mod b64;
pub mod bls;
pub mod json;
pub mod jws;
mod public;
mod secret;
pub mod x509;

pub use public::{Algorithm, KeyError, PublicKey, SignatureError};
pub use secret::{SecretKeyError, SigningKey};

/// Seconds since 1970-01-01T00:00:00Z.
pub type UnixTime = i64;

#[cfg(test)]
mod tests;
