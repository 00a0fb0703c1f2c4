//! What comes from an issuer is kept only whole.

use serde_json::json;

use super::*;
use crate::ReceiveError;
use crate::received::MAX_COPIES;

#[test]
fn good_copies_become_one_card() {
    let world = World::new(Service::Takes);
    let id = world.add_card(3);
    let view = world.wallet.card(id, "en").unwrap();
    assert_eq!((view.row.copies, view.row.unshown), (3, 3));
    assert_eq!(view.row.title, "Library card");
    assert_eq!(standing(&view.row.verdict), "unknown");
    assert_eq!(view.holder.len(), 3);
    let details = world.wallet.card_details(id, "en").unwrap();
    let labels: Vec<&str> = details.iter().map(|one| one.label.as_str()).collect();
    assert_eq!(labels, ["Family name", "Given name", "Over 18"]);
}

#[test]
fn no_copy_and_too_many_are_refused() {
    let world = World::new(Service::Takes);
    assert!(matches!(
        world.receive(Vec::new()),
        Err(ReceiveError::Count)
    ));
    let many = (0..=MAX_COPIES)
        .map(|_| world.copy(&card_claims()))
        .collect();
    assert!(matches!(world.receive(many), Err(ReceiveError::Count)));
}

#[test]
fn what_is_no_credential_is_refused() {
    let world = World::new(Service::Takes);
    let mut copy = world.copy(&card_claims());
    copy.credential = "no credential".to_owned();
    assert!(matches!(
        world.receive(vec![copy]),
        Err(ReceiveError::Refused(_))
    ));
}

#[test]
fn another_issuers_signature_is_refused() {
    let world = World::new(Service::Takes);
    let holder = SigningKey::make_p256();
    let stranger = SigningKey::make_p256();
    let copy = issue(&stranger, &card_claims(), Some(&holder.public()), holder);
    assert!(matches!(
        world.receive(vec![copy]),
        Err(ReceiveError::Refused(_))
    ));
}

#[test]
fn an_expired_credential_is_refused() {
    let world = World::new(Service::Takes);
    let mut claims = card_claims();
    claims["exp"] = json!(now() - 3600);
    let copy = world.copy(&claims);
    assert!(matches!(
        world.receive(vec![copy]),
        Err(ReceiveError::Refused(_))
    ));
}

#[test]
fn a_credential_for_another_key_is_refused() {
    let world = World::new(Service::Takes);
    let other = SigningKey::make_p256().public();
    let copy = issue(
        &world.issuer,
        &card_claims(),
        Some(&other),
        SigningKey::make_p256(),
    );
    assert!(matches!(
        world.receive(vec![copy]),
        Err(ReceiveError::NotOurKey)
    ));
    let unbound = issue(&world.issuer, &card_claims(), None, SigningKey::make_p256());
    assert!(matches!(
        world.receive(vec![unbound]),
        Err(ReceiveError::NotOurKey)
    ));
}

#[test]
fn another_type_than_offered_is_refused() {
    let world = World::new(Service::Takes);
    let mut claims = card_claims();
    claims["vct"] = json!("urn:example:other:1");
    let copy = world.copy(&claims);
    assert!(matches!(
        world.receive(vec![copy]),
        Err(ReceiveError::OtherType)
    ));
}

#[test]
fn copies_that_say_different_things_are_refused() {
    let world = World::new(Service::Takes);
    let mut other = card_claims();
    other["given_name"] = json!("Somebody-Else");
    let copies = vec![world.copy(&card_claims()), world.copy(&other)];
    assert!(matches!(
        world.receive(copies),
        Err(ReceiveError::CopiesDiffer)
    ));
}

#[test]
fn claims_that_break_a_known_schema_are_refused() {
    let world = World::new(Service::Takes);
    let known = credential::catalogue::types().first().unwrap();
    let mut claims = card_claims();
    claims["vct"] = json!(known.vct);
    let copy = world.copy(&claims);
    let key = world.key();
    let context = Context {
        is_type: &|types| types.iter().any(|one| one == known.vct),
        ..context(&key)
    };
    assert!(matches!(
        receive(vec![copy], &context),
        Err(ReceiveError::Schema(_))
    ));
}
