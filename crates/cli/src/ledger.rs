//! `cairn ledger`.

use std::process::ExitCode;

use serde_json::{Value, json};
use wallet::Wallet;
use wallet::ledger::Registry;
use wallet::ledger::record::Record;

use crate::args::LedgerVerb;
use crate::output::{Failure, Output};
use crate::pass::now;
use crate::{LOCALE, explain};

pub(crate) async fn run(
    wallet: &Wallet,
    verb: &LedgerVerb,
    output: Output,
) -> Result<ExitCode, Failure> {
    match verb {
        LedgerVerb::Sync => {
            let synced = wallet
                .sync_ledger()
                .await
                .map_err(|error| explain::trust(&error))?;
            output.object(&json!({
                "entries": synced.after,
                "new": synced.after - synced.before,
                "attested_at": synced.attested,
                "warnings": [],
            }));
            output.line(format!(
                "{} entries, {} new.",
                synced.after,
                synced.after - synced.before
            ));
        }
        LedgerVerb::Status => status(wallet, output)?,
        LedgerVerb::Show => show(wallet, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn status(wallet: &Wallet, output: Output) -> Result<(), Failure> {
    let following = wallet
        .following()
        .map_err(|error| explain::record(&error))?
        .ok_or_else(no_ledger)?;
    let refused = wallet
        .refused_update()
        .map_err(|error| explain::record(&error))?;
    let replica = wallet.ledger();
    let age = wallet.ledger_age();
    output.object(&json!({
        "source": following.source,
        "name": replica.as_ref().map(|replica| replica.registry().governance().name.clone()),
        "entries": replica.as_ref().map_or(0, |replica| replica.size()),
        "fetched_at": following.fetched_at,
        "age": age,
        "refused": refused.as_ref().map(|refused| json!({"at": refused.at, "reason": refused.reason})),
        "warnings": [],
    }));
    output.line(format!("Ledger: {}", following.source));
    match (replica, age) {
        (Some(replica), Some(age)) => {
            output.line(format!(
                "  {}, {} entries",
                replica.registry().governance().name,
                replica.size()
            ));
            output.line(format!("  its newest word is {} seconds old", age.seconds));
            if age.clock_set_back {
                output.line("  WARNING: this computer's clock was set back");
            }
        }
        _ => output.line("  never fetched"),
    }
    if let Some(refused) = refused {
        output.line(format!("  the last update was refused: {}", refused.reason));
        if refused.reason == "newer_rules" {
            output
                .line("  the ledger has moved to rules that this version does not know: update it");
        }
    }
    Ok(())
}

fn show(wallet: &Wallet, output: Output) -> Result<(), Failure> {
    let replica = wallet.ledger().ok_or_else(no_ledger)?;
    let registry = replica.registry();
    let bodies: Vec<Value> = registry.records().map(body).collect();
    output.object(&json!({"bodies": bodies, "warnings": []}));
    let now = now();
    for record in registry.records() {
        let roles = roles(registry, record, now).join(", ");
        output.line(format!("{}  {}\n  {roles}", name(record), record.id));
    }
    Ok(())
}

fn no_ledger() -> Failure {
    Failure::new(
        "no_ledger",
        "this wallet knows no ledger",
        "Name one with --ledger URL or DIR, then run `cairn ledger sync`.",
    )
}

fn body(record: &Record) -> Value {
    json!({"id": record.id, "name": name(record), "record": record})
}

/// What a body may do, and what it may do no more.
fn roles(registry: &Registry, record: &Record, now: i64) -> Vec<String> {
    let mut roles = Vec::new();
    let mut add = |role: &str, stands: bool| {
        let gone = if stands { "" } else { " no more" };
        roles.push(format!("{role}{gone}"));
    };
    if let Some(last) = record.accreditations.last() {
        add("accredits", last.stands_at(now));
    }
    if let Some(issuer) = &record.issuer {
        let has_key = issuer.keys.iter().any(|key| key.revoked.is_none());
        let granted = |grant| registry.grant_stands(grant, now);
        add("issues", has_key && issuer.grants.iter().any(granted));
    }
    if let Some(last) = record.services.last() {
        add("asks", registry.service_stands(last, now));
    }
    if !record.publications.is_empty() {
        let stands = registry.published_type(&record.id).is_some();
        add("kind of card, published", stands);
    }
    roles
}

fn name(record: &Record) -> String {
    let names = record
        .accreditations
        .last()
        .map(|one| &one.names)
        .or_else(|| record.issuer.as_ref().map(|issuer| &issuer.names))
        .or_else(|| record.services.last().map(|service| &service.names));
    names
        .and_then(|names| names.get(LOCALE).or_else(|| names.values().next()))
        .cloned()
        .unwrap_or_else(|| wallet::type_title(&record.id, LOCALE))
}
