//! What both reviews have in common: who stands on the other side, warnings, ticks.

use ledger::{Standing, Verdict};

/// One thing that the citizen should know before deciding. Reviews list the worst first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// What it does to the decision.
    pub level: Level,
    /// Names of details or cards that it is about: labels, never values.
    pub names: Vec<String>,
}

/// How far a warning goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It cannot go on.
    Block,
    /// It goes on with a tick of its own.
    Tick,
    /// Good to know.
    Note,
}

/// The kinds of warning. Their names are part of the command line's contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WarningKind {
    /// The request asks for more than the service registered.
    OverAsking,
    /// The service is not listed.
    ServiceUnlisted,
    /// A service of this name is listed, but this request does not carry its key.
    ServiceChanged,
    /// The service's listing ended.
    ServiceEnded,
    /// The service's key was revoked.
    ServiceRevoked,
    /// The service was withdrawn.
    ServiceWithdrawn,
    /// Nothing proves who asks: the request is not signed.
    ServiceUnproven,
    /// The issuer is not listed.
    IssuerUnlisted,
    /// The issuer is listed, but not for this kind of card.
    IssuerOutOfScope,
    /// The issuer's listing ended.
    IssuerEnded,
    /// The issuer's key was revoked.
    IssuerRevoked,
    /// The issuer was withdrawn.
    IssuerWithdrawn,
    /// The issuer's key cannot be known before the card is here.
    IssuerNotYetKnown,
    /// The same kind of card is here from another issuer.
    IssuerChanged,
    /// The same kind of card from the same issuer is here already.
    Duplicate,
    /// The ledger kept here is too old to say.
    LedgerStale,
    /// There is no ledger to ask.
    LedgerUnknown,
    /// The clock of this computer was set back.
    ClockSetBack,
    /// The last copy of a card is used again.
    LastCopy,
    /// The card is past its date.
    CardExpired,
    /// The card's issuer or its key was withdrawn or revoked.
    CardWithdrawn,
    /// A card of the offer that this wallet cannot take.
    CardLeftOut,
}

impl WarningKind {
    /// The name for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::OverAsking => "over_asking",
            Self::ServiceUnlisted => "service_unlisted",
            Self::ServiceChanged => "service_changed",
            Self::ServiceEnded => "service_ended",
            Self::ServiceRevoked => "service_revoked",
            Self::ServiceWithdrawn => "service_withdrawn",
            Self::ServiceUnproven => "service_unproven",
            Self::IssuerUnlisted => "issuer_unlisted",
            Self::IssuerOutOfScope => "issuer_out_of_scope",
            Self::IssuerEnded => "issuer_ended",
            Self::IssuerRevoked => "issuer_revoked",
            Self::IssuerWithdrawn => "issuer_withdrawn",
            Self::IssuerNotYetKnown => "issuer_not_yet_known",
            Self::IssuerChanged => "issuer_changed",
            Self::Duplicate => "duplicate",
            Self::LedgerStale => "ledger_stale",
            Self::LedgerUnknown => "ledger_unknown",
            Self::ClockSetBack => "clock_set_back",
            Self::LastCopy => "last_copy",
            Self::CardExpired => "card_expired",
            Self::CardWithdrawn => "card_withdrawn",
            Self::CardLeftOut => "card_left_out",
        }
    }
}

/// A tick that a decision needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tick {
    /// "I know that the ledger does not vouch for them."
    Unlisted,
    /// "I know that they ask for more than they registered."
    OverAsking,
    /// "Share my photo."
    Photo,
}

/// The ticks given are not those that the review asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the decision lacks a tick that the review asks for, or has one that it does not")]
pub struct WrongTicks;

/// Checks that the ticks given are exactly the ticks asked for.
pub(crate) fn check_ticks(asked: &[Tick], given: &[Tick]) -> Result<(), WrongTicks> {
    let same = asked.iter().all(|tick| given.contains(tick))
        && given.iter().all(|tick| asked.contains(tick));
    same.then_some(()).ok_or(WrongTicks)
}

impl Warning {
    pub(crate) fn new(kind: WarningKind, level: Level) -> Self {
        Self {
            kind,
            level,
            names: Vec::new(),
        }
    }

    pub(crate) fn about(kind: WarningKind, level: Level, names: Vec<String>) -> Self {
        Self { kind, level, names }
    }
}

/// What an issuer's verdict means for a review.
pub(crate) fn issuer_warning(standing: Standing) -> Option<Warning> {
    use WarningKind as Kind;
    let (kind, level) = match standing {
        Standing::Listed => return None,
        Standing::Unlisted => (Kind::IssuerUnlisted, Level::Tick),
        Standing::OutOfScope => (Kind::IssuerOutOfScope, Level::Tick),
        Standing::Ended => (Kind::IssuerEnded, Level::Tick),
        Standing::Revoked => (Kind::IssuerRevoked, Level::Block),
        Standing::Withdrawn => (Kind::IssuerWithdrawn, Level::Block),
        Standing::Stale => (Kind::LedgerStale, Level::Tick),
        Standing::Unknown => (Kind::LedgerUnknown, Level::Tick),
    };
    Some(Warning::new(kind, level))
}

/// What a service's verdict means for a review.
pub(crate) fn service_warning(standing: Standing) -> Option<Warning> {
    use WarningKind as Kind;
    let (kind, level) = match standing {
        Standing::Listed => return None,
        Standing::Unlisted | Standing::OutOfScope => (Kind::ServiceUnlisted, Level::Tick),
        Standing::Ended => (Kind::ServiceEnded, Level::Tick),
        Standing::Revoked => (Kind::ServiceRevoked, Level::Block),
        Standing::Withdrawn => (Kind::ServiceWithdrawn, Level::Block),
        Standing::Stale => (Kind::LedgerStale, Level::Tick),
        Standing::Unknown => (Kind::LedgerUnknown, Level::Tick),
    };
    Some(Warning::new(kind, level))
}

/// A warning when the ledger has attested a time that this computer's clock has not reached.
pub(crate) fn clock_warning(verdict: &Verdict) -> Option<Warning> {
    verdict
        .age
        .is_some_and(|age| age.clock_set_back)
        .then(|| Warning::new(WarningKind::ClockSetBack, Level::Note))
}

/// Worst first; within a level as they were found.
pub(crate) fn sort(warnings: &mut [Warning]) {
    warnings.sort_by_key(|warning| warning.level);
}

/// True when a warning stops the review.
pub(crate) fn blocked(warnings: &[Warning]) -> Option<WarningKind> {
    warnings
        .iter()
        .find(|warning| warning.level == Level::Block)
        .map(|warning| warning.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_must_be_exactly_those_asked_for() {
        assert_eq!(check_ticks(&[Tick::Unlisted], &[Tick::Unlisted]), Ok(()));
        assert_eq!(check_ticks(&[Tick::Unlisted], &[]), Err(WrongTicks));
        assert_eq!(check_ticks(&[], &[Tick::OverAsking]), Err(WrongTicks));
    }

    #[test]
    fn what_was_revoked_or_withdrawn_cannot_go_on() {
        for standing in [Standing::Revoked, Standing::Withdrawn] {
            assert_eq!(
                issuer_warning(standing).map(|w| w.level),
                Some(Level::Block)
            );
            assert_eq!(
                service_warning(standing).map(|w| w.level),
                Some(Level::Block)
            );
        }
        assert_eq!(
            issuer_warning(Standing::Unlisted).map(|w| w.level),
            Some(Level::Tick)
        );
        assert!(issuer_warning(Standing::Listed).is_none());
    }
}
