//! `offer` and `list`.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use keys::{UnixTime, json};
use program::output::{self, Failure};
use program::qr;
use protocol::issuer::{ClaimsError, Grant, MadeOffer, OfferFailure, OfferTerms, TxCodeTerms};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::admin::Desk;
use crate::args::OfferArguments;
use crate::check;
use crate::files::Data;
use crate::open::Service;

const MAX_CLAIMS: u64 = 200 * 1024;
/// What is said of a link that no QR code holds.
pub(crate) const TOO_LONG: &str = "the link is too long for a QR code: use --by-reference";

pub(crate) async fn offer(
    data: &Data,
    arguments: OfferArguments,
    as_json: bool,
) -> Result<(), Failure> {
    let claims = match &arguments.claims {
        Some(path) => read_claims(path)?,
        None => example(&arguments.type_name)?,
    };
    let tx_code = match (&arguments.tx_code, arguments.no_tx_code) {
        (Some(code), _) => TxCodeTerms::Given(code.clone()),
        (None, true) => TxCodeTerms::Absent,
        (None, false) => TxCodeTerms::Random,
    };
    let terms = OfferTerms {
        type_name: arguments.type_name.clone(),
        form: arguments.format.map(Into::into),
        claims,
        tx_code,
        by_reference: arguments.by_reference,
        copies: arguments.copies,
        offer_lifetime: UnixTime::from(arguments.minutes) * 60,
        valid_for: arguments
            .valid_days
            .map(|days| UnixTime::from(days) * 86_400),
    };
    let made = Desk::open(data)?.offer(terms).await?;
    if let Some(path) = &arguments.svg {
        let text = |name| made.get(name).and_then(Value::as_str).unwrap_or_default();
        std::fs::write(path, qr::document(text("link")).context(TOO_LONG)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    show(&made, as_json)
}

pub(crate) async fn list(data: &Data, as_json: bool) -> Result<(), Failure> {
    let listed = Desk::open(data)?.list().await?;
    if as_json {
        output::json(&listed);
        return Ok(());
    }
    let offers = listed.get("offers").and_then(Value::as_array);
    let offers = offers.map(Vec::as_slice).unwrap_or_default();
    if offers.is_empty() {
        output::line("No offers yet.");
    }
    for offer in offers {
        let text = |name| offer.get(name).and_then(Value::as_str).unwrap_or_default();
        output::line(format_args!(
            "{}  {:<9}  {:<9}  {:<24}  made {}  over {}",
            text("id"),
            text("stage"),
            text("status"),
            text("type"),
            text("created"),
            text("expires")
        ));
    }
    Ok(())
}

fn show(made: &Value, as_json: bool) -> Result<(), Failure> {
    if as_json {
        output::json(made);
        return Ok(());
    }
    let text = |name| made.get(name).and_then(Value::as_str);
    let link = text("link").unwrap_or_default();
    output::line(qr::terminal(link).context(TOO_LONG)?);
    output::line(format_args!("Link: {link}"));
    match text("tx_code") {
        Some(code) => output::line(format_args!(
            "Code to type in: {code} (hand it over on another way than the link)"
        )),
        None => output::line("No code is asked for: whoever has the link has the card."),
    }
    output::line(format_args!(
        "Over at {}",
        text("expires").unwrap_or_default()
    ));
    Ok(())
}

/// What commands and the desk say about a new offer.
pub(crate) fn made_view(made: &MadeOffer, type_name: &str) -> Value {
    json!({
        "id": made.id,
        "type": type_name,
        "link": made.link.as_str(),
        "tx_code": made.tx_code.as_ref().map(|code| code.as_str()),
        "expires": moment(made.expires),
    })
}

/// What commands and the desk say about all offers. No claims.
pub(crate) fn list_view(grants: &[Grant]) -> Value {
    let offers: Vec<Value> = grants
        .iter()
        .map(|grant| {
            json!({
                "id": grant.id,
                "type": grant.promised.configuration_id,
                "stage": grant.stage,
                "created": moment(grant.created),
                "expires": moment(grant.expires),
                "copies": grant.copies,
                "status": grant.status,
            })
        })
        .collect();
    json!({"offers": offers})
}

/// Makes an offer; a refusal says which claim and which rule, never a value.
pub(crate) fn make(service: &Service, terms: OfferTerms, now: UnixTime) -> Result<Value, Failure> {
    let type_name = terms.type_name.clone();
    let known = service.type_named(&type_name);
    let short = known.map_or(type_name, |known| known.id.clone());
    match service.make_offer(terms, now) {
        Ok(made) => Ok(made_view(&made, &short)),
        Err(OfferFailure::UnknownType) => {
            let names: Vec<_> = service
                .types()
                .iter()
                .map(|known| known.id.as_str())
                .collect();
            let advice = format!("this issuer has: {}", names.join(", "));
            let message = OfferFailure::UnknownType;
            Err(Failure::refused("unknown_type", message, &advice))
        }
        Err(failure @ (OfferFailure::Form | OfferFailure::Nested)) => {
            let forms = known.map(|known| service.forms(known)).unwrap_or_default();
            let names: Vec<_> = forms.iter().map(|form| form.name()).collect();
            let advice = format!("this issuer gives {short} as: {}", names.join(", "));
            Err(Failure::refused("format", failure, &advice))
        }
        Err(OfferFailure::Claims(ClaimsError::Schema(violations))) => {
            let advice = "correct the claims and offer again; nothing was kept";
            Err(check::refusal(&short, &violations, advice))
        }
        Err(error @ (OfferFailure::Claims(_) | OfferFailure::Copies | OfferFailure::TxCode)) => {
            let advice = "correct it and offer again; nothing was kept";
            Err(Failure::refused("claims", error, advice))
        }
        Err(error) => Err(anyhow::Error::from(error).into()),
    }
}

pub(crate) fn example(type_name: &str) -> Result<Map<String, Value>, Failure> {
    let entry = credential::catalogue::by_name(type_name)
        .or_else(|| credential::catalogue::by_vct(type_name));
    let Some(entry) = entry else {
        let message = OfferFailure::UnknownType;
        let advice = format!("the types are: {}", crate::check::names());
        return Err(Failure::refused("unknown_type", message, &advice));
    };
    let claims = json::parse_object(entry.example.as_bytes()).context("the example is damaged")?;
    Ok(claims)
}

pub(crate) fn read_claims(path: &Path) -> Result<Map<String, Value>, Failure> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin()
            .take(MAX_CLAIMS + 1)
            .read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_CLAIMS + 1).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("cannot read {}", path.display()))?;
    json::parse_bounded(&bytes, MAX_CLAIMS as usize)
        .ok()
        .and_then(|value| match value {
            Value::Object(object) => Some(object),
            _ => None,
        })
        .ok_or_else(|| {
            Failure::refused(
                "claims",
                "the claims are not a JSON object",
                "the file must hold one JSON object of at most 200 kB; nothing was kept",
            )
        })
}

fn moment(time: UnixTime) -> String {
    OffsetDateTime::from_unix_timestamp(time)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
