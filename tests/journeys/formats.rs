//! Cards of other formats, each from its issuer to the counter, and several in one answer.

use serde_json::{Value, json};

use crate::certified::certify;
use crate::stage::{Counter, EXEMPTION_VCT, Issuer, LedgerDesk, Stage, Wallet};

const LICENCE: &str = "DrivingLicence";
const DOCTYPE: &str = "org.iso.18013.5.1.mDL";
const NAMESPACE: &str = "org.iso.18013.5.1";
const DVLA: &str = "urn:cairn:demo:body:dvla";

/// A file of one purpose with this query.
pub(crate) fn purposes(stage: &Stage, credentials: &Value) -> String {
    let dcql = json!({"credentials": credentials});
    stage.write(
        "purposes.toml",
        format!(
            "[[purpose]]\nid = \"p\"\nname.en = \"A test\"\nreason.en = \"To test.\"\n\
             retention = \"P1D\"\nonward = \"none\"\nlegal_basis = \"None\"\n\
             contact = \"mailto:p@example.org\"\ndcql = '{dcql}'\n"
        ),
    )
}

pub(crate) fn licence_query() -> Value {
    json!({
        "id": "licence",
        "format": "mso_mdoc",
        "meta": {"doctype_value": DOCTYPE},
        "claims": [
            {"path": [NAMESPACE, "family_name"], "intent_to_retain": false},
            {"path": [NAMESPACE, "age_over_18"], "intent_to_retain": false},
        ],
    })
}

/// The issuer of licences as mdocs, below an authority that the ledger lists.
pub(crate) fn licensing<'a>(
    stage: &'a Stage,
    ledger: &LedgerDesk<'_>,
    more: &[&str],
) -> Issuer<'a> {
    let certified = certify(stage, "dvla.example");
    let options = ["--key-by", "x5c", "--key", &certified.key];
    let options = [options.as_slice(), &["--cert", &certified.leaf]].concat();
    let options = [options.as_slice(), &["--formats", "mso_mdoc"], more].concat();
    let issuer = Issuer::open_for(stage, "licensing", LICENCE, &options);
    let source = ["--x509", &certified.root, "--ca"];
    ledger.register_another(DVLA, "DVLA (demo)", LICENCE, &source);
    issuer
}

pub(crate) fn add(wallet: &Wallet<'_>, issuer: &Issuer<'_>, copies: &str) -> Value {
    let link = issuer.offer(&["--no-tx-code", "--copies", copies]);
    let added = wallet.run(&["add", &link, "--yes"]).done();
    added["cards"][0].clone()
}

#[test]
fn an_mdoc_goes_from_its_issuer_to_the_counter() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = licensing(&stage, &ledger, &[]);
    let purposes = purposes(&stage, &json!([licence_query()]));
    for (name, more) in [("sealed", &[][..]), ("clear", &["--unencrypted"])] {
        let counter = Counter::open(&stage, name, ledger.url(), &purposes, more);
        ledger.register_service(&counter.client_id, &purposes);
        let wallet = stage.wallet(&format!("wallet-{name}"), ledger.url());
        let card = add(&wallet, &issuer, "2");
        assert_eq!(card["format"], "mso_mdoc");
        assert_eq!(card["type"], DOCTYPE);
        assert_eq!(card["copies"], 2);
        assert_eq!(card["issuer"]["verdict"], "listed", "{card}");
        let id = card["id"].as_str().unwrap();
        let whole = wallet.run(&["card", id]).done();
        assert!(
            whole["card"]["claims"]["family_name"].is_string(),
            "{whole}"
        );

        let asked = counter.ask("p");
        let shown = wallet.run(&["present", &asked.link, "--yes"]).done();
        assert_eq!(shown["warnings"], json!([]));
        assert_eq!(
            shown["shared"][0]["claims"],
            json!([[NAMESPACE, "family_name"], [NAMESPACE, "age_over_18"]])
        );
        let result = counter.result(&asked).done();
        assert_eq!(result["outcome"], "accepted", "{result}");
        assert_eq!(result["issuer"]["name"], "DVLA (demo)");
        let claims = result["claims"].as_object().unwrap();
        assert_eq!(claims["age_over_18"], true);
        assert_eq!(claims.len(), 2, "{result}");
        // The other copy is next.
        assert_eq!(wallet.cards()[0]["copies_never_shown"], 1);
    }
}

#[test]
fn one_request_takes_cards_of_two_formats() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let licensing = licensing(&stage, &ledger, &[]);
    let exempting = Issuer::open(&stage);
    ledger.register_issuer(&exempting);
    let exemption = json!({
        "id": "exemption",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [EXEMPTION_VCT]},
        "claims": [{"path": ["exemption_type"]}],
    });
    let purposes = purposes(&stage, &json!([licence_query(), exemption]));
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    add(&wallet, &licensing, "1");
    let asked = counter.ask("p");
    let missing = wallet.run(&["present", &asked.link, "--yes"]);
    missing.failed(2, "no_matching_card", "review");
    add(&wallet, &exempting, "1");
    let asked = counter.ask("p");
    wallet.run(&["present", &asked.link, "--yes"]).done();
    let result = counter.result(&asked).done();
    assert_eq!(result["outcome"], "accepted", "{result}");
    assert_eq!(result["claims"]["exemption_type"], "medical");
    assert_eq!(result["claims"]["age_over_18"], true);
    let mut formats: Vec<&str> = result["credentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["format"].as_str().unwrap())
        .collect();
    formats.sort_unstable();
    assert_eq!(formats, ["dc+sd-jwt", "mso_mdoc"]);
}

#[test]
fn a_card_in_another_format_than_the_desk_takes_is_named_and_stays() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let purposes = purposes(&stage, &json!([exemption_query("ldp_vc", true)]));
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    let card = add(&wallet, &issuer, "1");

    let asked = counter.ask("p");
    let said = wallet.run(&["present", &asked.link, "--yes"]);
    let error = &said.failed(2, "no_matching_card", "review")["error"];
    assert_eq!(error["missing"][0]["format"], "ldp_vc");
    let here = &error["missing"][0]["in_other_format"];
    assert_eq!(here[0]["card"], card["id"], "{error}");
    assert_eq!(here[0]["format"], "dc+sd-jwt");
    let issuer = card["issuer"]["name"].as_str().unwrap();
    let advice = error["advice"].as_str().unwrap();
    assert!(advice.starts_with("Nothing was shared") && advice.contains(issuer));
    assert!(!error.to_string().contains("medical"), "a value: {error}");
    assert_eq!(counter.look(&asked)["outcome"], "waiting");
}

pub(crate) fn exemption_query(format: &str, bound: bool) -> Value {
    json!({
        "id": "exemption",
        "format": format,
        "meta": {"type_values": [[EXEMPTION_VCT]]},
        "require_cryptographic_holder_binding": bound,
        "claims": [{"path": ["credentialSubject", "exemption_type"]}],
    })
}

#[test]
fn a_bbs_card_is_shown_again_and_again_and_never_as_the_bearers_own() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open_in(&stage, "issuer", &["--bbs", "--formats", "bbs-2023"]);
    ledger.register_issuer(&issuer);
    let wallet = stage.wallet("wallet", ledger.url());
    let card = add(&wallet, &issuer, "10");
    assert_eq!(card["format"], "ldp_vc");
    assert_eq!(card["type"], EXEMPTION_VCT);
    assert_eq!(card["copies"], 1);
    // Whole days and a short life: neither tells the card from others of that day.
    let until = card["valid_until"].as_i64().unwrap();
    assert_eq!(until % 86_400, 0);
    let whole = wallet.run(&["card", card["id"].as_str().unwrap()]).done();
    assert_eq!(whole["card"]["holder"], json!([]));

    for name in ["one", "another"] {
        let purposes = purposes(&stage, &json!([exemption_query("ldp_vc", false)]));
        let counter = Counter::open(&stage, name, ledger.url(), &purposes, &[]);
        ledger.register_service(&counter.client_id, &purposes);
        let asked = counter.ask("p");
        let shown = wallet.run(&["present", &asked.link, "--yes"]).done();
        assert_eq!(shown["warnings"], json!([]));
        let result = counter.result(&asked).done();
        assert_eq!(result["outcome"], "caution", "{result}");
        assert_eq!(result["reasons"][0]["kind"], "not_bound");
        assert_eq!(result["claims"], json!({"exemption_type": "medical"}));
        assert_eq!(result["issuer"]["verdict"], "listed");
        assert_eq!(wallet.cards()[0]["copies_never_shown"], 1);
    }

    // Who wants a proof of the holder gets nothing.
    let purposes = purposes(&stage, &json!([exemption_query("ldp_vc", true)]));
    let counter = Counter::open(&stage, "strict", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let asked = counter.ask("p");
    let missing = wallet.run(&["present", &asked.link, "--yes"]);
    missing.failed(2, "no_matching_card", "review");
}
