//! Signing, verifying, proving and verifying a proof of 20 messages, 5 of them shown, beside
//! another implementation in the same run.
#![allow(missing_docs, clippy::unwrap_used)] // macros of criterion; a benchmark that fails should stop

use std::hint::black_box;

use bbs::SecretKey;
use criterion::{Criterion, criterion_group, criterion_main};
use zkryptium::bbsplus::keys::{BBSplusPublicKey, BBSplusSecretKey};
use zkryptium::schemes::algorithms::BbsBls12381Sha256;
use zkryptium::schemes::generics::{PoKSignature, Signature};

const HEADER: &[u8] = &[7; 64];
const NONCE: &[u8] = &[8; 32];
const MESSAGES: usize = 20;
const SHOWN: [usize; 5] = [0, 4, 9, 13, 19];

fn messages() -> Vec<Vec<u8>> {
    let message = |at| format!("_:b{at} <https://example.org/claim> \"value {at}\" .\n");
    (0..MESSAGES).map(|at| message(at).into_bytes()).collect()
}

fn ours(criterion: &mut Criterion) {
    let secret = SecretKey::make();
    let (public, messages) = (secret.public(), messages());
    let shown: Vec<_> = SHOWN.iter().filter_map(|at| messages.get(*at)).collect();
    let signature = bbs::sign(&secret, HEADER, &messages).unwrap();
    let prove = || bbs::prove(&public, &signature, HEADER, NONCE, &messages, &SHOWN).unwrap();
    let proof = prove();
    let mut group = criterion.benchmark_group("bbs");
    group.bench_function("sign", |bencher| {
        bencher.iter(|| bbs::sign(&secret, HEADER, black_box(&messages)).unwrap());
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| bbs::verify(&public, &signature, HEADER, black_box(&messages)).unwrap());
    });
    group.bench_function("prove", |bencher| bencher.iter(|| black_box(prove())));
    group.bench_function("verify proof", |bencher| {
        let bytes = proof.to_bytes();
        bencher.iter(|| {
            let proof = bbs::Proof::from_bytes(black_box(&bytes)).unwrap();
            bbs::verify_proof(&public, &proof, HEADER, NONCE, &shown, &SHOWN).unwrap();
        });
    });
    group.finish();
}

fn theirs(criterion: &mut Criterion) {
    type Signed = Signature<BbsBls12381Sha256>;
    type Proof = PoKSignature<BbsBls12381Sha256>;
    let secret = SecretKey::make();
    let secret = BBSplusSecretKey::from_bytes(secret.to_secret_bytes().as_slice()).unwrap();
    let public = BBSplusPublicKey::from_bytes(&secret.public_key().to_bytes()).unwrap();
    let messages = messages();
    let shown: Vec<_> = SHOWN
        .iter()
        .filter_map(|at| messages.get(*at).cloned())
        .collect();
    let sign = || Signed::sign(Some(&messages), &secret, &public, Some(HEADER)).unwrap();
    let signature = sign();
    let bytes = signature.to_bytes();
    let prove = || {
        Proof::proof_gen(
            &public,
            &bytes,
            Some(HEADER),
            Some(NONCE),
            Some(&messages),
            Some(&SHOWN),
        )
        .unwrap()
    };
    let proof = prove().to_bytes();
    let mut group = criterion.benchmark_group("zkryptium");
    group.bench_function("sign", |bencher| bencher.iter(|| black_box(sign())));
    group.bench_function("verify", |bencher| {
        bencher.iter(|| {
            signature
                .verify(&public, Some(black_box(&messages)), Some(HEADER))
                .unwrap();
        });
    });
    group.bench_function("prove", |bencher| bencher.iter(|| black_box(prove())));
    group.bench_function("verify proof", |bencher| {
        bencher.iter(|| {
            let proof = Proof::from_bytes(black_box(&proof)).unwrap();
            let (shown, indexes) = (Some(shown.as_slice()), Some(SHOWN.as_slice()));
            proof
                .proof_verify(&public, shown, indexes, Some(HEADER), Some(NONCE))
                .unwrap();
        });
    });
    group.finish();
}

criterion_group!(benches, ours, theirs);
criterion_main!(benches);
