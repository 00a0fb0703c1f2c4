//! `ask` and `read`: codes at the counter from the command line. Neither uses a network.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use code::film::Film;
use code::{Assembly, Symbol, Word};
use net::{Http, HttpError, Request, Response};
use program::folder::read_bounded;
use program::output::{self, Failure};
use program::{now, qr};
use protocol::counter_code::{MAX_OPEN, Wants};
use serde_json::{Value, json};
use url::Url;

use crate::args::{AskByCode, Global, ReadCode, usage};
use crate::codes::{Asked, Codes, Means, Riders};
use crate::files::Data;
use crate::identity::Me;
use crate::purposes;
use crate::request::{TOO_LONG, show_result};
use crate::status::Lists;
use crate::trust::Trust;
use crate::words;

const MAX_PICTURE: u64 = 24 << 20;
const MAX_TEXTS: u64 = 4 << 20;
/// Pixels a module in a PNG.
const MODULE: u32 = 8;

fn codes(data: &Data, global: &Global) -> Result<Arc<Codes>, Failure> {
    let (me, client_id) = Me::named(data, global)?;
    let folder = data.path("codes");
    let codes = Codes::new(&folder, client_id, Arc::new(me.identity));
    codes.sweep(now())?;
    Ok(Arc::new(codes))
}

/// `ask`: makes a code.
pub(crate) async fn ask(data: &Data, global: &Global, wanted: &AskByCode) -> Result<(), Failure> {
    let purposes = purposes::read(global.purposes.as_deref(), global.demo)?;
    let purpose = purposes::find(&purposes, &wanted.purpose)?;
    let codes = codes(data, global)?;
    let riders = Riders::of(global);
    let (asked, wants) = if wanted.poster {
        let wants = riders.of_poster();
        (codes.ask_by_poster(purpose, wants)?, wants)
    } else {
        if global.open_for > MAX_OPEN {
            return Err(usage(
                "a live code is open for at most 10 minutes: give a shorter --open-for",
            ));
        }
        // A ledger that cannot be opened is as good as none here: `read` says what is wrong.
        let trust = Trust::open(data, global, Arc::new(NoNetwork)).await;
        let trust = trust.ok().flatten();
        let time = now();
        let until = time.saturating_add(global.open_for);
        let wants = riders.of_question(trust.as_ref(), until).await;
        let asked = codes.ask_live(purpose, wants, global.open_for, time)?;
        (asked, wants)
    };
    let symbol = code::still(Word::ASK, &asked.bytes).context("it does not fit into one code")?;
    if let Some(file) = &wanted.out {
        draw(&symbol, file)?;
    }
    show_asked(&asked, wants, &symbol, purpose.name(), wanted, global.json)
}

fn draw(symbol: &Symbol, file: &Path) -> Result<(), Failure> {
    let ending = file.extension().and_then(|ending| ending.to_str());
    let bytes = match ending {
        Some("svg") => symbol.svg().into_bytes(),
        Some("png") => symbol.png(MODULE),
        _ => {
            return Err(usage("--out takes a file that ends in .svg or .png"));
        }
    };
    let written = std::fs::write(file, bytes);
    written.with_context(|| format!("cannot write {}", file.display()))?;
    Ok(())
}

fn show_asked(
    asked: &Asked,
    wants: Wants,
    symbol: &Symbol,
    name: &str,
    wanted: &AskByCode,
    as_json: bool,
) -> Result<(), Failure> {
    let kind = if wanted.poster { "poster" } else { "live" };
    let until = asked.expires_at.and_then(words::moment);
    if as_json {
        output::json(&json!({
            "kind": kind,
            "purpose": wanted.purpose,
            "text": symbol.text(),
            "bytes": asked.bytes.len(),
            "wants": {"evidence": wants.evidence, "status": wants.status},
            "expires_at": until,
        }));
        return Ok(());
    }
    output::line(name);
    if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
        output::line(qr::terminal(symbol.text()).context(TOO_LONG)?);
    }
    output::line(symbol.text());
    if let Some(until) = until {
        output::line(format_args!("Open until {until}, for one answer"));
    }
    Ok(())
}

/// `read`: reads an answer and says what it is worth.
pub(crate) async fn read(data: &Data, global: &Global, wanted: &ReadCode) -> Result<u8, Failure> {
    let message = message(wanted)?;
    let purposes = purposes::read(global.purposes.as_deref(), global.demo)?;
    let codes = codes(data, global)?;
    let trust = Trust::open(data, global, Arc::new(NoNetwork)).await?;
    if trust.is_none() {
        output::note(
            "No ledger is named: say with --ledger (and --pin) which one this counter follows.",
        );
    }
    let means = Means {
        purposes: purposes.into(),
        trust: trust.map(Arc::new),
        lists: Arc::new(Lists::open(data.path("lists"))),
    };
    let told = codes.read(message, means, now()).await?;
    let told = Value::Object(told);
    let exit = show_result(&told, global.json);
    if !global.json {
        for age in told
            .get("ages")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let text = |name| age.get(name).and_then(Value::as_str).unwrap_or_default();
            output::line(format_args!(
                "  {} as of {} ago, {}",
                text("what"),
                text("age"),
                text("source")
            ));
        }
    }
    Ok(exit)
}

/// A network on which nobody is there: what is kept here has to do.
struct NoNetwork;

#[async_trait]
impl Http for NoNetwork {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::Unreachable)
    }

    fn allows(&self, _: &Url) -> Result<(), HttpError> {
        Ok(())
    }
}

/// The bytes of the code.
fn message(wanted: &ReadCode) -> Result<Vec<u8>, Failure> {
    let mut gathered = Gathered::new();
    if let Some(file) = &wanted.text {
        let bytes = read_bounded(file, MAX_TEXTS)?;
        let text = String::from_utf8(bytes).context("the codes are not text")?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            gathered.add(line.trim());
        }
    } else if let Some(file) = &wanted.video {
        let mut film = Film::open(file).with_context(|| file.display().to_string())?;
        while let Some(texts) = film.next_texts().context("the film")? {
            texts.iter().for_each(|text| gathered.add(text));
            if gathered.assembly.message().is_some() {
                break;
            }
        }
    } else {
        for file in &wanted.images {
            let bytes = read_bounded(file, MAX_PICTURE)?;
            let texts = code::read_picture(&bytes);
            let texts = texts.with_context(|| file.display().to_string())?;
            texts.iter().for_each(|text| gathered.add(text));
        }
    }
    gathered.into_message()
}

/// Texts of codes, put together.
struct Gathered {
    assembly: Assembly,
    /// Why a text was not taken.
    refused: Option<String>,
}

impl Gathered {
    fn new() -> Self {
        Self {
            assembly: Assembly::new(Word::ANSWER),
            refused: None,
        }
    }

    fn add(&mut self, text: &str) {
        if let Err(error) = self.assembly.add(text) {
            self.refused = Some(error.to_string());
        }
    }

    fn into_message(self) -> Result<Vec<u8>, Failure> {
        if let Some(message) = self.assembly.message() {
            return Ok(message.to_vec());
        }
        let progress = self.assembly.progress();
        let (kind, message) = if progress.have > 0 {
            (
                "code_incomplete",
                format!("{} of {} frames were read", progress.have, progress.want),
            )
        } else {
            match self.refused {
                Some(refused) => ("no_code", refused),
                None => ("no_code", "no code was found".to_owned()),
            }
        };
        let advice = "hold the whole code before the camera, evenly lit, and read again";
        Err(Failure::failed(kind, message, advice))
    }
}
