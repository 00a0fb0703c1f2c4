//! mdoc: check, show and issue the driving licence of the catalogue, beside the machine's own
//! cost of one P-256 verification. A check is two of them: the issuer's and the device's.

use std::hint::black_box;

use credential::catalogue;
use credential::format::{Draft, IssuerSecret, KeyName, Request, by_id};
use criterion::{Criterion, criterion_group, criterion_main};
use keys::SigningKey;
use keys::x509::Certificate;
use query::ClaimPath;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Map, Value};

const MDL: &str = "org.iso.18013.5.1.mDL";

/// A certificate of the key, valid from 1975 on; `None` never comes.
fn certificate(key: &SigningKey) -> Option<Certificate> {
    let pair = KeyPair::from_pem(&key.to_pem().ok()?).ok()?;
    let made = CertificateParams::default().self_signed(&pair).ok()?;
    Certificate::from_der(made.der()).ok()
}

fn mdoc(criterion: &mut Criterion) {
    let (issuer, device) = (SigningKey::make_p256(), SigningKey::make_p256());
    let (Some(format), Some(entry), Some(leaf)) = (
        by_id("mso_mdoc"),
        catalogue::by_type_id(MDL),
        certificate(&issuer),
    ) else {
        return;
    };
    let claims: Map<String, Value> = serde_json::from_str(entry.example).unwrap_or_default();
    let now = leaf.validity().0 + 10;
    let chain = [leaf];
    let holder = device.public();
    let draft = Draft {
        type_id: MDL,
        claims: &claims,
        conceal: &[],
        holder: Some(&holder),
        issuer: None,
        key_name: KeyName::Chain(&chain),
        issued_at: now,
        valid_from: None,
        valid_until: Some(now + 1000),
        status: &[],
    };
    let request = Request {
        client_id: "x509_san_dns:verifier.example",
        nonce: "nonce",
        response_uri: Some("https://verifier.example/answer"),
        encryption_key: None,
        now,
    };
    let wanted: Vec<ClaimPath> = ["age_over_18", "family_name", "driving_privileges"]
        .iter()
        .filter_map(|name| ClaimPath::from_names(["org.iso.18013.5.1", *name]).ok())
        .collect();
    let key = issuer.public();
    let Ok(card) = format.issue(&draft, IssuerSecret::Signing(&issuer)) else {
        return;
    };
    let Ok(shown) = format.present(&card, &wanted, &request, Some(&device)) else {
        return;
    };
    let signature = issuer.sign(b"message");

    let mut group = criterion.benchmark_group("mdoc");
    group.bench_function("raw/p256_verify", |bencher| {
        bencher.iter(|| black_box(&key).verify(b"message", black_box(&signature)));
    });
    group.bench_function("verify_issued", |bencher| {
        bencher.iter(|| format.verify(black_box(&card), &key, now).is_ok());
    });
    group.bench_function("verify_presentation", |bencher| {
        bencher.iter(|| {
            format
                .check(black_box(&shown), &key, &request, true)
                .is_ok()
        });
    });
    group.bench_function("present", |bencher| {
        bencher.iter(|| {
            format
                .present(black_box(&card), &wanted, &request, Some(&device))
                .is_ok()
        });
    });
    group.bench_function("issue", |bencher| {
        bencher.iter(|| {
            format
                .issue(black_box(&draft), IssuerSecret::Signing(&issuer))
                .is_ok()
        });
    });
    group.finish();
}

criterion_group!(benches, mdoc);
criterion_main!(benches);
