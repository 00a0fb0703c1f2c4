//! Why a code is refused before its cards are looked at, in words for the clerk.

use protocol::counter_code::{AnswerError, TimeFault};

use crate::judge::{Check, Judgement, Outcome, Reason};
use crate::words;

/// A refusal of the code itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It cannot be read, or is for another counter.
    Answer(AnswerError),
    /// This counter has no such purpose.
    UnknownPurpose,
    /// It answers a challenge that was not made here.
    OtherChallenge,
    /// The challenge was for another purpose, or is told wrongly.
    ChangedChallenge,
    /// The challenge is over, so many seconds since.
    Expired(i64),
    /// It does not count now; so many seconds since the time that it states.
    Time(TimeFault, i64),
    /// It was taken before.
    Replayed,
    /// The clock of this computer went back.
    DeskClock,
}

impl Refusal {
    /// For scripts.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Answer(error) => error.name(),
            Self::UnknownPurpose => "unknown_purpose",
            Self::OtherChallenge => "other_challenge",
            Self::ChangedChallenge => "changed_challenge",
            Self::Expired(_) => "code_expired",
            Self::Time(fault, _) => fault.name(),
            Self::Replayed => "replayed",
            Self::DeskClock => "desk_clock",
        }
    }

    fn stage(self) -> &'static str {
        match self {
            Self::Answer(AnswerError::OtherCounter) => "audience",
            Self::Answer(_) => "form",
            Self::UnknownPurpose => "purpose",
            Self::OtherChallenge | Self::ChangedChallenge => "challenge",
            Self::Expired(_) | Self::Time(..) | Self::DeskClock => "time",
            Self::Replayed => "replay",
        }
    }

    fn text(self) -> String {
        match self {
            Self::Answer(AnswerError::OtherCounter) => {
                "This code was made for another counter. Ask for one for this desk.".to_owned()
            }
            Self::Answer(AnswerError::OtherVersion { .. }) => {
                "This code is of a version that this counter does not know. Update the counter, or the wallet."
                    .to_owned()
            }
            Self::Answer(_) => {
                "This is no code that this counter can read. Nothing in it was looked at further."
                    .to_owned()
            }
            Self::UnknownPurpose => {
                "This code was made for something that this counter does not ask for.".to_owned()
            }
            Self::OtherChallenge => {
                "This code answers a question that this desk did not ask. Show a new question, then read again."
                    .to_owned()
            }
            Self::ChangedChallenge => {
                "This code does not fit the question that this desk asked. Show a new question, then read again."
                    .to_owned()
            }
            Self::Expired(since) => format!(
                "The question that this code answers was open until {} ago. Show a new one, then read again.",
                words::length(since)
            ),
            Self::Time(TimeFault::ClockAhead, by) => format!(
                "This code says that it was made {} from now: the clock of this computer or of the wallet is wrong. \
                 Show a question on this screen and let the wallet answer that: then its clock does not matter.",
                words::length(-by)
            ),
            Self::Time(TimeFault::ClockBehind, by) => format!(
                "This code says that it was made {} ago: it is old, or the clock of this computer or of the wallet is \
                 wrong. Ask for a new code; if that is refused too, show a question on this screen and let the wallet \
                 answer that.",
                words::length(by)
            ),
            Self::Time(TimeFault::Old, by) => format!(
                "This code is old: it was made {} ago. Ask for a new one.",
                words::length(by)
            ),
            Self::Time(TimeFault::PassNotYet, _) => {
                "This printed pass is not good yet: its first day is still to come.".to_owned()
            }
            Self::Time(TimeFault::PassOver, _) => {
                "This printed pass is over: its last day has gone.".to_owned()
            }
            Self::Replayed => {
                "This code was taken here before. A code is good once: ask for a new one.".to_owned()
            }
            Self::DeskClock => {
                "The clock of this computer went back, so that codes that were taken before might be taken again. Have \
                 it set right, and show new questions. If it is right now, whoever runs this counter removes \
                 `codes/seen/clock` from its data folder: `docs/counter-code.md` says what to mind."
                    .to_owned()
            }
        }
    }

    pub(super) fn judgement(self) -> Judgement {
        let check = match self {
            Self::Answer(error) => Check::new(self.stage(), false, error.to_string()),
            _ => Check::new(self.stage(), false, self.kind()),
        };
        Judgement {
            outcome: Outcome::Refused,
            reasons: vec![Reason {
                kind: self.kind(),
                text: self.text(),
            }],
            checks: vec![check],
            credentials: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_is_said_in_its_own_words() {
        let all = [
            Refusal::Answer(AnswerError::OtherCounter),
            Refusal::Answer(AnswerError::OtherVersion { version: 2 }),
            Refusal::Answer(AnswerError::TooLong),
            Refusal::UnknownPurpose,
            Refusal::OtherChallenge,
            Refusal::ChangedChallenge,
            Refusal::Expired(60),
            Refusal::Time(TimeFault::ClockAhead, -600),
            Refusal::Time(TimeFault::ClockBehind, 600),
            Refusal::Time(TimeFault::Old, 9000),
            Refusal::Time(TimeFault::PassNotYet, 0),
            Refusal::Time(TimeFault::PassOver, 0),
            Refusal::Replayed,
            Refusal::DeskClock,
        ];
        let kinds: BTreeSet<_> = all.iter().map(|one| one.kind()).collect();
        let texts: BTreeSet<_> = all.iter().map(|one| one.text()).collect();
        assert_eq!((kinds.len(), texts.len()), (all.len(), all.len()));
        let ahead = Refusal::Time(TimeFault::ClockAhead, -600).text();
        assert!(ahead.contains("10 minutes from now"), "{ahead}");
        for one in all {
            let judgement = one.judgement();
            assert_eq!(judgement.outcome, Outcome::Refused);
            assert_eq!(judgement.checks.len(), 1);
        }
    }
}
