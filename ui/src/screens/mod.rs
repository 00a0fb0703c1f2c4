//! The screens, one file a step of the citizen's way.

mod add;
mod backup;
mod card;
mod cards;
mod choose;
mod consent;
mod consent_parts;
mod desks;
mod event;
mod history;
mod ledger;
mod link;
mod lock;
mod offer;
mod recovery_code;
mod result;
mod settings;
mod tx_code;
mod welcome;

pub(crate) use add::Add;
pub(crate) use backup::Backup;
pub(crate) use card::Card;
pub(crate) use cards::Cards;
pub(crate) use choose::{Choose, Missing};
pub(crate) use consent::Consent;
pub(crate) use event::Event;
pub(crate) use history::History;
pub(crate) use ledger::{Body, Ledger};
pub(crate) use link::Link;
pub(crate) use lock::{DamagedVault, Lock};
pub(crate) use offer::Offer;
pub(crate) use recovery_code::RecoveryCode;
pub(crate) use result::{Added, NotShared, Shared};
pub(crate) use settings::Settings;
pub(crate) use welcome::Welcome;
