//! Selective Data Integrity proofs over the credential of W3C's vectors, a permanent resident card
//! of 28 statements: derive and verify, beside what they are made of.

use std::hint::black_box;

use credential::data_integrity::selective::{
    Pointer, Suite, derive, proof_options, sign_base, verify_base, verify_derived,
};
use credential::format::IssuerSecret;
use credential::json_ld::{self, Contexts};
use criterion::{Criterion, criterion_group, criterion_main};
use keys::{PublicKey, SigningKey};

const CARD: &str =
    include_str!("../../../tests/vectors/vc-di-bbs/TestVectors/prc/addSignedSDBase.json");
const CITIZENSHIP: &str = include_str!("../../../tests/vectors/contexts/citizenship-v4rc1.json");

/// What W3C's example chooses, beside the issuer.
const CHOSEN: [&str; 3] = [
    "/validFrom",
    "/validUntil",
    "/credentialSubject/birthCountry",
];

fn pointers(texts: &[&str]) -> Vec<Pointer> {
    texts
        .iter()
        .filter_map(|text| Pointer::parse(text).ok())
        .collect()
}

fn data_integrity(criterion: &mut Criterion) {
    let Ok(contexts) = Contexts::pinned().with("https://w3id.org/citizenship/v4rc1", CITIZENSHIP)
    else {
        return;
    };
    let Ok(mut card) = keys::json::parse_object(CARD.as_bytes()) else {
        return;
    };
    card.remove("proof");
    criterion.bench_function("json-ld to canonical n-quads", |bencher| {
        bencher.iter(|| json_ld::canonize(black_box(&card), &contexts));
    });

    let (ecdsa, bbs) = (SigningKey::make_p256(), bbs::SecretKey::make());
    let suites = [
        (
            Suite::EcdsaSd2023,
            IssuerSecret::Signing(&ecdsa),
            ecdsa.public(),
        ),
        (
            Suite::Bbs2023,
            IssuerSecret::Bbs(&bbs),
            PublicKey::Bls12381G2(bbs.public()),
        ),
    ];
    for (suite, secret, key) in suites {
        let name = suite.name();
        let options = proof_options(suite, "did:example:issuer#key", None);
        let mandatory = pointers(&["/issuer"]);
        let sign = || sign_base(black_box(&card), &options, &mandatory, secret, &contexts);
        let Ok(base) = sign() else { return };
        criterion.bench_function(&format!("{name} sign"), |bencher| bencher.iter(sign));
        criterion.bench_function(&format!("{name} verify base"), |bencher| {
            bencher.iter(|| verify_base(black_box(&base), &key, &contexts));
        });
        let chosen = pointers(&CHOSEN);
        let make = || derive(black_box(&base), &chosen, b"nonce", &contexts);
        let Ok(derived) = make() else { return };
        criterion.bench_function(&format!("{name} derive"), |bencher| bencher.iter(make));
        criterion.bench_function(&format!("{name} verify"), |bencher| {
            bencher.iter(|| verify_derived(black_box(&derived), &key, None, &contexts));
        });
    }
}

criterion_group!(benches, data_integrity);
criterion_main!(benches);
