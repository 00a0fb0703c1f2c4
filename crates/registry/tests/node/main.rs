//! The folder of a node, looked at while the node has it: its page, and what stands by it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "../programs/mod.rs"]
mod programs;

use std::path::Path;

use keys::SigningKey;
use ledger::comet::{Block, Chain};
use ledger::event::{Accredit, Action, ControlKey, Event, GOVERNANCE, Genesis, Validator};
use ledger::{SignedEvent, canonical};
use programs::{Served, done, get, refused};
use serde_json::{Value, json};
use tempfile::TempDir;

const BEGAN: i64 = 1_700_000_000;
const UNTIL: i64 = 2_000_000_000;

/// A node's folder as `network init` and some blocks would leave it, and its application, which
/// has the lock. Nothing listens where its RPC should be.
struct Node {
    home: TempDir,
    chain: Chain,
    governance: SigningKey,
    sequence: u64,
}

fn validator(name: &str) -> Validator {
    Validator {
        name: name.to_owned(),
        key: SigningKey::make_ed25519().public().to_jwk(),
        power: 10,
    }
}

impl Node {
    fn begun() -> Self {
        let home = tempfile::tempdir().unwrap();
        let governance = SigningKey::make_ed25519();
        let event = Event {
            ledger: None,
            signer: GOVERNANCE.to_owned(),
            sequence: 1,
            submit_before: BEGAN + 3600,
            action: Action::Genesis(Genesis {
                name: "Two bodies".to_owned(),
                rules: ledger::RULES,
                keys: vec![governance.public().to_jwk()],
                threshold: 1,
                demo: true,
                validators: vec![validator("North"), validator("South")],
                nonce: SigningKey::make_ed25519().public().thumbprint(),
            }),
        };
        let genesis = SignedEvent::sign(&event, &[&governance]).unwrap();
        let mut chain = Chain::open(home.path().join("node0/ledger")).unwrap();
        chain.begin("test", &bytes(&genesis), BEGAN).unwrap();
        let mut node = Self {
            home,
            chain,
            governance,
            sequence: 1,
        };
        node.write_settings(node.chain.registry().ledger());
        node.block(&[]);
        node
    }

    fn write_settings(&self, ledger: &str) {
        let rpc = "http://127.0.0.1:9";
        let settings = json!({"version": 1, "ledger": ledger, "chain": "test", "rpc": rpc});
        let path = self.path().join("node0/node.json");
        std::fs::write(path, settings.to_string()).unwrap();
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn block(&mut self, events: &[Vec<u8>]) {
        let block = Block {
            height: self.chain.height() + 1,
            hash: &[7; 32],
            time: BEGAN + 60,
        };
        let done = self.chain.execute(&block, events.iter().map(Vec::as_slice));
        assert!(done.unwrap().results.iter().all(Result::is_ok));
        self.chain.commit().unwrap();
    }

    fn accredit(&mut self, id: &str) {
        self.sequence += 1;
        let control = SigningKey::make_ed25519();
        let ledger = self.chain.registry().ledger().to_owned();
        let action = Action::Accredit(Accredit {
            id: id.to_owned(),
            names: [("en".to_owned(), "A board".to_owned())].into(),
            control_keys: vec![ControlKey {
                jwk: control.public().to_jwk(),
                possession: ledger::possession::prove(&control, id, &ledger),
            }],
            types: vec!["a".to_owned()],
            until: UNTIL,
        });
        let event = Event {
            ledger: Some(ledger),
            signer: GOVERNANCE.to_owned(),
            sequence: self.sequence,
            submit_before: BEGAN + 3600,
            action,
        };
        let event = SignedEvent::sign(&event, &[&self.governance]).unwrap();
        self.block(&[bytes(&event)]);
    }
}

fn bytes(event: &SignedEvent) -> Vec<u8> {
    canonical::value_to_bytes(event.to_value()).unwrap()
}

fn trail(url: &str) -> Value {
    let (head, body) = get(url, "/trail.json");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    serde_json::from_str(&body).unwrap()
}

const SERVE: &[&str] = &["serve", "node0", "--listen", "127.0.0.1:0"];

#[test]
fn a_node_has_a_page_while_it_runs() {
    let mut node = Node::begun();
    node.accredit("https://a.example");
    let served = Served::start(node.path(), SERVE);
    let shown = trail(&served.url);
    assert_eq!(shown["size"], 2);
    assert_eq!(shown["attested"], BEGAN + 60);
    assert_eq!(shown["network"]["height"], 2);
    assert_eq!(shown["network"]["validators"], json!(["North", "South"]));
    assert_eq!(shown["bodies"][0]["id"], "https://a.example");
    // The node goes on.
    node.accredit("https://b.example");
    let shown = trail(&served.url);
    assert_eq!(
        (&shown["size"], &shown["network"]["height"]),
        (&json!(3), &json!(3))
    );
    let (_, csv) = get(&served.url, "/trail.csv");
    assert!(
        csv.contains("\"accredit\",\"https://b.example\",\"governance\""),
        "{csv}"
    );
    let status = |path: &str| get(&served.url, path).0[9..12].to_owned();
    for path in ["/", "/page.js", "/page.css", "/pin.json"] {
        assert_eq!(status(path), "200", "{path}");
    }
    // Nothing that looks like something to check, and nothing else of the folder.
    for path in [
        "/checkpoint",
        "/tile/entries/000.p/3",
        "/chain.json",
        "/ledger/pin.json",
    ] {
        assert_eq!(status(path), "404", "{path}");
    }
    let (_, page) = get(&served.url, "/page.js");
    assert!(page.contains("one node's own replay"), "{page}");
}

#[test]
fn what_stands_is_said_by_the_folder_where_no_node_answers() {
    let mut node = Node::begun();
    node.accredit("https://a.example");
    let listed = done(node.path(), &["list", "node0"]);
    assert_eq!(
        (&listed["size"], &listed["checked"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(listed["attested"], BEGAN + 60);
    let shown = done(node.path(), &["show", "node0", "--id", "https://a.example"]);
    assert_eq!(shown["roles"][0]["role"], "accreditor");
    let explain = ["explain", "node0", "https://a.example", "--type", "a"];
    let explained = done(node.path(), &explain);
    assert_eq!(
        (&explained["verdict"], &explained["checked"]),
        (&json!("stale"), &json!(false))
    );
    // What claims to check goes by the headers, or not at all.
    refused(node.path(), &["verify", "node0"], "ledger_unreachable", 1);
}

#[test]
fn a_folder_that_is_not_as_it_was_written_is_not_shown() {
    let mut node = Node::begun();
    node.accredit("https://a.example");
    let path = node.path().join("node0/ledger/tile/entries/000.p/2");
    let whole = std::fs::read(&path).unwrap();
    let mut changed = whole.clone();
    let at = whole.len() - 20;
    changed[at] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    for words in [SERVE, &["list", "node0"]] {
        refused(node.path(), words, "forged_event", 2);
    }
    std::fs::remove_file(&path).unwrap();
    for words in [SERVE, &["list", "node0"]] {
        refused(node.path(), words, "ledger_folder", 1);
    }
    std::fs::write(&path, &whole).unwrap();
    node.write_settings("of-another");
    for words in [SERVE, &["list", "node0"]] {
        refused(node.path(), words, "ledger_damaged", 1);
    }
    let empty = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(empty.path().join("node0/ledger")).unwrap();
    let settings = node.path().join("node0/node.json");
    std::fs::copy(settings, empty.path().join("node0/node.json")).unwrap();
    refused(empty.path(), SERVE, "no_pin", 1);
}
