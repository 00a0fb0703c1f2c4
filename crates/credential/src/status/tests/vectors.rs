//! `tests/vectors/token-status-list` and `tests/vectors/bitstring-status-list`.

use std::path::PathBuf;

use keys::{PublicKey, b64, json, jws};
use serde_json::Value;

use crate::status::bitstring::Entry;
use crate::status::token::{Bits, TokenList, UnverifiedCwt};
use crate::status::{BitstringList, LookUpError, Standing, StatusRef};

fn file(folder: &str, name: &str) -> Vec<u8> {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "../../tests/vectors",
        folder,
        name,
    ]
    .iter()
    .collect();
    std::fs::read(path).unwrap()
}

fn token_case(name: &str) {
    let cases = json::parse(&file("token-status-list", "vectors.json")).unwrap();
    let case = cases
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["name"] == name)
        .unwrap();
    let bits = Bits::from_number(case["bits"].as_u64().unwrap()).unwrap();
    let lst = b64::decode(case["lst"].as_str().unwrap()).unwrap();
    let list = TokenList::from_compressed(bits, &lst).unwrap();
    let entries = case["entries"].as_u64().unwrap();
    assert_eq!(list.entries(), entries);
    assert_eq!(list.get(entries), Err(LookUpError::OutOfRange));
    assert_eq!(list.get(u64::MAX), Err(LookUpError::OutOfRange));
    let mut ours = TokenList::new(bits, entries).unwrap();
    let statuses = case["statuses"].as_array().unwrap();
    for status in statuses {
        let (index, value) = (status[0].as_u64().unwrap(), status[1].as_u64().unwrap());
        assert_eq!(u64::from(list.get(index).unwrap()), value, "{name} {index}");
        ours.set(index, u8::try_from(value).unwrap()).unwrap();
    }
    // What is not listed is 0, or everything is listed: the whole list is the same.
    assert!(case["others_zero"] == true || statuses.len() as u64 == entries);
    assert!(ours == list, "{name}");
    let again = TokenList::from_compressed(bits, &ours.to_compressed()).unwrap();
    assert!(again == list, "{name}");
}

#[test]
fn token_status_list_4_1_of_one_bit() {
    token_case("s4.1 bits1");
}

#[test]
fn token_status_list_4_1_of_two_bits() {
    token_case("s4.1 bits2");
}

#[test]
fn token_status_list_c_of_one_bit() {
    token_case("C.1 1-bit");
}

#[test]
fn token_status_list_c_of_two_bits() {
    token_case("C 2-bit");
}

#[test]
fn token_status_list_c_of_four_bits() {
    token_case("C 4-bit");
}

#[test]
fn token_status_list_c_of_eight_bits() {
    token_case("C 8-bit");
}

/// The draft does not publish the key: everything but the signature.
#[test]
fn token_status_list_5_2_cwt() {
    let text = file("token-status-list", "cwt-example.hex");
    let text = std::str::from_utf8(&text).unwrap().trim();
    let bytes: Vec<u8> = (0..text.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(&text[place..place + 2], 16).unwrap())
        .collect();
    let token = UnverifiedCwt::parse(&bytes).unwrap();
    assert_eq!(token.algorithm(), keys::Algorithm::Es256);
    assert_eq!(token.signer().unwrap().kid.as_deref(), Some("12"));
    let token = token
        .unverified("https://example.com/statuslists/1", 1_686_920_170)
        .unwrap();
    assert_eq!(token.expires, Some(2_291_720_170));
    assert_eq!(token.ttl, Some(43_200));
    let values: Vec<_> = (0..16)
        .map(|place| token.list.get(place).unwrap())
        .collect();
    assert_eq!(values, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
}

fn credential(name: &str) -> Value {
    json::parse(&file("bitstring-status-list", name)).unwrap()
}

fn subject(credential: &Value) -> BitstringList {
    BitstringList::from_subject(credential["credentialSubject"].as_object().unwrap()).unwrap()
}

fn entry(name: &str) -> Entry {
    Entry::parse(credential(name)["credentialStatus"].as_object().unwrap()).unwrap()
}

#[test]
fn bitstring_status_list_credential() {
    let list = subject(&credential("status-list-credential.jsonld"));
    assert_eq!(list.entries(1), 131_072);
    for index in [0, 1, 94_567, 131_071] {
        assert_eq!(list.get(index, "revocation", 1), Ok(0));
    }
    assert_eq!(
        list.get(131_072, "revocation", 1),
        Err(LookUpError::OutOfRange)
    );
    assert_eq!(list.get(0, "suspension", 1), Err(LookUpError::OtherPurpose));
}

#[test]
fn bitstring_local_list_revokes_the_third_entry_and_not_the_first() {
    let list = crate::status::Statuses::Bitstring(subject(&credential(
        "local-status-list-credential.jsonld",
    )));
    for (name, index, standing) in [
        ("status_list_revocable_1.jsonld", 1, Standing::Valid),
        ("status_list_revocable_3.jsonld", 3, Standing::Revoked),
    ] {
        let entry = entry(name);
        assert_eq!(
            entry.reference,
            StatusRef::Bitstring {
                list: "http://127.0.0.1:3000/#statusList".to_owned(),
                index,
                purpose: "revocation".to_owned(),
                size: 1,
            }
        );
        assert_eq!(list.standing(&entry.reference), Ok(standing), "{name}");
    }
}

#[test]
fn bitstring_status_list_as_jws() {
    let key = PublicKey::from_jwk(&credential("public-key.jwk")).unwrap();
    let text = file("bitstring-status-list", "status-list.jws");
    let text = std::str::from_utf8(&text).unwrap().trim();
    let claims = jws::Unverified::parse(text)
        .unwrap()
        .verify(&key)
        .unwrap()
        .claims()
        .unwrap();
    let list = subject(&Value::Object(claims));
    assert_eq!(list.get(3, "revocation", 1), Ok(0));
    assert_eq!(list.purposes().collect::<Vec<_>>(), ["revocation"]);
}
