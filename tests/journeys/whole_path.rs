//! Offer, add, show, verdict; copies; what history keeps.

use serde_json::{Value, json};

use crate::stage::{
    Counter, DESK_NAME, EXEMPTION_VCT, ISSUER_NAME, Issuer, LedgerDesk, Stage, anywhere, names,
    purpose,
};

#[test]
fn from_issuer_to_counter() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let purposes = stage.write(
        "purposes.toml",
        purpose("free-prescription", &["exemption_type", "valid_to"]),
    );
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());

    // Offer and add: two copies, a code on another way.
    let (link, code) = issuer.offer_with_code(&["--copies", "2"]);
    let code = code.expect("a code");
    let added = wallet.run(&["add", &link, "--tx-code", &code, "--yes"]);
    let added = added.done();
    assert_eq!(added["warnings"], json!([]));
    let card = &added["cards"][0];
    assert_eq!(added["cards"].as_array().unwrap().len(), 1);
    assert_eq!(card["type"], EXEMPTION_VCT);
    assert_eq!(card["format"], "dc+sd-jwt");
    assert_eq!(card["copies"], 2);
    assert_eq!(card["issuer"]["name"], ISSUER_NAME);
    assert_eq!(card["issuer"]["verdict"], "listed");
    assert!(card["issuer"]["id"].is_string() && card["valid_until"].is_i64());
    let id = card["id"].as_str().unwrap();

    // Cards and card: the same card, with its values and the DIDs that hold it.
    let cards = wallet.cards();
    assert_eq!(&cards[0], card);
    let whole = wallet.run(&["card", id]).done();
    assert_eq!(whole["card"]["claims"]["exemption_type"], "medical");
    let holders = names(&whole["card"]["holder"]);
    assert!(holders.iter().all(|did| did.starts_with("did:")));

    // Present: exactly what was asked for, and the counter accepts it.
    let first = counter.ask("free-prescription");
    let shown = wallet.run(&["present", &first.link, "--yes"]).done();
    assert_eq!(shown["outcome"], "delivered");
    assert_eq!(shown["service"]["id"], counter.client_id);
    assert_eq!(shown["service"]["name"], DESK_NAME);
    assert_eq!(shown["service"]["verdict"], "listed");
    assert_eq!(shown["shared"][0]["card"], id);
    assert_eq!(
        shown["shared"][0]["claims"],
        json!([["exemption_type"], ["valid_to"]])
    );
    assert_eq!(shown["redirect_uri"], Value::Null);
    let sent_to = shown["sent_to"].as_str().unwrap();
    assert!(sent_to.starts_with("127.0.0.1:"), "{sent_to}");
    assert_eq!(shown["warnings"], json!([]));
    let result = counter.result(&first).done();
    assert_eq!(result["outcome"], "accepted", "{result}");
    assert_eq!(
        result["claims"],
        json!({"exemption_type": "medical", "valid_to": "2031-03-31"})
    );
    assert_eq!(result["issuer"]["verdict"], "listed");
    assert_eq!(result["issuer"]["name"], ISSUER_NAME);

    // The second time another copy; the third time the last one again, and that is said.
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 1);
    let second = counter.ask("free-prescription");
    let shown = wallet.run(&["present", &second.link, "--yes"]).done();
    assert_eq!(shown["warnings"], json!([]));
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 0);
    let third = counter.ask("free-prescription");
    let shown = wallet.run(&["present", &third.link, "--yes"]).done();
    assert_eq!(shown["warnings"], json!(["last_copy"]));
    assert_eq!(counter.result(&third).done()["outcome"], "accepted");

    // A request is answered once.
    let again = wallet.run(&["present", &third.link, "--yes"]);
    again.failed(1, "service_answer", "review");

    // History: who, which details by name, how it ended; never a value.
    let events = wallet.history();
    let kinds: Vec<&str> = events.iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["shared", "shared", "shared", "added"]);
    assert_eq!(events[0]["who"]["name"], DESK_NAME);
    assert_eq!(events[0]["outcome"], "delivered");
    let claims = &events[0]["cards"][0]["claims"];
    assert_eq!(claims, &json!([["exemption_type"], ["valid_to"]]));
    let told = wallet.tell(&["history"]).out;
    assert_eq!(told.lines().count(), events.len(), "{told}");
    for (event, line) in events.iter().zip(told.lines()) {
        assert!(line.contains(" UTC "), "{line}");
        assert!(line.contains(&event["id"].as_str().unwrap()[..8]), "{line}");
    }
    for name in names(&events[0]["cards"][0]["names"]) {
        assert!(told.lines().next().unwrap().contains(name), "{told}");
    }
    let history = wallet.run(&["history"]).out + &told;
    for value in ["medical", "2031-03-31", "SAMPLE000001", "1990-01-01"] {
        assert!(!history.contains(value), "{value}");
    }

    // Nothing personal lies about in the wallet's or the counter's folder.
    for folder in ["wallet", "counter"] {
        for value in ["SAMPLE000001", "1990-01-01"] {
            assert!(!anywhere(&stage.path(folder), value), "{value} in {folder}");
        }
    }
    drop(issuer);
}
