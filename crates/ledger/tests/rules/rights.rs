//! A right under which nothing stands gives nobody a key, and nobody's keys speak for another.

use keys::SigningKey;
use ledger::event::{ATTESTED, Action, ControlKey, GOVERNANCE, RegisterService};
use ledger::record::{Issuer, Record};
use ledger::{Freshness, Presented, Question, Registry, Rejection, Standing, View};

use crate::refused;
use crate::world::{ACCREDITOR, DAY, ISSUER, NOW, World, key_entry, purpose};

const OTHER: &str = "https://other.example";
const DESK: &str = "decentralized_identifier:did:web:desk.example";

fn decide(world: &World, question: &Question<'_>) -> Standing {
    let view = View {
        registry: Some(&world.registry),
        attested: world.now,
        highest_attested: world.now,
        freshness: Freshness::default(),
    };
    ledger::decide(&view, question, world.now).standing
}

fn of_desk(world: &World, key: &SigningKey) -> Standing {
    let key = key.public();
    let key = Some(Presented::Key(&key));
    let client_id = DESK;
    decide(world, &Question::Service { client_id, key })
}

fn of_issuer(world: &World, key: &SigningKey, type_id: &str, issued: i64) -> Standing {
    let question = Question::Issuer {
        key: Presented::Key(&key.public()),
        type_id,
        issued_at: Some(issued),
    };
    decide(world, &question)
}

fn record<'r>(registry: &'r Registry, id: &str) -> &'r Record {
    registry.record(id).unwrap()
}

fn issuer(world: &World) -> &Issuer {
    record(&world.registry, ISSUER).issuer.as_ref().unwrap()
}

fn desk(world: &World, key: &SigningKey, until: Option<i64>) -> Action {
    Action::RegisterService(RegisterService {
        until,
        purposes: vec![purpose("p")],
        ..world.service_body(DESK, vec![key_entry(key)])
    })
}

/// Registers `id` with control keys of its own.
fn controlled(
    world: &World,
    id: &str,
    types: &[&str],
    key: &SigningKey,
    controls: &[&SigningKey],
) -> Action {
    let Action::RegisterIssuer(mut body) = world.issuer_action(id, types, key) else {
        unreachable!()
    };
    body.control_keys = controls
        .iter()
        .map(|control| ControlKey {
            jwk: control.public().to_jwk(),
            possession: ATTESTED.to_owned(),
        })
        .collect();
    Action::RegisterIssuer(body)
}

/// A registration that ends in an hour.
fn short(action: Action) -> Action {
    let Action::RegisterIssuer(mut body) = action else {
        unreachable!()
    };
    body.until = Some(NOW + 3600);
    Action::RegisterIssuer(body)
}

fn new_key() -> SigningKey {
    SigningKey::make_p256()
}

fn control_key() -> SigningKey {
    SigningKey::make_ed25519()
}

#[test]
fn an_id_that_stands_for_another_is_not_registered_as_something_else() {
    let mut world = World::accredited(&["*"]);
    world.accredit(OTHER, &["*"]);
    let (service, control) = (new_key(), control_key());
    world
        .submit(ACCREDITOR, desk(&world, &service, None))
        .unwrap();
    let register = controlled(&world, ISSUER, &["a"], &new_key(), &[]);
    world.submit(ACCREDITOR, register).unwrap();
    for deed in [
        controlled(&world, DESK, &["a"], &new_key(), &[&control]),
        controlled(&world, ACCREDITOR, &["a"], &new_key(), &[&control]),
        world.service_action(ISSUER, vec![key_entry(&new_key())]),
        world.service_action(ACCREDITOR, vec![key_entry(&new_key())]),
    ] {
        let rule = world.submit(OTHER, deed).unwrap_err();
        assert_eq!(rule, Rejection::RegisteredByAnother);
    }
    // Its own registrar may, and the accreditor itself.
    for deed in [
        controlled(&world, DESK, &["a"], &new_key(), &[]),
        controlled(&world, ACCREDITOR, &["a"], &new_key(), &[]),
        world.service_action(ISSUER, vec![key_entry(&new_key())]),
    ] {
        world.submit(ACCREDITOR, deed).unwrap();
    }
}

#[test]
fn an_issuers_control_key_moves_no_key_of_a_service() {
    let mut world = World::accredited(&["*"]);
    let (service, control) = (new_key(), control_key());
    world
        .submit(ACCREDITOR, desk(&world, &service, None))
        .unwrap();
    let register = controlled(&world, DESK, &["a"], &new_key(), &[&control]);
    world.submit(ACCREDITOR, register).unwrap();
    let old = service.public().thumbprint();
    for deed in [
        world.rotate_action(DESK, &old, &new_key(), NOW + DAY),
        World::revoke_action(DESK, &old),
    ] {
        let rule = refused(&mut world, DESK, deed, &control);
        assert_eq!(rule, Rejection::NotEntitled);
    }
    assert_eq!(of_desk(&world, &service), Standing::Listed);
}

#[test]
fn an_accredited_body_speaks_by_the_keys_of_its_accreditation() {
    let mut world = World::accredited(&["*"]);
    let (key, control) = (new_key(), control_key());
    let register = controlled(&world, ISSUER, &["a"], &key, &[&control]);
    world.submit(ACCREDITOR, register).unwrap();
    world.accredit(ISSUER, &["b"]);
    let old = key.public().thumbprint();
    let rotate = world.rotate_action(ISSUER, &old, &new_key(), NOW + DAY);
    let rule = refused(&mut world, ISSUER, rotate.clone(), &control);
    assert_eq!(rule, Rejection::ForgedEvent);
    world.submit(ISSUER, rotate).unwrap();
}

#[test]
fn a_former_registrar_adds_no_key_to_its_successors_service() {
    let mut world = World::accredited(&["*"]);
    world.accredit(OTHER, &["*"]);
    let (first, second, new) = (new_key(), new_key(), new_key());
    let register = desk(&world, &first, Some(NOW + 3600));
    world.submit(ACCREDITOR, register).unwrap();
    world.now += 3600;
    let old = first.public().thumbprint();
    let rotate = world.rotate_action(DESK, &old, &new, world.now + DAY);
    // Nothing stands under which a new key could count, whoever comes next.
    let rule = world.submit(ACCREDITOR, rotate.clone()).unwrap_err();
    assert_eq!(rule, Rejection::KeyEnded);
    world.submit(OTHER, desk(&world, &second, None)).unwrap();
    let rule = world.submit(ACCREDITOR, rotate).unwrap_err();
    assert_eq!(rule, Rejection::KeyEnded);
    let old = second.public().thumbprint();
    let rotate = world.rotate_action(DESK, &old, &new, world.now + DAY);
    world.submit(OTHER, rotate).unwrap();
    assert_eq!(of_desk(&world, &new), Standing::Listed);
    assert_eq!(of_desk(&world, &first), Standing::Unlisted);
    let services = &record(&world.registry, DESK).services;
    let count: Vec<usize> = services.iter().map(|service| service.keys.len()).collect();
    assert_eq!(count, [1, 2]);
}

#[test]
fn a_registration_names_the_control_keys_anew() {
    let mut world = World::accredited(&["*"]);
    let (key, stolen, next) = (new_key(), control_key(), control_key());
    for (types, controls) in [(&["a"], vec![&stolen]), (&["b"], vec![])] {
        let register = controlled(&world, ISSUER, types, &key, &controls);
        world.submit(ACCREDITOR, register).unwrap();
        assert_eq!(
            issuer(&world).control_keys.len(),
            1,
            "kept when none is named"
        );
    }
    let register = controlled(&world, ISSUER, &["c"], &key, &[&next]);
    world.submit(ACCREDITOR, register).unwrap();
    let old = key.public().thumbprint();
    let rotate = world.rotate_action(ISSUER, &old, &new_key(), NOW + DAY);
    let rule = refused(&mut world, ISSUER, rotate.clone(), &stolen);
    assert_eq!(rule, Rejection::ForgedEvent);
    world.submit_with(ISSUER, rotate, &[&next]).unwrap();
}

#[test]
fn another_accreditor_takes_over_without_the_control_keys_of_before() {
    let mut world = World::accredited(&["*"]);
    world.accredit(OTHER, &["*"]);
    let (key, control, theirs) = (new_key(), control_key(), new_key());
    let register = controlled(&world, ISSUER, &["a"], &key, &[&control]);
    world.submit(ACCREDITOR, register).unwrap();
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    let register = controlled(&world, ISSUER, &["a"], &theirs, &[]);
    world.submit(OTHER, register).unwrap();
    assert!(issuer(&world).control_keys.is_empty());
    let old = theirs.public().thumbprint();
    let rotate = world.rotate_action(ISSUER, &old, &new_key(), NOW + DAY);
    let rule = refused(&mut world, ISSUER, rotate, &control);
    assert_eq!(rule, Rejection::NotEntitled);
}

#[test]
fn a_key_that_was_rotated_away_does_not_come_back_by_another_registration() {
    let mut world = World::accredited(&["*"]);
    world.accredit(OTHER, &["*"]);
    let (service, issuing) = (new_key(), new_key());
    world
        .submit(ACCREDITOR, desk(&world, &service, None))
        .unwrap();
    let register = world.issuer_action(ISSUER, &["a"], &issuing);
    world.submit(ACCREDITOR, register).unwrap();
    for (id, key) in [(DESK, &service), (ISSUER, &issuing)] {
        let old = key.public().thumbprint();
        let rotate = world.rotate_action(id, &old, &new_key(), NOW + DAY);
        world.submit(ACCREDITOR, rotate).unwrap();
        world
            .submit(ACCREDITOR, World::withdraw_action(id))
            .unwrap();
    }
    for by in [ACCREDITOR, OTHER] {
        for deed in [
            desk(&world, &service, None),
            world.issuer_action(ISSUER, &["a"], &issuing),
        ] {
            let rule = world.submit(by, deed).unwrap_err();
            assert_eq!(rule, Rejection::KeyEnded, "{by}");
        }
    }
}

#[test]
fn past_its_term_an_accreditor_ends_keys_and_brings_none() {
    let mut world = World::with_issuer();
    let issuing = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
    let service = new_key();
    world
        .submit(ACCREDITOR, desk(&world, &service, None))
        .unwrap();
    world.now = world.until;
    for (id, key) in [(ISSUER, &issuing), (DESK, &service)] {
        let old = key.public().thumbprint();
        let rotate = world.rotate_action(id, &old, &new_key(), world.now + DAY);
        let rule = world.submit(ACCREDITOR, rotate).unwrap_err();
        assert_eq!(rule, Rejection::NotAccredited, "{id}");
        world
            .submit(ACCREDITOR, World::revoke_action(id, &old))
            .unwrap();
    }
    assert_eq!(of_issuer(&world, &issuing, "a", NOW), Standing::Revoked);
}

#[test]
fn a_key_is_rotated_only_under_a_grant_that_stands() {
    let mut world = World::accredited(&["*"]);
    let (key, control) = (new_key(), control_key());
    let register = short(controlled(&world, ISSUER, &["a"], &key, &[&control]));
    world.submit(ACCREDITOR, register).unwrap();
    world.now += 3600;
    let old = key.public().thumbprint();
    let rotate = world.rotate_action(ISSUER, &old, &new_key(), world.now + DAY);
    let rule = refused(&mut world, ISSUER, rotate.clone(), &control);
    assert_eq!(rule, Rejection::KeyEnded);
    let rule = world.submit(ACCREDITOR, rotate).unwrap_err();
    assert_eq!(rule, Rejection::KeyEnded);
    let revoke = World::revoke_action(ISSUER, &old);
    world.submit_with(ISSUER, revoke, &[&control]).unwrap();
}

#[test]
fn a_new_key_counts_under_no_grant_that_was_over_before() {
    let mut world = World::accredited(&["*"]);
    let (old, new) = (new_key(), new_key());
    let register = short(world.issuer_action(ISSUER, &["a"], &old));
    world.submit(ACCREDITOR, register).unwrap();
    let register = world.issuer_action(ISSUER, &["b"], &old);
    world.submit(ACCREDITOR, register).unwrap();
    world.now += 3600;
    let old_id = old.public().thumbprint();
    let rotate = world.rotate_action(ISSUER, &old_id, &new, world.now + DAY);
    world.submit(ACCREDITOR, rotate).unwrap();
    assert_eq!(of_issuer(&world, &old, "a", NOW), Standing::Listed);
    assert_eq!(of_issuer(&world, &new, "a", NOW), Standing::Ended);
    assert_eq!(of_issuer(&world, &new, "b", NOW), Standing::Listed);
}

#[test]
fn governance_withdraws_an_accreditation_that_ended() {
    let mut world = World::with_issuer();
    let issuing = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
    world.now = world.until;
    assert_eq!(of_issuer(&world, &issuing, "a", NOW), Standing::Listed);
    let withdraw = World::withdraw_action(ACCREDITOR);
    world.submit(GOVERNANCE, withdraw.clone()).unwrap();
    assert_eq!(of_issuer(&world, &issuing, "a", NOW), Standing::Withdrawn);
    let revoke = World::revoke_action(ISSUER, &issuing.public().thumbprint());
    let rule = world.submit(ACCREDITOR, revoke).unwrap_err();
    assert_eq!(rule, Rejection::NotAccredited);
    let rule = world.submit(GOVERNANCE, withdraw).unwrap_err();
    assert_eq!(rule, Rejection::NothingToWithdraw);
}
