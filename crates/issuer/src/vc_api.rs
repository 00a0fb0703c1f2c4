//! The VC API for who has its token: `/credentials/issue`, `/credentials/derive` and
//! `/credentials/status`. Off unless a file with a token is given.
//!
//! It signs whatever W3C credential it gets whose `issuer` is this one. Nothing is recorded but
//! the place of a credential in a list of statuses, for which a caller asks.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use net::{Client, Http, Policy};
use program::now;
use program::web::{self, respond};
use protocol::issuer::{Reply, derive_did_web};
use protocol::vc_api::{self, Bearer, IssuerKeys, MAX_BODY, ToIssue};

use crate::files::{Data, Settings};
use crate::open::Service;
use crate::serve::App;

/// A token with a line's end, and room for a mistake that is then refused.
const MAX_TOKEN_FILE: u64 = 4096;

/// What signs for programs, and who may have it sign.
pub(crate) struct VcApi {
    keys: IssuerKeys,
    bearer: Bearer,
    /// For what a credential gives digests of.
    http: Box<dyn Http>,
}

impl VcApi {
    /// With the token in this file, the keys of the data folder and the address in the settings.
    pub(crate) fn open(
        token: &Path,
        data: &Data,
        settings: &Settings,
        demo: bool,
    ) -> anyhow::Result<Self> {
        let bearer = read_token(token)?;
        let signing = data.key(settings.key.as_deref(), None)?;
        let bbs = settings.bbs.then(|| data.bbs_key()).transpose()?;
        let did_web = match settings.key_by.as_str() {
            "did" => {
                let url = settings.url.parse().context("the address is not a URL")?;
                derive_did_web(&url)
            }
            _ => None,
        };
        Ok(Self {
            keys: IssuerKeys {
                signing,
                bbs,
                did_web,
            },
            bearer,
            http: Box::new(Client::new(Policy { demo })?),
        })
    }

    /// The issuers that it signs for.
    pub(crate) fn issuers(&self) -> Vec<String> {
        self.keys.issuers()
    }
}

fn read_token(path: &Path) -> anyhow::Result<Bearer> {
    let unreadable = || format!("cannot read the token in {}", path.display());
    let file = std::fs::File::open(path).with_context(unreadable)?;
    let mut text = String::new();
    file.take(MAX_TOKEN_FILE)
        .read_to_string(&mut text)
        .with_context(unreadable)?;
    Bearer::parse(&text).with_context(|| format!("{} holds no token", path.display()))
}

pub(crate) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/credentials/issue", post(issue))
        .route("/credentials/derive", post(derive))
        .route("/credentials/status", post(status))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn_with_state(Arc::clone(app), guard))
}

/// Before any of the body is read.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    web::guard(app.vc_api.as_ref().map(|api| &api.bearer), request, next).await
}

async fn issue(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let Some(api) = &app.vc_api else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let asked = match read(body).await {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    if let Err(problem) = asked.check_related(&*api.http).await {
        return respond(problem.reply());
    }
    work(&app, move |keys, service| {
        let mut asked = asked;
        match asked.allot(keys, service, now()) {
            Ok(()) => asked.sign(keys, now()),
            Err(problem) => problem.reply(),
        }
    })
    .await
}

/// A long request takes its time: not on the threads that serve wallets.
async fn read(body: Bytes) -> Result<ToIssue, Response> {
    match tokio::task::spawn_blocking(move || ToIssue::read(&body)).await {
        Ok(read) => read.map_err(|problem| respond(problem.reply())),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
    }
}

async fn derive(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(&app, move |keys, _| vc_api::derive(&body, keys)).await
}

async fn status(State(app): State<Arc<App>>, body: Bytes) -> Response {
    work(&app, move |_, service| vc_api::set_status(&body, service)).await
}

/// Canonical forms and signatures take their time: not on the threads that serve wallets.
async fn work(
    app: &Arc<App>,
    what: impl FnOnce(&IssuerKeys, &Service) -> Reply + Send + 'static,
) -> Response {
    let app = Arc::clone(app);
    let done = tokio::task::spawn_blocking(move || {
        let api = app.vc_api.as_ref();
        api.map(|api| what(&api.keys, &app.service))
    });
    match done.await {
        Ok(Some(reply)) => respond(reply),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::Poll;

    use super::*;

    #[test]
    fn requests_are_read_on_no_thread_that_serves() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        // The only thread for such work is taken: nothing of it can be done meanwhile.
        let runtime = runtime.max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let (release, taken) = mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || taken.recv().is_err());
            let mut done = pin!(read(Bytes::from_static(b"{}")));
            let first = std::future::poll_fn(|context| {
                Poll::Ready(done.as_mut().poll(context).is_pending())
            });
            assert!(first.await, "done on the thread that serves");
            drop(release);
            assert!(busy.await.unwrap());
            let refused = done.await.err().unwrap();
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        });
    }

    #[test]
    fn a_file_without_a_token_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert!(read_token(&path).is_err(), "no file");
        for text in [
            "",
            "short",
            "sixteen letters, with spaces",
            &"a".repeat(2000),
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(read_token(&path).is_err(), "{text}");
        }
        std::fs::write(&path, "a-token-of-twenty-four-x\n").unwrap();
        let bearer = read_token(&path).unwrap();
        assert!(bearer.admits(Some("Bearer a-token-of-twenty-four-x")));
    }
}
