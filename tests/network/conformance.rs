//! The suite of all engines, unchanged, against four validators.

use std::time::{Duration, Instant};

use keys::{SigningKey, UnixTime};
use ledger::comet::CometWriter;
use ledger::{LedgerWriter as _, Replica, SignedEvent};

use crate::nodes::{Nodes, PATIENCE, now};
use crate::suite::{self, Engine, Stage};

struct Four {
    nodes: Nodes,
    writer: CometWriter,
}

impl Engine for Four {
    fn now(&self) -> UnixTime {
        now()
    }

    /// A network's clock is that of its blocks: the next one has the time of the votes for the
    /// last.
    async fn pass(&mut self, seconds: u32) {
        let target = now() + UnixTime::from(seconds);
        let begun = Instant::now();
        while self.writer.stored().replica().attested() < target {
            assert!(begun.elapsed() < PATIENCE, "no block came");
            tokio::time::sleep(Duration::from_millis(500)).await;
            self.writer.sync(now()).await.unwrap();
        }
    }

    async fn submit(&mut self, event: SignedEvent) -> Result<(), String> {
        match self.writer.submit(event, now()).await {
            Ok(_) => Ok(()),
            Err(error) => Err(error.name().to_owned()),
        }
    }

    async fn replica(&mut self) -> Replica {
        self.writer.stored().replica().clone()
    }
}

#[tokio::test]
async fn all_scenarios_on_one_network() {
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::make_ed25519();
    let file = folder.path().join("governance.pem");
    std::fs::write(&file, key.to_pem().unwrap().as_bytes()).unwrap();
    let nodes = Nodes::start(4, &["--key", file.to_str().unwrap()]).unwrap();
    let writer = nodes.writer().await.unwrap();
    let mut stage = Stage::new(Four { nodes, writer }, vec![key], 1);
    suite::run(&mut stage).await;
    // Every node came to the same.
    let engine = &mut stage.engine;
    let (size, root) = {
        let replica = engine.writer.stored().replica();
        (replica.size(), replica.root())
    };
    for number in 0..4 {
        engine.nodes.wait_for(number, size).await.unwrap();
        let replica = engine.nodes.follow(&[number]).await.unwrap();
        assert_eq!(replica.root(), root);
    }
}
