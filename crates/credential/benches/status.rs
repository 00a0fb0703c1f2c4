//! Lists of 1,000,000 statuses: verify and decode, look up, beside the machine's own cost of
//! one P-256 verification. One entry in fifty is revoked.

use std::hint::black_box;

use credential::format::KeyName;
use credential::status::BitstringList;
use credential::status::token::{Bits, Draft, TokenList, UnverifiedCwt, UnverifiedJwt};
use criterion::{Criterion, criterion_group, criterion_main};
use keys::SigningKey;

const NOW: i64 = 1_790_000_000;
const ENTRIES: u64 = 1_000_000;
const URI: &str = "https://issuer.example/status/1";

/// One place in fifty, without a pattern.
fn revoked(place: u64) -> bool {
    let mixed = place.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40).is_multiple_of(50)
}

fn status(criterion: &mut Criterion) {
    let key = SigningKey::make_p256();
    let public = key.public();
    let signature = key.sign(b"message");
    let mut group = criterion.benchmark_group("status");
    group.sample_size(20);
    group.bench_function("raw/p256_verify", |bencher| {
        bencher.iter(|| black_box(&public).verify(b"message", black_box(&signature)));
    });
    for bits in [Bits::One, Bits::Eight] {
        let Ok(mut list) = TokenList::new(bits, ENTRIES) else {
            return;
        };
        for place in (0..ENTRIES).filter(|place| revoked(*place)) {
            let _ = list.set(place, 1);
        }
        let draft = Draft {
            uri: URI,
            issuer: None,
            key_name: KeyName::Id("key-1"),
            issued_at: NOW,
            expires: None,
            ttl: None,
            list: &list,
        };
        let jwt = draft.to_jwt(&key);
        let Ok(cwt) = draft.to_cwt(&key) else {
            return;
        };
        let width = bits as u8;
        group.bench_function(format!("token_jwt/{width}_bits"), |bencher| {
            bencher.iter(|| UnverifiedJwt::parse(black_box(&jwt))?.verify(&public, URI, NOW));
        });
        group.bench_function(format!("token_cwt/{width}_bits"), |bencher| {
            bencher.iter(|| UnverifiedCwt::parse(black_box(&cwt))?.verify(&public, URI, NOW));
        });
        group.bench_function(format!("token_look_up/{width}_bits"), |bencher| {
            bencher.iter(|| black_box(&list).get(black_box(765_432)));
        });
    }
    let Ok(mut list) = BitstringList::new("revocation", ENTRIES, 1) else {
        return;
    };
    for place in (0..ENTRIES).filter(|place| revoked(*place)) {
        let _ = list.set(place, 1, 1);
    }
    let subject = list.to_subject(URI, None);
    group.bench_function("bitstring/decode", |bencher| {
        bencher.iter(|| BitstringList::from_subject(black_box(&subject)));
    });
    group.bench_function("bitstring/look_up", |bencher| {
        bencher.iter(|| black_box(&list).get(black_box(765_432), "revocation", 1));
    });
    group.finish();
}

criterion_group!(benches, status);
criterion_main!(benches);
