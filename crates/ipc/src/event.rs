//! What the shell says unasked.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::LinkView;

/// Something that the shell says unasked.
pub trait Event: DeserializeOwned {
    /// The event's name.
    const NAME: &'static str;
}

/// The wallet was locked: every view is to be dropped now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locked {
    /// It locked itself (nobody touched it, or the computer slept).
    pub by_itself: bool,
}

impl Event for Locked {
    const NAME: &'static str = "locked";
}

/// A link came from another program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReceived {
    /// The link; none where it was not one that a wallet understands.
    pub link: Option<LinkView>,
    /// Another link or review is under way: answer with [`crate::ReplaceLink`].
    pub replaces: bool,
}

impl Event for LinkReceived {
    const NAME: &'static str = "link_received";
}

/// Long work has come to another stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done now.
    pub stage: Stage,
}

impl Event for Progress {
    const NAME: &'static str = "progress";
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Opening the wallet's file.
    Opening,
    /// Speaking to the issuer or the service.
    Contacting,
    /// Checking signatures and the ledger.
    Checking,
    /// Fetching cards.
    Fetching,
    /// Sending what the citizen agreed to.
    Sending,
    /// Writing to the wallet's file.
    Saving,
}

impl Stage {
    /// Every stage, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Opening,
        Self::Contacting,
        Self::Checking,
        Self::Fetching,
        Self::Sending,
        Self::Saving,
    ];
}

/// The ledger that was kept here is read: what it says of cards can be asked for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRead {}

impl Event for LedgerRead {
    const NAME: &'static str = "ledger_read";
}

/// The network came or went, or background refreshing changed something worth reading anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connectivity {
    /// Whether the last attempt to reach anything succeeded.
    pub online: bool,
}

impl Event for Connectivity {
    const NAME: &'static str = "connectivity";
}
