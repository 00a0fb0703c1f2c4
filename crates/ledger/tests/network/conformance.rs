//! The suite of all engines, against a network in memory: blocks, signed headers, a node's RPC.

use std::sync::Arc;

use keys::UnixTime;
use ledger::comet::CometSource;
use ledger::{Pin, Replica, SignedEvent, StoredReplica};

use crate::net::{BEGAN, Network, Nodes, node};
use crate::suite::{self, Engine, Stage};

struct InMemory {
    nodes: Arc<Nodes<'static>>,
    pin: Pin,
    folder: tempfile::TempDir,
}

impl InMemory {
    fn begin(genesis: SignedEvent) -> Self {
        let network = Network::begin(&genesis, "conformance");
        Self {
            pin: network.pin(1),
            nodes: Arc::new(Nodes::of(network)),
            folder: tempfile::tempdir().unwrap(),
        }
    }
}

impl Engine for InMemory {
    fn now(&self) -> UnixTime {
        self.nodes.network.lock().unwrap().now
    }

    async fn pass(&mut self, seconds: u32) {
        let mut network = self.nodes.network.lock().unwrap();
        network.now += UnixTime::from(seconds);
        network.block(&[]);
    }

    async fn submit(&mut self, event: SignedEvent) -> Result<(), String> {
        let mut network = self.nodes.network.lock().unwrap();
        let checked = network.check(&event);
        // A validator without manners proposes it all the same.
        let done = network.block(&[event]).remove(0);
        assert_eq!(checked.is_ok(), done.is_ok(), "{checked:?} {done:?}");
        // The header after it binds what it did.
        network.block(&[]);
        done
    }

    async fn replica(&mut self) -> Replica {
        let mut stored = StoredReplica::open(self.folder.path(), self.pin.clone()).unwrap();
        let source = CometSource::new(self.nodes.clone(), &[node("one")]).unwrap();
        stored.sync(&source, self.now()).await.unwrap();
        stored.replica().clone()
    }
}

fn stage() -> Stage<InMemory> {
    Stage::begin(BEGAN, InMemory::begin)
}

#[tokio::test]
async fn each_scenario_on_a_ledger_of_its_own() {
    suite::run_apart(stage).await;
}

#[tokio::test]
async fn all_scenarios_on_one_ledger() {
    suite::run(&mut stage()).await;
}
