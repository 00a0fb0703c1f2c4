//! Offers, and what both reviews have in common.

use ipc::{
    CodeMode, HowKnown, IssuerView, Level, OfferReview, OfferedCard, ReviewId, Tick, TxCodeView,
    Verdict, Warning, WarningKind,
};
use wallet::ledger::Standing;

use super::cards::how_known;

pub(crate) fn offer(review: wallet::OfferReview) -> OfferReview {
    OfferReview {
        review: ReviewId(review.id.as_str().to_owned()),
        issuer: IssuerView {
            name: review.issuer.name,
            id: review.issuer.id,
            name_listed: review.name_listed,
            verdict: verdict(review.verdict.standing),
            checked_at: review.verdict.age.map(|age| age.attested),
            how: review.how.map_or(HowKnown::NotYet, how_known),
        },
        host: review.host,
        warnings: warnings(review.warnings),
        ticks: tick_views(&review.ticks),
        cards: review
            .cards
            .into_iter()
            .map(|card| OfferedCard {
                title: card.title,
                contents: card.contents,
                copies: u32::try_from(card.copies).unwrap_or(u32::MAX),
            })
            .collect(),
        tx_code: review.tx_code.map(|code| TxCodeView {
            mode: match code.input_mode {
                wallet::InputMode::Numeric => CodeMode::Numeric,
                wallet::InputMode::Text => CodeMode::Text,
            },
            length: code.length.and_then(|length| u32::try_from(length).ok()),
            description: code.description,
        }),
    }
}

pub(super) fn verdict(standing: Standing) -> Verdict {
    match standing {
        Standing::Listed => Verdict::Listed,
        Standing::Unlisted => Verdict::Unlisted,
        Standing::OutOfScope => Verdict::OutOfScope,
        Standing::Ended => Verdict::Ended,
        Standing::Revoked => Verdict::Revoked,
        Standing::Withdrawn => Verdict::Withdrawn,
        Standing::Stale => Verdict::Stale,
        Standing::Unknown => Verdict::Unknown,
    }
}

pub(super) fn warnings(all: Vec<wallet::Warning>) -> Vec<Warning> {
    all.into_iter()
        .map(|warning| Warning {
            kind: kind(warning.kind),
            level: match warning.level {
                wallet::Level::Block => Level::Block,
                wallet::Level::Tick => Level::Tick,
                wallet::Level::Note => Level::Note,
            },
            names: warning.names,
        })
        .collect()
}

pub(super) fn tick_views(ticks: &[wallet::Tick]) -> Vec<Tick> {
    ticks
        .iter()
        .map(|tick| match tick {
            wallet::Tick::Unlisted => Tick::Unlisted,
            wallet::Tick::OverAsking => Tick::OverAsking,
            wallet::Tick::Photo => Tick::Photo,
        })
        .collect()
}

/// The citizen's ticks, back.
pub(crate) fn ticks(ticks: &[Tick]) -> Vec<wallet::Tick> {
    ticks
        .iter()
        .map(|tick| match tick {
            Tick::Unlisted => wallet::Tick::Unlisted,
            Tick::OverAsking => wallet::Tick::OverAsking,
            Tick::Photo => wallet::Tick::Photo,
        })
        .collect()
}

fn kind(kind: wallet::WarningKind) -> WarningKind {
    use wallet::WarningKind as From;
    match kind {
        From::OverAsking => WarningKind::OverAsking,
        From::ServiceUnlisted => WarningKind::ServiceUnlisted,
        From::ServiceChanged => WarningKind::ServiceChanged,
        From::ServiceEnded => WarningKind::ServiceEnded,
        From::ServiceRevoked => WarningKind::ServiceRevoked,
        From::ServiceWithdrawn => WarningKind::ServiceWithdrawn,
        From::ServiceUnproven => WarningKind::ServiceUnproven,
        From::IssuerUnlisted => WarningKind::IssuerUnlisted,
        From::IssuerOutOfScope => WarningKind::IssuerOutOfScope,
        From::IssuerEnded => WarningKind::IssuerEnded,
        From::IssuerRevoked => WarningKind::IssuerRevoked,
        From::IssuerWithdrawn => WarningKind::IssuerWithdrawn,
        From::IssuerNotYetKnown => WarningKind::IssuerNotYetKnown,
        From::IssuerChanged => WarningKind::IssuerChanged,
        From::Duplicate => WarningKind::Duplicate,
        From::LedgerStale => WarningKind::LedgerStale,
        From::LedgerUnknown => WarningKind::LedgerUnknown,
        From::ClockSetBack => WarningKind::ClockSetBack,
        From::LastCopy => WarningKind::LastCopy,
        From::CardExpired => WarningKind::CardExpired,
        From::CardWithdrawn => WarningKind::CardWithdrawn,
        From::CardLeftOut => WarningKind::CardLeftOut,
    }
}
