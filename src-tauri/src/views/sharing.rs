//! Requests, the choice among cards, and what came of sharing.

use ipc::{
    Ask, CardFormat, Choice, ChooseReview, Days, Duration, MissingCard, MissingReview, NextStep,
    Onward, OtherFormat, Outcome, PurposeView, Recognisability, Retention, ReviewId, ServiceView,
    SetOption, ShareReview, ShareRow, ShareSet, SharedView, StaysView, StoppedCard, WantedSet, Way,
};
use wallet::ledger::event::Purpose;
use wallet::share;

use super::cards::{row, value};
use super::reviews::{tick_views, verdict, warnings};

/// What a request turned out to be, and the id under which it waits.
pub(crate) fn step(step: share::NextStep, locale: &str) -> (NextStep, wallet::ReviewId) {
    match step {
        share::NextStep::Choose(review) => {
            let id = review.id.clone();
            (NextStep::Choose(choose(review)), id)
        }
        share::NextStep::Share(review) => {
            let id = review.id.clone();
            (NextStep::Share(Box::new(self::share(*review, locale))), id)
        }
        share::NextStep::Missing(review) => {
            let id = review.id.clone();
            (NextStep::Missing(missing(review)), id)
        }
    }
}

pub(crate) fn share(review: share::ShareReview, locale: &str) -> ShareReview {
    ShareReview {
        review: ReviewId(review.id.as_str().to_owned()),
        way: way(review.way),
        service: service(review.service),
        warnings: warnings(review.warnings),
        ticks: tick_views(&review.ticks),
        onward: onward(review.purpose.as_ref()),
        purpose: review.purpose.map(|purpose| self::purpose(purpose, locale)),
        sets: review
            .sets
            .into_iter()
            .map(|set| ShareSet {
                required: set.required,
                rows: set.rows.into_iter().map(share_row).collect(),
            })
            .collect(),
        stays: review
            .stays
            .into_iter()
            .map(|stays| StaysView {
                card: stays.title,
                names: stays.names,
            })
            .collect(),
        retention: match review.retention {
            share::Retained::NotSaid => Retention::NotSaid,
            share::Retained::Nothing => Retention::Nothing,
            share::Retained::For(length) => Retention::For(Duration {
                years: length.years,
                months: length.months,
                days: length.days,
                hours: length.hours,
                minutes: length.minutes,
            }),
        },
        recognisability: match review.recognisability {
            share::Recognisability::Unlinkable => Recognisability::Unlinkable,
            share::Recognisability::FreshCopy => Recognisability::FreshCopy,
            share::Recognisability::UsedCopy => Recognisability::UsedCopy,
            share::Recognisability::Identifying => Recognisability::Identifying,
        },
        unlinkable: review.unlinkable,
        choice: review.choice.map(choose),
    }
}

pub(crate) fn choices(choices: Vec<Choice>) -> Vec<share::Choice> {
    choices
        .into_iter()
        .map(|choice| share::Choice {
            option: choice.option,
            cards: choice.cards,
        })
        .collect()
}

pub(crate) fn shared(shared: share::Shared) -> SharedView {
    SharedView {
        outcome: outcome(shared.outcome),
        service: shared.service.name,
        details: shared
            .cards
            .into_iter()
            .flat_map(|card| card.names)
            .collect(),
        event: shared.event.to_string(),
        redirect_host: shared.redirect_uri.as_deref().and_then(host),
    }
}

pub(super) fn outcome(outcome: wallet::Outcome) -> Outcome {
    match outcome {
        wallet::Outcome::Delivered => Outcome::Delivered,
        wallet::Outcome::Refused => Outcome::Refused,
        wallet::Outcome::Unknown => Outcome::Unknown,
        wallet::Outcome::NotSent => Outcome::NotSent,
        wallet::Outcome::Shown => Outcome::Shown,
    }
}

fn way(way: share::Way) -> Way {
    match way {
        share::Way::Sent => Way::Sent,
        share::Way::Code { live, .. } => Way::Code { live },
        share::Way::Pass { from, until } => Way::Pass(Days { from, until }),
    }
}

fn host(url: &str) -> Option<String> {
    let url = tauri::Url::parse(url).ok()?;
    Some(url.host_str()?.to_owned())
}

fn choose(review: share::ChooseReview) -> ChooseReview {
    ChooseReview {
        review: ReviewId(review.id.as_str().to_owned()),
        service: service(review.service),
        sets: review
            .sets
            .into_iter()
            .map(|set| WantedSet {
                required: set.required,
                options: set
                    .options
                    .into_iter()
                    .map(|option| SetOption {
                        asks: option.into_iter().map(ask).collect(),
                    })
                    .collect(),
            })
            .collect(),
    }
}

fn ask(ask: share::OfferedAsk) -> Ask {
    Ask {
        details: ask.details,
        cards: ask.cards.into_iter().map(row).collect(),
        multiple: ask.multiple,
    }
}

fn missing(review: share::MissingReview) -> MissingReview {
    MissingReview {
        review: ReviewId(review.id.as_str().to_owned()),
        service: service(review.service),
        missing: review
            .missing
            .into_iter()
            .map(|card| MissingCard {
                title: card.title,
                details: card.details,
                have_other: card.have_other,
                format: CardFormat::from_name(&card.format),
                in_other_format: card
                    .in_other_format
                    .into_iter()
                    .map(|here| OtherFormat {
                        issuer: here.issuer.name,
                        format: CardFormat::from_name(&here.format),
                    })
                    .collect(),
            })
            .collect(),
        stopped: review
            .stopped
            .into_iter()
            .map(|(title, state)| StoppedCard {
                title,
                suspended: state == wallet::CardState::Suspended,
            })
            .collect(),
    }
}

fn service(service: share::Service) -> ServiceView {
    ServiceView {
        name: service.name,
        name_listed: service.name_listed,
        id: service.id,
        website: service.website,
        verdict: verdict(service.verdict.standing),
        checked_at: service.verdict.age.map(|age| age.attested),
        times: u32::try_from(service.times).unwrap_or(u32::MAX),
        since: service.since,
    }
}

fn share_row(row: share::ShareRow) -> ShareRow {
    ShareRow {
        label: row.detail.label,
        value: value(row.detail.value),
        card: row.title,
        excess: row.excess,
        kept: row.kept,
    }
}

fn purpose(purpose: Purpose, locale: &str) -> PurposeView {
    PurposeView {
        name: super::ledger::named(&purpose.name, locale),
        words: super::ledger::named(&purpose.reason, locale),
        // A purpose is here only because the ledger has it.
        registered: true,
        legal_basis: said(purpose.legal_basis),
        contact: said(purpose.contact),
    }
}

fn onward(purpose: Option<&Purpose>) -> Onward {
    match purpose {
        None => Onward::NotSaid,
        Some(purpose) if purpose.onward.is_empty() => Onward::Nobody,
        Some(purpose) => Onward::To(wallet::words::visible(&purpose.onward.join(", "))),
    }
}

fn said(text: String) -> Option<String> {
    let text = wallet::words::visible(&text);
    (!text.trim().is_empty()).then_some(text)
}
