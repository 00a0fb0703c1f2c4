//! A small ledger whose keys anybody may have, so that what the fuzzer makes of an event is signed
//! as its signer would sign it.

use std::collections::HashMap;
use std::sync::OnceLock;

use keys::{PublicKey, SigningKey};
use ledger::event::{Event, GOVERNANCE};
use ledger::{CheckedEvent, Registry, SignedEvent};
use serde_json::{Value, json};

pub const NOW: i64 = 1_800_000_000;
pub const ACCREDITOR: &str = "https://a.example";
pub const ISSUER: &str = "https://i.example";

/// Everybody's keys: governance's, the accreditor's, the issuer's and some that are nobody's yet.
pub fn key(number: u8) -> SigningKey {
    SigningKey::ed25519_from_seed(&[number; 32])
}

fn known() -> &'static HashMap<String, PublicKey> {
    static KNOWN: OnceLock<HashMap<String, PublicKey>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let keys = (1..=6).map(|number| key(number).public());
        keys.map(|key| (key.thumbprint(), key)).collect()
    })
}

/// The event as its signer signs it next. Who hands over governance has the new keys sign too.
pub fn sign(registry: &Registry, mut event: Event) -> Option<SignedEvent> {
    let genesis = matches!(event.action, ledger::event::Action::Genesis(_));
    event.ledger = (!genesis).then(|| registry.ledger().to_owned());
    event.sequence = registry.next_sequence(&event.signer);
    let mut signers = vec![match &*event.signer {
        GOVERNANCE => key(1),
        ACCREDITOR => key(2),
        _ => key(3),
    }];
    if let ledger::event::Action::RotateGovernance(body) = &event.action {
        let listed = |key: &SigningKey| body.keys.contains(&key.public().to_jwk());
        signers.extend((2..=6).map(key).filter(listed));
    }
    SignedEvent::sign(&event, &signers.iter().collect::<Vec<_>>()).ok()
}

/// The event with its signatures checked.
pub fn check(event: SignedEvent) -> Option<CheckedEvent> {
    event.check(known()).ok()
}

fn happen((registry, events): &mut Begun, signer: &str, action: &str, body: Value) {
    let event = json!({
        "action": action,
        "body": body,
        "ledger": "",
        "sequence": 1,
        "signer": signer,
        "submit_before": NOW + 60,
    });
    let event = Event::from_value(event).expect("an event");
    let checked = check(sign(registry, event).expect("signed")).expect("checked");
    registry
        .apply(registry.size(), NOW, &checked)
        .expect("applied");
    events.push(checked.signed().clone());
}

/// What stands, and the events that made it.
type Begun = (Registry, Vec<SignedEvent>);

/// A governance, an accreditor for every type and an issuer of type `t`.
pub fn begun() -> &'static Begun {
    static BEGUN: OnceLock<Begun> = OnceLock::new();
    BEGUN.get_or_init(|| {
        let mut begun = Begun::default();
        let jwk = |number| key(number).public().to_jwk();
        let control = |number| json!([{"jwk": jwk(number), "possession": "attested-by-registrar"}]);
        let genesis = json!({
            "name": "Test",
            "rules": 1,
            "keys": [jwk(1)],
            "threshold": 1,
            "validators": [{"name": "One", "key": jwk(4), "power": 10}],
            "nonce": "AAAAAAAAAAAAAAAAAAAAAA",
        });
        happen(&mut begun, GOVERNANCE, "genesis", genesis);
        let rules = json!({"rules": ledger::RULES});
        happen(&mut begun, GOVERNANCE, "adopt-rules", rules);
        let accreditor = json!({
            "id": ACCREDITOR,
            "names": {"en": "A"},
            "control_keys": control(2),
            "types": ["*"],
            "until": NOW + 1_000_000_000,
        });
        happen(&mut begun, GOVERNANCE, "accredit", accreditor);
        let issuer = json!({
            "id": ISSUER,
            "names": {"en": "I"},
            "control_keys": control(3),
            "keys": control(5),
            "types": ["t"],
        });
        happen(&mut begun, ACCREDITOR, "register-issuer", issuer);
        begun
    })
}
