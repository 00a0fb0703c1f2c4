//! How long an update waits for nodes while there are others to ask.

use std::time::Duration;

use super::asking::STRAGGLERS;

/// How long an update waits for one node of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// For the answer to one question: less than a counter waits for a whole update.
    pub question: Duration,
    /// For the others, once one node has led to the highest header that is announced.
    pub stragglers: Duration,
    /// For a node on the way to a header newer than the one to which another has led: many headers
    /// lie between where validators were replaced meanwhile.
    pub walk: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            question: Duration::from_secs(3),
            stragglers: STRAGGLERS,
            walk: Duration::from_secs(20),
        }
    }
}
