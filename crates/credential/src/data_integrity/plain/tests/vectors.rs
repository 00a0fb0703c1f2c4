//! W3C's vectors at every intermediate value: `tests/vectors/vc-di-eddsa` and `vc-di-ecdsa`.

use sha2::{Digest, Sha256, Sha384};

use super::super::hash::canonical;
use super::*;
use crate::json_ld::canonize_with;
use crate::vcdm::Moment;

fn hex(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The files of one vector: a folder, how their names end, and where the secret key is.
fn check(folder: &str, suffix: &str, signed: &str, secret: (&str, &str)) {
    check_with::<Sha256>(folder, suffix, signed, secret);
}

fn check_with<H: Digest>(folder: &str, suffix: &str, signed: &str, secret: (&str, &str)) {
    let text = |name: &str| read(&format!("{folder}/{name}{suffix}.txt"));
    let signed = read_object(&format!("{folder}/{signed}.json"));
    let mut document = signed.clone();
    let proof = object(document.remove("proof").unwrap());
    let suite = Suite::of(&proof).unwrap();
    let config = read_object(&format!("{folder}/proofConfig{suffix}.json"));
    let canon = |object: &Map<String, Value>| match suite.is_jcs() {
        true => String::from_utf8(canonical(object).unwrap()).unwrap(),
        false => canonize_with::<H>(object, contexts()).unwrap().concat(),
    };
    assert_eq!(canon(&document), text("canonDoc"));
    assert_eq!(canon(&config), text("proofCanon"));
    let hash = |text: String| hex(&*H::digest(text));
    assert_eq!(hash(canon(&document)), text("docHash").trim());
    assert_eq!(hash(canon(&config)), text("proofHash").trim());
    let url = proof["verificationMethod"].as_str().unwrap();
    let algorithm = key_of(url).unwrap().algorithm();
    assert_eq!(
        suite.algorithm(proof["proofValue"].as_str().unwrap()),
        algorithm
    );
    let both = hash_data(suite, algorithm, &document, &config, contexts()).unwrap();
    assert_eq!(hex(&both), text("combinedHash").trim());

    let value = text("sigBTC58");
    assert_eq!(proof["proofValue"], value.trim());
    let bytes = bs58::decode(&value.trim()[1..]).into_vec().unwrap();
    assert_eq!(hex(&bytes), text("sigHex").trim());
    verified(&signed).unwrap();

    let (file, member) = secret;
    let keys = read_object(file);
    let secret = bs58::decode(&keys[member].as_str().unwrap()[1..]);
    let secret = &secret.into_vec().unwrap()[2..];
    let key = match algorithm {
        keys::Algorithm::Es256 => SigningKey::p256_from_scalar(secret.try_into().unwrap()).unwrap(),
        keys::Algorithm::Es384 => SigningKey::p384_from_scalar(secret.try_into().unwrap()).unwrap(),
        _ => SigningKey::ed25519_from_seed(secret.try_into().unwrap()),
    };
    let created = Moment::parse(proof["created"].as_str().unwrap()).unwrap();
    let options = Options {
        suite,
        verification_method: url,
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

const P384: (&str, &str) = (
    "vc-di-ecdsa/TestVectors/p384KeyPair.json",
    "secretKeyMultibase",
);

#[test]
fn ecdsa_rdfc_2019_on_p384() {
    let folder = "vc-di-ecdsa/TestVectors/ecdsa-rdfc-2019-p384";
    let employ = format!("{folder}/employ");
    for folder in [folder, &employ] {
        check_with::<Sha384>(folder, "ECDSAP384", "signedECDSAP384", P384);
    }
}

#[test]
fn ecdsa_jcs_2019_on_p384() {
    let folder = "vc-di-ecdsa/TestVectors/ecdsa-jcs-2019-p384";
    check_with::<Sha384>(folder, "JCSECDSAP384", "signedJCSECDSAP384", P384);
}

/// What is not W3C's signature on P-384 by the right key over the right digests.
#[test]
fn what_is_no_signature_on_p384() {
    for (folder, name) in [("rdfc", "signedECDSAP384"), ("jcs", "signedJCSECDSAP384")] {
        let folder = format!("vc-di-ecdsa/TestVectors/ecdsa-{folder}-2019-p384");
        let signed = read_object(&format!("{folder}/{name}.json"));
        let value = signed["proof"]["proofValue"].as_str().unwrap();
        let bytes = bs58::decode(&value[1..]).into_vec().unwrap();
        let with = |bytes: &[u8]| {
            let mut changed = signed.clone();
            let value = format!("z{}", bs58::encode(bytes).into_string());
            changed["proof"]["proofValue"] = value.into();
            verified(&changed).err()
        };
        assert_eq!(with(&bytes), None);
        // Cut off, as long as one on P-256, and too long.
        for bytes in [
            &bytes[..95],
            &bytes[..64],
            &[bytes.as_slice(), &[0]].concat(),
        ] {
            assert_eq!(with(bytes), Some(ProofError::Member("proofValue")));
        }
        assert_eq!(with(&[0; 96]), Some(ProofError::Signature));
        assert_eq!(with(&[0xff; 96]), Some(ProofError::Signature));

        let mut document = signed.clone();
        let mut config = object(document.remove("proof").unwrap());
        config.remove("proofValue");
        let suite = Suite::of(&config).unwrap();
        let secret = read_object(P384.0)[P384.1].as_str().unwrap()[1..].to_owned();
        let secret = bs58::decode(secret).into_vec().unwrap();
        let key = SigningKey::p384_from_scalar(secret[2..].try_into().unwrap()).unwrap();
        let over = |algorithm| {
            let hash = hash_data(suite, algorithm, &document, &config, contexts());
            with(&key.sign(&hash.unwrap()))
        };
        assert_eq!(over(keys::Algorithm::Es384), None);
        // The digests that belong to P-256.
        assert_eq!(over(keys::Algorithm::Es256), Some(ProofError::Signature));

        // A key on the other curve, and one on the right curve.
        let named = |key: &SigningKey| {
            let mut changed = signed.clone();
            changed["proof"]["verificationMethod"] =
                did::derive_did_key_url(&key.public()).unwrap().into();
            verified(&changed).err()
        };
        let p256 = SigningKey::p256_from_scalar(&[7; 32]).unwrap();
        assert_eq!(named(&p256), Some(ProofError::Member("proofValue")));
        let p384 = SigningKey::p384_from_scalar(&[7; 48]).unwrap();
        assert_eq!(named(&p384), Some(ProofError::Signature));
    }
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
