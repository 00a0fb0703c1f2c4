use keys::SigningKey;
use keys::jws;
use rcgen::{CertificateParams, KeyPair, SanType};
use serde_json::json;

use super::*;

fn source(header: Value, claims: Value) -> Result<KeySource, KeySourceError> {
    let Value::Object(header) = header else {
        panic!("not an object")
    };
    let jwt = jws::sign_claims("dc+sd-jwt", header, &claims, &SigningKey::make_p256());
    Unverified::parse(&format!("{jwt}~")).unwrap().key_source()
}

fn did_url(source: Result<KeySource, KeySourceError>) -> String {
    match source {
        Ok(KeySource::Did { url }) => url,
        _ => panic!("no DID"),
    }
}

fn certificate(names: Vec<SanType>) -> Value {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names;
    let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    json!([Certificate::from_der(der.der()).unwrap().to_x5c()])
}

#[test]
fn x5c_comes_first_and_needs_no_iss() {
    let x5c = certificate(Vec::new());
    assert!(matches!(
        source(json!({"x5c": x5c, "kid": "did:web:a#1"}), json!({})),
        Ok(KeySource::X5c(chain)) if chain.len() == 1
    ));
}

fn leaf(names: Vec<SanType>) -> Certificate {
    let chain = Certificate::chain_from_x5c(&certificate(names)).unwrap();
    chain.into_iter().next().unwrap()
}

#[test]
fn a_certificate_vouches_for_its_names_and_addresses_only() {
    let leaf = leaf(vec![
        SanType::DnsName("issuer.example".try_into().unwrap()),
        SanType::URI("http://127.0.0.1:9000".try_into().unwrap()),
        SanType::IpAddress("127.0.0.2".parse().unwrap()),
        SanType::IpAddress("192.0.2.1".parse().unwrap()),
    ]);
    for iss in [
        "https://issuer.example",
        "https://issuer.example/a",
        "http://127.0.0.1:9000",
        "http://127.0.0.2:9000",
        "https://127.0.0.2",
        "https://192.0.2.1",
    ] {
        assert!(names(&leaf, iss), "{iss}");
    }
    for iss in [
        "https://other.example",
        "http://issuer.example",
        "https://issuer.example.other.example",
        "https://issuer.example@other.example",
        "did:web:issuer.example",
        "http://127.0.0.1:9001",
        "http://192.0.2.1",
        "http://127.0.0.3",
        "https://192.0.2.2",
        "issuer.example",
        "",
    ] {
        assert!(!names(&leaf, iss), "{iss}");
    }
}

#[test]
fn an_iss_beside_x5c_changes_nothing() {
    let x5c = certificate(Vec::new());
    assert!(matches!(
        source(json!({"x5c": x5c}), json!({"iss": "https://other.example"})),
        Ok(KeySource::X5c(chain)) if chain.len() == 1
    ));
}

#[test]
fn x5c_that_is_malformed_does_not_fall_back() {
    for x5c in [json!([]), json!("x"), json!(["AA=="]), json!(null)] {
        assert!(matches!(
            source(
                json!({"x5c": x5c}),
                json!({"iss": "https://issuer.example"})
            ),
            Err(KeySourceError::Chain(_))
        ));
    }
}

#[test]
fn dids() {
    let iss = json!({"iss": "did:web:a"});
    assert_eq!(did_url(source(json!({}), iss.clone())), "did:web:a");
    for kid in ["#1", "1", "did:web:a#1"] {
        assert_eq!(
            did_url(source(json!({"kid": kid}), iss.clone())),
            "did:web:a#1"
        );
    }
    assert_eq!(
        did_url(source(json!({"kid": "did:web:b#1"}), json!({}))),
        "did:web:b#1"
    );
    for kid in ["did:web:b#1", "did:web:ab#1"] {
        assert!(matches!(
            source(json!({"kid": kid}), iss.clone()),
            Err(KeySourceError::OtherDid)
        ));
    }
}

#[test]
fn metadata() {
    assert!(matches!(
        source(json!({"kid": "did:web:b#1"}), json!({"iss": "https://issuer.example/a"})),
        Ok(KeySource::Metadata { iss, kid: Some(_) }) if iss == "https://issuer.example/a"
    ));
}

#[test]
fn nowhere() {
    for claims in [
        json!({}),
        json!({"iss": "issuer"}),
        json!({"iss": "http://issuer.example"}),
        json!({"iss": "https://issuer.example?a"}),
    ] {
        assert!(matches!(
            source(json!({"kid": "1"}), claims),
            Err(KeySourceError::Nowhere)
        ));
    }
    assert!(matches!(
        source(json!({}), json!({"iss": 7})),
        Err(KeySourceError::NotString { member: "iss" })
    ));
    assert!(matches!(
        source(json!({"kid": 7}), json!({"iss": "did:web:a"})),
        Err(KeySourceError::NotString { member: "kid" })
    ));
}

#[test]
fn well_known_urls() {
    for (iss, url) in [
        (
            "https://example.com",
            "https://example.com/.well-known/jwt-vc-issuer",
        ),
        (
            "https://example.com/",
            "https://example.com/.well-known/jwt-vc-issuer",
        ),
        (
            "https://example.com/tenant/1234",
            "https://example.com/.well-known/jwt-vc-issuer/tenant/1234",
        ),
        (
            "https://example.com:8443/t/",
            "https://example.com:8443/.well-known/jwt-vc-issuer/t",
        ),
        (
            "http://127.0.0.1:80/a",
            "http://127.0.0.1/.well-known/jwt-vc-issuer/a",
        ),
    ] {
        assert_eq!(well_known_url(iss).unwrap().as_str(), url);
    }
    for iss in [
        "http://example.com",
        "https://example.com/?q",
        "https://example.com/#f",
        "https://u@example.com/",
        "https://u:p@example.com/",
        "file:///a",
        "did:web:a",
        "",
    ] {
        assert!(well_known_url(iss).is_none(), "{iss}");
    }
}

fn jwk(kid: &str, key: &SigningKey) -> Value {
    let mut jwk = key.public().to_jwk();
    jwk["kid"] = kid.into();
    jwk
}

#[test]
fn metadata_gives_its_keys_or_says_where_they_are() {
    let iss = "https://issuer.example";
    let parse = |value: Value| IssuerMetadata::parse(value.to_string().as_bytes(), iss);
    assert!(matches!(
        parse(json!({"issuer": iss, "jwks": {"keys": []}})),
        Ok(IssuerMetadata::Keys(_))
    ));
    assert!(matches!(
        parse(json!({"issuer": iss, "jwks_uri": "https://keys.example/k"})),
        Ok(IssuerMetadata::KeysAt(url)) if url.as_str() == "https://keys.example/k"
    ));
    for issuer in [
        json!("https://issuer.example/"),
        json!("HTTPS://issuer.example"),
        json!(null),
    ] {
        assert_eq!(
            parse(json!({"issuer": issuer, "jwks": {"keys": []}})).err(),
            Some(MetadataError::OtherIssuer)
        );
    }
    for keys in [
        json!({}),
        json!({"jwks": {"keys": []}, "jwks_uri": "https://keys.example"}),
        json!({"jwks": []}),
        json!({"jwks": {"keys": {}}}),
        json!({"jwks_uri": 7}),
        json!({"jwks_uri": "keys"}),
    ] {
        let mut document = keys;
        document["issuer"] = iss.into();
        assert_eq!(parse(document).err(), Some(MetadataError::Keys));
    }
    assert_eq!(
        IssuerMetadata::parse(b"{", iss).err(),
        Some(MetadataError::Json)
    );
    let long = vec![b' '; MAX_DOCUMENT + 1];
    assert_eq!(
        IssuerMetadata::parse(&long, iss).err(),
        Some(MetadataError::Json)
    );
}

#[test]
fn keys_are_found_by_name_and_algorithm() {
    let (one, two, ed) = (
        SigningKey::make_p256(),
        SigningKey::make_p256(),
        SigningKey::make_ed25519(),
    );
    let set = KeySet::from_json(&json!({"keys": [
        jwk("1", &one), jwk("2", &two), jwk("ed", &ed), {"kid": "rsa", "kty": "RSA"},
    ]}))
    .unwrap();
    assert!(set.find(Some("2"), Algorithm::Es256).unwrap() == two.public());
    assert!(set.find(None, Algorithm::EdDsa).unwrap() == ed.public());
    assert_eq!(
        set.find(Some("3"), Algorithm::Es256).err(),
        Some(MetadataError::NoSuchKey)
    );
    assert_eq!(
        set.find(Some("ed"), Algorithm::Es256).err(),
        Some(MetadataError::NoSuchKey)
    );
    assert_eq!(
        set.find(None, Algorithm::Es256).err(),
        Some(MetadataError::Ambiguous)
    );
    assert_eq!(
        set.find(Some("rsa"), Algorithm::Es256).err(),
        Some(MetadataError::Key(KeyError::UnsupportedKey))
    );
    let twice = KeySet::from_json(&json!({"keys": [jwk("1", &one), jwk("1", &two)]})).unwrap();
    assert_eq!(
        twice.find(Some("1"), Algorithm::Es256).err(),
        Some(MetadataError::Ambiguous)
    );
}

#[test]
fn keys_for_encryption_do_not_sign_and_sets_are_bounded() {
    let mut enc = jwk("1", &SigningKey::make_p256());
    enc["use"] = "enc".into();
    let set = KeySet::parse(json!({"keys": [enc]}).to_string().as_bytes()).unwrap();
    assert_eq!(
        set.find(Some("1"), Algorithm::Es256).err(),
        Some(MetadataError::NoSuchKey)
    );
    let many = json!({"keys": vec![json!({}); MAX_KEYS + 1]});
    assert_eq!(KeySet::from_json(&many).err(), Some(MetadataError::Keys));
}
