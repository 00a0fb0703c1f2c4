use serde_json::{Value, json};

use super::support::*;
use crate::jwe::DecryptionKey;
use crate::presentation::{Refusal, fetch};

async fn with(name: &'static str, value: Value) -> Refusal {
    refusal(changed(|claims| claims[name] = value).await)
}

async fn without(name: &'static str) -> Refusal {
    refusal(
        changed(|claims| {
            claims.as_object_mut().unwrap().remove(name);
        })
        .await,
    )
}

#[tokio::test]
async fn what_must_be_there_is_missed() {
    assert!(matches!(
        without("response_uri").await,
        Refusal::Missing("response_uri")
    ));
    assert!(matches!(
        without("response_type").await,
        Refusal::Missing("response_type")
    ));
    assert!(matches!(without("nonce").await, Refusal::Missing("nonce")));
    assert!(matches!(
        without("dcql_query").await,
        Refusal::Missing("dcql_query")
    ));
    assert!(matches!(
        without("response_mode").await,
        Refusal::ResponseMode
    ));
}

#[tokio::test]
async fn other_ways_of_answering_are_refused() {
    for mode in ["fragment", "query", "dc_api", "dc_api.jwt", "form_post"] {
        assert!(
            matches!(
                with("response_mode", json!(mode)).await,
                Refusal::ResponseMode
            ),
            "{mode}"
        );
    }
    for kind in ["code", "vp_token id_token", "id_token"] {
        assert!(
            matches!(
                with("response_type", json!(kind)).await,
                Refusal::ResponseType
            ),
            "{kind}"
        );
    }
    assert!(matches!(
        with("redirect_uri", json!("https://desk.example")).await,
        Refusal::RedirectUri
    ));
}

#[tokio::test]
async fn nonce_and_state_are_unreserved_characters_within_a_bound() {
    for name in ["nonce", "state"] {
        for value in [
            json!(""),
            json!("a b"),
            json!("a+b"),
            json!("a=b"),
            json!("é"),
            json!(1),
            json!("a".repeat(1025)),
        ] {
            match with(name, value).await {
                Refusal::Malformed(found) => assert_eq!(found, name),
                other => panic!("{other:?}"),
            }
        }
        changed(|claims| claims[name] = json!("aZ09-._~"))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn scope_is_refused_beside_and_in_place_of_a_query() {
    assert!(matches!(
        with("scope", json!("x")).await,
        Refusal::QueryAndScope
    ));
    let scope = changed(|claims| {
        claims.as_object_mut().unwrap().remove("dcql_query");
        claims["scope"] = json!("x");
    });
    let refusal = refusal(scope.await);
    assert!(matches!(refusal, Refusal::Scope));
    assert_eq!(refusal.code(), "invalid_scope");
}

#[tokio::test]
async fn an_unsound_query_is_refused() {
    for query in [json!({}), json!({"credentials": []}), json!("x")] {
        assert!(matches!(with("dcql_query", query).await, Refusal::Query(_)));
    }
}

#[tokio::test]
async fn transaction_data_is_refused_with_its_code() {
    let refusal = with("transaction_data", json!(["e30"])).await;
    assert!(matches!(refusal, Refusal::TransactionData));
    assert_eq!(refusal.code(), "invalid_transaction_data");
}

#[tokio::test]
async fn addresses_where_nothing_may_go_are_refused() {
    for address in [
        "http://desk.example/",
        "file:///etc/passwd",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://u:p@desk.example/",
    ] {
        assert!(
            matches!(
                with("response_uri", json!(address)).await,
                Refusal::ResponseUri(_)
            ),
            "{address}"
        );
    }
    assert!(matches!(
        with("response_uri", json!("desk")).await,
        Refusal::Malformed("response_uri")
    ));
    assert!(matches!(
        with("response_uri", json!(1)).await,
        Refusal::Malformed("response_uri")
    ));
}

#[tokio::test]
async fn an_answer_to_another_host_is_for_listed_clients_only() {
    let request = changed(|claims| claims["response_uri"] = json!("https://other.example/"))
        .await
        .unwrap();
    assert!(request.must_be_listed);
    assert_eq!(request.response_host(), "other.example");
    let request = changed(|claims| claims["response_uri"] = json!("https://DESK.example:8443/x"))
        .await
        .unwrap();
    assert!(!request.must_be_listed);
    assert_eq!(request.response_host(), "desk.example:8443");
}

#[tokio::test]
async fn without_holder_binding_a_state_is_needed() {
    let asks = |state: bool| {
        changed(move |claims| {
            claims["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] =
                json!(false);
            if !state {
                claims.as_object_mut().unwrap().remove("state");
            }
        })
    };
    asks(true).await.unwrap();
    assert!(matches!(
        refusal(asks(false).await),
        Refusal::Missing("state")
    ));
}

#[tokio::test]
async fn the_purpose_is_read() {
    let with = |value: Value| changed(|claims| claims["verifier_info"] = value);
    let purpose = |entries: Value| async move { with(entries).await.unwrap().purpose };
    assert_eq!(
        purpose(json!([{"format": "cairn_purpose", "data": "age"}]))
            .await
            .as_deref(),
        Some("age")
    );
    let among_others =
        json!([{"format": "jwt", "data": "x.y.z"}, {"format": "cairn_purpose", "data": "age"}]);
    assert_eq!(purpose(among_others).await.as_deref(), Some("age"));
    assert_eq!(
        purpose(json!([{"format": "other", "data": {}}])).await,
        None
    );
    for malformed in [
        json!([]),
        json!("age"),
        json!([{"data": "age"}]),
        json!([{"format": "cairn_purpose"}]),
        json!([{"format": "other", "data": 1}]),
        json!([{"format": "cairn_purpose", "data": 1}]),
        json!([{"format": "cairn_purpose", "data": {}}]),
        json!([{"format": "cairn_purpose", "data": ""}]),
        json!([{"format": "cairn_purpose", "data": "a".repeat(257)}]),
        json!([{"format": "cairn_purpose", "data": "a"}, {"format": "cairn_purpose", "data": "b"}]),
        json!(vec![json!({"format": "x", "data": "y"}); 33]),
    ] {
        assert!(matches!(
            refusal(with(malformed).await),
            Refusal::Malformed("verifier_info")
        ));
    }
}

#[tokio::test]
async fn a_service_that_takes_no_signature_of_ours_is_refused() {
    let formats = |values: Value| json!({"vp_formats_supported": {"dc+sd-jwt": {"kb-jwt_alg_values": values}}});
    let refusal = with("client_metadata", formats(json!(["ES384"]))).await;
    assert!(matches!(refusal, Refusal::Formats));
    assert_eq!(refusal.code(), "vp_formats_not_supported");
    let request = changed(|claims| claims["client_metadata"] = formats(json!(["ES384", "ES256"])))
        .await
        .unwrap();
    assert!(request.formats.unwrap().contains_key("dc+sd-jwt"));
    // Where no signature of the holder is asked for, none has to be taken.
    changed(|claims| {
        claims["client_metadata"] = formats(json!(["ES384"]));
        claims["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] =
            json!(false);
    })
    .await
    .unwrap();
    assert!(matches!(
        with("client_metadata", json!("x")).await,
        Refusal::Malformed("client_metadata")
    ));
}

fn encrypted(
    metadata: Value,
) -> impl Future<Output = Result<crate::presentation::Request, crate::presentation::FetchError>> {
    changed(move |claims| {
        claims["response_mode"] = json!("direct_post.jwt");
        claims["client_metadata"] = metadata;
    })
}

#[tokio::test]
async fn the_key_to_encrypt_to_is_the_first_that_fits() {
    let key = DecryptionKey::make();
    let mut signing = DecryptionKey::make().public_jwk();
    signing["use"] = json!("sig");
    let mut wrapping = DecryptionKey::make().public_jwk();
    wrapping["alg"] = json!("ECDH-ES+A256KW");
    let mut other = keys::SigningKey::make_ed25519().public().to_jwk();
    other["alg"] = json!("ECDH-ES");
    let jwks = json!({"keys": [{"kty": "RSA"}, other, signing, wrapping, key.public_jwk(), DecryptionKey::make().public_jwk()]});
    let request = encrypted(json!({"jwks": jwks})).await.unwrap();
    let recipient = request.reply.recipient.unwrap();
    assert_eq!(recipient.kid.as_deref(), Some(key.kid()));
    assert_eq!(recipient.encryption.name(), "A128GCM");
    assert_eq!(
        *key.decrypt(&recipient.encrypt(b"x").unwrap()).unwrap(),
        b"x"
    );
}

#[tokio::test]
async fn the_first_supported_content_encryption_is_taken() {
    let jwks = json!({"keys": [DecryptionKey::make().public_jwk()]});
    let with = |values: Value| {
        encrypted(json!({"jwks": jwks, "encrypted_response_enc_values_supported": values}))
    };
    for (values, name) in [
        (json!(["A256GCM", "A128GCM"]), "A256GCM"),
        (json!(["A128CBC-HS256", "A128GCM"]), "A128GCM"),
    ] {
        let request = with(values).await.unwrap();
        assert_eq!(request.reply.recipient.unwrap().encryption.name(), name);
    }
    for values in [json!([]), json!(["A128CBC-HS256"])] {
        assert!(matches!(
            refusal(with(values).await),
            Refusal::NoEncryptionKey
        ));
    }
    for values in [json!("A128GCM"), json!(vec!["A128GCM"; 33])] {
        assert!(matches!(refusal(with(values).await), Refusal::Malformed(_)));
    }
}

#[tokio::test]
async fn encryption_without_a_key_is_refused() {
    let mut no_alg = DecryptionKey::make().public_jwk();
    no_alg.as_object_mut().unwrap().remove("alg");
    for metadata in [
        json!({}),
        json!({"jwks": {}}),
        json!({"jwks": {"keys": []}}),
        json!({"jwks": {"keys": [no_alg]}}),
        json!({"jwks": {"keys": vec![DecryptionKey::make().public_jwk(); 33]}}),
    ] {
        assert!(matches!(
            refusal(encrypted(metadata).await),
            Refusal::NoEncryptionKey
        ));
    }
    let none = changed(|claims| {
        claims["response_mode"] = json!("direct_post.jwt");
        claims.as_object_mut().unwrap().remove("client_metadata");
    });
    assert!(matches!(refusal(none.await), Refusal::NoEncryptionKey));
}

fn plain(change: impl FnOnce(&mut Vec<(&'static str, String)>)) -> crate::link::RequestLink {
    let claims = claims("");
    let json = |name: &str| claims[name].to_string();
    let mut parameters = vec![
        ("client_id", format!("redirect_uri:{RESPONSE_URI}")),
        ("response_type", "vp_token".to_owned()),
        ("response_mode", "direct_post".to_owned()),
        ("response_uri", RESPONSE_URI.to_owned()),
        ("nonce", "n".to_owned()),
        ("dcql_query", json("dcql_query")),
        ("client_metadata", json("client_metadata")),
    ];
    change(&mut parameters);
    let parameters: Vec<(&str, &str)> = parameters.iter().map(|(n, v)| (*n, v.as_str())).collect();
    link(&parameters)
}

#[tokio::test]
async fn a_request_in_the_parameters_of_a_link() {
    let network = Network::default();
    let request = fetch(&network, &plain(|_| ()), NOW).await.unwrap();
    assert_eq!(network.count(), 0);
    assert_eq!(request.client.name(), RESPONSE_URI);
    assert_eq!(request.query.credentials[0].id, "a");
    let omitted = plain(|p| p.retain(|(name, _)| *name != "response_uri"));
    let request = fetch(&network, &omitted, NOW).await.unwrap();
    assert_eq!(request.reply.response_uri.as_str(), RESPONSE_URI);
}

#[tokio::test]
async fn an_unsigned_request_answers_nowhere_else() {
    let elsewhere = plain(|p| p[3].1 = "https://other.example/".to_owned());
    assert!(matches!(
        refusal(fetch(&Network::default(), &elsewhere, NOW).await),
        Refusal::OtherResponseUri
    ));
}

#[tokio::test]
async fn parameters_in_json_are_read_strictly() {
    for (place, text) in [
        (5, "{"),
        (5, r#"{"credentials":[],"credentials":[]}"#),
        (6, "x"),
    ] {
        let link = plain(|p| p[place].1 = text.to_owned());
        assert!(matches!(
            refusal(fetch(&Network::default(), &link, NOW).await),
            Refusal::Json { .. }
        ));
    }
}

/// Only a sender who proved who they are is told, and only at their own address.
#[tokio::test]
async fn errors_are_told_to_those_who_asked() {
    let (_, reply) = refused(changed(|claims| claims["transaction_data"] = json!(["x"])).await);
    let reply = reply.unwrap();
    assert_eq!(reply.response_uri.as_str(), RESPONSE_URI);
    assert_eq!(reply.state.as_deref(), Some("s-1"));
    let (_, reply) = refused(changed(|claims| claims["aud"] = json!("x")).await);
    assert!(reply.is_none());
    let elsewhere = changed(|claims| {
        claims["transaction_data"] = json!(["x"]);
        claims["response_uri"] = json!("https://other.example/");
    });
    assert!(refused(elsewhere.await).1.is_none());
}
