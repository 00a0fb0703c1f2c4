//! What an event may hold, and who signs the first and the last of a body.

use keys::SigningKey;
use ledger::event::{Action, ControlKey, GOVERNANCE, Genesis, Names, Withdraw};
use ledger::{RULES, Rejection};

use crate::refused;
use crate::world::{
    ACCREDITOR, DAY, ISSUER, NOW, World, certificate_entry, key_entry, names, purpose, self_signed,
};

type Change<B> = Box<dyn Fn(&mut B)>;

fn ed25519() -> SigningKey {
    SigningKey::make_ed25519()
}

/// Refused as the event says, on a ledger that takes it unchanged.
fn genesis(change: impl Fn(&mut Genesis), rule: &Rejection) {
    let key = ed25519();
    let mut event = World::genesis_event(&[&key], 1);
    if let Action::Genesis(body) = &mut event.action {
        change(body);
    }
    let refused = World::empty().apply_signed(&event, &[&key]);
    assert_eq!(refused.as_ref(), Err(rule));
}

#[test]
fn a_genesis_is_whole() {
    let key = ed25519();
    let good = World::genesis_event(&[&key], 1);
    World::empty().apply_signed(&good, &[&key]).unwrap();
    let name = Rejection::Malformed("name");
    genesis(|body| body.name = "n".repeat(201), &name);
    genesis(|body| body.name = "two\nlines".to_owned(), &name);
    genesis(|body| body.name = " ".to_owned(), &name);
    genesis(|body| body.nonce = "n".repeat(15), &name);
    genesis(|body| body.nonce = "n".repeat(65), &name);
    genesis(|body| body.rules = 0, &Rejection::Malformed("rules"));
    genesis(
        |body| body.rules = RULES + 1,
        &Rejection::NewerRules(RULES + 1),
    );
}

#[test]
fn a_genesis_is_the_governances_first_event_of_no_ledger() {
    let key = ed25519();
    let good = World::genesis_event(&[&key], 1);
    let mut of_another = good.clone();
    of_another.ledger = Some(World::new().registry.ledger().to_owned());
    let mut by_another = good.clone();
    by_another.signer = ACCREDITOR.to_owned();
    let mut second = good.clone();
    second.sequence = 2;
    for event in [of_another, by_another, second] {
        let refused = World::empty().apply_signed(&event, &[&key]);
        assert!(refused.is_err(), "{}", event.signer);
    }
    // Nobody who is not of the governance signs along.
    let refused = World::empty().apply_signed(&good, &[&key, &ed25519()]);
    assert_eq!(refused, Err(Rejection::ForgedEvent));
    // Before there is a ledger, nothing else is an event of it.
    let mut world = World::empty();
    let action = world.accredit_action(ACCREDITOR, &["a"], &ed25519());
    let refused = world.submit_with(GOVERNANCE, action, &[&key]);
    assert!(refused.is_err());
}

#[test]
fn an_event_stands_at_its_own_place_in_the_log() {
    let key = ed25519();
    let event = World::genesis_event(&[&key], 1);
    let signed = ledger::SignedEvent::sign(&event, &[&key]).unwrap();
    let known = [(key.public().thumbprint(), key.public())].into();
    let checked = signed.check(&known).unwrap();
    let mut registry = ledger::Registry::default();
    assert!(registry.apply(1, NOW, &checked).is_err());
    registry.apply(0, NOW, &checked).unwrap();
}

#[test]
fn an_accreditation_is_whole() {
    let key = ed25519();
    let changes: Vec<(Change<ledger::event::Accredit>, Rejection)> = vec![
        (
            Box::new(|body| body.id = "a b".to_owned()),
            Rejection::Malformed("id"),
        ),
        (
            Box::new(|body| body.names = Names::new()),
            Rejection::Malformed("names"),
        ),
        (
            Box::new(|body| body.types = Vec::new()),
            Rejection::Malformed("types"),
        ),
        (Box::new(|body| body.until = NOW), Rejection::Backdated),
        (
            Box::new(|body| body.control_keys = Vec::new()),
            Rejection::KeyRequired,
        ),
        (
            Box::new(|body| {
                let key = || ControlKey {
                    jwk: ed25519().public().to_jwk(),
                    possession: ledger::event::ATTESTED.to_owned(),
                };
                body.control_keys = (0..17).map(|_| key()).collect();
            }),
            Rejection::Malformed("control_keys"),
        ),
    ];
    let mut world = World::new();
    let Action::Accredit(good) = world.accredit_action(ACCREDITOR, &["a"], &key) else {
        unreachable!()
    };
    for (change, rule) in changes {
        let mut body = good.clone();
        change(&mut body);
        let error = world
            .submit(GOVERNANCE, Action::Accredit(body))
            .unwrap_err();
        assert_eq!(error, rule);
    }
    world.submit(GOVERNANCE, Action::Accredit(good)).unwrap();
}

#[test]
fn a_registration_of_an_issuer_is_whole() {
    let changes: Vec<(Change<ledger::event::RegisterIssuer>, Rejection)> = vec![
        (
            Box::new(|body| body.id = GOVERNANCE.to_owned()),
            Rejection::Malformed("id"),
        ),
        (
            Box::new(|body| body.names = names(" ")),
            Rejection::Malformed("names"),
        ),
        (
            Box::new(|body| body.types = vec!["a".to_owned(); 2]),
            Rejection::Malformed("types"),
        ),
        (
            Box::new(|body| body.status_lists = vec!["http://a.example/1".to_owned()]),
            Rejection::Malformed("status_lists"),
        ),
        (
            Box::new(|body| body.jurisdiction = Some("j".repeat(33))),
            Rejection::Malformed("jurisdiction"),
        ),
        (
            Box::new(|body| body.keys = Vec::new()),
            Rejection::KeyRequired,
        ),
        (
            Box::new(|body| {
                let entry = || key_entry(&SigningKey::make_p256());
                body.keys = (0..17).map(|_| entry()).collect();
            }),
            Rejection::Malformed("keys"),
        ),
        (
            Box::new(|body| {
                let again = body.keys[0].clone();
                body.keys.push(again);
            }),
            Rejection::Malformed("keys"),
        ),
    ];
    let mut world = World::accredited(&["a"]);
    let Action::RegisterIssuer(good) =
        world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256())
    else {
        unreachable!()
    };
    for (change, rule) in changes {
        let mut body = good.clone();
        change(&mut body);
        let action = Action::RegisterIssuer(body);
        assert_eq!(world.submit(ACCREDITOR, action).unwrap_err(), rule);
    }
    let action = Action::RegisterIssuer(good);
    world.submit(ACCREDITOR, action).unwrap();
}

#[test]
fn a_registration_of_a_service_is_whole() {
    let mut world = World::accredited(&["a"]);
    let (leaf, _) = self_signed("desk.example");
    let entry = certificate_entry(&leaf, false, None);
    let good = world.service_body("x509_san_dns:desk.example", vec![entry.clone()]);
    let mut unnamed = good.clone();
    unnamed.names = names("");
    let mut nowhere = good.clone();
    nowhere.id = String::new();
    let mut many = good.clone();
    many.keys = vec![entry; 17];
    let mut twice = good.clone();
    twice.purposes = vec![purpose("p"), purpose("p")];
    for (body, member) in [
        (unnamed, "names"),
        (nowhere, "id"),
        (many, "keys"),
        (twice, "purposes"),
    ] {
        let error = world.submit(ACCREDITOR, Action::RegisterService(body));
        assert_eq!(error, Err(Rejection::Malformed(member)));
    }
    let action = Action::RegisterService(good);
    world.submit(ACCREDITOR, action).unwrap();
}

#[test]
fn reasons_and_types_of_an_end_are_bounded() {
    let mut world = World::with_issuer();
    let key = world.issuing.public().thumbprint();
    let Action::RevokeKey(mut revoke) = World::revoke_action(ISSUER, &key) else {
        unreachable!()
    };
    revoke.reason = "r".repeat(1001);
    let error = world.submit(ACCREDITOR, Action::RevokeKey(revoke.clone()));
    assert_eq!(error, Err(Rejection::Malformed("reason")));
    revoke.reason = "stolen".to_owned();
    revoke.invalid_from = Some(NOW + DAY);
    let error = world.submit(ACCREDITOR, Action::RevokeKey(revoke));
    assert_eq!(error, Err(Rejection::Malformed("invalid_from")));
    let withdraw = |types: Option<Vec<String>>, reason: Option<&str>| {
        Action::Withdraw(Withdraw {
            id: ISSUER.to_owned(),
            types,
            reason: reason.map(str::to_owned),
        })
    };
    let error = world.submit(ACCREDITOR, withdraw(None, Some("two\nlines")));
    assert_eq!(error, Err(Rejection::Malformed("reason")));
    let error = world.submit(ACCREDITOR, withdraw(Some(Vec::new()), None));
    assert_eq!(error, Err(Rejection::Malformed("types")));
    world
        .submit(ACCREDITOR, withdraw(None, Some("over")))
        .unwrap();
}

/// A body is withdrawn by the governance only where the governance's keys say so.
#[test]
fn a_withdrawal_in_the_governances_name_needs_its_keys() {
    let mut world = World::with_issuer();
    for (body, key) in [(ACCREDITOR, ed25519()), (ISSUER, ed25519())] {
        let action = World::withdraw_action(body);
        let error = refused(&mut world, GOVERNANCE, action, &key);
        assert_eq!(error, Rejection::ForgedEvent, "{body}");
    }
    let action = World::withdraw_action(ACCREDITOR);
    world.submit(GOVERNANCE, action).unwrap();
}

#[test]
fn a_key_below_an_authority_and_one_of_its_own_do_not_change_places() {
    let (ca, _) = authority();
    let mut world = World::accredited(&["a"]);
    let named = certificate_entry(&ca, true, Some("a.example"));
    let action = world.issuer_action_of(ISSUER, &["a"], named.clone());
    world.submit(ACCREDITOR, action).unwrap();
    let old = ca.public_key().thumbprint();
    let rotate = |world: &World, new| {
        let action = world.rotate_action(ISSUER, &old, &ed25519(), NOW + DAY);
        let Action::RotateKey(mut body) = action else {
            unreachable!()
        };
        body.new = new;
        Action::RotateKey(body)
    };
    let (other, _) = authority();
    for new in [
        key_entry(&SigningKey::make_p256()),
        certificate_entry(&other, true, None),
        certificate_entry(&other, true, Some("b.example")),
    ] {
        let action = rotate(&world, new);
        let error = world.submit(ACCREDITOR, action).unwrap_err();
        assert_eq!(error, Rejection::CertificateMismatch);
    }
    // The authority's own key belongs to nobody else.
    let taken = ControlKey {
        jwk: ca.public_key().to_jwk(),
        possession: ledger::event::ATTESTED.to_owned(),
    };
    let Action::Accredit(mut body) =
        world.accredit_action("https://other.example", &["a"], &ed25519())
    else {
        unreachable!()
    };
    body.control_keys = vec![taken];
    let error = world.submit(GOVERNANCE, Action::Accredit(body));
    assert_eq!(error, Err(Rejection::KeyTaken));
    let action = rotate(&world, certificate_entry(&other, true, Some("a.example")));
    world.submit(ACCREDITOR, action).unwrap();
}

fn authority() -> (keys::x509::Certificate, rcgen::KeyPair) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    let certificate = keys::x509::Certificate::from_der(certificate.der()).unwrap();
    (certificate, key)
}

fn validator() -> ledger::event::Validator {
    ledger::event::Validator {
        name: "A node".to_owned(),
        key: ed25519().public().to_jwk(),
        power: 10,
    }
}

#[test]
fn validators_are_bounded_and_set_by_the_governances_keys() {
    let key = ed25519();
    let mut event = World::genesis_event(&[&key], 1);
    let of = |count: usize| (0..count).map(|_| validator()).collect::<Vec<_>>();
    genesis(
        |body| body.validators = of(ledger::comet::MAX_VALIDATORS + 1),
        &Rejection::Malformed("validators"),
    );
    genesis(
        |body| {
            body.validators = of(1);
            body.validators[0].name = "n".repeat(201);
        },
        &Rejection::Malformed("name"),
    );
    if let Action::Genesis(body) = &mut event.action {
        body.validators = of(1);
    }
    let mut world = World::empty();
    world.apply_signed(&event, &[&key]).unwrap();
    let set = || Action::SetValidator(validator());
    let error = refused(&mut world, GOVERNANCE, set(), &ed25519());
    assert_eq!(error, Rejection::ForgedEvent);
    world.submit_with(GOVERNANCE, set(), &[&key]).unwrap();
}
