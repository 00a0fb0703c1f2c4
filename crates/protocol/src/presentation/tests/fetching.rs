use credential::did;
use keys::jws::JwsError;
use keys::{SigningKey, b64, jws};
use net::Method;
use serde_json::{Map, Value, json};

use super::support::*;
use crate::presentation::{ClientKey, FetchError, Prefix, REQUEST_TYPE, Refusal, fetch};

#[tokio::test]
async fn a_request_signed_with_a_certificate_for_the_host() {
    let desk = Desk::make();
    let request = fetch_object(&desk.san(), desk.sign(&claims(&desk.san())))
        .await
        .unwrap();
    assert_eq!(request.client.id, desk.san());
    assert_eq!(request.client.name(), HOST);
    assert_eq!(request.client.prefix, Prefix::X509SanDns);
    assert!(request.client.key == ClientKey::Chain(vec![desk.certificate.clone()]));
    assert_eq!(request.client.key.public_key(), Some(&desk.key.public()));
    assert_eq!(request.nonce, "n-0S6_WzA2Mj");
    assert_eq!(request.reply.state.as_deref(), Some("s-1"));
    assert_eq!(request.response_host(), HOST);
    assert!(!request.must_be_listed);
}

#[tokio::test]
async fn a_request_signed_with_a_certificate_of_this_hash() {
    let desk = Desk::make();
    let request = fetch_object(&desk.hash(), desk.sign(&claims(&desk.hash())))
        .await
        .unwrap();
    assert_eq!(request.client.prefix, Prefix::X509Hash);
    assert!(!request.must_be_listed);
}

#[tokio::test]
async fn a_request_object_in_the_link_needs_no_network() {
    let desk = Desk::make();
    let object = desk.sign(&claims(&desk.san()));
    let network = Network::default();
    let link = link(&[("client_id", &desk.san()), ("request", &object)]);
    fetch(&network, &link, NOW).await.unwrap();
    assert_eq!(network.count(), 0);
}

fn did_object(key: &SigningKey, kid: &str, client_id: &str) -> String {
    let header = Map::from_iter([("kid".to_owned(), kid.into())]);
    jws::sign_claims(REQUEST_TYPE, header, &claims(client_id), key)
}

#[tokio::test]
async fn a_request_signed_by_did_key_and_did_jwk() {
    for key in [SigningKey::make_p256(), SigningKey::make_ed25519()] {
        for url in [
            did::derive_did_key_url(&key.public()).unwrap(),
            did::derive_did_jwk_url(&key.public()).unwrap(),
        ] {
            let (did, fragment) = did::split_url(&url);
            let id = format!("decentralized_identifier:{did}");
            let request = fetch_object(&id, did_object(&key, &url, &id))
                .await
                .unwrap();
            assert!(
                request.client.key
                    == ClientKey::Did {
                        did: did.to_owned(),
                        key: key.public()
                    }
            );
            let relative = format!("#{}", fragment.unwrap());
            fetch_object(&id, did_object(&key, &relative, &id))
                .await
                .unwrap();
        }
    }
}

const DID_WEB: &str = "did:web:desk.example";
const DID_DOCUMENT: &str = "https://desk.example/.well-known/did.json";

fn document(key: &SigningKey, relationship: &str) -> String {
    let method = format!("{DID_WEB}#k");
    json!({
        "id": DID_WEB,
        "verificationMethod": [{"id": method, "type": "JsonWebKey2020", "controller": DID_WEB, "publicKeyJwk": key.public().to_jwk()}],
        relationship: [method],
    })
    .to_string()
}

#[tokio::test]
async fn a_request_signed_by_did_web_fetches_the_document() {
    let key = SigningKey::make_p256();
    let id = format!("decentralized_identifier:{DID_WEB}");
    for relationship in ["authentication", "assertionMethod"] {
        let network = Network::default()
            .with(REQUEST_URI, did_object(&key, "did:web:desk.example#k", &id))
            .with(DID_DOCUMENT, document(&key, relationship));
        fetch(&network, &by_reference(&id), NOW).await.unwrap();
        assert_eq!(network.count(), 2);
    }
    let network =
        Network::default().with(REQUEST_URI, did_object(&key, "did:web:desk.example#k", &id));
    let outcome = fetch(&network, &by_reference(&id), NOW).await;
    assert!(matches!(outcome, Err(FetchError::DidDocument(_))));
    let object = did_object(&key, "did:web:desk.example#k", &id);
    for (status, body) in [
        (404, document(&key, "authentication")),
        (200, "{}".to_owned()),
    ] {
        let network = Network::default()
            .with(REQUEST_URI, object.clone())
            .on(DID_DOCUMENT, move |_| {
                Ok((status, body.clone().into_bytes()))
            });
        let outcome = fetch(&network, &by_reference(&id), NOW).await;
        assert!(matches!(refusal(outcome), Refusal::Did(_)), "{status}");
    }
    let network = Network::default()
        .with(
            REQUEST_URI,
            did_object(&SigningKey::make_p256(), "did:web:desk.example#k", &id),
        )
        .with(DID_DOCUMENT, document(&key, "authentication"));
    assert!(matches!(
        refusal(fetch(&network, &by_reference(&id), NOW).await),
        Refusal::Signature(_)
    ));
}

#[tokio::test]
async fn kid_must_name_a_key_of_the_clients_did() {
    let key = SigningKey::make_p256();
    let url = did::derive_did_jwk_url(&key.public()).unwrap();
    let id = format!("decentralized_identifier:{}", did::split_url(&url).0);
    let other = did::derive_did_jwk_url(&SigningKey::make_p256().public()).unwrap();
    for kid in [
        other.as_str(),
        did::split_url(&url).0,
        &format!("{}#", did::split_url(&url).0),
        "0",
    ] {
        let outcome = fetch_object(&id, did_object(&key, kid, &id)).await;
        assert!(matches!(refusal(outcome), Refusal::Kid), "{kid}");
    }
    let without = jws::sign_claims(REQUEST_TYPE, Map::new(), &claims(&id), &key);
    assert!(matches!(
        refusal(fetch_object(&id, without).await),
        Refusal::Kid
    ));
    let unknown = format!("{}#other", did::split_url(&url).0);
    assert!(matches!(
        refusal(fetch_object(&id, did_object(&key, &unknown, &id)).await),
        Refusal::Did(_)
    ));
}

#[tokio::test]
async fn an_unsupported_did_method_is_refused() {
    let id = "decentralized_identifier:did:example:1";
    let object = did_object(&SigningKey::make_p256(), "did:example:1#k", id);
    assert!(matches!(
        refusal(fetch_object(id, object).await),
        Refusal::Did(_)
    ));
}

#[tokio::test]
async fn prefixes_that_are_not_supported_are_refused_by_name_before_anything_leaves() {
    for (id, name) in [
        (
            "openid_federation:https://desk.example",
            "openid_federation",
        ),
        ("verifier_attestation:desk", "verifier_attestation"),
        ("origin:https://desk.example", "origin"),
        ("https://desk.example", "an unknown one"),
        ("desk", "none, for a client registered beforehand"),
    ] {
        let network = Network::default();
        match refusal(fetch(&network, &by_reference(id), NOW).await) {
            Refusal::Prefix { prefix } => assert_eq!(prefix, name),
            other => panic!("{other:?}"),
        }
        assert_eq!(network.count(), 0);
    }
    let long = format!("x509_san_dns:{}", "a".repeat(3000));
    assert!(matches!(
        refusal(fetch(&Network::default(), &by_reference(&long), NOW).await),
        Refusal::Malformed("client_id")
    ));
    let empty = fetch(&Network::default(), &by_reference("x509_hash:"), NOW).await;
    assert!(matches!(refusal(empty), Refusal::ClientId { .. }));
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let desk = Desk::make();
    let id = "x509_san_dns:other.example";
    assert!(matches!(
        refusal(fetch_object(id, desk.sign(&claims(id))).await),
        Refusal::CertificateName
    ));
    let (certificate, key) = certificate(&["*.desk.example"], |_| ());
    let wild = Desk { certificate, key };
    let id = "x509_san_dns:a.desk.example";
    assert!(matches!(
        refusal(fetch_object(id, wild.sign(&claims(id))).await),
        Refusal::CertificateName
    ));
}

#[tokio::test]
async fn what_is_no_dns_name_is_refused() {
    let desk = Desk::make();
    for name in [
        "https://desk.example",
        "desk..example",
        "desk example",
        "*.desk.example",
        &format!("{}.example", "d".repeat(64)),
        &["d"; 128].join("."),
    ] {
        let id = format!("x509_san_dns:{name}");
        let outcome = fetch_object(&id, desk.sign(&claims(&id))).await;
        assert!(
            matches!(refusal(outcome), Refusal::ClientId { .. }),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_certificate_of_another_hash_is_refused() {
    let (desk, other) = (Desk::make(), Desk::make());
    let outcome = fetch_object(&desk.hash(), other.sign(&claims(&desk.hash()))).await;
    assert!(matches!(refusal(outcome), Refusal::CertificateHash));
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_refused() {
    for (from, until) in [(2000, 2001), (4000, 4001)] {
        let (certificate, key) = certificate(&[HOST], |params| {
            params.not_before = rcgen::date_time_ymd(from, 1, 1);
            params.not_after = rcgen::date_time_ymd(until, 1, 1);
        });
        let desk = Desk { certificate, key };
        let outcome = fetch_object(&desk.san(), desk.sign(&claims(&desk.san()))).await;
        assert!(matches!(refusal(outcome), Refusal::CertificateTime));
    }
}

#[tokio::test]
async fn a_request_without_a_sound_certificate_is_refused() {
    let desk = Desk::make();
    let sign = |header: Value| {
        let header = header.as_object().unwrap().clone();
        jws::sign_claims(REQUEST_TYPE, header, &claims(&desk.san()), &desk.key)
    };
    assert!(matches!(
        refusal(fetch_object(&desk.san(), sign(json!({}))).await),
        Refusal::NoCertificate
    ));
    for x5c in [json!([]), json!("x"), json!(["AAAA"])] {
        let outcome = fetch_object(&desk.san(), sign(json!({"x5c": x5c}))).await;
        assert!(matches!(refusal(outcome), Refusal::Certificate(_)));
    }
}

#[tokio::test]
async fn a_signature_of_another_key_is_refused() {
    let desk = Desk::make();
    for key in [SigningKey::make_p256(), SigningKey::make_ed25519()] {
        let object = jws::sign_claims(REQUEST_TYPE, desk.header(), &claims(&desk.san()), &key);
        assert!(matches!(
            refusal(fetch_object(&desk.san(), object).await),
            Refusal::Signature(_)
        ));
    }
}

#[tokio::test]
async fn a_changed_request_is_refused() {
    let desk = Desk::make();
    let object = desk.sign(&claims(&desk.san()));
    let parts: Vec<&str> = object.split('.').collect();
    let mut other = claims(&desk.san());
    other["nonce"] = json!("another");
    let changed = format!(
        "{}.{}.{}",
        parts[0],
        b64::encode(other.to_string()),
        parts[2]
    );
    assert!(matches!(
        refusal(fetch_object(&desk.san(), changed).await),
        Refusal::Signature(_)
    ));
}

#[tokio::test]
async fn another_type_is_refused() {
    let desk = Desk::make();
    for typ in ["JWT", "dc+sd-jwt", ""] {
        let object = jws::sign_claims(typ, desk.header(), &claims(&desk.san()), &desk.key);
        assert!(
            matches!(
                refusal(fetch_object(&desk.san(), object).await),
                Refusal::Type
            ),
            "{typ}"
        );
    }
    let object = jws::sign(
        desk.header(),
        claims(&desk.san()).to_string().as_bytes(),
        &desk.key,
    );
    assert!(matches!(
        refusal(fetch_object(&desk.san(), object).await),
        Refusal::Type
    ));
}

fn unsigned_object(header: Value, claims: &Value) -> String {
    format!(
        "{}.{}.",
        b64::encode(header.to_string()),
        b64::encode(claims.to_string())
    )
}

#[tokio::test]
async fn no_signature_is_refused_where_one_is_called_for() {
    let desk = Desk::make();
    let object = unsigned_object(
        json!({"alg": "none", "typ": REQUEST_TYPE}),
        &claims(&desk.san()),
    );
    assert!(matches!(
        refusal(fetch_object(&desk.san(), object).await),
        Refusal::Unsigned { .. }
    ));
    let plain = link(&[("client_id", &desk.san()), ("response_type", "vp_token")]);
    assert!(matches!(
        refusal(fetch(&Network::default(), &plain, NOW).await),
        Refusal::Unsigned { .. }
    ));
}

#[tokio::test]
async fn an_unsigned_object_serves_redirect_uri_only_and_is_checked_too() {
    let id = format!("redirect_uri:{RESPONSE_URI}");
    let header = json!({"alg": "none", "typ": REQUEST_TYPE});
    let request = fetch_object(&id, unsigned_object(header.clone(), &claims(&id)))
        .await
        .unwrap();
    assert!(request.client.key == ClientKey::Unsigned);
    assert_eq!(request.client.key.public_key(), None);
    let with = |header: Value| fetch_object(&id, unsigned_object(header, &claims(&id)));
    assert!(matches!(
        refusal(with(json!({"alg": "none", "typ": "JWT"})).await),
        Refusal::Type
    ));
    assert!(matches!(
        refusal(with(json!({"alg": "ES256", "typ": REQUEST_TYPE})).await),
        Refusal::Signed
    ));
    let critical = json!({"alg": "none", "typ": REQUEST_TYPE, "crit": ["x"]});
    assert!(matches!(
        refusal(with(critical).await),
        Refusal::Object(JwsError::Critical)
    ));
    // What stands where the signature would, parts that no JWS has, and no JSON.
    let object = unsigned_object(header.clone(), &claims(&id));
    let signed = fetch_object(&id, format!("{object}AAAA")).await;
    assert!(matches!(refusal(signed), Refusal::Signed));
    let payload = object.split('.').nth(1).unwrap();
    let none = b64::encode(header.to_string());
    for text in [
        format!("{object}."),
        format!("{none}.!."),
        format!("{}.{payload}.", b64::encode("[]")),
    ] {
        let outcome = fetch_object(&id, text).await;
        assert!(matches!(refusal(outcome), Refusal::Object(_)));
    }
    let outcome = fetch_object(&id, format!("{none}.{}.", b64::encode("[]"))).await;
    assert!(matches!(refusal(outcome), Refusal::Payload(_)));
    let mut expired = claims(&id);
    expired["exp"] = json!(1);
    assert!(matches!(
        refusal(fetch_object(&id, unsigned_object(header, &expired)).await),
        Refusal::Expired
    ));
}

#[tokio::test]
async fn a_signature_is_refused_with_redirect_uri() {
    let desk = Desk::make();
    let id = format!("redirect_uri:{RESPONSE_URI}");
    assert!(matches!(
        refusal(fetch_object(&id, desk.sign(&claims(&id))).await),
        Refusal::Signed
    ));
}

#[tokio::test]
async fn what_is_no_request_object_is_refused() {
    let desk = Desk::make();
    for body in ["", "{}", "a.b", "<html>"] {
        assert!(
            matches!(
                refusal(fetch_object(&desk.san(), body.to_owned()).await),
                Refusal::Object(_)
            ),
            "{body}"
        );
    }
    let network = Network::default().with(REQUEST_URI, vec![0xff, 0xfe]);
    assert!(matches!(
        refusal(fetch(&network, &by_reference(&desk.san()), NOW).await),
        Refusal::NotText
    ));
    let list = jws::sign_claims(REQUEST_TYPE, desk.header(), &json!([]), &desk.key);
    assert!(matches!(
        refusal(fetch_object(&desk.san(), list).await),
        Refusal::Payload(_)
    ));
}

#[tokio::test]
async fn another_client_than_the_links_is_refused() {
    let desk = Desk::make();
    let outcome = fetch_object(&desk.san(), desk.sign(&claims(&desk.hash()))).await;
    assert!(matches!(refusal(outcome), Refusal::OtherClient));
    let none = changed(|claims| {
        claims.as_object_mut().unwrap().remove("client_id");
    });
    assert!(matches!(refusal(none.await), Refusal::OtherClient));
}

#[tokio::test]
async fn a_request_for_somebody_else_is_refused() {
    for audience in [
        json!("https://wallet.example"),
        json!(["https://wallet.example"]),
        json!(null),
        json!(1),
    ] {
        assert!(matches!(
            refusal(changed(|claims| claims["aud"] = audience).await),
            Refusal::Audience
        ));
    }
    let none = changed(|claims| {
        claims.as_object_mut().unwrap().remove("aud");
    });
    assert!(matches!(refusal(none.await), Refusal::Audience));
    changed(|claims| claims["aud"] = json!(["https://self-issued.me/v2"]))
        .await
        .unwrap();
}

#[tokio::test]
async fn times_are_checked_with_some_leeway() {
    for (name, time) in [
        ("exp", NOW - 30),
        ("nbf", NOW + 30),
        ("iat", NOW + 30),
        ("exp", NOW + 600),
    ] {
        changed(|claims| claims[name] = json!(time)).await.unwrap();
    }
    assert!(matches!(
        refusal(changed(|c| c["exp"] = json!(NOW - 60)).await),
        Refusal::Expired
    ));
    assert!(matches!(
        refusal(changed(|c| c["nbf"] = json!(NOW + 61)).await),
        Refusal::NotYetValid
    ));
    assert!(matches!(
        refusal(changed(|c| c["iat"] = json!(NOW + 61)).await),
        Refusal::NotYetValid
    ));
    assert!(matches!(
        refusal(changed(|c| c["exp"] = json!("soon")).await),
        Refusal::Malformed("exp")
    ));
    assert!(matches!(
        refusal(changed(|c| c["exp"] = json!(1e300)).await),
        Refusal::Malformed("exp")
    ));
}

#[tokio::test]
async fn a_request_within_a_request_is_refused() {
    for name in ["request", "request_uri"] {
        assert!(matches!(
            refusal(changed(|claims| claims[name] = json!("x")).await),
            Refusal::Nested
        ));
    }
}

#[tokio::test]
async fn a_posted_request_brings_the_wallets_nonce_back() {
    let desk = std::sync::Arc::new(Desk::make());
    let link = link(&[
        ("client_id", &desk.san()),
        ("request_uri", REQUEST_URI),
        ("request_uri_method", "post"),
    ]);
    let answer = |change: fn(&str) -> Value| {
        let desk = desk.clone();
        Network::default().on(REQUEST_URI, move |request| {
            assert_eq!(request.method, Method::Post);
            assert!(request.headers.contains(&(
                "accept".to_owned(),
                "application/oauth-authz-req+jwt".to_owned()
            )));
            let form = form(request);
            let metadata: Value = serde_json::from_str(&form["wallet_metadata"]).unwrap();
            assert!(metadata["vp_formats_supported"]["dc+sd-jwt"].is_object());
            assert!(metadata["request_object_signing_alg_values_supported"].is_array());
            let mut claims = claims(&desk.san());
            claims["wallet_nonce"] = change(&form["wallet_nonce"]);
            Ok((200, desk.sign(&claims).into_bytes()))
        })
    };
    fetch(&answer(|nonce| json!(nonce)), &link, NOW)
        .await
        .unwrap();
    for change in [|_: &str| json!("another"), |_: &str| json!(null)] {
        assert!(matches!(
            refusal(fetch(&answer(change), &link, NOW).await),
            Refusal::WalletNonce
        ));
    }
}

#[tokio::test]
async fn a_posted_request_of_redirect_uri_names_no_signatures() {
    let id = format!("redirect_uri:{RESPONSE_URI}");
    let link = link(&[
        ("client_id", &id),
        ("request_uri", REQUEST_URI),
        ("request_uri_method", "post"),
    ]);
    let network = Network::default().with(REQUEST_URI, "x");
    let _ = fetch(&network, &link, NOW).await;
    let metadata: Value = serde_json::from_str(&network.last_form()["wallet_metadata"]).unwrap();
    assert!(
        metadata
            .get("request_object_signing_alg_values_supported")
            .is_none()
    );
}

#[tokio::test]
async fn an_error_in_place_of_a_request_is_said_to_be_one() {
    let desk = Desk::make();
    for status in [204, 302, 404, 500] {
        let network = Network::default().on(REQUEST_URI, move |_| Ok((status, Vec::new())));
        match fetch(&network, &by_reference(&desk.san()), NOW).await {
            Err(FetchError::Status { status: found }) => assert_eq!(found, status),
            _ => panic!("{status}"),
        }
    }
    let outcome = fetch(&Network::default(), &by_reference(&desk.san()), NOW).await;
    assert!(matches!(outcome, Err(FetchError::Http(_))));
}
