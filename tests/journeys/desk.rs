//! The wallet at a desk: codes, chosen from the ledger, while every other program is gone.

use std::path::Path;

use serde_json::{Value, json};

use crate::stage::{Counter, DESK_NAME, Issuer, LedgerDesk, Stage, Wallet, anywhere, purpose};

const CLAIMS: [&str; 2] = ["given_name", "valid_to"];

/// A wallet with a card and a ledger that lists a desk; nobody else runs any more.
fn alone(stage: &Stage) -> (Wallet<'_>, String) {
    let ledger = LedgerDesk::found(stage);
    let issuer = Issuer::open(stage);
    ledger.register_issuer(&issuer);
    let purposes = stage.write("desk.toml", purpose("free-prescription", &CLAIMS));
    let counter = Counter::open(stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "3");
    wallet.run(&["ledger", "sync"]).done();
    let client_id = counter.client_id.clone();
    (wallet, client_id)
}

#[test]
fn a_code_for_a_desk_that_the_ledger_lists() {
    let stage = Stage::new();
    let (wallet, client_id) = alone(&stage);
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
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 2);
    // With what the ledger says about the issuer it takes several codes.
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
    let expected = ["shown", "not_sent", "not_sent", "shown"].map(Value::from);
    assert_eq!(outcomes.get(..4), Some(expected.as_slice()));
    assert!(wallet.history()[0]["way"]["code"]["expires_at"].is_i64());
    assert!(!anywhere(&stage.path("wallet"), "Sample"));
}

#[test]
fn what_a_desk_cannot_ask_is_refused_by_name() {
    let stage = Stage::new();
    let (wallet, client_id) = alone(&stage);
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
    wallet.run(&["present"]).failed(1, "usage", "review");
    wallet
        .run(&["present", "--to", &client_id])
        .failed(1, "usage", "review");
    assert!(!stage.path("a.svg").exists());
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 3);
}
