//! The clerk's page and the routes that it uses. Nothing comes from elsewhere.
//!
//! These routes make requests and read results, so they are for the desk only: for those who
//! know the desk's token, which is printed at start, and without it for browsers and scripts of
//! this machine while the counter can be reached from this machine only.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use keys::json;
use ledger::Band;
use program::output::Failure;
use program::web::{self, asset, escape, is_beside, same};
use program::{now, qr};
use serde_json::{Value, json};

use crate::page;
use crate::serve::App;
use crate::words;

const STYLE: &str = concat!(
    include_str!("../../../styles/page.css"),
    include_str!("desk.css")
);
const SCRIPT: &str = include_str!("desk.js");
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(index))
        .route("/desk", get(index))
        .merge(page::routes())
        .route("/desk/desk.css", get(style))
        .route("/desk/desk.js", get(script))
        .route("/desk/purposes", get(purposes))
        .route("/desk/ledger", get(ledger_condition))
        .route("/desk/requests", post(ask))
        .route("/desk/requests/{id}", get(look).delete(forget))
        .merge(crate::codes::routes::routes())
}

/// Whether somebody may use the desk. The `Origin` is looked at because a page of a stranger can
/// send what it cannot read.
fn may(app: &App, peer: SocketAddr, headers: &HeaderMap, token: Option<&str>) -> bool {
    let bearer = web::bearer(headers);
    if [bearer, token]
        .into_iter()
        .flatten()
        .any(|given| same(given, &app.desk_token))
    {
        return true;
    }
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).unwrap_or_default();
    let own_origin = text(header::ORIGIN).is_none_or(|origin| origin == format!("http://{host}"));
    app.local && is_beside(peer, headers) && own_origin
}

/// Who may use the desk: nobody else gets to what takes this.
pub(crate) struct Clerk;

impl FromRequestParts<Arc<App>> for Clerk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await;
        let ConnectInfo(peer) = peer.map_err(IntoResponse::into_response)?;
        may(app, peer, &parts.headers, None)
            .then_some(Self)
            .ok_or_else(forbidden)
    }
}

/// Who may see the desk's pages, with the token if it was given: a page hands it on only to those
/// who had it.
pub(crate) struct Visitor(pub(crate) Option<String>);

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await;
        let ConnectInfo(peer) = peer.map_err(IntoResponse::into_response)?;
        let query = Query::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let Query(mut query) = query.map_err(IntoResponse::into_response)?;
        let token = query.remove("token");
        if !may(app, peer, &parts.headers, token.as_deref()) {
            return Err(closed());
        }
        Ok(Self(token.filter(|given| same(given, &app.desk_token))))
    }
}

fn forbidden() -> Response {
    let failure = Failure::refused(
        "forbidden",
        "the desk is not open to you",
        "use the desk's address that the counter printed when it started",
    );
    web::json(StatusCode::FORBIDDEN, &failure.to_json())
}

fn unknown() -> Response {
    let failure = Failure::refused(
        "unknown",
        "there is no such request, or it is forgotten",
        "make a new request",
    );
    web::json(StatusCode::NOT_FOUND, &failure.to_json())
}

async fn ask(_: Clerk, State(app): State<Arc<App>>, body: Bytes) -> Response {
    let Some(purpose) = purpose(&body) else {
        let failure = Failure::refused("request", "the request is malformed", "");
        return web::json(StatusCode::BAD_REQUEST, &failure.to_json());
    };
    match app.ask(&purpose) {
        Ok(view) => web::json(StatusCode::CREATED, &with_code(view)),
        Err(failure) => {
            let status = match failure.kind.as_str() {
                "too_many" => StatusCode::SERVICE_UNAVAILABLE,
                "unknown_purpose" => StatusCode::NOT_FOUND,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            web::json(status, &failure.to_json())
        }
    }
}

/// The purpose that `{"purpose"}` names.
pub(crate) fn purpose(body: &[u8]) -> Option<String> {
    let object = json::parse_object(body).ok()?;
    Some(object.get("purpose")?.as_str()?.to_owned())
}

fn with_code(mut view: Value) -> Value {
    let link = view.get("link").and_then(Value::as_str).unwrap_or_default();
    let code = qr::element(link).ok();
    if let Some(members) = view.as_object_mut() {
        members.insert("qr_svg".to_owned(), json!(code));
    }
    view
}

async fn look(_: Clerk, State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    match app.asks.look(&id, now()) {
        Some(view) => web::json(StatusCode::OK, &view),
        None => unknown(),
    }
}

async fn forget(_: Clerk, State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    if app.asks.forget(&id) {
        return web::json(StatusCode::OK, &json!({}));
    }
    unknown()
}

async fn purposes(_: Clerk, State(app): State<Arc<App>>) -> Response {
    let list: Vec<Value> = app
        .purposes
        .iter()
        .map(|purpose| json!({"id": purpose.entry.id, "name": purpose.name(), "reason": purpose.reason()}))
        .collect();
    web::json(StatusCode::OK, &json!({"purposes": list}))
}

/// How old the ledger's word is, in a sentence.
async fn ledger_condition(_: Clerk, State(app): State<Arc<App>>) -> Response {
    web::json(StatusCode::OK, &condition(&app).await)
}

pub(crate) async fn condition(app: &App) -> Value {
    let Some(trust) = &app.trust else {
        return json!({"level": "danger", "text": "This counter follows no ledger. No card will be accepted."});
    };
    let condition = trust.condition().await;
    let name = words::visible(&condition.name);
    let (level, text) = match (&condition.refused, &condition.age) {
        (Some(reason), _) => (
            "danger",
            format!(
                "The newest update of {name} was refused ({reason}). Tell whoever runs this counter."
            ),
        ),
        (None, None) => (
            "danger",
            format!("{name} has not been read yet. No card will be accepted."),
        ),
        (None, Some(age)) => (
            match age.band {
                Band::Fresh => "ok",
                Band::Offline => "warn",
                Band::Stale => "danger",
            },
            format!("{name}, confirmed {} ago.", words::length(age.seconds)),
        ),
    };
    json!({"level": level, "text": text})
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

async fn script() -> Response {
    asset("text/javascript; charset=utf-8", SCRIPT)
}

async fn index(Visitor(token): Visitor, State(app): State<Arc<App>>) -> Response {
    let head = format!(
        "<meta name=\"desk-token\" content=\"{}\">\n<script src=\"/desk/desk.js\" type=\"module\"></script>\n",
        escape(token.as_deref().unwrap_or_default())
    );
    let ledger = condition(&app).await;
    html(
        StatusCode::OK,
        POLICY,
        &head,
        &desk(&app, &ledger, token.as_deref()),
    )
}

fn closed() -> Response {
    let body = "<h1>The desk is not open to you</h1>\n<p>Use the desk's address that the \
                counter printed when it started.</p>";
    html(StatusCode::FORBIDDEN, POLICY, "", body)
}

/// The purposes to choose from.
pub(crate) fn choices(app: &App) -> String {
    let mut choices = String::new();
    for (index, purpose) in app.purposes.iter().enumerate() {
        let checked = if index == 0 { " checked" } else { "" };
        let _ = writeln!(
            choices,
            "<div class=\"choice\"><input type=\"radio\" name=\"purpose\" id=\"p{index}\" \
             value=\"{}\" aria-describedby=\"r{index}\"{checked}>\
             <label for=\"p{index}\">{}</label><p id=\"r{index}\">{}</p></div>",
            escape(&purpose.entry.id),
            escape(purpose.name()),
            escape(purpose.reason()),
        );
    }
    choices
}

pub(crate) fn demo(app: &App) -> &'static str {
    if app.demo {
        "<p class=\"demo\"><strong>Demo.</strong> Nobody here is a real body, and no card is real.</p>\n"
    } else {
        ""
    }
}

fn desk(app: &App, ledger: &Value, token: Option<&str>) -> String {
    let token = token.map(|token| format!("?token={}", escape(token)));
    let text = |name: &str| escape(ledger.get(name).and_then(Value::as_str).unwrap_or_default());
    format!(
        include_str!("desk.html"),
        demo = demo(app),
        choices = choices(app),
        token = token.unwrap_or_default(),
        level = text("level"),
        ledger = text("text"),
        forget = escape(&words::whole(app.forget_after)),
    )
}

pub(crate) fn html(status: StatusCode, policy: &'static str, head: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Service counter</title>\n<link rel=\"icon\" href=\"/favicon.ico\">\n\
         <link rel=\"stylesheet\" href=\"/desk/desk.css\">\n{head}</head>\n\
         <body>\n{body}\n</body>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (status, headers, page).into_response()
}
