//! What the programs of a body have in common, an issuer's and a counter's: what they say to a
//! terminal, the folder that they keep, the address where they serve, and their pages.
//!
//! Whatever is about cards or the ledger is elsewhere. This is a part of those programs, so that a
//! failure here is one of the command's ([`anyhow::Error`], which a [`Failure`] is made of).
//!
//! [`Failure`]: output::Failure

pub mod address;
pub mod folder;
pub mod output;
pub mod qr;
pub mod web;

use std::time::{SystemTime, UNIX_EPOCH};

use keys::UnixTime;

/// The time of this computer, in seconds.
#[must_use]
pub fn now() -> UnixTime {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            since.as_secs().try_into().unwrap_or(UnixTime::MAX)
        })
}
