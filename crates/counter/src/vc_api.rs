//! The VC API for who has its token: `/credentials/verify` and `/presentations/verify`. Off unless
//! a file with a token is given.
//!
//! It says whether proofs and dates hold, whether the data model's rules are kept and what the
//! issuer's own lists say of the status; not whether an issuer is listed: that is what the desk is
//! for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use net::Http;
use program::folder::read_bounded;
use program::now;
use program::web::{self, respond};
use protocol::vc_api::{Asked, Bearer, Checked, MAX_BODY, Problem};
use tokio::runtime::Handle;

use crate::serve::App;

/// A token with a line's end, and room for a mistake that is then refused.
const MAX_TOKEN_FILE: u64 = 4096;
/// How long others may take to tell their keys, and again to give their lists.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads the token of the interface.
pub(crate) fn read_token(file: &Path) -> anyhow::Result<Bearer> {
    let bytes = read_bounded(file, MAX_TOKEN_FILE)?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    Bearer::parse(&text).with_context(|| format!("{} holds no token", file.display()))
}

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/credentials/verify", post(credential))
        .route("/presentations/verify", post(presentation))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(app), guard))
}

/// Before any of the body is read.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    web::guard(app.vc_api.as_ref(), request, next).await
}

async fn credential(State(app): State<Arc<App>>, body: Bytes) -> Response {
    verify(&app, body, Asked::credential).await
}

async fn presentation(State(app): State<Arc<App>>, body: Bytes) -> Response {
    verify(&app, body, Asked::presentation).await
}

async fn verify(app: &App, body: Bytes, read: fn(&[u8]) -> Result<Asked, Problem>) -> Response {
    // Canonical forms and signatures take their time: not on the threads that serve wallets.
    let asked = match tokio::task::spawn_blocking(move || read(&body)).await {
        Ok(Ok(asked)) => asked,
        Ok(Err(problem)) => return respond(problem.verdict()),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let documents = match tokio::time::timeout(PATIENCE, asked.resolve(&**app.http())).await {
        Ok(Ok(documents)) => documents,
        Ok(Err(problem)) => return respond(problem.verdict()),
        Err(_) => return respond(Problem::NoKey.verdict()),
    };
    let checked = tokio::task::spawn_blocking(move || asked.check(&documents, now())).await;
    let checked = match checked {
        Ok(Ok(checked)) => checked,
        Ok(Err(problem)) => return respond(problem.verdict()),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    look_up(checked, Arc::clone(app.http())).await
}

/// A list has a signature too, and is of megabytes once it is inflated: that is no work for the
/// threads that serve wallets either.
async fn look_up(checked: Checked, http: Arc<dyn Http>) -> Response {
    let runtime = Handle::current();
    let looked_up = tokio::task::spawn_blocking(move || {
        let look_up = checked.look_up(&*http, now());
        runtime.block_on(async { tokio::time::timeout(PATIENCE, look_up).await })
    });
    match looked_up.await {
        Ok(Ok(reply)) => respond(reply),
        Ok(Err(_)) => respond(Problem::StatusUnreachable.verdict()),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::Poll;

    use async_trait::async_trait;
    use keys::SigningKey;
    use net::{HttpError, Request as Get, Response as Got};
    use protocol::vc_api::{Documents, IssuerKeys, ToIssue};
    use serde_json::{Value, json};
    use url::Url;

    use super::*;

    /// Answers at once that nobody is there.
    struct Nobody;

    #[async_trait]
    impl Http for Nobody {
        async fn send(&self, _: Get) -> Result<Got, HttpError> {
            Err(HttpError::Unreachable)
        }

        fn allows(&self, _: &Url) -> Result<(), HttpError> {
            Ok(())
        }
    }

    /// A credential that names a list.
    fn signed() -> Value {
        let keys = IssuerKeys {
            signing: SigningKey::make_ed25519(),
            bbs: None,
            did_web: None,
        };
        let credential = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": keys.issuers().swap_remove(0),
            "credentialSubject": {"id": "did:example:subject"},
            "credentialStatus": {
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": "7",
                "statusListCredential": "https://issuer.example/status/1",
            },
        });
        let body = json!({"credential": credential}).to_string();
        let reply = ToIssue::read(body.as_bytes()).unwrap().sign(&keys, now());
        let mut made: Value = serde_json::from_slice(&reply.body).unwrap();
        made["verifiableCredential"].take()
    }

    #[test]
    fn lists_are_read_on_no_thread_that_serves() {
        let body = json!({"verifiableCredential": signed()}).to_string();
        let asked = Asked::credential(body.as_bytes()).unwrap();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        // The only thread for such work is taken: nothing of it can be done meanwhile.
        let runtime = runtime.enable_all().max_blocking_threads(1);
        runtime.build().unwrap().block_on(async {
            let documents: Documents = asked.resolve(&Nobody).await.unwrap();
            let checked = asked.check(&documents, now()).unwrap();
            assert!(checked.needs_lists());
            let (release, taken) = mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || taken.recv().is_err());
            let mut done = pin!(look_up(checked, Arc::new(Nobody)));
            let first = std::future::poll_fn(|context| {
                Poll::Ready(done.as_mut().poll(context).is_pending())
            });
            assert!(first.await, "done on the thread that serves");
            drop(release);
            assert!(busy.await.unwrap());
            assert_eq!(done.await.status(), StatusCode::BAD_REQUEST);
        });
    }
}
