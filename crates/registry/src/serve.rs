//! `serve`: the folder over HTTP, read only, and the hourly attestation.
//!
//! Of the folder, only `checkpoint`, `pin.json` and tiles have paths here; nothing else of it, and
//! no key, can be named. The rest is the page that shows the trail. Another process may append
//! meanwhile: files are replaced whole.
//!
//! Of a node's folder there are the page, its downloads and `pin.json`. It has no checkpoint that
//! somebody signed: whoever wants to check follows the RPC of the nodes.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use ledger::{Cosigners as _, Log, LogError, OperatorKeys};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::args::Serve;
use crate::custody;
use crate::dates;
use crate::failure::Failure;
use crate::http::{self, Rate};
use crate::output;
use crate::page::{self, Home};
use crate::witness::{self, Witnesses};

/// How often the newest checkpoint is attested again.
const ATTEST_EVERY: Duration = Duration::from_secs(3600);
/// How soon after another process held the lock.
const TRY_AGAIN: Duration = Duration::from_secs(30);
/// Answers that are made at the same time.
const MAX_ANSWERS: usize = 64;
/// A first sync of the largest ledger asks for some eight thousand files at once.
const RATE: Rate = Rate {
    burst: 10_000.0,
    steady: 100.0,
};
/// The longest file that is served, in bytes.
const MAX_FILE: u64 = ledger::tile::MAX_BUNDLE as u64;

struct Served {
    dir: PathBuf,
    home: Home,
    answers: Semaphore,
}

pub(crate) async fn run(args: &Serve, as_json: bool) -> Result<(), Failure> {
    let home = Home::find(&args.dir)?;
    let keys = match &home {
        Home::Operated(dir) => operator_keys(dir),
        Home::Node { .. } => None,
    };
    first_check(&home, keys.clone()).await?;
    let (listener, address) = http::listen(args.listen).await?;
    let url = format!("http://{address}");
    output::result(
        as_json,
        &json!({"listening": url}),
        format_args!("Listening on {url}"),
    );
    if let Some(keys) = keys {
        tokio::spawn(attest_hourly(args.dir.clone(), keys));
    }
    let mut router = Router::new().route("/pin.json", get(pin));
    if matches!(home, Home::Operated(_)) {
        router = router
            .route("/checkpoint", get(checkpoint))
            .route("/tile/{*path}", get(tile));
    }
    let served = Arc::new(Served {
        dir: args.dir.clone(),
        home: home.clone(),
        answers: Semaphore::new(MAX_ANSWERS),
    });
    let router = router.with_state(served).merge(page::routes(home));
    http::serve(listener, router, RATE).await
}

fn operator_keys(dir: &Path) -> Option<Arc<OperatorKeys>> {
    let keys = custody::operator_keys(dir).ok().map(Arc::new);
    if keys.is_none() {
        output::remark("The operator's keys are not here: the age of the ledger will only grow.");
    }
    keys
}

/// A ledger that does not verify is not served.
async fn first_check(home: &Home, keys: Option<Arc<OperatorKeys>>) -> Result<(), Failure> {
    let home = home.clone();
    let checked = tokio::task::spawn_blocking(move || match (&home, keys) {
        (Home::Operated(dir), Some(keys)) => match attest(dir, &keys) {
            Err(LogError::Locked) => home.check(),
            other => Ok(other?),
        },
        _ => home.check(),
    });
    checked.await.unwrap_or_else(|_| {
        let why = "the ledger could not be read";
        Err(Failure::failed("ledger_folder", why))
    })
}

fn attest(dir: &Path, keys: &OperatorKeys) -> Result<(), LogError> {
    Log::open(dir)?.attest(keys, dates::now())
}

/// Attests, and asks the witnesses for their word too. They may take their time: meanwhile others
/// may write.
fn attest_widely(dir: &Path, keys: &OperatorKeys) -> Result<(), LogError> {
    let mut log = Log::open(dir)?;
    log.attest(keys, dates::now())?;
    let witnesses = match Witnesses::open(dir) {
        Ok(Some(witnesses)) => witnesses,
        Ok(None) => return Ok(()),
        Err(failure) => {
            output::remark(format_args!("The witnesses cannot be asked: {failure}"));
            return Ok(());
        }
    };
    let tree = log.tree().clone();
    let checkpoint = std::fs::read(dir.join("checkpoint"))?;
    drop(log);
    let cosignatures = witnesses.cosign(&checkpoint, &tree);
    Log::open(dir)?.add_cosignatures(&checkpoint, &cosignatures)?;
    witnesses.say();
    Ok(())
}

async fn attest_hourly(dir: PathBuf, keys: Arc<OperatorKeys>) {
    // Witnesses read what is served here, so that they cannot be asked before.
    let mut wait = if witness::has_any(&dir) {
        Duration::ZERO
    } else {
        ATTEST_EVERY
    };
    loop {
        tokio::time::sleep(wait).await;
        let (dir, keys) = (dir.clone(), keys.clone());
        let done = tokio::task::spawn_blocking(move || attest_widely(&dir, &keys)).await;
        wait = match done {
            Ok(Ok(())) => ATTEST_EVERY,
            Ok(Err(LogError::Locked)) => TRY_AGAIN,
            Ok(Err(error)) => {
                output::remark(format_args!("The checkpoint was not attested: {error}"));
                ATTEST_EVERY
            }
            Err(_) => ATTEST_EVERY,
        };
    }
}

async fn checkpoint(State(served): State<Arc<Served>>) -> Response {
    answer(
        &served,
        "checkpoint",
        "text/plain; charset=utf-8",
        "no-store",
    )
    .await
}

async fn pin(State(served): State<Arc<Served>>) -> Response {
    answer_with(&served, served.home.pin(), "application/json", "no-store").await
}

async fn tile(State(served): State<Arc<Served>>, UrlPath(path): UrlPath<String>) -> Response {
    if !is_tile_path(&path) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = "application/octet-stream";
    // Full tiles never change; a partial one may be written again after a crash.
    let cache = if path.contains(".p/") {
        "no-store"
    } else {
        "public, max-age=31536000, immutable"
    };
    answer(&served, &format!("tile/{path}"), kind, cache).await
}

/// `L/N[.p/W]` with L a level or `entries`, N in groups of three digits (C2SP tlog-tiles).
fn is_tile_path(path: &str) -> bool {
    let Some((level, rest)) = path.split_once('/') else {
        return false;
    };
    let digits = |text: &str, longest: usize| {
        (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (position, width) = match rest.split_once(".p/") {
        Some((position, width)) => (position, Some(width)),
        None => (rest, None),
    };
    let groups: Vec<&str> = position.split('/').collect();
    let Some((last, others)) = groups.split_last() else {
        return false;
    };
    let group = |text: &str| text.len() == 3 && digits(text, 3);
    (level == "entries" || digits(level, 2))
        && group(last)
        && others.len() <= 5
        && others
            .iter()
            .all(|other| other.strip_prefix('x').is_some_and(group))
        && width.is_none_or(|width| digits(width, 3))
}

async fn answer(served: &Served, path: &str, kind: &'static str, cache: &'static str) -> Response {
    answer_with(served, served.dir.join(path), kind, cache).await
}

async fn answer_with(
    served: &Served,
    file: PathBuf,
    kind: &'static str,
    cache: &'static str,
) -> Response {
    let Ok(_permit) = served.answers.try_acquire() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        std::fs::File::open(file)?
            .take(MAX_FILE)
            .read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    });
    match read.await {
        Ok(Ok(bytes)) => (
            [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, cache),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ],
            bytes,
        )
            .into_response(),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            StatusCode::NOT_FOUND.into_response()
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_have_paths_and_nothing_else_does() {
        for path in [
            "0/000",
            "entries/000",
            "entries/000.p/5",
            "0/x001/x234/067",
            "1/000.p/255",
        ] {
            assert!(is_tile_path(path), "{path}");
        }
        for path in [
            "",
            "0",
            "entries",
            "../keys/log.pem",
            "entries/../../keys/log.pem",
            "entries/00",
            "entries/000.p/",
            "entries/000.p/..",
            "0/001/067",
            "x/000",
            "0/000/",
            "0/%2e%2e",
            "0/x../000",
        ] {
            assert!(!is_tile_path(path), "{path}");
        }
    }
}
