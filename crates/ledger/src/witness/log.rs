//! A log as its witness knows it.

use std::path::PathBuf;

use keys::{SigningKey, UnixTime};

use super::submission::{Malformed, Submission};
use crate::cosignature::Cosignature;
use crate::merkle::verify_consistency;
use crate::note::NoteError;
use crate::pin::Pin;
use crate::replica::{TIME_TOLERANCE, Update, UpdateError, advance, check_note};
use crate::source::{SourceError, TileSource};
use crate::store::{StoreError, StoredReplica};

/// Why a checkpoint was not cosigned. [`Refused::status`] is what the specification asks for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Not a submission.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The witness follows no log of this origin.
    #[error("no log of this origin is followed here")]
    UnknownLog,
    /// Not signed by the log, or without its operator's time.
    #[error("the checkpoint is not signed by the log: {0}")]
    Signature(#[source] UpdateError),
    /// The earlier size is larger than the new one.
    #[error("the old size is larger than the new one")]
    Backwards,
    /// The earlier size is not the one that was cosigned last.
    #[error("the checkpoint cosigned last has {0} entries")]
    Conflict(u64),
    /// Another root was cosigned at this size.
    #[error("another root was cosigned at {0} entries")]
    OtherRoot(u64),
    /// The proof does not show that nothing was rewritten.
    #[error("the proof of consistency does not verify")]
    Proof,
    /// The entries could not be read.
    #[error("the entries could not be read: {0}")]
    Entries(#[source] SourceError),
    /// The entries break a rule, or are not those of the checkpoint.
    #[error("the entries are refused: {0}")]
    Rules(#[source] UpdateError),
    /// The newest entry is of a time that has not come yet.
    #[error("the newest entry is dated later than the clock of this witness")]
    Future,
    /// The record could not be written: nothing was signed.
    #[error("the record of the witness cannot be used")]
    Record(#[source] StoreError),
    /// The witness's key cannot sign.
    #[error("the witness's key cannot sign")]
    Key(#[source] NoteError),
}

impl Refused {
    /// The status of the answer (C2SP tlog-witness, `add-checkpoint`).
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Backwards => 400,
            Self::Signature(_) => 403,
            Self::UnknownLog => 404,
            Self::Conflict(_) | Self::OtherRoot(_) => 409,
            Self::Proof | Self::Rules(_) | Self::Future => 422,
            Self::Record(_) | Self::Key(_) => 500,
            Self::Entries(_) => 503,
        }
    }

    /// The size that an answer of 409 states.
    pub fn known_size(&self) -> Option<u64> {
        match self {
            Self::Conflict(size) | Self::OtherRoot(size) => Some(*size),
            _ => None,
        }
    }

    /// The name of the refusal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_submission",
            Self::UnknownLog => "unknown_log",
            Self::Signature(error) | Self::Rules(error) => error.name(),
            Self::Backwards => "old_size_too_large",
            Self::Conflict(_) => "other_old_size",
            Self::OtherRoot(_) => "split_view",
            Self::Proof => "wrong_proof",
            Self::Entries(error) => error.name(),
            Self::Future => "entry_in_future",
            Self::Record(error) => error.name(),
            Self::Key(_) => "witness_key",
        }
    }
}

/// One log that a witness follows: its entries so far, and the checkpoint cosigned last.
pub struct WitnessedLog {
    stored: StoredReplica,
    source: Box<dyn TileSource>,
}

impl WitnessedLog {
    /// Opens the record in `folder`, or begins one. Witnesses that the pin names are not asked for.
    pub fn open(
        folder: impl Into<PathBuf>,
        pin: Pin,
        source: Box<dyn TileSource>,
    ) -> Result<Self, StoreError> {
        let stored = StoredReplica::open(folder, pin.without_witnesses())?;
        Ok(Self { stored, source })
    }

    /// First line of the log's checkpoints.
    pub fn origin(&self) -> &str {
        self.stored.replica().pin().origin()
    }

    /// Number of entries under the checkpoint cosigned last; 0 before the first.
    pub fn size(&self) -> u64 {
        self.stored.replica().size()
    }

    /// Checks a submission, records it and cosigns it at `now`. One call at a time: that is what
    /// `&mut` is for here.
    pub async fn add_checkpoint(
        &mut self,
        submission: Submission,
        (name, key): (&str, &SigningKey),
        now: UnixTime,
    ) -> Result<Cosignature, Refused> {
        let replica = self.stored.replica();
        if submission.checkpoint()?.origin != replica.pin().origin() {
            return Err(Refused::UnknownLog);
        }
        let new = check_note(replica.pin(), &submission.note)
            .map_err(Refused::Signature)?
            .checkpoint;
        let known = replica.size();
        if submission.old > new.size {
            return Err(Refused::Backwards);
        }
        if submission.old != known {
            return Err(Refused::Conflict(known));
        }
        let consistent = if known == 0 {
            submission.proof.is_empty()
        } else {
            let old = replica.root();
            verify_consistency(known, new.size, &old, &new.root, &submission.proof).is_ok()
        };
        if new.size == known && known > 0 && new.root != replica.root() {
            // Two roots of one size, both signed by the log: the record keeps them as evidence.
            let update = Update {
                checkpoint: submission.note,
                tiles: Vec::new(),
            };
            return match self.stored.accept(&update, now) {
                Err(StoreError::Refused(_)) | Ok(_) => Err(Refused::OtherRoot(known)),
                Err(other) => Err(Refused::Record(other)),
            };
        }
        if !consistent {
            return Err(Refused::Proof);
        }
        let tiles = self.source.tiles(replica, new.size).await;
        let tiles = tiles.map_err(|error| match error {
            SourceError::Refused(error) => Refused::Rules(error),
            other => Refused::Entries(other),
        })?;
        let update = Update {
            checkpoint: submission.note.clone(),
            tiles,
        };
        let next = advance(replica, &update, now).map_err(Refused::Rules)?;
        // Its cosignature says that the checkpoint stood at `now`.
        if next.registry().time() > now.saturating_add(TIME_TOLERANCE) {
            return Err(Refused::Future);
        }
        self.stored.keep(next, &update).map_err(Refused::Record)?;
        Cosignature::make(submission.text()?, name, key, now).map_err(Refused::Key)
    }
}
