//! The example of W3C's `bbs-2023`: `tests/vectors/SOURCE` says where it is from.

use crate::{Proof, PublicKey, SecretKey, Signature};
use serde_json::Value;

fn read(name: &str) -> Value {
    let path = format!("{}/tests/vectors/w3c/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// The header is the hash of the proof's configuration and that of what is mandatory.
fn header() -> Vec<u8> {
    let hashes = read("addHashData.json");
    [bytes(&hashes["proofHash"]), bytes(&hashes["mandatoryHash"])].concat()
}

/// The messages are the statements that are not mandatory, in their order.
fn messages() -> Vec<String> {
    let transform = read("addBaseTransform.json");
    let statements = transform["nonMandatory"]["value"].as_array().unwrap();
    let text = |statement: &Value| statement[1].as_str().unwrap().to_owned();
    statements.iter().map(text).collect()
}

fn public() -> PublicKey {
    let key = &read("BBSKeyMaterial.json")["publicKeyHex"];
    PublicKey::from_bytes(&bytes(key).try_into().unwrap()).unwrap()
}

#[test]
fn the_base_signature_is_the_same_byte_for_byte() {
    let key = bytes(&read("BBSKeyMaterial.json")["privateKeyHex"]);
    let secret = SecretKey::from_bytes(&key.try_into().unwrap()).unwrap();
    assert_eq!(secret.public(), public());
    let expected = bytes(&read("addRawBaseSignatureInfo.json")["bbsSignature"]);
    let signature = crate::sign(&secret, &header(), &messages()).unwrap();
    assert_eq!(signature.to_bytes().to_vec(), expected);
    let signature = Signature::from_bytes(&expected).unwrap();
    crate::verify(&public(), &signature, &header(), &messages()).unwrap();
}

#[test]
fn the_derived_proof_verifies_over_what_it_shows_and_nothing_else() {
    let derived = read("derivedDisclosureData.json");
    let proof = Proof::from_bytes(&bytes(&derived["bbsProof"])).unwrap();
    let indexes: Vec<usize> =
        serde_json::from_value(derived["adjSelectiveIndexes"].clone()).unwrap();
    let all = messages();
    let shown: Vec<&String> = indexes.iter().map(|index| &all[*index]).collect();
    let occasion: Vec<u8> = derived["presentationHeader"]
        .as_object()
        .unwrap()
        .values()
        .map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap())
        .collect();
    assert_eq!(proof.hidden_messages() + shown.len(), all.len());
    let verify = |occasion: &[u8], shown: &[&String]| {
        crate::verify_proof(&public(), &proof, &header(), occasion, shown, &indexes)
    };
    verify(&occasion, &shown).unwrap();
    assert!(verify(&occasion[1..], &shown).is_err());
    let mut other = shown.clone();
    other.swap(0, 1);
    assert!(verify(&occasion, &other).is_err());
}
