use keys::{PublicKey, SigningKey, b64};
use serde_json::{Value, json};

use super::*;

fn keys() -> [PublicKey; 2] {
    [
        SigningKey::make_p256().public(),
        SigningKey::make_ed25519().public(),
    ]
}

#[test]
fn did_key_and_did_jwk_give_back_their_key() {
    let p384 = SigningKey::make_p384().public();
    for key in keys().into_iter().chain([p384]) {
        for (did, url) in [
            (derive_did_key(&key), derive_did_key_url(&key)),
            (derive_did_jwk(&key), derive_did_jwk_url(&key)),
        ] {
            let (did, url) = (did.unwrap(), url.unwrap());
            assert_eq!(split_url(&url).0, did);
            let document = resolve_self_contained(&did).unwrap();
            assert_eq!(document.did(), did);
            for relationship in [Relationship::Assertion, Relationship::Authentication] {
                assert!(document.key(&url, relationship).unwrap() == key, "{url}");
                // One key alone needs no fragment.
                assert!(document.key(&did, relationship).unwrap() == key, "{did}");
            }
        }
    }
}

/// The did:key specification's own examples (W3C CCG, did:key v0.7, §6.1 and §6.4).
#[test]
fn published_did_keys() {
    let ed =
        resolve_self_contained("did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp").unwrap();
    let key = ed
        .key(
            "#z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
            Relationship::Assertion,
        )
        .unwrap();
    assert_eq!(
        key.to_jwk()["x"],
        "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"
    );
    let p256 = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";
    let key = resolve_self_contained(p256)
        .unwrap()
        .key(p256, Relationship::Assertion)
        .unwrap();
    assert_eq!(derive_did_key(&key).unwrap(), p256);
}

/// The did:jwk specification's own example for P-256.
#[test]
fn published_did_jwk() {
    let did = "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9";
    let key = resolve_self_contained(did)
        .unwrap()
        .key(&format!("{did}#0"), Relationship::Authentication)
        .unwrap();
    assert_eq!(
        key.to_jwk()["x"],
        "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0"
    );
    assert_eq!(derive_did_jwk(&key).unwrap(), did);
}

fn did_jwk(jwk: &Value) -> String {
    format!("did:jwk:{}", b64::encode(jwk.to_string()))
}

#[test]
fn self_contained_dids_without_a_usable_key() {
    let mut secret = SigningKey::make_p256().public().to_jwk();
    secret["d"] = json!(b64::encode([7_u8; 32]));
    for did in [
        "did:key:z".to_owned(),
        "did:key:z6Mk".to_owned(),
        "did:key:zzzz".to_owned(),
        // X25519.
        "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc".to_owned(),
        // secp256k1.
        "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme".to_owned(),
        "did:jwk:AAAA".to_owned(),
        did_jwk(&json!({})),
        did_jwk(&json!([])),
        did_jwk(&secret),
    ] {
        assert_eq!(
            resolve_self_contained(&did).err(),
            Some(DidError::NoKeyInside),
            "{did}"
        );
    }
}

/// `ssi` 0.16 resolves a did:jwk whose point is not on the curve.
#[test]
fn points_that_are_not_on_the_curve() {
    let mut jwk = SigningKey::make_p256().public().to_jwk();
    jwk["y"] = json!(b64::encode([1_u8; 32]));
    let did = did_jwk(&jwk);
    let found = resolve_self_contained(&did)
        .and_then(|document| document.key(&format!("{did}#0"), Relationship::Assertion));
    assert!(
        matches!(found, Err(DidError::NoKeyInside | DidError::Key(_))),
        "{found:?}"
    );
}

#[test]
fn keys_of_the_wrong_length_do_not_panic() {
    for length in [0, 1, 31, 33, 64] {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": b64::encode(vec![9_u8; length])});
        let did = did_jwk(&jwk);
        let found = resolve_self_contained(&did)
            .and_then(|document| document.key(&did, Relationship::Assertion));
        assert!(found.is_err(), "{length}");
    }
}

/// The specification knows base58btc alone. Two DIDs for one key would be two holders.
#[test]
fn did_key_in_another_base_is_refused() {
    let key = SigningKey::make_ed25519().public();
    let mut multicodec = vec![0xed, 0x01];
    multicodec.extend(key.to_point_bytes());
    let digits: String = multicodec
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for id in [
        format!("f{digits}"),
        format!("u{}", b64::encode(&multicodec)),
    ] {
        let found = resolve_self_contained(&format!("did:key:{id}"));
        assert_eq!(found.err(), Some(DidError::NoKeyInside));
    }
}

#[test]
fn a_bbs_key_asserts_and_does_not_authenticate() {
    let key = PublicKey::Bls12381G2(bbs::SecretKey::make().public());
    let did = derive_did_key(&key).unwrap();
    assert!(did.starts_with("did:key:zUC"));
    let url = derive_did_key_url(&key).unwrap();
    let document = resolve_self_contained(&did).unwrap();
    for name in [&did, &url] {
        assert!(document.key(name, Relationship::Assertion).unwrap() == key);
    }
    let refused = document.key(&url, Relationship::Authentication);
    assert_eq!(refused.err(), Some(DidError::NotForThis));
    assert_eq!(document.keys(Relationship::Authentication).count(), 0);
}

#[test]
fn all_keys_for_one_use_are_found_without_those_that_cannot_be_used() {
    let [one, two] = keys();
    let document = document(json!({
        "verificationMethod": [
            method("#a", &one),
            method("#b", &two),
            {"id": "#rsa", "publicKeyJwk": {"kty": "RSA", "n": "AA", "e": "AQAB"}},
        ],
        "assertionMethod": ["#a", "#rsa"],
        "authentication": ["#b"],
    }))
    .unwrap();
    let found: Vec<_> = document.keys(Relationship::Assertion).collect();
    assert_eq!(found.len(), 1);
    assert!(found[0] == ("did:web:issuer.example#a", &one));
}

#[test]
fn other_methods_and_what_is_no_did() {
    for did in ["did:web:example.com", "did:example:1", "did:ethr:0x1"] {
        assert_eq!(resolve_self_contained(did).err(), Some(DidError::Method));
    }
    for did in [
        "",
        "did",
        "did:",
        "did:key",
        "https://example.com",
        "DID:key:z6Mk",
    ] {
        assert_eq!(
            resolve_self_contained(did).err(),
            Some(DidError::Malformed),
            "{did}"
        );
    }
    let long = format!("did:key:z{}", "1".repeat(MAX_DID));
    assert_eq!(
        resolve_self_contained(&long).err(),
        Some(DidError::Malformed)
    );
}

#[test]
fn did_web_urls() {
    for (did, url) in [
        (
            "did:web:example.com",
            "https://example.com/.well-known/did.json",
        ),
        (
            "did:web:example.com:a:b",
            "https://example.com/a/b/did.json",
        ),
        (
            "did:web:example.com%3A8443:a",
            "https://example.com:8443/a/did.json",
        ),
        // The demo: loopback by http, which only the demo's client may ask.
        (
            "did:web:localhost%3A8080",
            "http://localhost:8080/.well-known/did.json",
        ),
        (
            "did:web:127.0.0.1%3A8080:i",
            "http://127.0.0.1:8080/i/did.json",
        ),
    ] {
        assert_eq!(web_url(did).unwrap().as_str(), url);
    }
}

#[test]
fn did_webs_that_name_no_usable_host_or_path() {
    for did in [
        "did:web:10.0.0.1",
        "did:web:0x0a000001",
        "did:web:example.com%3A99999",
        "did:web:example.com%3A",
        "did:web:user%40example.com",
        "did:web:example.com%2Fa",
        "did:web:%5B::1%5D",
        "did:web:a%3A1%3A2",
        "did:web:..",
    ] {
        assert!(
            matches!(web_url(did), Err(DidError::WebHost | DidError::Malformed)),
            "{did}: {:?}",
            web_url(did)
        );
    }
    for did in [
        "did:web:example.com::a",
        "did:web:example.com:..:a",
        "did:web:example.com:a%2Fb",
    ] {
        assert!(web_url(did).is_err(), "{did}");
    }
    assert_eq!(web_url("did:key:z6Mk").err(), Some(DidError::Method));
}

const WEB: &str = "did:web:issuer.example";

fn document(body: Value) -> Result<Document, DidError> {
    let mut document = json!({"id": WEB});
    document
        .as_object_mut()
        .unwrap()
        .extend(body.as_object().unwrap().clone());
    Document::parse(document.to_string().as_bytes(), WEB)
}

fn method(id: &str, key: &PublicKey) -> Value {
    json!({"id": id, "type": "JsonWebKey2020", "controller": WEB, "publicKeyJwk": key.to_jwk()})
}

#[test]
fn a_key_serves_only_for_what_the_document_lists() {
    let [assertion, authentication] = keys();
    let document = document(json!({
        "verificationMethod": [method("#a", &assertion), method("did:web:issuer.example#b", &authentication)],
        "assertionMethod": ["did:web:issuer.example#a"],
        "authentication": ["#b"],
    }))
    .unwrap();
    let key = |url: &str, relationship| document.key(url, relationship);
    assert!(key("did:web:issuer.example#a", Relationship::Assertion).unwrap() == assertion);
    assert!(key("#b", Relationship::Authentication).unwrap() == authentication);
    assert_eq!(
        key("#a", Relationship::Authentication).err(),
        Some(DidError::NotForThis)
    );
    assert_eq!(
        key("#b", Relationship::Assertion).err(),
        Some(DidError::NotForThis)
    );
    assert_eq!(
        key("#c", Relationship::Assertion).err(),
        Some(DidError::NoSuchKey)
    );
    assert_eq!(
        key("did:web:other.example#a", Relationship::Assertion).err(),
        Some(DidError::OtherSubject)
    );
}

#[test]
fn methods_may_stand_inside_a_relationship() {
    let [key, _] = keys();
    let document = document(json!({"assertionMethod": [method("#a", &key)]})).unwrap();
    assert!(document.key("#a", Relationship::Assertion).unwrap() == key);
    assert_eq!(
        document.key("#a", Relationship::Authentication).err(),
        Some(DidError::NotForThis)
    );
}

#[test]
fn multikeys_are_read() {
    for key in keys() {
        let multikey = derive_did_key(&key).unwrap().replace("did:key:", "");
        let document = document(json!({
            "verificationMethod": [{"id": "#a", "type": "Multikey", "publicKeyMultibase": multikey}],
            "assertionMethod": ["#a"],
        }))
        .unwrap();
        assert!(document.key("#a", Relationship::Assertion).unwrap() == key);
    }
}

#[test]
fn keys_that_cannot_be_used_are_named_only_when_asked_for() {
    let [good, _] = keys();
    let mut secret = method("#secret", &good);
    secret["publicKeyJwk"]["d"] = json!("AA");
    let document = document(json!({
        "verificationMethod": [
            method("#good", &good),
            secret,
            {"id": "#rsa", "publicKeyJwk": {"kty": "RSA", "n": "AA", "e": "AQAB"}},
            {"id": "#empty"},
            {"id": "#bad", "publicKeyMultibase": "z1"},
        ],
        "assertionMethod": ["#good", "#secret", "#rsa", "#empty", "#bad"],
    }))
    .unwrap();
    document.key("#good", Relationship::Assertion).unwrap();
    for (url, error) in [
        ("#secret", KeyError::SecretPresent),
        ("#rsa", KeyError::UnsupportedKey),
        ("#empty", KeyError::UnsupportedKey),
        ("#bad", KeyError::Malformed),
    ] {
        assert_eq!(
            document.key(url, Relationship::Assertion).err(),
            Some(DidError::Key(error)),
            "{url}"
        );
    }
}

#[test]
fn one_key_of_an_algorithm_needs_no_fragment() {
    let [p256, ed25519] = keys();
    let another = SigningKey::make_ed25519().public();
    let bbs = PublicKey::Bls12381G2(bbs::SecretKey::make().public());
    let document = document(json!({
        "verificationMethod": [
            method("#a", &p256),
            method("#b", &ed25519),
            method("#c", &another),
            method("#d", &bbs),
        ],
        "assertionMethod": ["#a", "#b", "#c", "#d"],
    }))
    .unwrap();
    let key = |url: &str, algorithm| document.key_for(url, Relationship::Assertion, algorithm);
    assert!(key(WEB, Algorithm::Es256).unwrap() == p256);
    assert!(key(WEB, Algorithm::Bbs).unwrap() == bbs);
    assert_eq!(key(WEB, Algorithm::EdDsa).err(), Some(DidError::Ambiguous));
    assert!(key("#c", Algorithm::EdDsa).unwrap() == another);
    assert_eq!(
        key("did:web:other.example", Algorithm::Es256).err(),
        Some(DidError::OtherSubject)
    );
    assert_eq!(
        document
            .key_for(WEB, Relationship::Authentication, Algorithm::Es256)
            .err(),
        Some(DidError::Ambiguous)
    );
}

#[test]
fn several_keys_need_a_fragment() {
    let [one, two] = keys();
    let document = document(json!({
        "verificationMethod": [method("#a", &one), method("#b", &two)],
        "assertionMethod": ["#a", "#b"],
    }))
    .unwrap();
    assert_eq!(
        document.key(WEB, Relationship::Assertion).err(),
        Some(DidError::Ambiguous)
    );
    assert_eq!(
        document.key(WEB, Relationship::Authentication).err(),
        Some(DidError::Ambiguous)
    );
}

#[test]
fn documents_of_another_subject_or_shape() {
    let [key, _] = keys();
    let other = json!({"id": "did:web:other.example"}).to_string();
    assert_eq!(
        Document::parse(other.as_bytes(), WEB).err(),
        Some(DidError::OtherSubject)
    );
    assert_eq!(
        Document::parse(b"{}", WEB).err(),
        Some(DidError::OtherSubject)
    );
    assert_eq!(Document::parse(b"[]", WEB).err(), Some(DidError::Document));
    assert_eq!(Document::parse(b"{", WEB).err(), Some(DidError::Document));
    for body in [
        json!({"verificationMethod": {}}),
        json!({"verificationMethod": ["#a"]}),
        json!({"verificationMethod": [{"type": "x"}]}),
        json!({"verificationMethod": [method("#a", &key), method("#a", &key)]}),
        json!({"assertionMethod": "#a"}),
        json!({"assertionMethod": [7]}),
    ] {
        assert_eq!(document(body).err(), Some(DidError::Document));
    }
}

#[test]
fn documents_that_are_too_large() {
    let padding = json!({"id": WEB, "x": "x".repeat(MAX_DOCUMENT)}).to_string();
    assert_eq!(
        Document::parse(padding.as_bytes(), WEB).err(),
        Some(DidError::Document)
    );
    let many: Vec<Value> = (0..=MAX_METHODS)
        .map(|at| json!({"id": format!("#{at}")}))
        .collect();
    assert_eq!(
        document(json!({"verificationMethod": many})).err(),
        Some(DidError::Document)
    );
    let uses: Vec<Value> = (0..=MAX_METHODS * 2).map(|_| json!("#a")).collect();
    assert_eq!(
        document(json!({"assertionMethod": uses})).err(),
        Some(DidError::Document)
    );
}
