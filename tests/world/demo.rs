//! The demo world: a ledger and the bodies on it, on loopback, in one folder that outlives a run.
//!
//! Ports are chosen by the system the first time and kept, because an issuer's address is its name:
//! a card added yesterday still knows where it came from.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::{Programs, Running, succeed};

const ACCREDITOR: &str = "urn:cairn:demo:body:accreditor";
/// The desks that issue, by the short name of what they give.
const ISSUED: [&str; 3] = [
    "NHSChargeExemption",
    "AdultDisabilityPayment",
    "DrivingLicence",
];

/// One desk that gives cards.
#[derive(Debug)]
pub struct IssuerDesk {
    /// The short name of the type, and the desk's id.
    pub kind: String,
    /// The type's title.
    pub title: String,
    /// The body's name, which says "demo".
    pub name: String,
    /// The body's id on the ledger.
    pub body: String,
    /// Its service.
    pub service: Running,
    data: PathBuf,
}

/// A ledger and the bodies on it, running until this is dropped.
#[derive(Debug)]
pub struct Demo {
    programs: Programs,
    folder: PathBuf,
    /// The ledger's service.
    pub ledger: Running,
    /// The issuers.
    pub issuers: Vec<IssuerDesk>,
}

impl Demo {
    /// Starts the world in `folder`, making it where there is none yet. `schemas` is the folder of
    /// credential types.
    ///
    /// # Errors
    /// Where a program is not built, refuses, or finds its port taken.
    pub fn start(programs: &Programs, folder: &Path, schemas: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let index = std::fs::read(schemas.join("index.json")).context("schemas/index.json")?;
        let index: Value = serde_json::from_slice(&index).context("schemas/index.json")?;
        let mut ports = Ports::load(&folder.join("ports.json"))?;
        let mut issuers = Vec::new();
        for kind in ISSUED {
            issuers.push(issuer(programs, folder, &index, kind, ports.of(kind)?)?);
        }
        let log = folder.join("ledger");
        if !log.is_dir() {
            found(programs, &log, &issuers)?;
        }
        let listen = format!("127.0.0.1:{}", ports.of("ledger")?);
        let mut serve = programs.command("cairn-ledger")?;
        serve.arg("serve").arg(&log);
        serve.args(["--listen", &listen, "--json"]);
        let ledger = Running::start(&mut serve)?;
        Ok(Self {
            programs: programs.clone(),
            folder: folder.to_owned(),
            ledger,
            issuers,
        })
    }

    /// The ledger's pin.
    #[must_use]
    pub fn pin(&self) -> PathBuf {
        self.folder.join("ledger/pin.json")
    }

    /// A fresh offer from a desk: the link, without a code to type.
    ///
    /// # Errors
    /// Where there is no such desk or it refuses.
    pub fn offer(&self, kind: &str) -> anyhow::Result<String> {
        let desk = self.issuers.iter().find(|desk| desk.kind == kind);
        let desk = desk.context("no such desk")?;
        let mut offer = self.programs.command("cairn-issuer")?;
        offer.arg("--data").arg(&desk.data);
        offer.args([
            "--json",
            "offer",
            "--type",
            kind,
            "--example",
            "--no-tx-code",
        ]);
        let said: Value = serde_json::from_str(&succeed(&mut offer)?)?;
        let link = said.get("link").and_then(Value::as_str);
        Ok(link.context("an offer without a link")?.to_owned())
    }

    /// The desks as the wallet's window reads them, with the socket that gives their links.
    #[must_use]
    pub fn desks(&self, socket: &Path) -> Value {
        let issuers = self.issuers.iter().map(|desk| {
            json!({
                "id": desk.kind,
                "name": desk.name,
                "what": desk.title,
                "role": "issuer",
                "url": format!("{}/desk", desk.service.url()),
            })
        });
        json!({"socket": socket, "desks": issuers.collect::<Vec<_>>()})
    }
}

fn issuer(
    programs: &Programs,
    folder: &Path,
    index: &Value,
    kind: &str,
    port: u16,
) -> anyhow::Result<IssuerDesk> {
    let known = index.as_array().context("schemas/index.json is no list")?;
    let entry = known
        .iter()
        .find(|entry| entry.get("name") == Some(&json!(kind)));
    let text = |pointer: &str| {
        let value = entry.and_then(|entry| entry.pointer(pointer)?.as_str());
        let value = value.with_context(|| format!("{kind} has no {pointer} in schemas/index.json"));
        value.map(str::to_owned)
    };
    let data = folder.join(kind);
    let name = text("/demo_body/name")?;
    let mut serve = programs.command("cairn-issuer")?;
    serve.arg("--data").arg(&data);
    serve.args(["--json", "serve", "--listen", &format!("127.0.0.1:{port}")]);
    serve.args(["--name", &name, "--types", kind]);
    Ok(IssuerDesk {
        kind: kind.to_owned(),
        title: text("/title")?,
        body: text("/demo_body/id")?,
        service: Running::start(&mut serve)?,
        name,
        data,
    })
}

/// Founds the ledger: an accreditor for everything, and the issuers under it.
fn found(programs: &Programs, log: &Path, issuers: &[IssuerDesk]) -> anyhow::Result<()> {
    // Made beside and then put in place: a world that was cut off is founded again.
    let fresh = log.with_extension("new");
    if fresh.exists() {
        std::fs::remove_dir_all(&fresh)?;
    }
    let run = |verb: &str, arguments: &[&str]| {
        let mut command = programs.command("cairn-ledger")?;
        command.arg(verb).arg(&fresh).args(arguments);
        succeed(&mut command)
    };
    run("init", &["--name", "Demo ledger", "--demo"])?;
    let accreditor = [
        "--id",
        ACCREDITOR,
        "--name",
        "Accreditor of public bodies (demo)",
    ];
    let reach = ["--types", "*", "--until", "2035-12-31", "--new-key"];
    run(
        "accredit",
        &[accreditor.as_slice(), reach.as_slice()].concat(),
    )?;
    for desk in issuers {
        let who = ["--by", ACCREDITOR, "--id", &desk.body, "--name", &desk.name];
        let what = ["--metadata", desk.service.url(), "--types", &desk.kind];
        run(
            "register-issuer",
            &[who.as_slice(), what.as_slice()].concat(),
        )?;
    }
    std::fs::rename(&fresh, log).context("putting the ledger in place")
}

/// The ports of the world, kept in a file.
struct Ports {
    file: PathBuf,
    known: BTreeMap<String, u16>,
}

impl Ports {
    fn load(file: &Path) -> anyhow::Result<Self> {
        let known = match std::fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).context("the ports of the demo")?,
            Err(_) => BTreeMap::new(),
        };
        Ok(Self {
            file: file.to_owned(),
            known,
        })
    }

    fn of(&mut self, name: &str) -> anyhow::Result<u16> {
        if let Some(&port) = self.known.get(name) {
            if TcpListener::bind(("127.0.0.1", port)).is_err() {
                bail!(
                    "port {port} of the demo is taken: is it running already? If not, remove {}",
                    self.file.parent().unwrap_or(&self.file).display()
                );
            }
            return Ok(port);
        }
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        self.known.insert(name.to_owned(), port);
        std::fs::write(&self.file, serde_json::to_vec_pretty(&self.known)?)?;
        Ok(port)
    }
}
