//! Another implementation, both ways.

use crate::{Proof, SecretKey, Signature};
use ::zkryptium::bbsplus::keys::{BBSplusPublicKey, BBSplusSecretKey};
use ::zkryptium::schemes::algorithms::BbsBls12381Sha256;
use ::zkryptium::schemes::generics::{PoKSignature, Signature as TheirSignature};
use rand::RngCore as _;
use rand::rngs::OsRng;

type TheirProof = PoKSignature<BbsBls12381Sha256>;

struct Case {
    header: Vec<u8>,
    occasion: Vec<u8>,
    messages: Vec<Vec<u8>>,
    indexes: Vec<usize>,
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for count in [0, 1, 2, 5, 12] {
        for (header, occasion) in [(0, 0), (0, 7), (64, 0), (64, 32)] {
            let shown: [Vec<usize>; 3] = [
                Vec::new(),
                (0..count).collect(),
                (0..count).filter(|index| index % 2 == 1).collect(),
            ];
            for indexes in shown {
                cases.push(Case {
                    header: random(header),
                    occasion: random(occasion),
                    messages: (0..count).map(|message| random(message * 11)).collect(),
                    indexes,
                });
            }
        }
    }
    cases
}

#[test]
fn signatures_and_proofs_are_understood_both_ways() {
    let secret = SecretKey::make();
    let public = secret.public();
    let their_secret = BBSplusSecretKey::from_bytes(secret.to_secret_bytes().as_slice()).unwrap();
    let their_public = BBSplusPublicKey::from_bytes(&public.to_bytes()).unwrap();
    assert_eq!(their_secret.public_key().to_bytes(), public.to_bytes());
    for case in cases() {
        let Case {
            header,
            occasion,
            messages,
            indexes,
        } = &case;
        let shown: Vec<Vec<u8>> = indexes.iter().map(|at| messages[*at].clone()).collect();

        let ours = crate::sign(&secret, header, messages).unwrap();
        let theirs = TheirSignature::<BbsBls12381Sha256>::sign(
            Some(messages),
            &their_secret,
            &their_public,
            Some(header),
        )
        .unwrap();
        assert_eq!(theirs.to_bytes(), ours.to_bytes());
        theirs
            .verify(&their_public, Some(messages), Some(header))
            .unwrap();
        let read = Signature::from_bytes(&theirs.to_bytes()).unwrap();
        crate::verify(&public, &read, header, messages).unwrap();

        let proof = crate::prove(&public, &ours, header, occasion, messages, indexes).unwrap();
        TheirProof::from_bytes(&proof.to_bytes())
            .unwrap()
            .proof_verify(
                &their_public,
                Some(&shown),
                Some(indexes),
                Some(header),
                Some(occasion),
            )
            .unwrap();

        let proof = TheirProof::proof_gen(
            &their_public,
            &ours.to_bytes(),
            Some(header),
            Some(occasion),
            Some(messages),
            Some(indexes),
        )
        .unwrap();
        let proof = Proof::from_bytes(&proof.to_bytes()).unwrap();
        crate::verify_proof(&public, &proof, header, occasion, &shown, indexes).unwrap();
    }
}
