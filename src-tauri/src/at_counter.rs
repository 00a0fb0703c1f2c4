//! What is under way at a counter: the ask that a review came from, the code or the pass.
//!
//! Personal: it is forgotten when the citizen is done, or the wallet is locked.

use ipc::Failure;
use wallet::Id;
use wallet::desk::{DeskAsk, PrintedPass, ShownCode};

use crate::failures;

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
pub(crate) struct OnPaper<P = PrintedPass> {
    /// The history's line.
    pub(crate) event: Id,
    pub(crate) pass: P,
    /// The history says that it was printed.
    pub(crate) noted: bool,
}

impl<P: Clone> OnPaper<P> {
    /// The pass of `event`, to be written into a file. Refused where it is not the one that is
    /// under way any more: the citizen was done with it, or the wallet was locked, while the
    /// place was chosen. `note` writes down that it is printed, before anything is.
    pub(crate) fn before_writing(
        kept: Option<&mut Self>,
        event: Id,
        note: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<P, Failure> {
        let kept = kept
            .filter(|kept| kept.event == event)
            .ok_or_else(failures::review_gone)?;
        if !kept.noted {
            note()?;
            kept.noted = true;
        }
        Ok(kept.pass.clone())
    }
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

#[cfg(test)]
mod tests {
    use ipc::FailureKind;

    use super::*;

    fn made(event: Id) -> OnPaper<&'static str> {
        OnPaper {
            event,
            pass: "pass",
            noted: false,
        }
    }

    #[test]
    fn a_pass_that_is_gone_when_the_place_is_chosen_is_neither_noted_nor_written() {
        let event = Id::make();
        let never = || -> Result<(), Failure> { panic!("nothing is noted") };
        // Done or locked meanwhile, and another one begun meanwhile.
        let gone = OnPaper::<&str>::before_writing(None, event, never);
        assert_eq!(gone.unwrap_err().kind, FailureKind::ReviewGone);
        let mut other = made(Id::make());
        let gone = OnPaper::before_writing(Some(&mut other), event, never);
        assert_eq!(gone.unwrap_err().kind, FailureKind::ReviewGone);
        assert!(!other.noted);
    }

    #[test]
    fn a_pass_is_noted_once_and_before_it_is_written() {
        let event = Id::make();
        let mut kept = made(event);
        let locked = OnPaper::before_writing(Some(&mut kept), event, || Err(failures::locked()));
        assert_eq!(locked.unwrap_err().kind, FailureKind::Locked);
        assert!(!kept.noted);
        let mut times = 0;
        for _ in 0..2 {
            let note = || {
                times += 1;
                Ok(())
            };
            let pass = OnPaper::before_writing(Some(&mut kept), event, note);
            assert_eq!(pass.unwrap(), "pass");
        }
        assert!(kept.noted);
        assert_eq!(times, 1);
    }
}
