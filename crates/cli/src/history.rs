//! `cairn history`.

use std::process::ExitCode;

use serde_json::{Value, json};
use wallet::{EntryWay, Event, EventKind, Outcome, Wallet};

use crate::cards::short;
use crate::explain;
use crate::output::{Failure, Output, counted};

pub(crate) fn run(wallet: &Wallet, output: Output) -> Result<ExitCode, Failure> {
    let (events, damaged) = wallet.history().map_err(|error| explain::record(&error))?;
    let rows: Vec<Value> = events
        .iter()
        .map(|event| {
            let cards: Vec<Value> = event
                .entry
                .cards
                .iter()
                .map(|card| {
                    json!({
                        "card": card.id,
                        "title": card.title,
                        "names": card.names,
                        "claims": card.claims,
                    })
                })
                .collect();
            json!({
                "id": event.id.to_string(),
                "at": event.at,
                "kind": event.kind.name(),
                "who": event.who.as_ref().map(|who| json!({"id": who.id, "name": who.name})),
                "verdict": event.entry.verdict,
                "outcome": event.entry.outcome,
                "way": event.entry.way,
                "cards": cards,
            })
        })
        .collect();
    output.object(&json!({"events": rows, "damaged": damaged, "warnings": []}));
    if events.is_empty() && damaged == 0 {
        output.line("Nothing has happened yet.");
    }
    for event in &events {
        output.line(line(event));
    }
    if damaged > 0 {
        output.line(format!("{} cannot be read.", counted(damaged, "event")));
    }
    Ok(ExitCode::SUCCESS)
}

/// An event in one line: when, its id, what, with whom, and the names of details.
fn line(event: &Event) -> String {
    let who = event.who.as_ref().map_or("", |who| who.name.as_str());
    let titles: Vec<&str> = event
        .entry
        .cards
        .iter()
        .map(|card| card.title.as_str())
        .collect();
    let details: Vec<&str> = event
        .entry
        .cards
        .iter()
        .flat_map(|card| card.names.iter().map(String::as_str))
        .collect();
    let what = match event.kind {
        EventKind::Added => format!("added {} from {who}", titles.join(", ")),
        EventKind::Shared => {
            format!("{} {who}: {}", shared_word(event), details.join(", "))
        }
        EventKind::Declined => format!("did not share with {who}"),
        EventKind::Deleted => format!("deleted {}", titles.join(", ")),
        EventKind::BackedUp => "wrote a backup".to_owned(),
        EventKind::Restored => "restored from a backup".to_owned(),
        EventKind::PassphraseChanged => "changed the passphrase".to_owned(),
    };
    format!("{}  {}  {what}", date_and_time(event.at), short(event.id))
}

fn shared_word(event: &Event) -> &'static str {
    match (event.entry.outcome, event.entry.way) {
        (Some(Outcome::Shown), Some(EntryWay::Pass { .. })) => "made a printed pass for",
        (Some(Outcome::Shown), _) => "showed as a code to",
        (Some(Outcome::Delivered), _) => "shared with",
        (Some(Outcome::Refused), _) => "sent, and refused, with",
        (Some(Outcome::NotSent), None) => "could not share with",
        (Some(Outcome::NotSent), Some(_)) => "did not show to",
        (Some(Outcome::Unknown) | None, None) => "may have shared with",
        (Some(Outcome::Unknown) | None, Some(_)) => "may have shown to",
    }
}

/// A UTC time, `YYYY-MM-DD hh:mm UTC`.
fn date_and_time(seconds: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(seconds)
        .map(|at| format!("{} {:02}:{:02} UTC", at.date(), at.hour(), at.minute()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use wallet::{Entry, EntryCard, Id};

    use super::*;

    #[test]
    fn a_line_tells_when_what_and_which_names() {
        let id = Id::make();
        let event = Event {
            id,
            at: 1_804_032_065,
            kind: EventKind::Shared,
            who: None,
            entry: Entry {
                cards: vec![EntryCard {
                    names: vec!["Name".into(), "Over 18".into()],
                    ..EntryCard::default()
                }],
                outcome: Some(Outcome::Delivered),
                ..Entry::default()
            },
        };
        let begins = format!("2027-03-03 00:01 UTC  {}  shared with", short(id));
        let line = line(&event);
        assert!(line.starts_with(&begins), "{line}");
        assert!(line.ends_with(": Name, Over 18"), "{line}");
    }

    #[test]
    fn a_time_that_is_none_is_left_out() {
        assert_eq!(date_and_time(i64::MAX), "");
    }
}
