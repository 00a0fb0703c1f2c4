//! One named refusal for each check of RFC 9901 §7.1 and SD-JWT VC §3.

use keys::json::MAX_DEPTH as JSON_DEPTH;
use keys::jws::{self, JwsError};
use keys::{SigningKey, b64};
use serde_json::{Map, Value, json};

use super::{NOW, issue_card, object};
use crate::sd_jwt::{
    DisclosureError, HashAlgorithm, HolderKeyError, LEEWAY, ParseError, Unverified, VerifyError,
};

/// An encoded disclosure of whatever shape.
pub(super) fn disclosure(array: &Value) -> String {
    b64::encode(array.to_string())
}

fn digest(disclosure: &str) -> String {
    HashAlgorithm::Sha256.derive_digest(disclosure)
}

pub(super) fn base() -> Map<String, Value> {
    object(json!({"vct": "urn:example:card:1", "exp": NOW + 1000}))
}

pub(super) fn text(payload: Value, disclosures: &[String], typ: &str, key: &SigningKey) -> String {
    let mut claims = base();
    claims.extend(object(payload));
    let mut text = jws::sign_claims(typ, Map::new(), &claims.into(), key);
    for part in disclosures {
        text = format!("{text}~{part}");
    }
    text + "~"
}

/// Verifies a payload (added to [`base`]) with disclosures, signed by the right key.
fn verify(payload: Value, disclosures: &[String]) -> Result<(), VerifyError> {
    let key = SigningKey::make_p256();
    let text = text(payload, disclosures, "dc+sd-jwt", &key);
    Unverified::parse(&text)
        .unwrap()
        .verify(&key.public(), NOW)
        .map(|_| ())
}

fn broken(payload: Value, disclosures: &[String]) -> DisclosureError {
    match verify(payload, disclosures) {
        Err(VerifyError::Disclosures(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn unreadable(part: &Value) -> ParseError {
    let key = SigningKey::make_p256();
    Unverified::parse(&text(json!({}), &[disclosure(part)], "dc+sd-jwt", &key)).unwrap_err()
}

#[test]
fn the_base_is_accepted() {
    verify(json!({}), &[]).unwrap();
    let one = disclosure(&json!(["salt", "name", "Ada"]));
    verify(json!({"_sd": [digest(&one), "decoy"]}), &[one]).unwrap();
}

#[test]
fn another_key() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let card = Unverified::parse(&issue_card(&issuer, &holder)).unwrap();
    let other = card.verify(&SigningKey::make_p256().public(), NOW);
    assert!(matches!(
        other,
        Err(VerifyError::Signature(JwsError::Signature(_)))
    ));
    let other = card.verify(&SigningKey::make_ed25519().public(), NOW);
    assert!(matches!(
        other,
        Err(VerifyError::Signature(JwsError::KeyMismatch))
    ));
}

#[test]
fn changed_payload() {
    let key = SigningKey::make_p256();
    let text = text(json!({"grade": "silver"}), &[], "dc+sd-jwt", &key);
    let parts: Vec<&str> = text.split('.').collect();
    let mut claims = base();
    claims.insert("grade".into(), "gold".into());
    let forged = format!(
        "{}.{}.{}",
        parts[0],
        b64::encode(Value::Object(claims).to_string()),
        parts[2]
    );
    assert!(matches!(
        Unverified::parse(&forged)
            .unwrap()
            .verify(&key.public(), NOW),
        Err(VerifyError::Signature(_))
    ));
}

#[test]
fn changed_disclosure() {
    let one = disclosure(&json!(["salt", "name", "Ada"]));
    let forged = disclosure(&json!(["salt", "name", "Eve"]));
    assert_eq!(
        broken(json!({"_sd": [digest(&one)]}), &[forged]),
        DisclosureError::Unreferenced
    );
}

#[test]
fn unreferenced_disclosure() {
    let one = disclosure(&json!(["salt", "name", "Ada"]));
    assert_eq!(broken(json!({}), &[one]), DisclosureError::Unreferenced);
}

#[test]
fn duplicate_digest_in_one_place() {
    let one = disclosure(&json!(["salt", "name", "Ada"]));
    let twice = json!({"_sd": [digest(&one), digest(&one)]});
    assert_eq!(broken(twice, &[one]), DisclosureError::DuplicateDigest);
}

#[test]
fn duplicate_digest_in_two_places_and_without_its_disclosure() {
    let payload = json!({"_sd": ["decoy"], "list": [{"...": "decoy"}]});
    assert_eq!(broken(payload, &[]), DisclosureError::DuplicateDigest);
}

#[test]
fn duplicate_digest_in_a_disclosure() {
    let inner = disclosure(&json!(["salt", "name", "Ada"]));
    let outer = disclosure(&json!(["salt", "person", {"_sd": [digest(&inner)]}]));
    let payload = json!({"_sd": [digest(&outer), digest(&inner)]});
    assert_eq!(
        broken(payload, &[inner, outer]),
        DisclosureError::DuplicateDigest
    );
}

#[test]
fn the_same_disclosure_twice() {
    let one = disclosure(&json!(["salt", "name", "Ada"]));
    assert_eq!(
        broken(json!({"_sd": [digest(&one)]}), &[one.clone(), one]),
        DisclosureError::DuplicateDisclosure
    );
}

#[test]
fn reserved_claim_names_in_disclosures() {
    for name in ["_sd", "..."] {
        assert!(matches!(
            unreadable(&json!(["salt", name, "x"])),
            ParseError::ReservedName { position: 1 }
        ));
    }
}

#[test]
fn a_hash_algorithm_that_is_disclosed() {
    let one = disclosure(&json!(["salt", "_sd_alg", "sha-512"]));
    assert_eq!(
        broken(json!({"_sd": [digest(&one)]}), &[one]),
        DisclosureError::ClaimPresent
    );
}

#[test]
fn claim_that_is_already_present() {
    let one = disclosure(&json!(["salt", "name", "Ada"]));
    let payload = json!({"name": "Eve", "_sd": [digest(&one)]});
    assert_eq!(broken(payload, &[one]), DisclosureError::ClaimPresent);
}

#[test]
fn two_disclosures_of_one_claim() {
    let one = disclosure(&json!(["salt", "name", "Ada"]));
    let two = disclosure(&json!(["pepper", "name", "Eve"]));
    let payload = json!({"_sd": [digest(&one), digest(&two)]});
    assert_eq!(broken(payload, &[one, two]), DisclosureError::ClaimPresent);
}

#[test]
fn disclosures_with_the_wrong_number_of_elements() {
    for part in [
        json!([]),
        json!(["salt"]),
        json!(["salt", "name", "value", "more"]),
        json!({"salt": "name"}),
        json!("salt"),
    ] {
        assert!(matches!(
            unreadable(&part),
            ParseError::DisclosureShape { position: 1 }
        ));
    }
}

#[test]
fn disclosures_whose_name_or_salt_is_no_string() {
    for part in [
        json!(["salt", 7, "value"]),
        json!([7, "name", "value"]),
        json!([7, "value"]),
    ] {
        assert!(matches!(
            unreadable(&part),
            ParseError::DisclosureShape { position: 1 }
        ));
    }
}

#[test]
fn disclosures_that_are_no_json_or_no_base64url() {
    let key = SigningKey::make_p256();
    for part in [
        "!!",
        "YQ==",
        &b64::encode("[\"salt\","),
        &b64::encode([0xff, 0xfe]),
    ] {
        let text = text(json!({}), &[part.to_owned()], "dc+sd-jwt", &key);
        assert!(matches!(
            Unverified::parse(&text),
            Err(ParseError::Disclosure { position: 1 })
        ));
    }
}

#[test]
fn a_disclosure_that_repeats_a_member() {
    let key = SigningKey::make_p256();
    let part = b64::encode(r#"["salt","name",{"a":1,"a":2}]"#);
    let text = text(json!({}), &[part], "dc+sd-jwt", &key);
    assert!(matches!(
        Unverified::parse(&text),
        Err(ParseError::Disclosure { position: 1 })
    ));
}

#[test]
fn sd_that_is_no_array_and_digests_that_are_no_strings() {
    assert_eq!(
        broken(json!({"_sd": "x"}), &[]),
        DisclosureError::SdNotArray
    );
    assert_eq!(
        broken(json!({"_sd": [7]}), &[]),
        DisclosureError::DigestNotString
    );
    assert_eq!(
        broken(json!({"list": [{"...": 7}]}), &[]),
        DisclosureError::DigestNotString
    );
}

#[test]
fn ellipsis_beside_other_members_or_outside_an_array() {
    for payload in [
        json!({"list": [{"...": "digest", "more": 1}]}),
        json!({"place": {"...": "digest"}}),
    ] {
        assert_eq!(broken(payload, &[]), DisclosureError::StrayEllipsis);
    }
}

#[test]
fn disclosures_in_the_wrong_kind_of_place() {
    let element = disclosure(&json!(["salt", "Ada"]));
    let member = disclosure(&json!(["salt", "name", "Ada"]));
    assert_eq!(
        broken(json!({"_sd": [digest(&element)]}), &[element]),
        DisclosureError::WrongPlace
    );
    assert_eq!(
        broken(json!({"list": [{"...": digest(&member)}]}), &[member]),
        DisclosureError::WrongPlace
    );
}

#[test]
fn unknown_hash_algorithms() {
    for name in [
        json!("md5"),
        json!("sha-1"),
        json!("SHA-256"),
        json!(7),
        json!(null),
    ] {
        assert_eq!(
            broken(json!({"_sd_alg": name}), &[]),
            DisclosureError::HashAlgorithm
        );
    }
}

#[test]
fn recursion_that_is_too_deep() {
    let mut inner = disclosure(&json!(["salt", "name", "Ada"]));
    let mut all = vec![inner.clone()];
    for _ in 0..=JSON_DEPTH {
        inner = disclosure(&json!(["salt", "name", {"_sd": [digest(&inner)]}]));
        all.push(inner.clone());
    }
    assert_eq!(
        broken(json!({"_sd": [digest(&inner)]}), &all),
        DisclosureError::TooDeep
    );
}

#[test]
fn claim_names_that_are_too_long() {
    let name = "n".repeat(query::MAX_NAME + 1);
    let one = disclosure(&json!(["salt", name, "Ada"]));
    assert_eq!(
        broken(json!({"_sd": [digest(&one)]}), &[one]),
        DisclosureError::NameTooLong
    );
    assert_eq!(broken(json!({name: 1}), &[]), DisclosureError::NameTooLong);
}

#[test]
fn alg_none_and_symmetric_algorithms() {
    for alg in ["none", "None", "HS256", "RS256", "ES512", ""] {
        let header = b64::encode(json!({"alg": alg, "typ": "dc+sd-jwt"}).to_string());
        let payload = b64::encode(Value::Object(base()).to_string());
        for signature in ["", "AAAA"] {
            assert!(matches!(
                Unverified::parse(&format!("{header}.{payload}.{signature}~")),
                Err(ParseError::IssuerJwt(JwsError::Algorithm))
            ));
        }
    }
}

#[test]
fn wrong_typ() {
    let key = SigningKey::make_p256();
    for typ in ["JWT", "kb+jwt", "example+sd-jwt", "", "dc+sd-jwt2"] {
        let text = text(json!({}), &[], typ, &key);
        assert!(matches!(
            Unverified::parse(&text).unwrap().verify(&key.public(), NOW),
            Err(VerifyError::Type)
        ));
    }
    for typ in ["dc+sd-jwt", "vc+sd-jwt", "application/dc+sd-jwt"] {
        let text = text(json!({}), &[], typ, &key);
        Unverified::parse(&text)
            .unwrap()
            .verify(&key.public(), NOW)
            .unwrap();
    }
}

#[test]
fn missing_vct() {
    for vct in [json!(null), json!(7), json!("")] {
        assert!(matches!(
            verify(json!({"vct": vct}), &[]),
            Err(VerifyError::NoVct)
        ));
    }
}

#[test]
fn registered_claims_that_are_disclosed() {
    for claim in ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"] {
        let one = disclosure(&json!(["salt", claim, "x"]));
        let mut payload = object(json!({"vct": "t", "_sd": [digest(&one)]}));
        payload.remove(claim);
        let key = SigningKey::make_p256();
        let jwt = jws::sign_claims("dc+sd-jwt", Map::new(), &payload.into(), &key);
        let found = Unverified::parse(&format!("{jwt}~{one}~"))
            .unwrap()
            .verify(&key.public(), NOW);
        assert!(
            matches!(found, Err(VerifyError::MustBeVisible { claim: told }) if told == claim),
            "{claim}: {found:?}"
        );
    }
}

#[test]
fn a_part_of_a_registered_claim_that_is_disclosed() {
    let one = disclosure(&json!(["salt", "jwk", {}]));
    assert!(matches!(
        verify(json!({"cnf": {"_sd": [digest(&one)]}}), &[one]),
        Err(VerifyError::MustBeVisible { claim: "cnf" })
    ));
}

#[test]
fn expired() {
    verify(json!({"exp": NOW + 1}), &[]).unwrap();
    assert!(matches!(
        verify(json!({"exp": NOW}), &[]),
        Err(VerifyError::Expired)
    ));
}

#[test]
fn not_valid_yet_beyond_the_leeway() {
    verify(json!({"nbf": NOW + LEEWAY}), &[]).unwrap();
    assert!(matches!(
        verify(json!({"nbf": NOW + LEEWAY + 1}), &[]),
        Err(VerifyError::NotYetValid)
    ));
}

#[test]
fn issued_in_the_future_beyond_the_leeway() {
    verify(json!({"iat": NOW + LEEWAY}), &[]).unwrap();
    assert!(matches!(
        verify(json!({"iat": NOW + LEEWAY + 1}), &[]),
        Err(VerifyError::IssuedInFuture)
    ));
}

#[test]
fn times_that_are_no_numbers() {
    for claim in ["exp", "nbf", "iat"] {
        for value in [json!("2026"), json!(null), json!(1e300)] {
            let found = verify(json!({claim: value}), &[]);
            assert!(matches!(found, Err(VerifyError::Claim { claim: told }) if told == claim));
        }
    }
    verify(json!({"iat": 1.5e9}), &[]).unwrap();
}

#[test]
fn iss_that_is_no_string() {
    assert!(matches!(
        verify(json!({"iss": 7}), &[]),
        Err(VerifyError::Claim { claim: "iss" })
    ));
}

#[test]
fn holder_keys_that_cannot_be_used() {
    let secret = json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"}});
    for cnf in [
        json!({}),
        json!("x"),
        json!({"x5t#S256": "AA"}),
        json!({"kid": "key-1"}),
        json!({"kid": "did:web:example.com#1"}),
    ] {
        assert!(matches!(
            verify(json!({"cnf": cnf}), &[]),
            Err(VerifyError::HolderKey(HolderKeyError::NotFound))
        ));
    }
    for cnf in [
        secret,
        json!({"jwk": {"kty": "RSA", "n": "AA", "e": "AQAB"}}),
    ] {
        assert!(matches!(
            verify(json!({"cnf": cnf}), &[]),
            Err(VerifyError::HolderKey(HolderKeyError::Key(_)))
        ));
    }
}

#[test]
fn nothing_personal_in_debug_or_errors() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let card = Unverified::parse(&issue_card(&issuer, &holder)).unwrap();
    let verified = card.verify(&issuer.public(), NOW).unwrap();
    let shown = format!("{card:?} {verified:?} {:?}", card.disclosures);
    assert!(
        !shown.contains("Ada") && !shown.contains("London"),
        "{shown}"
    );
}
