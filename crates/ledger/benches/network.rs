//! Following a network: the first sync of 100,000 events from a node, its answers made in memory;
//! then one step of the light client, and evidence with headers. Before all, the headers that a
//! wallet fetches that was away.
//!
//! Targets: the sync at most 10 s on two cores, a step at most 5 ms, evidence at most 4 kB
//! compressed and checked in at most 1 ms.

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

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use criterion::{Criterion, criterion_group, criterion_main};
use keys::SigningKey;
use ledger::comet::{CometSource, MAX_BLOCK_EVENTS, NetworkPin, TRUSTING_PERIOD};
use ledger::event::{Event, GOVERNANCE};
use ledger::{Evidence, LedgerSource as _, Pin, Replica, SignedEvent, StoredReplica, advance};
use net::{Http, HttpError, Request, Response};
use net_in_memory::{Network, Nodes, Validator, node, sign};
use serde_json::json;
use tokio::runtime::Runtime;
use url::Url;
use world::{ACCREDITOR, World};

const EVENTS: usize = 100_000;
const TYPE: &str = "urn:example:type:1";

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
    let sign = |sequence: u64| {
        let key = SigningKey::make_p256();
        let event = Event {
            sequence,
            action: world.issuer_action(&issuer(sequence), &[TYPE], &key),
            ..model.clone()
        };
        SignedEvent::sign(&event, &[&control]).unwrap()
    };
    let first = model.sequence;
    let last = first + events as u64 - network.chain.registry().size();
    let middle = first.midpoint(last);
    // A part of the set-up, not of what is measured: two threads sign.
    let signed = std::thread::scope(|scope| {
        let rest = scope.spawn(|| (middle..last).map(sign).collect::<Vec<_>>());
        let mut signed: Vec<SignedEvent> = (first..middle).map(sign).collect();
        signed.extend(rest.join().unwrap());
        signed
    });
    for block in signed.chunks(MAX_BLOCK_EVENTS) {
        let done = network.block(block);
        assert!(done.iter().all(Result::is_ok));
    }
    network.block(&[]);
    network
}

fn issuer(sequence: u64) -> String {
    format!("https://issuer-{sequence}.example")
}

/// A node that answers for a network that made headers, and no events, after its application
/// stopped; it counts what it is asked.
struct Idle {
    nodes: Nodes<'static>,
    headers: AtomicUsize,
    bytes: AtomicUsize,
}

#[async_trait]
impl Http for Idle {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        if request.url.path().ends_with("/commit") {
            self.headers.fetch_add(1, Ordering::Relaxed);
        }
        let response = self.nodes.send(request).await?;
        self.bytes.fetch_add(response.body.len(), Ordering::Relaxed);
        Ok(response)
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        self.nodes.allows(url)
    }
}

/// Headers that a wallet fetches after some days, with a header each minute, where so many of four
/// validators were replaced meanwhile, one after the other.
fn jump(runtime: &Runtime, days: u64, replaced: u8) {
    let network = network(100);
    let answer = {
        let (size, root) = network.chain.log_at(network.chain.height()).unwrap();
        let value = format!("{size} {}", keys::b64::encode(root));
        json!({"response": {"code": 0, "value": keys::b64::encode_standard(value)}})
    };
    let height = network.newest();
    let hash = network.blocks[&height].header.hash();
    let header = hash.as_bytes().try_into().unwrap();
    let pin = NetworkPin::new("bench", height, header, TRUSTING_PERIOD).unwrap();
    let pin = Pin::of_network(network.chain.registry().ledger(), "Bench", pin).unwrap();
    let began = network.now;
    let minutes = days * 24 * 60;
    let nodes = Nodes::of(network).with_lie("one", move |_, path, result| {
        if path.starts_with("/log/") {
            answer.clone()
        } else {
            result
        }
    });
    let idle = Arc::new(Idle {
        nodes,
        headers: AtomicUsize::new(0),
        bytes: AtomicUsize::new(0),
    });
    let source = CometSource::new(idle.clone(), &[node("one")]).unwrap();
    let empty = Replica::new(pin);
    let update = runtime.block_on(source.update(&empty)).unwrap();
    let known = advance(&empty, &update, began).unwrap();
    let now = {
        let mut network = idle.nodes.network.lock().unwrap();
        let each = minutes / (u64::from(replaced) + 1);
        let mut changes = 0;
        for minute in 1..=minutes {
            if changes < replaced && minute == each * (u64::from(changes) + 1) {
                network.next[usize::from(changes)] = Validator::number(11 + changes);
                changes += 1;
            }
            network.now += 60;
            let header = network.header();
            let height = header.height.value();
            let signed = sign(header, &network.validators, &network.validators);
            let signers = network.validators.clone();
            network.blocks.insert(height, signed);
            network.sets.insert(height, signers);
            network.validators = network.next.clone();
        }
        network.now
    };
    idle.headers.store(0, Ordering::Relaxed);
    idle.bytes.store(0, Ordering::Relaxed);
    let begun = Instant::now();
    let update = runtime.block_on(source.update(&known)).unwrap();
    let known = advance(&known, &update, now).unwrap();
    println!(
        "away for {days} days, {replaced} of 4 validators replaced: {} headers, {} bytes, \
         checked in {} ms; headers kept: {} bytes",
        idle.headers.load(Ordering::Relaxed),
        idle.bytes.load(Ordering::Relaxed),
        begun.elapsed().as_millis(),
        known.note().len()
    );
}

fn benches(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for days in [1, 7, 30] {
        for replaced in [0, 1, 4] {
            jump(&runtime, days, replaced);
        }
    }
    let begun = Instant::now();
    let network = network(EVENTS);
    let size = network.chain.registry().size();
    let seconds = begun.elapsed().as_secs();
    println!("{size} events, each signed and in a block, were made in {seconds} s");
    let (pin, now) = (network.pin(1), network.now);
    let nodes = Arc::new(Nodes::of(network));
    let source = CometSource::new(nodes.clone(), &[node("one")]).unwrap();
    let mut group = criterion.benchmark_group("network");
    group.sample_size(10);
    group.warm_up_time(Duration::from_millis(1));
    group.bench_function("first sync of 100,000 events from a node", |bencher| {
        bencher.iter(|| {
            let folder = tempfile::tempdir().unwrap();
            let mut stored = StoredReplica::open(folder.path(), pin.clone()).unwrap();
            let synced = runtime.block_on(stored.sync(&source, now)).unwrap();
            assert_eq!(synced.after, EVENTS as u64);
        });
    });
    let folder = tempfile::tempdir().unwrap();
    let mut stored = StoredReplica::open(folder.path(), pin.clone()).unwrap();
    runtime.block_on(stored.sync(&source, now)).unwrap();
    group.bench_function("a replica of 100,000 events read from disk", |bencher| {
        bencher.iter(|| StoredReplica::open(folder.path(), pin.clone()).unwrap());
    });
    let now = {
        let mut network = nodes.network.lock().unwrap();
        for _ in 0..100 {
            network.block(&[]);
        }
        network.now
    };
    let known = stored.replica();
    let update = runtime.block_on(source.update(known)).unwrap();
    group.bench_function("a step of the light client over 100 headers", |bencher| {
        bencher.iter(|| advance(known, &update, now).unwrap());
    });
    let evidence = stored.prove_standing(&issuer(EVENTS as u64 / 2)).unwrap();
    let bytes = evidence.unwrap().to_bytes().unwrap();
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&bytes).unwrap();
    let packed = packed.finish().unwrap().len();
    println!("evidence is {} bytes, {packed} compressed", bytes.len());
    group.bench_function("evidence with headers read and checked", |bencher| {
        bencher.iter(|| Evidence::parse(&bytes).unwrap().check(&pin).unwrap());
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
