//! The verbs that look: cards, card, verify; and delete.

use std::io::Read as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use wallet::Standing as ByIssuer;
use wallet::ledger::{Standing, Verdict};
use wallet::open_link::{self, OpenLinkError};
use wallet::words::{Detail, Shown};
use wallet::{
    CardRow, CardState, CardStatus, Id, LedgerKept, Level, Link, LinkError, Wallet, Warning,
    WarningKind,
};

use crate::output::{Failure, Output, counted};
use crate::{LOCALE, ask, explain};

const MAX_INPUT: u64 = 32 << 20;

/// A card as scripts see it.
pub(crate) fn card_json(card: &CardRow) -> Value {
    json!({
        "id": card.id.to_string(),
        "type": card.type_id,
        "title": card.title,
        "format": card.format,
        "issuer": {
            "id": card.issuer.id,
            "name": card.issuer.name,
            "verdict": card.verdict.standing.name(),
        },
        "state": card.state,
        "status": status_json(card.status),
        "copies": card.copies,
        "copies_never_shown": card.unshown,
        "valid_until": card.valid_until,
    })
}

/// `{state, checked_at}`; null for a card that its issuer cannot withdraw.
fn status_json(status: Option<CardStatus>) -> Value {
    status.map_or(
        Value::Null,
        |status| json!({"state": status.name(), "checked_at": status.checked_at}),
    )
}

pub(crate) async fn list(
    wallet: &Wallet,
    check: bool,
    output: Output,
) -> Result<ExitCode, Failure> {
    if check {
        let checked = wallet
            .check_statuses()
            .await
            .map_err(|error| explain::record(&error))?;
        if checked.unreachable > 0 {
            output.line("Not every issuer's list could be reached; what was known before stands.");
        }
        if checked.refused > 0 {
            output.line("A list was refused: it is damaged, or not signed as it should be.");
        }
    }
    let cards = wallet
        .cards(LOCALE)
        .map_err(|error| explain::record(&error))?;
    let damaged = wallet
        .damaged_cards()
        .map_err(|error| explain::record(&error))?;
    let rows: Vec<Value> = cards.iter().map(card_json).collect();
    let unasked = if cards.is_empty() {
        None
    } else {
        unasked(wallet)?
    };
    output.object(&json!({
        "cards": rows,
        "damaged": damaged,
        "warnings": unasked_names(unasked),
    }));
    if cards.is_empty() {
        output.line("No cards yet. Ask the service for a link and give it to `cairn add`.");
    }
    for card in &cards {
        output.line(format!(
            "{}  {} · {} · {}{}",
            short(card.id),
            card.title,
            card.issuer.name,
            cards_state(card),
            match card.verdict.standing {
                Standing::Listed => "",
                // What nobody was asked is no word against the issuer.
                Standing::Unknown => " · issuer not checked",
                _ => " · issuer not vouched for",
            },
        ));
    }
    if let Some(words) = unasked {
        output.line(words);
    }
    if damaged > 0 {
        output.line(format!(
            "{} cannot be read. A backup may still have what is lost.",
            counted(damaged, "card"),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn show(wallet: &Wallet, id: &str, output: Output) -> Result<ExitCode, Failure> {
    let id = find(wallet, id)?;
    let card = wallet
        .card(id, LOCALE)
        .map_err(|error| explain::record(&error))?;
    let details = wallet
        .card_details(id, LOCALE)
        .map_err(|error| explain::record(&error))?;
    let claims = wallet
        .card_claims(id)
        .map_err(|error| explain::record(&error))?;
    let mut object = card_json(&card.row);
    if let Some(members) = object.as_object_mut() {
        members.insert("claims".to_owned(), claims);
        members.insert("status_messages".to_owned(), json!(card.status_messages));
        members.insert("holder".to_owned(), json!(card.holder));
        let shared: Vec<Value> = card
            .shared_with
            .iter()
            .map(|(event, name, at)| json!({"event": event.to_string(), "service": name, "at": at}))
            .collect();
        members.insert("shared_with".to_owned(), json!(shared));
    }
    let unasked = unasked(wallet)?;
    output.object(&json!({"card": object, "warnings": unasked_names(unasked)}));
    output.line(&card.row.title);
    output.line(format!("  issued by {}", card.row.issuer.name));
    output.line(format!(
        "  the ledger says: {}",
        verdict_words(&card.row.verdict)
    ));
    if let Some(words) = unasked {
        output.line(format!("  {words}"));
    }
    output.line(format!("  {}", cards_state(&card.row)));
    if let Some(status) = card.row.status {
        output.line(format!("  {}", status_words(status)));
    }
    for message in &card.status_messages {
        output.line(format!("  its issuer says of that: {message}"));
    }
    output.line(format!(
        "  copies never shown: {} of {}",
        card.row.unshown, card.row.copies
    ));
    if let Some(did) = card.holder.first() {
        output.line(format!("  holder: {did}"));
    }
    output.line("");
    for detail in &details {
        write_detail(detail, 2, output);
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn delete(
    wallet: &Wallet,
    id: &str,
    yes: bool,
    output: Output,
) -> Result<ExitCode, Failure> {
    let id = find(wallet, id)?;
    if !yes {
        match ask::yes("Delete this card, its keys and all its copies?") {
            Some(true) => {}
            Some(false) => {
                output.line("Nothing was deleted.");
                return Ok(ExitCode::FAILURE);
            }
            None => {
                return Err(Failure::new(
                    "usage",
                    "there is no terminal to ask on",
                    "Nothing was deleted. Give --yes to agree beforehand.",
                ));
            }
        }
    }
    wallet
        .delete_card(id)
        .map_err(|error| explain::record(&error))?;
    output.object(&json!({"deleted": id.to_string(), "warnings": []}));
    output.line("The card was deleted. Its issuer was not told.");
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn verify(
    wallet: &Wallet,
    file: &str,
    output: Output,
) -> Result<ExitCode, Failure> {
    let bytes = read_input(file)?;
    crate::add::refresh(wallet, output).await?;
    let checks = wallet.verify(&bytes).await;
    let valid = checks.iter().all(|check| check.ok);
    let rows: Vec<Value> = checks
        .iter()
        .map(|check| json!({"name": check.name, "ok": check.ok, "detail": check.detail}))
        .collect();
    output.object(&json!({"valid": valid, "checks": rows}));
    for check in &checks {
        let mark = if check.ok { "passed" } else { "FAILED" };
        output.line(format!("{mark}  {}: {}", check.name, check.detail));
    }
    Ok(if valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

/// The card whose id begins with `text`.
pub(crate) fn find(wallet: &Wallet, text: &str) -> Result<Id, Failure> {
    let none = || {
        Failure::new(
            "not_found",
            "there is no such card",
            "`cairn cards` lists what is here.",
        )
    };
    if let Ok(id) = text.parse::<Id>() {
        return Ok(id);
    }
    if text.len() < 4 {
        return Err(Failure::new(
            "not_found",
            "that is too short for a card's id",
            "Give four characters of it or more: `cairn cards` lists them.",
        ));
    }
    let cards = wallet
        .cards(LOCALE)
        .map_err(|error| explain::record(&error))?;
    let mut found = cards
        .iter()
        .map(|card| card.id)
        .filter(|id| id.to_string().starts_with(text));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(Failure::new(
            "not_found",
            "several cards begin so",
            "Give more of the card's id.",
        )),
        _ => Err(none()),
    }
}

/// Reads a link from an argument, a file or standard input.
pub(crate) fn read_link(given: &str) -> Result<Link, Failure> {
    let is_file = || std::path::Path::new(given).exists();
    if given != "-" && (given.contains("://") || (given.contains(':') && !is_file())) {
        return open_link::read_text(given).map_err(|error| explain::link(&error));
    }
    if given != "-" && !std::path::Path::new(given).exists() {
        // Neither a link nor a file: most likely a mistyped link.
        let error = OpenLinkError::Link(LinkError::NotALink);
        return Err(explain::link(&error));
    }
    let bytes = read_input(given)?;
    refuse_drawing(&bytes)?;
    open_link::read_bytes(&bytes).map_err(|error| explain::link(&error))
}

/// Our own programs draw codes as SVG too, for screens and paper; nobody reads them from that.
pub(crate) fn refuse_drawing(bytes: &[u8]) -> Result<(), Failure> {
    let start = bytes.trim_ascii_start();
    if start.starts_with(b"<svg") || start.starts_with(b"<?xml") {
        let advice = "Nothing was sent. Give the code as PNG, JPEG or GIF, or its text.";
        return Err(Failure::new("picture", "a drawing (SVG) is not read", advice).refused());
    }
    Ok(())
}

pub(crate) fn read_input(given: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if given == "-" {
        std::io::stdin()
            .lock()
            .take(MAX_INPUT)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(given).and_then(|file| file.take(MAX_INPUT).read_to_end(&mut bytes))
    };
    let advice = "Nothing was sent. Check the file's name.";
    read.map_err(|error| {
        let what = if given == "-" {
            "standard input"
        } else {
            given
        };
        Failure::new("file", format!("cannot read {what}: {error}"), advice)
    })?;
    Ok(bytes)
}

/// Why no ledger could be asked about anybody, and what to do about it; `None` where one is here.
fn unasked(wallet: &Wallet) -> Result<Option<&'static str>, Failure> {
    let kept = wallet
        .ledger_kept()
        .map_err(|error| explain::record(&error))?;
    Ok(match kept {
        LedgerKept::Kept | LedgerKept::Reading => None,
        LedgerKept::NotFetched => {
            Some("The ledger was not fetched yet: nobody has been asked. Run `cairn ledger sync`.")
        }
        LedgerKept::NotAdded => Some(
            "No ledger added yet: nobody has been asked who the issuers are. Add the one of a \
             body that you trust: `cairn ledger sync --ledger URL --pin FILE`.",
        ),
    })
}

fn unasked_names(unasked: Option<&str>) -> Vec<&'static str> {
    unasked
        .map(|_| WarningKind::LedgerUnknown.name())
        .into_iter()
        .collect()
}

/// The verdict in words.
pub(crate) fn verdict_words(verdict: &Verdict) -> String {
    let who = wallet::listed_name(verdict, LOCALE).unwrap_or_default();
    let age = verdict
        .age
        .map(|age| format!(", confirmed {} ago", age_words(age.seconds)))
        .unwrap_or_default();
    match verdict.standing {
        Standing::Listed => format!("listed as {who}{age}"),
        Standing::Unlisted => format!("not listed{age}"),
        Standing::OutOfScope => format!("{who} is listed, but not for this{age}"),
        Standing::Ended => format!("the listing of {who} has ended{age}"),
        Standing::Revoked => format!("the key of {who} was revoked{age}"),
        Standing::Withdrawn => format!("{who} was withdrawn{age}"),
        Standing::Stale => format!("too old to say{age}"),
        Standing::Unknown => "nothing: no ledger could be asked yet".to_owned(),
    }
}

fn age_words(seconds: i64) -> String {
    match seconds {
        ..120 => "less than 2 minutes".to_owned(),
        120..7200 => format!("{} minutes", seconds / 60),
        7200..172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

pub(crate) fn show_warnings(warnings: &[Warning], output: Output) {
    for warning in warnings {
        let word = match warning.level {
            Level::Block => "STOP",
            Level::Tick => "WARNING",
            Level::Note => "note",
        };
        let about = if warning.names.is_empty() {
            String::new()
        } else {
            format!(": {}", warning.names.join(", "))
        };
        output.line(format!(
            "  {word}: {}{about}",
            explain::warning(warning.kind)
        ));
    }
}

fn cards_state(card: &CardRow) -> String {
    let until = card
        .valid_until
        .map(|until| format!(" until {}", last_day(until)))
        .unwrap_or_default();
    match card.state {
        CardState::Valid => format!("valid{until}"),
        CardState::ExpiresSoon => format!("expires soon,{until}"),
        CardState::Expired => format!("expired,{until}"),
        CardState::NotYet => "not valid yet".to_owned(),
        CardState::Withdrawn => "its issuer was withdrawn or its key revoked".to_owned(),
        CardState::Revoked => "withdrawn by its issuer".to_owned(),
        CardState::Suspended => "suspended by its issuer".to_owned(),
        CardState::StatusUnknown => {
            format!("not known whether it was withdrawn, else valid{until}")
        }
    }
}

/// When the issuer's list was last asked, and what it said.
fn status_words(status: CardStatus) -> String {
    let (Some(standing), Some(checked_at)) = (status.standing, status.checked_at) else {
        return "whether its issuer withdrew it: not checked, no list to be had".to_owned();
    };
    let said = match standing {
        ByIssuer::Valid => "not withdrawn".to_owned(),
        ByIssuer::Suspended => "suspended by its issuer".to_owned(),
        ByIssuer::Revoked => "withdrawn by its issuer".to_owned(),
        ByIssuer::Other(value) => format!("its issuer gives it the status {value}"),
    };
    format!("{said}, checked {}", ago(checked_at))
}

/// How long ago something was, roughly.
fn ago(time: i64) -> String {
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    match now.saturating_sub(time) {
        ..0 => "at a time that this computer's clock has not reached".to_owned(),
        0..120 => "just now".to_owned(),
        seconds @ 120..7200 => format!("{} minutes ago", seconds / 60),
        seconds @ 7200..172_800 => format!("{} hours ago", seconds / 3600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

fn write_detail(detail: &Detail, indent: usize, output: Output) {
    let space = " ".repeat(indent);
    match &detail.value {
        Shown::Group(members) => {
            output.line(format!("{space}{}:", detail.label));
            for member in members {
                write_detail(member, indent + 2, output);
            }
        }
        value => output.line(format!("{space}{}: {}", detail.label, value_text(value))),
    }
}

/// A value on one line.
pub(crate) fn value_text(value: &Shown) -> String {
    match value {
        Shown::Text(text) | Shown::Date(text) => text.clone(),
        Shown::YesNo(true) => "yes".to_owned(),
        Shown::YesNo(false) => "no".to_owned(),
        Shown::Photo(_) => "(a photo)".to_owned(),
        Shown::List(items) => items.iter().map(value_text).collect::<Vec<_>>().join(", "),
        Shown::Group(members) => members
            .iter()
            .map(|member| format!("{} {}", member.label, value_text(&member.value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

pub(crate) fn short(id: Id) -> String {
    id.to_string().chars().take(8).collect()
}

/// The last day, by UTC, of something that ends at a time: the day before an end at midnight.
pub(crate) fn last_day(end: i64) -> String {
    date(end.saturating_sub(1))
}

/// A UTC date, `YYYY-MM-DD`.
pub(crate) fn date(seconds: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(seconds)
        .map(|time| time.date().to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_at_midnight_has_the_day_before_as_its_last() {
        assert_eq!(last_day(1_804_032_000), "2027-03-02");
        assert_eq!(last_day(1_804_032_001), "2027-03-03");
        assert_eq!(last_day(1_804_031_999), "2027-03-02");
    }
}
