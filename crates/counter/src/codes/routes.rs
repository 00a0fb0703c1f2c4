//! The desk's routes for codes: a question for the screen, and an answer that was read.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use code::{Assembly, Word};
use keys::{b64, json};
use program::output::Failure;
use program::web;
use serde_json::{Value, json};

use crate::desk::{Clerk, purpose};
use crate::serve::App;
use crate::words;

/// The most texts of codes in one call.
const MAX_TEXTS: usize = 1024;

/// `POST /desk/codes/questions {"purpose"}` gives `{"text","svg","purpose","expires_at"}`.
/// `POST /desk/codes {"message": base64url}` or `{"texts": […]}` gives the result.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/desk/codes", post(read))
        .route("/desk/codes/questions", post(ask))
}

async fn ask(_: Clerk, State(app): State<Arc<App>>, body: Bytes) -> Response {
    let Some(purpose) = purpose(&body) else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "request",
            "the request is malformed",
        );
    };
    let asked = match app.ask_by_code(&purpose).await {
        Ok(asked) => asked,
        Err(failure) if failure.kind == "unknown_purpose" => {
            return web::json(StatusCode::NOT_FOUND, &failure.to_json());
        }
        Err(failure) => {
            return web::json(StatusCode::INTERNAL_SERVER_ERROR, &failure.to_json());
        }
    };
    match code::still(Word::ASK, &asked.bytes) {
        Some(symbol) => {
            let view = json!({
                "purpose": purpose,
                "text": symbol.text(),
                "svg": symbol.svg(),
                "expires_at": asked.expires_at.and_then(words::moment),
            });
            web::json(StatusCode::CREATED, &view)
        }
        None => refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "too_long",
            "the question does not fit into one code",
        ),
    }
}

async fn read(_: Clerk, State(app): State<Arc<App>>, body: Bytes) -> Response {
    let object = json::parse_object(&body).ok();
    let Some(message) = object
        .as_ref()
        .and_then(|object| message(object.get("message"), object.get("texts")))
    else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "no_code",
            "there is no whole code in the request",
        );
    };
    match app.read_code(message).await {
        Ok(told) => web::json(StatusCode::OK, &Value::Object(told)),
        Err(_) => refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "failed",
            "the data folder cannot be used, so nothing is accepted",
        ),
    }
}

/// The bytes of a code, put together already or not.
fn message(message: Option<&Value>, texts: Option<&Value>) -> Option<Vec<u8>> {
    if let Some(message) = message {
        return b64::decode(message.as_str()?).ok();
    }
    let texts = texts?.as_array().filter(|texts| texts.len() <= MAX_TEXTS)?;
    let mut assembly = Assembly::new(Word::ANSWER);
    for text in texts {
        // Other codes may lie before the camera.
        let _ = assembly.add(text.as_str()?);
    }
    assembly.message().map(<[u8]>::to_vec)
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response {
    web::json(status, &Failure::refused(kind, message, "").to_json())
}
