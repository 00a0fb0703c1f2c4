//! Our log, its proofs and its witnesses with `filippo.io/torchwood`: its client reads the tiles
//! (with the Merkle trees of `golang.org/x/mod/sumdb/tlog`), and its `litewitness` cosigns.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use journeys::peer::Peer;
use journeys::{Programs, Running, finish, succeed};
use keys::SigningKey;
use ledger::event::{ATTESTED, Accredit, Action, ControlKey, Event, GOVERNANCE, Genesis, Names};
use ledger::{FolderSource, Log, OperatorKeys, Pin, SignedEvent, StoredReplica, verify_folder};
use serde_json::{Value, json};

use crate::exchange::{get, now, refused, text};
use crate::folder::copy_folder;
use crate::trial::Trial;

const PEER: &str = "torchwood";
/// More than one tile, and a part of a second.
const ENTRIES: usize = 300;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::new(PEER, "its client reads every entry and proof", reads),
        Trial::new(PEER, "one checkpoint follows on another", follows),
        Trial::new(PEER, "what was changed it refuses", refuses),
        Trial::new(PEER, "litewitness cosigns our checkpoints", cosigns),
        Trial::new(PEER, "litewitness is not led back", is_not_led_back),
        Trial::new(PEER, "it knows our witness by its key", knows_our_witness),
    ]
}

/// A ledger of [`ENTRIES`] that is served.
struct Scene {
    home: tempfile::TempDir,
    programs: Programs,
    served: Running,
    pin: Pin,
    /// The checkpoint after the first entry.
    first: String,
}

impl Scene {
    fn new() -> Result<Self> {
        let home = tempfile::tempdir()?;
        let dir = home.path().join("led");
        let time = now()?;
        let governance = SigningKey::make_ed25519();
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
                name: "Read by others".to_owned(),
                rules: ledger::RULES,
                keys: vec![governance.public().to_jwk()],
                threshold: 1,
                demo: true,
                validators: Vec::new(),
                nonce: governance.public().thumbprint(),
            }),
        };
        let genesis = SignedEvent::sign(&genesis, &[&governance])?;
        let ledger = genesis.payload_digest();
        let mut log = Log::create(&dir, genesis, &operator, time)?;
        let first = fs::read_to_string(dir.join("checkpoint"))?;
        let mut events = Vec::new();
        for number in 1..ENTRIES {
            let control = SigningKey::make_ed25519().public().to_jwk();
            let event = Event {
                ledger: Some(ledger.clone()),
                signer: GOVERNANCE.to_owned(),
                sequence: number as u64 + 1,
                submit_before: time + 3600,
                action: Action::Accredit(Accredit {
                    id: format!("https://body-{number}.example"),
                    names: Names::from([("en".to_owned(), "Body".to_owned())]),
                    control_keys: vec![ControlKey {
                        jwk: control,
                        possession: ATTESTED.to_owned(),
                    }],
                    types: vec!["*".to_owned()],
                    until: time + 86_400,
                }),
            };
            events.push(SignedEvent::sign(&event, &[&governance])?);
        }
        log.append(events, &operator, time)?;
        let pin = log.pin().clone();
        drop(log);
        fs::create_dir(dir.join("keys"))?;
        for (name, key) in [
            ("governance.pem", &governance),
            ("log.pem", &operator.log),
            ("operator.pem", &operator.operator),
        ] {
            fs::write(dir.join("keys").join(name), key.to_pem()?.as_bytes())?;
        }
        let programs = Programs::beside_this_one()?;
        let mut serve = programs.command("cairn-ledger")?;
        let served = Running::start(serve.arg("serve").arg(&dir).arg("--json"))?;
        Ok(Self {
            home,
            programs,
            served,
            pin,
            first,
        })
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join("led").join(name)
    }

    fn checkpoint(&self) -> Result<String> {
        Ok(fs::read_to_string(self.file("checkpoint"))?)
    }

    fn request(&self, what: &str) -> Result<Value> {
        Ok(json!({
            "do": what,
            "url": self.served.url(),
            "checkpoint": self.checkpoint()?,
            "origin": self.pin.origin(),
            "keys": [self.pin.log().context("no log key")?.to_string()],
        }))
    }

    fn command(&self, args: &[&str]) -> Result<std::process::Command> {
        let mut command = self.programs.command("cairn-ledger")?;
        command.current_dir(self.home.path()).args(args);
        Ok(command)
    }

    fn run(&self, args: &[&str]) -> Result<Value> {
        let said = succeed(self.command(args)?.arg("--json"))?;
        Ok(serde_json::from_str(&said)?)
    }

    /// What was remarked while one more event was written.
    fn accredit(&self, id: &str) -> Result<String> {
        let args = [
            "accredit",
            "led",
            "--id",
            id,
            "--name",
            "A",
            "--types",
            "*",
            "--until",
            "2099-12-31",
            "--new-key",
        ];
        let output = finish(&mut self.command(&args)?)?;
        ensure!(output.status.success(), "{output:?}");
        Ok(String::from_utf8(output.stderr)?)
    }

    /// The size that a reader accepts who wants this witness's word.
    fn sync(&self, key: &str) -> Result<u64> {
        let args = [
            "pin",
            "led",
            "--threshold",
            "1",
            "--witness",
            key,
            "--out",
            "w.json",
        ];
        self.run(&args)?;
        let pin = Pin::parse(&fs::read(self.home.path().join("w.json"))?)?;
        let folder = tempfile::tempdir()?;
        let mut replica = StoredReplica::open(folder.path(), pin)?;
        let source = FolderSource::new(self.home.path().join("led"));
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(runtime.block_on(replica.sync(&source, 0))?.after)
    }
}

fn reads(peer: &mut Peer) -> Result<()> {
    let scene = Scene::new()?;
    let read = get(peer, &scene.request("read")?)?;
    let ours = verify_folder(&scene.home.path().join("led"))?;
    ensure!(read["size"] == ours.size());
    let theirs = read["entries"].as_array().context("no entries")?;
    ensure!(theirs.len() == ENTRIES);
    for (index, hash) in theirs.iter().enumerate() {
        let leaf = ours.tree().leaf(index as u64).context("a leaf")?;
        ensure!(text(hash)? == keys::b64::encode_standard(leaf), "{index}");
    }
    Ok(())
}

fn follows(peer: &mut Peer) -> Result<()> {
    let scene = Scene::new()?;
    let mut request = scene.request("consistent")?;
    request["before"] = scene.first.as_str().into();
    get(peer, &request)?;
    // Another log's first checkpoint is not ours.
    let other = Scene::new()?;
    request["before"] = other.first.as_str().into();
    refused(peer, &request, "no verifiable signatures")?;
    Ok(())
}

fn refuses(peer: &mut Peer) -> Result<()> {
    let scene = Scene::new()?;
    let mut request = scene.request("read")?;
    let sound = request["checkpoint"].clone();
    let forged = text(&sound)?.replacen("\n300\n", "\n299\n", 1);
    request["checkpoint"] = forged.into();
    refused(peer, &request, "invalid signature for key")?;
    request["checkpoint"] = sound;
    request["threshold"] = 1.into();
    let operator = scene.pin.operator().context("no operator key")?;
    request["witnesses"] = json!([operator.to_string()]);
    // The operator's cosignature is one by the specification.
    get(peer, &request)?;
    let stranger = SigningKey::make_ed25519().public();
    let kind = ledger::note::NoteAlgorithm::Cosignature;
    let stranger = ledger::note::VerifierKey::new("w.example/1", kind, &stranger)?;
    request["witnesses"] = json!([stranger.to_string()]);
    refused(peer, &request, "only 2/3 policy components")?;
    request["threshold"] = 0.into();
    let path = scene.file("tile/entries/000");
    let mut bundle = fs::read(&path)?;
    *bundle.last_mut().context("an empty bundle")? ^= 1;
    fs::write(&path, bundle)?;
    refused(peer, &request, "hash mismatch for entry 255")
}

/// A litewitness that knows our log; its key.
fn litewitness(peer: &mut Peer, scene: &Scene) -> Result<String> {
    let started = get(peer, &scene.request("witness")?)?;
    let (url, key) = (text(&started["url"])?, text(&started["key"])?);
    let asked = scene.run(&["witness", "ask", "led", "--url", url, "--key", key])?;
    // It says its key on a line of its own, as ours do.
    ensure!(asked["compared"] == true, "{asked}");
    Ok(key.to_owned())
}

fn cosigns(peer: &mut Peer) -> Result<()> {
    let scene = Scene::new()?;
    let key = litewitness(peer, &scene)?;
    scene.run(&["attest", "led"])?;
    ensure!(scene.sync(&key)? == ENTRIES as u64);
    // With a proof of consistency, and again with none.
    for size in 1..=2 {
        let remark = scene.accredit(&format!("https://more-{size}.example"))?;
        ensure!(remark.is_empty(), "{remark}");
        ensure!(scene.sync(&key)? == ENTRIES as u64 + size);
    }
    scene.run(&["attest", "led"])?;
    let mut request = scene.request("open")?;
    request["threshold"] = 1.into();
    request["witnesses"] = json!([key]);
    let opened = get(peer, &request)?;
    ensure!(opened["size"] == ENTRIES + 2);
    Ok(())
}

fn is_not_led_back(peer: &mut Peer) -> Result<()> {
    let scene = Scene::new()?;
    let key = litewitness(peer, &scene)?;
    scene.run(&["attest", "led"])?;
    let (dir, copy) = (
        scene.home.path().join("led"),
        scene.home.path().join("copy"),
    );
    copy_folder(&dir, &copy)?;
    scene.accredit("https://one.example")?;
    ensure!(scene.sync(&key)? == ENTRIES as u64 + 1);
    // The folder is set back, and goes on otherwise.
    fs::remove_dir_all(&dir)?;
    copy_folder(&copy, &dir)?;
    let remark = scene.accredit("https://two.example")?;
    ensure!(remark.contains("Not cosigned by litewitness"), "{remark}");
    ensure!(scene.sync(&key).is_err());
    Ok(())
}

fn knows_our_witness(peer: &mut Peer) -> Result<()> {
    let scene = Scene::new()?;
    let made = scene.run(&["witness", "init", "w", "--name", "witness.example/1"])?;
    let key = text(&made["key"])?;
    let from = scene.served.url();
    let follow = [
        "witness",
        "follow",
        "w",
        "--pin",
        "led/pin.json",
        "--from",
        from,
    ];
    scene.run(&follow)?;
    let witness = Running::start(&mut scene.command(&["witness", "serve", "w", "--json"])?)?;
    scene.run(&[
        "witness",
        "ask",
        "led",
        "--url",
        witness.url(),
        "--key",
        key,
    ])?;
    scene.run(&["attest", "led"])?;
    let mut request = scene.request("open")?;
    request["threshold"] = 1.into();
    request["witnesses"] = json!([key]);
    get(peer, &request)?;
    let note = scene.checkpoint()?;
    let size = format!("\n{ENTRIES}\n");
    ensure!(note.contains(&size));
    // The same signature under another text counts for nothing.
    request["checkpoint"] = note.replacen(&size, "\n301\n", 1).into();
    request["keys"] = json!([]);
    refused(
        peer,
        &request,
        "invalid signature for key witness.example/1",
    )
}
