//! Codes that are signed or sealed as they should be, and hold what no code does.

use keys::SigningKey;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::support::{NOW, PURPOSE, SERVICE, live};
use crate::counter_code::cbor::{Head, Writer};
use crate::counter_code::inflate::deflate;
use crate::counter_code::pack::{Known, pack};
use crate::counter_code::{
    Answer, AnswerError, Ask, AskError, Bound, EncodeError, StapledStatus, Staples, Wants,
};

/// Longer than any name in a code.
const LONG: usize = 2049;

type Fields = Vec<(u64, Vec<u8>)>;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.into_bytes()
}

fn text(text: &str) -> Vec<u8> {
    written(|writer| {
        writer.text(text);
    })
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    written(|writer| {
        writer.bytes(bytes);
    })
}

fn number(number: i64) -> Vec<u8> {
    written(|writer| {
        writer.unsigned(u64::try_from(number).unwrap());
    })
}

fn map(fields: &Fields) -> Vec<u8> {
    written(|writer| {
        writer.map(fields.len());
        for (key, value) in fields {
            writer.unsigned(*key).raw(value);
        }
    })
}

/// One field with another value.
fn with(fields: &Fields, place: usize, value: Vec<u8>) -> Fields {
    let mut fields = fields.clone();
    fields[place].1 = value;
    fields
}

fn ask(key: &SigningKey) -> Fields {
    vec![
        (0, number(1)),
        (1, text(SERVICE)),
        (2, text(PURPOSE)),
        (3, bytes(&[7; 16])),
        (4, number(NOW)),
        (5, number(NOW + 300)),
        (6, number(0)),
        (7, bytes(&key.public().to_point_bytes())),
    ]
}

/// The protected header of an algorithm, by its number in CBOR.
fn protected(algorithm: u64) -> Vec<u8> {
    written(|writer| {
        writer.map(1).unsigned(1).head(Head::Negative(algorithm));
    })
}

/// A payload that its key signed.
fn signed(key: &SigningKey, algorithm: u64, payload: &[u8]) -> Vec<u8> {
    let header = protected(algorithm);
    let message = written(|writer| {
        writer.array(4).text("Signature1").bytes(&header);
        writer.bytes(&[]).bytes(payload);
    });
    let signature = key.sign(&message);
    written(|writer| {
        writer.head(Head::Tag(18)).array(4).bytes(&header);
        writer.map(0).bytes(payload).bytes(&signature);
    })
}

const ES256: u64 = 6;
const EDDSA: u64 = 7;

#[test]
fn what_a_desk_signed_must_be_a_challenge_still() {
    let key = SigningKey::make_p256();
    let good = ask(&key);
    let parse = |fields: &Fields| Ask::parse(&signed(&key, ES256, &map(fields)));
    assert!(parse(&good).is_ok());
    for place in 0..good.len() {
        let mut renamed = good.clone();
        renamed[place].0 = 9;
        assert!(parse(&renamed).is_err(), "field {place}");
        let mut fewer = good.clone();
        fewer.remove(place);
        assert!(parse(&fewer).is_err(), "field {place}");
    }
    let mut more = good.clone();
    more.push((8, number(0)));
    assert!(parse(&more).is_err());
    assert!(matches!(
        parse(&with(&good, 0, number(2))),
        Err(AskError::OtherVersion { version: 2 })
    ));
    let long = "x".repeat(LONG);
    let chain = |count: usize| {
        written(|writer| {
            writer.array(count);
            for _ in 0..count {
                writer.bytes(&[0]);
            }
        })
    };
    for (place, value) in [
        (1, text("")),
        (1, text(&long)),
        (2, text("")),
        (2, text(&long)),
        (3, bytes(&[7; 15])),
        (4, number(253_402_300_800)),
        (5, number(NOW)),
        (5, number(NOW + 601)),
        (6, number(4)),
        (7, bytes(&[2; 34])),
        (7, bytes(&[])),
        (7, chain(0)),
        (7, chain(100)),
    ] {
        let refused = parse(&with(&good, place, value));
        assert!(refused.is_err(), "field {place}");
    }
    let mut trailing = map(&good);
    trailing.push(0);
    assert!(Ask::parse(&signed(&key, ES256, &trailing)).is_err());
}

/// The key decides the algorithm, whatever the header says of it.
#[test]
fn a_header_names_the_algorithm_of_its_key() {
    let payload = |key: &SigningKey| map(&ask(key));
    let (p256, ed25519) = (SigningKey::make_p256(), SigningKey::make_ed25519());
    assert!(Ask::parse(&signed(&p256, ES256, &payload(&p256))).is_ok());
    assert!(Ask::parse(&signed(&ed25519, EDDSA, &payload(&ed25519))).is_ok());
    for (key, algorithm) in [(&p256, EDDSA), (&ed25519, ES256)] {
        let refused = Ask::parse(&signed(key, algorithm, &payload(key))).unwrap_err();
        assert_eq!(refused.name(), "ask_signature");
    }
    let other = Ask::parse(&signed(&p256, 34, &payload(&p256))).unwrap_err();
    assert_eq!(other.name(), "ask_malformed");
}

#[test]
fn a_poster_has_four_parts() {
    let poster = |count: usize, service: &str| {
        written(|writer| {
            writer.array(count).unsigned(1).text(service).text(PURPOSE);
            writer.unsigned(0);
            for _ in 4..count {
                writer.unsigned(0);
            }
        })
    };
    assert!(Ask::parse(&poster(4, SERVICE)).is_ok());
    for refused in [
        poster(5, SERVICE),
        poster(4, ""),
        poster(4, &"x".repeat(LONG)),
    ] {
        assert!(Ask::parse(&refused).is_err());
    }
    let mut trailing = poster(4, SERVICE);
    trailing.push(0);
    assert!(Ask::parse(&trailing).is_err());
    assert!(Ask::poster(SERVICE, PURPOSE, Wants::default()).is_ok());
}

fn known() -> Known {
    let bound = Bound::new(SERVICE, PURPOSE, live());
    Known {
        service: SERVICE.to_owned(),
        nonce: bound.nonce().to_owned(),
    }
}

fn item() -> Vec<u8> {
    pack(&json!("presentation"), &known())
}

fn presentations(of: &[(&str, usize)]) -> Vec<u8> {
    written(|writer| {
        writer.map(of.len());
        for (id, count) in of {
            writer.text(id).array(*count);
            for _ in 0..*count {
                writer.raw(&item());
            }
        }
    })
}

fn answer() -> Fields {
    let digest = Sha256::digest(SERVICE);
    let binding = written(|writer| live().write(writer));
    vec![
        (0, bytes(&digest[..16])),
        (1, text(PURPOSE)),
        (2, binding),
        (3, presentations(&[("card", 1)])),
    ]
}

fn sealed(body: &[u8]) -> Vec<u8> {
    written(|writer| {
        writer.array(2).unsigned(1).bytes(&deflate(body));
    })
}

fn decode(fields: &Fields) -> Result<Answer, AnswerError> {
    Answer::decode(&sealed(&map(fields)), SERVICE)
}

#[test]
fn an_answer_has_its_members_and_no_others() {
    let good = answer();
    assert!(decode(&good).is_ok());
    for place in 0..good.len() {
        let mut renamed = good.clone();
        renamed[place].0 = 9;
        assert!(decode(&renamed).is_err(), "field {place}");
        let mut fewer = good.clone();
        fewer.remove(place);
        assert!(decode(&fewer).is_err(), "field {place}");
    }
    let long = "x".repeat(LONG);
    for (place, value) in [
        (0, bytes(&Sha256::digest(SERVICE)[..15])),
        (1, text("")),
        (1, text(&long)),
        (3, presentations(&[])),
        (3, presentations(&[("card", 0)])),
        (3, presentations(&[("", 1)])),
        (3, presentations(&[(&long, 1)])),
        (3, presentations(&[("card", 1), ("card", 1)])),
        (3, presentations(&[("card", 9), ("other", 8)])),
    ] {
        let refused = decode(&with(&good, place, value));
        assert!(refused.is_err(), "field {place}");
    }
    let mut more = good.clone();
    more.push((6, number(0)));
    assert!(decode(&more).is_err());
    let mut trailing = map(&good);
    trailing.push(0);
    assert!(Answer::decode(&sealed(&trailing), SERVICE).is_err());
    let three = written(|writer| {
        writer.array(3).unsigned(1).bytes(&deflate(&map(&good)));
        writer.unsigned(0);
    });
    assert!(Answer::decode(&three, SERVICE).is_err());
    let mut behind = sealed(&map(&good));
    behind.push(0);
    assert!(Answer::decode(&behind, SERVICE).is_err());
}

#[test]
fn staples_are_bounded_in_number_and_size() {
    let good = answer();
    let stapled = |key: u64, count: usize, one: &[u8]| {
        let mut fields = good.clone();
        let list = written(|writer| {
            writer.array(count);
            for _ in 0..count {
                writer.raw(one);
            }
        });
        fields.push((key, list));
        decode(&fields)
    };
    let status = |parts: usize, uri: &str, list: Vec<u8>| {
        written(|writer| {
            writer.array(parts).text(uri).raw(&list);
            for _ in 2..parts {
                writer.unsigned(0);
            }
        })
    };
    let uri = "https://list.example";
    let one = status(2, uri, bytes(&[1; 4096]));
    assert!(stapled(5, 1, &one).is_ok());
    for refused in [
        status(3, uri, bytes(&[1])),
        status(2, "", bytes(&[1])),
        status(2, &"x".repeat(LONG), bytes(&[1])),
        status(2, uri, number(7)),
        status(2, uri, bytes(&[1; 4097])),
    ] {
        assert!(stapled(5, 1, &refused).is_err());
    }
    let small = status(2, uri, bytes(&[1]));
    assert!(stapled(5, 8, &small).is_ok());
    for count in [0, 9] {
        assert!(stapled(5, count, &small).is_err());
    }
}

#[test]
fn what_an_answer_is_bound_to_has_its_form() {
    let good = answer();
    let bound = |length: usize, kind: u64, random: &[u8], times: &[i64]| {
        let binding = written(|writer| {
            writer.array(length).unsigned(kind).bytes(random);
            for time in times {
                writer.unsigned(u64::try_from(*time).unwrap());
            }
        });
        decode(&with(&good, 2, binding))
    };
    let random = [7; 16];
    assert!(bound(3, 0, &random, &[NOW]).is_ok());
    assert!(bound(5, 2, &random, &[NOW, NOW, NOW + 60]).is_ok());
    for refused in [
        bound(3, 0, &random[..15], &[NOW]),
        bound(3, 3, &random, &[NOW]),
        bound(5, 0, &random, &[NOW, NOW, NOW + 60]),
        bound(3, 2, &random, &[NOW]),
        bound(3, 0, &random, &[253_402_300_800]),
        bound(5, 2, &random, &[NOW, NOW, NOW]),
        bound(5, 2, &random, &[NOW, NOW + 60, NOW]),
        bound(5, 2, &random, &[NOW, NOW, 253_402_300_799]),
    ] {
        assert!(refused.is_err());
    }
}

#[test]
fn what_would_not_be_read_is_not_written() {
    let one = || Map::from_iter([("card".to_owned(), json!(["presentation"]))]);
    let made = |purpose: &str, presentations: Map<String, Value>| {
        let bound = Bound::new(SERVICE, purpose, live());
        Answer::new(bound, presentations)
    };
    assert!(made(PURPOSE, one()).encode().is_ok());
    let long = "x".repeat(LONG);
    for purpose in ["", &long] {
        let refused = made(purpose, one()).encode();
        assert_eq!(refused, Err(EncodeError::Name));
    }
    for presentations in [
        json!({}),
        json!({"card": []}),
        json!({"card": "presentation"}),
        json!({"": ["presentation"]}),
        json!({long.as_str(): ["presentation"]}),
        json!({"card": vec!["presentation"; 17]}),
    ] {
        let presentations = presentations.as_object().unwrap().clone();
        let refused = made(PURPOSE, presentations).encode();
        assert_eq!(refused, Err(EncodeError::Presentations));
    }
    let status = |uri: &str| StapledStatus {
        uri: uri.to_owned(),
        list: vec![1],
    };
    for staples in [
        Staples {
            statuses: vec![status(&long)],
            ..Staples::default()
        },
        Staples {
            statuses: vec![status("https://list.example"); 9],
            ..Staples::default()
        },
        Staples {
            evidence: vec![vec![b'{'; 1 << 20]],
            ..Staples::default()
        },
    ] {
        let refused = made(PURPOSE, one()).with_staples(staples).encode();
        assert_eq!(refused, Err(EncodeError::Staples));
    }
}

/// The tests above go by what an honest code holds.
#[test]
fn the_forms_are_those_of_honest_codes() {
    let bound = Bound::new(SERVICE, PURPOSE, live());
    let presentations = Map::from_iter([("card".to_owned(), json!(["presentation"]))]);
    let honest = Answer::new(bound, presentations);
    assert_eq!(honest.encode().unwrap(), sealed(&map(&answer())));
}
