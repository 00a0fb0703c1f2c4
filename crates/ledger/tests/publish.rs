//! Who may publish a type, and what stands of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use keys::SigningKey;
use ledger::event::{Action, GOVERNANCE, PublishType, TypeFile, Withdraw};
use ledger::{Rejection, SignedEvent};
use world::{ACCREDITOR, DAY, World};

const OTHER: &str = "https://other.example";
const TYPE: &str = "urn:example:type:1";

fn published(metadata: &[u8]) -> PublishType {
    PublishType {
        id: TYPE.to_owned(),
        schema: TypeFile::of(b"schema", None),
        metadata: TypeFile::of(metadata, Some("https://types.example/1".to_owned())),
        context: Some(TypeFile::of(b"context", None)),
    }
}

fn action(metadata: &[u8]) -> Action {
    Action::PublishType(published(metadata))
}

fn refusal(world: &mut World, signer: &str, action: Action) -> Rejection {
    world.submit(signer, action).unwrap_err()
}

#[test]
fn an_accreditor_publishes_a_type_of_its_own() {
    let mut world = World::accredited(&[TYPE]);
    assert_eq!(world.registry.published_type(TYPE), None);
    world.submit(ACCREDITOR, action(b"one")).unwrap();
    let standing = world.registry.published_type(TYPE).unwrap();
    assert_eq!(standing.by, ACCREDITOR);
    assert!(standing.metadata.fits(b"one") && !standing.metadata.fits(b"two"));
    assert!(standing.schema.fits(b"schema"));
    assert!(standing.context.as_ref().unwrap().fits(b"context"));
    assert_eq!(world.registry.trail(TYPE)[0].action, "publish-type");
    let (text, proof) = world.registry.prove(TYPE);
    let text = text.unwrap();
    let root = world.registry.state();
    assert!(proof.verify_presence(&root, TYPE.as_bytes(), &text).is_ok());
    // The digest of no bytes at all, as everybody knows it.
    assert_eq!(
        TypeFile::of(b"", None).integrity,
        "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    );
}

#[test]
fn a_type_is_published_by_accreditors_of_that_type_only() {
    let mut world = World::accredited(&["urn:example:type:2"]);
    assert_eq!(
        refusal(&mut world, ACCREDITOR, action(b"one")),
        Rejection::OutOfScope
    );
    assert_eq!(
        refusal(&mut world, GOVERNANCE, action(b"one")),
        Rejection::NotAccredited
    );
    let mut world = World::accredited(&["*"]);
    let stranger = SigningKey::make_ed25519();
    let forged = world.submit_with(ACCREDITOR, action(b"one"), &[&stranger]);
    assert_eq!(forged.unwrap_err(), Rejection::ForgedEvent);
    world.submit(ACCREDITOR, action(b"one")).unwrap();
    world.now = world.until + DAY;
    let late = action(b"two");
    assert_eq!(
        refusal(&mut world, ACCREDITOR, late),
        Rejection::NotAccredited
    );
    // What a type is does not end with the term of who said it.
    assert!(world.registry.published_type(TYPE).is_some());
}

#[test]
fn a_new_version_takes_the_place_of_the_old_one_beside_it() {
    let mut world = World::accredited(&[TYPE]);
    world.submit(ACCREDITOR, action(b"one")).unwrap();
    assert_eq!(
        refusal(&mut world, ACCREDITOR, action(b"one")),
        Rejection::AlreadyRegistered
    );
    world.submit(ACCREDITOR, action(b"two")).unwrap();
    let standing = world.registry.published_type(TYPE).unwrap();
    assert!(standing.metadata.fits(b"two"));
    assert_eq!(world.registry.record(TYPE).unwrap().publications.len(), 2);
}

#[test]
fn nobody_replaces_what_another_published_while_it_stands() {
    let mut world = World::accredited(&[TYPE]);
    world.accredit(OTHER, &["*"]);
    world.submit(ACCREDITOR, action(b"one")).unwrap();
    for deed in [action(b"two"), World::withdraw_action(TYPE)] {
        assert_eq!(
            refusal(&mut world, OTHER, deed),
            Rejection::RegisteredByAnother
        );
    }
    world
        .submit(GOVERNANCE, World::withdraw_action(ACCREDITOR))
        .unwrap();
    assert_eq!(world.registry.published_type(TYPE), None);
    world.submit(OTHER, action(b"two")).unwrap();
    assert_eq!(world.registry.published_type(TYPE).unwrap().by, OTHER);
}

#[test]
fn a_publication_ends_by_its_accreditor_or_by_governance() {
    let mut world = World::accredited(&[TYPE]);
    world.accredit(OTHER, &["*"]);
    world.submit(ACCREDITOR, action(b"one")).unwrap();
    world.submit(ACCREDITOR, action(b"two")).unwrap();
    world
        .submit(ACCREDITOR, World::withdraw_action(TYPE))
        .unwrap();
    // The version before it does not come back.
    assert_eq!(world.registry.published_type(TYPE), None);
    assert_eq!(
        refusal(&mut world, ACCREDITOR, World::withdraw_action(TYPE)),
        Rejection::NothingToWithdraw
    );
    world.submit(OTHER, action(b"one")).unwrap();
    let some = Action::Withdraw(Withdraw {
        id: TYPE.to_owned(),
        types: Some(vec![TYPE.to_owned()]),
        reason: None,
    });
    assert_eq!(
        refusal(&mut world, GOVERNANCE, some),
        Rejection::NothingToWithdraw
    );
    world
        .submit(GOVERNANCE, World::withdraw_action(TYPE))
        .unwrap();
    assert_eq!(world.registry.published_type(TYPE), None);
    assert_eq!(
        refusal(&mut world, GOVERNANCE, World::withdraw_action(TYPE)),
        Rejection::NothingToWithdraw
    );
}

#[test]
fn ids_digests_and_addresses_are_in_form() {
    let mut world = World::accredited(&["*"]);
    let mut refuse = |change: fn(&mut PublishType), member: &'static str| {
        let mut body = published(b"one");
        change(&mut body);
        assert_eq!(
            refusal(&mut world, ACCREDITOR, Action::PublishType(body)),
            Rejection::Malformed(member)
        );
    };
    refuse(|body| body.id = "*".to_owned(), "id");
    refuse(|body| body.id = "a b".to_owned(), "id");
    refuse(
        |body| body.schema.integrity = "sha256-AAAA".to_owned(),
        "schema",
    );
    refuse(
        |body| {
            body.metadata.integrity = body.metadata.integrity.replace("sha256", "sha512");
        },
        "metadata",
    );
    refuse(
        |body| body.metadata.integrity.push_str(" sha256-AAAA"),
        "metadata",
    );
    refuse(
        |body| body.metadata.uri = Some("http://types.example/1".to_owned()),
        "metadata",
    );
    refuse(
        |body| body.context.as_mut().unwrap().uri = Some("file:///context".to_owned()),
        "context",
    );
}

#[test]
fn a_published_type_goes_through_a_signed_event_and_back() {
    let world = World::accredited(&[TYPE]);
    let key = SigningKey::make_ed25519();
    let mut body = published(b"one");
    for context in [body.context.take(), None] {
        body.context = context;
        let event = world.event(ACCREDITOR, Action::PublishType(body.clone()));
        let signed = SignedEvent::sign(&event, &[&key]).unwrap();
        assert_eq!(*signed.event(), event);
        let again = ledger::event::Event::from_value(event.to_value().unwrap()).unwrap();
        assert_eq!(again, event);
    }
    let mut value = world.event(ACCREDITOR, action(b"one")).to_value().unwrap();
    value["body"]["more"] = true.into();
    assert!(ledger::event::Event::from_value(value).is_err());
}
