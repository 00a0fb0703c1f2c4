//! What the page shows, and by whose word: an operator's ledger as any reader checks it, or what
//! one node of a network has recorded.

use std::path::{Path, PathBuf};

use ledger::comet::Recorded;
use ledger::{
    FolderSource, LedgerSource as _, LogError, Registry, Replica, advance, verify_folder,
};
use serde_json::{Value, json};

use crate::dates;
use crate::failure::Failure;
use crate::node::Settings;
use crate::witness;

/// Where a ledger is that is shown.
#[derive(Clone)]
pub(crate) enum Home {
    /// An operator's folder.
    Operated(PathBuf),
    /// The application's folder of a node.
    Node {
        /// Below the node's own.
        folder: PathBuf,
        /// The ledger that it must be.
        ledger: String,
    },
}

/// A copy of it.
#[derive(Clone)]
pub(super) enum Shown {
    Operated(Replica),
    Node(Recorded),
}

impl Home {
    pub(crate) fn find(dir: &Path) -> Result<Self, Failure> {
        if !Settings::is_in(dir) {
            return Ok(Self::Operated(dir.to_owned()));
        }
        Ok(Self::Node {
            folder: dir.join("ledger"),
            ledger: Settings::read(dir)?.ledger,
        })
    }

    /// The pin that is handed out: whoever compares fingerprints compares with that.
    pub(crate) fn pin(&self) -> PathBuf {
        match self {
            Self::Operated(dir) => witness::served_pin(dir),
            Self::Node { folder, .. } => folder.join("pin.json"),
        }
    }

    /// Says why it cannot be shown, where it cannot.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self.read() {
            Err(LogError::NoLedger) if matches!(self, Self::Node { .. }) => {
                let why = "the node has made no block yet";
                Err(Failure::failed("no_pin", why))
            }
            other => Ok(other.map(|_| ())?),
        }
    }

    /// All of it, checked.
    pub(super) fn read(&self) -> Result<Shown, LogError> {
        match self {
            Self::Operated(dir) => Ok(Shown::Operated(verify_folder(dir)?)),
            Self::Node { folder, ledger } => {
                let recorded = Recorded::read(folder)?;
                require(&recorded, ledger)?;
                Ok(Shown::Node(recorded))
            }
        }
    }

    /// What is there now, by what was there before. `None` where it cannot be read.
    pub(super) async fn catch_up(&self, before: Option<Shown>) -> Option<Shown> {
        let home = self.clone();
        match (self, before) {
            (Self::Operated(dir), Some(Shown::Operated(before))) => {
                let update = FolderSource::new(dir).update(&before).await.ok()?;
                blocking(move || advance(&before, &update, dates::now()).ok())
                    .await
                    .map(Shown::Operated)
            }
            (Self::Node { folder, ledger }, Some(Shown::Node(before))) => {
                let (folder, ledger) = (folder.clone(), ledger.clone());
                blocking(move || {
                    let recorded = before.catch_up(&folder).ok()?;
                    require(&recorded, &ledger).ok()?;
                    Some(Shown::Node(recorded))
                })
                .await
            }
            _ => blocking(move || home.read().ok()).await,
        }
    }

    /// True where nothing was added to what is shown.
    pub(super) async fn is_still(&self, shown: &Shown) -> bool {
        match (self, shown) {
            (Self::Operated(dir), Shown::Operated(replica)) => {
                let checkpoint = tokio::fs::read(dir.join("checkpoint")).await;
                checkpoint.is_ok_and(|checkpoint| checkpoint == replica.note())
            }
            (Self::Node { folder, .. }, Shown::Node(recorded)) => recorded.is_current(folder),
            _ => false,
        }
    }
}

/// A folder that was exchanged for another ledger's is not shown under this one's name.
fn require(recorded: &Recorded, ledger: &str) -> Result<(), LogError> {
    if recorded.registry().ledger() == ledger {
        Ok(())
    } else {
        Err(LogError::Damaged)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Option<T> + Send + 'static,
) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok().flatten()
}

impl Shown {
    pub(super) fn registry(&self) -> &Registry {
        match self {
            Self::Operated(replica) => replica.registry(),
            Self::Node(recorded) => recorded.registry(),
        }
    }

    /// The time up to which it is the whole ledger, as its keeper says.
    pub(super) fn attested(&self) -> i64 {
        match self {
            Self::Operated(replica) => replica.attested(),
            Self::Node(recorded) => recorded.time(),
        }
    }

    /// For a network: up to which block the node goes, and who signs the blocks.
    pub(super) fn network(&self) -> Value {
        let Self::Node(recorded) = self else {
            return Value::Null;
        };
        let validators = &recorded.registry().governance().validators;
        let names: Vec<&str> = validators.iter().map(|one| one.name.as_str()).collect();
        json!({
            "chain": recorded.chain_id(),
            "height": recorded.height(),
            "validators": names,
        })
    }
}
