//! Writing to a network: an event goes to any node, and counts once a header binds it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use keys::UnixTime;
use net::Http;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::asking::ask_all;
use super::rpc::{Broadcast, Rpc};
use super::source::CometSource;
use crate::canonical;
use crate::log::Receipt;
use crate::pin::Pin;
use crate::registry::Registry;
use crate::rules::Rejection;
use crate::signed::{Leaf, SignedError, SignedEvent};
use crate::source::SourceError;
use crate::store::{StoreError, StoredReplica};
use crate::writer::{LedgerWriter, SubmitError};

/// How long a block may take to come. Where it takes longer, too few validators are there.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at the newest header.
const BETWEEN: Duration = Duration::from_millis(100);

/// A network's ledger, followed and written to through its nodes.
pub struct CometWriter {
    http: Arc<dyn Http>,
    source: CometSource,
    stored: StoredReplica,
    patience: Duration,
}

impl CometWriter {
    /// Follows the network in `folder`, from the pin on.
    pub async fn open(
        http: Arc<dyn Http>,
        nodes: &[Url],
        pin: Pin,
        folder: impl Into<PathBuf>,
        now: UnixTime,
    ) -> Result<Self, SubmitError> {
        let source = CometSource::new(http.clone(), nodes)?;
        let mut writer = Self {
            http,
            source,
            stored: StoredReplica::open(folder, pin)?,
            patience: PATIENCE,
        };
        writer.sync(now).await?;
        Ok(writer)
    }

    /// Waits no longer than this for an event to be in the log.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The replica behind it.
    pub fn stored(&self) -> &StoredReplica {
        &self.stored
    }

    /// Brings the replica up to date. A node that is a block behind has nothing new to say.
    pub async fn sync(&mut self, now: UnixTime) -> Result<(), StoreError> {
        self.stored.sync(&self.source, now).await.map(|_| ())
    }

    fn rpcs(&self) -> impl Iterator<Item = Rpc<'_>> {
        let http = &*self.http;
        let nodes = self.source.nodes().iter();
        let within = None;
        nodes.map(move |base| Rpc { http, base, within })
    }

    /// Hands the event to every node: one that is behind may refuse what another takes, and one
    /// that lies may say anything.
    async fn hand_over(&self, event: &[u8]) -> Handed {
        let mut taken = None;
        let mut refused = None;
        let mut failed = SubmitError::Source(SourceError::NoLedger);
        let asked = self
            .rpcs()
            .map(|rpc| async move { rpc.broadcast(event).await });
        let taken_by =
            |said: &Result<_, _>| matches!(said, Ok(Broadcast::Waits | Broadcast::Known));
        for said in ask_all(asked, taken_by).await {
            match said {
                Ok(Broadcast::Waits) => taken = taken.or(Some(false)),
                Ok(Broadcast::Known) => taken = Some(true),
                Ok(Broadcast::Refused(name)) => refused = refused.or(Some(named(&name))),
                Ok(Broadcast::Busy) => failed = SubmitError::Busy,
                Err(error) => failed = error.into(),
            }
        }
        match (taken, refused) {
            (Some(seen), _) => Handed::Taken { seen },
            (None, Some(rule)) => Handed::Refused(rule),
            (None, None) => Handed::Failed(failed),
        }
    }

    /// What became of an event in a block, where the nodes that answer agree that a rule refused
    /// it. Their word refuses only: what was taken is seen in the log.
    async fn refusal(&self, event: &[u8]) -> Option<SubmitError> {
        let hash: [u8; 32] = Sha256::digest(event).into();
        let mut refused = None;
        let asked = self
            .rpcs()
            .map(|rpc| async move { rpc.refusal(&hash).await });
        for said in ask_all(asked, Result::is_ok).await {
            match said {
                Ok(Some(name)) => refused = refused.or(Some(named(&name))),
                Ok(None) => return None,
                Err(_) => {}
            }
        }
        refused
    }

    /// A rule refuses the event, unless it stands in the log already: then it came in with this
    /// command (at `first` or later), or long before.
    async fn refuse(
        &mut self,
        rule: SubmitError,
        event: &SignedEvent,
        first: u64,
        now: UnixTime,
    ) -> Result<Receipt, SubmitError> {
        match self.sync(now).await {
            Ok(()) | Err(StoreError::Source(_)) => {}
            Err(other) => return Err(other.into()),
        }
        match self.find(event, 0)? {
            Some(receipt) if receipt.index >= first => Ok(receipt),
            Some(_) => Err(Rejection::ReplayedEvent.into()),
            None => Err(rule),
        }
    }

    /// The entry that carries this event, among those from `first` on.
    fn find(&self, event: &SignedEvent, first: u64) -> Result<Option<Receipt>, SubmitError> {
        for index in first..self.stored.replica().size() {
            let entry = self.stored.entry(index)?.ok_or(StoreError::Damaged)?;
            let leaf = Leaf::parse(&entry).map_err(|_| StoreError::Damaged)?;
            if leaf.event.payload_digest() == event.payload_digest() {
                let time = leaf.time;
                return Ok(Some(Receipt { index, time }));
            }
        }
        Ok(None)
    }
}

/// What the nodes said of an event.
enum Handed {
    /// One has it; `seen` where one had it before.
    Taken { seen: bool },
    /// None has it, and one says which rule refuses it.
    Refused(SubmitError),
    /// None could look at it.
    Failed(SubmitError),
}

fn named(name: &str) -> SubmitError {
    if let Some(rule) = Rejection::named(name) {
        return rule.into();
    }
    match name {
        "busy" => SubmitError::Busy,
        "malformed_event" => SubmitError::Refused("malformed_event"),
        "newer_rules" => SubmitError::Refused("newer_rules"),
        "not_in_these_rules" => SubmitError::Refused("not_in_these_rules"),
        _ => SubmitError::Refused("refused"),
    }
}

#[async_trait]
impl LedgerWriter for CometWriter {
    fn registry(&self) -> &Registry {
        self.stored.replica().registry()
    }

    async fn submit(&mut self, event: SignedEvent, now: UnixTime) -> Result<Receipt, SubmitError> {
        let bytes = canonical::value_to_bytes(event.to_value())
            .map_err(|error| SubmitError::Log(SignedError::from(error).into()))?;
        let first = self.stored.replica().size();
        let seen = match self.hand_over(&bytes).await {
            Handed::Taken { seen } => seen,
            Handed::Refused(rule) => return self.refuse(rule, &event, first, now).await,
            Handed::Failed(error) => return Err(error),
        };
        if seen && self.find(&event, 0)?.is_some() {
            return Err(Rejection::ReplayedEvent.into());
        }
        let begun = Instant::now();
        while begun.elapsed() < self.patience {
            tokio::time::sleep(BETWEEN).await;
            let passed = begun.elapsed().as_secs().try_into().unwrap_or(0);
            match self.sync(now + passed).await {
                Ok(()) => {
                    if let Some(receipt) = self.find(&event, first)? {
                        return Ok(receipt);
                    }
                }
                // A node may be stopped while others go on.
                Err(StoreError::Source(_)) => {}
                Err(other) => return Err(other.into()),
            }
            if let Some(rule) = self.refusal(&bytes).await {
                return self.refuse(rule, &event, first, now + passed).await;
            }
        }
        Err(SubmitError::Pending)
    }
}
