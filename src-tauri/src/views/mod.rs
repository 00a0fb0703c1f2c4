//! From the wallet's types to the page's. A key, a raw credential or a token has no view.

mod cards;
mod counter;
mod history;
mod ledger;
mod reviews;
mod sharing;

pub(crate) use cards::{added, card, details, row};
pub(crate) use counter::{at_desk, code, frames, pass, service};
pub(crate) use history::{event, event_row};
pub(crate) use ledger::{body, ledger_kept, whole_body};
pub(crate) use reviews::{offer, ticks};
pub(crate) use sharing::{choices, share, shared, step};
