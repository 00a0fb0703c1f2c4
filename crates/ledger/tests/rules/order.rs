//! One ledger, one order: when an event is taken.

use keys::SigningKey;
use ledger::Rejection;

use crate::world::{ACCREDITOR, ISSUER, NOW, World};

#[test]
fn an_event_is_for_one_ledger() {
    let mut world = World::accredited(&["a"]);
    let mut event = world.event(
        ACCREDITOR,
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256()),
    );
    event.ledger = Some(World::accredited(&["a"]).registry.ledger().to_owned());
    assert_eq!(
        world.apply_event(&event).unwrap_err(),
        Rejection::WrongLedger
    );
    event.ledger = None;
    assert_eq!(
        world.apply_event(&event).unwrap_err(),
        Rejection::WrongLedger
    );
}

#[test]
fn an_event_is_taken_once_and_in_turn() {
    let mut world = World::accredited(&["a"]);
    let mut event = world.event(
        ACCREDITOR,
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256()),
    );
    event.sequence += 1;
    assert_eq!(
        world.apply_event(&event).unwrap_err(),
        Rejection::SequenceGap
    );
    event.sequence -= 1;
    world.apply_event(&event).unwrap();
    assert_eq!(
        world.apply_event(&event).unwrap_err(),
        Rejection::ReplayedEvent
    );
}

#[test]
fn an_event_is_not_held() {
    let mut world = World::accredited(&["a"]);
    let mut event = world.event(
        ACCREDITOR,
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256()),
    );
    event.submit_before = NOW - 1;
    assert_eq!(
        world.apply_event(&event).unwrap_err(),
        Rejection::SubmittedTooLate
    );
    event.submit_before = NOW + ledger::MAX_HOLD + 1;
    assert_eq!(
        world.apply_event(&event).unwrap_err(),
        Rejection::HeldTooLong
    );
}

#[test]
fn time_does_not_go_backwards() {
    let mut world = World::accredited(&["a"]);
    let event = world.event(
        ACCREDITOR,
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256()),
    );
    world.now -= 1;
    assert_eq!(
        world.apply_event(&event).unwrap_err(),
        Rejection::TimeWentBack
    );
}

#[test]
fn a_ledger_has_one_genesis() {
    let mut world = World::accredited(&["a"]);
    let genesis = World::genesis_event(&[&SigningKey::make_ed25519()], 1);
    assert_eq!(world.apply_event(&genesis).unwrap_err(), Rejection::Genesis);
    let key = SigningKey::make_ed25519();
    let genesis = World::genesis_event(&[&key], 1);
    assert_eq!(
        world.apply_signed(&genesis, &[&key]).unwrap_err(),
        Rejection::Genesis
    );
}
