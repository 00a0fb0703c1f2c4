use keys::SigningKey;
use query::ClaimPath;
use serde_json::{Value, json};

use super::super::{
    CheckError, DeviceError, DeviceProof, DigestAlgorithm, Document, IssueError, IssuerSigned,
    PresentError, Unverified, Validity,
};
use super::{ISO, MDL, NOW, World, namespaces, transcript};
use crate::status::StatusRef;

fn path(json: Value) -> ClaimPath {
    ClaimPath::from_json(&json).unwrap()
}

#[test]
fn what_is_issued_can_be_read_and_shown() {
    let world = World::make();
    let text = world.card();
    let verified = Unverified::parse(&text)
        .unwrap()
        .verify(&world.issuer.public(), NOW)
        .unwrap();
    assert!(*verified.security_object().device_key() == world.device.public());
    assert_eq!(verified.security_object().doc_type(), MDL);
    let claims = Value::Object(verified.claims());
    assert_eq!(claims[ISO]["family_name"], "Person");
    assert_eq!(claims[ISO]["birth_date"], "1990-01-01");
    assert_eq!(claims[ISO]["portrait"], "data:image/jpeg;base64,/9j/4A==");
    assert_eq!(claims["org.iso.18013.5.1.GB"]["title"], "Mx");
    let selected = IssuerSigned::from_store(&text)
        .unwrap()
        .select(&[
            path(json!([ISO, "age_over_18"])),
            path(json!([ISO, "driving_privileges", 0, "issue_date"])),
        ])
        .unwrap();
    let shown = selected.respond_text(&transcript(), &world.device).unwrap();
    let seen = Document::parse(&shown)
        .unwrap()
        .verify(&world.issuer.public(), &transcript(), None, NOW)
        .unwrap();
    let claims = Value::Object(seen.claims());
    // An element is shown as a whole, and no other one is.
    let expected = json!({ISO: {
        "age_over_18": true,
        "driving_privileges": [{"vehicle_category_code": "B", "issue_date": "2010-05-01"}],
    }});
    assert_eq!(claims, expected);
    let leaves: Vec<Value> = seen.leaves().iter().map(ClaimPath::to_json).collect();
    assert!(leaves.contains(&json!([
        ISO,
        "driving_privileges",
        0,
        "vehicle_category_code"
    ])));
    assert_eq!(leaves.len(), 3);
}

#[test]
fn nothing_or_a_namespace_can_be_shown() {
    let world = World::make();
    let card = IssuerSigned::from_store(&world.card()).unwrap();
    let shown = |paths: &[ClaimPath]| {
        let selected = card.select(paths).unwrap();
        let bytes = selected
            .respond(&transcript(), &world.device, DeviceProof::Signature)
            .unwrap();
        let document = Document::from_bytes(&bytes).unwrap();
        let seen = document.verify(&world.issuer.public(), &transcript(), None, NOW);
        seen.unwrap().claims()
    };
    assert!(shown(&[]).is_empty());
    assert_eq!(
        shown(&[path(json!([ISO]))])[ISO].as_object().unwrap().len(),
        5
    );
    for missing in [
        json!([ISO, "nothing"]),
        json!(["other", "family_name"]),
        json!([ISO, "driving_privileges", 3]),
    ] {
        let error = card.select(&[path(missing)]).err();
        assert_eq!(error, Some(PresentError::NoSuchElement));
    }
}

#[test]
fn a_mac_for_a_reader_with_a_key() {
    let world = World::make();
    let reader = SigningKey::make_p256();
    let card = IssuerSigned::from_store(&world.card()).unwrap();
    let proof = &reader.public();
    let bytes = card
        .respond(&transcript(), &world.device, DeviceProof::Mac(proof))
        .unwrap();
    let check = |reader: Option<&SigningKey>| {
        let document = Document::from_bytes(&bytes).unwrap();
        let result = document.verify(&world.issuer.public(), &transcript(), reader, NOW);
        result.map(|_| ())
    };
    assert_eq!(check(Some(&reader)), Ok(()));
    let refused = |error| Err(CheckError::Device(error));
    assert_eq!(check(None), refused(DeviceError::NoReaderKey));
    let other = SigningKey::make_p256();
    assert_eq!(check(Some(&other)), refused(DeviceError::Mac));
}

#[test]
fn only_the_devices_key_can_show_it() {
    let world = World::make();
    let card = IssuerSigned::from_store(&world.card()).unwrap();
    let other = SigningKey::make_p256();
    assert_eq!(
        card.respond_text(&transcript(), &other).err(),
        Some(PresentError::WrongKey)
    );
}

#[test]
fn ed25519_and_every_digest_algorithm() {
    let world = World::with(SigningKey::make_ed25519(), SigningKey::make_ed25519());
    for algorithm in [
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
    ] {
        let text = world.issue(|template| template.digest_algorithm = algorithm);
        let card = Unverified::parse(&text)
            .unwrap()
            .verify(&world.issuer.public(), NOW)
            .unwrap();
        assert_eq!(card.security_object().digest_algorithm(), algorithm);
        let shown = card.respond_text(&transcript(), &world.device).unwrap();
        let document = Document::parse(&shown).unwrap();
        let seen = document.verify(&world.issuer.public(), &transcript(), None, NOW);
        assert!(seen.is_ok());
        // A MAC needs a key that agrees on a secret.
        let reader = SigningKey::make_p256().public();
        let mac = card.respond(&transcript(), &world.device, DeviceProof::Mac(&reader));
        assert_eq!(mac.err(), Some(PresentError::WrongKey));
    }
}

#[test]
fn issuer_and_device_on_p384() {
    let world = World::with(SigningKey::make_p384(), SigningKey::make_p384());
    let text = world.issue(|_| {});
    let card = Unverified::parse(&text)
        .unwrap()
        .verify(&world.issuer.public(), NOW)
        .unwrap();
    let shown = card.respond_text(&transcript(), &world.device).unwrap();
    let document = Document::parse(&shown).unwrap();
    let seen = document.verify(&world.issuer.public(), &transcript(), None, NOW);
    assert!(seen.is_ok());
    // A MAC is made with P-256 only.
    let reader = SigningKey::make_p256().public();
    let mac = card.respond(&transcript(), &world.device, DeviceProof::Mac(&reader));
    assert_eq!(mac.err(), Some(PresentError::WrongKey));
}

#[test]
fn status_and_expected_update() {
    let world = World::make();
    let text = world.issue(|template| {
        template.status = Some(("https://issuer.example/status/1", 412));
        template.validity.expected_update = Some(NOW + 10);
    });
    let card = IssuerSigned::from_store(&text).unwrap();
    let mso = card.security_object();
    assert_eq!(mso.validity().expected_update, Some(NOW + 10));
    let expected = StatusRef::TokenList {
        uri: "https://issuer.example/status/1".to_owned(),
        index: 412,
    };
    assert_eq!(mso.status(), Some(expected));
}

/// Two cards of the same claims share no random and hide which id is whose.
#[test]
fn randoms_and_ids_differ_from_card_to_card() {
    let world = World::make();
    let cards: Vec<IssuerSigned> = (0..20)
        .map(|_| IssuerSigned::from_store(&world.card()).unwrap())
        .collect();
    let id = |card: &IssuerSigned| card.namespaces[0].elements[0].digest_id;
    assert!(cards.iter().any(|card| id(card) != id(&cards[0])));
    let raw = |card: &IssuerSigned| card.namespaces[1].elements[0].raw.clone();
    assert!(raw(&cards[0]) != raw(&cards[1]));
}

#[test]
fn what_cannot_be_issued() {
    let world = World::make();
    let namespaces = namespaces();
    let device_key = world.device.public();
    let validity = |signed, from, until| Validity {
        signed,
        from,
        until,
        expected_update: None,
    };
    let issue = |namespaces: &[_], validity, chain: &[_], key: &SigningKey| {
        let template = super::Template {
            doc_type: MDL,
            namespaces,
            device_key: &device_key,
            digest_algorithm: DigestAlgorithm::Sha256,
            validity,
            status: None,
        };
        template.issue(chain, key).err()
    };
    let good = validity(NOW, NOW, NOW + 1);
    let (chain, key) = (&world.chain, &world.issuer);
    assert_eq!(issue(&namespaces, good, chain, key), None);
    assert_eq!(issue(&namespaces, good, &[], key), Some(IssueError::Chain));
    let other = SigningKey::make_p256();
    let error = issue(&namespaces, good, chain, &other);
    assert_eq!(error, Some(IssueError::Chain));
    for dates in [validity(NOW, NOW - 1, NOW + 1), validity(NOW, NOW, NOW)] {
        let error = issue(&namespaces, dates, chain, key);
        assert_eq!(error, Some(IssueError::Dates));
    }
    let early = NOW - 2 * super::YEAR;
    let error = issue(&namespaces, validity(early, early, NOW), chain, key);
    assert_eq!(error, Some(IssueError::SignedOutsideCertificate));
    let twice = [namespaces[0].clone(), namespaces[0].clone()];
    assert_eq!(issue(&twice, good, chain, key), Some(IssueError::Repeated));
    let mut twice = namespaces.clone();
    let again = twice[0].1[0].clone();
    twice[0].1.push(again);
    assert_eq!(issue(&twice, good, chain, key), Some(IssueError::Repeated));
    let mut long = namespaces.clone();
    long[0].1[0].0 = "n".repeat(query::MAX_NAME + 1);
    assert_eq!(issue(&long, good, chain, key), Some(IssueError::TooLarge));
    let mut large = namespaces.clone();
    large[0].1[0].1 = vec![0; super::super::MAX_BYTES].into();
    assert_eq!(issue(&large, good, chain, key), Some(IssueError::TooLarge));
}
