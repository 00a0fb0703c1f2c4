//! What the clerk reads.

use std::fmt::Write as _;

use anyhow::Context as _;
use credential::catalogue;
use keys::json;
use program::web::escape;
use program::{now, qr};
use protocol::issuer::{IssuedType, MAX_BATCH};
use serde_json::{Map, Value};

use super::Terms;
use crate::form::{self, Faults, Field};
use crate::offer::{self, TOO_LONG};
use crate::serve::App;

/// What the form asks for.
pub(super) fn fields(chosen: &IssuedType) -> Vec<Field> {
    let entry = catalogue::by_vct(&chosen.vct);
    let schema = entry.and_then(|entry| json::parse(entry.schema.as_bytes()).ok());
    let example = Value::Object(form::sample(&chosen.example));
    form::fields(&schema.unwrap_or_default(), &chosen.metadata, &example)
}

/// The desk as it is shown: the claims that are filled in, and what is wrong with them.
pub(super) struct Filled<'f> {
    pub(super) claims: &'f Map<String, Value>,
    pub(super) terms: &'f Terms,
    pub(super) faults: &'f Faults,
    /// What is wrong besides.
    pub(super) problem: Option<&'f str>,
    /// The claims as they were written, where they were given as JSON.
    pub(super) written: Option<&'f str>,
    /// They are those of the made-up person.
    pub(super) sample: bool,
}

/// The form, the same as JSON, and the offers so far.
pub(super) fn desk(app: &App, chosen: &IssuedType, filled: &Filled<'_>) -> String {
    let fields = fields(chosen);
    let mut page = format!(
        "{}<h1>{} – offer a card</h1>\n",
        demo(app),
        escape(&app.service.identity().name)
    );
    page.push_str(&wrong(&fields, filled));
    page.push_str(&types(app, chosen));
    let _ = writeln!(page, "<h2>{}</h2>", escape(title(chosen)));
    if filled.sample {
        page.push_str(
            "<p class=\"notice\">The details below are those of a made-up person, as a sample. \
             Put the right ones in their place.</p>\n",
        );
    }
    let hidden = hidden(app, chosen);
    let _ = write!(
        page,
        "<form method=\"post\" action=\"/desk/check\" autocomplete=\"off\" novalidate>\n{hidden}\
         <button type=\"submit\" class=\"unseen\" tabindex=\"-1\" aria-hidden=\"true\">Check the \
         details</button>\n{}{}<button type=\"submit\">Check the details</button>\n</form>\n",
        form::inputs(&fields, filled.claims, filled.faults),
        terms(app, chosen, filled.terms, ""),
    );
    let written = match filled.written {
        Some(written) => written.to_owned(),
        None => serde_json::to_string_pretty(filled.claims).unwrap_or_default(),
    };
    let open = if filled.written.is_some() {
        " open"
    } else {
        ""
    };
    let _ = write!(
        page,
        "<details{open}><summary>Give the details as JSON instead</summary>\n\
         <form method=\"post\" action=\"/desk/offers\" autocomplete=\"off\">\n{hidden}\
         <label for=\"claims\">Details on the card, as JSON</label>\n\
         <textarea id=\"claims\" name=\"claims\" class=\"code-text\" rows=\"16\" \
         spellcheck=\"false\">\n{}</textarea>\n{}\
         <button type=\"submit\">Offer the card</button>\n</form>\n</details>\n",
        escape(&written),
        terms(app, chosen, filled.terms, "json-"),
    );
    page.push_str(&recent(app));
    page
}

/// What the clerk is asked once the details are good.
pub(super) fn question(
    app: &App,
    chosen: &IssuedType,
    claims: &Map<String, Value>,
    terms: &Terms,
) -> String {
    let code = if terms.tx_code { "yes" } else { "no" };
    let asked = if terms.tx_code {
        "asked for, to be handed over separately"
    } else {
        "none: whoever has the link has the card"
    };
    let input = |name: &str, value: &str| {
        format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n",
            escape(value)
        )
    };
    format!(
        "{}<h1>Offer this card?</h1>\n<h2>{}</h2>\n{}<h2>How it is offered</h2>\n<dl>\n\
         <dt>Format</dt><dd>{}</dd>\n<dt>Copies</dt><dd>{}</dd>\n<dt>Code</dt><dd>{asked}</dd>\n</dl>\n\
         <form method=\"post\" action=\"/desk/offers\">\n{}{}{}{}{}\
         <p class=\"row\"><button type=\"submit\">Offer the card</button>\n\
         <button type=\"submit\" class=\"plain\" formaction=\"/desk/check\">Change the details</button></p>\n\
         </form>\n",
        demo(app),
        escape(title(chosen)),
        form::told(&fields(chosen), claims),
        escape(&terms.format),
        escape(&terms.copies),
        hidden(app, chosen),
        input("format", &terms.format),
        input("copies", &terms.copies),
        input("tx_code", code),
        input("claims", &Value::Object(claims.clone()).to_string()),
    )
}

fn hidden(app: &App, chosen: &IssuedType) -> String {
    format!(
        "<input type=\"hidden\" name=\"token\" value=\"{}\">\n\
         <input type=\"hidden\" name=\"type\" value=\"{}\">\n",
        escape(&app.desk_token),
        escape(&chosen.id)
    )
}

/// What is wrong, where the page begins; the browser goes there, and it is read out.
fn wrong(fields: &[Field], filled: &Filled<'_>) -> String {
    let problem = filled.problem.map(escape).unwrap_or_default();
    let list = form::summary(fields, filled.faults);
    if problem.is_empty() && list.is_empty() {
        return String::new();
    }
    format!(
        "<div class=\"notice\" role=\"alert\" tabindex=\"-1\" autofocus><p><strong>Nothing was \
         offered.</strong> {problem}</p>\n<ul>\n{list}</ul></div>\n"
    )
}

fn types(app: &App, chosen: &IssuedType) -> String {
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
    format!(
        "<form method=\"get\" action=\"/desk\">\n\
         <input type=\"hidden\" name=\"token\" value=\"{}\">\n\
         <label for=\"type\">Card</label>\n<select id=\"type\" name=\"type\">{options}</select>\n\
         <p class=\"row\"><button type=\"submit\" name=\"fill\" value=\"none\">Show an empty form for this \
         card</button>\n<button type=\"submit\" class=\"plain\" name=\"fill\" value=\"sample\">Show the \
         sample</button></p>\n</form>\n",
        escape(&app.desk_token)
    )
}

/// How the card is offered. The ids begin with `before`, since it stands on a page twice.
fn terms(app: &App, chosen: &IssuedType, terms: &Terms, before: &str) -> String {
    let formats: String = app
        .service
        .forms(chosen)
        .iter()
        .map(|form| {
            let name = form.name();
            let selected = if name == terms.format {
                " selected"
            } else {
                ""
            };
            format!("<option{selected}>{name}</option>")
        })
        .collect();
    let checked = if terms.tx_code { " checked" } else { "" };
    format!(
        "<label for=\"{before}format\">Format</label>\n\
         <select id=\"{before}format\" name=\"format\">{formats}</select>\n\
         <label for=\"{before}copies\">Copies</label>\n\
         <p class=\"hint\" id=\"{before}copies-hint\">Each copy is shown once, so that services cannot \
         compare notes. 1 to {MAX_BATCH}.</p>\n\
         <input id=\"{before}copies\" name=\"copies\" type=\"number\" min=\"1\" max=\"{MAX_BATCH}\" \
         value=\"{}\" aria-describedby=\"{before}copies-hint\">\n\
         <p class=\"choice\"><input id=\"{before}tx\" name=\"tx_code\" type=\"checkbox\" \
         value=\"yes\"{checked}>\n\
         <label for=\"{before}tx\">Ask for a code that I hand over separately</label></p>\n",
        escape(&terms.copies)
    )
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

pub(super) fn made_page(app: &App, made: &Value) -> String {
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
