//! W3C's vectors at every intermediate value: `tests/vectors/vc-di-eddsa` and `vc-di-ecdsa`.

use sha2::{Digest as _, Sha256};

use super::super::hash::canonical;
use super::*;
use crate::json_ld::canonize;
use crate::vcdm::Moment;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files of one vector: a folder, how their names end, and where the secret key is.
fn check(folder: &str, suffix: &str, signed: &str, secret: (&str, &str)) {
    let text = |name: &str| read(&format!("{folder}/{name}{suffix}.txt"));
    let signed = read_object(&format!("{folder}/{signed}.json"));
    let mut document = signed.clone();
    let proof = object(document.remove("proof").unwrap());
    let suite = Suite::of(&proof).unwrap();
    let config = read_object(&format!("{folder}/proofConfig{suffix}.json"));
    let canon = |object: &Map<String, Value>| match suite.is_jcs() {
        true => String::from_utf8(canonical(object).unwrap()).unwrap(),
        false => canonize(object, contexts()).unwrap().concat(),
    };
    assert_eq!(canon(&document), text("canonDoc"));
    assert_eq!(canon(&config), text("proofCanon"));
    let hash = |text: String| hex(&Sha256::digest(text));
    assert_eq!(hash(canon(&document)), text("docHash").trim());
    assert_eq!(hash(canon(&config)), text("proofHash").trim());
    let both = hash_data(suite, &document, &config, contexts()).unwrap();
    assert_eq!(hex(&both), text("combinedHash").trim());

    let value = text("sigBTC58");
    assert_eq!(proof["proofValue"], value.trim());
    let bytes = bs58::decode(&value.trim()[1..]).into_vec().unwrap();
    assert_eq!(hex(&bytes), text("sigHex").trim());
    verified(&signed).unwrap();

    let (file, member) = secret;
    let keys = read_object(file);
    let secret = bs58::decode(&keys[member].as_str().unwrap()[1..]);
    let scalar: [u8; 32] = secret.into_vec().unwrap()[2..].try_into().unwrap();
    let key = match suite.takes(keys::Algorithm::Es256) {
        true => SigningKey::p256_from_scalar(&scalar).unwrap(),
        false => SigningKey::ed25519_from_seed(&scalar),
    };
    let created = Moment::parse(proof["created"].as_str().unwrap()).unwrap();
    let options = Options {
        suite,
        verification_method: proof["verificationMethod"].as_str().unwrap(),
        purpose: Purpose::Assertion,
        created: Some(created.seconds),
        challenge: None,
        domain: None,
    };
    assert_eq!(sign(&document, &options, &key, contexts()).unwrap(), signed);
}

const ED25519: (&str, &str) = (
    "vc-di-eddsa/TestVectors/keyPair.json",
    "privateKeyMultibase",
);
const P256: (&str, &str) = (
    "vc-di-ecdsa/TestVectors/p256KeyPair.json",
    "secretKeyMultibase",
);

#[test]
fn eddsa_rdfc_2022() {
    let folder = "vc-di-eddsa/TestVectors/eddsa-rdfc-2022";
    check(folder, "DataInt", "signedDataInt", ED25519);
    check(
        &format!("{folder}/employ"),
        "DataInt",
        "signedDataInt",
        ED25519,
    );
}

#[test]
fn eddsa_jcs_2022() {
    check(
        "vc-di-eddsa/TestVectors/eddsa-jcs-2022",
        "JCS",
        "signedJCS",
        ED25519,
    );
}

#[test]
fn ed25519_signature_2020() {
    check(
        "vc-di-eddsa/TestVectors/Ed25519Signature2020",
        "EdSig",
        "signedEdSig",
        ED25519,
    );
}

/// W3C's signatures are deterministic too (RFC 6979).
#[test]
fn ecdsa_rdfc_2019() {
    let folder = "vc-di-ecdsa/TestVectors/ecdsa-rdfc-2019-p256";
    check(folder, "ECDSAP256", "signedECDSAP256", P256);
    check(
        &format!("{folder}/employ"),
        "ECDSAP256",
        "signedECDSAP256",
        P256,
    );
}

#[test]
fn ecdsa_jcs_2019() {
    let folder = "vc-di-ecdsa/TestVectors/ecdsa-jcs-2019-p256";
    check(folder, "JCSECDSAP256", "signedJCSECDSAP256", P256);
}

const CHAINS: &str = "vc-di-eddsa/TestVectors/proof-set-chain";

#[test]
fn every_proof_of_w3cs_sets_and_chains() {
    for (name, count) in [
        ("signedProofSet1", 1),
        ("signedProofSet2", 2),
        ("signedProofChain1", 3),
        ("signedProofChain2", 4),
    ] {
        let document = read_object(&format!("{CHAINS}/{name}.json"));
        assert_eq!(proofs(&document).unwrap().len(), count);
        for place in 0..count {
            verify(&document, place, &key_of, &expected(), contexts()).unwrap();
        }
        let beyond = verify(&document, count, &key_of, &expected(), contexts());
        assert_eq!(beyond.err(), Some(ProofError::NoProof));
    }
}

#[test]
fn a_proof_vouches_for_those_that_it_names() {
    let document = read_object(&format!("{CHAINS}/signedProofChain2.json"));
    let with = |place: usize, member: &str, value: Value| {
        let mut changed = document.clone();
        changed["proof"][place][member] = value;
        verify(&changed, 3, &key_of, &expected(), contexts()).err()
    };
    // The first proof is named by the third, and that by the fourth.
    assert_eq!(
        with(0, "created", json!("2023-02-24T23:36:39Z")),
        Some(ProofError::Signature)
    );
    assert_eq!(
        with(0, "proofPurpose", json!("authentication")),
        Some(ProofError::Purpose)
    );
    assert_eq!(
        with(0, "expires", json!("2023-02-24T23:36:39Z")),
        Some(ProofError::Expired)
    );
    assert_eq!(
        with(0, "id", json!("urn:a:b")),
        Some(ProofError::PreviousProof)
    );
    let second = document["proof"][1]["id"].clone();
    assert_eq!(with(0, "id", second), Some(ProofError::PreviousProof));
    let third = document["proof"][2]["id"].clone();
    assert_eq!(
        with(0, "previousProof", third),
        Some(ProofError::PreviousProof)
    );
    assert_eq!(
        with(3, "previousProof", json!("urn:a:b")),
        Some(ProofError::PreviousProof)
    );
    // Without its chain the fourth proof is of another document.
    let mut alone = document.clone();
    alone["proof"][3]
        .as_object_mut()
        .unwrap()
        .remove("previousProof");
    let refused = verify(&alone, 3, &key_of, &expected(), contexts());
    assert_eq!(refused.err(), Some(ProofError::Signature));
}
