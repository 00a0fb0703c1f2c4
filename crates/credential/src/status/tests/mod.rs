use keys::{SigningKey, UnixTime};
use serde_json::{Map, Value};

use super::token::{Bits, Draft, TokenList};
use crate::format::KeyName;

mod bitstring;
mod large;
mod list_credential;
mod token;
mod vectors;

const NOW: UnixTime = 1_790_000_000;
const URI: &str = "https://issuer.example/status/1";

/// A list with something in it.
fn list() -> TokenList {
    let mut list = TokenList::new(Bits::Two, 100).unwrap();
    list.set(5, 1).unwrap();
    list.set(6, 2).unwrap();
    list.set(99, 3).unwrap();
    list
}

fn draft(list: &TokenList) -> Draft<'_> {
    Draft {
        uri: URI,
        issuer: Some("https://issuer.example"),
        key_name: KeyName::Id("key-1"),
        issued_at: NOW,
        expires: Some(NOW + 3600),
        ttl: Some(600),
        list,
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => panic!("not an object"),
    }
}

fn keys() -> [SigningKey; 3] {
    [
        SigningKey::make_p256(),
        SigningKey::make_p384(),
        SigningKey::make_ed25519(),
    ]
}
