//! What to say where no card fits.

use serde_json::{Value, json};
use wallet::share::{MissingCard, MissingReview};

use crate::explain;
use crate::output::Failure;

pub(crate) fn failure(review: &MissingReview) -> Failure {
    if let Some((title, state)) = review.stopped.first() {
        return explain::stopped(title, *state);
    }
    let missing = &review.missing;
    let (message, next) = match missing.iter().find(|card| !card.in_other_format.is_empty()) {
        Some(card) => in_other_format(card),
        None => not_here(missing),
    };
    let advice = format!("Nothing was shared, and the service was not told. {next}");
    Failure::new("no_matching_card", message, advice)
        .refused()
        .about("missing", missing.iter().map(card_json).collect())
}

fn not_here(missing: &[MissingCard]) -> (String, String) {
    let wanted: Vec<String> = missing.iter().map(wanted).collect();
    let next = if missing.iter().any(|card| card.have_other) {
        "You have a card of this kind, but not as the service takes it: it lacks a detail, has \
         another value, or comes from an issuer that they do not accept. Ask its issuer."
    } else {
        "Ask for the card that is missing."
    };
    (
        format!("no card here answers the request: {}", wanted.join("; ")),
        next.to_owned(),
    )
}

fn in_other_format(card: &MissingCard) -> (String, String) {
    let mut here: Vec<String> = Vec::new();
    let mut issuers: Vec<&str> = Vec::new();
    for row in &card.in_other_format {
        let one = format!("{} from {}", format_words(&row.format), row.issuer.name);
        if !here.contains(&one) {
            here.push(one);
        }
        if !issuers.contains(&row.issuer.name.as_str()) {
            issuers.push(&row.issuer.name);
        }
    }
    let wanted_format = format_words(&card.format);
    (
        format!(
            "no card here answers the request: the service takes {} only as {wanted_format}, and \
             the card here is {}",
            wanted(card),
            here.join(" and "),
        ),
        format!(
            "Ask {} for the card as {wanted_format}, or ask the service to take the one that you \
             have.",
            issuers.join(" or "),
        ),
    )
}

fn wanted(card: &MissingCard) -> String {
    if card.details.is_empty() {
        card.title.clone()
    } else {
        format!("{} with {}", card.title, card.details.join(", "))
    }
}

/// A format in words. The name that the service writes for one that is not known stays away: it
/// is the service's text.
fn format_words(format: &str) -> &'static str {
    match format {
        "dc+sd-jwt" => "an SD-JWT card (dc+sd-jwt)",
        "vc+sd-jwt" => "an SD-JWT card by an earlier draft (vc+sd-jwt)",
        "mso_mdoc" => "a mobile document (mso_mdoc)",
        "ldp_vc" => "a W3C credential with Data Integrity (ldp_vc)",
        "jwt_vc_json" => "a W3C credential as a JWT (jwt_vc_json)",
        _ => "a format that this program does not know",
    }
}

fn card_json(card: &MissingCard) -> Value {
    let here: Vec<Value> = card
        .in_other_format
        .iter()
        .map(|row| {
            let issuer = json!({"id": row.issuer.id, "name": row.issuer.name});
            json!({"card": row.id.to_string(), "format": row.format, "issuer": issuer})
        })
        .collect();
    json!({
        "type": card.type_id,
        "title": card.title,
        "format": card.format,
        "details": card.details,
        "have_other": card.have_other,
        "in_other_format": here,
    })
}
