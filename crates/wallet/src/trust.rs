//! The ledger that this wallet follows: where it is, the replica of it, what it says.
//!
//! Every question is answered from the replica on this computer; nobody is asked about one
//! issuer or one service. The replica holds public data only and lies beside the vault; what
//! it trusts (the pin) lies in the vault.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keys::UnixTime;
use ledger::event::{Names, Purpose};
use ledger::{
    Freshness, LedgerSource, Pin, PinError, Place, Presented, Question, Replica, SourceError,
    Standing, StoreError, StoredReplica, Synced, Verdict,
};
use net::Http;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vault::RecordError;

use crate::known::Known;
use crate::wallet::{Wallet, now};

const SETTING: &str = "ledger";
const REFUSED: &str = "ledger_refused";

/// Where the ledger is and what is trusted of it, as the vault keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Following {
    /// An address or a folder.
    pub source: String,
    /// The text of `pin.json`.
    pub pin: String,
    /// When it was last fetched.
    #[serde(default)]
    pub fetched_at: Option<UnixTime>,
}

/// An update that was refused. The replica so far stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedUpdate {
    /// When.
    pub at: UnixTime,
    /// The name of the refusal, such as `rollback` or `split_view`.
    pub reason: String,
}

/// Whether there is a ledger to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerKept {
    /// None was added: nobody has been asked about anybody.
    NotAdded,
    /// One was added, and nothing of it is here yet.
    NotFetched,
    /// A copy is here, and is being read.
    Reading,
    /// A copy is here.
    Kept,
}

/// Why the ledger could not be followed or fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// No ledger is followed.
    #[error("this wallet follows no ledger")]
    NoLedger,
    /// An address without a pin, outside the demo.
    #[error("a ledger at an address is followed only with its pin")]
    PinNeeded,
    /// The pin's file cannot be read.
    #[error("the pin cannot be read")]
    PinFile(#[source] std::io::Error),
    /// The pin is malformed.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The source could not be reached, or gave what must be refused.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// An update was refused, or the replica could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] RecordError),
}

impl TrustError {
    /// The name of the error, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoLedger => "no_ledger",
            Self::PinNeeded => "pin_needed",
            Self::PinFile(_) | Self::Pin(_) => "pin",
            Self::Source(error) => error.name(),
            Self::Store(error) => error.name(),
            Self::Vault(_) => "vault",
        }
    }

    /// True where the ledger lies at an address that this wallet does not speak to. Nothing
    /// was sent.
    pub fn is_forbidden(&self) -> bool {
        match self {
            Self::Source(SourceError::Http(error))
            | Self::Store(StoreError::Source(SourceError::Http(error))) => {
                error.forbidden().is_some()
            }
            _ => false,
        }
    }

    /// True where the ledger itself was refused, not only out of reach.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Source(SourceError::Refused(_))
                | Self::Store(StoreError::Refused(_))
                | Self::Pin(_)
        )
    }
}

/// The replica, read from its folder behind whatever goes on; who asks waits for that.
pub(crate) struct Trust {
    folder: PathBuf,
    pub(crate) known: Arc<Known>,
    /// Held while an update is fetched: one at a time.
    updates: tokio::sync::Mutex<Option<Updates>>,
}

/// Where updates of a ledger come from, kept from one to the next: it remembers which nodes were
/// waited for in vain.
struct Updates {
    /// As [`Following`] has them.
    place: String,
    pin: String,
    source: Box<dyn LedgerSource>,
}

impl Updates {
    /// The kept one, or a new one where another ledger or another place is followed.
    fn of<'k>(
        kept: &'k mut Option<Self>,
        following: &Following,
        http: &Arc<dyn Http>,
    ) -> Result<&'k dyn LedgerSource, TrustError> {
        let same = |one: &Self| one.place == following.source && one.pin == following.pin;
        let updates = match kept.take().filter(same) {
            Some(updates) => updates,
            None => {
                let pin = Pin::parse(following.pin.as_bytes())?;
                Self {
                    place: following.source.clone(),
                    pin: following.pin.clone(),
                    source: Place::of(&following.source).source(http.clone(), &pin)?,
                }
            }
        };
        Ok(&*kept.insert(updates).source)
    }
}

/// The type's metadata is not the one whose digest stands on the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what this kind of card looks like and may hold is not what the ledger has published")]
pub struct OtherThanPublished;

impl Trust {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.join("ledger"),
            known: Arc::default(),
            updates: tokio::sync::Mutex::new(None),
        }
    }

    #[cfg(test)]
    pub(crate) async fn update_from(&self, following: &Following, source: Box<dyn LedgerSource>) {
        *self.updates.lock().await = Some(Updates {
            place: following.source.clone(),
            pin: following.pin.clone(),
            source,
        });
    }

    /// Where the replica of this pin lies.
    pub(crate) fn place(&self, pin: &Pin) -> PathBuf {
        self.folder.join(pin.folder_name())
    }

    pub(crate) fn load(&self, pin: &str) -> Result<(), TrustError> {
        let pin = Pin::parse(pin.as_bytes())?;
        // What is read for an earlier pin must not take the place of this.
        self.known.wait();
        let stored = StoredReplica::open(self.place(&pin), pin)?;
        self.known.set(stored.replica().clone());
        Ok(())
    }

    /// Reads the replica of this pin in a thread of its own.
    fn load_behind(&self, pin: &str) -> Result<(), TrustError> {
        let parsed = Pin::parse(pin.as_bytes())?;
        let folder = self.place(&parsed);
        let reading = self.known.begin_reading();
        let read = move || {
            // A replica that cannot be read vouches for nobody; the next sync says why.
            if let Ok(stored) = StoredReplica::open(folder, parsed) {
                reading.found(stored.replica().clone());
            }
        };
        match std::thread::Builder::new().spawn(read) {
            Ok(_) => Ok(()),
            Err(_) => self.load(pin),
        }
    }

    pub(crate) fn replica(&self) -> Option<Replica> {
        let replica = self.known.replica();
        replica.clone().filter(|replica| replica.size() > 0)
    }

    pub(crate) fn has_ledger(&self) -> bool {
        let replica = self.known.replica();
        replica.as_ref().is_some_and(|replica| replica.size() > 0)
    }

    /// The answer where nothing was seen that could be asked about.
    pub(crate) fn nothing_known(&self) -> Verdict {
        Verdict {
            standing: Standing::Unknown,
            body: None,
            purposes: Vec::new(),
            age: None,
        }
    }

    pub(crate) fn issuer(
        &self,
        key: Presented<'_>,
        type_id: &str,
        issued_at: Option<UnixTime>,
    ) -> Verdict {
        self.ask(&Question::Issuer {
            key,
            type_id: credential::catalogue::ledger_type(type_id),
            issued_at,
        })
    }

    /// As [`Self::issuer`], without waiting: `None` while the replica is being read.
    pub(crate) fn issuer_at_once(
        &self,
        key: Presented<'_>,
        type_id: &str,
        issued_at: Option<UnixTime>,
    ) -> Option<Verdict> {
        (!self.known.is_reading()).then(|| self.issuer(key, type_id, issued_at))
    }

    /// Refuses a type's own document of metadata where the ledger published another. A type
    /// that the ledger says nothing about, and a card without a document, pass.
    pub(crate) fn check_published(
        &self,
        type_id: &str,
        document: Option<&[u8]>,
    ) -> Result<(), OtherThanPublished> {
        let replica = self.known.replica();
        let published = replica.as_ref().and_then(|replica| {
            let type_id = credential::catalogue::ledger_type(type_id);
            replica.registry().published_type(type_id)
        });
        match (published, document) {
            (Some(published), Some(document)) if !published.metadata.fits(document) => {
                Err(OtherThanPublished)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn service(&self, client_id: &str, key: Option<Presented<'_>>) -> Verdict {
        self.ask(&Question::Service { client_id, key })
    }

    /// What stands about a service, whoever speaks for it.
    pub(crate) fn registration(&self, client_id: &str) -> Verdict {
        self.ask(&Question::Registration { client_id })
    }

    /// The ids of all services that the ledger knows, standing or not.
    pub(crate) fn service_ids(&self) -> Vec<String> {
        let replica = self.known.replica();
        replica
            .iter()
            .flat_map(|replica| replica.registry().records())
            .filter(|record| !record.services.is_empty())
            .map(|record| record.id.clone())
            .collect()
    }

    /// A purpose as a service last registered it, whether or not the service still stands.
    pub(crate) fn registered_purpose(&self, client_id: &str, purpose: &str) -> Option<Purpose> {
        let replica = self.known.replica();
        let record = replica.as_ref()?.registry().record(client_id)?;
        let service = record.services.last()?;
        let found = service.purposes.iter().find(|one| one.id == purpose);
        found.cloned()
    }

    /// True where the ledger knows a service of this id, whatever its keys.
    pub(crate) fn knows_service(&self, client_id: &str) -> bool {
        let replica = self.known.replica();
        replica.as_ref().is_some_and(|replica| {
            replica
                .registry()
                .record(client_id)
                .is_some_and(|record| !record.services.is_empty())
        })
    }

    /// True where the ledger knows an issuer of this id, whatever its keys.
    pub(crate) fn knows_issuer(&self, id: &str) -> bool {
        let replica = self.known.replica();
        replica.as_ref().is_some_and(|replica| {
            replica
                .registry()
                .record(id)
                .is_some_and(|record| record.issuer.is_some())
        })
    }

    fn ask(&self, question: &Question<'_>) -> Verdict {
        let replica = self.known.replica();
        match replica.as_ref().filter(|replica| replica.size() > 0) {
            Some(replica) => replica.decide(question, now()),
            None => self.nothing_known(),
        }
    }
}

impl Wallet {
    /// Follows the ledger at `source` (an https address, several of a network's nodes with
    /// spaces between them, or a folder) from now on, trusting
    /// what `pin` says. Without a pin a folder's own is taken, and in the demo an address's.
    pub async fn follow(&self, source: &str, pin: Option<&Path>) -> Result<(), TrustError> {
        let pin = match pin {
            Some(file) => read_pin_file(file)?,
            None => match Place::of(source) {
                Place::Addresses(_) if !self.is_demo() => return Err(TrustError::PinNeeded),
                place => place.read_pin(self.http.clone()).await?,
            },
        };
        let parsed = Pin::parse(&pin)?;
        if let Some(known) = self.following()?
            && Pin::parse(known.pin.as_bytes()).is_ok_and(|known| known == parsed)
            && known.source == source
        {
            return Ok(());
        }
        let following = Following {
            source: source.to_owned(),
            pin: String::from_utf8_lossy(&parsed.to_bytes()).into_owned(),
            fetched_at: None,
        };
        self.trust.load(&following.pin)?;
        self.remember(&following)?;
        Ok(())
    }

    /// The ledger that is followed.
    pub fn following(&self) -> Result<Option<Following>, RecordError> {
        let value = self.vault.setting(SETTING)?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Fetches what is new, checks it and keeps it. A refused update is remembered until one
    /// is accepted; the replica so far stands.
    pub async fn sync_ledger(&self) -> Result<Synced, TrustError> {
        let mut updates = self.trust.updates.lock().await;
        let mut following = self.following()?.ok_or(TrustError::NoLedger)?;
        let outcome = self.fetch_and_keep(&following, &mut updates).await;
        match &outcome {
            Ok(_) => {
                following.fetched_at = Some(now());
                self.remember(&following)?;
                self.vault.write(|change| change.remove_setting(REFUSED))?;
            }
            Err(error) if error.is_refusal() => {
                let refused = RefusedUpdate {
                    at: now(),
                    reason: error.name().to_owned(),
                };
                let value = serde_json::to_value(refused).unwrap_or(Value::Null);
                self.vault
                    .write(|change| change.set_setting(REFUSED, value))?;
            }
            Err(_) => {}
        }
        outcome
    }

    async fn fetch_and_keep(
        &self,
        following: &Following,
        updates: &mut Option<Updates>,
    ) -> Result<Synced, TrustError> {
        let source = Updates::of(updates, following, &self.http)?;
        let pin = Pin::parse(following.pin.as_bytes())?;
        self.wait_for_ledger().await;
        let mut stored = StoredReplica::open(self.trust.place(&pin), pin)?;
        let synced = stored.sync(source, now()).await?;
        self.trust.known.set(stored.replica().clone());
        Ok(synced)
    }

    /// The last update that was refused, until one was accepted.
    pub fn refused_update(&self) -> Result<Option<RefusedUpdate>, RecordError> {
        let value = self.vault.setting(REFUSED)?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Waits until the replica that was there when the wallet was opened is read. Whatever
    /// asks the ledger waits by itself, and holds up its thread.
    pub async fn wait_for_ledger(&self) {
        if self.trust.known.is_reading() {
            let known = Arc::clone(&self.trust.known);
            let _ = tokio::task::spawn_blocking(move || known.wait()).await;
        }
    }

    /// Whether there is a ledger to ask. Does not wait.
    pub fn ledger_kept(&self) -> Result<LedgerKept, RecordError> {
        Ok(if self.trust.known.is_reading() {
            LedgerKept::Reading
        } else if self.trust.has_ledger() {
            LedgerKept::Kept
        } else if self.following()?.is_some() {
            LedgerKept::NotFetched
        } else {
            LedgerKept::NotAdded
        })
    }

    /// The replica, where one was fetched.
    pub fn ledger(&self) -> Option<Replica> {
        self.trust.replica()
    }

    /// How old the replica's word is.
    pub fn ledger_age(&self) -> Option<ledger::Age> {
        let replica = self.trust.replica()?;
        Some(ledger::age(&replica.view(Freshness::default()), now()))
    }

    /// Begins to read the replica of the ledger that is followed. To be called once after
    /// opening.
    pub(crate) fn load_ledger(&self) -> Result<(), TrustError> {
        match self.following()? {
            Some(following) => self.trust.load_behind(&following.pin),
            None => Ok(()),
        }
    }

    fn remember(&self, following: &Following) -> Result<(), RecordError> {
        let value = serde_json::to_value(following).map_err(|_| RecordError::Unwritable)?;
        self.vault
            .write(|change| change.set_setting(SETTING, value))
    }
}

/// The name of the body that a verdict is about, in the citizen's language.
pub fn listed_name(verdict: &Verdict, locale: &str) -> Option<String> {
    in_language(&verdict.body.as_ref()?.names, locale)
}

/// A name in the citizen's language, else in English, else the first.
pub(crate) fn in_language(names: &Names, locale: &str) -> Option<String> {
    let language = locale.split('-').next().unwrap_or(locale);
    names
        .get(language)
        .or_else(|| names.get("en"))
        .or_else(|| names.values().next())
        .map(|name| crate::words::visible(name))
}

fn read_pin_file(file: &Path) -> Result<Vec<u8>, TrustError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(64 * 1024).read_to_end(&mut bytes))
        .map_err(TrustError::PinFile)?;
    Ok(bytes)
}
