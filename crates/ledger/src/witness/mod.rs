//! Witnesses (C2SP tlog-witness): others who see every checkpoint, and sign what follows on what
//! they signed before.
//!
//! One message goes both ways: [`Submission`], which a log sends and a witness reads, with the
//! answer [`Cosignature`](crate::Cosignature) lines or a status ([`Refused`]). [`WitnessedLog`]
//! is the witness's side: beyond the proof of consistency that the specification asks for, it reads
//! the new entries and replays the rules before it signs. Its record of what it signed is on disk
//! before the signature leaves, so that it never signs two roots of one size, nor a smaller log
//! after a larger one, whenever it is stopped.

mod log;
mod submission;

pub use log::{Refused, WitnessedLog};
pub use submission::{MAX_PROOF, MAX_SUBMISSION, Malformed, Submission};
