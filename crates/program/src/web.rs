//! What a program answers over HTTP: pages, objects, and whom it lets in.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use keys::b64;
use protocol::issuer::Reply;
use protocol::vc_api::Bearer;
use rand::RngCore as _;
use rand::rngs::OsRng;
use serde_json::Value;
use url::Url;

use crate::address::is_loopback;

/// 256 random bits.
#[must_use]
pub fn make_token() -> String {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    b64::encode(bytes)
}

/// Compares without telling by time how much fits.
#[must_use]
pub fn same(given: &str, expected: &str) -> bool {
    given.len() == expected.len()
        && given
            .bytes()
            .zip(expected.bytes())
            .fold(0, |difference, (a, b)| difference | (a ^ b))
            == 0
}

/// The token that comes with a request, given or not (RFC 6750 §2.1).
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    given.strip_prefix("Bearer ")
}

/// Whether a program of this computer asks, at an address of this computer. The `Host` is looked
/// at because a name of a stranger can be made to point here.
#[must_use]
pub fn is_beside(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(|host| Url::parse(&format!("http://{host}/")).ok());
    peer.ip().to_canonical().is_loopback() && host.is_some_and(|url| is_loopback(&url))
}

/// Lets nobody on without the token, before any of the body is read; where there is none, there is
/// nothing (RFC 6750 §3).
pub async fn guard(bearer: Option<&Bearer>, request: Request, next: Next) -> Response {
    let Some(bearer) = bearer else {
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

/// An answer that the protocol made.
#[must_use]
pub fn respond(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = status;
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// An object that no cache keeps.
#[must_use]
pub fn json(status: StatusCode, value: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, value.to_string()).into_response()
}

/// A file that comes with the program; it may be another in the next version.
#[must_use]
pub fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

/// Where browsers look for an icon.
pub const ICON_PATH: &str = "/favicon.ico";

/// The product's icon, for [`ICON_PATH`] and for the pages' own link to it.
pub async fn icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/x-icon"),
        (header::CACHE_CONTROL, "max-age=86400"),
    ];
    let icon: &'static [u8] = include_bytes!("../../../icons/icon.ico");
    (headers, icon).into_response()
}

/// Text as a part of HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_the_same_as_themselves_alone() {
        let token = make_token();
        assert!(same(&token, &token));
        assert!(!same(&token, &make_token()));
        assert!(!same(&token[1..], &token));
        assert!(!same("", &token));
    }

    #[test]
    fn beside_is_by_address_and_by_name() {
        let here = SocketAddr::from(([127, 0, 0, 1], 5));
        let asks = |peer: SocketAddr, host: &str| {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            is_beside(peer, &headers)
        };
        assert!(asks(here, "localhost:7000") && asks(here, "[::1]:7000"));
        assert!(asks("[::ffff:127.0.0.1]:5".parse().unwrap(), "127.0.0.1"));
        assert!(!asks(here, "stranger.example"));
        assert!(!asks(here, "localhost@stranger.example"));
        assert!(!asks("192.0.2.1:5".parse().unwrap(), "localhost"));
        assert!(!is_beside(here, &HeaderMap::new()));
    }

    #[test]
    fn nothing_of_a_text_is_markup() {
        let escaped = escape("<a href=\"x\" title='y'>&</a>");
        assert!(!escaped.contains(['<', '>', '"', '\'']));
        assert_eq!(escape("&amp;"), "&amp;amp;");
    }
}
