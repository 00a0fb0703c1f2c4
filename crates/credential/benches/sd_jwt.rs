//! SD-JWT VC: verify and present, beside the machine's own cost of one P-256 verification and
//! one signature. The card has 20 claims, all selectively disclosable, and 5 decoys.

use std::hint::black_box;

use credential::sd_jwt::{Expected, HashAlgorithm, IssuerHeader, Processed, Template, Unverified};
use criterion::{Criterion, criterion_group, criterion_main};
use keys::SigningKey;
use query::ClaimPath;
use serde_json::{Map, Value};

const NOW: i64 = 1_790_000_000;

fn sd_jwt(criterion: &mut Criterion) {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let mut claims = Map::new();
    claims.insert("vct".to_owned(), "urn:example:card:1".into());
    claims.insert("exp".to_owned(), (NOW + 1000).into());
    let mut paths = Vec::new();
    for number in 0..20 {
        let name = format!("claim_{number}");
        paths.extend(ClaimPath::from_names([name.as_str()]));
        claims.insert(name, Value::from("a value of usual length"));
    }
    let template = Template {
        claims: &claims,
        conceal: &paths,
        holder: Some(&holder.public()),
        hash: HashAlgorithm::Sha256,
        decoys: 5,
    };
    let Ok(card) = template.issue(IssuerHeader::Kid("key-1"), &issuer) else {
        return;
    };
    let Ok(stored) = Processed::from_store(&card) else {
        return;
    };
    let wanted = paths.get(..3).unwrap_or_default();
    let Ok(shown) = stored
        .select(wanted)
        .and_then(|selection| selection.bind(&holder, "audience", "nonce", NOW))
    else {
        return;
    };
    let expected = Expected {
        audience: "audience",
        nonce: "nonce",
        require_key_binding: true,
    };
    let key = issuer.public();
    let signature = issuer.sign(b"message");

    let mut group = criterion.benchmark_group("sd_jwt");
    group.bench_function("raw/p256_verify", |bencher| {
        bencher.iter(|| black_box(&key).verify(b"message", black_box(&signature)));
    });
    group.bench_function("raw/p256_sign", |bencher| {
        bencher.iter(|| black_box(&holder).sign(b"message"));
    });
    group.bench_function("verify_issued", |bencher| {
        bencher.iter(|| {
            Unverified::parse(black_box(&card)).map(|card| card.verify(&key, NOW).is_ok())
        });
    });
    group.bench_function("verify_presentation", |bencher| {
        bencher.iter(|| {
            Unverified::parse(black_box(&shown))
                .map(|shown| shown.verify_presentation(&key, &expected, NOW).is_ok())
        });
    });
    group.bench_function("present", |bencher| {
        bencher.iter(|| {
            Processed::from_store(black_box(&card)).map(|card| {
                card.select(wanted)
                    .and_then(|selection| selection.bind(&holder, "audience", "nonce", NOW))
            })
        });
    });
    group.bench_function("issue", |bencher| {
        bencher.iter(|| black_box(&template).issue(IssuerHeader::Kid("key-1"), &issuer));
    });
    group.finish();
}

criterion_group!(benches, sd_jwt);
criterion_main!(benches);
