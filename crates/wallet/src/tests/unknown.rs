//! A card of a type that nobody here has heard of is kept and shown by its claims, whatever its
//! format.

use credential::data_integrity::{plain, selective};
use credential::format::{self, Draft, Format, IssuerSecret, KeyName};
use credential::json_ld::Contexts;
use credential::vcdm::Credential;
use credential::{catalogue, did, vc_jose};
use keys::x509::Certificate;
use rcgen::{CertificateParams, DnType, KeyPair};
use serde_json::{Map, json};

use super::*;
use crate::words::Shown;

/// Keeps the one copy, whose key is the holder's, and tells how the card looks.
fn shown(
    format: &'static dyn Format,
    credential: String,
    (issuer, holder): (IssuerKey, SigningKey),
) -> (String, Vec<(String, Shown)>) {
    let world = World::new(Service::Takes);
    let offered = format.peek(&credential).unwrap().type_id;
    assert!(catalogue::by_type_id(&offered).is_none(), "{offered}");
    let context = Context {
        format,
        is_type: &|types| types.contains(&offered),
        ..context(&issuer)
    };
    let key = Some(holder);
    let record = receive(vec![Copy { credential, key }], &context).unwrap();
    let id = record.summary.id;
    let write = world
        .wallet
        .vault
        .write(|change| change.insert_card(&record));
    write.unwrap();
    assert_eq!(world.wallet.cards("en").unwrap().len(), 1);
    let view = world.wallet.card(id, "en").unwrap();
    assert_eq!((view.face, view.about), (None, None), "nothing is made up");
    let details = world.wallet.card_details(id, "en").unwrap().into_iter();
    let details = details.map(|detail| (detail.label, detail.value));
    (view.row.title, details.collect())
}

fn text(value: &str) -> Shown {
    Shown::Text(value.to_owned())
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn an_mdoc_of_an_unknown_document_type() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let pair = KeyPair::from_pem(&issuer.to_pem().unwrap()).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CountryName, "GB");
    let certificate = params.self_signed(&pair).unwrap();
    let chain = vec![Certificate::from_der(certificate.der()).unwrap()];
    let claims = object(json!({
        "org.example.allotment.1": {"plot_number": "17b", "has_shed": true},
        "org.example.allotment.GB": {"parish": "Sample-Parish"},
    }));
    let draft = Draft {
        type_id: "org.example.allotment-tenancy.1",
        claims: &claims,
        conceal: &[],
        holder: Some(&holder.public()),
        issuer: None,
        key_name: KeyName::Chain(&chain),
        issued_at: now() - 60,
        valid_from: None,
        valid_until: Some(now() + 3600),
        status: &[],
    };
    let format = format::by_id("mso_mdoc").unwrap();
    let credential = format
        .issue(&draft, IssuerSecret::Signing(&issuer))
        .unwrap();
    let keys = (IssuerKey::Chain(chain), holder);
    let (title, details) = shown(format, credential, keys);
    assert_eq!(title, "Allotment tenancy");
    assert_eq!(
        details,
        [
            ("Has shed".to_owned(), Shown::YesNo(true)),
            ("Parish".to_owned(), text("Sample-Parish")),
            ("Plot number".to_owned(), text("17b")),
        ]
    );
}

/// A credential whose contexts are W3C's alone, about the holder of a key.
fn alumni(issuer: &SigningKey, holder: &SigningKey) -> Map<String, Value> {
    let did = |key: &SigningKey| did::derive_did_key(&key.public()).unwrap();
    object(json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2",
        ],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": did(issuer),
        "credentialSubject": {
            "id": did(holder),
            "alumniOf": "Sample-School",
            "degree": {"type": "BachelorDegree", "name": "Sample-Degree"},
        },
    }))
}

fn looks_like_an_alumni_card((title, details): (String, Vec<(String, Shown)>)) {
    assert_eq!(title, "Alumni Credential");
    let labels: Vec<&str> = details.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels, ["Alumni of", "Degree"]);
    assert_eq!(details[0].1, text("Sample-School"));
    let Shown::Group(members) = &details[1].1 else {
        panic!("a group")
    };
    assert!(members.iter().any(|one| one.value == text("Sample-Degree")));
}

fn secure(document: &Map<String, Value>, suite: &str, key: &SigningKey) -> Map<String, Value> {
    let url = did::derive_did_key_url(&key.public()).unwrap();
    let contexts = Contexts::pinned();
    if let Some(suite) = selective::Suite::from_name(suite) {
        let config = selective::proof_options(suite, &url, None);
        let pointers = selective::guarded_pointers(document);
        let key = IssuerSecret::Signing(key);
        return selective::sign_base(document, &config, &pointers, key, contexts).unwrap();
    }
    let options = plain::Options {
        suite: plain::Suite::from_name(suite).unwrap(),
        verification_method: &url,
        purpose: plain::Purpose::Assertion,
        created: Some(now()),
        challenge: None,
        domain: None,
    };
    plain::sign(document, &options, key, contexts).unwrap()
}

#[test]
fn a_w3c_card_of_an_unknown_type() {
    for (suite, issuer) in [
        ("eddsa-rdfc-2022", SigningKey::make_ed25519()),
        ("ecdsa-sd-2023", SigningKey::make_p256()),
    ] {
        let holder = SigningKey::make_p256();
        let signed = secure(&alumni(&issuer, &holder), suite, &issuer);
        let format = format::by_id("ldp_vc").unwrap();
        let keys = (IssuerKey::Bare(issuer.public()), holder);
        looks_like_an_alumni_card(shown(format, json!(signed).to_string(), keys));
    }
}

#[test]
fn a_w3c_jwt_of_an_unknown_type() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let credential = Credential::check(alumni(&issuer, &holder)).unwrap();
    let url = did::derive_did_key_url(&issuer.public()).unwrap();
    let key_name = KeyName::Id(&url);
    let signed = vc_jose::sign(&credential, key_name, None, now(), &issuer);
    let format = format::by_id("jwt_vc_json").unwrap();
    let keys = (IssuerKey::Bare(issuer.public()), holder);
    looks_like_an_alumni_card(shown(format, signed, keys));
}
