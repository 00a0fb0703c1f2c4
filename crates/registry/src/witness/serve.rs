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
use ledger::witness::{MAX_SUBMISSION, Refused, Submission, WitnessedLog};
use serde_json::json;
use tokio::sync::Mutex;

use super::args;
use super::home::Home;
use crate::dates;
use crate::failure::Failure;
use crate::http::{self, Rate};
use crate::output;

/// A ledger asks once for each event and once an hour.
const RATE: Rate = Rate {
    burst: 120.0,
    steady: 5.0,
};

struct Witness {
    name: String,
    key: SigningKey,
    /// By origin. Submissions for one log are taken one after the other.
    logs: HashMap<String, Mutex<WitnessedLog>>,
    about: String,
}

pub(super) async fn run(args: &args::Serve, as_json: bool) -> Result<(), Failure> {
    let dir = args.dir.clone();
    let opened = tokio::task::spawn_blocking(move || Home::open(&dir)).await;
    let home = opened.map_err(|_| Failure::failed("file", "the witness could not be read"))??;
    let key = home.verifier()?.to_string();
    let (listener, address) = http::listen(args.listen).await?;
    let url = format!("http://{address}");
    let origins: Vec<&str> = home.logs.iter().map(WitnessedLog::origin).collect();
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
            .map(|log| (log.origin().to_owned(), Mutex::new(log)))
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
    let work = tokio::spawn(async move { witness.take(&body).await });
    match work.await {
        Ok(Ok(line)) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], line).into_response()
        }
        Ok(Err(refused)) => answer(&refused),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Witness {
    async fn take(&self, body: &[u8]) -> Result<Vec<u8>, Refused> {
        let submission = Submission::parse(body)?;
        let origin = submission.checkpoint()?.origin;
        let log = self.logs.get(&origin).ok_or(Refused::UnknownLog)?;
        let mut log = log.lock().await;
        let key = (self.name.as_str(), &self.key);
        let cosignature = log.add_checkpoint(submission, key, dates::now()).await?;
        Ok(cosignature.to_line())
    }
}

fn answer(refused: &Refused) -> Response {
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
