//! Following a network by its headers.

mod contradictions;
mod evidence;
mod lies;
mod rules;
mod sync;

use std::ops::RangeInclusive;
use std::sync::Arc;

use keys::UnixTime;
use ledger::comet::CometSource;
use ledger::{Pin, Replica, StoredReplica};
use serde_json::{Value, json};
use tempfile::TempDir;
use tendermint::block::Header;
use tendermint::block::signed_header::SignedHeader;

use crate::net::{Network, Nodes, Validator, node, sign};
use crate::world::World;

/// A follower with nothing yet.
struct Follower {
    folder: TempDir,
    pin: Pin,
}

impl Follower {
    fn new(pin: Pin) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            pin,
        }
    }

    fn replica(&self) -> StoredReplica {
        StoredReplica::open(self.folder.path(), self.pin.clone()).unwrap()
    }

    async fn sync(
        &self,
        nodes: &Arc<Nodes<'static>>,
        hosts: &[&str],
        now: UnixTime,
    ) -> Result<Replica, &'static str> {
        let hosts: Vec<_> = hosts.iter().map(|host| node(host)).collect();
        let source = CometSource::new(nodes.clone(), &hosts).unwrap();
        let mut stored = self.replica();
        match stored.sync(&source, now).await {
            Ok(_) => Ok(stored.replica().clone()),
            Err(error) => Err(error.name()),
        }
    }
}

/// A network with one issuer, two blocks after its first.
fn with_issuer() -> (World, Network) {
    let world = World::with_issuer();
    let mut network = Network::begin(&world.events[0], "test");
    let done = network.block(&world.events[1..]);
    assert_eq!(done, [Ok(()), Ok(())]);
    network.block(&[]);
    (world, network)
}

/// Who follows a network from its first header on, its honest nodes, and the time there.
fn followed(network: Network) -> (Follower, Arc<Nodes<'static>>, UnixTime) {
    let (follower, now) = (Follower::new(network.pin(1)), network.now);
    (follower, Arc::new(Nodes::of(network)), now)
}

/// The same, for nodes of which one lies.
fn lied_to(
    network: Network,
    liar: &str,
    lie: impl Fn(&str, &str, Value) -> Value + Send + Sync + 'static,
) -> (Follower, Arc<Nodes<'static>>, UnixTime) {
    let (follower, now) = (Follower::new(network.pin(1)), network.now);
    let nodes = Nodes::of(network).with_lie(liar, lie);
    (follower, Arc::new(nodes), now)
}

/// A lie about the newest header: one of the liar's own making in the place of the true one.
fn about_the_newest(
    make: impl Fn(SignedHeader) -> SignedHeader,
) -> impl Fn(&str, &str, Value) -> Value {
    move |method, _, result| {
        if method == "commit" {
            newest(&result, &make)
        } else {
            result
        }
    }
}

/// A newest header of one's own making in the place of the true one.
fn newest(result: &Value, make: impl Fn(SignedHeader) -> SignedHeader) -> Value {
    let signed: SignedHeader = serde_json::from_value(result["signed_header"].clone()).unwrap();
    if signed.header.height.value() == 3 {
        json!({"signed_header": make(signed), "canonical": true})
    } else {
        result.clone()
    }
}

/// The header with other results, as whoever contradicts the true one would have it.
fn contradicting(header: Header) -> Header {
    Header {
        last_results_hash: Some(tendermint::Hash::Sha256([4; 32])),
        ..header
    }
}

/// A header by the network's four validators, signed by these of them.
fn signed_by(header: Header, signers: RangeInclusive<u8>) -> SignedHeader {
    sign(header, &validators(1..=4), &validators(signers))
}

fn validators(numbers: RangeInclusive<u8>) -> Vec<Validator> {
    numbers.map(Validator::number).collect()
}
