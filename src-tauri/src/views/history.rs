//! What happened: names of details, never their values.

use ipc::{Days, EventDetail, EventKind, EventRow, EventView, ShownAs, Verdict};
use wallet::EntryWay;

use super::sharing::outcome;

pub(crate) fn event_row(event: &wallet::Event) -> EventRow {
    let details: usize = event.entry.cards.iter().map(|card| card.names.len()).sum();
    EventRow {
        id: event.id.to_string(),
        at: event.at,
        kind: kind(event.kind),
        who: event.who.as_ref().map(|who| who.name.clone()),
        cards: event
            .entry
            .cards
            .iter()
            .map(|card| card.title.clone())
            .collect(),
        details: u32::try_from(details).unwrap_or(u32::MAX),
        outcome: event.entry.outcome.map(outcome),
    }
}

pub(crate) fn event(event: wallet::Event) -> EventView {
    EventView {
        row: event_row(&event),
        who_id: event.who.map(|who| who.id),
        // The names of verdicts are the same on both sides.
        verdict: event
            .entry
            .verdict
            .and_then(|name| serde_json::from_value::<Verdict>(name.into()).ok()),
        reason: event.entry.reason,
        details: event
            .entry
            .cards
            .into_iter()
            .map(|card| EventDetail {
                card: card.title,
                names: card.names,
            })
            .collect(),
        contact: event.entry.contact,
        shown: event.entry.way.map(shown_as),
    }
}

fn shown_as(way: EntryWay) -> ShownAs {
    match way {
        EntryWay::Code { expires_at } => ShownAs::Code(expires_at),
        EntryWay::Pass { from, until } => ShownAs::Pass(Days { from, until }),
    }
}

fn kind(kind: wallet::EventKind) -> EventKind {
    match kind {
        wallet::EventKind::Added => EventKind::Added,
        wallet::EventKind::Shared => EventKind::Shared,
        wallet::EventKind::Declined => EventKind::Declined,
        wallet::EventKind::Deleted => EventKind::Deleted,
        wallet::EventKind::BackedUp => EventKind::BackedUp,
        wallet::EventKind::Restored => EventKind::Restored,
        wallet::EventKind::PassphraseChanged => EventKind::PassphraseChanged,
    }
}
