use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::support::{Card, KINDS, Kind, NOW, PURPOSE, SERVICE, answer_of, live};
use crate::counter_code::cbor::{Head, Reader, Writer};
use crate::counter_code::inflate::deflate;
use crate::counter_code::pack::{Budget, Known, MAX_UNPACKED, pack, unpack};
use crate::counter_code::{
    Answer, AnswerError, Binding, Bound, EncodeError, MAX_ANSWER, MAX_INFLATED, StapledStatus,
    Staples, inflate,
};

fn bound() -> Bound {
    Bound::new(SERVICE, PURPOSE, live())
}

fn sealed(body: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(2).unsigned(1).bytes(&deflate(body));
    writer.into_bytes()
}

fn body(bytes: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(bytes);
    reader.array().unwrap();
    reader.unsigned().unwrap();
    inflate(reader.bytes().unwrap(), MAX_INFLATED).unwrap()
}

fn name(bytes: &[u8]) -> &'static str {
    Answer::decode(bytes, SERVICE).unwrap_err().name()
}

#[test]
fn another_counter_version_or_form_is_refused_each_in_its_own_words() {
    let bytes = Card::make(Kind::SdJwt).answer(live()).encode().unwrap();
    assert_eq!(
        Answer::decode(&bytes, "x509_san_dns:other.example"),
        Err(AnswerError::OtherCounter)
    );
    let mut other = bytes.clone();
    other[1] = 2;
    assert_eq!(name(&other), "code_version");
    assert_eq!(name(&vec![0; MAX_ANSWER + 1]), "code_too_long");
    assert_eq!(name(b"hello"), "code_malformed");
    assert_eq!(name(&[]), "code_malformed");
    for length in 0..bytes.len() {
        assert!(Answer::decode(&bytes[..length], SERVICE).is_err());
    }
    let bomb = sealed(&vec![0; MAX_INFLATED + 1]);
    assert!(bomb.len() < 2000);
    assert_eq!(name(&bomb), "code_inflates");
    let mut trailing = body(&bytes);
    trailing.push(0);
    assert_eq!(name(&sealed(&trailing)), "code_malformed");
    assert_eq!(sealed(&body(&bytes)), bytes, "one answer has one form");
}

#[test]
fn a_short_code_cannot_become_a_long_text() {
    let service = "x".repeat(2000);
    let known = Known {
        service,
        nonce: String::new(),
    };
    let mut writer = Writer::new();
    let times = MAX_UNPACKED / 2000 + 1;
    writer.array(times);
    for _ in 0..times {
        writer.head(Head::Tag(6)).unsigned(0);
    }
    let bytes = writer.into_bytes();
    let refused = unpack(&mut Reader::new(&bytes), &known, &mut Budget::default());
    assert!(refused.is_err());
    let deep = vec![0x81; 100];
    assert!(unpack(&mut Reader::new(&deep), &known, &mut Budget::default()).is_err());
    let many = [&[0x9a, 0, 1, 0, 0][..], &vec![0; 65_536]].concat();
    assert!(unpack(&mut Reader::new(&many), &known, &mut Budget::default()).is_err());
}

#[test]
fn staples_ride_along() {
    let token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJodHRwczovL2xpc3QuZXhhbXBsZSJ9.AAAAAAAA";
    let status = |list: &[u8]| StapledStatus {
        uri: "https://list.example".to_owned(),
        list: list.to_vec(),
    };
    let staples = Staples {
        evidence: vec![
            br#"{"cairn_evidence":1,"checkpoint":"a"}"#.to_vec(),
            b"{ \"spaced\": 1 }".to_vec(),
        ],
        statuses: vec![status(token.as_bytes()), status(&[0xd2, 0xff, 0])],
    };
    let card = Card::make(Kind::SdJwt);
    let answer = card.answer(live()).with_staples(staples.clone());
    let bytes = answer.encode().unwrap();
    assert_eq!(Answer::decode(&bytes, SERVICE).unwrap().staples, staples);
    let too_long = Staples {
        statuses: vec![status(&[1; 4097])],
        ..Staples::default()
    };
    assert_eq!(
        card.answer(live()).with_staples(too_long).encode(),
        Err(EncodeError::Staples)
    );
    let too_many = Staples {
        evidence: vec![b"{}".to_vec(); 9],
        ..Staples::default()
    };
    assert_eq!(
        card.answer(live()).with_staples(too_many).encode(),
        Err(EncodeError::Staples)
    );
}

#[test]
fn what_cannot_be_written_is_said() {
    let none = Answer::new(bound(), Map::new());
    assert_eq!(none.encode(), Err(EncodeError::Presentations));
    let shown = json!("x");
    let many = Map::from_iter([("card".to_owned(), Value::Array(vec![shown.clone(); 17]))]);
    let many = Answer::new(bound(), many);
    assert_eq!(many.encode(), Err(EncodeError::Presentations));
    let nameless = answer_of(Bound::new("", PURPOSE, live()), shown);
    assert_eq!(nameless.encode(), Err(EncodeError::Name));
    let noise: String = (0..MAX_INFLATED)
        .map(|n| char::from(33 + (n % 90) as u8))
        .collect();
    let long = answer_of(bound(), json!(noise));
    assert_eq!(long.encode(), Err(EncodeError::TooLong));
}

#[test]
fn nothing_that_was_shown_appears_in_debug() {
    let answer = answer_of(bound(), json!({"name": "Ada"}));
    assert!(!format!("{answer:?}").contains("Ada"));
}

#[test]
fn what_is_shown_is_not_in_a_mark() {
    let one = Bound::new(SERVICE, PURPOSE, Binding::make_window(NOW));
    let again = Bound::new(SERVICE, PURPOSE, one.binding().clone());
    assert_eq!(one.mark(), again.mark());
}

#[test]
fn a_second_signature_over_the_same_does_not_change_the_mark() {
    // ECDSA lets anybody make a second signature of one that is there; the mark is not over it.
    let card = Card::make(Kind::SdJwt);
    let bound = bound();
    let one = answer_of(bound.clone(), card.present(&bound));
    let other = answer_of(bound.clone(), card.present(&bound));
    assert_eq!(one.bound.mark(), other.bound.mark());
}

#[test]
fn texts_come_back_as_they_were() {
    let known = Known {
        service: SERVICE.to_owned(),
        nonce: "n".to_owned(),
    };
    for text in [
        "",
        "a~b",
        "~",
        "~~~",
        "..",
        "a.b.c",
        "eyJhIjoxfQ.eyJhIjogMX0.AAAA",
        // {"z":1,"a":{"c":2,"b":1.50}}: the order and the zero must come back.
        "eyJhIjoxfQ.eyJ6IjoxLCJhIjp7ImMiOjIsImIiOjEuNTB9fQ.AAAA",
        "eyJhIjoxfQ.bnVsbA.AAAA~WyJhIl0~",
        "eyJhIjoxfQ.eyJhIjoxLjB9.AAAA~~",
        "AAAAAAAAAAAAAAAAAAAAAA",
        "uAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAAAB",
        SERVICE,
        "n",
        "alg",
    ] {
        let value = json!({"a": text, text: [1, -1, 1.5, 1e30, u64::MAX, i64::MIN, null, true]});
        for value in [value, json!(text)] {
            let packed = pack(&value, &known);
            let mut reader = Reader::new(&packed);
            let back = unpack(&mut reader, &known, &mut Budget::default()).unwrap();
            assert_eq!(back.to_string(), value.to_string());
            assert!(reader.is_empty());
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Answer::decode(&bytes, SERVICE);
        let _ = Answer::decode(&sealed(&bytes), SERVICE);
        let _ = unpack(&mut Reader::new(&bytes), &Known::default(), &mut Budget::default());
    }

    #[test]
    fn any_text_comes_back(text in "[a-zA-Z0-9_~.-]{0,60}") {
        let known = Known::default();
        let value = json!(text);
        let packed = pack(&value, &known);
        let back = unpack(&mut Reader::new(&packed), &known, &mut Budget::default()).unwrap();
        prop_assert_eq!(back, value);
    }
}

#[test]
fn a_changed_byte_never_passes_unnoticed() {
    for kind in KINDS {
        let card = Card::make(kind);
        let answer = card.answer(live());
        let before = crate::counter_code::check(&answer, &card.query(), &card.keys(), NOW).unwrap();
        let inside = body(&answer.encode().unwrap());
        for at in (0..inside.len()).step_by(7) {
            let mut changed = inside.clone();
            changed[at] ^= 0x10;
            let Ok(read) = Answer::decode(&sealed(&changed), SERVICE) else {
                continue;
            };
            let checked = crate::counter_code::check(&read, &card.query(), &card.keys(), NOW);
            // Certificates are for the ledger, and some names of members say nothing: whatever
            // passes must say the same, to the same desk.
            if let Ok(checked) = checked {
                let claims = &checked[0].facts.claims;
                assert_eq!(claims, &before[0].facts.claims, "{kind:?} {at}");
                assert_eq!(read.bound, answer.bound, "{kind:?} {at}");
            }
        }
    }
}
