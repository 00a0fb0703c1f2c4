//! What both reviews have in common: verdicts, warnings and ticks.

use serde::{Deserialize, Serialize};

/// Names one review or one waiting link. Used once, then gone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReviewId(pub String);

/// What the ledger says of an issuer or a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Listed, for this.
    Listed,
    /// Not listed.
    Unlisted,
    /// Listed, but for something else.
    OutOfScope,
    /// Was listed until some time ago.
    Ended,
    /// Its key was revoked.
    Revoked,
    /// It was withdrawn.
    Withdrawn,
    /// The ledger kept here is too old to say.
    Stale,
    /// There is no ledger here to ask.
    Unknown,
    /// The ledger here is still being read.
    Checking,
}

impl Verdict {
    /// Every verdict, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Listed,
        Self::Unlisted,
        Self::OutOfScope,
        Self::Ended,
        Self::Revoked,
        Self::Withdrawn,
        Self::Stale,
        Self::Unknown,
        Self::Checking,
    ];
}

/// One thing that the citizen should know before deciding. Reviews list the worst first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// What it does to the decision.
    pub level: Level,
    /// Names of details or cards that it is about: the excess of an over-asking request, the card
    /// that is already there. Labels for the screen, never values.
    pub names: Vec<String>,
}

/// How far a warning goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It cannot go on.
    Block,
    /// It goes on with a tick of its own ([`Tick`]).
    Tick,
    /// Good to know.
    Note,
}

/// The kinds of warning that the page has words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// The request asks for more than the service registered; `names` is the excess.
    OverAsking,
    /// The service is not listed.
    ServiceUnlisted,
    /// The service is listed, but its key or certificate is not the listed one, or it changed
    /// since the last time.
    ServiceChanged,
    /// The service's listing ended.
    ServiceEnded,
    /// The service's key was revoked.
    ServiceRevoked,
    /// The service was withdrawn.
    ServiceWithdrawn,
    /// Nothing proves who asks: the request is not signed.
    ServiceUnproven,
    /// The issuer is not listed.
    IssuerUnlisted,
    /// The issuer is listed, but not for this kind of card.
    IssuerOutOfScope,
    /// The issuer's listing ended.
    IssuerEnded,
    /// The issuer's key was revoked.
    IssuerRevoked,
    /// The issuer was withdrawn.
    IssuerWithdrawn,
    /// The issuer's key cannot be known before the card is here: only then is the ledger asked.
    IssuerNotYetKnown,
    /// The same kind of card is here from another issuer or key.
    IssuerChanged,
    /// The same card from the same issuer is here already.
    Duplicate,
    /// The ledger kept here is too old to say.
    LedgerStale,
    /// There is no ledger to ask.
    LedgerUnknown,
    /// The clock of this computer was set back.
    ClockSetBack,
    /// The last copy of a card is used again; `names` is the card.
    LastCopy,
    /// The card is past its date; `names` is the card.
    CardExpired,
    /// The card is suspended or withdrawn by its issuer; `names` is the card.
    CardWithdrawn,
    /// The card's status could not be learnt; `names` is the card.
    StatusUnknown,
    /// The offer holds a card that this wallet cannot take; `names` is the card.
    CardLeftOut,
}

impl WarningKind {
    /// Every kind, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::OverAsking,
        Self::ServiceUnlisted,
        Self::ServiceChanged,
        Self::ServiceEnded,
        Self::ServiceRevoked,
        Self::ServiceWithdrawn,
        Self::ServiceUnproven,
        Self::IssuerUnlisted,
        Self::IssuerOutOfScope,
        Self::IssuerEnded,
        Self::IssuerRevoked,
        Self::IssuerWithdrawn,
        Self::IssuerNotYetKnown,
        Self::IssuerChanged,
        Self::Duplicate,
        Self::LedgerStale,
        Self::LedgerUnknown,
        Self::ClockSetBack,
        Self::LastCopy,
        Self::CardExpired,
        Self::CardWithdrawn,
        Self::StatusUnknown,
        Self::CardLeftOut,
    ];
}

/// A tick that a decision needs. The shell refuses a decision whose ticks are not exactly those
/// that its review asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tick {
    /// "I know that the ledger does not vouch for them."
    Unlisted,
    /// "I know that they ask for more than they registered."
    OverAsking,
    /// "Share my photo."
    Photo,
}

impl Tick {
    /// Every tick, for the test that each has its words.
    pub const ALL: &[Self] = &[Self::Unlisted, Self::OverAsking, Self::Photo];
}
