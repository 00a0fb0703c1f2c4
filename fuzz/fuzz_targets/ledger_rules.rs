//! Events, one a line, by those whose right they are or are not, applied one after another: a
//! refused one changes nothing, and what stands then can be proven, asked about and written down.
#![no_main]

mod world;

use keys::PublicKey;
use ledger::event::Event;
use ledger::{Freshness, Presented, Proposal, Question, View, decide, explain};
use serde_json::Value;
use world::{ISSUER, NOW, check, key, sign};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut registry = world::begun().0.clone();
    for (line, time) in bytes.split(|byte| *byte == b'\n').take(4).zip(NOW..) {
        let Ok(mut object) = keys::json::parse_object(line) else {
            return;
        };
        for (name, value) in [
            ("sequence", Value::from(1)),
            ("submit_before", (NOW + 60).into()),
        ] {
            object.entry(name).or_insert(value);
        }
        let Ok(event) = Event::from_value(Value::Object(object)) else {
            return;
        };
        if let Ok(proposal) = Proposal::new(&event) {
            let _ = (proposal.missing(&registry), proposal.fingerprint());
            let _ = proposal.try_signed_by_all(&registry, time);
        }
        let Some(checked) = sign(&registry, event).and_then(check) else {
            return;
        };
        let before = (registry.state(), registry.size());
        if registry.apply(registry.size(), time, &checked).is_err() {
            assert_eq!((registry.state(), registry.size()), before);
        }
    }
    let state = registry.state();
    for record in registry.records() {
        let (text, proof) = registry.prove(&record.id);
        let text = text.expect("what stands has a text");
        let proven = proof.verify_presence(&state, record.id.as_bytes(), &text);
        assert!(proven.is_ok());
    }
    let _ = (
        registry.changes_as_csv(None),
        registry.changes_as_json(None),
        registry.growth(2),
    );
    let view = View {
        registry: Some(&registry),
        attested: NOW,
        highest_attested: NOW,
        freshness: Freshness::default(),
    };
    let keys: Vec<PublicKey> = (5..=6).map(|number| key(number).public()).collect();
    for key in &keys {
        for issued_at in [Some(NOW), None] {
            let issuer = Question::Issuer {
                key: Presented::Key(key),
                type_id: "t",
                issued_at,
            };
            let _ = decide(&view, &issuer, NOW);
        }
    }
    for record in registry.records() {
        let _ = explain(&view, &record.id, "t", Some(NOW), NOW);
        let service = Question::Service {
            client_id: &record.id,
            key: keys.first().map(Presented::Key),
        };
        let _ = decide(&view, &service, NOW);
    }
    let _ = explain(&view, ISSUER, "t", None, NOW + 1);
});
