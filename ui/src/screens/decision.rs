//! What the consent page's yes does: the details are sent, shown as a code, or printed.

use std::rc::Rc;

use ipc::{Failure, MakePass, Share, ShareReview, ShowCode, Tick, Way};

use crate::route::Route;
use crate::state::Shell;

/// The citizen's yes, with what was ticked.
pub(super) struct Decision {
    /// The review that it answers.
    pub(super) review: Rc<ShareReview>,
    /// The optional sets that go along.
    pub(super) optional: Vec<usize>,
    /// Exactly the ticks that are needed.
    pub(super) ticks: Vec<Tick>,
    /// Proofs for a counter that is seldom on line ride along.
    pub(super) staple: bool,
}

impl Decision {
    /// Does what the review said, and goes on with the screen that shows what came of it.
    pub(super) fn carry_out(
        self,
        shell: &Shell,
        then: impl FnOnce(Result<Route, Failure>) + 'static,
    ) {
        let review = self.review.review.clone();
        let (optional, ticks) = (self.optional, self.ticks);
        match self.review.way {
            Way::Sent => shell.ask(
                Share {
                    review,
                    optional,
                    ticks,
                },
                move |answer| then(answer.map(|shared| Route::Shared(Rc::new(shared)))),
            ),
            Way::Code { .. } => shell.ask(
                ShowCode {
                    review,
                    optional,
                    ticks,
                    staple: self.staple,
                },
                move |answer| then(answer.map(|code| Route::Present(Rc::new(code)))),
            ),
            Way::Pass(_) => shell.ask(
                MakePass {
                    review,
                    optional,
                    ticks,
                },
                move |answer| then(answer.map(|pass| Route::Pass(Rc::new(pass)))),
            ),
        }
    }
}
