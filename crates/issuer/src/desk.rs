//! The clerk's page. No scripts, nothing from elsewhere.
//!
//! It opens to those who know the desk's token, which is printed at start, and without it to
//! browsers of this machine while the service can be reached from this machine only. Making an
//! offer always needs the token; the page carries it in its form, where a page from elsewhere
//! cannot read it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::{ConnectInfo, Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use keys::json;
use program::web::{self, escape, is_beside, same};
use program::{now, qr};
use protocol::issuer::{Form as CardForm, IssuedType, MAX_BATCH, OfferTerms, TxCodeTerms};
use serde_json::Value;

use crate::offer::{self, TOO_LONG};
use crate::serve::App;

const STYLE: &str = include_str!("desk.css");
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

pub(crate) async fn style() -> Response {
    web::asset("text/css; charset=utf-8", STYLE)
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
    let name = query.get("type").map(String::as_str).unwrap_or_default();
    let chosen = app.service.type_named(name).or(app.service.types().first());
    let Some(chosen) = chosen else {
        let body = "<p>This issuer has no types.</p>";
        return html(StatusCode::OK, "Issuer desk", body);
    };
    let body = form(&app, chosen, &chosen.example, 10, None);
    html(StatusCode::OK, "Issuer desk", &body)
}

pub(crate) async fn offer(
    State(app): State<Arc<App>>,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if !same(field("token"), &app.desk_token) {
        return forbidden();
    }
    let Some(chosen) = app.service.type_named(field("type")) else {
        return forbidden();
    };
    let copies = field("copies").parse().unwrap_or_default();
    let again = |message: &str| {
        let body = form(&app, chosen, field("claims"), copies, Some(message));
        html(StatusCode::UNPROCESSABLE_ENTITY, "Not offered", &body)
    };
    let Ok(claims) = json::parse_object(field("claims").as_bytes()) else {
        return again("The claims are not a JSON object.");
    };
    let terms = OfferTerms {
        type_name: chosen.id.clone(),
        form: CardForm::from_name(field("format")),
        claims,
        tx_code: match field("tx_code") {
            "yes" => TxCodeTerms::Random,
            _ => TxCodeTerms::Absent,
        },
        by_reference: false,
        copies,
        offer_lifetime: 3600,
        valid_for: None,
    };
    match offer::make(&app.service, terms, now()) {
        Ok(made) => html(StatusCode::OK, "Offer", &made_page(&app, &made)),
        Err(failure) => again(&failure.message),
    }
}

fn form(
    app: &App,
    chosen: &IssuedType,
    claims: &str,
    copies: usize,
    problem: Option<&str>,
) -> String {
    let token = escape(&app.desk_token);
    let mut page = format!(
        "{}<h1>{} – offer a card</h1>\n",
        demo(app),
        escape(&app.service.identity().name)
    );
    if let Some(problem) = problem {
        let _ = writeln!(
            page,
            "<p class=\"notice\" role=\"alert\"><strong>Nothing was offered.</strong> {}</p>",
            escape(problem)
        );
    }
    let mut options = String::new();
    for known in app.service.types() {
        let selected = if known.id == chosen.id {
            " selected"
        } else {
            ""
        };
        let id = escape(&known.id);
        let _ = write!(
            options,
            "<option value=\"{id}\"{selected}>{}</option>",
            escape(title(known))
        );
    }
    let formats: String = app
        .service
        .forms(chosen)
        .iter()
        .map(|form| format!("<option>{}</option>", form.name()))
        .collect();
    let _ = write!(
        page,
        "<form method=\"get\" action=\"/desk\">\n\
         <input type=\"hidden\" name=\"token\" value=\"{token}\">\n\
         <label for=\"type\">Card</label>\n<select id=\"type\" name=\"type\">{options}</select>\n\
         <button type=\"submit\">Show the sample for this card</button>\n</form>\n\
         <h2>{}</h2>\n\
         <p class=\"notice\">The details below are those of a made-up person, as a sample. \
         Put the right ones in their place.</p>\n\
         <form method=\"post\" action=\"/desk/offers\">\n\
         <input type=\"hidden\" name=\"token\" value=\"{token}\">\n\
         <input type=\"hidden\" name=\"type\" value=\"{}\">\n\
         <label for=\"format\">Format</label>\n\
         <select id=\"format\" name=\"format\">{formats}</select>\n\
         <label for=\"claims\">Details on the card, as JSON</label>\n\
         <textarea id=\"claims\" name=\"claims\" rows=\"16\" spellcheck=\"false\">{}</textarea>\n\
         <label for=\"copies\">Copies</label>\n\
         <p class=\"hint\" id=\"copies-hint\">Each copy is shown once, so that services cannot \
         compare notes. 1 to {MAX_BATCH}.</p>\n\
         <input id=\"copies\" name=\"copies\" type=\"number\" min=\"1\" max=\"{MAX_BATCH}\" \
         value=\"{copies}\" aria-describedby=\"copies-hint\">\n\
         <p class=\"choice\"><input id=\"tx\" name=\"tx_code\" type=\"checkbox\" value=\"yes\" checked>\n\
         <label for=\"tx\">Ask for a code that I hand over separately</label></p>\n\
         <button type=\"submit\">Offer the card</button>\n</form>\n",
        escape(title(chosen)),
        escape(&chosen.id),
        escape(claims),
    );
    page.push_str(&recent(app));
    page
}

/// As on the pages of a counter.
fn demo(app: &App) -> &'static str {
    match app.demo {
        true => {
            "<p class=\"demo\"><strong>Demo.</strong> Nobody here is a real body, and no card is real.</p>\n"
        }
        false => "",
    }
}

fn recent(app: &App) -> String {
    let Ok(grants) = app.service.list(now()) else {
        return "<p>The offers so far cannot be read.</p>".to_owned();
    };
    let listed = offer::list_view(&grants);
    let offers = listed.get("offers").and_then(Value::as_array);
    let mut rows = String::new();
    for offer in offers
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .take(20)
    {
        let text = |name| escape(offer.get(name).and_then(Value::as_str).unwrap_or_default());
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            text("id"),
            text("type"),
            text("stage"),
            text("created")
        );
    }
    if rows.is_empty() {
        rows.push_str("<tr><td colspan=\"4\">None yet.</td></tr>");
    }
    format!(
        "<h2 id=\"offers\">Offers so far</h2>\n\
         <div class=\"wide\" role=\"region\" tabindex=\"0\" aria-labelledby=\"offers\">\n<table><thead><tr><th scope=\"col\">Offer</th>\
         <th scope=\"col\">Card</th><th scope=\"col\">How far</th><th scope=\"col\">Made</th>\
         </tr></thead><tbody>{rows}</tbody></table></div>\n"
    )
}

fn made_page(app: &App, made: &Value) -> String {
    let text = |name| made.get(name).and_then(Value::as_str);
    let link = text("link").unwrap_or_default();
    let picture = match qr::element(link).context(TOO_LONG) {
        Ok(svg) => {
            format!(
                "<div class=\"qr\" role=\"img\" aria-label=\"QR code of the offer\">{svg}</div>"
            )
        }
        Err(error) => format!("<p>{}</p>", escape(&error.to_string())),
    };
    let code = match text("tx_code") {
        Some(code) => format!(
            "<p>Code to type in, to be handed over separately:</p>\n<p class=\"code\">{}</p>",
            escape(code)
        ),
        None => "<p>No code is asked for: whoever has the link has the card.</p>".to_owned(),
    };
    format!(
        "{}<h1>Offer made</h1>\n<p>Let the person scan this with their wallet, or give them the \
         link.</p>\n{picture}\n{code}\n<h2>Link</h2>\n<p><a href=\"{link}\">{link}</a></p>\n\
         <p>It works once, until {}.</p>\n<p><a href=\"/desk?token={}\">Back to the desk</a></p>\n",
        demo(app),
        escape(text("expires").unwrap_or_default()),
        escape(&app.desk_token),
        link = escape(link),
    )
}

fn title(known: &IssuedType) -> &str {
    known
        .metadata
        .display_for("en-GB")
        .map_or(known.id.as_str(), |display| display.name.as_str())
}

fn forbidden() -> Response {
    html(
        StatusCode::FORBIDDEN,
        "Not open",
        "<h1>The desk is not open to you</h1>\n<p>Nothing was offered. Use the desk's address \
         that the service printed when it started.</p>",
    )
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
