//! The trail, to look at: who is listed, under whose accreditation, and every change.
//!
//! The page asks for the whole trail at once and searches it in the reader's browser, so that
//! the server never learns which body somebody looked up.

mod shown;

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use credential::catalogue;
use ledger::{Pin, Registry};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use crate::called::Called;
use crate::dates;
use crate::show;
pub(crate) use shown::Home;
use shown::Shown;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
/// How long an answer is used again, in seconds: how bodies stand depends on the time.
const KEEP: i64 = 60;

/// What the page shows, kept up with the folder.
pub(crate) struct Trail {
    home: Home,
    /// Made by one request at a time.
    making: Arc<Semaphore>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    shown: Option<Shown>,
    made_at: i64,
    json: Bytes,
    csv: Bytes,
}

/// Why there is no trail to show.
enum Trouble {
    Busy,
    Unreadable,
}

pub(crate) fn routes(home: Home) -> Router {
    let trail = Arc::new(Trail {
        home,
        making: Arc::new(Semaphore::new(1)),
        kept: Mutex::default(),
    });
    Router::new()
        .route("/", get(page))
        .route("/page.css", get(style))
        .route("/page.js", get(script))
        .route("/icon.svg", get(drawing))
        .route("/favicon.ico", get(icon))
        .route("/trail.json", get(as_json))
        .route("/trail.csv", get(as_csv))
        .with_state(trail)
}

async fn page() -> Response {
    fixed("text/html; charset=utf-8", include_str!("page/page.html"))
}

async fn style() -> Response {
    fixed(
        "text/css; charset=utf-8",
        concat!(
            include_str!("../../../styles/page.css"),
            include_str!("page/page.css"),
        ),
    )
}

async fn script() -> Response {
    fixed(
        "text/javascript; charset=utf-8",
        include_str!("page/page.js"),
    )
}

async fn drawing() -> Response {
    fixed(
        "image/svg+xml",
        include_str!("../../../icons/cairn-small.svg"),
    )
}

/// What a browser asks for that reads no drawing.
async fn icon() -> Response {
    fixed(
        "image/png",
        include_bytes!("../../../icons/32x32.png").as_slice(),
    )
}

fn fixed(kind: &'static str, content: impl IntoResponse) -> Response {
    let policy = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (policy, safe(kind), content).into_response()
}

fn safe(kind: &'static str) -> [(HeaderName, &'static str); 3] {
    [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ]
}

async fn as_json(State(trail): State<Arc<Trail>>) -> Response {
    match trail.read().await {
        Ok((json, _)) => (safe("application/json"), json).into_response(),
        Err(trouble) => trouble.into_response(),
    }
}

async fn as_csv(State(trail): State<Arc<Trail>>) -> Response {
    let name = (
        header::CONTENT_DISPOSITION,
        "attachment; filename=\"trail.csv\"",
    );
    match trail.read().await {
        Ok((_, csv)) => (safe("text/csv; charset=utf-8"), [name], csv).into_response(),
        Err(trouble) => trouble.into_response(),
    }
}

impl Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            Self::Unreadable => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

impl Trail {
    /// The trail as JSON and as CSV.
    async fn read(self: &Arc<Self>) -> Result<(Bytes, Bytes), Trouble> {
        let Ok(turn) = Arc::clone(&self.making).acquire_owned().await else {
            return Err(Trouble::Busy);
        };
        // To the end, whether or not the reader still listens: one who asks and goes away would
        // otherwise leave work behind that nobody uses, and the turn to another such.
        let trail = Arc::clone(self);
        let making = tokio::spawn(async move {
            let _turn = turn;
            trail.make().await
        });
        making.await.unwrap_or(Err(Trouble::Unreadable))
    }

    /// What was made a short while ago, or what is made now and kept.
    async fn make(&self) -> Result<(Bytes, Bytes), Trouble> {
        let now = dates::now();
        let before = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = (0..KEEP).contains(&(now - kept.made_at));
            let answer = fresh.then(|| (kept.json.clone(), kept.csv.clone()));
            kept.shown.clone().map(|shown| (shown, answer))
        };
        if let Some((shown, Some(answer))) = &before
            && self.home.is_still(shown).await
        {
            return Ok(answer.clone());
        }
        let shown = self.home.catch_up(before.map(|(shown, _)| shown)).await;
        let shown = shown.ok_or(Trouble::Unreadable)?;
        let pin = self.home.pin();
        let made = tokio::task::spawn_blocking(move || {
            let pin = std::fs::read(pin).ok()?;
            let pin = Pin::parse(&pin).ok()?;
            let (json, csv) = (to_json(&shown, &pin, now), to_csv(shown.registry()));
            Some(Kept {
                shown: Some(shown),
                made_at: now,
                json: json.to_string().into(),
                csv: csv.into(),
            })
        });
        let made = made.await.ok().flatten().ok_or(Trouble::Unreadable)?;
        let answer = (made.json.clone(), made.csv.clone());
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = made;
        Ok(answer)
    }
}

/// `pin` is the one that is handed out: whoever compares fingerprints compares with that.
fn to_json(shown: &Shown, pin: &Pin, now: i64) -> Value {
    let registry = shown.registry();
    let bodies: Vec<Value> = registry
        .records()
        .map(|record| show::body(registry, record, now))
        .collect();
    let changes: Vec<Value> = registry
        .entries()
        .into_iter()
        .map(|(id, entry)| {
            json!({
                "index": entry.index,
                "time": entry.time,
                "action": entry.action,
                "id": id,
                "signer": entry.signer,
            })
        })
        .collect();
    json!({
        "ledger": registry.ledger(),
        "name": registry.governance().name,
        "demo": registry.governance().demo,
        "fingerprint": pin.fingerprint(),
        "governance": {
            "keys": registry.governance().keys.len(),
            "threshold": registry.governance().threshold,
        },
        "size": registry.size(),
        "attested": shown.attested(),
        "network": shown.network(),
        "now": now,
        "bodies": bodies,
        "changes": changes,
        "types": known_types(),
        "short": short_ids(registry),
    })
}

/// What the ids are cut to that are too long for a table, by the id: none that would look like
/// another then.
fn short_ids(registry: &Registry) -> Map<String, Value> {
    let called = Called::new(registry);
    let mut short = Map::new();
    for (id, entry) in registry.entries() {
        for id in [id, entry.signer.as_str()] {
            let shown = called.id(id);
            if shown != id {
                short.insert(id.to_owned(), shown.into());
            }
        }
    }
    short
}

/// What the types that this program knows are called, by their ids.
fn known_types() -> Value {
    let titles = catalogue::types().iter();
    titles
        .map(|entry| (entry.vct.to_owned(), Value::from(entry.title)))
        .collect()
}

fn to_csv(registry: &Registry) -> String {
    let mut csv = String::from("index,time,action,id,signer\r\n");
    for (id, entry) in registry.entries() {
        let time = dates::show(entry.time);
        let row = [time.as_str(), entry.action, id, entry.signer.as_str()].map(field);
        csv.push_str(&format!("{},{}\r\n", entry.index, row.join(",")));
    }
    csv
}

/// A field of RFC 4180. What a spreadsheet would take for a formula is made text.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = text.replace('"', "\"\"");
    format!("\"{}{text}\"", if formula { "'" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::SigningKey;
    use ledger::{Log, OperatorKeys};
    use std::task::{Context, Waker};

    #[tokio::test]
    async fn what_a_reader_asked_for_is_made_once_though_the_reader_goes_away() {
        let home = tempfile::tempdir().unwrap();
        let (now, key) = (dates::now(), SigningKey::make_ed25519());
        let genesis = crate::commands::genesis_event("Test", true, &key, Vec::new(), now).unwrap();
        let keys = OperatorKeys {
            log: SigningKey::make_ed25519(),
            operator: SigningKey::make_ed25519(),
        };
        drop(Log::create(home.path(), genesis, &keys, now).unwrap());
        let trail = Arc::new(Trail {
            home: Home::Operated(home.path().to_owned()),
            making: Arc::new(Semaphore::new(1)),
            kept: Mutex::default(),
        });
        // Asked once, and gone away: on one thread nothing of the work has run by then.
        let asked = Box::pin(trail.read())
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(asked.is_pending());
        assert_eq!(trail.making.available_permits(), 0, "the turn is free");
        let _turn = trail.making.acquire().await.unwrap();
        let kept = trail.kept.lock().unwrap();
        assert!(kept.shown.is_some(), "what was made is lost");
        assert!(kept.json.starts_with(b"{") && kept.csv.starts_with(b"index"));
    }

    #[test]
    fn fields_cannot_break_out_or_be_formulas() {
        assert_eq!(field("https://a.example"), "\"https://a.example\"");
        assert_eq!(field("a\",b"), "\"a\"\",b\"");
        assert_eq!(field("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
    }
}
