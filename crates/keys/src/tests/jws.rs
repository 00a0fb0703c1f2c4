use serde_json::{Map, Value, json};

use crate::jws::{JwsError, MAX_BYTES, Unverified, sign, sign_claims};
use crate::{Algorithm, PublicKey, SigningKey, b64};

/// RFC 7515 A.3.
const RFC7515: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
/// RFC 8037 A.4.
const RFC8037: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn rfc7515_key() -> PublicKey {
    PublicKey::from_jwk(&json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }))
    .unwrap()
}

fn header(json: Value) -> String {
    b64::encode(json.to_string())
}

#[test]
fn rfc_7515_a3_es256() {
    let jws = Unverified::parse(RFC7515).unwrap();
    assert_eq!(jws.algorithm(), Algorithm::Es256);
    let claims = jws.verify(&rfc7515_key()).unwrap().claims().unwrap();
    assert_eq!(claims["iss"], "joe");
}

#[test]
fn rfc_8037_a4_ed25519() {
    let key = SigningKey::from_jwk(&json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }))
    .ok()
    .unwrap();
    let signed = sign(Map::new(), b"Example of Ed25519 signing", &key);
    assert_eq!(signed, RFC8037);
    let verified = Unverified::parse(RFC8037).unwrap().verify(&key.public());
    assert_eq!(
        verified.ok().unwrap().payload,
        b"Example of Ed25519 signing"
    );
}

#[test]
fn what_is_signed_verifies_with_its_key_only() {
    for key in [
        SigningKey::make_p256(),
        SigningKey::make_p384(),
        SigningKey::make_ed25519(),
    ] {
        let text = sign_claims("t", Map::new(), &json!({"a": 1}), &key);
        let jws = Unverified::parse(&text).unwrap();
        jws.require_type("t").unwrap();
        assert_eq!(jws.verify(&key.public()).unwrap().claims().unwrap()["a"], 1);
        assert!(matches!(
            jws.verify(&SigningKey::make_p256().public()),
            Err(JwsError::Signature(_) | JwsError::KeyMismatch)
        ));
    }
}

#[test]
fn the_key_decides_the_algorithm() {
    let text = sign(Map::new(), b"x", &SigningKey::make_p256());
    assert!(matches!(
        Unverified::parse(&text)
            .unwrap()
            .verify(&SigningKey::make_ed25519().public()),
        Err(JwsError::KeyMismatch)
    ));
}

#[test]
fn a_changed_part_is_refused() {
    let key = SigningKey::make_p256();
    let text = sign_claims("t", Map::new(), &json!({"a": 1}), &key);
    let parts: Vec<&str> = text.split('.').collect();
    let other_header = header(json!({"alg": "ES256", "typ": "u"}));
    let other_payload = b64::encode(r#"{"a":2}"#);
    let mut signature = b64::decode(parts[2]).unwrap();
    signature[10] ^= 1;
    for forged in [
        format!("{other_header}.{}.{}", parts[1], parts[2]),
        format!("{}.{other_payload}.{}", parts[0], parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], b64::encode(&signature)),
        format!(
            "{}.{}.{}",
            parts[0],
            parts[1],
            b64::encode(&signature[..63])
        ),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], b64::encode([0_u8; 64])),
    ] {
        assert!(matches!(
            Unverified::parse(&forged).unwrap().verify(&key.public()),
            Err(JwsError::Signature(_))
        ));
    }
}

#[test]
fn unacceptable_algorithms() {
    for alg in [
        json!("none"),
        json!("HS256"),
        json!("RS256"),
        json!("ES512"),
        json!("es256"),
        json!(7),
        json!(null),
        json!(["ES256"]),
    ] {
        let text = format!("{}.AA.AA", header(json!({"alg": alg})));
        assert!(matches!(Unverified::parse(&text), Err(JwsError::Algorithm)));
    }
    assert!(matches!(
        Unverified::parse(&format!("{}.AA.AA", header(json!({})))),
        Err(JwsError::Algorithm)
    ));
}

#[test]
fn critical_extensions() {
    for extra in [
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"b64": false}),
    ] {
        let mut members = json!({"alg": "ES256"});
        members
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        assert!(matches!(
            Unverified::parse(&format!("{}.AA.AA", header(members))),
            Err(JwsError::Critical)
        ));
    }
}

#[test]
fn what_is_no_compact_jws() {
    let good = header(json!({"alg": "ES256"}));
    for text in [
        String::new(),
        "a".to_owned(),
        "a.b".to_owned(),
        format!("{good}.AA.AA.AA"),
        format!("{good}.AA=.AA"),
        format!("{good}.A+.AA"),
        format!("{good}. AA.AA"),
        format!("{good}.AB.AA"),
        format!("{good}.AA.AA\n"),
        "x".repeat(MAX_BYTES + 1),
    ] {
        assert!(
            matches!(Unverified::parse(&text), Err(JwsError::Malformed)),
            "{}",
            text.len()
        );
    }
    for bad in ["[]", "{", r#"{"alg":"ES256","alg":"ES256"}"#] {
        assert!(matches!(
            Unverified::parse(&format!("{}.AA.AA", b64::encode(bad))),
            Err(JwsError::Header(_))
        ));
    }
}

#[test]
fn types_are_required_as_rfc_8725_says() {
    let key = SigningKey::make_p256();
    let with = |typ: &str| sign_claims(typ, Map::new(), &json!({}), &key);
    for typ in ["kb+jwt", "application/kb+jwt", "KB+JWT"] {
        Unverified::parse(&with(typ))
            .unwrap()
            .require_type("kb+jwt")
            .unwrap();
    }
    for typ in ["", "jwt", "kb+jwt ", "application/"] {
        assert!(matches!(
            Unverified::parse(&with(typ))
                .unwrap()
                .require_type("kb+jwt"),
            Err(JwsError::Type { expected: "kb+jwt" })
        ));
    }
    let without = sign(Map::new(), b"{}", &key);
    assert!(
        Unverified::parse(&without)
            .unwrap()
            .require_type("kb+jwt")
            .is_err()
    );
}

#[test]
fn a_payload_that_is_no_object_has_no_claims() {
    let key = SigningKey::make_p256();
    for payload in ["[]", "{", r#"{"a":1,"a":2}"#] {
        let text = sign(Map::new(), payload.as_bytes(), &key);
        let jws = Unverified::parse(&text).unwrap();
        assert!(matches!(jws.unverified_claims(), Err(JwsError::Payload(_))));
        let verified = jws.verify(&key.public()).unwrap();
        assert!(matches!(verified.claims(), Err(JwsError::Payload(_))));
    }
}

#[test]
fn signing_replaces_another_algorithm() {
    let mut members = Map::new();
    members.insert("alg".into(), "none".into());
    let text = sign(members, b"x", &SigningKey::make_ed25519());
    assert_eq!(
        Unverified::parse(&text).unwrap().algorithm(),
        Algorithm::EdDsa
    );
}

#[test]
fn a_bound_of_its_own() {
    let key = SigningKey::make_p256();
    let claims = json!({"long": "a".repeat(MAX_BYTES)});
    let text = sign_claims("t", Map::new(), &claims, &key);
    assert!(matches!(Unverified::parse(&text), Err(JwsError::Malformed)));
    let jws = Unverified::parse_bounded(&text, text.len()).unwrap();
    assert_eq!(Value::Object(jws.unverified_claims().unwrap()), claims);
    let verified = jws.verify(&key.public()).unwrap();
    assert_eq!(Value::Object(verified.claims().unwrap()), claims);
    assert!(matches!(
        Unverified::parse_bounded(&text, text.len() - 1),
        Err(JwsError::Malformed)
    ));
}
