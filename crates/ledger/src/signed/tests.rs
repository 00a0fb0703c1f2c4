use super::*;
use crate::event::{AdoptRules, GOVERNANCE};

fn event(signer: &str) -> Event {
    Event {
        ledger: None,
        signer: signer.to_owned(),
        sequence: 1,
        submit_before: 1_800_000_000,
        action: Action::AdoptRules(AdoptRules { rules: 1 }),
    }
}

fn signed(keys: &[&SigningKey]) -> Value {
    SignedEvent::sign(&event(GOVERNANCE), keys).unwrap().value
}

fn is_malformed(value: &Value) -> bool {
    matches!(SignedEvent::parse(value), Err(SignedError::Malformed))
}

/// A signature of this key under whatever header.
fn under(header: &Value, payload: &Value, key: &SigningKey) -> Value {
    let protected = b64::encode(canonical::value_to_bytes(header).unwrap());
    let input = format!("{protected}.{}", payload.as_str().unwrap());
    json!({
        "protected": protected,
        "signature": b64::encode(key.sign(input.as_bytes())),
    })
}

fn header(key: &SigningKey) -> Value {
    json!({"alg": key.algorithm().name(), "kid": key.public().thumbprint(), "typ": TYPE})
}

#[test]
fn nothing_stands_in_a_signed_event_that_is_not_known() {
    let key = SigningKey::make_ed25519();
    let good = signed(&[&key]);
    assert!(SignedEvent::parse(&good).is_ok());
    let mut more = good.clone();
    more["comment"] = json!("x");
    let mut none = good.clone();
    none["signatures"] = json!([]);
    let mut twice = good.clone();
    twice["signatures"] = json!([good["signatures"][0], good["signatures"][0]]);
    let mut wide = good.clone();
    wide["signatures"][0]["comment"] = json!("x");
    for wrong in [&more, &none, &twice, &wide, &json!([])] {
        assert!(is_malformed(wrong));
    }
}

#[test]
fn signatures_are_bounded_in_number() {
    let keys: Vec<SigningKey> = (0..=MAX_SIGNATURES)
        .map(|_| SigningKey::make_ed25519())
        .collect();
    let all: Vec<&SigningKey> = keys.iter().collect();
    let sign = |keys: &[&SigningKey]| SignedEvent::sign(&event(GOVERNANCE), keys);
    assert!(sign(&all[1..]).is_ok());
    assert!(matches!(sign(&all), Err(SignedError::Malformed)));
}

#[test]
fn headers_say_what_they_must_and_no_more() {
    let key = SigningKey::make_p256();
    let good = signed(&[&key]);
    let with = |header: &Value| {
        let mut value = good.clone();
        value["signatures"][0] = under(header, &good["payload"], &key);
        value
    };
    assert!(SignedEvent::parse(&with(&header(&key))).is_ok());
    for (name, value) in [
        ("typ", json!("JOSE")),
        ("alg", json!("ES384")),
        ("alg", json!("none")),
        ("kid", json!(1)),
        ("crit", json!(["typ"])),
    ] {
        let mut changed = header(&key);
        changed[name] = value;
        assert!(is_malformed(&with(&changed)), "{changed}");
    }
}

/// The key decides the algorithm, whatever the header says of it.
#[test]
fn a_signature_under_another_algorithm_is_forged() {
    let key = SigningKey::make_p256();
    let known: HashMap<String, PublicKey> = [(key.public().thumbprint(), key.public())].into();
    let check = |value: &Value| {
        let signed = SignedEvent::parse(value).unwrap();
        signed.check(&known).map(|_| ())
    };
    let mut value = signed(&[&key]);
    assert_eq!(check(&value), Ok(()));
    let mut other = header(&key);
    other["alg"] = json!("EdDSA");
    value["signatures"][0] = under(&other, &value["payload"], &key);
    assert_eq!(check(&value), Err(Rejection::ForgedEvent));
}

#[test]
fn a_leaf_is_bounded_and_holds_three_members() {
    let key = SigningKey::make_ed25519();
    let leaf = |signer: &str| Leaf {
        time: 1_800_000_000,
        event: SignedEvent::sign(&event(signer), &[&key]).unwrap(),
        state: [7; 32],
    };
    let bytes = leaf(GOVERNANCE).to_bytes().unwrap();
    assert!(Leaf::parse(&bytes).is_ok());
    let mut more = canonical::parse(&bytes, MAX_ENTRY).unwrap();
    more["index"] = json!(1);
    let more = canonical::value_to_bytes(&more).unwrap();
    assert!(matches!(Leaf::parse(&more), Err(SignedError::Malformed)));
    // In base64url it is longer than as it was signed.
    let long = leaf(&"s".repeat(MAX_ENTRY / 10 * 9)).to_bytes();
    assert!(matches!(long, Err(SignedError::TooLong)));
}
