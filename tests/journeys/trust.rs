//! What the ledger's word does: revoked, withdrawn, not listed, asking for too much.

use serde_json::json;

use crate::stage::{Counter, Issuer, LedgerDesk, Stage, names, purpose};

const ASKED: [&str; 1] = ["exemption_type"];

#[test]
fn a_key_revoked_between_offer_and_add_gives_no_card() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let wallet = stage.wallet("wallet", ledger.url());
    let link = issuer.offer(&["--no-tx-code"]);
    ledger.revoke_issuer_key();
    for flags in [["--yes"].as_slice(), &["--yes", "--accept-unlisted"]] {
        let refused = wallet.run(&[["add", &link].as_slice(), flags].concat());
        let refused = refused.failed(2, "issuer_revoked", "review");
        assert_eq!(names(&refused["warnings"]), ["issuer_revoked"]);
    }
    assert!(wallet.cards().is_empty() && wallet.history().is_empty());
    assert_eq!(issuer.stages(), ["offered"]);
}

#[test]
fn a_key_revoked_between_add_and_present_is_refused_by_the_counter() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let purposes = stage.write("purposes.toml", purpose("p", &ASKED));
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "2");
    ledger.revoke_issuer_key();
    let asked = counter.ask("p");
    let shown = wallet.run(&["present", &asked.link, "--yes"]);
    // They have it: what the ledger says of the card is between the desk and its citizen.
    let object = shown.done();
    assert_eq!(object["outcome"], "delivered");
    assert_eq!(names(&object["warnings"]), ["card_withdrawn"]);
    let result = counter.result(&asked);
    assert_eq!(result.code, 2);
    let result = result.json();
    assert_eq!(result["outcome"], "refused");
    assert_eq!(result["reasons"][0]["kind"], "issuer_revoked");
    assert_eq!(result["issuer"]["verdict"], "revoked");
    assert_eq!(result["claims"], json!({}), "refused, so nothing is kept");
    assert_eq!(wallet.cards()[0]["issuer"]["verdict"], "revoked");
}

#[test]
fn a_listed_service_that_asks_for_more_needs_its_own_yes() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let registered = stage.write("registered.toml", purpose("p", &ASKED));
    let wider = stage.write(
        "wider.toml",
        purpose("p", &["exemption_type", "given_name"]),
    );
    let counter = Counter::open(&stage, "counter", ledger.url(), &registered, &[]);
    ledger.register_service(&counter.client_id, &registered);
    drop(counter);
    let counter = Counter::open(&stage, "counter", ledger.url(), &wider, &["--refetch"]);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "3");

    let asked = counter.ask("p");
    for flags in [["--yes"].as_slice(), &["--yes", "--accept-unlisted"]] {
        let refused = wallet.run(&[["present", &asked.link].as_slice(), flags].concat());
        let refused = refused.failed(2, "over_asking", "review");
        assert_eq!(names(&refused["warnings"]), ["over_asking"]);
        assert_eq!(counter.look(&asked)["outcome"], "waiting");
    }
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 3);
    assert_eq!(wallet.history().len(), 1, "the card that was added");

    let shown = wallet.run(&["present", &asked.link, "--yes", "--accept-over-asking"]);
    let shown = shown.done();
    assert_eq!(shown["outcome"], "delivered");
    assert_eq!(names(&shown["warnings"]), ["over_asking"]);
    let claims = &shown["shared"][0]["claims"];
    assert_eq!(claims, &json!([["exemption_type"], ["given_name"]]));
    assert_eq!(counter.result(&asked).done()["outcome"], "accepted");
}

#[test]
fn a_service_that_is_not_listed_or_was_withdrawn() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let purposes = stage.write("purposes.toml", purpose("p", &ASKED));
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &["--refetch"]);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "3");

    let asked = counter.ask("p");
    let refused = wallet.run(&["present", &asked.link, "--yes", "--accept-over-asking"]);
    let refused = refused.failed(2, "service_unlisted", "review");
    assert_eq!(names(&refused["warnings"]), ["service_unlisted"]);
    assert_eq!(counter.look(&asked)["outcome"], "waiting");
    let shown = wallet.run(&["present", &asked.link, "--yes", "--accept-unlisted"]);
    let shown = shown.done();
    assert_eq!(shown["service"]["verdict"], "unlisted");
    assert_eq!(names(&shown["warnings"]), ["service_unlisted"]);
    assert_eq!(counter.result(&asked).done()["outcome"], "accepted");

    ledger.register_service(&counter.client_id, &purposes);
    let asked = counter.ask("p");
    ledger.sign("withdraw", &counter.client_id, &[]);
    let all = ["--yes", "--accept-unlisted", "--accept-over-asking"];
    for flags in [["--yes"].as_slice(), &all] {
        let refused = wallet.run(&[["present", &asked.link].as_slice(), flags].concat());
        let refused = refused.failed(2, "service_withdrawn", "review");
        assert_eq!(names(&refused["warnings"]), ["service_withdrawn"]);
    }
    assert_eq!(counter.look(&asked)["outcome"], "waiting");
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 2);
}

#[test]
fn an_issuer_that_nobody_listed_and_codes_that_do_not_fit() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    let purposes = stage.write("purposes.toml", purpose("p", &ASKED));
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());

    let (link, code) = issuer.offer_with_code(&["--tx-code", "493536"]);
    assert_eq!(code.as_deref(), Some("493536"));
    let refused = wallet.run(&["add", &link, "--tx-code", "493536", "--yes"]);
    let refused = refused.failed(2, "issuer_unlisted", "review");
    assert_eq!(names(&refused["warnings"]), ["issuer_unlisted"]);

    // No code and one of the wrong form are found here; a wrong one is the issuer's to refuse,
    // and may be followed by the right one.
    let add = |more: &[&str]| {
        let add = ["add", &link, "--yes", "--accept-unlisted"];
        wallet.run(&[add.as_slice(), more].concat())
    };
    add(&[]).failed(2, "tx_code", "review");
    add(&["--tx-code", "12ab56"]).failed(2, "tx_code", "review");
    add(&["--tx-code", "000000"]).failed(1, "code_refused", "effect");
    assert!(wallet.cards().is_empty());
    let added = add(&["--tx-code", "493536"]).done();
    assert_eq!(names(&added["warnings"]), ["issuer_unlisted"]);
    assert_eq!(added["cards"][0]["issuer"]["verdict"], "unlisted");

    // An offer is used once.
    add(&["--tx-code", "493536"]).failed(1, "code_refused", "effect");
    assert_eq!(wallet.cards().len(), 1);

    // And the counter wants no card that nobody vouches for.
    let asked = counter.ask("p");
    wallet.run(&["present", &asked.link, "--yes"]).done();
    let result = counter.result(&asked);
    assert_eq!(
        (result.code, &result.json()["outcome"]),
        (2, &json!("refused"))
    );
    assert_eq!(result.json()["reasons"][0]["kind"], "issuer_unlisted");

    // Withdrawn is final: nothing new is taken, whatever is agreed to.
    ledger.register_issuer(&issuer);
    let link = issuer.offer(&["--no-tx-code"]);
    ledger.withdraw_issuer();
    let refused = wallet.run(&["add", &link, "--yes", "--accept-unlisted"]);
    refused.failed(2, "issuer_withdrawn", "review");
    assert_eq!(wallet.cards().len(), 1);
}
