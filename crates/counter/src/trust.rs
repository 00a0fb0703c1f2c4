//! The ledger that this counter follows. It is fetched whole, never asked about one issuer.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use keys::UnixTime;
use ledger::{
    Age, Band, Freshness, LedgerSource, Pin, Place, Question, SourceError, Standing, StoreError,
    StoredReplica, Verdict,
};
use net::Http;
use program::folder::{read_bounded, write_secret};
use program::now;
use program::output::Failure;
use tokio::sync::{Mutex, OwnedMutexGuard};
use url::Url;

use crate::args::{Global, usage};
use crate::files::Data;

const PATIENCE: Duration = Duration::from_secs(10);
/// How long a clerk waits for the ledger before a verdict.
const PATIENCE_AT_DESK: Duration = Duration::from_secs(4);

/// What this counter knows of the ledger.
pub(crate) struct Trust {
    source: Box<dyn LedgerSource>,
    /// The ledger is a folder of this machine.
    local: bool,
    state: Arc<Mutex<State>>,
}

struct State {
    stored: StoredReplica,
    refused: Option<String>,
}

/// What the ledger says, and whether its last update was refused.
pub(crate) struct Word {
    pub(crate) verdicts: Vec<Verdict>,
    /// The name of the refusal, such as `rollback`.
    pub(crate) refused: Option<String>,
}

/// How the ledger stands, for the page.
pub(crate) struct Condition {
    pub(crate) name: String,
    pub(crate) age: Option<Age>,
    pub(crate) refused: Option<String>,
}

/// What is kept here of the ledger, which does not change while this is held.
pub(crate) struct Held(OwnedMutexGuard<State>);

impl Held {
    pub(crate) fn replica(&self) -> &ledger::Replica {
        self.0.stored.replica()
    }

    /// The name of the refusal of the last update, such as `rollback`.
    pub(crate) fn refused(&self) -> Option<&str> {
        self.0.refused.as_deref()
    }
}

impl State {
    /// Whether what is kept needs nothing beside it until this time: it is there, no update of it
    /// was refused, and it is no older then than a verdict without a caution allows.
    fn is_fresh_until(&self, time: UnixTime) -> bool {
        let replica = self.stored.replica();
        let age = ledger::age(&replica.view(Freshness::default()), time);
        replica.size() > 0
            && self.refused.is_none()
            && age.band == Band::Fresh
            && !age.clock_set_back
    }
}

impl Trust {
    /// From the options; nothing where no ledger is given.
    pub(crate) async fn open(
        data: &Data,
        global: &Global,
        http: Arc<dyn Http>,
    ) -> Result<Option<Self>, Failure> {
        let Some(given) = &global.ledger else {
            return Ok(None);
        };
        let place = Place::of(given);
        let local = matches!(place, Place::Folder(_));
        if let Place::Addresses(addresses) = &place {
            for address in addresses {
                let allowed = http.allows(address);
                allowed.map_err(|error| unusable(&error.into()))?;
            }
        }
        let pin = match (&global.pin, &place) {
            (Some(file), _) => read_bounded(file, ledger::MAX_PIN as u64)?,
            (None, Place::Folder(_)) => place.read_pin(http.clone()).await.map_err(no_pin)?,
            (None, Place::Addresses(addresses)) => {
                address_pin(data, global, addresses, &place, http.clone()).await?
            }
        };
        let pin = Pin::parse(&pin).context("the ledger's pin cannot be used")?;
        let source = place.source(http, &pin).map_err(|error| unusable(&error))?;
        let folder = data.path("ledger").join(pin.folder_name());
        let stored = StoredReplica::open(folder, pin).context("the ledger's replica")?;
        let state = Arc::new(Mutex::new(State {
            stored,
            refused: None,
        }));
        Ok(Some(Self {
            source,
            local,
            state,
        }))
    }

    /// Fetches what is new. What was accepted before stands where that fails.
    pub(crate) async fn sync(&self) -> Result<(), String> {
        let mut state = self.state.lock().await;
        self.sync_locked(&mut state, PATIENCE).await
    }

    async fn sync_locked(&self, state: &mut State, patience: Duration) -> Result<(), String> {
        let fetched = tokio::time::timeout(patience, state.stored.sync(&*self.source, now())).await;
        match fetched {
            Ok(Ok(_)) => {
                state.refused = None;
                Ok(())
            }
            Ok(Err(error)) => {
                if matches!(error, StoreError::Refused(_)) {
                    state.refused = Some(error.name().to_owned());
                }
                Err(error.to_string())
            }
            Err(_) => Err("the ledger did not answer in time".to_owned()),
        }
    }

    /// Answers from the replica, after bringing it up to date: a key may have been revoked a
    /// moment ago.
    pub(crate) async fn ask(&self, questions: &[Question<'_>]) -> Word {
        let mut state = self.state.lock().await;
        // What is known, with its age, is what counts where the ledger is out of reach.
        let _ = self.sync_locked(&mut state, PATIENCE_AT_DESK).await;
        let replica = state.stored.replica();
        let verdicts = questions
            .iter()
            .map(|question| replica.decide(question, now()))
            .collect();
        Word {
            verdicts,
            refused: state.refused.clone(),
        }
    }

    /// What is kept here. Nobody is asked over a network; a ledger in a folder of this machine
    /// is read first.
    pub(crate) async fn held(&self) -> Held {
        let mut state = Arc::clone(&self.state).lock_owned().await;
        if self.local {
            // What is known, with its age, is what counts where the folder cannot be read.
            let _ = self.sync_locked(&mut state, PATIENCE_AT_DESK).await;
        }
        Held(state)
    }

    /// Whether no evidence is needed beside what is kept here, until this time. False also while
    /// the ledger is being fetched: a desk's question does not wait for a network.
    pub(crate) async fn is_fresh_until(&self, time: UnixTime) -> bool {
        if self.local {
            return self.held().await.0.is_fresh_until(time);
        }
        let state = self.state.try_lock();
        state.is_ok_and(|state| state.is_fresh_until(time))
    }

    /// What this counter trusts of its ledger.
    pub(crate) async fn pin(&self) -> ledger::Pin {
        self.state.lock().await.stored.replica().pin().clone()
    }

    pub(crate) async fn condition(&self) -> Condition {
        let state = self.state.lock().await;
        let replica = state.stored.replica();
        let known = replica.size() > 0;
        Condition {
            name: replica.pin().name().to_owned(),
            age: known.then(|| ledger::age(&replica.view(Freshness::default()), now())),
            refused: state.refused.clone(),
        }
    }
}

/// The answer of a counter that follows no ledger.
pub(crate) fn nothing_known() -> Verdict {
    Verdict {
        standing: Standing::Unknown,
        body: None,
        purposes: Vec::new(),
        age: None,
    }
}

/// The pin of a ledger at addresses that no file gives: in the demo from the first contact,
/// which is remembered.
async fn address_pin(
    data: &Data,
    global: &Global,
    addresses: &[Url],
    place: &Place,
    http: Arc<dyn Http>,
) -> Result<Vec<u8>, Failure> {
    let (Some(url), true) = (addresses.first(), global.demo) else {
        return Err(usage(
            "a ledger at an address is followed only with its pin: give --pin FILE",
        ));
    };
    let known = pin_file(data, url);
    if let Ok(pin) = fs::read(&known) {
        return Ok(pin);
    }
    let pin = tokio::time::timeout(PATIENCE, place.read_pin(http)).await;
    let pin = pin.context("the ledger did not answer in time")?;
    let pin = pin.map_err(no_pin)?;
    if let Some(folder) = known.parent() {
        fs::create_dir_all(folder).context("cannot use the data folder")?;
    }
    write_secret(&known, &pin)?;
    Ok(pin)
}

fn pin_file(data: &Data, url: &Url) -> PathBuf {
    let name = keys::b64::encode(url.as_str());
    data.path("pins").join(format!("{name}.json"))
}

fn unusable(error: &SourceError) -> Failure {
    Failure::failed(
        error.name(),
        format_args!("the ledger's address cannot be used: {error}"),
        "plain HTTP and loopback are for --demo",
    )
}

fn no_pin(error: SourceError) -> Failure {
    Failure::failed(
        error.name(),
        format_args!("the ledger's pin cannot be read: {error}"),
        "look at --ledger, or give --pin FILE",
    )
}
