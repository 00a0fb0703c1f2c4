//! Services and what they ask for.

use keys::SigningKey;
use ledger::Rejection;
use ledger::event::{Action, RegisterService};

use crate::world::{ACCREDITOR, World, key_entry, purpose, self_signed};

#[test]
fn a_service_needs_the_key_that_its_client_id_asks_for() {
    let mut world = World::accredited(&["a"]);
    let key = key_entry(&SigningKey::make_p256());
    let (leaf, _) = self_signed("other.example");
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
