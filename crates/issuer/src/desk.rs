//! The clerk's pages. No scripts, nothing from elsewhere.
//!
//! ```text
//! form ─► check ─► question ─► offer          (or the details as JSON ─► offer)
//! ```
//!
//! It opens to those who know the desk's token, which is printed at start, and without it to
//! browsers of this machine while the service can be reached from this machine only. Making an
//! offer always needs the token; the page carries it in its form, where a page from elsewhere
//! cannot read it.

mod page;
mod sent;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use keys::json;
use program::now;
use program::web::{self, escape, is_beside, same};
use protocol::issuer::{
    ClaimsError, Form as CardForm, IssuedType, MAX_BATCH, OfferTerms, TxCodeTerms,
};
use serde_json::{Map, Value};

use self::page::Filled;
use self::sent::Sent;
use crate::form::{self, Faults};
use crate::offer;
use crate::serve::App;

const STYLE: &str = include_str!("desk.css");
/// So that it is heard first.
const NOT_OFFERED: &str = "Error: nothing was offered";
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

pub(crate) async fn style() -> Response {
    web::asset("text/css; charset=utf-8", STYLE)
}

/// How a card is offered, as the clerk wrote it.
struct Terms {
    format: String,
    copies: String,
    tx_code: bool,
}

impl Terms {
    fn usual(app: &App, chosen: &IssuedType) -> Self {
        let forms = app.service.forms(chosen);
        Self {
            format: forms
                .first()
                .map(|form| form.name())
                .unwrap_or_default()
                .to_owned(),
            copies: "10".to_owned(),
            tx_code: true,
        }
    }
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let token = query.get("token");
    let known = token.is_some_and(|token| same(token, &app.desk_token));
    if !(known || app.local && is_beside(peer, &headers)) {
        return forbidden();
    }
    let text = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let chosen = app.service.type_named(text("type"));
    let Some(chosen) = chosen.or(app.service.types().first()) else {
        let body = "<p>This issuer has no types.</p>";
        return html(StatusCode::OK, "Issuer desk", body);
    };
    let sample = text("fill") != "none";
    let claims = match sample {
        true => form::sample(&chosen.example),
        false => Map::new(),
    };
    let filled = Filled {
        claims: &claims,
        terms: &Terms::usual(&app, chosen),
        faults: &Faults::new(),
        problem: None,
        written: None,
        sample,
    };
    let body = page::desk(&app, chosen, &filled);
    html(StatusCode::OK, "Issuer desk", &body)
}

/// Looks at what was filled in: asks whether the card is to be offered, or says what is wrong.
pub(crate) async fn check(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let Some(chosen) = app.service.type_named(sent.text("type")) else {
        return no_such_card(&app);
    };
    let terms = sent.terms();
    let fields = page::fields(chosen);
    // The question sends the claims back whole, to be changed.
    let back = sent.find("claims").map(str::as_bytes);
    let back = back.and_then(|claims| json::parse_object(claims).ok());
    let goes_on = back.is_some() || sent.find("more").is_some();
    let claims = back.unwrap_or_else(|| form::read(&fields, &sent.0));
    let faults = match chosen.check(&claims) {
        Err(ClaimsError::Schema(broken)) if !goes_on => form::faults(&fields, &broken),
        _ => Faults::new(),
    };
    let problem = match goes_on {
        true => None,
        false => terms_problem(&app, chosen, &terms),
    };
    if !goes_on && faults.is_empty() && problem.is_none() {
        let body = page::question(&app, chosen, &claims, &terms);
        return html(StatusCode::OK, "Offer this card?", &body);
    }
    let filled = Filled {
        claims: &claims,
        terms: &terms,
        faults: &faults,
        problem,
        written: None,
        sample: false,
    };
    let body = page::desk(&app, chosen, &filled);
    match goes_on {
        true => html(StatusCode::OK, "Issuer desk", &body),
        false => html(StatusCode::UNPROCESSABLE_ENTITY, NOT_OFFERED, &body),
    }
}

fn terms_problem(app: &App, chosen: &IssuedType, terms: &Terms) -> Option<&'static str> {
    let forms = app.service.forms(chosen);
    if !forms.iter().any(|form| form.name() == terms.format) {
        return Some("Choose one of the formats.");
    }
    let copies: Option<usize> = terms.copies.parse().ok();
    if !copies.is_some_and(|copies| (1..=MAX_BATCH).contains(&copies)) {
        return Some("The number of copies does not fit.");
    }
    None
}

pub(crate) async fn offer(State(app): State<Arc<App>>, sent: Sent) -> Response {
    let Some(chosen) = app.service.type_named(sent.text("type")) else {
        return no_such_card(&app);
    };
    let terms = sent.terms();
    let written = sent.text("claims");
    let again = |claims: &Map<String, Value>, faults: &Faults, problem: &str| {
        let filled = Filled {
            claims,
            terms: &terms,
            faults,
            problem: Some(problem),
            written: Some(written),
            sample: false,
        };
        let body = page::desk(&app, chosen, &filled);
        html(StatusCode::UNPROCESSABLE_ENTITY, NOT_OFFERED, &body)
    };
    let Ok(claims) = json::parse_object(written.as_bytes()) else {
        let problem = "The claims are not a JSON object.";
        return again(&Map::new(), &Faults::new(), problem);
    };
    let offered = OfferTerms {
        type_name: chosen.id.clone(),
        form: CardForm::from_name(&terms.format),
        claims: claims.clone(),
        tx_code: match terms.tx_code {
            true => TxCodeTerms::Random,
            false => TxCodeTerms::Absent,
        },
        by_reference: false,
        copies: terms.copies.parse().unwrap_or_default(),
        offer_lifetime: 3600,
        valid_for: None,
    };
    match offer::make(&app.service, offered, now()) {
        Ok(made) => html(StatusCode::OK, "Offer", &page::made_page(&app, &made)),
        Err(failure) => {
            let faults = match chosen.check(&claims) {
                Err(ClaimsError::Schema(broken)) => form::faults(&page::fields(chosen), &broken),
                _ => Faults::new(),
            };
            let problem = match faults.is_empty() {
                true => failure.message.as_str(),
                false => "",
            };
            again(&claims, &faults, problem)
        }
    }
}

fn forbidden() -> Response {
    html(
        StatusCode::FORBIDDEN,
        "Not open",
        "<h1>The desk is not open to you</h1>\n<p>Nothing was offered. Use the desk's address \
         that the service printed when it started.</p>",
    )
}

/// To somebody who has a page of this desk: of a card that it had when it was started before.
fn no_such_card(app: &App) -> Response {
    let body = format!(
        "<h1>This issuer does not have that card</h1>\n<p><strong>Nothing was offered.</strong> \
         The desk was started with other cards, or the address of this page was changed.</p>\n\
         <p><a href=\"/desk?token={}\">Choose a card at the desk</a></p>",
        escape(&app.desk_token)
    );
    html(StatusCode::UNPROCESSABLE_ENTITY, NOT_OFFERED, &body)
}

fn html(status: StatusCode, title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"icon\" href=\"/favicon.ico\">\n<link rel=\"stylesheet\" href=\"/desk/desk.css\">\n</head>\n\
         <body>\n<main>\n{body}\n</main>\n</body>\n</html>\n",
        escape(title)
    );
    (
        status,
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::CACHE_CONTROL, "no-store"),
        ],
        page,
    )
        .into_response()
}
