//! Withdrawn and stopped cards of the other formats: an mdoc by its issuer's Token Status List, W3C
//! cards by two Bitstring Status Lists.

use serde_json::{Value, json};

use crate::formats::{add, exemption_query, licence_query, licensing, purposes};
use crate::stage::{Counter, Issuer, LedgerDesk, Stage, Wallet};
use crate::status::{reason, show, wait};

/// Longer than the lists of these issuers are fresh: services ask again at once.
const FRESH: [&str; 2] = ["--status-ttl", "1"];

/// The whole life of a card whose issuer stops it, reinstates it and withdraws it, as a wallet sees
/// it that looks its lists up, and as a counter is told by one that does not.
fn live_and_die(stage: &Stage, ledger: &LedgerDesk<'_>, issuer: &Issuer<'_>, query: &Value) {
    let purposes = purposes(stage, &json!([query]));
    let counter = Counter::open(stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    // One wallet looks the lists up before it shows the card, the other never does again.
    let [knows, trusts] = ["knows", "trusts"].map(|name| stage.wallet(name, ledger.url()));
    let change = |verb: &str| {
        for id in issuer.ids() {
            issuer.run(&["status", verb, &id]).done();
        }
        wait();
    };
    let card = add(&knows, issuer, "6");
    assert_eq!(card["status"]["state"], "valid", "looked up as it came");
    assert!(card["status"]["checked_at"].is_i64(), "{card}");
    add(&trusts, issuer, "6");
    let result = show(&trusts, &counter);
    assert_eq!(result["outcome"], "accepted", "{result}");
    assert_eq!(result["credentials"][0]["status"]["state"], "valid");

    for (verb, state, outcome, kind) in [
        ("suspend", "suspended", "refused", "card_suspended"),
        ("reinstate", "valid", "accepted", ""),
        ("revoke", "revoked", "refused", "card_revoked"),
    ] {
        change(verb);
        let result = show(&trusts, &counter);
        assert_eq!(result["outcome"], outcome, "{verb}: {result}");
        assert_eq!(reason(&result), kind);
        assert_eq!(result["credentials"][0]["status"]["state"], state);
        sees(&knows, &counter, state, kind);
    }
    let id = issuer.newest();
    let said = issuer.run(&["status", "reinstate", &id]);
    said.failed_plainly(2, "revoked");
}

/// What a wallet makes of a card after looking its lists up.
fn sees(wallet: &Wallet<'_>, counter: &Counter<'_>, state: &str, kind: &str) {
    let checked = wallet.run(&["cards", "--check"]).done();
    let row = &checked["cards"][0];
    assert_eq!(row["status"]["state"], state, "{row}");
    assert_eq!(row["state"], state);
    let id = row["id"].as_str().unwrap();
    let whole = wallet.run(&["card", id]).done();
    assert_eq!(whole["card"]["status"]["state"], state, "{whole}");
    if kind.is_empty() {
        assert_eq!(show(wallet, counter)["outcome"], "accepted");
        return;
    }
    let asked = counter.ask("p");
    let shown = wallet.run(&["present", &asked.link, "--yes"]);
    shown.failed(2, kind, "review");
    assert_eq!(counter.look(&asked)["outcome"], "waiting");
}

#[test]
fn an_mdoc_is_stopped_reinstated_and_withdrawn() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = licensing(&stage, &ledger, &FRESH);
    live_and_die(&stage, &ledger, &issuer, &licence_query());
}

/// An issuer of the exemption in one W3C format, with the algorithm of its key.
fn w3c(format: &str, algorithm: &str) {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let options = ["--formats", format, "--alg", algorithm];
    let issuer = Issuer::open_in(&stage, "issuer", &[options.as_slice(), &FRESH].concat());
    ledger.register_issuer(&issuer);
    live_and_die(&stage, &ledger, &issuer, &exemption_query(format, true));
    let lists = issuer.run(&["status", "list"]).done();
    let list = &lists["lists"][0];
    assert_eq!(list["places"], 131_072);
    assert_eq!(list["taken"], list["revoked"], "{lists}");
}

#[test]
fn a_selective_w3c_card_is_stopped_reinstated_and_withdrawn() {
    w3c("ldp_vc", "ES256");
}

#[test]
fn a_w3c_card_with_a_plain_proof_is_stopped_reinstated_and_withdrawn() {
    w3c("ldp_vc", "EdDSA");
}

#[test]
fn a_w3c_jwt_is_stopped_reinstated_and_withdrawn() {
    w3c("jwt_vc_json", "ES256");
}
