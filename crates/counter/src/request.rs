//! `request` and `result`: the desk for scripts, and for a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::Context as _;
use keys::json;
use net::{Client, Http as _, Policy, Request as HttpRequest};
use program::output::{self, Failure};
use program::{now, qr};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use url::Url;

use crate::args::{Global, Request, ResultOf, usage};
use crate::files::{Data, Running};
use crate::serve::Counter;

const LISTEN: &str = "127.0.0.1:0";
const POLL: Duration = Duration::from_millis(300);
const MAX_ANSWER: usize = 8 << 20;
/// What is said of a link that no QR code holds.
pub(crate) const TOO_LONG: &str = "the link is too long for a QR code";

/// Where a request is made and its result is read.
enum Desk {
    Running(Running),
    Here(Box<Counter>),
}

pub(crate) async fn request(data: &Data, global: &Global, wanted: &Request) -> Result<u8, Failure> {
    let desk = match data.running()? {
        Some(running) => Desk::Running(running),
        None if wanted.no_wait => {
            return Err(usage(
                "--no-wait needs a running `serve` of the same --data folder",
            ));
        }
        None => Desk::Here(Box::new(Counter::open(data, global, LISTEN).await?)),
    };
    match desk {
        Desk::Running(running) => {
            let body = json!({"purpose": wanted.purpose});
            let made = call(&running, "/desk/requests", Some(&body)).await?;
            show_link(&made, global.json)?;
            if wanted.no_wait {
                return Ok(0);
            }
            let id = made.get("id").and_then(Value::as_str).unwrap_or_default();
            loop {
                tokio::time::sleep(POLL).await;
                let view = call(&running, &format!("/desk/requests/{id}"), None).await?;
                if !is_waiting(&view) {
                    return Ok(show_result(&view, global.json));
                }
            }
        }
        Desk::Here(counter) => here(*counter, global, wanted).await,
    }
}

/// Serves one request until it is over.
async fn here(counter: Counter, global: &Global, wanted: &Request) -> Result<u8, Failure> {
    let app = std::sync::Arc::clone(&counter.app);
    let made = app.ask(&wanted.purpose)?;
    let id = made.get("id").and_then(Value::as_str).unwrap_or_default();
    let id = id.to_owned();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(counter.serve(async move {
        let _ = stopped.await;
    }));
    show_link(&made, global.json)?;
    if let Some(trust) = &app.trust
        && let Err(error) = trust.sync().await
    {
        output::note(format_args!(
            "warning: the ledger could not be fetched: {error}"
        ));
    }
    let view = loop {
        tokio::time::sleep(POLL).await;
        match app.asks.look(&id, now()) {
            Some(view) if is_waiting(&view) => {}
            Some(view) => break view,
            None => return Err(anyhow::anyhow!("the request was lost").into()),
        }
        if served.is_finished() {
            return Err(anyhow::anyhow!("the counter broke").into());
        }
    };
    // The wallet must have its answer before the program ends.
    let _ = stop.send(());
    let _ = tokio::time::timeout(Duration::from_secs(2), served).await;
    Ok(show_result(&view, global.json))
}

pub(crate) async fn result(data: &Data, global: &Global, wanted: &ResultOf) -> Result<u8, Failure> {
    let running = data
        .running()?
        .context("no counter is running on this data folder")?;
    let id: String = url::form_urlencoded::byte_serialize(wanted.id.as_bytes()).collect();
    loop {
        let view = call(&running, &format!("/desk/requests/{id}"), None).await?;
        if !(wanted.wait && is_waiting(&view)) {
            return Ok(show_result(&view, global.json));
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn call(running: &Running, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
    let url: Url = format!("{}{path}", running.url)
        .parse()
        .context("the address of the running counter is damaged")?;
    let request = match body {
        Some(body) => HttpRequest::post_json(url, body),
        None => HttpRequest::get(url),
    };
    let request = request
        .header("authorization", &format!("Bearer {}", running.token))
        .limit(MAX_ANSWER);
    let client = Client::new(Policy { demo: true }).map_err(anyhow::Error::from)?;
    let response = client.send(request).await;
    let response = response.context("the running counter does not answer")?;
    let answer = json::parse_bounded(&response.body, MAX_ANSWER);
    let answer = answer.context("the running counter gave a damaged answer")?;
    if response.is_success() {
        return Ok(answer);
    }
    let text = |name: &str| {
        let text = answer.pointer(&format!("/error/{name}"));
        text.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Err(Failure {
        kind: text("kind"),
        message: text("message"),
        advice: text("advice"),
        exit: if text("kind") == "unknown_purpose" {
            2
        } else {
            1
        },
        faults: None,
    })
}

fn is_waiting(view: &Value) -> bool {
    view.get("outcome")
        .is_some_and(|outcome| outcome == "waiting")
}

fn show_link(made: &Value, as_json: bool) -> Result<(), Failure> {
    let text = |name| made.get(name).and_then(Value::as_str).unwrap_or_default();
    if as_json {
        let mut line = json!({});
        for name in [
            "id",
            "link",
            "request_uri",
            "purpose",
            "expires_at",
            "status_url",
        ] {
            if let Some(members) = line.as_object_mut() {
                members.insert(name.to_owned(), text(name).into());
            }
        }
        output::json(&line);
        return Ok(());
    }
    output::line(text("purpose_name"));
    if std::io::stdout().is_terminal() {
        output::line(qr::terminal(text("link")).context(TOO_LONG)?);
    }
    output::line(text("link"));
    output::line(format_args!("Id: {}", text("id")));
    output::line(format_args!("Open until {}", text("expires_at")));
    Ok(())
}

/// Shows a result; the exit code.
pub(crate) fn show_result(view: &Value, as_json: bool) -> u8 {
    let text = |name| view.get(name).and_then(Value::as_str).unwrap_or_default();
    let outcome = text("outcome");
    if as_json {
        output::json(view);
    } else {
        let words = match outcome {
            "waiting" => "Nobody has answered yet",
            "expired" => "Nobody answered in time",
            _ => text("headline"),
        };
        output::line(words);
        for reason in list(view, "reasons") {
            output::line(format_args!("  {}", member(reason, "text")));
        }
        for credential in list(view, "credentials") {
            output::line(member(credential, "type_name"));
            let issuer = credential.get("issuer").unwrap_or(&Value::Null);
            output::line(format_args!(
                "  Issuer: {} ({})",
                member(issuer, "name"),
                member(issuer, "verdict")
            ));
            for detail in list(credential, "details") {
                let (label, value) = (member(detail, "label"), member(detail, "value"));
                output::line(format_args!("  {label}: {value}"));
            }
        }
    }
    match outcome {
        "accepted" | "caution" => 0,
        "refused" => 2,
        _ => 1,
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let items = value.get(name).and_then(Value::as_array);
    items.map(Vec::as_slice).unwrap_or_default()
}

fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
