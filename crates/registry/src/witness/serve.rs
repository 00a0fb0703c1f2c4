//! `witness serve`: `add-checkpoint` over HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use keys::SigningKey;
use ledger::witness::{MAX_SUBMISSION, Malformed, Refused, Submission};
use serde_json::json;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use super::args;
use super::home::{Followed, Home};
use crate::dates;
use crate::failure::Failure;
use crate::http::{self, Rate};
use crate::output;

/// A ledger asks once for each event and once an hour.
const RATE: Rate = Rate {
    burst: 120.0,
    steady: 5.0,
};

/// Submissions for one log that are held at the same time: one is looked at, the others wait.
const MAX_WAITING: usize = 8;

struct Witness {
    name: String,
    key: SigningKey,
    /// By origin.
    logs: HashMap<String, Queue>,
    about: String,
}

/// Submissions for one log are taken one after the other.
struct Queue {
    log: Mutex<Followed>,
    places: Arc<Semaphore>,
}

/// Why a submission got no cosignature.
enum NotTaken {
    Refused(Refused),
    /// Too many wait already.
    Busy,
    /// It could not be noted that this witness has signed for the log.
    NotNoted(Failure),
}

impl From<Refused> for NotTaken {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Malformed> for NotTaken {
    fn from(malformed: Malformed) -> Self {
        Self::Refused(malformed.into())
    }
}

pub(super) async fn run(args: &args::Serve, as_json: bool) -> Result<(), Failure> {
    let dir = args.dir.clone();
    let opened = tokio::task::spawn_blocking(move || Home::open(&dir)).await;
    let home = opened.map_err(|_| Failure::failed("file", "the witness could not be read"))??;
    let key = home.verifier()?.to_string();
    let (listener, address) = http::listen(args.listen).await?;
    let url = format!("http://{address}");
    let origins: Vec<&str> = home.logs.iter().map(Followed::origin).collect();
    if origins.is_empty() {
        output::remark("This witness follows no ledger yet: see `cairn-ledger witness follow`.");
    }
    output::result(
        as_json,
        &json!({"listening": url, "key": key, "logs": origins}),
        format_args!("Listening on {url}\nKey: {key}"),
    );
    let about = format!("{key}\n{}\n", origins.join("\n"));
    // The lock is held until the last answer.
    let Home {
        name,
        key,
        logs,
        lock: _lock,
    } = home;
    let witness = Arc::new(Witness {
        name,
        key,
        logs: logs
            .into_iter()
            .map(|log| (log.origin().to_owned(), Queue::new(log)))
            .collect(),
        about,
    });
    let router = Router::new()
        .route("/", get(about_it))
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(MAX_SUBMISSION))
        .with_state(witness);
    http::serve(listener, router, RATE).await
}

/// The witness's key and the logs that it follows: none of it is secret.
async fn about_it(State(witness): State<Arc<Witness>>) -> Response {
    plain(StatusCode::OK, witness.about.clone())
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    // To the end, whether or not the other side still listens: what was begun is recorded whole.
    // What has no place is turned away here, so that those who do not listen leave nothing behind.
    let (submission, origin, place) = match witness.admit(&body) {
        Ok(admitted) => admitted,
        Err(refused) => return answer(&refused),
    };
    let work = tokio::spawn(async move {
        let _place = place;
        witness.take(submission, &origin).await
    });
    match work.await {
        Ok(Ok(line)) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], line).into_response()
        }
        Ok(Err(refused)) => answer(&refused),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Witness {
    fn queue(&self, origin: &str) -> Result<&Queue, Refused> {
        self.logs.get(origin).ok_or(Refused::UnknownLog)
    }

    /// A submission, the origin of its log, and a place among those that wait for it.
    fn admit(&self, body: &[u8]) -> Result<(Submission, String, OwnedSemaphorePermit), NotTaken> {
        let submission = Submission::parse(body)?;
        let origin = submission.checkpoint()?.origin;
        let places = Arc::clone(&self.queue(&origin)?.places);
        let place = places.try_acquire_owned().map_err(|_| NotTaken::Busy)?;
        Ok((submission, origin, place))
    }

    async fn take(&self, submission: Submission, origin: &str) -> Result<Vec<u8>, NotTaken> {
        let mut followed = self.queue(origin)?.log.lock().await;
        let key = (self.name.as_str(), &self.key);
        let now = dates::now();
        let cosignature = followed.log.add_checkpoint(submission, key, now).await?;
        // Before it leaves: whoever loses the record later is told that it was there.
        followed.note_begun().map_err(NotTaken::NotNoted)?;
        Ok(cosignature.to_line())
    }
}

impl Queue {
    fn new(log: Followed) -> Self {
        Self {
            log: Mutex::new(log),
            places: Arc::new(Semaphore::new(MAX_WAITING)),
        }
    }
}

fn answer(not_taken: &NotTaken) -> Response {
    let refused = match not_taken {
        NotTaken::Refused(refused) => refused,
        NotTaken::Busy => {
            let busy = plain(StatusCode::SERVICE_UNAVAILABLE, "busy\n".to_owned());
            return ([(header::RETRY_AFTER, "5")], busy).into_response();
        }
        NotTaken::NotNoted(failure) => {
            output::remark(format_args!("A cosignature was kept back: {failure}"));
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let status =
        StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(size) = refused.known_size() {
        let headers = [(header::CONTENT_TYPE, "text/x.tlog.size")];
        return (status, headers, format!("{size}\n")).into_response();
    }
    if status.is_server_error() {
        output::remark(format_args!("A checkpoint was not cosigned: {refused}"));
    }
    plain(status, format!("{}: {refused}\n", refused.name()))
}

fn plain(status: StatusCode, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::note::{NoteAlgorithm, VerifierKey};
    use ledger::witness::WitnessedLog;
    use ledger::{FolderSource, Pin};

    /// A witness of one log, and the body of a submission for it.
    fn witness(home: &std::path::Path) -> (Arc<Witness>, String) {
        let ledger = keys::b64::encode([7; 32]);
        let origin = format!("cairn-ledger/{ledger}");
        let key = |kind| {
            let key = SigningKey::make_ed25519();
            VerifierKey::new(&origin, kind, &key.public()).unwrap()
        };
        let (log, operator) = (key(NoteAlgorithm::Ed25519), key(NoteAlgorithm::Cosignature));
        let pin = Pin::new(&ledger, "Test", log, operator).unwrap();
        let source = Box::new(FolderSource::new(home));
        let log = WitnessedLog::open(home.join("record"), pin, source).unwrap();
        let queue = Queue::new(Followed::new(log, home));
        let witness = Witness {
            name: "witness.example/1".to_owned(),
            key: SigningKey::make_ed25519(),
            logs: HashMap::from([(origin.clone(), queue)]),
            about: String::new(),
        };
        let root = keys::b64::encode_standard([7; 32]);
        let body = format!("old 0\n\n{origin}\n1\n{root}\n\n\u{2014} {origin} AAAAAAA=\n");
        (Arc::new(witness), body)
    }

    #[tokio::test]
    async fn only_so_many_submissions_wait_whoever_listens() {
        let home = tempfile::tempdir().unwrap();
        let (witness, body) = witness(home.path());
        let ask = || add_checkpoint(State(Arc::clone(&witness)), Bytes::from(body.clone()));
        let queue = witness.logs.values().next().unwrap();
        let busy = queue.log.lock().await;
        for _ in 0..MAX_WAITING {
            // Asked, and gone away.
            let gone = tokio::time::timeout(std::time::Duration::ZERO, ask()).await;
            assert!(gone.is_err());
        }
        let patience = std::time::Duration::from_secs(60);
        let answer = tokio::time::timeout(patience, ask()).await;
        let status = answer.expect("it waits").status();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        drop(busy);
        let all = u32::try_from(MAX_WAITING).unwrap();
        drop(queue.places.acquire_many(all).await.unwrap());
        assert_eq!(ask().await.status(), StatusCode::FORBIDDEN);
    }
}
