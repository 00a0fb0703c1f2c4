//! The web service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use keys::json;
use program::address::{self, BadAddress};
use program::now;
use program::output::{self, Failure};
use program::web::{self, make_token, respond, same};
use protocol::issuer::{Form, MAX_BODY, OfferFailure};
use serde_json::json;
use url::Url;

use crate::admin;
use crate::args::Serve;
use crate::desk;
use crate::files::{Admin, Data, Settings};
use crate::offer;
use crate::open::{self, Service};
use crate::status;
use crate::vc_api::{self, VcApi};

const SWEEP: Duration = Duration::from_secs(60);

/// What every request sees.
pub(crate) struct App {
    pub(crate) service: Service,
    pub(crate) desk_token: String,
    /// Only programs of this machine can reach the service: the desk opens to them.
    pub(crate) local: bool,
    /// Nothing here is real, and the desk's pages say so.
    pub(crate) demo: bool,
    admin_token: String,
    pub(crate) vc_api: Option<VcApi>,
}

pub(crate) async fn run(data: &Data, serve: Serve, as_json: bool) -> Result<(), Failure> {
    let records = open::records(data)?
        .context("this data folder is being served already: stop that service first")?;
    let listener = tokio::net::TcpListener::bind(serve.listen)
        .await
        .with_context(|| format!("cannot listen on {}", serve.listen))?;
    let address = listener.local_addr().map_err(anyhow::Error::from)?;
    let url = public_url(serve.public_url.as_deref(), address)?;
    let settings = Settings {
        url: url.as_str().trim_end_matches('/').to_owned(),
        name: serve.name,
        types: serve.types,
        formats: serve
            .formats
            .iter()
            .map(|&format| Form::from(format).name().to_owned())
            .collect(),
        key_by: serve.key_by.name().to_owned(),
        key: serve.key.map(absolute).transpose()?,
        cert: serve.cert.map(absolute).transpose()?,
        dpop: serve.dpop.name().to_owned(),
        bbs: serve.bbs,
        status_ttl: serve.status_ttl,
    };
    let key = data.key(settings.key.as_deref(), Some(serve.alg))?;
    let local = address.ip().is_loopback() && address::is_loopback(&url);
    let vc_api = serve
        .vc_api_token
        .map(|token| VcApi::open(&token, data, &settings, local))
        .transpose()?;
    let service = open::issuer(data, &settings, key, records)?;
    data.save_settings(&settings)?;
    let app = Arc::new(App {
        service,
        desk_token: make_token(),
        local,
        // Wallets use plain HTTP in the demo only.
        demo: serve.demo || url.scheme() == "http",
        admin_token: make_token(),
        vc_api,
    });
    let here = address::reachable(address);
    data.save_admin(&Admin {
        url: format!("http://{here}"),
        token: app.admin_token.clone(),
    })?;
    announce(&app, address, here, &settings, as_json);
    if settings.formats.iter().any(|name| name == Form::Bbs.name()) {
        note_nested(&app);
    }
    let sweeper = tokio::spawn(sweep(Arc::clone(&app)));
    let served = axum::serve(
        listener,
        router(app).into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(address::stopped())
    .await;
    sweeper.abort();
    data.forget_admin();
    served.context("the service broke")?;
    Ok(())
}

fn announce(app: &App, address: SocketAddr, here: SocketAddr, settings: &Settings, as_json: bool) {
    let desk = format!("http://{here}/desk?token={}", app.desk_token);
    if as_json {
        output::json(&json!({"listening": format!("http://{address}")}));
        output::json(&json!({"issuer": settings.url, "desk": desk}));
        if let Some(api) = &app.vc_api {
            output::json(&json!({"vc_api": api.issuers()}));
        }
    } else {
        output::line(format_args!("Listening on http://{address}"));
        output::line(format_args!("Issuer: {} ({})", settings.url, settings.name));
        output::line(format_args!("Desk: {desk}"));
        if let Some(api) = &app.vc_api {
            output::line(format_args!("VC API for: {}", api.issuers().join(" ")));
        }
    }
}

/// Who wants unlinkable cards of all types is told of which there are none.
fn note_nested(app: &App) {
    let types = app.service.types().iter();
    let nested: Vec<&str> = types
        .filter(|known| !known.is_flat())
        .map(|known| known.id.as_str())
        .collect();
    if !nested.is_empty() {
        let why = OfferFailure::Nested;
        output::note(format_args!("warning: {why}; so not {}", nested.join(", ")));
    }
}

/// The address that wallets use: https, or what this listens on where that is loopback.
fn public_url(given: Option<&str>, listens: SocketAddr) -> Result<Url, Failure> {
    address::public_url(given, listens).map_err(|bad| match bad {
        BadAddress::Missing => {
            let advice = "give --public-url https://… and let a proxy speak TLS";
            Failure::refused("public_url", bad, advice)
        }
        BadAddress::NotPlain => {
            let advice = "for example --public-url https://issuer.example";
            Failure::refused("public_url", bad, advice)
        }
        BadAddress::NotUrl(_) => anyhow::Error::from(bad).into(),
    })
}

fn absolute(path: std::path::PathBuf) -> anyhow::Result<std::path::PathBuf> {
    std::path::absolute(&path).with_context(|| format!("cannot find {}", path.display()))
}

async fn sweep(app: Arc<App>) {
    let mut tick = tokio::time::interval(SWEEP);
    loop {
        tick.tick().await;
        if app.service.sweep(now()).is_err() {
            output::note("warning: the records could not be swept");
        }
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/token", post(token))
        .route("/nonce", post(nonce))
        .route("/credential", post(credential))
        .route("/notification", post(notification))
        .route("/offers/{secret}", get(offered))
        .route("/status/{number}", get(status_list))
        .route("/status/{number}/{purpose}", get(status_bits))
        .route(admin::PATH, get(admin_list).post(admin_offer))
        .route(admin::STATUS_PATH, get(admin_lists).post(admin_status))
        .merge(vc_api::routes(&app))
        .route("/desk", get(desk::page))
        .route("/desk/check", post(desk::check))
        .route("/desk/offers", post(desk::offer))
        .route("/desk/desk.css", get(desk::style))
        .route(web::ICON_PATH, get(web::icon))
        .fallback(get(document))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(harden))
        .with_state(app)
}

/// Headers that every answer has. A page sets a wider policy for itself.
async fn harden(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    response
}

fn texts<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).iter();
    // One that is no text must still count, so that it is refused.
    values
        .map(|value| value.to_str().unwrap_or_default())
        .collect()
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

async fn token(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    respond(app.service.token(&body, &texts(&headers, "dpop"), now()))
}

async fn nonce(State(app): State<Arc<App>>) -> Response {
    respond(app.service.nonce(now()))
}

async fn credential(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let proofs = texts(&headers, "dpop");
    let authorization = authorization(&headers);
    respond(app.service.credential(authorization, &proofs, &body, now()))
}

async fn notification(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Response {
    let proofs = texts(&headers, "dpop");
    let authorization = authorization(&headers);
    respond(
        app.service
            .notification(authorization, &proofs, &body, now()),
    )
}

async fn offered(State(app): State<Arc<App>>, Path(secret): Path<String>) -> Response {
    respond(app.service.offer_by_reference(&secret, now()))
}

async fn status_list(
    State(app): State<Arc<App>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Response {
    let accept = texts(&headers, "accept").join(",");
    respond(app.service.status_list(&number, None, &accept, now()))
}

async fn status_bits(
    State(app): State<Arc<App>>,
    Path((number, purpose)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let accept = texts(&headers, "accept").join(",");
    let purpose = Some(purpose.as_str());
    respond(app.service.status_list(&number, purpose, &accept, now()))
}

async fn document(State(app): State<Arc<App>>, uri: Uri) -> Response {
    match app.service.document(uri.path()) {
        Some(reply) => respond(reply),
        None => (StatusCode::NOT_FOUND, "not found\n").into_response(),
    }
}

/// The owner of the data folder, on this machine: nobody else gets to what takes this.
struct Owner;

impl FromRequestParts<Arc<App>> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await;
        let ConnectInfo(peer) = peer.map_err(IntoResponse::into_response)?;
        let known = web::bearer(&parts.headers).is_some_and(|token| same(token, &app.admin_token));
        if peer.ip().to_canonical().is_loopback() && known {
            return Ok(Self);
        }
        let message = "this is for the owner of the data folder";
        let failure = Failure::refused("forbidden", message, "");
        Err(web::json(StatusCode::FORBIDDEN, &failure.to_json()))
    }
}

fn failure_response(failure: &Failure) -> Response {
    let status = match failure.exit {
        2 => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    web::json(status, &failure.to_json())
}

async fn admin_list(_: Owner, State(app): State<Arc<App>>) -> Response {
    match app.service.list(now()) {
        Ok(grants) => web::json(StatusCode::OK, &offer::list_view(&grants)),
        Err(error) => failure_response(&anyhow::Error::from(error).into()),
    }
}

async fn admin_offer(_: Owner, State(app): State<Arc<App>>, body: axum::body::Bytes) -> Response {
    let terms = json::parse_object(&body)
        .ok()
        .and_then(|object| admin::terms_from_json(&object));
    let Some(terms) = terms else {
        let failure = Failure::refused("request", "the request is malformed", "");
        return failure_response(&failure);
    };
    match offer::make(&app.service, terms, now()) {
        Ok(made) => web::json(StatusCode::OK, &made),
        Err(failure) => failure_response(&failure),
    }
}

async fn admin_lists(_: Owner, State(app): State<Arc<App>>) -> Response {
    match status::lists(&app.service) {
        Ok(lists) => web::json(StatusCode::OK, &lists),
        Err(failure) => failure_response(&failure),
    }
}

async fn admin_status(_: Owner, State(app): State<Arc<App>>, body: axum::body::Bytes) -> Response {
    let wanted = json::parse_object(&body)
        .ok()
        .and_then(|object| status::from_json(&object));
    let Some((id, action)) = wanted else {
        let failure = Failure::refused("request", "the request is malformed", "");
        return failure_response(&failure);
    };
    match status::set(&app.service, &id, action) {
        Ok(changed) => web::json(StatusCode::OK, &changed),
        Err(failure) => failure_response(&failure),
    }
}
