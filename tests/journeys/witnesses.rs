//! A wallet that takes the operator's word only with that of witnesses beside it.

use journeys::Running;

use crate::stage::{Issuer, LedgerDesk, Stage};

/// A witness that follows the ledger, and that the ledger asks; its folder and its key.
fn witness(stage: &Stage, ledger: &LedgerDesk<'_>, number: u8) -> (String, String) {
    let folder = stage.text_path(&format!("witness-{number}"));
    let name = format!("witness.example/{number}");
    let run = |arguments: &[&str]| {
        let all = [arguments, &["--json"]].concat();
        stage.run("cairn-ledger", &all).done()
    };
    let made = run(&["witness", "init", &folder, "--name", &name]);
    let pin = format!("{}/pin.json", ledger.folder);
    let from = ledger.url();
    run(&["witness", "follow", &folder, "--pin", &pin, "--from", from]);
    (folder, made["key"].as_str().unwrap().to_owned())
}

/// Starts it, and tells the ledger where it is now.
fn begin(stage: &Stage, ledger: &LedgerDesk<'_>, (folder, key): &(String, String)) -> Running {
    let service = stage.serve("cairn-ledger", &["witness", "serve", folder, "--json"]);
    let url = service.url();
    let ask = ["witness", "ask", &ledger.folder, "--url", url, "--key", key];
    let all = [ask.as_slice(), &["--json"]].concat();
    stage.run("cairn-ledger", &all).done();
    service
}

#[test]
fn a_wallet_wants_the_word_of_two_witnesses() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    let (one, two) = (witness(&stage, &ledger, 1), witness(&stage, &ledger, 2));
    let _first = begin(&stage, &ledger, &one);
    let second = begin(&stage, &ledger, &two);
    let pin = stage.text_path("two-witnesses.json");
    let write = [
        "pin",
        &ledger.folder,
        "--threshold",
        "2",
        "--out",
        &pin,
        "--json",
    ];
    stage.run("cairn-ledger", &write).done();
    let attest = ["attest", &ledger.folder, "--json"];
    stage.run("cairn-ledger", &attest).done();

    let wallet = stage.wallet("wallet", ledger.url());
    let sync = ["--ledger", ledger.url(), "--pin", &pin, "ledger", "sync"];
    let entries = wallet.run(&sync).done()["entries"].clone();
    ledger.register_issuer(&issuer);
    let grown = wallet.run(&["ledger", "sync"]).done();
    assert_eq!(grown["new"], 1, "{grown} after {entries}");

    // One of the two is away: what the operator alone says is not taken, what was known stands.
    drop(second);
    ledger.withdraw_issuer();
    let said = wallet.run(&["ledger", "sync"]);
    said.failed(2, "too_few_witnesses", "review");
    let status = wallet.run(&["ledger", "status"]).done();
    assert_eq!(status["entries"], grown["entries"], "{status}");
    assert_eq!(status["refused"]["reason"], "too_few_witnesses");

    // It comes back elsewhere, reads what it missed, and the withdrawal reaches the wallet.
    let _second = begin(&stage, &ledger, &two);
    stage.run("cairn-ledger", &attest).done();
    let synced = wallet.run(&["ledger", "sync"]).done();
    assert_eq!(synced["new"], 1);
    let status = wallet.run(&["ledger", "status"]).done();
    assert!(status["refused"].is_null(), "{status}");
}
