//! What an event does, in words for those who are asked to sign it.
//!
//! Everything that the event says and that makes a difference is said here. Text that others wrote
//! is quoted, and cut of what could play tricks on a terminal.

use credential::catalogue;
use keys::PublicKey;
use ledger::event::{Action, Event, GOVERNANCE, KeyEntry, Names, RegisterService};
use ledger::{Proposal, Registry};
use serde_json::Value;

use crate::dates;

/// All that a signer should know before signing.
pub(super) fn whole(proposal: &Proposal, registry: Option<&Registry>) -> String {
    let event = proposal.event();
    let mut lines = vec![deed(event)];
    let ledger = event.ledger.as_deref().unwrap_or("a new one");
    match registry {
        Some(registry) => {
            let name = quoted(&registry.governance().name);
            lines.push(format!("Ledger: {name} ({ledger})."));
            if Some(registry.ledger()) != event.ledger.as_deref() {
                lines.push("This is NOT the ledger that the event was made for.".to_owned());
            }
        }
        None => lines.push(format!(
            "Ledger: {ledger}. Compare this with what you know."
        )),
    }
    lines.push(format!(
        "It is event {} of {}, and must be submitted before {}.",
        event.sequence,
        whom(&event.signer),
        dates::show(event.submit_before),
    ));
    let signers: Vec<&str> = proposal.signers().collect();
    match signers.as_slice() {
        [] => lines.push("Nobody has signed it yet.".to_owned()),
        signers => lines.push(format!("Signed so far by the keys {}.", signers.join(", "))),
    }
    if let Some(registry) = registry {
        lines.push(outlook(proposal, registry));
    }
    lines.push(format!(
        "Fingerprint, the same for all who sign: {}",
        proposal.fingerprint()
    ));
    lines.join("\n")
}

fn outlook(proposal: &Proposal, registry: &Registry) -> String {
    if let Err(error) = proposal.missing(registry) {
        return format!("A signature is not one that counts: {error}.");
    }
    match proposal.try_on(registry, dates::now()) {
        Ok(_) => "The ledger would take it as it is.".to_owned(),
        Err(ledger::Rejection::ThresholdNotMet) if proposal.event().signer == GOVERNANCE => {
            let wanted = registry.governance().threshold;
            format!("The ledger would take it with the signatures of {wanted} governance keys.")
        }
        Err(rule) => format!("The ledger would not take it now: {rule}."),
    }
}

/// What the event does.
pub(super) fn deed(event: &Event) -> String {
    let by = whom(&event.signer);
    match &event.action {
        Action::Genesis(body) => format!(
            "A ledger called {} begins, with {} governance keys of which {} must sign.",
            quoted(&body.name),
            body.keys.len(),
            body.threshold
        ),
        Action::Accredit(body) => format!(
            "{by} accredits {} ({}). Until {} it may register services, and issuers of {}. It signs \
             with {}.",
            named(&body.names),
            quoted(&body.id),
            dates::show(body.until),
            types(&body.types),
            jwks(body.control_keys.iter().map(|key| &key.jwk)),
        ),
        Action::RegisterIssuer(body) => {
            let until = body
                .until
                .map_or_else(|| "the end of the accreditation".to_owned(), dates::show);
            let mut text = format!(
                "{by} registers the issuer {} ({}). Until {until} it may issue {}. It signs \
                 credentials with {}.",
                named(&body.names),
                quoted(&body.id),
                types(&body.types),
                entries(&body.keys),
            );
            if !body.control_keys.is_empty() {
                let keys = jwks(body.control_keys.iter().map(|key| &key.jwk));
                text.push_str(&format!(
                    " It may itself rotate and revoke keys with {keys}."
                ));
            }
            text
        }
        Action::RotateKey(body) => format!(
            "{by} puts a new key of {} in the place of {}: {}. What the old key signed is accepted \
             until {}.",
            quoted(&body.id),
            quoted(&body.old),
            entries(std::slice::from_ref(&body.new)),
            dates::show(body.accept_until),
        ),
        Action::RevokeKey(body) => {
            let since = body
                .invalid_from
                .map(|time| format!(" Others may have had it since {}.", dates::show(time)));
            format!(
                "{by} revokes the key {} of {}, for good: nothing that it ever signed counts any \
                 longer. Reason: {}.{}",
                quoted(&body.key),
                quoted(&body.id),
                quoted(&body.reason),
                since.unwrap_or_default(),
            )
        }
        Action::RegisterService(body) => service(&by, body),
        Action::PublishType(body) => format!(
            "{by} publishes what the type {} is: its schema has the digest {}, its metadata {}.",
            types(std::slice::from_ref(&body.id)),
            quoted(&body.schema.integrity),
            quoted(&body.metadata.integrity),
        ),
        Action::Withdraw(body) => format!(
            "{by} withdraws {} of {}, at once. Reason: {}.",
            match &body.types {
                Some(list) => format!("the grants of {}", types(list)),
                None => "everything that it gave".to_owned(),
            },
            quoted(&body.id),
            body.reason
                .as_deref()
                .map_or_else(|| "none given".to_owned(), quoted),
        ),
        Action::RotateGovernance(body) => format!(
            "Governance hands over. From then on it has {} keys, of which {} must sign: {}. Keys \
             that are not among these never count again.",
            body.keys.len(),
            body.threshold,
            jwks(body.keys.iter()),
        ),
        Action::SetValidator(body) if body.power == 0 => format!(
            "The validator {} ({}) signs no more blocks.",
            quoted(&body.name),
            jwks([&body.key].into_iter()),
        ),
        Action::SetValidator(body) => format!(
            "The validator {} ({}) signs blocks; its signature weighs {}.",
            quoted(&body.name),
            jwks([&body.key].into_iter()),
            body.power,
        ),
        Action::AdoptRules(body) => format!(
            "The ledger moves to version {} of the rules, for good. Programs that do not know this \
             version stop following it until they are updated.",
            body.rules
        ),
    }
}

fn service(by: &str, body: &RegisterService) -> String {
    let until = body
        .until
        .map_or_else(|| "the end of the accreditation".to_owned(), dates::show);
    let mut text = format!(
        "{by} registers the service {} ({}) until {until}. Its requests are signed with {}.",
        named(&body.names),
        quoted(&body.id),
        entries(&body.keys),
    );
    for purpose in &body.purposes {
        let onward = match purpose.onward.as_slice() {
            [] => "nobody".to_owned(),
            onward => onward
                .iter()
                .map(|to| quoted(to))
                .collect::<Vec<_>>()
                .join(", "),
        };
        text.push_str(&format!(
            "\n- For {} ({}) it asks for {}. Legal basis: {}. Kept for {}, passed on to {onward}.",
            named(&purpose.name),
            quoted(&purpose.id),
            quoted(&purpose.dcql),
            quoted(&purpose.legal_basis),
            quoted(&purpose.retention),
        ));
    }
    text
}

fn whom(signer: &str) -> String {
    if signer == GOVERNANCE {
        "Governance".to_owned()
    } else {
        quoted(signer)
    }
}

fn named(names: &Names) -> String {
    let all = names.iter().map(|(tag, name)| match tag.as_str() {
        "en" => quoted(name),
        tag => format!("{} ({tag})", quoted(name)),
    });
    all.collect::<Vec<_>>().join(", ")
}

fn types(types: &[String]) -> String {
    let all = types.iter().map(|id| match catalogue::by_vct(id) {
        _ if id == ledger::event::ANY_TYPE => "ANY type".to_owned(),
        Some(entry) => format!("{} ({})", entry.title, quoted(id)),
        None => quoted(id),
    });
    all.collect::<Vec<_>>().join(", ")
}

fn jwks<'k>(keys: impl Iterator<Item = &'k Value>) -> String {
    let all: Vec<String> = keys
        .map(|jwk| match PublicKey::from_jwk(jwk) {
            Ok(key) => format!("key {}", key.thumbprint()),
            Err(_) => "a key that cannot be read".to_owned(),
        })
        .collect();
    all.join(", ")
}

fn entries(keys: &[KeyEntry]) -> String {
    let all: Vec<String> = keys
        .iter()
        .map(|entry| match (&entry.jwk, entry.ca) {
            (Some(jwk), _) => jwks(std::iter::once(jwk)),
            (None, false) => "a certificate".to_owned(),
            (None, true) => match &entry.san {
                Some(san) => format!("certificates for {} below an authority", quoted(san)),
                None => "ANY certificate below an authority".to_owned(),
            },
        })
        .collect();
    if all.is_empty() {
        "no key".to_owned()
    } else {
        all.join(", ")
    }
}

fn quoted(text: &str) -> String {
    // Direction marks could make one id look like another.
    let shown: String = text
        .chars()
        .map(|letter| match letter {
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => {
                '\u{fffd}'
            }
            letter if letter.is_control() => '\u{fffd}',
            letter => letter,
        })
        .collect();
    format!("\u{201c}{shown}\u{201d}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_plays_no_tricks() {
        assert_eq!(quoted("a\u{1b}[2Jb\u{202e}c"), "“a\u{fffd}[2Jb\u{fffd}c”");
    }
}
