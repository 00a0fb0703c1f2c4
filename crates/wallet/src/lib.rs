//! The citizen's use cases, one file a verb: open the wallet, add a card, look at it, show it,
//! look back, follow the ledger.
//!
//! The only place that joins protocols, credentials, the ledger and the vault. Data moves
//! one way: link → review → decision → effect → record. A decision names the single-use id
//! of the review that it answers; what the review showed is what is done, and nothing else.
//!
//! Text from outside that reaches a view has lost its control characters
//! ([`words::visible`]); history holds names of details, never their values.

mod add;
mod card;
pub mod desk;
mod drawing;
mod evidence;
pub mod frames;
mod history;
mod known;
mod offer;
mod open;
pub mod open_link;
mod pending;
mod received;
mod review;
pub mod share;
mod status;
mod trust;
mod verify;
mod wallet;
pub mod words;

pub use add::{Acceptance, AddError, Added, COPIES};
pub use card::{CardRow, CardState, CardView, EXPIRES_SOON, HowKnown, type_title};
pub use evidence::{CardEvidence, EvidenceError};
pub use history::{Entry, EntryCard, EntryWay, Event, EventKind, Outcome};
pub use offer::{OfferReview, OfferedCard};
pub use open::{OpenError, status};
pub use pending::{ReviewGone, ReviewId};
pub use received::ReceiveError;
pub use review::{Level, Tick, Warning, WarningKind, WrongTicks};
pub use status::{CardStatus, StatusCheck};
pub use trust::{
    Following, LedgerKept, OtherThanPublished, RefusedUpdate, TrustError, listed_name,
};
pub use verify::Check;
pub use wallet::{Wallet, default_folder};

// What callers of this crate meet in its views.
pub use code;
pub use credential::status::Standing;
pub use keys::UnixTime;
pub use ledger;
pub use net::{ForbiddenUrl, HttpError};
pub use protocol::issuance::{InputMode, RedeemError, ResolveError, TxCode, TxCodeError};
pub use protocol::issuer_keys::IssuerKeyError;
pub use protocol::link::{Link, LinkError, OfferLink, RequestLink};
pub use protocol::presentation;
pub use protocol::{Document, FetchError as IssuanceFetchError};
pub use query::ClaimPath;
pub use vault::{
    Id, KeyringError, Mode, OsKeyring, Party, RecordError, RecoveryCode, SecretStore, Status,
    Weakness,
};

#[cfg(test)]
mod tests;
