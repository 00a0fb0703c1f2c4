//! Keys: whose they are, and when their time is over.

use keys::SigningKey;
use ledger::Rejection;
use ledger::event::{ATTESTED, Action, ControlKey, GOVERNANCE};

use crate::refused;
use crate::world::{ACCREDITOR, DAY, ISSUER, NOW, World, key_entry, self_signed};

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
fn a_revoked_key_does_not_come_back() {
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
fn a_rotated_key_does_not_come_back() {
    let mut world = World::with_issuer();
    let first = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
    let (second, third) = (SigningKey::make_p256(), SigningKey::make_p256());
    let old = first.public().thumbprint();
    let rotate = world.rotate_action(ISSUER, &old, &second, NOW + DAY);
    world.submit(ACCREDITOR, rotate).unwrap();
    let next = second.public().thumbprint();
    for action in [
        world.rotate_action(ISSUER, &old, &third, NOW + DAY),
        world.rotate_action(ISSUER, &next, &first, NOW + DAY),
        world.issuer_action(ISSUER, &["b"], &first),
    ] {
        let rule = world.submit(ACCREDITOR, action).unwrap_err();
        assert_eq!(rule, Rejection::KeyEnded);
    }
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

/// A P-384 key can be read, and no version of the rules so far has a place for it.
#[test]
fn no_rules_know_a_p384_key() {
    let mut world = World::accredited(&["a"]);
    let p384 = SigningKey::make_p384();
    let Action::RegisterIssuer(body) =
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256())
    else {
        unreachable!()
    };
    let mut by_key = body.clone();
    by_key.keys[0].jwk = Some(p384.public().to_jwk());
    by_key.keys[0].possession = ATTESTED.to_owned();
    assert_eq!(
        world.submit(ACCREDITOR, Action::RegisterIssuer(by_key)),
        Err(Rejection::Malformed("jwk"))
    );

    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let params = rcgen::CertificateParams::new(vec!["issuer.example".to_owned()]).unwrap();
    let der = params.self_signed(&key).unwrap();
    let certificate = keys::x509::Certificate::from_der(der.der()).unwrap();
    let mut by_certificate = body.clone();
    by_certificate.keys[0].jwk = None;
    by_certificate.keys[0].x509 = Some(certificate.to_x5c());
    by_certificate.keys[0].possession = ATTESTED.to_owned();
    assert_eq!(
        world.submit(ACCREDITOR, Action::RegisterIssuer(by_certificate)),
        Err(Rejection::Malformed("x509"))
    );

    let mut control = body.clone();
    control.control_keys.push(ControlKey {
        jwk: p384.public().to_jwk(),
        possession: ATTESTED.to_owned(),
    });
    assert_eq!(
        world.submit(ACCREDITOR, Action::RegisterIssuer(control)),
        Err(Rejection::Malformed("jwk"))
    );

    let ledger = world.registry.ledger().to_owned();
    let mut proven = body.clone();
    proven.keys[0].jwk = Some(p384.public().to_jwk());
    proven.keys[0].possession = ledger::possession::prove(&p384, ISSUER, &ledger);
    assert_eq!(
        world.submit(ACCREDITOR, Action::RegisterIssuer(proven)),
        Err(Rejection::PossessionNotProven)
    );
    assert!(!ledger::takes_key(&p384.public()));

    let event = world.event(ACCREDITOR, Action::RegisterIssuer(body));
    let signed = ledger::SignedEvent::sign(&event, &[&p384]);
    assert!(matches!(signed, Err(ledger::SignedError::Malformed)));
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
fn a_leaf_certificate_is_no_ca() {
    let mut world = World::accredited(&["a"]);
    let (leaf, _) = self_signed("issuer.example");
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
