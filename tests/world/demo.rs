//! The demo world: a ledger and the bodies on it, on loopback, in one folder that outlives a run.
//!
//! Ports are chosen by the system the first time and kept, because an issuer's address is its name:
//! a card added yesterday still knows where it came from.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::authority::Certified;
use crate::counters::{Asked, Counter, CounterDesk};
use crate::{Programs, Running, succeed};

const ACCREDITOR: &str = "urn:cairn:demo:body:accreditor";
/// The desks that issue, by the short name of what they give.
const ISSUED: [&str; 3] = [UNLINKABLE, "AdultDisabilityPayment", MDOC];
/// What is given with a BBS proof, whose issuer has a second key for that.
const UNLINKABLE: &str = "NHSChargeExemption";
/// What is given as an mdoc, whose issuer is known by a certificate.
const MDOC: &str = "DrivingLicence";

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
    certified: Option<Certified>,
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
    /// The counters: one that asks for what it registered, then one that asks for more.
    pub counters: Vec<CounterDesk>,
}

impl Demo {
    /// Starts the world in `folder`, making it where there is none yet. `repository` holds the
    /// credential types and the counters' purposes.
    ///
    /// # Errors
    /// Where a program is not built, refuses, or finds its port taken.
    pub fn start(programs: &Programs, folder: &Path, repository: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let index = std::fs::read(repository.join("schemas/index.json"));
        let index = index.context("schemas/index.json")?;
        let index: Value = serde_json::from_slice(&index).context("schemas/index.json")?;
        let mut ports = Ports::load(&folder.join("ports.json"))?;
        let mut issuers = Vec::new();
        for kind in ISSUED {
            issuers.push(issuer(programs, folder, &index, kind, ports.of(kind)?)?);
        }
        let purposes = repository.join("crates/counter/demo/purposes.toml");
        let harbour = repository.join("tests/world/harbour");
        let northgate = Counter::set_up(
            programs,
            "Northgate Council counter (demo)",
            folder.join("northgate"),
            purposes.clone(),
            purposes,
        )?;
        let harbour = Counter::set_up(
            programs,
            "Harbour Leisure Centre (demo)",
            folder.join("harbour"),
            harbour.join("registered.toml"),
            harbour.join("asked.toml"),
        )?;
        let log = folder.join("ledger");
        let ledger = Founding {
            programs,
            log: &log,
        };
        if !log.is_dir() {
            ledger.found(&issuers)?;
        }
        for desk in &issuers {
            ledger.register_again(desk)?;
        }
        for counter in [&northgate, &harbour] {
            ledger.register(counter)?;
        }
        let listen = format!("127.0.0.1:{}", ports.of("ledger")?);
        let mut serve = programs.command("cairn-ledger")?;
        serve.arg("serve").arg(&log);
        serve.args(["--listen", &listen, "--json"]);
        let ledger = Running::start(&mut serve)?;
        let pin = log.join("pin.json");
        let mut counters = Vec::new();
        for (counter, port) in [(northgate, "northgate"), (harbour, "harbour")] {
            let port = ports.of(port)?;
            counters.push(counter.serve(programs, ledger.url(), &pin, port)?);
        }
        Ok(Self {
            programs: programs.clone(),
            folder: folder.to_owned(),
            ledger,
            issuers,
            counters,
        })
    }

    /// The ledger's pin.
    #[must_use]
    pub fn pin(&self) -> PathBuf {
        self.folder.join("ledger/pin.json")
    }

    /// A fresh offer from a desk: the link, which points to the offer, without a code to type.
    ///
    /// # Errors
    /// Where there is no such desk or it refuses.
    pub fn offer(&self, kind: &str) -> anyhow::Result<String> {
        self.offer_with(kind, &["--no-tx-code"])
    }

    /// As [`Demo::offer`], for who can type this code.
    ///
    /// # Errors
    /// As [`Demo::offer`].
    pub fn offer_with_code(&self, kind: &str, code: &str) -> anyhow::Result<String> {
        self.offer_with(kind, &["--tx-code", code])
    }

    fn offer_with(&self, kind: &str, code: &[&str]) -> anyhow::Result<String> {
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
            "--by-reference",
        ]);
        offer.args(code);
        let said: Value = serde_json::from_str(&succeed(&mut offer)?)?;
        let link = said.get("link").and_then(Value::as_str);
        Ok(link.context("an offer without a link")?.to_owned())
    }

    /// A request, made at the desk that has this purpose.
    ///
    /// # Errors
    /// Where no desk has it, or the counter refuses.
    pub fn ask(&self, purpose: &str) -> anyhow::Result<Asked> {
        self.counter(purpose)?.ask(&self.programs, purpose)
    }

    /// What the counter knows of a request now: its result, once somebody answered.
    ///
    /// # Errors
    /// Where no desk has this purpose, or the counter forgot the request.
    pub fn result(&self, purpose: &str, asked: &Asked) -> anyhow::Result<Value> {
        self.counter(purpose)?.result(&self.programs, asked)
    }

    /// The counter's verdict in words, once somebody answered.
    ///
    /// # Errors
    /// As [`Demo::result`].
    pub fn verdict(&self, purpose: &str, asked: &Asked) -> anyhow::Result<String> {
        self.counter(purpose)?.verdict(&self.programs, asked)
    }

    /// Draws the code on the screen of the desk that has this purpose: a PNG.
    ///
    /// # Errors
    /// Where no desk has it, or the counter refuses.
    pub fn show_code(&self, purpose: &str, out: &Path) -> anyhow::Result<()> {
        self.counter(purpose)?
            .show_code(&self.programs, purpose, out)
    }

    /// The verdict of the counter that has this purpose on pictures of a wallet's code.
    ///
    /// # Errors
    /// Where no desk has it, or the counter says nothing.
    pub fn read_code(&self, purpose: &str, pictures: &[PathBuf]) -> anyhow::Result<Value> {
        self.counter(purpose)?.read(&self.programs, pictures)
    }

    /// Revokes every key of the body that has this desk.
    ///
    /// # Errors
    /// Where there is no such desk, or the ledger refuses.
    pub fn revoke(&self, kind: &str) -> anyhow::Result<()> {
        let desk = self.issuers.iter().find(|desk| desk.kind == kind);
        let desk = desk.context("no such desk")?;
        let body = &desk.body;
        for key in self.keys_of(body)? {
            let mut revoke = self.programs.command("cairn-ledger")?;
            revoke.arg("revoke-key").arg(self.folder.join("ledger"));
            revoke.args(["--by", ACCREDITOR, "--id", body, "--reason", "stolen"]);
            succeed(revoke.args(["--thumbprint", &key]))?;
        }
        Ok(())
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
        let counters = self.counters.iter().flat_map(|desk| {
            desk.purposes.iter().map(move |(id, name)| {
                json!({
                    "id": id,
                    "name": desk.name,
                    "what": name,
                    "role": "counter",
                    "url": format!("{}/desk", desk.service.url()),
                })
            })
        });
        json!({"socket": socket, "desks": issuers.chain(counters).collect::<Vec<_>>()})
    }

    /// The thumbprints of a body's keys that still count.
    fn keys_of(&self, body: &str) -> anyhow::Result<Vec<String>> {
        let mut show = self.programs.command("cairn-ledger")?;
        show.arg("--json")
            .arg("show")
            .arg(self.folder.join("ledger"));
        let said: Value = serde_json::from_str(&succeed(show.args(["--id", body]))?)?;
        let keys = said.get("keys").and_then(Value::as_array);
        let standing = keys
            .context("a body without keys")?
            .iter()
            .filter(|key| key.get("reason").is_none_or(Value::is_null));
        Ok(standing
            .filter_map(|key| key.get("thumbprint")?.as_str().map(str::to_owned))
            .collect())
    }

    fn counter(&self, purpose: &str) -> anyhow::Result<&CounterDesk> {
        let has = |desk: &&CounterDesk| desk.purposes.iter().any(|(id, _)| id == purpose);
        self.counters.iter().find(has).context("no such desk")
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
    let certified = (kind == MDOC)
        .then(|| Certified::open(&data, &name))
        .transpose()?;
    match &certified {
        Some(files) => {
            serve.args(["--formats", "mso_mdoc", "--key-by", "x5c"]);
            serve.arg("--cert").arg(&files.leaf);
            serve.arg("--key").arg(&files.key);
        }
        None if kind == UNLINKABLE => {
            serve.args(["--formats", "bbs-2023", "--bbs"]);
        }
        None => {
            serve.args(["--formats", "dc+sd-jwt"]);
        }
    }
    Ok(IssuerDesk {
        kind: kind.to_owned(),
        title: text("/title")?,
        body: text("/demo_body/id")?,
        service: Running::start(&mut serve)?,
        name,
        data,
        certified,
    })
}

/// The ledger before it is served.
struct Founding<'a> {
    programs: &'a Programs,
    log: &'a Path,
}

impl Founding<'_> {
    /// An accreditor for everything, and the issuers under it.
    fn found(&self, issuers: &[IssuerDesk]) -> anyhow::Result<()> {
        // Made beside and then put in place: a world that was cut off is founded again.
        let fresh = self.log.with_extension("new");
        if fresh.exists() {
            std::fs::remove_dir_all(&fresh)?;
        }
        let run = |verb, arguments: &[&str]| self.run(verb, &fresh, arguments);
        run("init", &["--name", "Demo ledger", "--demo"])?;
        let accreditor = "Accreditor of public bodies (demo)";
        let who = ["--id", ACCREDITOR, "--name", accreditor];
        let reach = ["--types", "*", "--until", "2035-12-31", "--new-key"];
        run("accredit", &[who.as_slice(), reach.as_slice()].concat())?;
        for desk in issuers {
            run("publish-type", &["--by", ACCREDITOR, "--id", &desk.kind])?;
        }
        for desk in issuers {
            if [UNLINKABLE, MDOC].contains(&desk.kind.as_str()) {
                continue;
            }
            let who = ["--by", ACCREDITOR, "--id", &desk.body, "--name", &desk.name];
            let what = ["--metadata", desk.service.url(), "--types", &desk.kind];
            run(
                "register-issuer",
                &[who.as_slice(), what.as_slice()].concat(),
            )?;
        }
        std::fs::rename(&fresh, self.log).context("putting the ledger in place")
    }

    /// Registers an issuer whose key is of another kind than a world of an earlier version had:
    /// what stands of that is withdrawn.
    fn register_again(&self, desk: &IssuerDesk) -> anyhow::Result<()> {
        let (source, wanted) = match &desk.certified {
            Some(files) => {
                let root = files.root.to_str().context("a path in UTF-8")?;
                let text = std::fs::read_to_string(&files.root)?;
                (vec!["--x509", root, "--ca"], text)
            }
            None if desk.kind == UNLINKABLE => {
                let url = desk.service.url();
                (vec!["--metadata", url], format!("{url} and its BBS key"))
            }
            None => return Ok(()),
        };
        let note = self.log.join(format!("{}.registered", desk.kind));
        if std::fs::read_to_string(&note).is_ok_and(|before| before == wanted) {
            return Ok(());
        }
        let body = ["--by", ACCREDITOR, "--id", &desk.body];
        let what = ["--name", &desk.name, "--types", &desk.kind];
        let all = [body.as_slice(), what.as_slice(), &source].concat();
        if self.run("register-issuer", self.log, &all).is_err() {
            self.run("withdraw", self.log, &body)?;
            self.run("register-issuer", self.log, &all)?;
        }
        std::fs::write(&note, wanted).context("noting what is registered")
    }

    /// Registers a counter with its purposes, unless that is done and they have not changed.
    fn register(&self, counter: &Counter) -> anyhow::Result<()> {
        let purposes = counter.registered.to_str().context("a path in UTF-8")?;
        let wanted = format!("{}\n{}", counter.did, std::fs::read_to_string(purposes)?);
        let note = self.log.join(counter.registered_note());
        if std::fs::read_to_string(&note).is_ok_and(|before| before == wanted) {
            return Ok(());
        }
        let who = ["--by", ACCREDITOR, "--id", &counter.client_id];
        let what = ["--name", counter.name, "--did", &counter.did];
        let why = ["--purposes", purposes];
        let all = [who.as_slice(), what.as_slice(), why.as_slice()].concat();
        self.run("register-service", self.log, &all)?;
        std::fs::write(&note, wanted).context("noting what is registered")
    }

    fn run(&self, verb: &str, log: &Path, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = self.programs.command("cairn-ledger")?;
        command.arg(verb).arg(log).args(arguments);
        succeed(&mut command).map(|_| ())
    }
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
