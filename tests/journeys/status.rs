//! Cards that their issuer withdraws, stops and reinstates, and what the counter makes of it.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::certified::certify;
use crate::stage::{Counter, EXEMPTION, ISSUER_NAME, Issuer, LedgerDesk, Stage, Wallet, purpose};

const ASKED: [&str; 1] = ["exemption_type"];

/// Shows the card to the counter and returns what the desk is told.
pub(crate) fn show(wallet: &Wallet<'_>, counter: &Counter<'_>) -> Value {
    let asked = counter.ask("p");
    let shown = wallet.run(&["present", &asked.link, "--yes"]).done();
    assert_eq!(shown["outcome"], "delivered");
    counter.result(&asked).json()
}

pub(crate) fn reason(result: &Value) -> &str {
    result["reasons"][0]["kind"].as_str().unwrap_or_default()
}

/// A counter with a list of its own, registered for the exemption.
fn open<'a>(stage: &'a Stage, ledger: &LedgerDesk<'_>) -> Counter<'a> {
    let purposes = stage.write("purposes.toml", purpose("p", &ASKED));
    let counter = Counter::open(stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    counter
}

/// Longer than the lists of these issuers are fresh.
pub(crate) fn wait() {
    std::thread::sleep(Duration::from_millis(1100));
}

#[test]
fn a_card_is_stopped_reinstated_and_withdrawn() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open_in(&stage, "issuer", &["--status-ttl", "1"]);
    ledger.register_issuer(&issuer);
    let counter = open(&stage, &ledger);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "10");

    let result = show(&wallet, &counter);
    assert_eq!(result["outcome"], "accepted", "{result}");
    assert_eq!(result["credentials"][0]["status"]["state"], "valid");
    assert!(result["credentials"][0]["status"]["checked_at"].is_string());

    for (verb, state, outcome, kind) in [
        ("suspend", "suspended", "refused", "card_suspended"),
        ("reinstate", "valid", "accepted", ""),
        ("revoke", "revoked", "refused", "card_revoked"),
    ] {
        let set = issuer.set_status(verb);
        assert_eq!(set["status"], state);
        assert_eq!(set["copies"], 10, "all copies at once");
        wait();
        // A copy that was never shown: they all go together.
        let result = show(&wallet, &counter);
        assert_eq!(result["outcome"], outcome, "{result}");
        assert_eq!(reason(&result), kind);
        assert_eq!(result["credentials"][0]["status"]["state"], state);
    }
    let said = issuer.run(&["status", "reinstate", &issuer.newest()]);
    said.failed_plainly(2, "revoked");
    let said = issuer.run(&["status", "revoke", "nobody"]);
    said.failed_plainly(2, "unknown_offer");
    let lists = issuer.run(&["status", "list"]).done();
    assert_eq!(lists["lists"][0]["places"], 131_072);
    assert_eq!(lists["lists"][0]["taken"], 10);
    assert_eq!(lists["lists"][0]["revoked"], 10);
}

#[test]
fn a_list_is_not_asked_for_again_while_it_is_fresh() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open_in(&stage, "issuer", &["--status-ttl", "600"]);
    ledger.register_issuer(&issuer);
    let counter = open(&stage, &ledger);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "3");
    assert_eq!(show(&wallet, &counter)["outcome"], "accepted");
    issuer.set_status("revoke");
    // The issuer said that its word may be kept for ten minutes, and that is what is done.
    let result = show(&wallet, &counter);
    assert_eq!(result["outcome"], "accepted");
    // A counter that has not kept it learns of it.
    drop(counter);
    let purposes = stage.text_path("purposes.toml");
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    let asked = counter.ask("p");
    wallet
        .run(&["present", &asked.link, "--yes", "--accept-unlisted"])
        .done();
    assert_eq!(reason(&counter.result(&asked).json()), "card_revoked");
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
fn a_list_that_is_old_or_not_there_calls_for_care() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    // By certificate, so that the issuer's key needs no network.
    let certified = certify(&stage, "127.0.0.1");
    let (data, address) = (stage.text_path("issuer"), address_to_keep());
    let at = |data, listen| ["serve", "--json", "--data", data, "--listen", listen];
    let options = [
        "--types",
        EXEMPTION,
        "--name",
        ISSUER_NAME,
        "--key-by",
        "x5c",
    ];
    let known = ["--key", &certified.key, "--cert", &certified.leaf];
    let all = [
        &at(&data, &address)[..],
        &options,
        &known,
        &["--status-ttl", "1"],
    ]
    .concat();
    let issuer = Issuer::serve(&stage, data.clone(), EXEMPTION, &all);
    ledger.register_issuer_by(&["--x509", &certified.root, "--ca"]);
    let counter = open(&stage, &ledger);
    let wallet = stage.wallet("wallet", ledger.url());
    let link = issuer.offer(&["--no-tx-code", "--copies", "10"]);
    wallet.run(&["add", &link, "--yes"]).done();
    assert_eq!(show(&wallet, &counter)["outcome"], "accepted");

    // The issuer is gone: what was looked up before is said with its age.
    drop(issuer);
    wait();
    let result = show(&wallet, &counter);
    assert_eq!(result["outcome"], "caution", "{result}");
    assert_eq!(reason(&result), "status_old");

    // A counter that never looked it up says so.
    drop(counter);
    let purposes = stage.text_path("purposes.toml");
    let counter = Counter::open(&stage, "second", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let result = show(&wallet, &counter);
    assert_eq!(result["outcome"], "caution");
    assert_eq!(reason(&result), "status_not_checked");
    assert_eq!(result["credentials"][0]["status"]["state"], "unknown");

    // Somebody else answers at the address, with a sound list of their own.
    let other = stage.text_path("other");
    let all = [&at(&other, &address)[..], &["--types", EXEMPTION]].concat();
    let stranger = Issuer::serve(&stage, other.clone(), EXEMPTION, &all);
    let theirs = stage.wallet("theirs", ledger.url());
    let link = stranger.offer(&["--no-tx-code"]);
    theirs
        .run(&["add", &link, "--yes", "--accept-unlisted"])
        .done();
    let result = show(&wallet, &counter);
    assert_eq!(result["outcome"], "refused", "{result}");
    assert_eq!(reason(&result), "status_refused");
}

#[test]
fn a_wallet_that_knows_offers_no_stopped_card() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open_in(&stage, "issuer", &["--status-ttl", "1"]);
    ledger.register_issuer(&issuer);
    let counter = open(&stage, &ledger);
    let wallet = stage.wallet("wallet", ledger.url());
    let added = wallet.add(&issuer, "5");
    assert_eq!(added["status"]["state"], "valid", "looked up as it came");
    let checked_at = added["status"]["checked_at"].as_i64().unwrap();

    for (verb, state, card, kind) in [
        ("suspend", "suspended", "suspended", "card_suspended"),
        ("reinstate", "valid", "valid", ""),
        ("revoke", "revoked", "revoked", "card_revoked"),
    ] {
        issuer.set_status(verb);
        let checked = wallet.run(&["cards", "--check"]).done();
        let row = &checked["cards"][0];
        assert_eq!(row["status"]["state"], state, "{row}");
        assert_eq!(row["state"], card);
        assert!(row["status"]["checked_at"].as_i64().unwrap() >= checked_at);
        let asked = counter.ask("p");
        let shown = wallet.run(&["present", &asked.link, "--yes"]);
        if kind.is_empty() {
            shown.done();
            assert_eq!(counter.result(&asked).done()["outcome"], "accepted");
            continue;
        }
        shown.failed(2, kind, "review");
        let asked = counter.ask("p");
        let id = row["id"].as_str().unwrap();
        let shown = wallet.run(&["present", &asked.link, "--yes", "--card", id]);
        shown.failed(2, kind, "review");
        assert_eq!(counter.look(&asked)["outcome"], "waiting");
    }

    // Out of reach, the last word stands, with its age.
    drop(issuer);
    let checked = wallet.run(&["cards", "--check"]).done();
    let status = &checked["cards"][0]["status"];
    assert_eq!(status["state"], "revoked");
    assert!(status["checked_at"].as_i64().unwrap() >= checked_at);
}
