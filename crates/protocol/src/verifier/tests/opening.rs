use serde_json::{Value, json};

use super::support::*;
use crate::jwe::{DecryptionKey, Encryption, Recipient};
use crate::verifier::{MAX_BODY, OpenError, Received, Session};

fn body(fields: &[(&str, &str)]) -> Vec<u8> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    form.into_bytes()
}

fn refused(session: &Session, fields: &[(&str, &str)]) -> OpenError {
    session.open(&body(fields)).unwrap_err()
}

fn seal(session: &Session, content: &Value) -> String {
    let jwk = session.parameters()["client_metadata"]["jwks"]["keys"][0].clone();
    seal_to(&jwk, content.to_string().as_bytes())
}

fn seal_to(jwk: &Value, content: &[u8]) -> String {
    let key = keys::PublicKey::from_jwk(jwk).unwrap();
    let kid = jwk["kid"].as_str().map(str::to_owned);
    Recipient::new(&key, kid, Encryption::A256Gcm)
        .unwrap()
        .encrypt(content)
        .unwrap()
}

#[test]
fn presentations_in_clear() {
    let session = session(|_| ());
    let opened = session.open(&body(&[
        ("vp_token", r#"{"a":["x"]}"#),
        ("state", session.state()),
    ]));
    assert_eq!(
        opened.unwrap(),
        Received::Presentations(token(json!(["x"])))
    );
}

#[test]
fn presentations_under_encryption() {
    let session = make(true, |_| ());
    let sealed = seal(
        &session,
        &json!({"vp_token": {"a": ["x"]}, "state": session.state()}),
    );
    assert_eq!(
        session.open(&body(&[("response", &sealed)])).unwrap(),
        Received::Presentations(token(json!(["x"])))
    );
}

#[test]
fn another_state_is_refused() {
    let session = session(|_| ());
    for fields in [
        &[("vp_token", "{}"), ("state", "other")][..],
        &[("vp_token", "{}")],
        &[("error", "access_denied")],
    ] {
        assert!(matches!(refused(&session, fields), OpenError::State));
    }
    let session = make(true, |_| ());
    let sealed = seal(&session, &json!({"vp_token": {}, "state": "other"}));
    // A state outside does not stand for the one inside.
    assert!(matches!(
        refused(
            &session,
            &[("response", &sealed), ("state", session.state())]
        ),
        OpenError::State
    ));
}

#[test]
fn encryption_is_kept_to() {
    let session = make(true, |_| ());
    let plain = [("vp_token", "{}"), ("state", session.state())];
    assert!(matches!(refused(&session, &plain), OpenError::NotEncrypted));
    let other = seal_to(&DecryptionKey::make().public_jwk(), b"{}");
    assert!(matches!(
        refused(&session, &[("response", &other)]),
        OpenError::Decrypt(_)
    ));
    let clear = super::support::session(|_| ());
    assert!(matches!(
        refused(&clear, &[("response", &other)]),
        OpenError::Encrypted
    ));
}

#[test]
fn an_error_may_come_in_clear_or_not() {
    let session = make(true, |_| ());
    let declined = Received::Declined {
        code: "access_denied".to_owned(),
    };
    let clear = body(&[("error", "access_denied"), ("state", session.state())]);
    assert_eq!(session.open(&clear).unwrap(), declined);
    let sealed = seal(
        &session,
        &json!({"error": "access_denied", "state": session.state()}),
    );
    assert_eq!(
        session.open(&body(&[("response", &sealed)])).unwrap(),
        declined
    );
    for code in ["", "<script>", &"a".repeat(65)] {
        assert!(matches!(
            refused(&session, &[("error", code), ("state", session.state())]),
            OpenError::Code
        ));
    }
}

#[test]
fn what_is_malformed_is_refused() {
    let session = session(|_| ());
    let state = session.state();
    assert!(matches!(
        refused(&session, &[("state", state)]),
        OpenError::Missing("vp_token")
    ));
    for token in ["x", "[]", r#"{"a":[],"a":[]}"#] {
        assert!(matches!(
            refused(&session, &[("vp_token", token), ("state", state)]),
            OpenError::Json("vp_token", _)
        ));
    }
    assert!(matches!(
        refused(&session, &[("state", state), ("state", state)]),
        OpenError::Repeated
    ));
    let sealed = make(true, |_| ());
    let list = seal(&sealed, &json!([]));
    assert!(matches!(
        refused(&sealed, &[("response", &list)]),
        OpenError::Json("response", _)
    ));
    let text = seal(&sealed, &json!({"vp_token": "{}", "state": sealed.state()}));
    assert!(matches!(
        refused(&sealed, &[("response", &text)]),
        OpenError::Json("vp_token", _)
    ));
}

#[test]
fn answers_are_bounded() {
    let session = session(|_| ());
    assert!(matches!(
        session.open(&vec![b'a'; MAX_BODY + 1]),
        Err(OpenError::TooLong)
    ));
    let names: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    assert!(matches!(refused(&session, &many), OpenError::TooLong));
}

#[test]
fn debug_shows_no_presentation() {
    let received = Received::Presentations(token(json!(["SECRET"])));
    assert_eq!(format!("{received:?}"), "Presentations(1)");
}
