use keys::b64;
use serde_json::{Map, Value, json};

use super::{URI, object};
use crate::status::bitstring::{BitstringError, Entry, MIN_ENTRIES, to_entry};
use crate::status::compress::deflate_gzip;
use crate::status::{BitstringList, InflateError, LookUpError, MAX_LIST, Standing, StatusRef};

fn encoded(bytes: &[u8]) -> String {
    format!("u{}", b64::encode(deflate_gzip(bytes)))
}

fn subject(list: String) -> Map<String, Value> {
    object(json!({
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": list,
    }))
}

fn refused(change: impl FnOnce(&mut Map<String, Value>)) -> BitstringError {
    let mut subject = subject(encoded(&[0; 16_384]));
    BitstringList::from_subject(&subject).unwrap();
    change(&mut subject);
    BitstringList::from_subject(&subject).unwrap_err()
}

#[test]
fn a_list_says_what_was_put_into_it() {
    for size in 1..=8 {
        let most = u8::MAX >> (8 - size);
        let mut list = BitstringList::new("message", 200_000, size).unwrap();
        list.set(77_777, size, most).unwrap();
        if let Some(wide) = most.checked_add(1) {
            let refused = list.set(77_776, size, wide);
            assert_eq!(refused, Err(LookUpError::TooWide));
        }
        list.set(77_778, size, 1).unwrap();
        let list = BitstringList::from_subject(&list.to_subject(URI, Some(600))).unwrap();
        assert_eq!(list.ttl(), Some(600));
        assert_eq!(list.get(77_776, "message", size), Ok(0));
        assert_eq!(list.get(77_777, "message", size), Ok(most));
        assert_eq!(list.get(77_778, "message", size), Ok(1));
        let standing = list.standing(77_777, "message", size);
        assert_eq!(standing, Ok(Standing::Other(most)));
    }
}

#[test]
fn the_first_entry_is_the_highest_bit() {
    let mut bytes = vec![0; 16_384];
    bytes[0] = 0b1000_0010;
    let list = BitstringList::from_subject(&subject(encoded(&bytes))).unwrap();
    assert_eq!(list.standing(0, "revocation", 1), Ok(Standing::Revoked));
    assert_eq!(list.standing(1, "revocation", 1), Ok(Standing::Valid));
    assert_eq!(list.standing(6, "revocation", 1), Ok(Standing::Revoked));
}

#[test]
fn purposes_must_agree() {
    let mut subject = subject(encoded(&[0xFF; 16_384]));
    subject.insert("statusPurpose".to_owned(), json!(["suspension", "refresh"]));
    let list = BitstringList::from_subject(&subject).unwrap();
    assert_eq!(list.standing(0, "suspension", 1), Ok(Standing::Suspended));
    assert_eq!(list.standing(0, "refresh", 1), Ok(Standing::Other(1)));
    assert_eq!(
        list.standing(0, "revocation", 1),
        Err(LookUpError::OtherPurpose)
    );
}

#[test]
fn a_herd_that_is_too_small() {
    let small = BitstringList::from_subject(&subject(encoded(&[0; 16_383]))).unwrap();
    assert_eq!(
        small.standing(0, "revocation", 1),
        Err(LookUpError::TooShort)
    );
    // The same bytes hold only half as many entries of two bits.
    let list = BitstringList::from_subject(&subject(encoded(&[0; 16_384]))).unwrap();
    assert_eq!(
        list.standing(0, "revocation", 2),
        Err(LookUpError::TooShort)
    );
    for size in [0, 9, 255] {
        assert_eq!(
            list.get(0, "revocation", size),
            Err(LookUpError::OutOfRange)
        );
    }
    assert_eq!(
        list.get(MIN_ENTRIES, "revocation", 1),
        Err(LookUpError::OutOfRange)
    );
    let grown = BitstringList::new("revocation", 3, 1).unwrap();
    assert_eq!(grown.entries(1), MIN_ENTRIES);
    assert_eq!(
        BitstringList::new("revocation", u64::MAX, 1),
        Err(InflateError::TooLarge)
    );
}

#[test]
fn lists_that_cannot_be_read() {
    assert_eq!(
        refused(|subject| subject["type"] = json!("Person")),
        BitstringError::Type
    );
    for (member, value) in [
        ("statusPurpose", json!(1)),
        ("statusPurpose", json!([])),
        ("statusPurpose", json!(["revocation", 1])),
        ("statusPurpose", json!(vec!["revocation"; 9])),
        ("encodedList", json!(1)),
        ("ttl", json!("600")),
        ("ttl", json!(-1)),
    ] {
        let error = refused(|subject| {
            subject.insert(member.to_owned(), value);
        });
        assert_eq!(error, BitstringError::Member { member });
    }
    let good = encoded(&[0; 16_384]);
    for (list, expected) in [
        (good.replacen('u', "z", 1), BitstringError::Encoding),
        (good[1..].to_owned(), BitstringError::Encoding),
        (format!("{good}="), BitstringError::Encoding),
        (
            format!("u{}", b64::encode(b"not gzip")),
            InflateError::Malformed.into(),
        ),
        (
            encoded(&vec![0; MAX_LIST + 1]),
            InflateError::TooLarge.into(),
        ),
    ] {
        let error = refused(|subject| subject["encodedList"] = list.into());
        assert_eq!(error, expected);
    }
    let mut two = deflate_gzip(&[0; 16_384]);
    two.extend(two.clone());
    let error = refused(|subject| subject["encodedList"] = format!("u{}", b64::encode(two)).into());
    assert_eq!(error, InflateError::Malformed.into());
}

fn entry() -> Map<String, Value> {
    object(json!({
        "id": format!("{URI}#7"),
        "type": "BitstringStatusListEntry",
        "statusPurpose": "message",
        "statusListIndex": "7",
        "statusListCredential": URI,
        "statusSize": 2,
        "statusMessage": [
            {"status": "0x0", "message": "in use"},
            {"status": "0x1", "message": "reported lost"},
            {"status": "0x2", "message": "replaced"},
            {"status": "0x3", "message": "under review"},
        ],
    }))
}

#[test]
fn an_entry_with_messages() {
    let entry = Entry::parse(&entry()).unwrap();
    assert_eq!(entry.message(1), Some("reported lost"));
    assert_eq!(entry.message(4), None);
    let StatusRef::Bitstring { index, size, .. } = entry.reference else {
        panic!("another kind")
    };
    assert_eq!((index, size), (7, 2));
}

#[test]
fn an_entry_of_status_list_2021() {
    let older = object(json!({
        "id": format!("{URI}#7"),
        "type": "StatusList2021Entry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": URI,
    }));
    let entry = Entry::parse(&older).unwrap();
    assert_eq!((entry.reference.list(), entry.reference.index()), (URI, 7));
}

#[test]
fn an_entry_that_we_write_is_read_again() {
    let reference = StatusRef::Bitstring {
        list: URI.to_owned(),
        index: 94_567,
        purpose: "revocation".to_owned(),
        size: 1,
    };
    let entry = Entry::parse(&to_entry(&reference).unwrap()).unwrap();
    assert_eq!(entry.reference, reference);
    assert_eq!(
        (entry.reference.list(), entry.reference.index()),
        (URI, 94_567)
    );
    let token = StatusRef::TokenList {
        uri: URI.to_owned(),
        index: 1,
    };
    assert_eq!(to_entry(&token), None);
}

#[test]
fn entries_that_cannot_be_read() {
    for (member, value) in [
        ("statusPurpose", json!(null)),
        ("statusListIndex", json!(7)),
        ("statusListIndex", json!("")),
        ("statusListIndex", json!("-1")),
        ("statusListIndex", json!("+1")),
        ("statusListIndex", json!("99999999999999999999999")),
        ("statusListCredential", json!(1)),
        ("statusSize", json!(0)),
        ("statusSize", json!(9)),
        ("statusSize", json!("1")),
        ("statusMessage", json!([])),
        ("statusMessage", json!(null)),
        ("statusMessage", json!([1, 2, 3, 4])),
    ] {
        let mut entry = entry();
        entry.insert(member.to_owned(), value);
        assert_eq!(
            Entry::parse(&entry),
            Err(BitstringError::Member { member }),
            "{member}"
        );
    }
    let mut silent = entry();
    silent.remove("statusMessage");
    let member = "statusMessage";
    assert_eq!(
        Entry::parse(&silent),
        Err(BitstringError::Member { member })
    );
    let mut other = entry();
    other["type"] = json!("CredentialStatusList2017");
    assert_eq!(Entry::parse(&other), Err(BitstringError::Type));
}
