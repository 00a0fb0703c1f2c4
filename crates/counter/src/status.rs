//! Whether a card still stands by its issuer's own word: lists of statuses, fetched when they
//! are needed and kept for as long as they say.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use credential::status::{Standing, StatusRef};
use credential::{KeySource, catalogue};
use keys::{PublicKey, UnixTime, b64, json};
use ledger::{Presented, Question, Verdict};
use net::Http;
use program::folder::{read_bounded, write_secret};
use protocol::issuer_keys::IssuerKey;
use protocol::status::{self, CachedList, CardIssuer, Known, Unknown, look_up};
use sha2::{Digest as _, Sha256};

use crate::trust::Trust;

/// How long a clerk waits for all lists of one answer.
const PATIENCE: Duration = Duration::from_secs(6);
/// The most lists that are kept. Each stands for thousands of cards.
const MAX_KEPT: usize = 64;

/// The longest list that is read from the folder, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// The lists that this counter has at hand, and the folder where they outlive it.
#[derive(Default)]
pub(crate) struct Lists {
    kept: Mutex<HashMap<String, Arc<CachedList>>>,
    folder: Option<PathBuf>,
}

/// What is known of one card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It has none: its issuer cannot withdraw it before its end.
    None,
    /// A list says so.
    Known(Known),
    /// The list could not be had. The card may have been withdrawn.
    Unreachable,
    /// What is published as its list is no list of its issuer's.
    Refused(&'static str),
}

/// A card whose signature was checked and whose issuer the ledger lists.
#[derive(Clone, Copy)]
pub(crate) struct Card<'a> {
    pub(crate) references: &'a [StatusRef],
    pub(crate) source: &'a KeySource,
    pub(crate) key: &'a PublicKey,
    pub(crate) type_id: &'a str,
    pub(crate) verdict: &'a Verdict,
}

impl Lists {
    /// With a folder where every list that is fetched is kept for codes, which are read without
    /// a network. What is asked online never comes from there.
    pub(crate) fn open(folder: PathBuf) -> Self {
        Self {
            kept: Mutex::default(),
            folder: Some(folder),
        }
    }

    /// What is known of a card without asking anybody: the lists at hand, and those that came
    /// with the code where they are newer. `vouched` says whether a key is the same issuer's.
    pub(crate) fn look(
        &self,
        card: Card<'_>,
        stapled: &[CachedList],
        vouched: impl Fn(&IssuerKey) -> bool,
        now: UnixTime,
    ) -> Status {
        let issuer = CardIssuer::new(card.source, card.key);
        let mut lists: HashMap<&str, Arc<CachedList>> = HashMap::new();
        for reference in card.references {
            let own = self.own(reference.list());
            let stapled = stapled.iter().filter(|list| list.uri() == reference.list());
            let newest = stapled
                .map(|list| Arc::new(list.clone()))
                .chain(own)
                .max_by_key(|list| list.issued_at().unwrap_or_else(|| list.fetched_at()));
            if let Some(list) = newest {
                lists.insert(reference.list(), list);
            }
        }
        found(look_up(
            card.references,
            issuer,
            |uri| lists.get(uri).map(AsRef::as_ref),
            vouched,
            now,
        ))
    }

    /// Whether a list is at hand for any of these places, however old it is.
    pub(crate) fn has_any(&self, references: &[StatusRef]) -> bool {
        let mut lists = references.iter().map(StatusRef::list);
        lists.any(|list| self.own(list).is_some())
    }

    fn own(&self, uri: &str) -> Option<Arc<CachedList>> {
        self.get(uri).or_else(|| self.read(uri))
    }

    /// What is known of a card, after fetching what is not fresh.
    pub(crate) async fn ask(
        &self,
        card: Card<'_>,
        http: &dyn Http,
        trust: Option<&Trust>,
        now: UnixTime,
    ) -> Status {
        let issuer = CardIssuer::new(card.source, card.key);
        let mut problem = None;
        let fetched = tokio::time::timeout(PATIENCE, async {
            for reference in card.references {
                if let Err(error) = self.refresh(reference, issuer, http, now).await
                    && !error.is_unreachable()
                    && !matches!(error, status::StatusError::Refused { .. })
                {
                    problem = Some("its list is damaged, or not signed as it should be");
                }
            }
        });
        let _ = fetched.await;
        if let Some(problem) = problem {
            return Status::Refused(problem);
        }
        let lists: HashMap<&str, Arc<CachedList>> = card
            .references
            .iter()
            .filter_map(|reference| Some((reference.list(), self.get(reference.list())?)))
            .collect();
        // Usually the card's own key signed the list, and the ledger need not be asked again.
        let mut vouched = HashSet::new();
        for list in lists.values() {
            if !list.is_by(issuer, |_| false) && vouches(trust, list, card, now).await {
                vouched.insert(thumbprint(list.key()));
            }
        }
        found(look_up(
            card.references,
            issuer,
            |uri| lists.get(uri).map(AsRef::as_ref),
            |key| vouched.contains(&thumbprint(key)),
            now,
        ))
    }

    async fn refresh(
        &self,
        reference: &StatusRef,
        issuer: CardIssuer<'_>,
        http: &dyn Http,
        now: UnixTime,
    ) -> Result<(), status::StatusError> {
        let uri = reference.list();
        if self.get(uri).is_some_and(|list| list.is_fresh(now)) {
            return Ok(());
        }
        let list = status::fetch(http, reference, issuer, now).await?;
        self.keep(Arc::new(list));
        Ok(())
    }

    /// From the folder. A list that is damaged there is as if it had never been fetched.
    fn read(&self, uri: &str) -> Option<Arc<CachedList>> {
        let bytes = read_bounded(&self.file(uri)?, MAX_FILE).ok()?;
        let list = json::parse_bounded(&bytes, bytes.len()).ok()?;
        let list = CachedList::from_json(&list).ok()?;
        (list.uri() == uri).then(|| Arc::new(list))
    }

    fn file(&self, uri: &str) -> Option<PathBuf> {
        let name = b64::encode(Sha256::digest(uri));
        Some(self.folder.as_ref()?.join(format!("{name}.json")))
    }

    fn get(&self, uri: &str) -> Option<Arc<CachedList>> {
        let lists = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        lists.get(uri).cloned()
    }

    fn keep(&self, list: Arc<CachedList>) {
        if let Some(folder) = &self.folder {
            // A list that cannot be written is fetched again.
            let _ = fs::create_dir_all(folder).and_then(|()| sweep(folder));
            let bytes = list.to_json().to_string();
            if let Some(file) = self.file(list.uri()) {
                let _ = write_secret(&file, bytes.as_bytes());
            }
        }
        let mut lists = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() >= MAX_KEPT && !lists.contains_key(list.uri()) {
            let oldest = lists
                .values()
                .min_by_key(|list| list.fetched_at())
                .map(|list| list.uri().to_owned());
            if let Some(oldest) = oldest {
                lists.remove(&oldest);
            }
        }
        lists.insert(list.uri().to_owned(), list);
    }
}

fn found(outcome: Option<Result<Known, Unknown>>) -> Status {
    match outcome {
        None => Status::None,
        Some(Ok(known)) => Status::Known(known),
        Some(Err(Unknown::NotFetched)) => Status::Unreachable,
        Some(Err(Unknown::OtherIssuer)) => Status::Refused("its list is another issuer's"),
        Some(Err(Unknown::NoPlace)) => Status::Refused("its list has no place for it"),
    }
}

/// Removes the oldest files of a folder that is full.
fn sweep(folder: &Path) -> std::io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(folder)?
        .flatten()
        .filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())))
        .collect();
    files.sort();
    let spare = files.len().saturating_sub(MAX_KEPT - 1);
    for (_, file) in files.into_iter().take(spare) {
        fs::remove_file(file)?;
    }
    Ok(())
}

/// Whether the ledger lists the key that signed a list for the same body and type.
async fn vouches(trust: Option<&Trust>, list: &CachedList, card: Card<'_>, now: UnixTime) -> bool {
    let (Some(trust), Some(body)) = (trust, &card.verdict.body) else {
        return false;
    };
    let question = Question::Issuer {
        key: match list.key() {
            IssuerKey::Jwk(key) => Presented::Key(key),
            IssuerKey::Chain(chain) => Presented::Chain(chain),
        },
        type_id: catalogue::ledger_type(card.type_id),
        issued_at: Some(list.issued_at().unwrap_or(now)),
    };
    let word = trust.ask(&[question]).await;
    word.verdicts.iter().any(|verdict| {
        verdict.standing == ledger::Standing::Listed
            && verdict
                .body
                .as_ref()
                .is_some_and(|found| found.id == body.id)
    })
}

fn thumbprint(key: &IssuerKey) -> String {
    match key {
        IssuerKey::Jwk(key) => key.thumbprint(),
        IssuerKey::Chain(chain) => chain
            .first()
            .map(|leaf| leaf.public_key().thumbprint())
            .unwrap_or_default(),
    }
}

impl Status {
    /// For scripts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Known(known) => match known.standing {
                Standing::Valid => "valid",
                Standing::Suspended => "suspended",
                Standing::Revoked => "revoked",
                Standing::Other(_) => "other",
            },
            Self::Unreachable => "unknown",
            Self::Refused(_) => "refused",
        }
    }

    /// When its list was fetched.
    pub(crate) fn checked_at(self) -> Option<UnixTime> {
        match self {
            Self::Known(known) => Some(known.checked_at),
            _ => None,
        }
    }
}
