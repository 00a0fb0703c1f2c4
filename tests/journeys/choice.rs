//! Which card answers: the one that is named, the best where nobody chooses, and no more than
//! is required.

use serde_json::json;

use crate::stage::{Counter, EXEMPTION_VCT, Issuer, LedgerDesk, Stage, names, purpose};

#[test]
fn the_listed_card_that_is_valid_longest_or_the_one_named() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let listed = Issuer::open(&stage);
    ledger.register_issuer(&listed);
    let stranger = Issuer::open_in(&stage, "stranger", &[]);
    let purposes = stage.write("purposes.toml", purpose("p", &["exemption_type"]));
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    let add = |issuer: &Issuer<'_>, days: &str| {
        let link = issuer.offer(&["--no-tx-code", "--copies", "3", "--valid-days", days]);
        let added = wallet.run(&["add", &link, "--yes", "--accept-unlisted"]);
        added.done()["cards"][0]["id"].as_str().unwrap().to_owned()
    };
    let long = add(&listed, "300");
    let short = add(&listed, "100");
    let strange = add(&stranger, "3000");

    let show = |flags: &[&str]| {
        let asked = counter.ask("p");
        let shown = wallet.run(&[["present", &asked.link].as_slice(), flags].concat());
        shown.done()["shared"].clone()
    };
    assert_eq!(show(&["--yes"])[0]["card"], long);
    assert_eq!(show(&["--yes", "--card", &short])[0]["card"], short);
    let both = show(&["--card", &strange[..10], "--yes", "--card", &short]);
    assert_eq!(both.as_array().unwrap().len(), 1);
    assert_eq!(both[0]["card"], short);
    assert_eq!(show(&["--card", &strange, "--yes"])[0]["card"], strange);

    // A card that is here, but is not of the kind that is asked for, or is gone.
    let asked = counter.ask("p");
    wallet.run(&["delete", &short, "--yes"]).done();
    let said = wallet.run(&["present", &asked.link, "--yes", "--card", &short]);
    assert_ne!(said.code, 0);
    assert_eq!(counter.look(&asked)["outcome"], "waiting");
}

#[test]
fn nothing_optional_is_shared_unasked() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let ask = |id: &str, claim: &str| {
        json!({
            "id": id,
            "format": "dc+sd-jwt",
            "meta": {"vct_values": [EXEMPTION_VCT]},
            "claims": [{"path": [claim]}],
        })
    };
    let dcql = json!({
        "credentials": [ask("needed", "exemption_type"), ask("nice", "given_name")],
        "credential_sets": [
            {"options": [["needed"]]},
            {"options": [["nice"]], "required": false},
        ],
    });
    let only_nice = json!({
        "credentials": [ask("nice", "given_name")],
        "credential_sets": [{"options": [["nice"]], "required": false}],
    });
    let file = |dcql: &serde_json::Value, id: &str| {
        let text = purpose(id, &["exemption_type"]);
        let (head, _) = text.split_once("dcql = ").unwrap();
        format!("{head}dcql = '{dcql}'\n")
    };
    let both = format!("{}{}", file(&dcql, "both"), file(&only_nice, "nice"));
    let purposes = stage.write("purposes.toml", both);
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "5");

    let asked = counter.ask("both");
    let shown = wallet.run(&["present", &asked.link, "--yes"]).done();
    assert_eq!(shown["shared"][0]["claims"], json!([["exemption_type"]]));
    assert_eq!(shown["shared"].as_array().unwrap().len(), 1);
    let result = counter.result(&asked).done();
    assert_eq!(result["claims"], json!({"exemption_type": "medical"}));

    let asked = counter.ask("nice");
    let said = wallet.run(&["present", &asked.link, "--yes"]);
    let refused = said.failed(2, "nothing_required", "review");
    assert!(names(&refused["warnings"]).is_empty());
    assert_eq!(counter.look(&asked)["outcome"], "waiting");

    // Without --yes there is nobody to ask here.
    let asked = counter.ask("both");
    let said = wallet.run(&["present", &asked.link]);
    said.failed(1, "usage", "review");
    assert_eq!(counter.look(&asked)["outcome"], "waiting");
}
