//! A ledger and its witnesses as programs, over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "../../../ledger/tests/world/folder.rs"]
mod folder;
#[path = "../programs/mod.rs"]
mod programs;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use folder::copy_folder;
use keys::SigningKey;
use ledger::{FolderSource, Pin, StoredReplica};
use programs::{Served, accreditation, done, first_line, post, refused, run, write_jwk};
use serde_json::Value;

/// A ledger that is served, and witnesses that follow it.
struct Scene {
    home: tempfile::TempDir,
    ledger: Served,
    witnesses: Vec<Served>,
}

impl Scene {
    fn new(witnesses: usize) -> Self {
        Self::at("127.0.0.1:0", witnesses)
    }

    /// With its ledger at this address.
    fn at(listen: &str, witnesses: usize) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        done(folder, &["init", "led", "--name", "Test", "--demo"]);
        let ledger = Served::start(folder, &["serve", "led", "--listen", listen]);
        let mut scene = Self {
            ledger,
            witnesses: Vec::new(),
            home,
        };
        for number in 1..=witnesses {
            scene.add(number);
        }
        scene
    }

    fn folder(&self) -> &std::path::Path {
        self.home.path()
    }

    fn add(&mut self, number: usize) {
        let (dir, name) = (format!("w{number}"), format!("witness.example/{number}"));
        let made = done(self.folder(), &["witness", "init", &dir, "--name", &name]);
        let key = made["key"].as_str().unwrap();
        let from = self.ledger.url.clone();
        let follow = [
            "witness",
            "follow",
            &dir,
            "--pin",
            "led/pin.json",
            "--from",
            &from,
        ];
        done(self.folder(), &follow);
        let witness = Served::start(self.folder(), &["witness", "serve", &dir]);
        let ask = ["witness", "ask", "led", "--url", &witness.url, "--key", key];
        let asked = done(self.folder(), &ask);
        assert_eq!(asked["witnesses"], number);
        assert_eq!(asked["compared"], true);
        self.witnesses.push(witness);
    }

    /// Starts a witness that was ended, and has the ledger ask it where it is now.
    fn again(&self, number: usize) -> Served {
        let back = Served::start(self.folder(), &["witness", "serve", &format!("w{number}")]);
        let witnesses = self.folder().join("led/witnesses.json");
        let text = std::fs::read_to_string(&witnesses).unwrap();
        let mut file: Value = serde_json::from_str(&text).unwrap();
        file["witnesses"][number - 1]["url"] = back.url.as_str().into();
        std::fs::write(&witnesses, file.to_string()).unwrap();
        back
    }

    /// One more event; gives what was remarked.
    fn accredit(&self, id: &str) -> String {
        let args = accreditation("led", id);
        let output = run(self.folder(), &args);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// What a reader with this pin gets.
    fn sync(&self, pin: &str) -> Result<u64, &'static str> {
        let pin = Pin::parse(&std::fs::read(self.folder().join(pin)).unwrap()).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut replica = StoredReplica::open(home.path(), pin).unwrap();
        let source = FolderSource::new(self.folder().join("led"));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        match runtime.block_on(replica.sync(&source, 0)) {
            Ok(synced) => Ok(synced.after),
            Err(error) => Err(error.name()),
        }
    }
}

/// A place to come back to: its port is below those that the system gives to whoever connects or
/// listens, so that nobody takes it meanwhile.
fn address_to_keep() -> String {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    loop {
        let own = u16::try_from(std::process::id() % 10_000).unwrap();
        let port = 20_000 + own + TRIED.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return format!("127.0.0.1:{port}");
        }
    }
}

#[test]
fn k_of_n_witnesses_stand_behind_what_readers_accept() {
    let mut scene = Scene::new(3);
    let pin = done(scene.folder(), &["pin", "led", "--threshold", "2"]);
    assert_eq!(pin["witnesses"].as_array().unwrap().len(), 3);
    // Nobody was asked yet for what stands.
    assert_eq!(scene.sync("led/pin.json"), Ok(1));
    assert_eq!(
        scene.sync("led/witnessed-pin.json"),
        Err("too_few_witnesses")
    );
    done(scene.folder(), &["attest", "led"]);
    assert_eq!(scene.sync("led/witnessed-pin.json"), Ok(1));
    assert_eq!(scene.accredit("https://a.example"), "");
    assert_eq!(scene.sync("led/witnessed-pin.json"), Ok(2));

    // One stops: two of three are enough, and it is said who is missing.
    drop(scene.witnesses.pop());
    let remark = scene.accredit("https://b.example");
    assert!(
        remark.contains("Not cosigned by witness.example/3"),
        "{remark}"
    );
    assert!(!remark.contains("Readers"), "{remark}");
    assert_eq!(scene.sync("led/witnessed-pin.json"), Ok(3));

    // Two stop: the ledger goes on, its readers do not.
    drop(scene.witnesses.pop());
    let remark = scene.accredit("https://c.example");
    assert!(
        remark.contains("1 of 3 witnesses cosigned. Readers"),
        "{remark}"
    );
    assert_eq!(scene.sync("led/pin.json"), Ok(4));
    assert_eq!(
        scene.sync("led/witnessed-pin.json"),
        Err("too_few_witnesses")
    );

    // It comes back where it was, and catches up.
    let _back = scene.again(2);
    done(scene.folder(), &["attest", "led"]);
    assert_eq!(scene.sync("led/witnessed-pin.json"), Ok(4));
    // What is handed out is the pin that asks for them.
    let handed = programs::get(&scene.ledger.url, "/pin.json");
    assert!(handed.1.contains("\"threshold\":2"), "{}", handed.1);
    // The page shows the fingerprint of that one too.
    let trail = programs::get(&scene.ledger.url, "/trail.json").1;
    let trail: Value = serde_json::from_str(&trail).unwrap();
    let handed = Pin::parse(handed.1.as_bytes()).unwrap();
    assert_eq!(trail["fingerprint"], handed.fingerprint());
    assert_eq!(trail["fingerprint"], pin["fingerprint"]);
}

/// What serves a ledger asks for cosignatures by itself, when it begins and each hour.
#[test]
fn a_ledger_that_is_served_asks_its_witnesses() {
    let address = address_to_keep();
    let mut scene = Scene::at(&address, 1);
    done(scene.folder(), &["pin", "led", "--threshold", "1"]);
    assert_eq!(
        scene.sync("led/witnessed-pin.json"),
        Err("too_few_witnesses")
    );
    scene.ledger.kill();
    let again = ["serve", "led", "--listen", &address];
    scene.ledger = Served::start(scene.folder(), &again);
    let until = Instant::now() + Duration::from_secs(120);
    while scene.sync("led/witnessed-pin.json").is_err() {
        assert!(Instant::now() < until, "nobody asked");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_witness_that_lost_its_record_does_not_begin_again() {
    let scene = Scene::new(1);
    let log = std::fs::read_dir(scene.folder().join("w1/logs")).unwrap();
    let log = log.map(|entry| entry.unwrap().path()).next().unwrap();
    let serve = ["witness", "serve", "w1"];
    // Before it has signed, there is nothing to lose.
    scene.witnesses[0].kill();
    std::fs::remove_dir_all(log.join("record")).unwrap();
    assert!(first_line(scene.folder(), &serve)["listening"].is_string());
    let back = scene.again(1);
    assert_eq!(scene.accredit("https://a.example"), "");
    drop(back);
    std::fs::rename(log.join("record"), log.join("kept")).unwrap();
    let refused = first_line(scene.folder(), &serve);
    assert_eq!(refused["error"]["kind"], "record_lost", "{refused}");
    std::fs::remove_dir_all(log.join("record")).unwrap();
    std::fs::rename(log.join("kept"), log.join("record")).unwrap();
    assert!(first_line(scene.folder(), &serve)["listening"].is_string());
}

#[test]
fn a_ledger_that_was_set_back_is_not_cosigned_again() {
    let scene = Scene::new(1);
    scene.accredit("https://a.example");
    // The folder as it was before: an old copy put back.
    let copy = scene.folder().join("copy");
    copy_folder(&scene.folder().join("led"), &copy).unwrap();
    scene.accredit("https://b.example");
    std::fs::remove_dir_all(scene.folder().join("led")).unwrap();
    copy_folder(&copy, &scene.folder().join("led")).unwrap();
    let attest = run(scene.folder(), &["attest", "led"]);
    let remark = String::from_utf8(attest.stderr).unwrap();
    assert!(remark.contains("was the folder set back"), "{remark}");
    // Another history of the same length.
    let remark = scene.accredit("https://c.example");
    assert!(remark.contains("status 409"), "{remark}");
}

#[test]
fn submissions_are_answered_by_the_specification() {
    let scene = Scene::new(1);
    let witness = &scene.witnesses[0].url;
    let note = std::fs::read_to_string(scene.folder().join("led/checkpoint")).unwrap();
    let body = |old: &str, note: &str| format!("old {old}\n\n{note}");
    let unknown = note.replacen("cairn-ledger/", "cairn-ledger/x", 1);
    let unsigned = note.replacen("\n1\n", "\n2\n", 1);
    for (body, status) in [
        (String::from("hello"), 400),
        (body("2", &note), 400),
        (body("0", &unknown), 404),
        (body("0", &unsigned), 403),
        (body("1", &note), 409),
        (format!("old 0\n{}\n\n{note}", "A".repeat(43) + "="), 422),
        ("x".repeat(1 << 20), 413),
    ] {
        let (head, answer) = post(witness, "/add-checkpoint", &body);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        if status == 409 {
            assert!(head.contains("content-type: text/x.tlog.size"), "{head}");
            assert_eq!(answer, "0\n");
        }
    }
    let (head, answer) = post(witness, "/add-checkpoint", &body("0", &note));
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(answer.starts_with("\u{2014} witness.example/1 ") && answer.ends_with("=\n"));
    assert_eq!(answer.lines().count(), 1);
    let (_, answer) = post(witness, "/add-checkpoint", &body("0", &note));
    assert_eq!(answer, "1\n");
    let (head, about) = programs::get(witness, "/");
    assert!(head.starts_with("HTTP/1.1 200 ") && about.starts_with("witness.example/1+"));
    assert!(
        programs::get(witness, "/keys/witness.pem")
            .0
            .starts_with("HTTP/1.1 404 ")
    );
    assert!(
        programs::get(witness, "/add-checkpoint")
            .0
            .starts_with("HTTP/1.1 405 ")
    );
}

/// The root that a witness signed at a size, whatever else happens to it.
fn roots_by_size(note: &str, answer: &str, seen: &mut BTreeMap<String, String>) {
    if answer.starts_with('\u{2014}') {
        let mut lines = note.lines().skip(1);
        let (size, root) = (lines.next().unwrap(), lines.next().unwrap());
        let known = seen
            .entry(size.to_owned())
            .or_insert_with(|| root.to_owned());
        assert_eq!(known, root, "two roots at {size}");
    }
}

/// A log that forks: two histories of the same key, submitted at once and again, while the witness is
/// killed and comes back.
#[test]
fn a_fork_gets_one_side_signed_though_the_witness_is_killed() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    done(folder, &["init", "led", "--name", "Test", "--demo"]);
    copy_folder(&folder.join("led"), &folder.join("fork")).unwrap();
    for (dir, id) in [("led", "https://a.example"), ("fork", "https://b.example")] {
        let args = accreditation(dir, id);
        done(folder, &args);
    }
    let notes = ["led", "fork"]
        .map(|dir| std::fs::read_to_string(folder.join(dir).join("checkpoint")).unwrap());
    assert_ne!(notes[0].lines().nth(2), notes[1].lines().nth(2));
    // What is read is the one history or the other, as a forking operator would have it.
    done(folder, &["witness", "init", "w", "--name", "w.example/1"]);
    let both = folder.join("both");
    copy_folder(&folder.join("led"), &both).unwrap();
    let follow = [
        "witness",
        "follow",
        "w",
        "--pin",
        "led/pin.json",
        "--from",
        "both",
    ];
    done(folder, &follow);
    let mut seen = BTreeMap::new();
    for round in 0..12 {
        let witness = Served::start(folder, &["witness", "serve", "w"]);
        let side = ["led", "fork"][round % 2];
        copy_folder(&folder.join(side).join("tile"), &both.join("tile")).unwrap();
        let url = &witness.url;
        let answers: Vec<(usize, String)> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..4)
                .map(|number| {
                    let body = format!("old {}\n\n{}", (number / 2) * 2, notes[number % 2]);
                    scope.spawn(move || {
                        (
                            number % 2,
                            programs::try_post(url, "/add-checkpoint", &body),
                        )
                    })
                })
                .collect();
            if round % 3 == 1 {
                // In the middle of it.
                witness.kill();
            }
            asked
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .map(|(side, answer)| (side, answer.unwrap_or_default()))
                .collect()
        });
        for (side, answer) in answers {
            roots_by_size(&notes[side], &answer, &mut seen);
        }
    }
    assert_eq!(seen.len(), 1, "one side was signed");
}

#[test]
fn one_address_cannot_ask_without_end() {
    let scene = Scene::new(1);
    let witness = &scene.witnesses[0].url;
    let refused = (0..4000).any(|_| {
        let (head, _) = post(witness, "/add-checkpoint", "x");
        head.starts_with("HTTP/1.1 429 ")
    });
    assert!(refused);
}

#[test]
fn witnesses_and_pins_are_refused_by_name() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    done(folder, &["init", "led", "--name", "Test"]);
    let made = done(folder, &["witness", "init", "w", "--name", "w.example/1"]);
    let key = made["key"].as_str().unwrap();
    refused(
        folder,
        &["witness", "init", "w", "--name", "x"],
        "witness_exists",
        1,
    );
    refused(folder, &["witness", "serve", "none"], "no_witness", 1);
    refused(
        folder,
        &["witness", "init", "x", "--name", "two words"],
        "witness_name",
        2,
    );
    let p256 = SigningKey::make_p256();
    std::fs::write(folder.join("p256.pem"), p256.to_pem().unwrap().as_bytes()).unwrap();
    let with_p256 = ["witness", "init", "x", "--name", "x", "--key", "p256.pem"];
    refused(folder, &with_p256, "key_file", 2);
    let follow = [
        "witness",
        "follow",
        "w",
        "--pin",
        "led/pin.json",
        "--from",
        "led",
    ];
    done(folder, &follow);
    refused(folder, &follow, "already_followed", 1);
    let network =
        ledger::comet::NetworkPin::new("chain", 1, [7; 32], std::time::Duration::from_secs(86_400));
    let id = p256.public().thumbprint();
    let network = Pin::of_network(&id, "A network", network.unwrap()).unwrap();
    std::fs::write(folder.join("network.json"), network.to_bytes()).unwrap();
    let pin = [
        "witness",
        "follow",
        "w",
        "--pin",
        "network.json",
        "--from",
        "led",
    ];
    refused(folder, &pin, "wrong_pin", 2);
    write_jwk(folder, "other.jwk", &p256);
    let pin = [
        "witness",
        "follow",
        "w",
        "--pin",
        "other.jwk",
        "--from",
        "led",
    ];
    refused(folder, &pin, "wrong_pin", 2);
    let url = "http://127.0.0.1:1";
    let ask = |key: &str, kind: &str| {
        let args = ["witness", "ask", "led", "--url", url, "--key", key];
        refused(folder, &args, kind, 2);
    };
    ask("nonsense", "witness_key");
    let pin: Value =
        serde_json::from_slice(&std::fs::read(folder.join("led/pin.json")).unwrap()).unwrap();
    ask(pin["log"].as_str().unwrap(), "witness_key");
    // The operator is no witness of its own ledger.
    ask(pin["operator"].as_str().unwrap(), "witnesses");
    refused(folder, &["pin", "led", "--threshold", "1"], "witnesses", 2);
    let pin = |more: &[&str], kind: &str, code| {
        refused(folder, &[&["pin", "led"], more].concat(), kind, code);
    };
    pin(&["--threshold", "0", "--witness", key], "usage", 1);
    pin(&["--threshold", "2", "--witness", key], "witnesses", 2);
    let twice = ["--threshold", "1", "--witness", key, "--witness", key];
    pin(&twice, "witnesses", 2);
    let serving = Served::start(folder, &["witness", "serve", "w"]);
    refused(folder, &["witness", "serve", "w"], "witness_locked", 1);
    // The key is another witness's than the address, and nothing is written.
    let other = done(folder, &["witness", "init", "v", "--name", "w.example/1"]);
    let ask = |key: &str| {
        let ask = ["witness", "ask", "led", "--url", &serving.url, "--key", key];
        ask.map(str::to_owned)
    };
    let wrong = ask(other["key"].as_str().unwrap());
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    refused(folder, &wrong, "wrong_witness", 2);
    assert!(!folder.join("led/witnesses.json").exists());
    let right = ask(key);
    let right: Vec<&str> = right.iter().map(String::as_str).collect();
    assert_eq!(done(folder, &right)["compared"], true);
    // Where nobody says a key, that is said.
    let nobody = ["witness", "ask", "led", "--url", url, "--key", key];
    let output = run(folder, &nobody);
    assert!(output.status.success(), "{output:?}");
    let remark = String::from_utf8(output.stderr).unwrap();
    assert!(remark.contains("was not compared"), "{remark}");
}
