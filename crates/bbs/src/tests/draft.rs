//! The fixtures of the draft: `tests/vectors/SOURCE` says where they are from.

use crate::{Proof, PublicKey, SecretKey, Signature};
use serde_json::Value;

fn read(name: &str) -> Value {
    let path = format!("{}/tests/vectors/draft/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn list(value: &Value) -> Vec<Vec<u8>> {
    value.as_array().unwrap().iter().map(bytes).collect()
}

fn public(value: &Value) -> PublicKey {
    PublicKey::from_bytes(&bytes(value).try_into().unwrap()).unwrap()
}

#[test]
fn the_key_pair_follows_from_its_material() {
    let fixture = read("keypair.json");
    let key = SecretKey::derive(&bytes(&fixture["keyMaterial"]), &bytes(&fixture["keyInfo"]));
    let key = key.unwrap();
    let pair = &fixture["keyPair"];
    assert_eq!(key.to_secret_bytes().to_vec(), bytes(&pair["secretKey"]));
    assert_eq!(key.public().to_bytes().to_vec(), bytes(&pair["publicKey"]));
}

fn signature(number: usize) {
    let fixture = read(&format!("signature/signature{number:03}.json"));
    let pair = &fixture["signerKeyPair"];
    let messages = list(&fixture["messages"]);
    let header = bytes(&fixture["header"]);
    let expected = bytes(&fixture["signature"]);
    let secret = SecretKey::from_bytes(&bytes(&pair["secretKey"]).try_into().unwrap()).unwrap();
    let read = Signature::from_bytes(&expected).unwrap();
    assert_eq!(read.to_bytes().to_vec(), expected);
    let valid = fixture["result"]["valid"].as_bool().unwrap();
    let verified = crate::verify(&public(&pair["publicKey"]), &read, &header, &messages);
    assert_eq!(verified.is_ok(), valid, "{}", fixture["caseName"]);
    if valid {
        let made = crate::sign(&secret, &header, &messages).unwrap();
        assert_eq!(made.to_bytes().to_vec(), expected);
    }
}

fn proof(number: usize) {
    let fixture = read(&format!("proof/proof{number:03}.json"));
    let indexes: Vec<usize> = serde_json::from_value(fixture["disclosedIndexes"].clone()).unwrap();
    let messages = list(&fixture["messages"]);
    let shown: Vec<&Vec<u8>> = indexes
        .iter()
        .filter_map(|index| messages.get(*index))
        .collect();
    let encoded = bytes(&fixture["proof"]);
    let read = Proof::from_bytes(&encoded).unwrap();
    assert_eq!(read.to_bytes(), encoded);
    let verified = crate::verify_proof(
        &public(&fixture["signerPublicKey"]),
        &read,
        &bytes(&fixture["header"]),
        &bytes(&fixture["presentationHeader"]),
        &shown,
        &indexes,
    );
    let valid = fixture["result"]["valid"].as_bool().unwrap();
    assert_eq!(verified.is_ok(), valid, "{}", fixture["caseName"]);
}

macro_rules! cases {
    ($run:ident: $($name:ident = $number:literal),+ $(,)?) => {
        $(#[test]
        fn $name() {
            $run($number);
        })+
    };
}

cases!(signature:
    signature_001_single_message = 1,
    signature_002_modified_message = 2,
    signature_003_extra_unsigned_message = 3,
    signature_004_many_messages = 4,
    signature_005_missing_messages = 5,
    signature_006_reordered_messages = 6,
    signature_007_wrong_public_key = 7,
    signature_008_different_header = 8,
    signature_009_shuffled_messages = 9,
    signature_010_no_header = 10,
);

cases!(proof:
    proof_001_single_message = 1,
    proof_002_all_messages_shown = 2,
    proof_003_some_messages_shown = 3,
    proof_004_different_presentation_header = 4,
    proof_005_wrong_public_key = 5,
    proof_006_modified_messages = 6,
    proof_007_extra_message_hidden = 7,
    proof_008_extra_invalid_message_hidden = 8,
    proof_009_missing_message = 9,
    proof_010_reordered_messages = 10,
    proof_011_modified_count = 11,
    proof_012_truncated = 12,
    proof_013_different_header = 13,
    proof_014_no_header = 14,
    proof_015_no_presentation_header = 15,
);
