//! OpenID4VCI 1.0, the wallet's side: from an offer to credentials, pre-authorized code only.
//!
//! ```text
//! OfferLink ─► resolve ─► Offer (review it) ─► redeem ─► Redeemed (verify, store) ─► notify
//! ```
//!
//! [`resolve`] asks for public documents only and sends nothing that is the citizen's.
//! [`redeem`] spends the code. It stores nothing: what it returns has still to be verified
//! against the issuer's key. Everything that an issuer may count is counted here: cards of an
//! offer ([`MAX_OFFERED`]), copies of a card ([`MAX_COPIES`]), bytes of each answer.
//!
//! Not done, and said by name: the authorization code flow, encrypted credential responses,
//! key attestations, deferred issuance, formats that are not in
//! [`FORMATS`](credential::format::FORMATS), signed metadata.

mod error;
mod metadata;
mod notify;
mod offer;
mod proof;
mod redeem;
mod resolve;
mod response;
mod server;
mod token;
mod type_metadata;

pub use error::{NotifyError, OfferError, Party, RedeemError, ResolveError, Unsupported};
pub use metadata::{Binding, Configuration, Display, IssuerMetadata};
pub use notify::{Event, Notification, notify};
pub use offer::{InputMode, MAX_OFFERED, OfferDocument, PRE_AUTHORIZED, TxCode, TxCodeError};
pub use proof::PROOF_TYPE;
pub use redeem::{Copy, Failed, Issued, MAX_COPIES, Redeemed, redeem};
pub use resolve::{Left, Offer, resolve};
pub use response::{CredentialResponse, MAX_CREDENTIALS};
pub use server::ServerMetadata;
pub use token::TokenResponse;
pub use type_metadata::{FetchedType, TypeMetadataError, fetch_type_metadata};

#[cfg(test)]
mod tests;
