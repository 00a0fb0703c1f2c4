//! What went wrong, as a closed set: the page owns the wording.

use serde::{Deserialize, Serialize};

/// Why a command did not do what it was asked.
///
/// A failure of any command means that nothing was shared by it. A sharing whose fate is not
/// known is not a failure: it is [`crate::Outcome::Unknown`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of thing went wrong.
    pub kind: FailureKind,
    /// A short code for a report and for a finer sentence where the page has one: lower-case
    /// ASCII words joined by `_` or `-`, such as `offer_expired`. Never a claim value, an address
    /// or text from the other side.
    pub reference: String,
    /// Whether the same thing may be tried again, and when.
    pub retry: Retry,
}

impl Failure {
    /// A failure that trying again does not mend.
    #[must_use]
    pub fn new(kind: FailureKind, reference: impl Into<String>) -> Self {
        Self {
            kind,
            reference: reference.into(),
            retry: Retry::No,
        }
    }

    /// The same failure, where trying again may help.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }
}

/// The kinds of failure that the page has words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The wallet is locked: unlock first.
    Locked,
    /// The passphrase, recovery code or transaction code was not right.
    WrongSecret,
    /// Too many wrong passphrases: wait ([`Retry::After`]).
    Delayed,
    /// A new passphrase that is too easy to guess.
    WeakPassphrase,
    /// The computer's keyring is missing, locked or has lost the wallet's secret.
    Keyring,
    /// The wallet's file, or a backup, is damaged.
    Damaged,
    /// Another program has the wallet open.
    InUse,
    /// What was pasted, dropped, scanned or chosen is not something a wallet understands.
    Unreadable,
    /// The link leads where the wallet does not go: a private, loopback, file or plain address.
    Forbidden,
    /// The other side, or the network, cannot be reached, or took too long.
    Unreachable,
    /// The other side answered with a refusal.
    Refused,
    /// The other side's answer failed a check, or the ledger says not to trust it.
    Untrusted,
    /// The review was already answered, stopped, or timed out: start again from the link.
    ReviewGone,
    /// No such card, event or body, or an index out of range.
    NotFound,
    /// A fault of ours.
    Internal,
}

impl FailureKind {
    /// Every kind, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Locked,
        Self::WrongSecret,
        Self::Delayed,
        Self::WeakPassphrase,
        Self::Keyring,
        Self::Damaged,
        Self::InUse,
        Self::Unreadable,
        Self::Forbidden,
        Self::Unreachable,
        Self::Refused,
        Self::Untrusted,
        Self::ReviewGone,
        Self::NotFound,
        Self::Internal,
    ];
}

/// Whether trying again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// Trying the same again gives the same answer.
    No,
    /// Try again whenever you like.
    Now,
    /// Try again after so many seconds.
    After(u32),
}
