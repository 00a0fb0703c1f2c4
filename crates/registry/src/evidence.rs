//! `verify FILE`: what stood about an issuer, by a file and a pin alone.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use ledger::{Evidence, MAX_EVIDENCE, MAX_PIN, Pin};
use serde_json::{Value, json};

use crate::called::{self, visible};
use crate::dates;
use crate::failure::Failure;
use crate::output;
use crate::show::english;

pub(crate) fn verify(file: &Path, pin: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let pin = pin.ok_or_else(|| {
        Failure::failed(
            "pin",
            "evidence is checked against the pin of its ledger: give --pin FILE",
        )
    })?;
    let pin = Pin::parse(&read(pin, MAX_PIN)?)
        .map_err(|error| Failure::refused("wrong_pin", error.to_string()))?;
    let refused = |error: ledger::EvidenceError| Failure::refused(error.name(), error.to_string());
    let evidence = Evidence::parse(&read(file, MAX_EVIDENCE)?).map_err(refused)?;
    let proven = evidence.check(&pin).map_err(refused)?;
    let verdict = evidence
        .subject()
        .map(|about| (about, proven.decide(&about.question())));
    let records: Vec<&str> = proven.records().map(|record| record.id.as_str()).collect();
    let mut text = format!(
        "The evidence is sound: this stood on the ledger {} at {}.",
        pin.name(),
        dates::show(proven.attested())
    );
    let mut object = json!({
        "valid": true,
        "ledger": pin.ledger(),
        "attested": proven.attested(),
        "records": records,
    });
    if let (Some((about, verdict)), Some(object)) = (&verdict, object.as_object_mut()) {
        let name = verdict.body.as_ref().map(|body| english(&body.names));
        let who = name.unwrap_or("The key that it was made for");
        text.push_str(&format!(
            "\n{} was then {} for {}.",
            visible(who),
            verdict.standing.name().replace('_', " "),
            called::type_id(&about.type_id)
        ));
        object.insert("verdict".to_owned(), verdict.standing.name().into());
        object.insert("type".to_owned(), about.type_id.as_str().into());
        let body = verdict.body.as_ref().map(|body| body.id.as_str());
        object.insert("issuer".to_owned(), body.map_or(Value::Null, Value::from));
    }
    output::result(as_json, &object, text);
    Ok(())
}

fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| Failure::failed("file", error.to_string());
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(failed)?
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() > limit {
        return Err(Failure::refused("too_long", "the file is too long"));
    }
    Ok(bytes)
}
