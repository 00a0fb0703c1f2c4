//! The one way to write to a ledger, whatever keeps it.

use async_trait::async_trait;
use keys::UnixTime;

use crate::log::{LogError, Receipt};
use crate::registry::Registry;
use crate::rules::Rejection;
use crate::signed::SignedEvent;
use crate::source::SourceError;
use crate::store::StoreError;

/// Why an event was not taken, or is not known to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The log says why.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A rule refuses the event; nothing was written.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The network refuses it by this name, and a number or word that stays there.
    #[error("the network refuses the event ({0})")]
    Refused(&'static str),
    /// Too many events wait already.
    #[error("the network has too many events to look at")]
    Busy,
    /// No node of the network could be asked.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What the network says of itself is refused.
    #[error(transparent)]
    Replica(#[from] StoreError),
    /// The event was handed over, and is not in the log yet. It may still come to be.
    #[error("the event was handed over and is not in the log yet")]
    Pending,
}

impl SubmitError {
    /// The name of the error.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Log(error) => error.name(),
            Self::Rejected(rule) => rule.name(),
            Self::Refused(name) => name,
            Self::Busy => "busy",
            Self::Source(error) => error.name(),
            Self::Replica(error) => error.name(),
            Self::Pending => "pending",
        }
    }
}

/// A ledger that is open for writing.
#[async_trait]
pub trait LedgerWriter: Send {
    /// What stands, as this writer knows it: all that it wrote itself, and at least what others
    /// had written when it was opened.
    fn registry(&self) -> &Registry;

    /// Submits an event. What is answered is in the log for good.
    async fn submit(&mut self, event: SignedEvent, now: UnixTime) -> Result<Receipt, SubmitError>;
}
