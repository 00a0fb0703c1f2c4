//! The suite of all engines, against the one of a single operator.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod suite;

use keys::{SigningKey, UnixTime};
use ledger::{FolderSource, Log, OperatorKeys, Replica, SignedEvent, StoredReplica};
use suite::{Engine, Stage};

const BEGAN: UnixTime = 1_800_000_000;

/// A folder, its operator, and somebody who follows it.
struct Embedded {
    folders: [tempfile::TempDir; 2],
    keys: OperatorKeys,
    log: Log,
    now: UnixTime,
}

impl Embedded {
    fn begin(genesis: SignedEvent) -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let keys = OperatorKeys {
            log: SigningKey::make_ed25519(),
            operator: SigningKey::make_ed25519(),
        };
        Self {
            log: Log::create(folders[0].path(), genesis, &keys, BEGAN).unwrap(),
            folders,
            keys,
            now: BEGAN,
        }
    }
}

impl Engine for Embedded {
    fn now(&self) -> UnixTime {
        self.now
    }

    async fn pass(&mut self, seconds: u32) {
        self.now += UnixTime::from(seconds);
        self.log.attest(&self.keys, self.now).unwrap();
    }

    async fn submit(&mut self, event: SignedEvent) -> Result<(), String> {
        match self.log.append(vec![event], &self.keys, self.now) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.name().to_owned()),
        }
    }

    async fn replica(&mut self) -> Replica {
        let pin = self.log.pin().clone();
        let mut stored = StoredReplica::open(self.folders[1].path(), pin).unwrap();
        let source = FolderSource::new(self.folders[0].path());
        stored.sync(&source, self.now).await.unwrap();
        stored.replica().clone()
    }
}

fn stage() -> Stage<Embedded> {
    Stage::begin(BEGAN, Embedded::begin)
}

#[tokio::test]
async fn each_scenario_on_a_ledger_of_its_own() {
    suite::run_apart(stage).await;
}

#[tokio::test]
async fn all_scenarios_on_one_ledger() {
    suite::run(&mut stage()).await;
}
