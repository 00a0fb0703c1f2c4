//! Following a network: one step of the light client, and the first sync of 100,000 events from a
//! node, its answers made in memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking"
)]
#![allow(dead_code, reason = "the tests' world has more than is used here")]

#[path = "../tests/network/net.rs"]
mod net_in_memory;
#[path = "../tests/world/mod.rs"]
mod world;

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use keys::SigningKey;
use ledger::comet::{CometSource, MAX_BLOCK_EVENTS};
use ledger::event::{Event, GOVERNANCE};
use ledger::{LedgerSource as _, Replica, SignedEvent, StoredReplica, advance};
use net_in_memory::{Network, Nodes, node};
use tokio::runtime::Runtime;
use world::{ACCREDITOR, World};

const EVENTS: usize = 100_000;

/// A network whose log has so many entries.
fn network(events: usize) -> Network {
    let mut world = World::empty();
    let governance = SigningKey::make_ed25519();
    let genesis = World::genesis_event(&[&governance], 1);
    world.apply_signed(&genesis, &[&governance]).unwrap();
    let control = SigningKey::make_ed25519();
    let action = world.accredit_action(ACCREDITOR, &["*"], &control);
    world
        .submit_with(GOVERNANCE, action, &[&governance])
        .unwrap();
    let mut network = Network::begin(&world.events[0], "bench");
    network.block(&world.events[1..]);
    let model = world.event(ACCREDITOR, World::withdraw_action(ACCREDITOR));
    let mut sequence = model.sequence;
    while network.chain.registry().size() < events as u64 {
        let left = events - usize::try_from(network.chain.registry().size()).unwrap();
        let block: Vec<SignedEvent> = (0..left.min(MAX_BLOCK_EVENTS))
            .map(|_| {
                let id = format!("https://issuer-{sequence}.example");
                let key = SigningKey::make_p256();
                let event = Event {
                    sequence,
                    action: world.issuer_action(&id, &["urn:example:type:1"], &key),
                    ..model.clone()
                };
                sequence += 1;
                SignedEvent::sign(&event, &[&control]).unwrap()
            })
            .collect();
        let done = network.block(&block);
        assert!(done.iter().all(Result::is_ok));
    }
    network.block(&[]);
    network
}

fn step(criterion: &mut Criterion, runtime: &Runtime) {
    let network = network(1000);
    let pin = network.pin(1);
    let nodes = Arc::new(Nodes::of(network));
    let source = CometSource::new(nodes.clone(), &[node("one")]).unwrap();
    let now = nodes.network.lock().unwrap().now;
    let empty = Replica::new(pin);
    let first = runtime.block_on(source.update(&empty)).unwrap();
    let known = advance(&empty, &first, now).unwrap();
    let now = {
        let mut network = nodes.network.lock().unwrap();
        for _ in 0..100 {
            network.block(&[]);
        }
        network.now
    };
    let update = runtime.block_on(source.update(&known)).unwrap();
    let mut group = criterion.benchmark_group("network");
    group.bench_function("a step of the light client over 100 headers", |bencher| {
        bencher.iter(|| advance(&known, &update, now).unwrap());
    });
    group.finish();
}

fn sync(criterion: &mut Criterion, runtime: &Runtime) {
    let network = network(EVENTS);
    let (pin, now) = (network.pin(1), network.now);
    let nodes = Arc::new(Nodes::of(network));
    let source = CometSource::new(nodes, &[node("one")]).unwrap();
    let mut group = criterion.benchmark_group("network");
    group.sample_size(10);
    group.measurement_time(Duration::from_secs(60));
    group.bench_function("first sync of 100,000 events from a node", |bencher| {
        bencher.iter(|| {
            let folder = tempfile::tempdir().unwrap();
            let mut stored = StoredReplica::open(folder.path(), pin.clone()).unwrap();
            let synced = runtime.block_on(stored.sync(&source, now)).unwrap();
            assert_eq!(synced.after, EVENTS as u64);
        });
    });
    group.finish();
}

fn benches(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    step(criterion, &runtime);
    sync(criterion, &runtime);
}

criterion_group!(all, benches);
criterion_main!(all);
