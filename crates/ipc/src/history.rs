//! What happened. Names of details, never their values.

use serde::{Deserialize, Serialize};

use crate::{Outcome, Verdict};

/// Everything that happened, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct History;

/// One event, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadEvent {
    /// The event's id.
    pub id: String,
}

/// Forgets one event for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetEvent {
    /// The event's id.
    pub id: String,
}

/// An event as the timeline shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// Its id.
    pub id: String,
    /// When.
    pub at: i64,
    /// What happened.
    pub kind: EventKind,
    /// The issuer's or the service's name; none for what concerns this wallet alone.
    pub who: Option<String>,
    /// The titles of the cards.
    pub cards: Vec<String>,
    /// How many details were shown.
    pub details: u32,
    /// For a sharing: whether they have it.
    pub outcome: Option<Outcome>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A card was added.
    Added,
    /// Something was shared, or an attempt was made.
    Shared,
    /// The citizen did not share.
    Declined,
    /// A card was deleted.
    Deleted,
    /// A backup was written.
    BackedUp,
    /// The wallet was restored.
    Restored,
    /// The passphrase was changed.
    PassphraseChanged,
}

impl EventKind {
    /// Every kind, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Added,
        Self::Shared,
        Self::Declined,
        Self::Deleted,
        Self::BackedUp,
        Self::Restored,
        Self::PassphraseChanged,
    ];
}

/// One event, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// The event as the timeline shows it.
    pub row: EventRow,
    /// The identifier of the issuer or the service.
    pub who_id: Option<String>,
    /// What the ledger said of them then.
    pub verdict: Option<Verdict>,
    /// Their reason, in their words.
    pub reason: Option<String>,
    /// The names of the details, a card each.
    pub details: Vec<EventDetail>,
    /// Where to ask them, where they registered it.
    pub contact: Option<String>,
    /// How the details went, where they were not sent.
    pub shown: Option<ShownAs>,
}

/// How details went that were shown at a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum ShownAs {
    /// As a code, until that time.
    Code(i64),
    /// As a printed pass.
    Pass(crate::Days),
}

/// The names of the details of one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDetail {
    /// The card's title.
    pub card: String,
    /// The names.
    pub names: Vec<String>,
}
