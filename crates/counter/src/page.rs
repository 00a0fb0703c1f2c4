//! "Read a code": the desk's page that shows a code and reads the one that a wallet shows in
//! return, by a camera, a scanner that types, a photo or a file. The pictures stay in the page;
//! only the message of a code comes here, to the routes of `codes`.
//!
//! Who may see it is who may see the desk. Scripts and the reader are the same for everybody.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use program::web::{asset, escape};
use serde_json::Value;

use crate::desk::{self, Visitor};
use crate::serve::App;
use crate::words;

/// The reader, compiled to WebAssembly, and the script that loads it.
pub(crate) struct Reader {
    script: &'static str,
    module: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/reader.rs"));

/// As the desk's, and: the camera's reader may run, in a worker of this counter's own.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
                      connect-src 'self'; img-src 'self' data:; worker-src 'self'; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// The camera for this page, and nothing else of the kind.
const PERMISSIONS: &str = "camera=(self), microphone=(), geolocation=(), display-capture=()";
const SCRIPT: &str = "text/javascript; charset=utf-8";

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/desk/read", get(page))
        .route("/desk/read.css", get(style))
        .route("/desk/read.js", get(script))
        .route("/desk/verdict.js", get(verdict))
        .route("/desk/reader/worker.js", get(worker))
        .route("/desk/reader/cairn-reader.js", get(reader_script))
        .route("/desk/reader/cairn-reader_bg.wasm", get(reader_module))
}

async fn page(Visitor(token): Visitor, State(app): State<Arc<App>>) -> Response {
    let head = format!(
        "<meta name=\"desk-token\" content=\"{}\">\n\
         <link rel=\"stylesheet\" href=\"/desk/read.css\">\n\
         <script src=\"/desk/read.js\" type=\"module\"></script>\n",
        escape(token.as_deref().unwrap_or_default())
    );
    let ledger = desk::condition(&app).await;
    let body = body(&app, &ledger, token.as_deref(), READER.is_some());
    let mut response = desk::html(StatusCode::OK, POLICY, &head, &body);
    let permissions = HeaderName::from_static("permissions-policy");
    response
        .headers_mut()
        .insert(permissions, header::HeaderValue::from_static(PERMISSIONS));
    response
}

fn body(app: &App, ledger: &Value, token: Option<&str>, reader: bool) -> String {
    let text = |name: &str| escape(ledger.get(name).and_then(Value::as_str).unwrap_or_default());
    let token = token.map(|token| format!("?token={}", escape(token)));
    format!(
        include_str!("../page/read.html"),
        demo = desk::demo(app),
        choices = desk::choices(app),
        token = token.unwrap_or_default(),
        level = text("level"),
        ledger = text("text"),
        seconds = app.forget_after,
        forget = escape(&words::whole(app.forget_after)),
        reader = if reader { "yes" } else { "no" },
        hide_camera = if reader { "" } else { " hidden" },
        no_reader = if reader {
            ""
        } else {
            "<p id=\"no-reader\" class=\"note warn\">This counter was built without its reader of \
             pictures, so this page cannot use a camera or a photo. A scanner that types works, \
             and so does <code>cairn-counter read</code>.</p>\n"
        },
    )
}

async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../page/read.css"))
}

async fn script() -> Response {
    asset(SCRIPT, include_str!("../page/read.js"))
}

async fn verdict() -> Response {
    asset(SCRIPT, include_str!("../page/verdict.js"))
}

/// A worker is held to the policy that came with it, not to the page's.
async fn worker() -> Response {
    let policy = [(header::CONTENT_SECURITY_POLICY, POLICY)];
    let script = asset(SCRIPT, include_str!("../page/worker.js"));
    (policy, script).into_response()
}

async fn reader_script() -> Response {
    match READER {
        Some(reader) => asset(SCRIPT, reader.script),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn reader_module() -> Response {
    match READER {
        Some(reader) => {
            let headers = [
                (header::CONTENT_TYPE, "application/wasm"),
                (header::CACHE_CONTROL, "no-cache"),
            ];
            (headers, reader.module).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::{POLICY, READER, reader_module, reader_script, worker};
    use axum::http::{StatusCode, header};

    /// What the policy of the page and of its worker lets in: this counter, and nobody else.
    #[test]
    fn nothing_comes_from_elsewhere() {
        for rule in POLICY.split(';') {
            let mut words = rule.split_whitespace();
            let name = words.next().unwrap();
            for source in words {
                let own = ["'none'", "'self'"].contains(&source);
                let reader = (name, source) == ("script-src", "'wasm-unsafe-eval'");
                let drawn = (name, source) == ("img-src", "data:");
                assert!(own || reader || drawn, "{rule}");
            }
        }
        for script in [
            include_str!("../page/read.js"),
            include_str!("../page/verdict.js"),
            include_str!("../page/worker.js"),
            include_str!("../page/read.html"),
            include_str!("desk.js"),
        ] {
            let addresses = script.replace("http://www.w3.org/2000/svg", "");
            assert!(!addresses.contains("http:") && !addresses.contains("https:"));
            assert!(!script.contains("innerHTML") && !script.contains("eval("));
        }
    }

    #[test]
    fn the_colours_are_the_wallets() {
        let wallet = include_str!("../../../ui/styles/tokens.css");
        let style = include_str!("../../../styles/page.css");
        let mut colours = style.lines().map(str::trim);
        assert!(colours.clone().any(|line| line.starts_with("--accent:")));
        assert!(colours.all(|line| !line.starts_with("--") || wallet.contains(line)));
    }

    #[tokio::test]
    async fn the_reader_is_served_if_it_was_built_and_missed_if_not() {
        let expected = match READER {
            Some(_) => StatusCode::OK,
            None => StatusCode::NOT_FOUND,
        };
        assert_eq!(reader_script().await.status(), expected);
        assert_eq!(reader_module().await.status(), expected);
        let worker = worker().await;
        assert_eq!(worker.headers()[header::CONTENT_SECURITY_POLICY], POLICY);
    }
}
