//! What every journey stands on: a folder of its own, the programs, and what they said.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use journeys::{Programs, Running, finish};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "seven grey stones above the tide line";
pub(crate) const EXEMPTION: &str = "NHSChargeExemption";
pub(crate) const EXEMPTION_VCT: &str = "urn:cairn:demo:nhs-charge-exemption:1";
const ACCREDITOR: &str = "urn:cairn:demo:body:accreditor";
const ISSUER: &str = "urn:cairn:demo:body:nhsbsa";
pub(crate) const ISSUER_NAME: &str = "NHS Business Services Authority (demo)";
pub(crate) const DESK_NAME: &str = "Northgate Pharmacy (demo)";

/// What a program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The one object on standard output.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "not one line: {self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The object of a command that must have ended well.
    pub(crate) fn done(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        self.json()
    }

    /// The object of a command that must have ended well by these pictures. Where it has not, they
    /// stay behind below `target`, and the failure says where.
    #[track_caller]
    pub(crate) fn done_by(&self, pictures: &[&str]) -> Value {
        assert_eq!(self.code, 0, "{self:?}; it saw {}", keep(pictures));
        self.json()
    }

    /// A failure of a program whose errors have a kind alone.
    #[track_caller]
    pub(crate) fn failed_plainly(&self, code: i32, kind: &str) {
        assert_eq!(self.json()["error"]["kind"], kind, "{self:?}");
        assert_eq!(self.code, code, "{self:?}");
    }

    /// The object of a failure, whose shape is the same everywhere.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, kind: &str, stage: &str) -> Value {
        let object = self.json();
        let error = &object["error"];
        assert_eq!(error["kind"], kind, "{self:?}");
        assert_eq!(error["stage"], stage, "{self:?}");
        assert_eq!(self.code, code, "{self:?}");
        for name in ["message", "advice"] {
            assert!(
                error[name].as_str().is_some_and(|text| !text.is_empty()),
                "{name}: {self:?}"
            );
        }
        assert!(object["warnings"].is_array(), "{self:?}");
        let members = object.as_object().unwrap();
        assert_eq!(members.len(), 2, "more than an error: {self:?}");
        object
    }
}

/// Copies files to where they stay when the test is over; the folder.
fn keep(files: &[&str]) -> String {
    let seen = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seen");
    std::fs::create_dir_all(&seen).unwrap();
    let folder = tempfile::tempdir_in(seen).unwrap().keep();
    for file in files.iter().map(Path::new) {
        std::fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
    }
    folder.display().to_string()
}

/// The names in a list of strings.
pub(crate) fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap_or_else(|| panic!("{list}"));
    list.iter().map(|name| name.as_str().unwrap()).collect()
}

/// A folder of its own and the programs.
pub(crate) struct Stage {
    home: TempDir,
    pub(crate) programs: Programs,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            home: TempDir::new().unwrap(),
            programs: Programs::beside_this_one().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn text_path(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.text_path(name)
    }

    /// A program that knows nothing of this computer's own wallet.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = self.programs.command(program).unwrap();
        for name in ["CAIRN_DATA", "CAIRN_PASSPHRASE", "CAIRN_NEW_PASSPHRASE"] {
            command.env_remove(name);
        }
        command.env("HOME", self.home.path());
        command.env("XDG_DATA_HOME", self.path("data-home"));
        command.current_dir(self.home.path());
        command
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Said {
        said(self.command(program).args(arguments))
    }

    pub(crate) fn serve(&self, program: &str, arguments: &[&str]) -> Running {
        Running::start(self.command(program).args(arguments)).unwrap()
    }

    /// A wallet of the demo in a folder of its own, made with the passphrase alone.
    pub(crate) fn wallet(&self, name: &str, ledger: &str) -> Wallet<'_> {
        let wallet = Wallet {
            stage: self,
            data: self.text_path(name),
        };
        let made = wallet.run(&["--demo", "--ledger", ledger, "init", "--no-keyring"]);
        made.done();
        wallet
    }
}

pub(crate) fn said(command: &mut Command) -> Said {
    let output = finish(command).unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The terminal wallet on one folder.
pub(crate) struct Wallet<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) data: String,
}

impl Wallet<'_> {
    /// `cairn --json` with the passphrase in the environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.stage.command("cairn");
        command.env("CAIRN_PASSPHRASE", PASSPHRASE);
        command.args(["--json", "--data", &self.data]);
        command.args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        said(&mut self.command(arguments))
    }

    /// What `cairn` says to people.
    pub(crate) fn tell(&self, arguments: &[&str]) -> Said {
        let mut command = self.stage.command("cairn");
        command.env("CAIRN_PASSPHRASE", PASSPHRASE);
        said(command.args(["--data", &self.data]).args(arguments))
    }

    /// With something on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Said {
        let mut command = self.command(arguments);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(input).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        command.stdin(Stdio::from(file));
        said(&mut command)
    }

    pub(crate) fn cards(&self) -> Vec<Value> {
        let cards = self.run(&["cards"]).done();
        cards["cards"].as_array().unwrap().clone()
    }

    /// Adds the exemption from an issuer.
    pub(crate) fn add(&self, issuer: &Issuer<'_>, copies: &str) -> Value {
        let link = issuer.offer(&["--no-tx-code", "--copies", copies]);
        let added = self.run(&["add", &link, "--yes"]).done();
        added["cards"][0].clone()
    }

    pub(crate) fn history(&self) -> Vec<Value> {
        let history = self.run(&["history"]).done();
        history["events"].as_array().unwrap().clone()
    }
}

/// The ledger's folder and its service.
pub(crate) struct LedgerDesk<'a> {
    stage: &'a Stage,
    pub(crate) folder: String,
    pub(crate) service: Running,
}

impl<'a> LedgerDesk<'a> {
    /// A ledger with an accreditor for every type.
    pub(crate) fn found(stage: &'a Stage) -> Self {
        let folder = stage.text_path("ledger");
        let run = |arguments: &[&str]| stage.run("cairn-ledger", arguments).done();
        run(&["init", &folder, "--name", "Test ledger", "--demo", "--json"]);
        run(&[
            "--json",
            "accredit",
            &folder,
            "--id",
            ACCREDITOR,
            "--name",
            "Accreditor (demo)",
            "--types",
            "*",
            "--until",
            "2040-12-31",
            "--new-key",
        ]);
        let service = stage.serve(
            "cairn-ledger",
            &["serve", &folder, "--listen", "127.0.0.1:0", "--json"],
        );
        Self {
            stage,
            folder,
            service,
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.service.url()
    }

    /// A verb signed by the accreditor.
    pub(crate) fn sign(&self, verb: &str, id: &str, arguments: &[&str]) -> Value {
        let mut all = vec![verb, &self.folder, "--by", ACCREDITOR, "--id", id, "--json"];
        all.extend(arguments);
        self.stage.run("cairn-ledger", &all).done()
    }

    pub(crate) fn register_issuer(&self, issuer: &Issuer<'_>) {
        self.register_issuer_by(&["--metadata", issuer.service.url()]);
    }

    /// With its key from where the options say.
    pub(crate) fn register_issuer_by(&self, source: &[&str]) {
        let what = ["--name", ISSUER_NAME, "--types", EXEMPTION];
        self.sign("register-issuer", ISSUER, &[&what, source].concat());
    }

    /// Another issuer, of this type.
    pub(crate) fn register_another(&self, id: &str, name: &str, kind: &str, source: &[&str]) {
        let what = ["--name", name, "--types", kind];
        self.sign("register-issuer", id, &[&what, source].concat());
    }

    pub(crate) fn revoke_issuer_key(&self) {
        self.sign("revoke-key", ISSUER, &["--reason", "the key was stolen"]);
    }

    pub(crate) fn withdraw_issuer(&self) {
        self.sign("withdraw", ISSUER, &[]);
    }

    /// Registers a service that proves itself by a DID.
    pub(crate) fn register_service(&self, client_id: &str, purposes: &str) {
        let did = client_id.strip_prefix("decentralized_identifier:").unwrap();
        let all = ["--name", DESK_NAME, "--purposes", purposes, "--did", did];
        self.sign("register-service", client_id, &all);
    }
}

/// An issuer of the exemption.
pub(crate) struct Issuer<'a> {
    stage: &'a Stage,
    data: String,
    kind: &'a str,
    pub(crate) service: Running,
}

impl<'a> Issuer<'a> {
    pub(crate) fn open(stage: &'a Stage) -> Self {
        Self::open_in(stage, "issuer", &[])
    }

    /// In the folder `name`, with more options.
    pub(crate) fn open_in(stage: &'a Stage, name: &str, arguments: &[&str]) -> Self {
        Self::open_for(stage, name, EXEMPTION, arguments)
    }

    /// An issuer of another type.
    pub(crate) fn open_for(
        stage: &'a Stage,
        name: &str,
        kind: &'a str,
        arguments: &[&str],
    ) -> Self {
        let data = stage.text_path(name);
        let mut all = vec!["serve", "--json", "--data", &data, "--types", kind];
        all.extend(["--listen", "127.0.0.1:0", "--name", ISSUER_NAME]);
        all.extend(arguments);
        Self::serve(stage, data.clone(), kind, &all)
    }

    /// With all options given.
    pub(crate) fn serve(stage: &'a Stage, data: String, kind: &'a str, all: &[&str]) -> Self {
        let service = stage.serve("cairn-issuer", all);
        Self {
            stage,
            data,
            kind,
            service,
        }
    }

    /// A command of the clerk.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let all = [["--data", &self.data, "--json"].as_slice(), arguments].concat();
        self.stage.run("cairn-issuer", &all)
    }

    /// The ids of all offers, the newest first.
    pub(crate) fn ids(&self) -> Vec<String> {
        let listed = self.run(&["list"]).done();
        let offers = listed["offers"].as_array().unwrap().iter();
        offers
            .map(|offer| offer["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The id of the newest offer.
    pub(crate) fn newest(&self) -> String {
        self.ids().swap_remove(0)
    }

    /// `status VERB` of the newest offer.
    pub(crate) fn set_status(&self, verb: &str) -> Value {
        self.run(&["status", verb, &self.newest()]).done()
    }

    /// A fresh offer of the made-up person's card: its link, and its code where it has one.
    pub(crate) fn offer_with_code(&self, arguments: &[&str]) -> (String, Option<String>) {
        let mut all = vec!["--data", &self.data, "--json", "offer", "--type", self.kind];
        all.push("--example");
        all.extend(arguments);
        let said = self.stage.run("cairn-issuer", &all).done();
        let code = said["tx_code"].as_str().map(str::to_owned);
        (said["link"].as_str().unwrap().to_owned(), code)
    }

    pub(crate) fn offer(&self, arguments: &[&str]) -> String {
        self.offer_with_code(arguments).0
    }

    /// How far the newest offer has come.
    pub(crate) fn stages(&self) -> Vec<String> {
        let all = ["--data", &self.data, "--json", "list"];
        let listed = self.stage.run("cairn-issuer", &all).done();
        let offers = listed["offers"].as_array().unwrap();
        let stage = |offer: &Value| offer["stage"].as_str().unwrap().to_owned();
        offers.iter().map(stage).collect()
    }
}

/// A counter with a key of its own.
pub(crate) struct Counter<'a> {
    stage: &'a Stage,
    data: String,
    service: Running,
    pub(crate) client_id: String,
}

/// A request of the counter.
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) link: String,
}

impl<'a> Counter<'a> {
    /// Opens in the folder `name`; opening there again keeps the key.
    pub(crate) fn open(
        stage: &'a Stage,
        name: &str,
        ledger: &str,
        purposes: &str,
        more: &[&str],
    ) -> Self {
        let data = stage.text_path(name);
        let mut all = vec!["serve", "--demo", "--json", "--data", &data];
        all.extend(["--ledger", ledger, "--purposes", purposes]);
        all.extend(["--listen", "127.0.0.1:0"]);
        all.extend(more);
        let service = stage.serve("cairn-counter", &all);
        let address = service.url().strip_prefix("http://").unwrap();
        let mut id = vec!["id", "--demo", "--json", "--data", &data];
        id.extend(["--listen", address]);
        // Who it is, and nothing of how it serves.
        let mut options = more.iter();
        while let Some(option) = options.next() {
            if ["--client-id-prefix", "--key", "--cert"].contains(option) {
                id.push(option);
                id.extend(options.next());
            }
        }
        let id = stage.run("cairn-counter", &id).done();
        let client_id = id["client_id"].as_str().unwrap().to_owned();
        Self {
            stage,
            data,
            service,
            client_id,
        }
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        self.service.url()
    }

    pub(crate) fn ask(&self, purpose: &str) -> Asked {
        let all = ["--data", &self.data, "--json", "request", "--no-wait"];
        let all = [all.as_slice(), &["--purpose", purpose]].concat();
        let said = self.stage.run("cairn-counter", &all).done();
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        Asked {
            id: text("id"),
            link: text("link"),
        }
    }

    /// How a request stands now.
    pub(crate) fn look(&self, asked: &Asked) -> Value {
        let all = ["--data", &self.data, "--json", "result", &asked.id];
        self.stage.run("cairn-counter", &all).json()
    }

    /// The result, once it is there.
    pub(crate) fn result(&self, asked: &Asked) -> Said {
        let all = ["--data", &self.data, "--json", "result", "--wait"];
        self.stage
            .run("cairn-counter", &[all.as_slice(), &[&asked.id]].concat())
    }
}

/// One purpose about the exemption, asking for these details, as a file of purposes.
pub(crate) fn purpose(id: &str, claims: &[&str]) -> String {
    let claims: Vec<Value> = claims
        .iter()
        .map(|name| serde_json::json!({"path": [name]}))
        .collect();
    let dcql = serde_json::json!({"credentials": [{
        "id": "exemption",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [EXEMPTION_VCT]},
        "claims": claims,
    }]});
    format!(
        "[[purpose]]\nid = \"{id}\"\nname.en = \"Free prescription\"\n\
         reason.en = \"To see that you need not pay.\"\nretention = \"P1D\"\nonward = \"none\"\n\
         legal_basis = \"The charges regulations\"\n\
         contact = \"mailto:privacy@northgate.example\"\ndcql = '{dcql}'\n"
    )
}

/// True where a file that must not hold `secret` holds it, anywhere below the folder.
pub(crate) fn anywhere(folder: &Path, secret: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            anywhere(&path, secret)
        } else {
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                // A service that runs put another file in its place.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return false,
                Err(error) => panic!("{}: {error}", path.display()),
            };
            bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes())
        }
    })
}
