//! `check`: claims against the schema of their type. No data folder, no service, no record.

use credential::catalogue::{self, ENVELOPE_CLAIMS, TypeEntry};
use credential::schema::{Schema, Violation};
use program::output::{self, Failure};
use serde_json::{Map, Value, json};

use crate::args::Check;
use crate::offer::read_claims;

pub(crate) fn run(terms: &Check, as_json: bool) -> Result<(), Failure> {
    let entry = catalogue::by_name(&terms.type_name)
        .or_else(|| catalogue::by_type_id(&terms.type_name))
        .ok_or_else(|| {
            let advice = format!("the types are: {}", names());
            Failure::refused("unknown_type", "there is no such type", &advice)
        })?;
    let claims = read_claims(&terms.file)?;
    let broken = violations(entry, claims)?;
    if !broken.is_empty() {
        let advice = "correct the claims at these places and check again; nothing was kept";
        return Err(refusal(entry.name, &broken, advice));
    }
    if as_json {
        output::json(&json!({"valid": true, "type": entry.name, "id": entry.vct}));
    } else {
        output::line(format_args!("The claims fit the type {}.", entry.name));
    }
    Ok(())
}

/// The short names of all types.
pub(crate) fn names() -> String {
    let names: Vec<_> = catalogue::types().iter().map(|entry| entry.name).collect();
    names.join(", ")
}

/// What the claims break: places and rules, never a value.
fn violations(entry: &TypeEntry, claims: Map<String, Value>) -> anyhow::Result<Vec<Violation>> {
    // The closed schema refuses these too, but without the name, which would be a stranger's
    // word anywhere else.
    let envelope = ENVELOPE_CLAIMS
        .iter()
        .filter(|name| claims.contains_key(**name));
    let mut broken: Vec<Violation> = envelope
        .map(|name| Violation {
            place: format!("/{name}"),
            rule: "belongs to the credential".to_owned(),
        })
        .collect();
    if broken.is_empty() {
        let schema = Schema::parse(entry.schema.as_bytes())?;
        if let Err(found) = schema.check(&Value::Object(claims)) {
            broken = found;
        }
    }
    Ok(broken)
}

/// The claims do not fit their type: in which places, by which rules.
pub(crate) fn refusal(type_name: &str, broken: &[Violation], advice: &str) -> Failure {
    let told: Vec<String> = broken
        .iter()
        .map(|one| match one.place.as_str() {
            "" => format!("the whole: {}", one.rule),
            place => format!("{place}: {}", one.rule),
        })
        .collect();
    let message = format!(
        "the claims do not fit the type {type_name} ({})",
        told.join("; ")
    );
    let faults = broken
        .iter()
        .map(|one| json!({"path": one.place, "rule": one.rule}))
        .collect();
    Failure::refused("claims", message, advice).with_faults(Value::Array(faults))
}
