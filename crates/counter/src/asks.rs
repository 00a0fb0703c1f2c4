//! The requests that are open and the results that are not yet forgotten. In memory only.
//!
//! A request has two names: the desk's, and a public one that its QR code shows. Whoever
//! photographs the code can neither read the result nor, without the state in the request
//! object, spend the request.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use keys::{UnixTime, b64, json};
use program::web::make_token;
use protocol::verifier::{OpenError, Received, Session};
use serde_json::{Map, Value, json};

use crate::words;

/// The most requests and results at a time.
pub(crate) const MAX_ASKS: usize = 256;
/// No check takes longer than this many seconds; what does has broken.
const MAX_CHECKING: UnixTime = 300;

/// How long things stay.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// Seconds that a request is open.
    pub(crate) open_for: UnixTime,
    /// Seconds that a result is kept.
    pub(crate) forget_after: UnixTime,
    /// Whether a request may be fetched more than once.
    pub(crate) refetch: bool,
}

pub(crate) struct Asks {
    terms: Terms,
    entries: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    public: String,
    purpose: String,
    purpose_name: String,
    link: String,
    request_uri: String,
    state: String,
    kid: Option<String>,
    expires_at: UnixTime,
    stage: Stage,
}

enum Stage {
    Waiting {
        session: Box<Session>,
        fetched: bool,
    },
    Checking {
        since: UnixTime,
    },
    Done {
        result: Map<String, Value>,
        at: UnixTime,
    },
}

/// A request that is to be kept.
pub(crate) struct NewAsk {
    pub(crate) public: String,
    pub(crate) purpose: String,
    pub(crate) purpose_name: String,
    pub(crate) link: String,
    pub(crate) request_uri: String,
    pub(crate) session: Session,
}

/// Why a request object is not handed out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("there is no such request")]
    Unknown,
    #[error("the request was fetched before")]
    Fetched,
    #[error("the request is over")]
    Over,
}

/// Why an answer is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TakeError {
    #[error("there is no such request")]
    Unknown,
    #[error("the request was answered before")]
    Answered,
    #[error("the request is over")]
    Over,
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// An answer that was taken: nobody else can answer the request any more.
pub(crate) struct Taken {
    pub(crate) id: String,
    pub(crate) session: Box<Session>,
    pub(crate) received: Received,
}

impl Asks {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            terms,
            entries: Mutex::default(),
        }
    }

    /// Keeps a request; its desk name. Nothing where there are too many.
    pub(crate) fn add(&self, new: NewAsk, now: UnixTime) -> Option<String> {
        let mut entries = self.entries();
        self.sweep_locked(&mut entries, now);
        if entries.len() >= MAX_ASKS {
            return None;
        }
        let id = make_token();
        let entry = Entry {
            public: new.public,
            purpose: new.purpose,
            purpose_name: new.purpose_name,
            link: new.link,
            request_uri: new.request_uri,
            state: new.session.state().to_owned(),
            kid: encryption_kid(&new.session),
            expires_at: now.saturating_add(self.terms.open_for),
            stage: Stage::Waiting {
                session: Box::new(new.session),
                fetched: false,
            },
        };
        entries.insert(id.clone(), entry);
        Some(id)
    }

    /// Hands out the request object once, by the public name; `make` makes it from the session
    /// and the seconds that are left.
    pub(crate) fn fetch(
        &self,
        public: &str,
        now: UnixTime,
        make: impl FnOnce(&Session, UnixTime) -> String,
    ) -> Result<String, FetchError> {
        let mut entries = self.entries();
        let entry = entries.values_mut().find(|entry| entry.public == public);
        let entry = entry.ok_or(FetchError::Unknown)?;
        let left = entry.expires_at - now;
        match &mut entry.stage {
            Stage::Waiting { session, fetched } if left > 0 => {
                if *fetched && !self.terms.refetch {
                    return Err(FetchError::Fetched);
                }
                *fetched = true;
                Ok(make(session, left))
            }
            _ => Err(FetchError::Over),
        }
    }

    /// Takes the answer to a request, by its public name, or by what the answer says where all
    /// requests share an address. What cannot be opened spends nothing.
    pub(crate) fn take(
        &self,
        public: Option<&str>,
        body: &[u8],
        now: UnixTime,
    ) -> Result<Taken, TakeError> {
        let mark = match public {
            Some(_) => Mark::default(),
            None => Mark::read(body),
        };
        let mut entries = self.entries();
        let found = entries.iter_mut().find(|(_, entry)| match public {
            Some(public) => entry.public == public,
            None => mark.fits(entry),
        });
        let (id, entry) = found.ok_or(TakeError::Unknown)?;
        let Stage::Waiting { session, .. } = &entry.stage else {
            return Err(TakeError::Answered);
        };
        if entry.expires_at <= now {
            return Err(TakeError::Over);
        }
        let received = session.open(body)?;
        match std::mem::replace(&mut entry.stage, Stage::Checking { since: now }) {
            Stage::Waiting { session, .. } => Ok(Taken {
                id: id.clone(),
                session,
                received,
            }),
            other => {
                entry.stage = other;
                Err(TakeError::Answered)
            }
        }
    }

    /// Keeps the result of an answer that was taken.
    pub(crate) fn finish(&self, id: &str, mut result: Map<String, Value>, now: UnixTime) {
        if let Some(entry) = self.entries().get_mut(id) {
            result.insert("received_at".to_owned(), json!(words::moment(now)));
            let at = now.saturating_add(self.terms.forget_after);
            result.insert("forgotten_at".to_owned(), json!(words::moment(at)));
            entry.stage = Stage::Done { result, at: now };
        }
    }

    /// How a request stands; nothing where it is unknown or forgotten.
    pub(crate) fn look(&self, id: &str, now: UnixTime) -> Option<Value> {
        let mut entries = self.entries();
        self.sweep_locked(&mut entries, now);
        let entry = entries.get(id)?;
        let mut view = json!({
            "id": id,
            "purpose": entry.purpose,
            "purpose_name": entry.purpose_name,
            "expires_at": words::moment(entry.expires_at),
        });
        let members = view.as_object_mut()?;
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        match &entry.stage {
            Stage::Done { result, .. } => {
                for (name, value) in result {
                    put(name, value.clone());
                }
            }
            Stage::Waiting { .. } if entry.expires_at <= now => {
                put("outcome", "expired".into());
            }
            Stage::Waiting { fetched, .. } => {
                put("outcome", "waiting".into());
                put("stage", if *fetched { "fetched" } else { "shown" }.into());
                put("link", entry.link.as_str().into());
                put("request_uri", entry.request_uri.as_str().into());
            }
            Stage::Checking { .. } => {
                put("outcome", "waiting".into());
                put("stage", "checking".into());
            }
        }
        Some(view)
    }

    /// Forgets a request and its result now; false where there was none.
    pub(crate) fn forget(&self, id: &str) -> bool {
        self.entries().remove(id).is_some()
    }

    /// Forgets what is due.
    pub(crate) fn sweep(&self, now: UnixTime) {
        self.sweep_locked(&mut self.entries(), now);
    }

    fn sweep_locked(&self, entries: &mut HashMap<String, Entry>, now: UnixTime) {
        entries.retain(|_, entry| {
            let since = match &entry.stage {
                Stage::Done { at, .. } => *at,
                Stage::Waiting { .. } => entry.expires_at,
                Stage::Checking { since } => since.saturating_add(MAX_CHECKING),
            };
            now < since.saturating_add(self.terms.forget_after)
        });
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an answer says about the request that it belongs to.
#[derive(Default)]
struct Mark {
    state: Option<String>,
    kid: Option<String>,
}

impl Mark {
    fn read(body: &[u8]) -> Self {
        let mut mark = Self::default();
        for (name, value) in url::form_urlencoded::parse(body).take(32) {
            match &*name {
                "state" => mark.state = Some(value.into_owned()),
                "response" => {
                    let header = value.split('.').next().unwrap_or_default();
                    mark.kid = b64::decode(header)
                        .ok()
                        .and_then(|bytes| json::parse_object(&bytes).ok())
                        .and_then(|header| Some(header.get("kid")?.as_str()?.to_owned()));
                }
                _ => {}
            }
        }
        mark
    }

    fn fits(&self, entry: &Entry) -> bool {
        (self.state.is_some() && self.state.as_deref() == Some(&entry.state))
            || (self.kid.is_some() && self.kid == entry.kid)
    }
}

fn encryption_kid(session: &Session) -> Option<String> {
    let parameters = session.parameters();
    let kid = parameters
        .get("client_metadata")?
        .pointer("/jwks/keys/0/kid")?;
    Some(kid.as_str()?.to_owned())
}
