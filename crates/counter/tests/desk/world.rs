//! A ledger in a folder, an issuer, a holder, and the real counter as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use credential::did;
use credential::sd_jwt::{HashAlgorithm, IssuerHeader, Processed, Template};
use keys::{SigningKey, UnixTime};
use ledger::event::{
    ATTESTED, Accredit, Action, ControlKey, Event, GOVERNANCE, Genesis, KeyEntry, Names,
    RegisterIssuer, RevokeKey,
};
use ledger::{Log, OperatorKeys, SignedEvent};
use net::{Client, Policy};
use protocol::link::Link;
use protocol::presentation::{self, Request, SendError};
use query::ClaimPath;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub(crate) const LICENCE: &str = "urn:cairn:demo:driving-licence:1";
const ACCREDITOR: &str = "https://accreditor.example";
const ISSUER: &str = "https://dvla.example";

/// An age check by a licence as an SD-JWT.
pub(crate) const PURPOSES: &str = r#"
[[purpose]]
id = "age-over-18"
name.en = "Age check: 18 or over"
reason.en = "To see that you are old enough, without your date of birth."
retention = "PT0S"
onward = []
legal_basis = "The Licensing Act 2003, section 146"
contact = "mailto:privacy@northgate.example"
dcql = '''{"credentials": [{
  "id": "licence", "format": "dc+sd-jwt",
  "meta": {"vct_values": ["urn:cairn:demo:driving-licence:1"]},
  "claims": [{"path": ["age_over_18"], "values": [true]}]
}]}'''
"#;

pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) issuer: SigningKey,
    pub(crate) holder: SigningKey,
    log: Log,
    operator: OperatorKeys,
    accreditor: SigningKey,
    sequence: u64,
}

fn names(name: &str) -> Names {
    Names::from([("en".to_owned(), name.to_owned())])
}

impl World {
    pub(crate) fn make() -> Self {
        Self::at(now())
    }

    /// A ledger whose last word is of this time.
    pub(crate) fn at(time: UnixTime) -> Self {
        let folder = TempDir::new().unwrap();
        let (governance, accreditor) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
        let operator = OperatorKeys {
            log: SigningKey::make_ed25519(),
            operator: SigningKey::make_ed25519(),
        };
        let genesis = Event {
            ledger: None,
            signer: GOVERNANCE.to_owned(),
            sequence: 1,
            submit_before: time + 3600,
            action: Action::Genesis(Genesis {
                name: "Test ledger".to_owned(),
                rules: ledger::RULES,
                keys: vec![governance.public().to_jwk()],
                threshold: 1,
                demo: true,
                validators: Vec::new(),
                nonce: keys::b64::encode([7; 16]),
            }),
        };
        let genesis = SignedEvent::sign(&genesis, &[&governance]).unwrap();
        let log = Log::create(folder.path().join("ledger"), genesis, &operator, time).unwrap();
        let mut world = Self {
            folder,
            issuer: SigningKey::make_p256(),
            holder: SigningKey::make_p256(),
            log,
            operator,
            accreditor,
            sequence: 0,
        };
        let accredit = Action::Accredit(Accredit {
            id: ACCREDITOR.to_owned(),
            names: names("The accreditor"),
            control_keys: vec![ControlKey {
                jwk: world.accreditor.public().to_jwk(),
                possession: ATTESTED.to_owned(),
            }],
            types: vec!["*".to_owned()],
            until: time + 1_000_000,
        });
        world.append(GOVERNANCE, 2, accredit, &governance, time);
        let register = Action::RegisterIssuer(RegisterIssuer {
            id: ISSUER.to_owned(),
            names: names("DVLA (demo)"),
            jurisdiction: None,
            control_keys: Vec::new(),
            keys: vec![KeyEntry {
                jwk: Some(world.issuer.public().to_jwk()),
                x509: None,
                ca: false,
                san: None,
                source: None,
                possession: ATTESTED.to_owned(),
            }],
            types: vec![LICENCE.to_owned()],
            until: None,
            status_lists: Vec::new(),
        });
        world.by_accreditor(register, time);
        world
    }

    fn append(&mut self, signer: &str, sequence: u64, action: Action, key: &SigningKey, at: i64) {
        let event = Event {
            ledger: Some(self.log.pin().ledger().to_owned()),
            signer: signer.to_owned(),
            sequence,
            submit_before: at + 3600,
            action,
        };
        let signed = SignedEvent::sign(&event, &[key]).unwrap();
        self.log.append(vec![signed], &self.operator, at).unwrap();
    }

    fn by_accreditor(&mut self, action: Action, at: UnixTime) {
        self.sequence += 1;
        let key = SigningKey::from_pem(&self.accreditor.to_pem().unwrap()).unwrap();
        self.append(ACCREDITOR, self.sequence, action, &key, at);
    }

    pub(crate) fn revoke_issuer_key(&mut self) {
        let action = Action::RevokeKey(RevokeKey {
            id: ISSUER.to_owned(),
            key: self.issuer.public().thumbprint(),
            reason: "stolen".to_owned(),
            invalid_from: None,
        });
        self.by_accreditor(action, now());
    }

    /// An entry that changes nothing for the cards of these tests.
    pub(crate) fn register_another_issuer(&mut self) {
        let register = Action::RegisterIssuer(RegisterIssuer {
            id: "https://other.example".to_owned(),
            names: names("Another body"),
            jurisdiction: None,
            control_keys: Vec::new(),
            keys: vec![KeyEntry {
                jwk: Some(SigningKey::make_p256().public().to_jwk()),
                x509: None,
                ca: false,
                san: None,
                source: None,
                possession: ATTESTED.to_owned(),
            }],
            types: vec!["urn:other".to_owned()],
            until: None,
            status_lists: Vec::new(),
        });
        self.by_accreditor(register, now());
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    /// A card of the issuer, whose DID holds its key.
    pub(crate) fn card(&self, change: impl FnOnce(&mut Map<String, Value>)) -> Processed {
        self.card_by(&self.issuer, change)
    }

    pub(crate) fn card_by(
        &self,
        issuer: &SigningKey,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> Processed {
        let claims = json!({
            "iss": did::derive_did_jwk(&issuer.public()).unwrap(), "vct": LICENCE,
            "iat": now() - 10, "exp": now() + 1000,
            "age_over_18": true, "family_name": "Lovelace", "document_number": "visible",
        });
        let mut claims = claims.as_object().unwrap().clone();
        change(&mut claims);
        let kid = did::derive_did_jwk_url(&issuer.public()).unwrap();
        let template = Template {
            claims: &claims,
            conceal: &[path("age_over_18"), path("family_name")],
            holder: Some(&self.holder.public()),
            hash: HashAlgorithm::Sha256,
            decoys: 2,
        };
        let text = template.issue(IssuerHeader::Kid(&kid), issuer).unwrap();
        Processed::from_store(&text).unwrap()
    }

    pub(crate) fn present(&self, card: &Processed, audience: &str, nonce: &str) -> String {
        let selection = card.select(&[path("age_over_18")]).unwrap();
        selection
            .bind(&self.holder, audience, nonce, now())
            .unwrap()
    }

    /// Answers a request as it asks.
    pub(crate) async fn answer(&self, request: &Request, card: &Processed) -> Sent {
        let text = self.present(card, &request.client.id, &request.nonce);
        send(request, &text).await
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn-counter"));
        command
            .args(arguments)
            .args(["--demo", "--json", "--data"])
            .arg(self.folder.path().join("data"))
            .stdin(Stdio::null());
        let asks = ["serve", "request", "ask", "read"].contains(&arguments[0]);
        if asks && !arguments.contains(&"--purposes") {
            let purposes = write(self.folder.path(), "age.toml", PURPOSES);
            command.arg("--purposes").arg(purposes);
        }
        command
    }

    pub(crate) fn follow(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command.arg("--ledger").arg(self.ledger());
        command
    }

    pub(crate) fn serve(&self, more: &[&str]) -> Counter {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], more].concat();
        Counter::start(self.follow(&arguments))
    }
}

pub(crate) fn path(name: &str) -> ClaimPath {
    ClaimPath::from_names([name]).unwrap()
}

pub(crate) type Sent = Result<presentation::Answer, SendError>;

pub(crate) fn client() -> Client {
    Client::new(Policy { demo: true }).unwrap()
}

pub(crate) async fn send(request: &Request, presentation: &str) -> Sent {
    let token = Map::from_iter([("licence".to_owned(), json!([presentation]))]);
    presentation::respond(&client(), request, &token).await
}

pub(crate) async fn fetch(link: &Value) -> Result<Request, presentation::FetchError> {
    match Link::parse(link.as_str().unwrap()).unwrap() {
        Link::Request(link) => presentation::fetch(&client(), &link, now()).await,
        Link::Offer(_) => panic!("an offer"),
    }
}

/// A running counter, ended with the test.
pub(crate) struct Counter {
    child: Child,
    lines: BufReader<ChildStdout>,
    pub(crate) url: String,
    pub(crate) token: String,
}

impl Counter {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut counter = Self {
            child,
            lines,
            url: String::new(),
            token: String::new(),
        };
        let listening = counter.line();
        counter.url = listening["listening"].as_str().unwrap().to_owned();
        let desk = counter.line()["desk"].as_str().unwrap().to_owned();
        counter.token = desk.split_once("token=").unwrap().1.to_owned();
        counter
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Makes a request as a script of this machine does.
    pub(crate) fn ask(&self) -> Value {
        let body = r#"{"purpose":"age-over-18"}"#;
        let (status, text) = self.call("POST", "/desk/requests", &[], body);
        assert_eq!(status, 201, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(crate) fn look(&self, made: &Value) -> (u16, Value) {
        let path = format!("/desk/requests/{}", made["id"].as_str().unwrap());
        let (status, text) = self.call("GET", &path, &[], "");
        (status, serde_json::from_str(&text).unwrap())
    }

    /// The result, within a bounded time.
    pub(crate) fn result(&self, made: &Value) -> Value {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let (status, view) = self.look(made);
            assert_eq!(status, 200);
            if view["outcome"] != "waiting" {
                return view;
            }
            assert!(Instant::now() < end, "no result in time");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// One HTTP exchange with exactly these headers; `Host` is the counter's unless given.
    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {host}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        stream.write_all(head.as_bytes()).unwrap();
        // A counter that refuses early may stop reading.
        let _ = stream.write_all(body.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).unwrap_or("0").parse().unwrap();
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, body.to_owned())
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}
