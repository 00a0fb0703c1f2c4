//! The document and the code say the same.

use keys::PublicKey;
use query::Query;
use serde_json::json;

use crate::counter_code::words::{FIRST, WORDS};
use crate::counter_code::{
    Answer, Ask, Binding, MAX_ANSWER, MAX_ASK, MAX_INFLATED, MAX_NAME, MAX_OPEN, MAX_PRESENTATIONS,
    MAX_STAPLED_EVIDENCE, MAX_STAPLED_STATUS, MAX_STAPLES, RESPONSE_URI, check,
};

const DOCUMENT: &str = include_str!("../../../../../docs/counter-code.md");
const CDDL: &str = include_str!("../../../../../schemas/counter-code.cddl");
const SERVICE: &str = "x509_san_dns:desk.example";
const PURPOSE: &str = "age-over-18";
const MADE_AT: i64 = 1_790_000_025;

/// The block of the document with this name.
fn block(name: &str) -> &'static str {
    let start = format!("```{name}\n");
    let (_, rest) = DOCUMENT.split_once(start.as_str()).unwrap();
    rest.split_once("\n```").unwrap().0
}

fn bytes(name: &str) -> Vec<u8> {
    let digits: String = block(name).split_whitespace().collect();
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn the_examples_are_what_the_document_says() {
    let poster = Ask::parse(&bytes("poster")).unwrap();
    assert!(matches!(poster, Ask::Poster { .. }));
    assert_eq!((poster.service(), poster.purpose()), (SERVICE, PURPOSE));
    assert!(poster.wants().evidence && poster.wants().status);
    let Ask::Live(live) = Ask::parse(&bytes("live")).unwrap() else {
        panic!("not live")
    };
    assert_eq!(
        (live.service.as_str(), live.purpose.as_str()),
        (SERVICE, PURPOSE)
    );
    assert_eq!(&live.challenge, b"sixteen bytes!!!");
    assert_eq!((live.made_at, live.expires_at), (MADE_AT, MADE_AT + 300));

    let answer = Answer::decode(&bytes("answer"), SERVICE).unwrap();
    assert_eq!(answer.encode().unwrap(), bytes("answer"));
    let Binding::Window { serial, .. } = answer.bound.binding() else {
        panic!("no window")
    };
    assert_eq!(serial, b"a serial of ours");
    let nonce = answer.bound.nonce();
    assert!(DOCUMENT.contains(&format!("Its nonce is `{nonce}`")));
    let issuer = serde_json::from_str(block("issuer")).unwrap();
    let issuer = PublicKey::from_jwk(&issuer).unwrap();
    let query = Query::from_json(&json!({"credentials": [{
        "id": "licence",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": ["urn:cairn:demo:driving-licence:1"]},
        "claims": [{"path": ["age_over_18"]}],
    }]}))
    .unwrap();
    answer.bound.binding().check_time(MADE_AT).unwrap();
    let checked = check(&answer, &query, &|_| vec![issuer.clone()], MADE_AT).unwrap();
    let claims = &checked[0].facts.claims;
    assert_eq!(claims["age_over_18"], true);
    assert!(!claims.contains_key("family_name"));
}

#[test]
fn the_words_are_those_of_the_document() {
    let (_, list) = DOCUMENT.split_once("## Words\n").unwrap();
    let list: String = list.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected: Vec<String> = WORDS
        .iter()
        .zip(FIRST..)
        .map(|(word, place)| format!("{place} `{word}`"))
        .collect();
    assert_eq!(list, format!("{}.", expected.join(", ")));
}

#[test]
fn the_bounds_are_those_of_the_documents() {
    let grouped = |number: usize| {
        let digits = number.to_string();
        match digits.len() {
            0..=3 => digits,
            length => format!("{},{}", &digits[..length - 3], &digits[length - 3..]),
        }
    };
    for (start, bound, end) in [
        ("What a desk shows (at most ", MAX_ASK, " bytes)"),
        ("What a wallet shows (at most ", MAX_ANSWER, " bytes)"),
        ("answer-body, of at most ", MAX_INFLATED, " bytes"),
        (
            "by the id of the credential query; at most ",
            MAX_PRESENTATIONS,
            " in all",
        ),
        ("JSON of at most ", MAX_STAPLED_EVIDENCE, " bytes"),
        ("list of at most ", MAX_STAPLED_STATUS, " bytes"),
        ("at most ", MAX_OPEN as usize, " seconds later"),
    ] {
        let text = format!("{start}{}{end}", grouped(bound));
        assert!(CDDL.contains(&text), "{text}");
    }
    assert!(CDDL.contains(&format!("text .size (1..{MAX_NAME})")));
    assert!(CDDL.contains(&format!("[1*{MAX_STAPLES} packed / bytes]")));
    assert!(CDDL.contains(&format!("[1*{} bytes]", keys::x509::MAX_CHAIN)));
    assert!(DOCUMENT.contains(&format!("`{RESPONSE_URI}`")));
    assert!(DOCUMENT.contains(&grouped(MAX_INFLATED)));
}

/// The numbers of tags and members in the CDDL are written by hand, as in the code: an answer of
/// every kind is taken apart by the CDDL's numbers alone.
#[test]
fn the_numbers_are_those_of_the_cddl() {
    for (tag, what) in [
        (6, "uint / nint"),
        (9, "text"),
        (10, "bytes"),
        (21, "bytes"),
        (22, "bytes"),
    ] {
        assert!(CDDL.contains(&format!("#6.{tag}({what})")), "{tag}");
    }
    for (tag, what) in [
        (7, "[part, part, bytes]"),
        (8, "[[* part], jws, jws / null]"),
    ] {
        assert!(CDDL.contains(&format!("#6.{tag}({what})")), "{tag}");
    }
    // The answer of the document holds an SD-JWT: tag 8, and in it tag 7, with words of tag 6.
    let answer = bytes("answer");
    for head in [0xc8, 0xc7, 0xc6, 0xd5] {
        assert!(answer.contains(&head), "{head:x}");
    }
    // `18([<<{1: -7}>>, {}, …`: COSE_Sign1 by ES256.
    assert!(bytes("live").starts_with(&[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0]));
}
