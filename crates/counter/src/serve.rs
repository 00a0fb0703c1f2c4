//! The web service: what wallets speak to, and the desk's routes beside it.

use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use keys::UnixTime;
use net::{Client, Http, Policy};
use program::address::{self, BadAddress};
use program::now;
use program::output::{self, Failure};
use program::web::{self, make_token};
use protocol::counter_code::MAX_OPEN;
use protocol::vc_api::Bearer;
use protocol::verifier::{Ask, Identity, MAX_BODY, Session};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;
use url::Url;

use crate::answer::{self, Means};
use crate::args::Global;
use crate::asks::{Asks, FetchError, NewAsk, TakeError, Terms};
use crate::codes::{self, Asked, Codes, Riders};
use crate::desk;
use crate::files::{Data, Running};
use crate::identity::{ANSWER, Me};
use crate::purposes::{self, Purpose};
use crate::status::Lists;
use crate::steady::Steady;
use crate::trust::Trust;
use crate::vc_api;

const SCHEME: &str = "openid4vp";
const DEFAULT_LISTEN: &str = "127.0.0.1:7102";
const SWEEP: Duration = Duration::from_secs(1);
const SYNC: Duration = Duration::from_secs(300);
/// How often what lies on the disk for long enough is removed, also while nobody comes.
const SWEEP_CODES: Duration = Duration::from_secs(60);
/// The longest `wallet_nonce`, in bytes.
const MAX_NONCE: usize = 1024;

/// What every request sees.
pub(crate) struct App {
    pub(crate) purposes: Arc<[Purpose]>,
    pub(crate) asks: Asks,
    pub(crate) desk_token: String,
    /// Only programs of this machine can reach the counter: the desk opens to them.
    pub(crate) local: bool,
    pub(crate) demo: bool,
    pub(crate) forget_after: i64,
    open_for: i64,
    pub(crate) trust: Option<Arc<Trust>>,
    /// Who has the token may use the interface for programs.
    pub(crate) vc_api: Option<Bearer>,
    base: Url,
    identity: Arc<Identity>,
    http: Arc<dyn Http>,
    lists: Arc<Lists>,
    codes: Arc<Codes>,
    riders: Riders,
    encrypted: bool,
    redirect_uri: Option<Url>,
}

/// A counter that is bound to its address.
pub(crate) struct Counter {
    pub(crate) app: Arc<App>,
    pub(crate) address: SocketAddr,
    listener: TcpListener,
    client_id: String,
    sweep_every: Duration,
    _lock: File,
}

impl Counter {
    /// Reads everything, binds, fetches the ledger.
    pub(crate) async fn open(data: &Data, global: &Global, listen: &str) -> Result<Self, Failure> {
        let lock = data
            .lock()?
            .context("this data folder is being served already: stop that counter first")?;
        let purposes = purposes::read(global.purposes.as_deref(), global.demo)?;
        let me = Me::open(data, global)?;
        let policy = Policy { demo: global.demo };
        let http: Arc<dyn Http> = Arc::new(Client::new(policy).map_err(anyhow::Error::from)?);
        let listen = match global.listen {
            Some(listen) => listen,
            None => listen.parse().map_err(anyhow::Error::from)?,
        };
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr().map_err(anyhow::Error::from)?;
        let base = public_url(global.public_url.as_deref(), address)?;
        let trust = Trust::open(data, global, Arc::clone(&http)).await?;
        let client_id = me.client_id(&base)?;
        let identity = Arc::new(me.identity);
        let vc_api = global.vc_api_token.as_deref();
        let vc_api = vc_api.map(vc_api::read_token).transpose()?;
        let codes = Codes::new(
            &data.path("codes"),
            client_id.clone(),
            Arc::clone(&identity),
        );
        codes.sweep(now())?;
        let app = App {
            purposes: purposes.into(),
            asks: Asks::new(Terms {
                open_for: global.open_for,
                forget_after: global.forget_after,
                refetch: global.refetch,
            }),
            desk_token: make_token(),
            local: address.ip().is_loopback() && address::is_loopback(&base),
            demo: global.demo,
            forget_after: global.forget_after,
            open_for: global.open_for,
            trust: trust.map(Arc::new),
            vc_api,
            base,
            codes: Arc::new(codes),
            riders: Riders::of(global),
            identity,
            http,
            lists: Arc::new(Lists::open(data.path("lists"))),
            encrypted: !global.unencrypted,
            redirect_uri: global.redirect_uri.clone(),
        };
        Ok(Self {
            app: Arc::new(app),
            address,
            listener,
            client_id,
            sweep_every: SWEEP_CODES,
            _lock: lock,
        })
    }

    /// Serves until `stop` ends.
    pub(crate) async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let sweeper = tokio::spawn(sweep(Arc::clone(&self.app)));
        let syncer = tokio::spawn(keep_synced(self.app.trust.clone()));
        let codes = Arc::clone(&self.app.codes);
        let cleaner = tokio::spawn(keep_swept(codes, self.sweep_every));
        let service = router(self.app).into_make_service_with_connect_info::<SocketAddr>();
        let served = axum::serve(self.listener, service)
            .with_graceful_shutdown(stop)
            .await;
        sweeper.abort();
        syncer.abort();
        cleaner.abort();
        served.context("the counter broke")
    }
}

/// `serve`.
pub(crate) async fn run(data: &Data, global: &Global) -> Result<(), Failure> {
    let counter = Counter::open(data, global, DEFAULT_LISTEN).await?;
    let here = address::reachable(counter.address);
    data.save_running(&Running {
        url: format!("http://{here}"),
        token: counter.app.desk_token.clone(),
    })?;
    announce(&counter, here, global.json);
    if let Some(trust) = &counter.app.trust
        && let Err(error) = trust.sync().await
    {
        output::note(format_args!(
            "warning: the ledger could not be fetched: {error}"
        ));
    }
    let served = counter.serve(address::stopped()).await;
    data.forget_running();
    Ok(served?)
}

fn announce(counter: &Counter, here: SocketAddr, as_json: bool) {
    let desk = format!("http://{here}/desk?token={}", counter.app.desk_token);
    let address = counter.address;
    if as_json {
        output::json(&json!({"listening": format!("http://{address}")}));
        output::json(&json!({"client_id": counter.client_id, "desk": desk}));
    } else {
        output::line(format_args!("Listening on http://{address}"));
        output::line(format_args!("Client id: {}", counter.client_id));
        output::line(format_args!("Desk: {desk}"));
        if counter.app.trust.is_none() {
            output::note("warning: no --ledger is given: no issuer will be accepted");
        }
    }
}

impl App {
    pub(crate) fn http(&self) -> &Arc<dyn Http> {
        &self.http
    }

    /// Judges the message of a wallet's code, and takes it where it is good. No network is used.
    pub(crate) async fn read_code(&self, message: Vec<u8>) -> anyhow::Result<Map<String, Value>> {
        let means = codes::Means {
            purposes: Arc::clone(&self.purposes),
            trust: self.trust.clone(),
            lists: Arc::clone(&self.lists),
        };
        self.codes.read(message, means, now()).await
    }

    /// A code for the screen, signed and good for one answer.
    pub(crate) async fn ask_by_code(&self, purpose: &str) -> Result<Asked, Failure> {
        let purpose = purposes::find(&self.purposes, purpose)?;
        let open_for = self.open_for.min(MAX_OPEN);
        let time = now();
        let until = time.saturating_add(open_for);
        let wants = self.riders.of_question(self.trust.as_deref(), until).await;
        self.codes.ask_live(purpose, wants, open_for, time)
    }

    /// Makes a request for a purpose:
    /// `{"id","link","request_uri","purpose","expires_at","status_url"}`.
    pub(crate) fn ask(&self, purpose: &str) -> Result<Value, Failure> {
        let purpose = purposes::find(&self.purposes, purpose)?;
        let public = make_token();
        let path = match *self.identity {
            // The address is the client id, so all requests share it.
            Identity::RedirectUri => ANSWER.to_owned(),
            _ => format!("{ANSWER}/{public}"),
        };
        let join = |path: &str| self.base.join(path).map_err(anyhow::Error::from);
        let ask = Ask {
            query: purpose.query.clone(),
            purpose: Some(purpose.entry.id.clone()),
            response_uri: join(&path)?,
            encrypted: self.encrypted,
        };
        let session = Session::make(&self.identity, ask);
        let request_uri = join(&format!("request/{public}"))?;
        let new = NewAsk {
            public,
            purpose: purpose.entry.id.clone(),
            purpose_name: purpose.name().to_owned(),
            link: session.link_by_reference(SCHEME, &request_uri, true),
            request_uri: request_uri.to_string(),
            session,
        };
        let too_many = || {
            Failure::refused(
                "too_many",
                "too many requests are open",
                "wait until some are over",
            )
        };
        let time = now();
        let id = self.asks.add(new, time).ok_or_else(too_many)?;
        let mut view = self.asks.look(&id, time).ok_or_else(too_many)?;
        if let Some(members) = view.as_object_mut() {
            let status = join(&format!("desk/requests/{id}"))?;
            members.insert("status_url".to_owned(), status.as_str().into());
        }
        Ok(view)
    }
}

/// The address that wallets use: https, or what this listens on where that is loopback.
fn public_url(given: Option<&str>, listens: SocketAddr) -> Result<Url, Failure> {
    let advice = "for example --public-url https://desk.example, with a proxy that speaks TLS";
    address::public_url(given, listens).map_err(|bad| match bad {
        BadAddress::Missing => {
            let message = "beyond loopback the counter needs its https address";
            Failure::refused("public_url", message, advice)
        }
        BadAddress::NotPlain => Failure::refused("public_url", bad, advice),
        BadAddress::NotUrl(_) => anyhow::Error::from(bad).into(),
    })
}

async fn sweep(app: Arc<App>) {
    let mut tick = tokio::time::interval(SWEEP);
    loop {
        tick.tick().await;
        app.asks.sweep(now());
    }
}

/// What citizens were told is kept for so long ends then, whether or not anybody comes.
///
/// A clock that leapt is not believed for an hour: nobody is there to see that it is wrong, and
/// the marks of codes that were taken would go.
async fn keep_swept(codes: Arc<Codes>, every: Duration) {
    let mut tick = tokio::time::interval(every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut steady = Steady::new(now(), Instant::now());
    let mut failed = false;
    loop {
        tick.tick().await;
        let Some(swept) = sweep_if_calm(&codes, &mut steady, now(), Instant::now()).await else {
            continue;
        };
        let fails = swept.is_err();
        if fails && !failed {
            output::note(
                "warning: the data folder cannot be used: what is kept there for too long is not removed",
            );
        }
        failed = fails;
    }
}

/// Removes what is over by this clock, unless it leapt; nothing then.
async fn sweep_if_calm(
    codes: &Arc<Codes>,
    steady: &mut Steady,
    clock: UnixTime,
    at: Instant,
) -> Option<anyhow::Result<()>> {
    if !steady.is_calm(clock, at) {
        return None;
    }
    let codes = Arc::clone(codes);
    let work = tokio::task::spawn_blocking(move || codes.sweep(clock));
    Some(match work.await {
        Ok(swept) => swept,
        Err(error) => Err(error.into()),
    })
}

async fn keep_synced(trust: Option<Arc<Trust>>) {
    let Some(trust) = trust else { return };
    let mut tick = tokio::time::interval(SYNC);
    tick.tick().await;
    loop {
        tick.tick().await;
        if let Err(error) = trust.sync().await {
            output::note(format_args!(
                "warning: the ledger could not be fetched: {error}"
            ));
        }
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(
            "/request/{public}",
            get(request_object).post(request_object),
        )
        .route("/answer", post(shared_answer))
        .route("/answer/{public}", post(answer))
        .route(web::ICON_PATH, get(web::icon))
        .merge(desk::routes())
        .merge(vc_api::routes(&app))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(harden))
        .with_state(app)
}

/// Headers that every answer has. A page sets a wider policy for itself.
async fn harden(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut put = |name, value| headers.insert(name, HeaderValue::from_static(value));
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "no-referrer");
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// An error as OAuth 2.0 writes it.
fn error(status: StatusCode, code: &str, description: &str) -> Response {
    let body =
        json!({"error": code, "error_description": description.replace(['"', '\\', '`'], "'")});
    web::json(status, &body)
}

/// `request_uri`, by GET or by POST with the wallet's nonce (OpenID4VP 1.0 §5.10).
async fn request_object(
    State(app): State<Arc<App>>,
    Path(public): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else { return too_long() };
    let mut nonces = url::form_urlencoded::parse(&body)
        .take(32)
        .filter(|(name, _)| name == "wallet_nonce")
        .map(|(_, value)| value.into_owned());
    let nonce = nonces.next();
    if nonces.next().is_some() || nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE) {
        let status = StatusCode::BAD_REQUEST;
        return error(status, "invalid_request", "wallet_nonce is malformed");
    }
    let time = now();
    let made = app.asks.fetch(&public, time, |session, left| {
        session.request_object(&app.identity, nonce.as_deref(), time, left)
    });
    match made {
        Ok(object) => {
            let kind = [(header::CONTENT_TYPE, "application/oauth-authz-req+jwt")];
            (StatusCode::OK, kind, object).into_response()
        }
        Err(reason) => {
            let status = match reason {
                FetchError::Unknown => StatusCode::NOT_FOUND,
                FetchError::Fetched | FetchError::Over => StatusCode::GONE,
            };
            error(status, "invalid_request_uri", &reason.to_string())
        }
    }
}

async fn shared_answer(
    State(app): State<Arc<App>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    take_answer(app, None, body).await
}

async fn answer(
    State(app): State<Arc<App>>,
    Path(public): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    take_answer(app, Some(public), body).await
}

/// The response endpoint (OpenID4VP 1.0 §8.2).
async fn take_answer(
    app: Arc<App>,
    public: Option<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else { return too_long() };
    let taken = match app.asks.take(public.as_deref(), &body, now()) {
        Ok(taken) => taken,
        Err(reason) => {
            let status = match reason {
                TakeError::Unknown => StatusCode::NOT_FOUND,
                _ => StatusCode::BAD_REQUEST,
            };
            return error(status, "invalid_request", &reason.to_string());
        }
    };
    // A wallet that hangs up must not leave the desk waiting for ever.
    let work = tokio::spawn(async move {
        let means = Means {
            http: &*app.http,
            trust: app.trust.as_deref(),
            lists: &app.lists,
        };
        let weighed = answer::weigh(&taken.session, &taken.received, means, now()).await;
        app.asks.finish(&taken.id, weighed.result, now());
        (weighed.good, app.redirect_uri.clone())
    });
    match work.await {
        Ok((true, redirect_uri)) => {
            let body = match redirect_uri {
                Some(url) => json!({"redirect_uri": url.as_str()}),
                None => json!({}),
            };
            web::json(StatusCode::OK, &body)
        }
        Ok((false, _)) => {
            let text = "what was presented does not pass the checks";
            error(StatusCode::BAD_REQUEST, "invalid_request", text)
        }
        Err(_) => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "it broke",
        ),
    }
}

fn too_long() -> Response {
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    error(status, "invalid_request", "the body is too long")
}

#[cfg(test)]
mod tests;
