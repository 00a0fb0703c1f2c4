//! Governance says who signs blocks; a ledger without a network knows no validators.

use keys::SigningKey;
use ledger::event::{Action, Event, GOVERNANCE, Genesis, Validator};
use ledger::{Log, OperatorKeys, Registry, Rejection, SignedEvent, canonical};

use crate::world::{NOW, World};

fn validator(key: &SigningKey, power: u64) -> Validator {
    Validator {
        name: "A body".to_owned(),
        key: key.public().to_jwk(),
        power,
    }
}

fn genesis(governance: &SigningKey, validators: Vec<Validator>) -> SignedEvent {
    let mut event = World::genesis_event(&[governance], 1);
    if let Action::Genesis(body) = &mut event.action {
        *body = Genesis {
            validators,
            ..body.clone()
        };
    }
    SignedEvent::sign(&event, &[governance]).unwrap()
}

fn begin(signed: &SignedEvent) -> Result<ledger::comet::Chain, &'static str> {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut chain = ledger::comet::Chain::open(folder).unwrap();
    let bytes = canonical::value_to_bytes(signed.to_value()).unwrap();
    let begun = chain.begin("test", &bytes, NOW);
    begun.map(|_| chain).map_err(|error| error.name())
}

/// A block with this change, by governance.
fn set(
    chain: &mut ledger::comet::Chain,
    governance: &SigningKey,
    signer: &str,
    change: Validator,
) -> Result<Vec<([u8; 32], u64)>, &'static str> {
    let registry: &Registry = chain.registry();
    let event = Event {
        ledger: Some(registry.ledger().to_owned()),
        signer: signer.to_owned(),
        sequence: registry.next_sequence(signer),
        submit_before: NOW + 3600,
        action: Action::SetValidator(change),
    };
    let signed = SignedEvent::sign(&event, &[governance]).unwrap();
    let bytes = canonical::value_to_bytes(signed.to_value()).unwrap();
    let block = ledger::comet::Block {
        height: chain.height() + 1,
        hash: &[7; 32],
        time: NOW,
    };
    let mut done = chain.execute(&block, [bytes.as_slice()]).unwrap();
    chain.commit().unwrap();
    match done.results.remove(0) {
        Ok(_) => Ok(done.validators),
        Err(error) => {
            assert_eq!(done.validators, []);
            Err(error.name())
        }
    }
}

fn raw(key: &SigningKey) -> [u8; 32] {
    match key.public() {
        keys::PublicKey::Ed25519(key) => key.to_bytes(),
        _ => panic!("not a validator's key"),
    }
}

#[test]
fn governance_adds_weighs_and_removes() {
    let governance = SigningKey::make_ed25519();
    let keys = [(); 3].map(|()| SigningKey::make_ed25519());
    let first = vec![validator(&keys[0], 10), validator(&keys[1], 10)];
    let mut chain = begin(&genesis(&governance, first)).unwrap();
    assert_eq!(chain.validators().len(), 2);
    let mut set = |change| set(&mut chain, &governance, GOVERNANCE, change);
    let added = set(validator(&keys[2], 5));
    assert_eq!(added, Ok(vec![(raw(&keys[2]), 5)]));
    assert_eq!(set(validator(&keys[2], 5)), Err("nothing_changes"));
    let weighed = set(validator(&keys[2], 7));
    assert_eq!(weighed, Ok(vec![(raw(&keys[2]), 7)]));
    let removed = set(validator(&keys[0], 0));
    assert_eq!(removed, Ok(vec![(raw(&keys[0]), 0)]));
    assert_eq!(set(validator(&keys[0], 0)), Err("unknown_key"));
    assert_eq!(set(validator(&keys[1], 1001)), Err("malformed_event"));
    assert_eq!(
        set(validator(&SigningKey::make_p256(), 1)),
        Err("malformed_event")
    );
    assert_eq!(set(validator(&governance, 1)), Err("key_taken"));
    set(validator(&keys[1], 0)).unwrap();
    assert_eq!(
        set(validator(&keys[2], 0)),
        Err("malformed_event"),
        "the last one stays"
    );
    // It may come back: signing blocks is no power over the ledger's content.
    set(validator(&keys[0], 10)).unwrap();
}

#[test]
fn nobody_else_appoints_validators() {
    let governance = SigningKey::make_ed25519();
    let other = SigningKey::make_ed25519();
    let mut chain = begin(&genesis(&governance, vec![validator(&other, 10)])).unwrap();
    let change = || validator(&SigningKey::make_ed25519(), 10);
    let by_validator = set(&mut chain, &other, GOVERNANCE, change());
    assert_eq!(by_validator, Err("forged_event"));
    let stranger = set(&mut chain, &other, "https://a.example", change());
    assert_eq!(stranger, Err("forged_event"));
    assert_eq!(chain.validators().len(), 1);
}

#[test]
fn a_genesis_names_each_validator_once() {
    let governance = SigningKey::make_ed25519();
    let key = SigningKey::make_ed25519();
    for (wrong, rule) in [
        (vec![validator(&key, 10), validator(&key, 10)], "key_taken"),
        (vec![validator(&governance, 10)], "key_taken"),
        (vec![validator(&key, 0)], "malformed_event"),
        (
            vec![validator(&SigningKey::make_p256(), 1)],
            "malformed_event",
        ),
    ] {
        assert_eq!(begin(&genesis(&governance, wrong)).err(), Some(rule));
    }
}

#[test]
fn an_operators_ledger_has_no_validators() {
    let mut world = World::new();
    let change = validator(&SigningKey::make_ed25519(), 10);
    let refused = world.submit(GOVERNANCE, Action::SetValidator(change.clone()));
    assert_eq!(refused, Err(Rejection::NotANetwork));
    let governance = SigningKey::make_ed25519();
    let folder = tempfile::tempdir().unwrap();
    let keys = OperatorKeys {
        log: SigningKey::make_ed25519(),
        operator: SigningKey::make_ed25519(),
    };
    let created = Log::create(
        folder.path(),
        genesis(&governance, vec![change]),
        &keys,
        NOW,
    );
    assert_eq!(created.err().unwrap().name(), "of_network");
}
