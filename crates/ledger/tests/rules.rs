//! A named negative for each rule, beside the deed that it allows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use keys::SigningKey;
use ledger::Rejection;
use ledger::event::{ATTESTED, Action, ControlKey, GOVERNANCE, RegisterService};
use world::{ACCREDITOR, DAY, ISSUER, NOW, World, key_entry, purpose};

fn refused(world: &mut World, signer: &str, action: Action, key: &SigningKey) -> Rejection {
    world.submit_with(signer, action, &[key]).unwrap_err()
}

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
fn no_key_belongs_to_two_bodies_or_purposes() {
    let mut world = World::with_issuer();
    let taken = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
    let control = world.controls[ACCREDITOR].clone();
    let control = SigningKey::from_pem(&control).unwrap();
    for key in [&taken, &control] {
        let action = world.issuer_action("https://b.example", &["a"], key);
        assert_eq!(
            world.submit(ACCREDITOR, action).unwrap_err(),
            Rejection::KeyTaken
        );
        let action = world.accredit_action("https://c.example", &["a"], key);
        assert_eq!(
            world.submit(GOVERNANCE, action).unwrap_err(),
            Rejection::KeyTaken
        );
        let action = world.service_action(
            "decentralized_identifier:did:example:x",
            vec![key_entry(key)],
        );
        assert_eq!(
            world.submit(ACCREDITOR, action).unwrap_err(),
            Rejection::KeyTaken
        );
    }
}

#[test]
fn one_event_may_not_give_a_key_two_purposes() {
    let mut world = World::accredited(&["a"]);
    let key = SigningKey::make_p256();
    let Action::RegisterIssuer(mut body) = world.issuer_action(ISSUER, &["a"], &key) else {
        unreachable!()
    };
    body.control_keys.push(ControlKey {
        jwk: key.public().to_jwk(),
        possession: ATTESTED.to_owned(),
    });
    assert_eq!(
        world
            .submit(ACCREDITOR, Action::RegisterIssuer(body))
            .unwrap_err(),
        Rejection::KeyTaken
    );
}

#[test]
fn a_revoked_or_rotated_key_does_not_come_back() {
    let mut world = World::with_issuer();
    let old = world.issuing.public().thumbprint();
    world
        .submit(ACCREDITOR, World::revoke_action(ISSUER, &old))
        .unwrap();
    assert_eq!(
        world
            .submit(ACCREDITOR, World::revoke_action(ISSUER, &old))
            .unwrap_err(),
        Rejection::KeyEnded
    );
    let action = world.rotate_action(ISSUER, &old, &SigningKey::make_p256(), NOW + DAY);
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::KeyEnded
    );
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    let issuing = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
    let action = world.issuer_action(ISSUER, &["a"], &issuing);
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::KeyEnded
    );
}

#[test]
fn a_bbs_key_signs_credentials_and_neither_events_nor_requests() {
    let mut world = World::accredited(&["a"]);
    let secret = keys::bls::SecretKey::make();
    let jwk = keys::PublicKey::Bls12381G2(secret.public()).to_jwk();
    let Action::RegisterIssuer(mut body) =
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256())
    else {
        unreachable!()
    };
    let ledger = world.registry.ledger().to_owned();
    let mut entry = body.keys[0].clone();
    entry.jwk = Some(jwk.clone());
    entry.possession = ledger::possession::prove_bbs(&secret, ISSUER, &ledger).unwrap();
    body.keys.push(entry.clone());

    let mut control = body.clone();
    control.keys.pop();
    control.control_keys.push(ControlKey {
        jwk,
        possession: entry.possession.clone(),
    });
    assert_eq!(
        world
            .submit(ACCREDITOR, Action::RegisterIssuer(control))
            .unwrap_err(),
        Rejection::Malformed("jwk")
    );
    let mut unproven = body.clone();
    unproven.keys[1].possession =
        ledger::possession::prove_bbs(&secret, "https://b.example", &ledger).unwrap();
    assert_eq!(
        world
            .submit(ACCREDITOR, Action::RegisterIssuer(unproven))
            .unwrap_err(),
        Rejection::PossessionNotProven
    );
    world
        .submit(ACCREDITOR, Action::RegisterIssuer(body))
        .unwrap();
}

#[test]
fn a_proof_of_possession_must_be_the_keys_own() {
    let mut world = World::accredited(&["a"]);
    let key = SigningKey::make_p256();
    let Action::RegisterIssuer(mut body) = world.issuer_action(ISSUER, &["a"], &key) else {
        unreachable!()
    };
    let ledger = world.registry.ledger().to_owned();
    body.keys[0].possession = ledger::possession::prove(&key, ISSUER, &ledger);
    let good = Action::RegisterIssuer(body.clone());
    for proof in [
        ledger::possession::prove(&SigningKey::make_p256(), ISSUER, &ledger),
        ledger::possession::prove(&key, "https://b.example", &ledger),
        ledger::possession::prove(&key, ISSUER, "another"),
        String::new(),
    ] {
        body.keys[0].possession = proof;
        assert_eq!(
            world
                .submit(ACCREDITOR, Action::RegisterIssuer(body.clone()))
                .unwrap_err(),
            Rejection::PossessionNotProven
        );
    }
    world.submit(ACCREDITOR, good).unwrap();
}

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

#[test]
fn governance_signs_by_its_threshold() {
    let (one, two) = (SigningKey::make_ed25519(), SigningKey::make_p256());
    let genesis = World::genesis_event(&[&one, &two], 2);
    let mut world = World::empty();
    assert_eq!(
        world.apply_signed(&genesis, &[&one]).unwrap_err(),
        Rejection::ThresholdNotMet
    );
    world.apply_signed(&genesis, &[&one, &two]).unwrap();
    let action = world.accredit_action(ACCREDITOR, &["a"], &SigningKey::make_ed25519());
    let event = world.event(GOVERNANCE, action);
    assert_eq!(
        world.apply_signed(&event, &[&one]).unwrap_err(),
        Rejection::ThresholdNotMet
    );
    world.apply_signed(&event, &[&one, &two]).unwrap();
}

#[test]
fn the_issuer_rotates_by_its_own_control_key() {
    let mut world = World::accredited(&["a"]);
    let (control, key) = (SigningKey::make_ed25519(), SigningKey::make_p256());
    let Action::RegisterIssuer(mut body) = world.issuer_action(ISSUER, &["a"], &key) else {
        unreachable!()
    };
    body.control_keys.push(ControlKey {
        jwk: control.public().to_jwk(),
        possession: ATTESTED.to_owned(),
    });
    world
        .submit(ACCREDITOR, Action::RegisterIssuer(body))
        .unwrap();
    let old = key.public().thumbprint();
    let action = world.rotate_action(ISSUER, &old, &SigningKey::make_p256(), NOW + DAY);
    assert_eq!(
        refused(&mut world, ISSUER, action.clone(), &key),
        Rejection::ForgedEvent
    );
    world.submit_with(ISSUER, action, &[&control]).unwrap();
    let withdraw = World::withdraw_action(ISSUER);
    assert_eq!(
        world
            .submit_with(ISSUER, withdraw, &[&control])
            .unwrap_err(),
        Rejection::NotAccredited
    );
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

#[test]
fn a_service_needs_the_key_that_its_client_id_asks_for() {
    let mut world = World::accredited(&["a"]);
    let key = key_entry(&SigningKey::make_p256());
    let (leaf, _) = world::self_signed("other.example");
    let mut certificate = key.clone();
    certificate.jwk = None;
    certificate.x509 = Some(leaf.to_x5c());
    for (id, keys, rule) in [
        ("x509_san_dns:desk.example", vec![], Rejection::KeyRequired),
        (
            "x509_san_dns:desk.example",
            vec![key.clone()],
            Rejection::KeyRequired,
        ),
        (
            "x509_san_dns:desk.example",
            vec![certificate.clone()],
            Rejection::CertificateMismatch,
        ),
        (
            "x509_hash:AAAA",
            vec![certificate.clone()],
            Rejection::CertificateMismatch,
        ),
        (
            "decentralized_identifier:did:web:desk.example",
            vec![],
            Rejection::KeyRequired,
        ),
        (
            "redirect_uri:https://desk.example/cb",
            vec![key.clone()],
            Rejection::Malformed("id"),
        ),
        (
            "redirect_uri:http://desk.example/cb",
            vec![],
            Rejection::Malformed("id"),
        ),
    ] {
        let action = world.service_action(id, keys);
        assert_eq!(world.submit(ACCREDITOR, action).unwrap_err(), rule, "{id}");
    }
    for (id, keys) in [
        ("x509_san_dns:other.example", vec![certificate]),
        ("redirect_uri:https://desk.example/cb", vec![]),
    ] {
        let action = world.service_action(id, keys);
        world.submit(ACCREDITOR, action).unwrap();
    }
    let action = world.service_action("redirect_uri:https://desk.example/cb", vec![]);
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        Rejection::AlreadyRegistered
    );
}

#[test]
fn purposes_are_whole_and_distinct() {
    let mut world = World::accredited(&["a"]);
    let mut bad = purpose("p");
    bad.dcql = "{}".to_owned();
    for purposes in [vec![], vec![bad], vec![purpose("p"), purpose("p")]] {
        let action = Action::RegisterService(RegisterService {
            purposes,
            ..world.service_body("redirect_uri:https://desk.example/cb", vec![])
        });
        assert!(matches!(
            world.submit(ACCREDITOR, action),
            Err(Rejection::Malformed(_))
        ));
    }
}

#[test]
fn a_leaf_certificate_is_no_ca() {
    let mut world = World::accredited(&["a"]);
    let (leaf, _) = world::self_signed("issuer.example");
    let mut entry = key_entry(&SigningKey::make_p256());
    entry.jwk = None;
    entry.x509 = Some(leaf.to_x5c());
    entry.ca = true;
    let Action::RegisterIssuer(mut body) =
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256())
    else {
        unreachable!()
    };
    body.keys = vec![entry];
    assert_eq!(
        world
            .submit(ACCREDITOR, Action::RegisterIssuer(body))
            .unwrap_err(),
        Rejection::CertificateMismatch
    );
}
