//! At the counter without a network: the real counter in a network namespace that has no
//! interface but its own unconnected loopback, before a code that a wallet shows.
//!
//! Where such a namespace cannot be made these journeys are not run, and `./test` says so.

use std::process::Command;

use code::{Word, still};
use keys::SigningKey;
use protocol::counter_code::{Answer, Binding, Bound, Staples};
use query::ClaimPath;
use serde_json::{Value, json};

use crate::cut_off::{Card, Desk, cut_off, evidence, exempting, kinds, now, outcome, sd_jwt_query};
use crate::formats::{exemption_query, licence_query, licensing, purposes};
use crate::stage::{Counter, Issuer, LedgerDesk, Said, Stage, said};

const ISSUER: &str = "urn:cairn:demo:body:nhsbsa";

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn there_is_no_network_where_these_journeys_are() {
    let mut inner = Command::new("cat");
    inner.arg("/proc/net/dev");
    let interfaces = said(&mut cut_off(&inner)).out;
    let names: Vec<&str> = interfaces
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.trim())
        .collect();
    assert_eq!(names, ["lo"], "{interfaces}");
    // Not even this machine answers.
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let purposes = purposes(&stage, &json!([sd_jwt_query()]));
    let data = stage.text_path("verify");
    let mut inner = stage.command("cairn-counter");
    inner.args([
        "--demo",
        "--json",
        "--data",
        &data,
        "--ledger",
        ledger.url(),
    ]);
    inner.args(["verify", &purposes]);
    let told = said(&mut cut_off(&inner));
    assert_eq!(told.code, 1, "{told:?}");
}

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn every_format_is_accepted_once() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let licensing = licensing(&stage, &ledger, &[]);
    let exempting = [
        ("sd", &[][..], sd_jwt_query()),
        (
            "bbs",
            &["--bbs", "--formats", "bbs-2023"],
            exemption_query("ldp_vc", false),
        ),
        (
            "sel",
            &["--formats", "ldp_vc", "--alg", "ES256"],
            exemption_query("ldp_vc", true),
        ),
        (
            "plain",
            &["--formats", "ldp_vc", "--alg", "EdDSA"],
            exemption_query("ldp_vc", true),
        ),
        (
            "jwt",
            &["--formats", "jwt_vc_json"],
            exemption_query("jwt_vc_json", true),
        ),
    ];
    let mut issuers = Vec::new();
    let mut cards = vec![("mdoc", Card::of(&licensing, &licence_query()))];
    for (name, options, query) in &exempting {
        let issuer = Issuer::open_in(&stage, name, options);
        let id = format!("urn:cairn:demo:body:{name}");
        let source = ["--metadata", issuer.service.url()];
        ledger.register_another(&id, name, crate::stage::EXEMPTION, &source);
        cards.push((name, Card::of(&issuer, query)));
        // It publishes its list for as long as it is there.
        issuers.push(issuer);
    }
    for (name, card) in &cards {
        let purposes = purposes(&stage, &json!([card.query]));
        let desk = Desk::open(
            &stage,
            &format!("desk-{name}"),
            &["--ledger", &ledger.folder],
            &purposes,
        );
        let ask = desk.ask(&["--live"]);
        assert_eq!(ask.service(), desk.client_id);
        let answer = card.answer(&desk.client_id, ask.make_binding(now()));
        let message = answer.with_staples(card.staples()).encode().unwrap();
        let told = desk.read(&message).done();
        let bound = card.key.is_some();
        // A card that is bound to nobody is compared with the person.
        let expected = if bound { "accepted" } else { "caution" };
        assert_eq!(outcome(&told), expected, "{name}: {told}");
        assert_eq!(told["binding"], "live");
        let state = if *name == "bbs" { "none" } else { "valid" };
        assert_eq!(told["credentials"][0]["status"]["state"], state, "{told}");
        assert!(!told["claims"].as_object().unwrap().is_empty());
        let ages = told["ages"].as_array().unwrap();
        assert_eq!(ages[0]["source"], "kept here");
        if *name != "bbs" {
            assert_eq!(ages[1]["source"], "came with the code");
        }
        // The counter is another process each time: this is after a restart.
        desk.refuses(&message, "replayed");
        // By a poster: never without a look at the person.
        let poster = desk.ask(&["--poster"]);
        let message = card.code(&desk, poster.make_binding(now()));
        let told = desk.sees(&message);
        assert_eq!(outcome(&told), "caution", "{told}");
        assert!(kinds(&told).contains(&"check_identity"), "{told}");
        desk.refuses(&message, "replayed");
        // A printed pass, likewise, and once.
        let pass = Binding::make_pass(now() - 1, now() + 86_400, now() - 1).unwrap();
        let message = card.code(&desk, pass);
        let told = desk.read(&message).done();
        assert_eq!(
            (outcome(&told), &told["binding"]),
            ("caution", &json!("pass"))
        );
        assert!(kinds(&told).contains(&"check_identity"), "{told}");
        desk.refuses(&message, "replayed");
    }
}

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn what_does_not_count_is_refused_each_in_its_own_words() {
    let stage = Stage::new();
    let (ledger, issuer, purposes) = exempting(&stage);
    let source = ["--ledger", ledger.folder.as_str()];
    let desk = Desk::open(&stage, "desk", &source, &purposes);
    let other = Desk::open(&stage, "other", &source, &purposes);
    let card = Card::of(&issuer, &sd_jwt_query());

    // Another counter's code, and a question that another desk asked.
    desk.refuses(
        &card.code(&other, Binding::make_window(now())),
        "other_counter",
    );
    let question = other.ask(&["--live"]).make_binding(now());
    desk.refuses(&card.code(&desk, question), "other_challenge");
    // An old code: the question is over.
    let question = desk
        .ask(&["--live", "--open-for", "1s"])
        .make_binding(now());
    std::thread::sleep(std::time::Duration::from_millis(1100));
    desk.refuses(&card.code(&desk, question), "code_expired");
    desk.refuses(
        &card.code(&desk, Binding::make_window(now() - 86_400)),
        "code_old",
    );
    // The wallet's clock is ten minutes wrong, and there is no question.
    for (by, kind) in [(600, "clock_ahead"), (-600, "clock_behind")] {
        let wrong = now() + by;
        desk.refuses(&card.code(&desk, Binding::make_window(wrong)), kind);
        // With a question its clock does not matter.
        let question = desk.ask(&["--live"]).make_binding(wrong);
        let told = desk.read(&card.code(&desk, question)).done();
        assert_ne!(outcome(&told), "refused", "{told}");
    }
    let day = 86_400;
    let pass = |from, until| Binding::make_pass(now() + from, now() + until, now()).unwrap();
    desk.refuses(&card.code(&desk, pass(day, 2 * day)), "pass_not_yet");
    // Somebody else's card: the proof of another holder.
    let thief = Card {
        key: Some(SigningKey::make_p256()),
        ..Card::of(&issuer, &sd_jwt_query())
    };
    let window = Bound::new(&desk.client_id, "p", Binding::make_window(now()));
    let path = ClaimPath::from_names(["family_name"]).unwrap();
    let stolen = thief
        .format
        .present(&thief.text, &[path], &window.request(), thief.key.as_ref());
    assert!(stolen.is_err(), "a card is shown by its holder alone");
    // What was shown for one code, put into another.
    let one = card.answer(&desk.client_id, Binding::make_window(now()));
    let moved = Answer::new(window, one.presentations);
    desk.refuses(&moved.encode().unwrap(), "other_code");
    // A card that was revoked: the list says so, and rides along.
    let shown = |staples: Staples| card.live(&desk, staples);
    let told = desk.read(&shown(card.staples())).done();
    assert_eq!(outcome(&told), "accepted", "{told}");
    for id in issuer.ids() {
        issuer.run(&["status", "revoke", &id]).done();
    }
    desk.refuses(&shown(card.staples()), "card_revoked");
    // A list that somebody changed is left out, and that is said too.
    let mut changed = card.staples();
    changed.statuses[0].list.truncate(200);
    let told = desk.read(&shown(changed)).done();
    assert_eq!(kinds(&told), ["status_not_checked"], "{told}");
    let checks = told["checks"].as_array().unwrap();
    let left_out = |check: &&Value| check["name"] == "staple" && check["ok"] == false;
    assert_eq!(checks.iter().filter(left_out).count(), 1, "{told}");
    // Without any list nobody knows, and that is said.
    let told = desk.read(&shown(Staples::default())).done();
    assert_eq!(kinds(&told), ["status_not_checked"], "{told}");
    // The issuer's key was revoked: nothing else counts any more.
    ledger.revoke_issuer_key();
    desk.refuses(&shown(Staples::default()), "issuer_revoked");
    // Nothing of what was shown stays.
    for text in ["Sample", "Person"] {
        assert!(!crate::stage::anywhere(&stage.path("desk"), text), "{text}");
    }
}

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn a_counter_that_was_never_on_line_decides_by_what_rides_along() {
    let stage = Stage::new();
    let (ledger, issuer, purposes) = exempting(&stage);
    let pin = format!("{}/pin.json", ledger.folder);
    let source = ["--ledger", ledger.url(), "--pin", &pin];
    let desk = Desk::open(&stage, "desk", &source, &purposes);
    let card = Card::of(&issuer, &sd_jwt_query());
    let code = |evidence: Vec<Vec<u8>>| {
        let statuses = card.statuses();
        card.live(&desk, Staples { evidence, statuses })
    };
    desk.refuses(&code(Vec::new()), "issuer_key");
    let listed = evidence(&stage, &ledger, ISSUER);
    let message = code(vec![listed.clone()]);
    assert!(message.len() < 8000, "{} bytes", message.len());
    let told = desk.read(&message).done();
    assert_eq!(outcome(&told), "accepted", "{told}");
    for age in told["ages"].as_array().unwrap() {
        assert_eq!(age["source"], "came with the code", "{told}");
        assert!(age["seconds"].as_i64().unwrap() < 600);
    }
    // Evidence of another ledger is none, and is said to be none.
    let mut forged: Value = serde_json::from_slice(&listed).unwrap();
    forged["checkpoint"] = json!("another\n1\nAAAA\n\n— x y\n");
    let told = desk.read(&code(vec![forged.to_string().into_bytes()]));
    assert_eq!(told.code, 2);
    let told = told.json();
    assert_eq!(kinds(&told), ["issuer_key"], "{told}");
    // Newer evidence says that the key was revoked.
    ledger.revoke_issuer_key();
    let revoked = evidence(&stage, &ledger, ISSUER);
    desk.refuses(&code(vec![revoked.clone()]), "issuer_revoked");
    desk.refuses(&code(vec![listed, revoked]), "issuer_revoked");
}

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn of_two_words_the_newer_counts() {
    let stage = Stage::new();
    let (ledger, issuer, purposes) = exempting(&stage);
    let pin = format!("{}/pin.json", ledger.folder);
    let source = ["--ledger", ledger.url(), "--pin", &pin];
    let desk = Desk::open(&stage, "desk", &source, &purposes);
    let card = Card::of(&issuer, &sd_jwt_query());
    // On line once, by another command: then it has a replica.
    let answer = card.answer(&desk.client_id, Binding::make_window(now()));
    let presentation = answer.presentations["exemption"][0].as_str().unwrap();
    let file = stage.write("presentation.txt", presentation);
    let verify_online = || {
        let mut online = stage.command("cairn-counter");
        online
            .args(["--demo", "--json", "--data", &desk.data])
            .args(source);
        online.args(["verify", &file]);
        said(&mut online)
    };
    assert_eq!(verify_online().code, 0);
    let code = |evidence: &[&Vec<u8>]| {
        let evidence = evidence.iter().map(|&one| one.clone()).collect();
        let statuses = card.statuses();
        card.live(&desk, Staples { evidence, statuses })
    };
    let of_ledger = |told: &Value| told["ages"][0]["source"].as_str().unwrap().to_owned();
    let told = desk.read(&code(&[])).done();
    assert_eq!(outcome(&told), "accepted", "{told}");
    assert_eq!(of_ledger(&told), "kept here");
    // The same checkpoint rides along: it is no newer, and what is kept counts.
    let same = evidence(&stage, &ledger, ISSUER);
    let told = desk.read(&code(&[&same])).done();
    assert_eq!(of_ledger(&told), "kept here");
    // Newer evidence about somebody else says nothing about this issuer.
    let licence = "DrivingLicence";
    let stranger = Issuer::open_for(&stage, "stranger", licence, &[]);
    let body = "urn:cairn:demo:body:dvla";
    ledger.register_another(
        body,
        "DVLA (demo)",
        licence,
        &["--metadata", stranger.service.url()],
    );
    let other = evidence(&stage, &ledger, body);
    let told = desk.read(&code(&[&other])).done();
    assert_eq!(outcome(&told), "accepted", "{told}");
    assert_eq!(of_ledger(&told), "kept here");
    // The key is revoked. The replica does not know; what rides along does.
    ledger.revoke_issuer_key();
    let told = desk.read(&code(&[])).done();
    assert_eq!(outcome(&told), "accepted", "it is not on line: {told}");
    let newer = evidence(&stage, &ledger, ISSUER);
    desk.refuses(&code(&[&newer]), "issuer_revoked");
    // On line again: now the old word that rides along helps nobody.
    verify_online();
    desk.refuses(&code(&[&same]), "issuer_revoked");
}

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn a_list_that_was_fetched_on_line_counts_for_codes() {
    let stage = Stage::new();
    let (ledger, issuer, purposes) = exempting(&stage);
    let online = Counter::open(&stage, "desk", ledger.url(), &purposes, &[]);
    ledger.register_service(&online.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "1");
    let asked = online.ask("p");
    wallet.run(&["present", &asked.link, "--yes"]).done();
    assert_eq!(online.result(&asked).done()["outcome"], "accepted");
    drop(online);
    let desk = Desk::open(&stage, "desk", &["--ledger", &ledger.folder], &purposes);
    let card = Card::of(&issuer, &sd_jwt_query());
    let question = desk.ask(&["--live"]).make_binding(now());
    let told = desk.read(&card.code(&desk, question)).done();
    assert_eq!(outcome(&told), "accepted", "{told}");
    assert_eq!(told["ages"][1]["what"], "status");
    assert_eq!(told["ages"][1]["source"], "kept here");
    // A newer list rides along and says that the card was revoked.
    for id in issuer.ids() {
        issuer.run(&["status", "revoke", &id]).done();
    }
    std::thread::sleep(std::time::Duration::from_millis(1100));
    desk.refuses(&card.live(&desk, card.staples()), "card_revoked");
}

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn of_many_readers_one_takes_the_code() {
    let stage = Stage::new();
    let (ledger, issuer, purposes) = exempting(&stage);
    let desk = Desk::open(&stage, "desk", &["--ledger", &ledger.folder], &purposes);
    let card = Card::of(&issuer, &sd_jwt_query());
    // The ledger has been read when they begin.
    let first = desk
        .read(&card.code(&desk, Binding::make_window(now())))
        .done();
    assert_eq!(outcome(&first), "caution", "{first}");
    let message = card.code(&desk, Binding::make_window(now()));
    let text = still(Word::ANSWER, &message).unwrap().text().to_owned();
    let file = stage.write("typed.txt", text);
    let told: Vec<Said> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| desk.run(&["read", "--text", &file])))
            .collect();
        readers.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let taken = told.iter().filter(|one| one.code == 0).count();
    assert_eq!(taken, 1, "{told:?}");
    for one in told.iter().filter(|one| one.code != 0) {
        assert_eq!(kinds(&one.json()), ["replayed"]);
    }
}

#[test]
#[ignore = "needs a network namespace of its own: `./test` runs it where one can be made"]
fn a_card_that_lives_for_a_day_needs_no_list_and_what_was_not_asked_for_is_dropped() {
    let stage = Stage::new();
    let (ledger, issuer, purposes) = exempting(&stage);
    let desk = Desk::open(&stage, "desk", &["--ledger", &ledger.folder], &purposes);
    for (days, expected) in [("1", "accepted"), ("2", "caution")] {
        let mut card = Card::with(&issuer, &sd_jwt_query(), &["--valid-days", days]);
        let more = json!({"path": ["given_name"]});
        card.query["claims"].as_array_mut().unwrap().push(more);
        let question = desk.ask(&["--live"]).make_binding(now());
        let told = desk.read(&card.code(&desk, question)).done();
        assert_eq!(outcome(&told), expected, "{told}");
        assert_eq!(
            told["credentials"][0]["not_asked_for"],
            json!(["given_name"])
        );
        assert!(told["claims"].get("given_name").is_none(), "{told}");
        assert!(told["claims"].get("family_name").is_some(), "{told}");
    }
}
