//! Texts and payloads that cannot be read at all.

use keys::jws;
use keys::{SigningKey, b64};
use serde_json::{Map, Value, json};

use super::NOW;
use super::refusals::{base, disclosure, text};
use crate::sd_jwt::{
    DisclosureError, MAX_BYTES, MAX_DISCLOSURES, ParseError, Processed, StoreError, Unverified,
    VerifyError,
};

#[test]
fn a_plain_jwt_and_broken_jwts() {
    let key = SigningKey::make_p256();
    let jwt = jws::sign_claims("dc+sd-jwt", Map::new(), &base().into(), &key);
    assert!(matches!(Unverified::parse(&jwt), Err(ParseError::NotSdJwt)));
    for text in [
        "~",
        "a.b~",
        "a.b.c.d~",
        &format!("x{jwt}~"),
        &format!(" {jwt}~"),
    ] {
        assert!(matches!(
            Unverified::parse(text),
            Err(ParseError::IssuerJwt(_))
        ));
    }
    // An empty disclosure between two tildes.
    assert!(matches!(
        Unverified::parse(&format!("{jwt}~~")),
        Err(ParseError::Disclosure { position: 1 })
    ));
    assert!(matches!(
        Unverified::parse(&format!("{jwt}~x.y.z")),
        Err(ParseError::KeyBinding(_))
    ));
}

#[test]
fn texts_that_are_too_long_or_have_too_many_disclosures() {
    assert!(matches!(
        Unverified::parse(&"~".repeat(MAX_BYTES + 1)),
        Err(ParseError::TooLong { .. })
    ));
    assert!(matches!(
        Unverified::parse_json(&vec![b' '; MAX_BYTES + 1]),
        Err(ParseError::TooLong { .. })
    ));
    let key = SigningKey::make_p256();
    let all: Vec<String> = (0..=MAX_DISCLOSURES)
        .map(|number| disclosure(&json!(["salt", number.to_string(), 1])))
        .collect();
    assert!(matches!(
        Unverified::parse(&text(json!({}), &all, "dc+sd-jwt", &key)),
        Err(ParseError::TooManyDisclosures { .. })
    ));
}

#[test]
fn json_serializations_that_lack_a_member() {
    for (document, wanted) in [
        (json!({"signature": "x"}), "payload"),
        (json!({"payload": "x"}), "header"),
        (json!({"payload": "x", "header": {}}), "disclosures"),
        (
            json!({"payload": "x", "header": {"disclosures": [7]}}),
            "disclosures",
        ),
        (
            json!({"payload": "x", "header": {"disclosures": [], "kb_jwt": 7}}),
            "kb_jwt",
        ),
        (
            json!({"payload": "x", "header": {"disclosures": []}}),
            "protected",
        ),
        (json!({"payload": "x", "signatures": []}), "signatures"),
        (
            json!({"payload": "e30", "signatures": [{"header": {"disclosures": []},
                "protected": b64::encode(r#"{"alg":"ES256"}"#), "signature": "AAAA"}, 7]}),
            "signatures",
        ),
        (json!({"payload": "x", "signatures": [7]}), "header"),
        (
            json!({"payload": "x", "signatures": vec![json!({}); 9]}),
            "signatures",
        ),
    ] {
        let found = Unverified::parse_json(document.to_string().as_bytes());
        assert!(
            matches!(found, Err(ParseError::JsonMember { member }) if member == wanted),
            "{wanted}: {found:?}"
        );
    }
    assert!(matches!(
        Unverified::parse_json(b"[]"),
        Err(ParseError::Json(_))
    ));
}

#[test]
fn a_payload_that_is_no_object_or_names_no_type() {
    let key = SigningKey::make_p256();
    let jwt = |payload: Value| {
        let jwt = jws::sign_claims("dc+sd-jwt", Map::new(), &payload, &key);
        format!("{jwt}~")
    };
    let list = Unverified::parse(&jwt(json!([]))).unwrap();
    assert!(matches!(
        list.unverified_claims(),
        Err(ParseError::IssuerJwt(_))
    ));
    assert!(matches!(
        list.verify(&key.public(), NOW),
        Err(VerifyError::Disclosures(DisclosureError::Payload))
    ));
    let format = crate::format::by_id("dc+sd-jwt").unwrap();
    for payload in [json!([]), json!({"iss": "https://issuer.example"})] {
        let error = format.peek(&jwt(payload)).err().unwrap();
        assert_eq!(error.fault, crate::format::Fault::Malformed);
    }
}

#[test]
fn a_stored_text_that_does_not_hold_together() {
    let key = SigningKey::make_p256();
    assert!(matches!(
        Processed::from_store("x"),
        Err(StoreError::Parse(_))
    ));
    let one = disclosure(&json!(["salt", "name", "Ada"]));
    assert!(matches!(
        Processed::from_store(&text(json!({}), &[one], "dc+sd-jwt", &key)),
        Err(StoreError::Process(_))
    ));
}
