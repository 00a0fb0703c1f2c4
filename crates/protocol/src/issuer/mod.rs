//! OpenID4VCI 1.0, the issuer's side: pre-authorized code, every [`Form`] that the formats of
//! this program allow, `jwt` proofs, DPoP.
//!
//! [`Issuer`] answers each endpoint by a [`Reply`]; the web server around it only carries
//! bytes, and the time is an argument. State is a [`Grant`] for each offer in a [`Store`],
//! changed in one step, so that a code is taken once whatever happens at the same time.
//!
//! Kept: hashes of codes and tokens, and the claims until the wallet says that it has them
//! or the grant is over. Refused: a code twice, a sixth guess at a typed code
//! ([`MAX_GUESSES`]), a nonce twice, a proof for somebody else, more copies than promised.

mod claims;
mod credential_endpoint;
mod documents;
mod form;
mod grant;
mod nonce;
mod offer;
mod places;
mod proof;
mod record;
mod reply;
mod service;
mod status;
mod store;
mod token_endpoint;

pub use claims::{ClaimsError, IssuedType, TypeError};
pub use documents::derive_did_web;
pub use form::Form;
pub use grant::{CardStatus, Grant, MAX_GUESSES, Promised, Stage};
pub use nonce::Nonces;
pub use offer::{MadeOffer, OfferFailure, OfferTerms, TxCodeTerms};
pub use places::{HERD, Place, make_place};
pub use proof::{ProofError, Proven, verify_proof};
pub use record::{RecordFailure, derive_id as derive_record_id};
pub use reply::Reply;
pub use service::{Dpop, Identity, Issuer, MAX_BATCH, MAX_BODY, Signer};
pub use status::{ListSummary, StatusAction, StatusChange, StatusFailure};
pub use store::{InMemory, Store, StoreError};
