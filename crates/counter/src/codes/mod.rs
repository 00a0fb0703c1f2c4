//! Codes at the counter: what the desk shows, and what it makes of an answer, without a network.
//!
//! ```text
//! ask ─► challenges (disk) ─► code on the screen ─► (wallet) ─► code before the camera
//!   read: decode ─► open? seen? ─► cards ─► ledger kept here or stapled ─► status likewise
//!     ─► judgement ─► mark (disk) ─► kept (disk) ─► what the clerk is told
//! ```

mod challenges;
mod desk;
mod kept;
mod offline;
mod refusal;
pub(crate) mod routes;
mod seen;

pub(crate) use desk::{Asked, Codes, Means};

#[cfg(test)]
mod tests;
