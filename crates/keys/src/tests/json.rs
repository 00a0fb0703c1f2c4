use proptest::prelude::*;
use serde_json::{Value, json};

use crate::json::{JsonError, MAX_BYTES, MAX_DEPTH, parse, parse_bounded, parse_object};

#[test]
fn ordinary_documents_are_read() {
    let text = br#" {"a": [1, -2, 3.5, 1e3, true, null, "\u00e9\n"], "b": {"c": {}}} "#;
    let value = parse(text).unwrap();
    assert_eq!(value["a"][0], json!(1));
    assert_eq!(value["a"][1].as_i64(), Some(-2));
    assert_eq!(value["a"][2].as_f64(), Some(3.5));
    assert_eq!(value["a"][6], json!("é\n"));
    assert_eq!(parse(b"\"x\"").unwrap(), json!("x"));
    assert_eq!(
        parse(b"18446744073709551615").unwrap().as_u64(),
        Some(u64::MAX)
    );
}

#[test]
fn repeated_members_are_refused_at_every_level() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"[{"x":{"a":1,"b":2,"a":3}}]"#,
    ] {
        assert!(
            matches!(parse(text.as_bytes()), Err(JsonError::Syntax { .. })),
            "{text}"
        );
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    parse(nested(MAX_DEPTH).as_bytes()).unwrap();
    assert!(parse(nested(MAX_DEPTH + 1).as_bytes()).is_err());
    let objects = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    parse(objects(MAX_DEPTH).as_bytes()).unwrap();
    assert!(parse(objects(MAX_DEPTH + 1).as_bytes()).is_err());
    // Far beyond what the stack would bear.
    assert!(parse(nested(500_000).as_bytes()).is_err());
}

#[test]
fn size_is_bounded() {
    assert!(parse_bounded(b"[1]", 3).is_ok());
    assert!(matches!(
        parse_bounded(b"[1] ", 3),
        Err(JsonError::TooLong { limit: 3 })
    ));
    assert!(matches!(
        parse(&vec![b' '; MAX_BYTES + 1]),
        Err(JsonError::TooLong { .. })
    ));
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        "{",
        "[1,]",
        "{'a':1}",
        "{\"a\":1} x",
        "nul",
        "01",
        "NaN",
        "\"\\ud800\"",
    ] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }
    assert!(parse(b"\"\xff\"").is_err());
    assert!(parse(b"\xef\xbb\xbf{}").is_err());
}

#[test]
fn an_object_is_asked_for() {
    assert!(parse_object(b"{}").unwrap().is_empty());
    assert!(matches!(parse_object(b"[]"), Err(JsonError::NotAnObject)));
}

#[test]
fn the_token_of_numbers_cannot_be_spelt() {
    let plain = r#"{"$serde_json::private::Number":"5"}"#;
    assert!(matches!(parse(plain.as_bytes()), Err(JsonError::Reserved)));
    let escaped = r#"{"\u0024serde_json::private::Number":"5"}"#;
    assert!(matches!(
        parse(escaped.as_bytes()),
        Err(JsonError::Syntax { .. })
    ));
}

#[test]
fn errors_carry_no_content() {
    let error = parse(br#"{"secret":1,"secret":2}"#).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("secret"));
}

proptest! {
    #[test]
    fn agrees_with_the_ordinary_reader(text in r#"[\[\]{}:,"a-c0-9\\u. ]{0,40}"#) {
        let ordinary = serde_json::from_str::<Value>(&text);
        match parse(text.as_bytes()) {
            Ok(value) => prop_assert_eq!(value, ordinary.unwrap()),
            // Stricter only for repeated members.
            Err(_) => prop_assert!(ordinary.is_err() || text.contains(',')),
        }
    }
}
