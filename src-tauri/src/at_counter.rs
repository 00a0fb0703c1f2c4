//! What is under way at a counter: the ask that a review came from, the code or the pass.
//!
//! Personal: it is forgotten when the citizen is done, or the wallet is locked.

use wallet::desk::{DeskAsk, PrintedPass, ShownCode};

/// What is under way at a counter.
#[derive(Default)]
pub(crate) struct AtCounter {
    /// What the review under way answers: asked again when its code is over.
    pub(crate) ask: Option<DeskAsk>,
    pub(crate) code: Option<OnScreen>,
    pub(crate) pass: Option<OnPaper>,
}

/// A code that is being shown.
#[derive(Clone)]
pub(crate) struct OnScreen {
    pub(crate) code: ShownCode,
    /// The history says that it was shown.
    pub(crate) noted: bool,
}

/// A pass that was made.
#[derive(Clone)]
pub(crate) struct OnPaper {
    pub(crate) pass: PrintedPass,
    /// The history says that it was printed.
    pub(crate) noted: bool,
}

impl AtCounter {
    /// A new question: what was shown for the last one is over.
    pub(crate) fn begin(&mut self, ask: DeskAsk) {
        *self = Self {
            ask: Some(ask),
            ..Self::default()
        };
    }

    /// Nothing is left of it.
    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }
}
