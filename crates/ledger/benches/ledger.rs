//! First replay of 100,000 events, a verdict on them, and one Ed25519 verification beside.
//!
//! Targets: replay at most 8 s on two cores, a verdict at most 1 ms, evidence at most 4 kB
//! compressed and checked in at most 1 ms.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark fails by panicking"
)]

#[path = "../tests/world/mod.rs"]
mod world;

use std::io::Write as _;

use criterion::{Criterion, criterion_group, criterion_main};
use keys::SigningKey;
use ledger::checkpoint::Checkpoint;
use ledger::merkle::{Tree, leaf_hash};
use ledger::note::{NoteSigner, sign};
use ledger::{
    Evidence, Freshness, Leaf, Pin, Presented, Question, Replica, Standing, Tile, Update, advance,
};
use world::{ACCREDITOR, NOW, World};

const EVENTS: usize = 100_000;

struct Prepared {
    pin: Pin,
    update: Update,
    key: SigningKey,
}

fn prepare() -> Prepared {
    let mut world = World::empty();
    let governance = SigningKey::make_ed25519();
    let genesis = World::genesis_event(&[&governance], 1);
    world.apply_signed(&genesis, &[&governance]).unwrap();
    let mut entries = Vec::with_capacity(EVENTS);
    take(&mut world, &mut entries);
    let control = SigningKey::make_ed25519();
    let action = world.accredit_action(ACCREDITOR, &["*"], &control);
    world
        .submit_with("governance", action, &[&governance])
        .unwrap();
    take(&mut world, &mut entries);
    let mut key = SigningKey::make_p256();
    while entries.len() < EVENTS {
        key = SigningKey::make_p256();
        let id = format!("https://issuer-{}.example", entries.len());
        let action = world.issuer_action(&id, &["urn:example:type:1"], &key);
        world.submit_with(ACCREDITOR, action, &[&control]).unwrap();
        take(&mut world, &mut entries);
    }
    let (log, operator) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
    let origin = ledger::origin(world.registry.ledger());
    let signers = [
        NoteSigner::log(&origin, &log).unwrap(),
        NoteSigner::cosigner(&origin, &operator, NOW).unwrap(),
    ];
    let pin = Pin::new(
        world.registry.ledger(),
        "bench",
        signers[0].verifier().clone(),
        signers[1].verifier().clone(),
    )
    .unwrap();
    let mut tree = Tree::default();
    let mut tiles = Vec::new();
    for (position, chunk) in entries.chunks(256).enumerate() {
        let hashes: Vec<_> = chunk.iter().map(|entry| leaf_hash(entry)).collect();
        hashes.iter().for_each(|hash| tree.push(*hash));
        tiles.push(Tile {
            position: position as u64,
            entries: ledger::tile::encode_bundle(chunk.iter().map(Vec::as_slice)).unwrap(),
            hashes: hashes.concat(),
        });
    }
    let text = Checkpoint {
        origin,
        size: tree.size(),
        root: tree.root(),
    }
    .to_text();
    let checkpoint = sign(&text, &signers).unwrap();
    Prepared {
        pin,
        update: Update { checkpoint, tiles },
        key,
    }
}

fn take(world: &mut World, entries: &mut Vec<Vec<u8>>) {
    let leaf = Leaf {
        time: NOW,
        event: world.events.pop().unwrap(),
        state: world.registry.state(),
    };
    entries.push(leaf.to_bytes().unwrap());
}

fn benches(criterion: &mut Criterion) {
    let prepared = prepare();
    let empty = Replica::new(prepared.pin.clone());
    let bytes: usize = prepared
        .update
        .tiles
        .iter()
        .map(|tile| tile.entries.len())
        .sum();
    println!("{EVENTS} events are {} kB", bytes / 1000);
    let mut group = criterion.benchmark_group("ledger");
    group.sample_size(10);
    group.bench_function("first replay of 100,000 events", |bencher| {
        bencher.iter(|| advance(&empty, &prepared.update, NOW).unwrap());
    });
    let replica = advance(&empty, &prepared.update, NOW).unwrap();
    let public = prepared.key.public();
    let question = Question::Issuer {
        key: Presented::Key(&public),
        type_id: "urn:example:type:1",
        issued_at: Some(NOW),
    };
    group.bench_function("a verdict among 100,000 events", |bencher| {
        bencher.iter(|| {
            let verdict = ledger::decide(&replica.view(Freshness::default()), &question, NOW);
            assert_eq!(verdict.standing, Standing::Listed);
        });
    });
    let last = prepared.update.tiles.last().unwrap();
    let width = EVENTS as u64 % 256;
    let entries = ledger::tile::decode_bundle(&last.entries, width).unwrap();
    let verdict = replica.decide(&question, NOW);
    let issuer = verdict.body.unwrap().id;
    let evidence = replica
        .prove_standing(&issuer, entries.last().unwrap())
        .unwrap();
    let bytes = evidence.to_bytes().unwrap();
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&bytes).unwrap();
    println!(
        "evidence is {} bytes, {} compressed",
        bytes.len(),
        packed.finish().unwrap().len()
    );
    group.bench_function("evidence read and checked", |bencher| {
        bencher.iter(|| {
            let proven = Evidence::parse(&bytes)
                .unwrap()
                .check(&prepared.pin)
                .unwrap();
            assert_eq!(proven.decide(&question).standing, Standing::Listed);
        });
    });
    let key = SigningKey::make_ed25519();
    let (public, signature) = (key.public(), key.sign(&[7; 500]));
    group.bench_function("one Ed25519 verification", |bencher| {
        bencher.iter(|| public.verify(&[7; 500], &signature).unwrap());
    });
    group.finish();
}

criterion_group!(ledger_benches, benches);
criterion_main!(ledger_benches);
