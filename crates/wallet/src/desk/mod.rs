//! Showing details at a desk, as a code or a printed pass: nothing here touches a network.
//!
//! ```text
//! read_text / read_bytes / Wallet::desks ─► DeskAsk ─► Wallet::review_desk ─► ShareReview
//!   └ Wallet::show_code ─► record(Started) ─► ShownCode ─► Wallet::code_shown ─► record(Shown)
//!   └ Wallet::print_pass ─► record(Started) ─► PrintedPass ─► Wallet::code_shown
//! ```
//!
//! What a desk may ask is what it registered on the ledger: a code that it shows names a
//! purpose, and the purpose's own query is answered. What is bound to what, and for how long,
//! is in [`protocol::counter_code`]; how the bytes become codes is in [`code`].

mod ask;
mod list;
mod pass;
mod read;
mod review;
mod show;
mod staple;

pub use ask::{DeskAsk, MAX_PASS_DAYS, PassError};
pub use list::{Desk, DeskPurpose, PurposeCard};
pub use pass::PrintedPass;
pub use read::{DeskCodeError, is_desk_code, read_bytes, read_text};
pub use review::DeskError;
pub use show::ShownCode;
pub use staple::{LeftOut, Stapled, Staples};

// What callers draw.
pub use code::{Size, Symbol};
