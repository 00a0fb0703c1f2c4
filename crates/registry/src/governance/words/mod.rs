//! What an event does, in words for those who are asked to sign it.
//!
//! Everything that the event says and that makes a difference is said here. Text that others wrote
//! is quoted, and cut of what could play tricks on a terminal.

mod called;

use ledger::event::{Action, Event, GOVERNANCE, RegisterService};
use ledger::{LeftOut, Proposal, Registry, Rejection};

use called::{control, entries, file, jwks, key, list, named, quoted, types, whom};

use crate::{dates, output};

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
    let sifted = registry.map(|registry| proposal.sift(registry));
    let (counted, left_out) = match &sifted {
        Some((counted, left_out)) => (counted, left_out.as_slice()),
        None => (proposal, &[][..]),
    };
    let signers: Vec<String> = counted.signers().map(key).collect();
    match signers.as_slice() {
        [] if left_out.is_empty() => lines.push("Nobody has signed it yet.".to_owned()),
        [] => lines.push("Nobody has signed it yet whose signature counts.".to_owned()),
        signers => lines.push(format!("Signed so far by the keys {}.", signers.join(", "))),
    }
    lines.extend(left_out.iter().map(uncounted));
    if let Some(registry) = registry {
        lines.push(outlook(counted, registry));
    }
    lines.push(format!(
        "Fingerprint, the same for all who sign: {}",
        proposal.fingerprint()
    ));
    lines.join("\n")
}

/// Says on standard error which signatures were left out, and why.
pub(super) fn say_left_out(left_out: &[LeftOut]) {
    for one in left_out {
        output::remark(uncounted(one));
    }
}

fn uncounted(one: &LeftOut) -> String {
    let key = key(&one.key);
    format!(
        "Left out: the signature under the key {key}. It does not count, for {}.",
        one.reason
    )
}

/// What the ledger would say, now and once all who may have signed. `proposal` has only signatures
/// that count.
fn outlook(proposal: &Proposal, registry: &Registry) -> String {
    let now = dates::now();
    match proposal.try_on(registry, now) {
        Ok(_) => "The ledger would take it as it is.".to_owned(),
        // Only signatures may be missing: what else there is to say is said before they are given.
        Err(Rejection::ThresholdNotMet | Rejection::PossessionNotProven) => {
            match proposal.try_signed_by_all(registry, now) {
                Ok(()) => format!(
                    "The ledger would take it once it is signed by {}.",
                    wanted(proposal.event(), registry)
                ),
                Err(rule) => format!("The ledger would not take it, whoever signs it: {rule}."),
            }
        }
        Err(rule) => format!("The ledger would not take it now: {rule}."),
    }
}

fn wanted(event: &Event, registry: &Registry) -> String {
    if event.signer != GOVERNANCE {
        return format!("a control key of {}", whom(&event.signer));
    }
    let threshold = registry.governance().threshold;
    let new = match &event.action {
        Action::RotateGovernance(_) => ", and by every key that is new",
        _ => "",
    };
    format!("{threshold} of the governance keys that stand{new}")
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
            dates::until(body.until),
            types(&body.types),
            control(&body.control_keys),
        ),
        Action::RegisterIssuer(body) => {
            let until = body
                .until
                .map_or_else(|| "the end of the accreditation".to_owned(), dates::until);
            let mut text = format!(
                "{by} registers the issuer {} ({}). Until {until} it may issue {}. It signs \
                 credentials with {}.",
                named(&body.names),
                quoted(&body.id),
                types(&body.types),
                entries(&body.keys),
            );
            if let Some(jurisdiction) = &body.jurisdiction {
                text.push_str(&format!(" It has its powers in {}.", quoted(jurisdiction)));
            }
            if !body.status_lists.is_empty() {
                text.push_str(&format!(
                    " Its status lists are read below {}.",
                    list(&body.status_lists)
                ));
            }
            if !body.control_keys.is_empty() {
                let keys = control(&body.control_keys);
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
            dates::until(body.accept_until),
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
            "{by} publishes what the type {} is: its schema has the digest {}, its metadata {}, its \
             JSON-LD context {}.",
            types(std::slice::from_ref(&body.id)),
            file(&body.schema),
            file(&body.metadata),
            body.context
                .as_ref()
                .map_or_else(|| "none, for there is none".to_owned(), file),
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
            "Governance hands over. From then on it has {} key{}, of which {} must sign: {}. Keys \
             that are not among these never count again. Every key that is new must sign this too.",
            body.keys.len(),
            if body.keys.len() == 1 { "" } else { "s" },
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
        .map_or_else(|| "the end of the accreditation".to_owned(), dates::until);
    let mut text = format!(
        "{by} registers the service {} ({}) until {until}. Its requests are signed with {}.",
        named(&body.names),
        quoted(&body.id),
        entries(&body.keys),
    );
    for purpose in &body.purposes {
        let onward = match purpose.onward.as_slice() {
            [] => "nobody".to_owned(),
            onward => list(onward),
        };
        text.push_str(&format!(
            "\n- For {} ({}) it asks for {}. Reason: {}. Legal basis: {}. Kept for {}, passed on to \
             {onward}. Contact: {}.",
            named(&purpose.name),
            quoted(&purpose.id),
            quoted(&purpose.dcql),
            named(&purpose.reason),
            quoted(&purpose.legal_basis),
            quoted(&purpose.retention),
            quoted(&purpose.contact),
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use keys::b64;
    use keys::x509::Certificate;
    use ledger::event::{ATTESTED, ControlKey, KeyEntry, Names, TypeFile};

    use super::*;

    fn event(action: Action) -> Event {
        Event {
            ledger: None,
            signer: "https://a.example".to_owned(),
            sequence: 1,
            submit_before: 0,
            action,
        }
    }

    fn names(text: &str) -> Names {
        Names::from([("en".to_owned(), text.to_owned())])
    }

    fn says(event: &Event, all: &[&str]) {
        let said = deed(event);
        for words in all {
            assert!(said.contains(words), "{words} in {said}");
        }
    }

    #[test]
    fn a_signer_learns_which_keys_and_certificates_these_are() {
        let made = rcgen::generate_simple_self_signed(["i.example".to_owned()]).unwrap();
        let der = made.cert.der();
        let read = Certificate::from_der(der).unwrap();
        let entry = |ca, san: Option<&str>| KeyEntry {
            jwk: None,
            x509: Some(b64::encode_standard(der)),
            ca,
            san: san.map(str::to_owned),
            source: Some("https://i.example/keys".to_owned()),
            possession: ATTESTED.to_owned(),
        };
        let key = keys::SigningKey::make_ed25519().public();
        let event = event(Action::RegisterIssuer(ledger::event::RegisterIssuer {
            id: "https://i.example".to_owned(),
            names: names("Issuer"),
            jurisdiction: Some("GB-SCT".to_owned()),
            control_keys: vec![ControlKey {
                jwk: key.to_jwk(),
                possession: "a proof".to_owned(),
            }],
            keys: vec![
                entry(false, None),
                entry(true, Some("i.example")),
                entry(true, None),
            ],
            types: vec!["a".to_owned()],
            until: None,
            status_lists: vec!["https://i.example/status/".to_owned()],
        }));
        let digest = hex::encode(read.sha256());
        let named = format!("{} with SHA-256 {digest}", quoted(&read.subject()));
        says(
            &event,
            &[
                &format!("the certificate {named} (read at “https://i.example/keys”) (NOT proven"),
                &format!("certificates for “i.example” below {named}"),
                &format!("ANY certificate below {named}"),
                "“GB-SCT”",
                "“https://i.example/status/”",
                &format!("revoke keys with key {}.", key.thumbprint()),
            ],
        );
    }

    #[test]
    fn a_signer_learns_all_of_a_purpose_and_of_a_type() {
        let purpose = ledger::event::Purpose {
            id: "p".to_owned(),
            name: names("Checking"),
            reason: names("To see"),
            retention: "P1D".to_owned(),
            onward: Vec::new(),
            legal_basis: "An Act".to_owned(),
            contact: "mailto:s@s.example".to_owned(),
            dcql: "{}".to_owned(),
        };
        let service = event(Action::RegisterService(RegisterService {
            id: "s".to_owned(),
            names: names("Service"),
            keys: Vec::new(),
            purposes: vec![purpose],
            until: None,
        }));
        says(
            &service,
            &["Reason: “To see”", "Contact: “mailto:s@s.example”"],
        );
        let file = |bytes: &[u8], uri: &str| TypeFile::of(bytes, Some(uri.to_owned()));
        let published = event(Action::PublishType(ledger::event::PublishType {
            id: "urn:t".to_owned(),
            schema: file(b"1", "https://t.example/1"),
            metadata: file(b"2", "https://t.example/2"),
            context: Some(file(b"3", "https://t.example/3")),
        }));
        let context = TypeFile::of(b"3", None).integrity;
        says(
            &published,
            &[
                "(at “https://t.example/1”)",
                "(at “https://t.example/2”)",
                &format!("“{context}” (at “https://t.example/3”)"),
            ],
        );
        let over = event(Action::RotateGovernance(ledger::event::RotateGovernance {
            keys: Vec::new(),
            threshold: 1,
        }));
        says(&over, &["Every key that is new must sign this too"]);
    }
}
