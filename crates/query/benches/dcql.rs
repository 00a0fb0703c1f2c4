//! A query against 10,000 cards: target 10 ms with the index built anew, as a wallet does that
//! has just been unlocked.

use criterion::{Criterion, criterion_group, criterion_main};
use query::{Candidate, Format, Index, Query};
use serde_json::{Value, json};

const CARDS: usize = 10_000;

fn claims(n: usize) -> Value {
    json!({
        "given_name": "Ada", "family_name": "Lovelace", "birth_date": "1815-12-10",
        "number": n, "address": {"street": "St James's Square", "locality": "London"},
        "categories": [{"code": "A", "from": "2001"}, {"code": "B", "from": "2002"}],
    })
}

fn candidates<'a>(types: &'a [String], trees: &'a [Value]) -> Vec<Candidate<'a>> {
    let candidate = |(vct, claims): (&'a String, &'a Value)| Candidate {
        id: vct,
        format: Format::SdJwt,
        types: vec![vct],
        claims,
        authorities: Vec::new(),
        holder_bound: true,
    };
    types.iter().cycle().zip(trees).map(candidate).collect()
}

fn dcql(criterion: &mut Criterion) {
    let trees: Vec<Value> = (0..CARDS).map(claims).collect();
    let claims = json!([
        {"path": ["given_name"]}, {"path": ["family_name"]}, {"path": ["address", "locality"]},
        {"path": ["categories", null, "code"]},
    ]);
    let query = |vct: &str| {
        Query::from_json(&json!({"credentials": [{
            "id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}, "claims": claims,
        }]}))
        .unwrap_or_else(|_| std::process::abort())
    };
    let mixed: Vec<String> = (0..15).map(|n| format!("urn:type:{n}")).collect();
    let same = vec!["urn:type:0".to_owned()];
    let query = query("urn:type:0");
    for (name, types) in [("15 types", &mixed), ("one type, all match", &same)] {
        criterion.bench_function(
            &format!("index and answer, 10,000 cards, {name}"),
            |bencher| {
                bencher.iter(|| Index::new(candidates(types, &trees)).answer(&query));
            },
        );
        let index = Index::new(candidates(types, &trees));
        criterion.bench_function(&format!("answer, 10,000 cards, {name}"), |bencher| {
            bencher.iter(|| index.answer(&query));
        });
    }
}

criterion_group!(benches, dcql);
criterion_main!(benches);
