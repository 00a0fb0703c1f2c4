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
    let (message, next) = words(missing);
    let advice = format!("Nothing was shared, and the service was not told. {next}");
    Failure::new("no_matching_card", message, advice)
        .refused()
        .about("missing", missing.iter().map(card_json).collect())
}

fn words(missing: &[MissingCard]) -> (String, String) {
    let only_formats = missing.iter().all(|card| !card.in_other_format.is_empty());
    if only_formats && !missing.is_empty() {
        in_other_formats(missing)
    } else {
        not_here(missing)
    }
}

fn not_here(missing: &[MissingCard]) -> (String, String) {
    let wanted: Vec<String> = missing
        .iter()
        .map(|card| match card.in_other_format.is_empty() {
            true => wanted(card),
            false => format!("{} ({})", wanted(card), other_format(card)),
        })
        .collect();
    let unfit = missing
        .iter()
        .any(|card| card.have_other && card.in_other_format.is_empty());
    let next = if unfit {
        "You have a card of this kind, but not as the service takes it: it lacks a detail, has \
         another value, or comes from an issuer that they do not accept. Ask its issuer."
    } else if missing.len() == 1 {
        "Ask for the card that is missing."
    } else {
        "Ask for the cards that are missing."
    };
    (
        format!("no card here answers the request: {}", wanted.join("; ")),
        next.to_owned(),
    )
}

/// Every card that is asked for is here, but in other formats.
fn in_other_formats(missing: &[MissingCard]) -> (String, String) {
    let wanted: Vec<String> = missing
        .iter()
        .map(|card| format!("{}: {}", wanted(card), other_format(card)))
        .collect();
    let mut issuers: Vec<&str> = Vec::new();
    for row in missing.iter().flat_map(|card| &card.in_other_format) {
        if !issuers.contains(&row.issuer.name.as_str()) {
            issuers.push(&row.issuer.name);
        }
    }
    let (it, one) = match missing {
        [_] => ("the card", "the one"),
        _ => ("the cards", "the ones"),
    };
    (
        format!("no card here answers the request: {}", wanted.join("; ")),
        format!(
            "Ask {} for {it} in the format that the service takes, or ask the service to take {one} that \
             you have.",
            issuers.join(" or "),
        ),
    )
}

/// In which format a card is asked for, and in which ones it is here.
fn other_format(card: &MissingCard) -> String {
    let mut here: Vec<String> = Vec::new();
    for row in &card.in_other_format {
        let one = format!("{} from {}", format_words(&row.format), row.issuer.name);
        if !here.contains(&one) {
            here.push(one);
        }
    }
    format!(
        "the service takes it only as {}, and the card here is {}",
        format_words(&card.format),
        here.join(" and "),
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

#[cfg(test)]
mod tests {
    use wallet::ledger::{Standing, Verdict};
    use wallet::{CardRow, CardState, HowKnown, Id, Party};

    use super::*;

    fn card(title: &str, here: &[&str]) -> MissingCard {
        let row = |issuer: &&str| CardRow {
            id: Id::make(),
            title: title.to_owned(),
            format: "dc+sd-jwt".to_owned(),
            type_id: "urn:example:1".to_owned(),
            issuer: Party {
                id: "https://issuer.example".to_owned(),
                name: (*issuer).to_owned(),
            },
            verdict: Verdict {
                standing: Standing::Unknown,
                body: None,
                purposes: Vec::new(),
                age: None,
            },
            how: HowKnown::Did,
            state: CardState::Valid,
            status: None,
            checking: false,
            valid_from: None,
            valid_until: None,
            added_at: 0,
            copies: 1,
            unshown: 1,
            colour: None,
            face: None,
        };
        MissingCard {
            title: title.to_owned(),
            type_id: "urn:example:1".to_owned(),
            format: "mso_mdoc".to_owned(),
            details: Vec::new(),
            have_other: !here.is_empty(),
            in_other_format: here.iter().map(row).collect(),
        }
    }

    #[test]
    fn every_card_that_is_missing_is_named() {
        let (message, next) = words(&[card("Licence", &["DVLA"]), card("Badge", &[])]);
        assert!(message.contains("Licence (the service takes it only as a mobile document"));
        assert!(message.ends_with("; Badge"), "{message}");
        assert_eq!(next, "Ask for the cards that are missing.");

        let (message, next) = words(&[card("Licence", &["DVLA"]), card("Badge", &["NHS"])]);
        assert!(message.contains("Licence: ") && message.contains("; Badge: "));
        assert!(
            next.starts_with("Ask DVLA or NHS for the cards in the format"),
            "{next}"
        );
    }
}
