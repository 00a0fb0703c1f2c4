//! The desks of the demo world that ask for cards.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use crate::{Programs, Running, finish, succeed};

/// A counter before it runs: what it registers, and what it asks for.
#[derive(Debug)]
pub(crate) struct Counter {
    /// The service's name, which says "demo".
    pub(crate) name: &'static str,
    /// Its client id.
    pub(crate) client_id: String,
    /// Its DID, which holds its key.
    pub(crate) did: String,
    /// The purposes that it registers, TOML.
    pub(crate) registered: PathBuf,
    asked: PathBuf,
    data: PathBuf,
}

/// A counter that runs.
#[derive(Debug)]
pub struct CounterDesk {
    /// The service's name, which says "demo".
    pub name: String,
    /// Its client id on the ledger.
    pub client_id: String,
    /// Its service.
    pub service: Running,
    /// What it asks for: the purpose's id and its name in English.
    pub purposes: Vec<(String, String)>,
    data: PathBuf,
    /// The file of its purposes, the ledger and the pin, for what it does without being served.
    asked: PathBuf,
    ledger: String,
    pin: PathBuf,
}

/// A request that a counter has made.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its id at the counter.
    pub id: String,
    /// The link that the desk shows as a QR code.
    pub link: String,
}

impl Counter {
    /// A counter in `data` with a key of its own, made the first time.
    pub(crate) fn set_up(
        programs: &Programs,
        name: &'static str,
        data: PathBuf,
        registered: PathBuf,
        asked: PathBuf,
    ) -> anyhow::Result<Self> {
        let mut id = command(programs, &data)?;
        id.args(["--json", "id"]);
        let said: Value = serde_json::from_str(&succeed(&mut id)?)?;
        Ok(Self {
            name,
            client_id: text(&said, "client_id")?,
            did: text(&said, "did")?,
            registered,
            asked,
            data,
        })
    }

    /// The name of the file that says what of it is registered.
    pub(crate) fn registered_note(&self) -> String {
        let folder = self.data.file_name().unwrap_or_default();
        format!("{}.registered", folder.to_string_lossy())
    }

    /// Starts it.
    pub(crate) fn serve(
        self,
        programs: &Programs,
        ledger: &str,
        pin: &Path,
        port: u16,
    ) -> anyhow::Result<CounterDesk> {
        let mut serve = command(programs, &self.data)?;
        serve.args(["--json", "--demo", "serve", "--ledger", ledger]);
        serve.arg("--pin").arg(pin);
        serve.arg("--purposes").arg(&self.asked);
        serve.args(["--listen", &format!("127.0.0.1:{port}")]);
        Ok(CounterDesk {
            name: self.name.to_owned(),
            client_id: self.client_id,
            service: Running::start(&mut serve)?,
            purposes: purposes(&self.asked)?,
            data: self.data,
            asked: self.asked,
            ledger: ledger.to_owned(),
            pin: pin.to_owned(),
        })
    }
}

impl CounterDesk {
    pub(crate) fn ask(&self, programs: &Programs, purpose: &str) -> anyhow::Result<Asked> {
        let mut request = command(programs, &self.data)?;
        request.args(["--json", "request", "--purpose", purpose, "--no-wait"]);
        let said: Value = serde_json::from_str(&succeed(&mut request)?)?;
        Ok(Asked {
            id: text(&said, "id")?,
            link: text(&said, "link")?,
        })
    }

    /// Draws the code that the desk's screen shows, a PNG.
    pub(crate) fn show_code(
        &self,
        programs: &Programs,
        purpose: &str,
        out: &Path,
    ) -> anyhow::Result<()> {
        let mut ask = self.at_the_desk(programs)?;
        ask.args(["ask", "--live", "--purpose", purpose, "--out"]);
        succeed(ask.arg(out)).map(|_| ())
    }

    /// What the counter says of pictures of a wallet's code.
    pub(crate) fn read(&self, programs: &Programs, pictures: &[PathBuf]) -> anyhow::Result<Value> {
        let mut read = self.at_the_desk(programs)?;
        // The exit status says what the verdict was; the verdict itself is on standard output.
        let said = finish(read.arg("read").args(pictures))?;
        serde_json::from_slice(&said.stdout).with_context(|| {
            let told = String::from_utf8_lossy(&said.stderr);
            format!("a verdict that is not JSON: {told}")
        })
    }

    fn at_the_desk(&self, programs: &Programs) -> anyhow::Result<Command> {
        let mut command = command(programs, &self.data)?;
        command.args(["--json", "--demo", "--ledger", &self.ledger]);
        command.arg("--pin").arg(&self.pin);
        command.arg("--purposes").arg(&self.asked);
        Ok(command)
    }

    pub(crate) fn result(&self, programs: &Programs, asked: &Asked) -> anyhow::Result<Value> {
        // The exit status says what the verdict was; the verdict itself is on standard output.
        let said = finish(command(programs, &self.data)?.args(["--json", "result", &asked.id]))?;
        serde_json::from_slice(&said.stdout).context("a result that is not JSON")
    }

    pub(crate) fn verdict(&self, programs: &Programs, asked: &Asked) -> anyhow::Result<String> {
        let said = finish(command(programs, &self.data)?.args(["result", &asked.id, "--wait"]))?;
        String::from_utf8(said.stdout).context("a verdict that is not text")
    }
}

fn command(programs: &Programs, data: &Path) -> anyhow::Result<Command> {
    let mut command = programs.command("cairn-counter")?;
    command.arg("--data").arg(data);
    Ok(command)
}

fn text(said: &Value, name: &str) -> anyhow::Result<String> {
    let value = said.get(name).and_then(Value::as_str);
    let value = value.with_context(|| format!("a counter that gives no {name}"))?;
    Ok(value.to_owned())
}

fn purposes(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let read = || -> Option<Vec<(String, String)>> {
        let table: toml::Table = std::fs::read_to_string(file).ok()?.parse().ok()?;
        let entries = table.get("purpose")?.as_array()?;
        entries
            .iter()
            .map(|entry| {
                let id = entry.get("id")?.as_str()?;
                let name = entry.get("name")?.get("en")?.as_str()?;
                Some((id.to_owned(), name.to_owned()))
            })
            .collect()
    };
    read().with_context(|| format!("the purposes in {}", file.display()))
}
