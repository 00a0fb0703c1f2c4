//! BBS signatures over BLS12-381-SHA-256 (draft-irtf-cfrg-bbs-signatures).

mod public;
mod secret;

pub use public::{InvalidKey, PublicKey};
pub use secret::SecretKey;
