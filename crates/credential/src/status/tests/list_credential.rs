use keys::{SigningKey, jws};
use serde_json::{Map, Value, json};

use super::{NOW, URI};
use crate::status::bitstring::BitstringError;
use crate::status::token::LEEWAY;
use crate::status::{
    BitstringList, ListCredentialError, Standing, UnverifiedJwtCredential, VerifiedListCredential,
    derive_list_credential,
};

const ISSUER: &str = "did:web:issuer.example";

fn credential() -> Map<String, Value> {
    let mut list = BitstringList::new("revocation", 0, 1).unwrap();
    list.set(7, 1, 1).unwrap();
    derive_list_credential(&list, URI, ISSUER, (NOW, NOW + 100), Some(60)).unwrap()
}

fn refused(change: impl FnOnce(&mut Map<String, Value>)) -> ListCredentialError {
    let mut credential = credential();
    VerifiedListCredential::check(&credential, URI, NOW).unwrap();
    change(&mut credential);
    VerifiedListCredential::check(&credential, URI, NOW).unwrap_err()
}

fn header(typ: &str) -> Map<String, Value> {
    let mut header = Map::new();
    header.insert("typ".to_owned(), typ.into());
    header.insert("kid".to_owned(), format!("{ISSUER}#k").into());
    header
}

#[test]
fn a_jwt_says_what_was_put_into_it() {
    let key = SigningKey::make_ed25519();
    let payload = Value::Object(credential()).to_string();
    for typ in ["vc+jwt", "vc+ld+json+jwt", "application/vc+jwt"] {
        let text = jws::sign(header(typ), payload.as_bytes(), &key);
        let token = UnverifiedJwtCredential::parse(&text).unwrap();
        assert_eq!(token.algorithm(), keys::Algorithm::EdDsa);
        let signer = token.signer().unwrap();
        assert_eq!(signer.iss.as_deref(), Some(ISSUER));
        let found = token.verify(&key.public(), URI, NOW).unwrap();
        assert_eq!(found.issued_at, Some(NOW));
        assert_eq!(found.expires, Some(NOW + 100));
        assert_eq!(found.list.ttl(), Some(60));
        let standing = |place| found.list.standing(place, "revocation", 1);
        assert_eq!(standing(7), Ok(Standing::Revoked));
        assert_eq!(standing(8), Ok(Standing::Valid));
        for other in [SigningKey::make_ed25519(), SigningKey::make_p256()] {
            assert!(matches!(
                token.verify(&other.public(), URI, NOW),
                Err(ListCredentialError::Signature)
            ));
        }
    }
    let other = jws::sign(header("statuslist+jwt"), payload.as_bytes(), &key);
    assert!(matches!(
        UnverifiedJwtCredential::parse(&other),
        Err(ListCredentialError::Type)
    ));
    assert!(matches!(
        UnverifiedJwtCredential::parse("x"),
        Err(ListCredentialError::Jwt(_))
    ));
}

#[test]
fn an_issuer_as_an_object() {
    let key = SigningKey::make_p256();
    let mut credential = credential();
    credential["issuer"] = json!({"id": ISSUER, "name": "A body"});
    let payload = Value::Object(credential).to_string();
    let text = jws::sign(header("vc+jwt"), payload.as_bytes(), &key);
    let signer = UnverifiedJwtCredential::parse(&text)
        .unwrap()
        .signer()
        .unwrap();
    assert_eq!(signer.iss.as_deref(), Some(ISSUER));
}

#[test]
fn what_the_credential_says_is_checked() {
    for (member, value) in [
        (
            "@context",
            json!(["https://www.w3.org/2018/credentials/v1"]),
        ),
        ("@context", json!(null)),
        ("type", json!("VerifiableCredential")),
        ("type", json!(["VerifiableCredential"])),
        ("type", json!(["BitstringStatusListCredential"])),
        ("validFrom", json!("yesterday")),
        ("validUntil", json!(NOW)),
        ("credentialSubject", json!([])),
    ] {
        let error = refused(|credential| credential[member] = value);
        assert!(
            matches!(error, ListCredentialError::Member { member: found } if found == member),
            "{member}: {error}"
        );
    }
    assert!(matches!(
        refused(|credential| credential["id"] = "https://issuer.example/status/2".into()),
        ListCredentialError::OtherList
    ));
    assert!(matches!(
        refused(|credential| credential["credentialSubject"]["type"] = "Person".into()),
        ListCredentialError::List(BitstringError::Type)
    ));
    let mut unnamed = credential();
    unnamed.remove("id");
    assert!(VerifiedListCredential::check(&unnamed, URI, NOW).is_ok());
}

#[test]
fn dates() {
    let at = |now| VerifiedListCredential::check(&credential(), URI, now).map(|_| ());
    assert!(at(NOW - LEEWAY).is_ok());
    assert!(matches!(
        at(NOW - LEEWAY - 1),
        Err(ListCredentialError::NotYetValid)
    ));
    assert!(at(NOW + 99).is_ok());
    assert!(matches!(at(NOW + 100), Err(ListCredentialError::Expired)));
}

/// A list as it was published before Bitstring Status List had its name.
fn older(encoded: &str) -> Map<String, Value> {
    let credential = json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://w3id.org/vc/status-list/2021/v1",
        ],
        "id": URI,
        "type": ["VerifiableCredential", "StatusList2021Credential"],
        "issuer": ISSUER,
        "issuanceDate": "2020-01-01T00:00:00Z",
        "credentialSubject": {
            "id": format!("{URI}#list"),
            "type": "StatusList2021",
            "statusPurpose": "revocation",
            "encodedList": encoded,
        },
    });
    credential.as_object().unwrap().clone()
}

#[test]
fn lists_of_status_list_2021_are_read() {
    let mut list = BitstringList::new("revocation", 0, 1).unwrap();
    list.set(7, 1, 1).unwrap();
    let subject = list.to_subject(URI, None);
    let url_safe = subject["encodedList"].as_str().unwrap();
    let url_safe = url_safe.strip_prefix('u').unwrap();
    let standard = keys::b64::encode_standard(keys::b64::decode(url_safe).unwrap());
    for encoded in [url_safe, &standard] {
        let found = VerifiedListCredential::check(&older(encoded), URI, NOW).unwrap();
        assert_eq!(found.issued_at, Some(1_577_836_800));
        let standing = |place| found.list.standing(place, "revocation", 1);
        assert_eq!(standing(7), Ok(Standing::Revoked));
        assert_eq!(standing(8), Ok(Standing::Valid));
    }
    let refused = |credential: &Map<String, Value>| {
        VerifiedListCredential::check(credential, URI, NOW).unwrap_err()
    };
    let mut expired = older(url_safe);
    expired.insert("expirationDate".to_owned(), "2021-01-01T00:00:00Z".into());
    assert!(matches!(refused(&expired), ListCredentialError::Expired));
    assert!(matches!(
        refused(&older("not base64!")),
        ListCredentialError::List(BitstringError::Encoding)
    ));
    // Today's lists say how they are encoded.
    let mut mixed = older(url_safe);
    mixed["credentialSubject"]["type"] = "BitstringStatusList".into();
    assert!(matches!(
        refused(&mixed),
        ListCredentialError::List(BitstringError::Encoding)
    ));
}
