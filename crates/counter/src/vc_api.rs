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
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use protocol::issuer::Reply;
use protocol::vc_api::{Asked, Bearer, MAX_BODY, Problem};

use crate::files::read_bounded;
use crate::serve::App;
use crate::trust::now;

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
    let Some(bearer) = &app.vc_api else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let given = request.headers().get(header::AUTHORIZATION);
    if bearer.admits(given.and_then(|value| value.to_str().ok())) {
        return next.run(request).await;
    }
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    let challenge = HeaderValue::from_static("Bearer");
    let headers = response.headers_mut();
    headers.insert(header::WWW_AUTHENTICATE, challenge);
    response
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
    let documents = match tokio::time::timeout(PATIENCE, asked.resolve(app.http())).await {
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
    match tokio::time::timeout(PATIENCE, checked.look_up(app.http(), now())).await {
        Ok(reply) => respond(reply),
        Err(_) => respond(Problem::StatusUnreachable.verdict()),
    }
}

fn respond(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, reply.body).into_response();
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
