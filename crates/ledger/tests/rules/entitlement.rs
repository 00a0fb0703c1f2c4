//! Who may do what, and for how long.

use keys::SigningKey;
use ledger::Rejection;
use ledger::event::{Action, GOVERNANCE};

use crate::refused;
use crate::world::{ACCREDITOR, DAY, ISSUER, NOW, World};

#[test]
fn a_registered_issuer_stands() {
    let world = World::with_issuer();
    assert_eq!(world.registry.size(), 3);
    assert!(world.registry.record(ISSUER).unwrap().issuer.is_some());
}

#[test]
fn a_signature_by_another_key_is_forged() {
    let mut world = World::accredited(&["a"]);
    let stranger = SigningKey::make_ed25519();
    let action = world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256());
    let error = refused(&mut world, ACCREDITOR, action, &stranger);
    assert_eq!(error, Rejection::ForgedEvent);
}

#[test]
fn an_issuing_key_signs_no_event() {
    let mut world = World::with_issuer();
    let new = SigningKey::make_p256();
    let action = world.rotate_action(
        ISSUER,
        &world.issuing.public().thumbprint(),
        &new,
        NOW + DAY,
    );
    let issuing = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
    // As the accreditor it is not one of its keys; as itself it has no control key at all.
    assert_eq!(
        refused(&mut world, ACCREDITOR, action.clone(), &issuing),
        Rejection::ForgedEvent
    );
    assert_eq!(
        refused(&mut world, ISSUER, action, &issuing),
        Rejection::NotEntitled
    );
}

#[test]
fn only_governance_accredits() {
    let mut world = World::accredited(&["*"]);
    let action =
        world.accredit_action("https://other.example", &["a"], &SigningKey::make_ed25519());
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::NotEntitled
    );
}

#[test]
fn only_an_accreditor_registers() {
    let mut world = World::accredited(&["a"]);
    let action = world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256());
    assert_eq!(
        world.submit(GOVERNANCE, action).unwrap_err(),
        Rejection::NotAccredited
    );
}

#[test]
fn an_accreditor_stays_within_its_types() {
    let mut world = World::accredited(&["a"]);
    for types in [&["b"][..], &["a", "b"], &["*"]] {
        let action = world.issuer_action(ISSUER, types, &SigningKey::make_p256());
        assert_eq!(
            world.submit(ACCREDITOR, action).unwrap_err(),
            Rejection::OutOfScope,
            "{types:?}"
        );
    }
}

#[test]
fn a_grant_does_not_outlast_the_accreditation() {
    let mut world = World::accredited(&["a"]);
    let Action::RegisterIssuer(mut body) =
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256())
    else {
        unreachable!()
    };
    body.until = Some(world.until + 1);
    let action = Action::RegisterIssuer(body);
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::PastTerm
    );
}

#[test]
fn nothing_ends_in_the_past() {
    let mut world = World::accredited(&["a"]);
    let Action::RegisterIssuer(mut body) =
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256())
    else {
        unreachable!()
    };
    body.until = Some(NOW - 1);
    assert_eq!(
        world
            .submit(ACCREDITOR, Action::RegisterIssuer(body))
            .unwrap_err(),
        Rejection::Backdated
    );
    let mut world = World::with_issuer();
    let old = world.issuing.public().thumbprint();
    let action = world.rotate_action(ISSUER, &old, &SigningKey::make_p256(), NOW - 1);
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::Backdated
    );
}

#[test]
fn an_ended_accreditor_registers_nobody() {
    let mut world = World::accredited(&["a"]);
    world.now = world.until;
    let action = world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256());
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::NotAccredited
    );
}

#[test]
fn a_withdrawn_accreditor_registers_and_withdraws_nothing() {
    let mut world = World::with_issuer();
    world
        .submit(GOVERNANCE, World::withdraw_action(ACCREDITOR))
        .unwrap();
    let action = world.issuer_action("https://b.example", &["a"], &SigningKey::make_p256());
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::NotAccredited
    );
    assert_eq!(
        world
            .submit(ACCREDITOR, World::withdraw_action(ISSUER))
            .unwrap_err(),
        Rejection::NotAccredited
    );
}

#[test]
fn a_standing_grant_is_not_given_twice() {
    let mut world = World::with_issuer();
    let action = world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256());
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::AlreadyRegistered
    );
}

#[test]
fn more_types_and_keys_may_be_added() {
    let mut world = World::accredited(&["a", "b"]);
    for type_id in ["a", "b"] {
        let action = world.issuer_action(ISSUER, &[type_id], &SigningKey::make_p256());
        world.submit(ACCREDITOR, action).unwrap();
    }
    let issuer = world
        .registry
        .record(ISSUER)
        .unwrap()
        .issuer
        .clone()
        .unwrap();
    assert_eq!((issuer.keys.len(), issuer.grants.len()), (2, 2));
}

#[test]
fn a_withdrawn_grant_stays_beside_its_successor() {
    let mut world = World::with_issuer();
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    let action = world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256());
    world.submit(ACCREDITOR, action).unwrap();
    let grants = &world
        .registry
        .record(ISSUER)
        .unwrap()
        .issuer
        .as_ref()
        .unwrap()
        .grants;
    assert_eq!(grants.len(), 2);
    assert!(grants[0].withdrawn.is_some() && grants[1].withdrawn.is_none());
}

#[test]
fn another_accreditor_keeps_its_hands_off() {
    let mut world = World::with_issuer();
    let other = "https://other.example";
    world.accredit(other, &["*"]);
    let key = SigningKey::make_p256();
    let old = world.issuing.public().thumbprint();
    let deeds = [
        world.issuer_action(ISSUER, &["b"], &key),
        World::withdraw_action(ISSUER),
        World::revoke_action(ISSUER, &old),
        world.rotate_action(ISSUER, &old, &key, NOW + DAY),
    ];
    for deed in deeds {
        let name = deed.name();
        assert_eq!(
            world.submit(other, deed).unwrap_err(),
            Rejection::RegisteredByAnother,
            "{name}"
        );
    }
}

#[test]
fn unknown_bodies_and_keys_are_named() {
    let mut world = World::with_issuer();
    for (action, rule) in [
        (
            World::withdraw_action("https://x.example"),
            Rejection::UnknownBody,
        ),
        (
            World::revoke_action("https://x.example", "k"),
            Rejection::UnknownBody,
        ),
        (World::revoke_action(ISSUER, "k"), Rejection::UnknownKey),
    ] {
        assert_eq!(world.submit(ACCREDITOR, action).unwrap_err(), rule);
    }
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    assert_eq!(
        world
            .submit(ACCREDITOR, World::withdraw_action(ISSUER))
            .unwrap_err(),
        Rejection::NothingToWithdraw
    );
}
