use keys::{PublicKey, SigningKey};

use super::support::{NOW, PURPOSE, SERVICE};
use crate::counter_code::{Ask, AskError, Binding, Live, MAX_ASK, SignError, Signer, Wants};

const WANTS: Wants = Wants {
    evidence: true,
    status: false,
};

fn live(key: &SigningKey) -> Live {
    Live::make(SERVICE, PURPOSE, WANTS, Signer::Key(key.public()), NOW, 300)
}

fn name(bytes: &[u8]) -> &'static str {
    Ask::parse(bytes).unwrap_err().name()
}

#[test]
fn what_a_desk_signs_a_wallet_reads() {
    for key in [SigningKey::make_p256(), SigningKey::make_ed25519()] {
        let made = live(&key);
        let bytes = made.sign(&key).unwrap();
        assert!(bytes.len() < 300, "{} bytes", bytes.len());
        let Ask::Live(read) = Ask::parse(&bytes).unwrap() else {
            panic!("not live")
        };
        assert_eq!(*read, made);
        assert_eq!(read.signer.key(), Some(&key.public()));
        let ask = Ask::Live(read);
        assert_eq!((ask.service(), ask.purpose()), (SERVICE, PURPOSE));
        assert_eq!(ask.make_binding(NOW + 999), made.binding());
        assert_eq!(ask.wants(), WANTS);
    }
}

#[test]
fn a_poster_is_for_everybody() {
    let bytes = Ask::poster(SERVICE, PURPOSE, Wants::default()).unwrap();
    let ask = Ask::parse(&bytes).unwrap();
    let Ask::Poster { service, .. } = &ask else {
        panic!("not a poster")
    };
    assert_eq!(service, SERVICE);
    let (one, other) = (ask.make_binding(NOW), ask.make_binding(NOW));
    assert!(matches!(one, Binding::Window { .. }));
    assert_ne!(one, other, "each answer is one of its kind");
}

#[test]
fn every_changed_byte_is_noticed() {
    let key = SigningKey::make_p256();
    let bytes = live(&key).sign(&key).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(Ask::parse(&changed).is_err(), "byte {at}");
    }
    for length in 0..bytes.len() {
        assert!(Ask::parse(&bytes[..length]).is_err());
    }
    let mut long = bytes.clone();
    long.push(0);
    assert_eq!(name(&long), "ask_malformed");
    assert_eq!(name(&vec![0; MAX_ASK + 1]), "ask_too_long");
}

#[test]
fn another_signature_key_or_version_is_refused() {
    let (key, other) = (SigningKey::make_p256(), SigningKey::make_p256());
    let one = live(&key).sign(&key).unwrap();
    let another = live(&other).sign(&other).unwrap();
    // The signature is the last 64 bytes.
    let split = one.len() - 64;
    let mixed = [&one[..split], &another[another.len() - 64..]].concat();
    assert_eq!(name(&mixed), "ask_signature");
    let mut poster = Ask::poster(SERVICE, PURPOSE, WANTS).unwrap();
    assert_eq!(poster[1], 1);
    poster[1] = 2;
    assert!(matches!(
        Ask::parse(&poster),
        Err(AskError::OtherVersion { version: 2 })
    ));
    let last = poster.len() - 1;
    poster[1] = 1;
    poster[last] = 4;
    assert_eq!(name(&poster), "ask_malformed");
}

#[test]
fn what_cannot_be_signed() {
    let key = SigningKey::make_p256();
    let mut long = live(&key);
    long.expires_at = NOW + 601;
    assert_eq!(long.sign(&key), Err(SignError::Lifetime));
    long.expires_at = NOW;
    assert_eq!(long.sign(&key), Err(SignError::Lifetime));
    let other = SigningKey::make_p256();
    assert_eq!(live(&key).sign(&other), Err(SignError::Key));
    let bbs = PublicKey::Bls12381G2(keys::bls::SecretKey::make().public());
    let mut nobody = live(&key);
    nobody.signer = Signer::Key(bbs);
    assert_eq!(nobody.sign(&key), Err(SignError::Key));
    nobody.signer = Signer::Chain(Vec::new());
    assert_eq!(nobody.sign(&key), Err(SignError::Key));
    let mut nameless = live(&key);
    nameless.purpose = String::new();
    assert_eq!(nameless.sign(&key), Err(SignError::Name));
    assert_eq!(
        Ask::poster(&"x".repeat(2049), PURPOSE, WANTS),
        Err(SignError::Name)
    );
}
