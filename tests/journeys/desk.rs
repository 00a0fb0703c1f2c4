//! The wallet at a desk: codes, chosen from the ledger, while every other program is gone.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::cut_off::{cut_off, kinds};
use crate::formats::{add, exemption_query, licence_query, licensing, purposes};
use crate::stage::{
    Counter, DESK_NAME, EXEMPTION, Issuer, LedgerDesk, Said, Stage, Wallet, anywhere, purpose, said,
};

const CLAIMS: [&str; 2] = ["given_name", "valid_to"];

/// A wallet with a card and a ledger that lists a desk; nobody else runs any more.
struct Alone<'a> {
    wallet: Wallet<'a>,
    client_id: String,
    counter: Vec<String>,
}

fn alone(stage: &Stage) -> Alone<'_> {
    let ledger = LedgerDesk::found(stage);
    let issuer = Issuer::open(stage);
    ledger.register_issuer(&issuer);
    let purposes = stage.write("desk.toml", purpose("free-prescription", &CLAIMS));
    let counter = Counter::open(stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "5");
    wallet.run(&["ledger", "sync"]).done();
    let data = stage.text_path("counter");
    let options = ["--demo", "--json", "--data", &data, "--purposes", &purposes];
    let options = [options.as_slice(), &["--ledger", &ledger.folder]].concat();
    Alone {
        wallet,
        client_id: counter.client_id.clone(),
        counter: options.into_iter().map(str::to_owned).collect(),
    }
}

impl Alone<'_> {
    /// A command of the counter, with the ledger's own files.
    fn counter(&self, arguments: &[&str]) -> Command {
        let mut command = self.wallet.stage.command("cairn-counter");
        command.args(&self.counter).args(arguments);
        command
    }

    fn read(&self, files: &[&str]) -> Said {
        said(&mut self.counter(&[["read"].as_slice(), files].concat()))
    }
}

#[test]
fn a_code_for_a_desk_that_the_ledger_lists() {
    let stage = Stage::new();
    let Alone {
        wallet, client_id, ..
    } = alone(&stage);
    let desks = wallet.run(&["desks"]).done();
    let desk = &desks["desks"][0];
    assert_eq!(
        (&desk["id"], &desk["name"]),
        (&json!(client_id), &json!(DESK_NAME))
    );
    assert_eq!(desk["purposes"][0]["id"], "free-prescription");
    let to = [
        "present",
        "--to",
        DESK_NAME,
        "--purpose",
        "free-prescription",
    ];
    let present = |more: &[&str]| wallet.run(&[to.as_slice(), more].concat());
    let file = stage.text_path("answer.svg");
    let shown = present(&["--yes", "--qr", &file]).done();
    assert_eq!(shown["outcome"], "shown");
    assert_eq!(shown["service"]["id"], json!(client_id));
    assert_eq!(shown["service"]["verdict"], "listed");
    assert_eq!(
        shown["shared"][0]["claims"],
        json!([["given_name"], ["valid_to"]])
    );
    let code = &shown["code"];
    assert_eq!((&code["live"], &code["parts"]), (&json!(false), &json!(1)));
    let text = code["texts"][0].as_str().unwrap();
    assert!(text.starts_with("CAIRN-ANSWER:"), "{text}");
    let open = code["expires_at"].as_i64().unwrap() - code["made_at"].as_i64().unwrap();
    assert!((60..=120).contains(&open), "{open}");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("<svg"));
    // What cannot be written is not shown, and uses no copy up.
    present(&["--yes", "--qr", &file]).failed(1, "file", "effect");
    present(&["--yes", "--qr", "answer.txt"]).failed(1, "usage", "review");
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 4);
    // In smaller codes it takes several, as it does with what the ledger says about the issuer.
    let film = stage.text_path("small.gif");
    let small = present(&["--yes", "--size", "small", "--qr", &film]).done();
    assert!(small["code"]["parts"].as_u64().unwrap() > 1, "{small}");
    let large = stage.text_path("answer.png");
    present(&["--yes", "--staple", "--qr", &large]).failed(1, "several_parts", "effect");
    assert!(!Path::new(&large).exists());
    let film = stage.text_path("answer.gif");
    let shown = present(&["--yes", "--staple", "--qr", &film]).done();
    assert_eq!(shown["stapled"]["evidence"], 1);
    assert!(shown["code"]["parts"].as_u64().unwrap() > 1);
    assert!(std::fs::read(&film).unwrap().starts_with(b"GIF89a"));
    let outcomes: Vec<Value> = wallet
        .history()
        .iter()
        .map(|event| event["outcome"].clone())
        .collect();
    let expected = ["shown", "not_sent", "shown", "not_sent"].map(Value::from);
    assert_eq!(outcomes.get(..4), Some(expected.as_slice()));
    assert!(wallet.history()[0]["way"]["code"]["expires_at"].is_i64());
    assert!(!anywhere(&stage.path("wallet"), "Sample"));
}

#[test]
fn what_a_desk_cannot_ask_is_refused_by_name() {
    let stage = Stage::new();
    let Alone {
        wallet, client_id, ..
    } = alone(&stage);
    let to = |desk: &str, purpose: &str| {
        let all = [
            "present",
            "--to",
            desk,
            "--purpose",
            purpose,
            "--yes",
            "--qr",
            "a.svg",
        ];
        wallet.run(&all)
    };
    to("nobody", "free-prescription").failed(2, "service_unlisted", "review");
    to(&client_id, "everything").failed(2, "no_such_purpose", "review");
    let asked = |code: &str| wallet.run(&["present", "--ask", code, "--yes", "--qr", "a.svg"]);
    asked("CAIRN-ASK:NONSENSE").failed(2, "code_damaged", "review");
    let file = stage.write("link.txt", "openid4vp://?client_id=x");
    asked(&file).failed(2, "not_a_desk_code", "review");
    let online = [
        "present",
        "openid4vp://?client_id=x509_hash:x&request_uri=https%3A%2F%2Fdesk.example%2Fr",
        "--qr",
        "a.svg",
    ];
    wallet.run(&online).failed(1, "usage", "review");
    wallet.run(&["present"]).failed(1, "usage", "review");
    wallet
        .run(&["present", "--to", &client_id])
        .failed(1, "usage", "review");
    assert!(!stage.path("a.svg").exists());
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 5);
}

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn wallet_and_counter_without_a_network() {
    let stage = Stage::new();
    let alone = alone(&stage);
    let asked = stage.text_path("ask.png");
    let mut sizes = Vec::new();
    // What the desk has itself need not ride along: its ledger is fresh.
    for (kind, evidence, rides, expected) in [
        ("--live", "auto", 0, "accepted"),
        ("--live", "always", 1, "accepted"),
        ("--poster", "auto", 1, "caution"),
        ("--poster", "never", 0, "caution"),
    ] {
        let ask = ["ask", "--purpose", "free-prescription", kind];
        let ask = [ask.as_slice(), &["--out", &asked, "--evidence", evidence]].concat();
        let wants = said(&mut cut_off(&alone.counter(&ask))).done()["wants"].take();
        assert_eq!(wants, json!({"evidence": rides == 1, "status": true}));
        let shown = stage.text_path("shown.gif");
        let answer = ["present", "--ask", &asked, "--yes", "--qr", &shown];
        let told = said(&mut cut_off(&alone.wallet.command(&answer))).done();
        assert_eq!(told["code"]["live"], kind == "--live");
        assert_eq!(told["stapled"]["evidence"], rides, "{told}");
        sizes.push((
            told["code"]["bytes"].as_u64(),
            told["code"]["parts"].as_u64(),
        ));
        let read = || said(&mut cut_off(&alone.counter(&["read", &shown])));
        let verdict = read().done_by(&[&shown]);
        assert_eq!(verdict["outcome"], expected, "{verdict}");
        let claims = serde_json::to_string(&verdict["claims"]).unwrap();
        assert!(claims.contains("given_name") && !claims.contains("family_name"));
        let again = read();
        assert_eq!((again.code, kinds(&again.json())[0]), (2, "replayed"));
        std::fs::remove_file(&shown).unwrap();
        std::fs::remove_file(&asked).unwrap();
    }
    println!("bytes and codes of an answer without and with evidence: {sizes:?}");
    assert!(sizes[0] < sizes[1], "{sizes:?}");
}

/// Each format by the wallet itself, with what the desk asks to have beside it left out.
#[test]
fn every_format_is_shown_by_the_wallet_and_taken_by_the_desk() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let licensing = licensing(&stage, &ledger, &[]);
    let bbs = ["--bbs", "--formats", "bbs-2023"];
    let bbs = Issuer::open_in(&stage, "bbs", &bbs);
    let jwt = Issuer::open_in(&stage, "jwt", &["--formats", "jwt_vc_json"]);
    for (id, issuer) in [("bbs", &bbs), ("jwt", &jwt)] {
        let source = ["--metadata", issuer.service.url()];
        let id = format!("urn:cairn:demo:body:{id}");
        ledger.register_another(&id, "An issuer (demo)", EXEMPTION, &source);
    }
    let mut jwt_query = exemption_query("jwt_vc_json", true);
    jwt_query["id"] = json!("jwt");
    for (name, issuer, query) in [
        ("mdoc", &licensing, licence_query()),
        ("bbs", &bbs, exemption_query("ldp_vc", false)),
        ("jwt", &jwt, jwt_query),
    ] {
        let purposes = purposes(&stage, &json!([query]));
        let counter = Counter::open(&stage, name, ledger.url(), &purposes, &[]);
        ledger.register_service(&counter.client_id, &purposes);
        let wallet = stage.wallet(&format!("wallet-{name}"), ledger.url());
        add(&wallet, issuer, "1");
        wallet.run(&["ledger", "sync"]).done();
        let data = stage.text_path(name);
        let options = ["--demo", "--json", "--data", &data, "--purposes", &purposes];
        let options = [options.as_slice(), &["--ledger", &ledger.folder]].concat();
        let run = |verb: &[&str]| stage.run("cairn-counter", &[options.as_slice(), verb].concat());
        let ask = [
            "ask",
            "--purpose",
            "p",
            "--live",
            "--evidence",
            "never",
            "--status",
            "never",
        ];
        let asked = run(&ask).done()["text"].as_str().unwrap().to_owned();
        let film = stage.text_path(&format!("{name}.gif"));
        // Without a word before it: the text of a desk's code is known by itself.
        let shown = wallet
            .run(&["present", &asked, "--yes", "--qr", &film])
            .done();
        let parts = shown["code"]["parts"].as_u64().unwrap();
        assert!(parts <= 12, "{name}: {}", shown["code"]);
        let verdict = run(&["read", &film]).done_by(&[&film]);
        assert_ne!(verdict["outcome"], "refused", "{name}: {verdict}");
        assert_eq!(verdict["binding"], "live");
        assert!(!verdict["claims"].as_object().unwrap().is_empty());
    }
}

/// What a printer and a scanner make of a PDF: pictures of its pages.
fn scanned(stage: &Stage, pdf: &str, name: &str) -> Vec<String> {
    let pages = stage.text_path(name);
    let mut printer = Command::new("pdftoppm");
    printer.args(["-r", "150", "-gray", "-png", pdf, &pages]);
    assert_eq!(said(&mut printer).code, 0, "poppler-utils draws the pass");
    let mut files: Vec<String> = std::fs::read_dir(stage.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|file| file.starts_with(name) && file.ends_with(".png"))
        .map(|file| stage.text_path(&file))
        .collect();
    files.sort();
    files
}

#[test]
fn a_printed_pass_is_read_from_paper_once() {
    let stage = Stage::new();
    let alone = alone(&stage);
    let wallet = &alone.wallet;
    let pass = |from: &str, until: &str, file: &str, more: &[&str]| {
        let mut all = vec!["pass", "--to", DESK_NAME, "--purpose", "free-prescription"];
        all.extend(["--from", from, "--until", until, "--pdf", file, "--yes"]);
        all.extend(more);
        wallet.run(&all)
    };
    let pdf = stage.text_path("pass.pdf");
    // Each until tomorrow: it may be midnight before the test is over.
    let (today, tomorrow) = (day(0), day(1));
    let made = pass(&today, &tomorrow, &pdf, &[]).done();
    assert_eq!(made["pass"]["codes"], 1, "{made}");
    let mut reader = Command::new("pdftotext");
    let words = said(reader.args(["-layout", &pdf, "-"])).out;
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let given = alone_claim(wallet);
    for said in [DESK_NAME, &given, "once", "checks who you are"] {
        assert!(words.contains(said), "{said}: {words}");
    }
    // It is longer than a line.
    assert!(words.replace(' ', "").contains(&alone.client_id), "{words}");
    let pages = scanned(&stage, &pdf, "scan");
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let verdict = alone.read(&pages).done_by(&pages);
    assert_eq!(
        (&verdict["outcome"], &verdict["binding"]),
        (&json!("caution"), &json!("pass"))
    );
    assert!(kinds(&verdict).contains(&"check_identity"), "{verdict}");
    let again = alone.read(&pages);
    assert_eq!((again.code, kinds(&again.json())[0]), (2, "replayed"));
    // One with several codes, on several pages.
    let long = stage.text_path("long.pdf");
    let made = pass(&today, &tomorrow, &long, &["--staple"]).done();
    assert!(made["pass"]["codes"].as_u64().unwrap() > 6, "{made}");
    let pages = scanned(&stage, &long, "many");
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    assert_eq!(alone.read(&pages).done_by(&pages)["outcome"], "caution");
    // A part is missing.
    alone.read(&pages[..2]).failed_plainly(1, "code_incomplete");
    // One for later.
    let later = stage.text_path("later.pdf");
    pass(&day(3), &day(4), &later, &[]).done();
    let pages = scanned(&stage, &later, "soon");
    let early = alone.read(&[pages[0].as_str()]);
    assert_eq!((early.code, kinds(&early.json())[0]), (2, "pass_not_yet"));
    let never = stage.text_path("never.pdf");
    pass(&day(-3), &day(-2), &never, &[]).failed(2, "days", "review");
    pass(&today, &day(40), &never, &[]).failed(2, "days", "review");
    pass("soon", &tomorrow, &never, &[]).failed(1, "usage", "review");
    pass(&today, &tomorrow, &pdf, &[]).failed(1, "file", "review");
    assert!(!Path::new(&never).exists());
    let newest = wallet.history().swap_remove(0);
    assert_eq!(newest["outcome"], "shown");
    assert!(newest["way"]["pass"]["until"].is_i64());
}

/// The given name on the card, as its page shows it.
fn alone_claim(wallet: &Wallet<'_>) -> String {
    let id = wallet.cards()[0]["id"].as_str().unwrap().to_owned();
    let card = wallet.run(&["card", &id]).done();
    card["card"]["claims"]["given_name"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Today by UTC, and so many days later.
fn day(later: i64) -> String {
    let mut date = Command::new("date");
    let said = said(date.args(["-u", "+%F", "-d", &format!("{later} days")]));
    said.out.trim().to_owned()
}
