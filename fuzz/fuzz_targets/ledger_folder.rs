//! `chain.json` of a node and `replica.json` of one who follows a ledger, in the place of those
//! that stood beside the tiles. A checkpoint without signatures is signed as its operator would.
#![no_main]

#[allow(dead_code, reason = "other targets sign events of their own")]
mod world;

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use futures_util::FutureExt as _;
use ledger::canonical::value_to_bytes;
use ledger::comet::{Block, Chain};
use ledger::event::Event;
use ledger::note::{NoteSigner, sign};
use ledger::{FolderSource, Log, OperatorKeys, Pin, Registry, StoredReplica};
use serde_json::{Value, json};

struct Folders {
    chain: PathBuf,
    replica: PathBuf,
    pin: Pin,
}

fn folders() -> &'static Folders {
    static FOLDERS: OnceLock<Folders> = OnceLock::new();
    FOLDERS.get_or_init(|| {
        let root = std::env::temp_dir().join(format!("folders-{}", std::process::id()));
        // Left by a process that had the same number.
        let _ = fs::remove_dir_all(&root);
        let folders = Folders {
            chain: root.join("chain"),
            replica: root.join("replica"),
            pin: begin_log(&root.join("log")),
        };
        begin_chain(&folders.chain);
        let mut replica =
            StoredReplica::open(&folders.replica, folders.pin.clone()).expect("a folder");
        let source = FolderSource::new(root.join("log"));
        let synced = replica.sync(&source, world::NOW).now_or_never();
        assert!(matches!(synced, Some(Ok(synced)) if synced.after == 1));
        folders
    })
}

fn begin_chain(folder: &PathBuf) {
    let events = world::begun().1.iter();
    let events: Vec<Vec<u8>> = events
        .map(|event| value_to_bytes(event.to_value()).expect("an event"))
        .collect();
    let mut chain = Chain::open(folder).expect("a folder");
    chain.begin("test", &events[0], world::NOW).expect("begun");
    let first = Block {
        height: 1,
        hash: &[1; 32],
        time: world::NOW,
    };
    let rest = events.iter().skip(1).map(Vec::as_slice);
    chain.execute(&first, rest).expect("executed");
    chain.commit().expect("committed");
}

fn begin_log(folder: &PathBuf) -> Pin {
    let genesis = json!({
        "action": "genesis",
        "body": {
            "name": "Test",
            "rules": 1,
            "keys": [world::key(1).public().to_jwk()],
            "threshold": 1,
            "nonce": "AAAAAAAAAAAAAAAAAAAAAA",
        },
        "sequence": 1,
        "signer": "governance",
        "submit_before": world::NOW + 60,
    });
    let genesis = Event::from_value(genesis).expect("an event");
    let genesis = world::sign(&Registry::default(), genesis).expect("signed");
    let keys = OperatorKeys {
        log: world::key(4),
        operator: world::key(5),
    };
    drop(Log::create(folder, genesis, &keys, world::NOW).expect("a log"));
    Pin::parse(&fs::read(folder.join("pin.json")).expect("a pin")).expect("a pin")
}

/// The file with its checkpoint signed, where that is a text alone.
fn signed(bytes: &[u8], pin: &Pin) -> Option<Vec<u8>> {
    let mut file = keys::json::parse_object(bytes).ok()?;
    let text = file.get("checkpoint")?.as_str()?;
    if text.contains("\n\n") {
        return None;
    }
    let (log, operator) = (world::key(4), world::key(5));
    let signers = [
        NoteSigner::log(pin.origin(), &log).ok()?,
        NoteSigner::cosigner(pin.origin(), &operator, world::NOW).ok()?,
    ];
    let note = String::from_utf8(sign(text, &signers).ok()?).ok()?;
    file.insert("checkpoint".to_owned(), note.into());
    Some(Value::Object(file).to_string().into_bytes())
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let folders = folders();
    fs::write(folders.chain.join("chain.json"), bytes).expect("room for a file");
    if let Ok(chain) = Chain::open(&folders.chain) {
        let _ = (chain.height(), chain.app_hash(), chain.validators());
        let _ = (chain.log_at(chain.height()), chain.log_at(1), chain.pin());
        let _ = chain.bundle(0, 1);
    }
    let own = signed(bytes, &folders.pin);
    let file = own.as_deref().unwrap_or(bytes);
    fs::write(folders.replica.join("replica.json"), file).expect("room for a file");
    if let Ok(replica) = StoredReplica::open(&folders.replica, folders.pin.clone()) {
        assert!(replica.replica().size() <= 1);
    }
});
