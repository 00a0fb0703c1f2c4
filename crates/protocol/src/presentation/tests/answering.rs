use net::HttpError;
use serde_json::{Map, Value, json};

use super::support::*;
use crate::jwe::DecryptionKey;
use crate::presentation::{
    Answer, NotSent, Reason, Refusal, Request, SendError, decline, report, respond,
};

async fn request(change: impl FnOnce(&mut Value)) -> Request {
    changed(change).await.unwrap()
}

fn token() -> Map<String, Value> {
    Map::from_iter([("a".to_owned(), json!(["sd~jwt~kb"]))])
}

fn service(status: u16, body: &'static str) -> Network {
    Network::default().on(RESPONSE_URI, move |_| {
        Ok((status, body.as_bytes().to_vec()))
    })
}

#[tokio::test]
async fn the_answer_is_a_form_with_token_and_state() {
    let network = service(200, "{}");
    respond(&network, &request(|_| ()).await, &token())
        .await
        .unwrap();
    let form = network.last_form();
    assert_eq!(form.len(), 2);
    assert_eq!(form["state"], "s-1");
    assert_eq!(
        serde_json::from_str::<Value>(&form["vp_token"]).unwrap(),
        json!({"a": ["sd~jwt~kb"]})
    );
}

#[tokio::test]
async fn without_a_state_none_is_sent() {
    let network = service(200, "{}");
    let request = request(|claims| {
        claims.as_object_mut().unwrap().remove("state");
    });
    respond(&network, &request.await, &token()).await.unwrap();
    assert!(!network.last_form().contains_key("state"));
}

async fn encrypted(key: &DecryptionKey) -> Request {
    let jwk = key.public_jwk();
    request(|claims| {
        claims["response_mode"] = json!("direct_post.jwt");
        claims["client_metadata"] = json!({"jwks": {"keys": [jwk]}});
    })
    .await
}

#[tokio::test]
async fn an_encrypted_answer_shows_nothing_outside() {
    let (key, network) = (DecryptionKey::make(), service(200, "{}"));
    respond(&network, &encrypted(&key).await, &token())
        .await
        .unwrap();
    let form = network.last_form();
    assert_eq!(form.keys().collect::<Vec<_>>(), ["response"]);
    let inside: Value = serde_json::from_slice(&key.decrypt(&form["response"]).unwrap()).unwrap();
    assert_eq!(
        inside,
        json!({"vp_token": {"a": ["sd~jwt~kb"]}, "state": "s-1"})
    );
}

#[tokio::test]
async fn the_same_way_out_for_no_and_for_no_card() {
    let key = DecryptionKey::make();
    for reason in [Reason::Declined, Reason::NoCard] {
        let network = service(200, "{}");
        decline(&network, &request(|_| ()).await, reason)
            .await
            .unwrap();
        let form = network.last_form();
        assert_eq!(form["error"], "access_denied");
        assert_eq!(form["error_description"], "nothing was shared");
        assert_eq!(form["state"], "s-1");
        decline(&network, &encrypted(&key).await, reason)
            .await
            .unwrap();
        let inside: Value =
            serde_json::from_slice(&key.decrypt(&network.last_form()["response"]).unwrap())
                .unwrap();
        assert_eq!(inside["error"], "access_denied");
    }
}

#[tokio::test]
async fn a_faulty_request_is_reported_with_its_code() {
    let (refusal, reply) =
        refused(changed(|claims| claims["transaction_data"] = json!(["x"])).await);
    let network = service(200, r#"{"redirect_uri":"https://desk.example/sorry"}"#);
    let answer = report(&network, &reply.unwrap(), &refusal).await.unwrap();
    assert_eq!(
        answer.redirect_uri.as_deref(),
        Some("https://desk.example/sorry")
    );
    assert_eq!(network.last_form()["error"], "invalid_transaction_data");
}

#[test]
fn descriptions_keep_to_the_characters_of_rfc_6749() {
    for refusal in [
        Refusal::Scope,
        Refusal::Missing("nonce"),
        Refusal::Prefix { prefix: "origin" },
    ] {
        let text = refusal.to_string();
        assert!(text.bytes().all(|b| (0x20..=0x7e).contains(&b)), "{text}");
    }
}

#[tokio::test]
async fn the_way_on_is_shown_only_where_it_is_one_of_the_web() {
    let answer = |body: &'static str| async move {
        respond(&service(200, body), &request(|_| ()).await, &token())
            .await
            .unwrap()
    };
    let to = |uri: &str| Answer {
        redirect_uri: Some(uri.to_owned()),
    };
    let exact = "https://desk.example/cb#response_code=0915";
    assert_eq!(
        answer(r#"{"redirect_uri":"https://desk.example/cb#response_code=0915"}"#).await,
        to(exact)
    );
    assert_eq!(
        answer(r#"{"redirect_uri":"https://desk.example"}"#).await,
        to("https://desk.example")
    );
    let path = "a".repeat(5000);
    let long = format!(r#"{{"redirect_uri":"https://desk.example/{path}"}}"#).leak();
    for body in [
        "",
        "{}",
        "[]",
        "not json",
        r#"{"redirect_uri":1}"#,
        r#"{"redirect_uri":"relative"}"#,
        r#"{"redirect_uri":"javascript:alert(1)"}"#,
        r#"{"redirect_uri":"file:///etc/passwd"}"#,
        r#"{"redirect_uri":"http://desk.example/"}"#,
        r#"{"redirect_uri":"https://127.0.0.1/"}"#,
        r#"{"redirect_uri":"https://desk.example/\nx"}"#,
        r#"{"redirect_uri":"https://u:p@desk.example/"}"#,
        long,
    ] {
        assert_eq!(answer(body).await, Answer::default(), "{body}");
    }
}

async fn outcome(network: Network) -> SendError {
    respond(&network, &request(|_| ()).await, &token())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn not_sent_refused_and_unknown_are_told_apart() {
    assert!(matches!(
        outcome(Network::default()).await,
        SendError::NotSent(NotSent::Http(HttpError::Unreachable))
    ));
    for status in [400, 403, 404, 429] {
        assert!(
            matches!(outcome(service(status, "")).await, SendError::Refused { status: found } if found == status)
        );
    }
    for status in [301, 307, 500, 503] {
        assert!(
            matches!(
                outcome(service(status, "")).await,
                SendError::Unknown { source: None }
            ),
            "{status}"
        );
    }
    let broken = Network::default().on(RESPONSE_URI, |_| Err(HttpError::Interrupted));
    assert!(matches!(
        outcome(broken).await,
        SendError::Unknown {
            source: Some(HttpError::Interrupted)
        }
    ));
    let slow =
        |sent| Network::default().on(RESPONSE_URI, move |_| Err(HttpError::TimedOut { sent }));
    assert!(matches!(
        outcome(slow(true)).await,
        SendError::Unknown { .. }
    ));
    assert!(matches!(outcome(slow(false)).await, SendError::NotSent(_)));
}

#[tokio::test]
async fn what_does_not_fit_the_query_is_not_sent() {
    let request = request(|_| ()).await;
    for token in [
        json!({}),
        json!({"z": ["x"]}),
        json!({"a": "x"}),
        json!({"a": []}),
        json!({"a": ["x", "y"]}),
        json!({"a": [1]}),
    ] {
        let network = service(200, "{}");
        let outcome = respond(&network, &request, token.as_object().unwrap()).await;
        assert!(
            matches!(outcome, Err(SendError::NotSent(NotSent::Presentations))),
            "{token}"
        );
        assert_eq!(network.count(), 0);
    }
    let mut several = request;
    several.query.credentials[0].multiple = true;
    let two = json!({"a": ["x", "y"]});
    respond(&service(200, "{}"), &several, two.as_object().unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn nothing_of_a_session_shows_in_debug() {
    let request = request(|claims| claims["state"] = json!("SECRET")).await;
    assert!(!format!("{:?}", request.reply).contains("SECRET"));
}
