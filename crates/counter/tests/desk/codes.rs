//! Codes: from the command line and over the desk's routes.

use std::process::Command;

use code::{Assembly, Frames, Size, Word, still};
use credential::sd_jwt::Processed;
use credential::status::token::{Bits, TokenList};
use keys::{SigningKey, b64};
use protocol::counter_code::{Answer, Ask, Binding, Bound};
use protocol::status::CachedList;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::{World, now, path, write};

fn run(mut command: Command) -> (i32, Value) {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let told = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (output.status.code().unwrap(), told)
}

fn kinds(told: &Value) -> Vec<&str> {
    let reasons = told["reasons"].as_array().unwrap().iter();
    let kinds = reasons.map(|reason| reason["kind"].as_str().unwrap());
    kinds.collect()
}

fn client_id(world: &World) -> String {
    let (_, id) = run(world.command(&["id"]));
    id["client_id"].as_str().unwrap().to_owned()
}

fn question(text: &str) -> Ask {
    let mut assembly = Assembly::new(Word::ASK);
    assembly.add(text).unwrap();
    Ask::parse(assembly.message().unwrap()).unwrap()
}

fn answer(world: &World, card: &Processed, desk: &str, binding: Binding) -> Vec<u8> {
    let bound = Bound::new(desk, "age-over-18", binding);
    let request = bound.request();
    let selection = card.select(&[path("age_over_18")]).unwrap();
    let shown = selection
        .bind(&world.holder, request.client_id, request.nonce, request.now)
        .unwrap();
    let shown = Map::from_iter([("licence".to_owned(), json!([shown]))]);
    Answer::new(bound, shown).encode().unwrap()
}

fn typed(world: &World, message: &[u8]) -> String {
    let text = still(Word::ANSWER, message).unwrap().text().to_owned();
    write(world.folder.path(), "typed.txt", &text)
}

/// What the counter makes of a card that answers a question of its own.
fn judged(world: &World, card: &Processed, with_ledger: bool) -> (i32, Value) {
    let command = |arguments: &[&str]| match with_ledger {
        true => world.follow(arguments),
        false => world.command(arguments),
    };
    let (_, asked) = run(command(&["ask", "--purpose", "age-over-18", "--live"]));
    let ask = question(asked["text"].as_str().unwrap());
    let desk = client_id(world);
    let message = answer(world, card, &desk, ask.make_binding(now()));
    run(command(&["read", "--text", &typed(world, &message)]))
}

#[test]
fn what_the_ledger_says_counts_with_its_age() {
    for (days, outcome, reasons, code) in [
        (0, "accepted", &[][..], 0),
        (2, "caution", &["ledger_old"], 0),
        (9, "refused", &["ledger_stale"], 2),
    ] {
        let world = World::at(now() - days * 86_400);
        let (exit, told) = judged(&world, &world.card(|_| {}), true);
        assert_eq!((exit, &told["outcome"]), (code, &json!(outcome)), "{told}");
        assert_eq!(kinds(&told), reasons);
        let age = told["ages"][0]["seconds"].as_i64().unwrap();
        assert!(
            (days * 86_400..days * 86_400 + 600).contains(&age),
            "{told}"
        );
    }
    let world = World::make();
    let (_, told) = judged(&world, &world.card(|_| {}), false);
    assert_eq!(kinds(&told), ["ledger_unknown"]);
    let stranger = SigningKey::make_p256();
    let (_, told) = judged(&world, &world.card_by(&stranger, |_| {}), true);
    assert_eq!(kinds(&told), ["issuer_unlisted"]);
    let expired = world.card(|claims| {
        claims.insert("exp".to_owned(), (now() - 1).into());
    });
    assert_eq!(kinds(&judged(&world, &expired, true).1), ["expired"]);
    let young = world.card(|claims| {
        claims.insert("age_over_18".to_owned(), false.into());
    });
    assert_eq!(kinds(&judged(&world, &young, true).1), ["not_asked_for"]);
}

#[test]
fn a_card_with_a_status_and_no_list_calls_for_care() {
    let world = World::make();
    let list = json!({"status_list": {"uri": "https://nobody.invalid/list", "idx": 7}});
    let card = |days: i64| {
        world.card(|claims| {
            claims.insert("status".to_owned(), list.clone());
            let issued = claims["iat"].as_i64().unwrap();
            claims.insert("exp".to_owned(), (issued + days * 86_400).into());
        })
    };
    assert_eq!(judged(&world, &card(1), true).1["outcome"], "accepted");
    let (_, told) = judged(&world, &card(2), true);
    assert_eq!(kinds(&told), ["status_not_checked"], "{told}");
    // A list that is at hand counts, however old it is, and however short the card's life.
    for (value, kind) in [
        (0, "status_not_checked"),
        (1, "card_revoked"),
        (2, "card_suspended"),
    ] {
        keep_expired_list(&world, 7, value);
        for days in [1, 2] {
            let (_, told) = judged(&world, &card(days), true);
            assert_eq!(kinds(&told), [kind], "{told}");
        }
    }
}

/// A list of the issuer's that the counter fetched two hours ago, and that has expired since.
fn keep_expired_list(world: &World, index: u64, value: u8) {
    let uri = "https://nobody.invalid/list";
    let mut list = TokenList::new(Bits::Two, 1024).unwrap();
    list.set(index, value).unwrap();
    let stored = json!({
        "uri": uri, "key": world.issuer.public().to_jwk(), "name": null,
        "fetched_at": now() - 7200, "issued_at": now() - 7200, "expires": now() - 3600,
        "ttl": null, "published": null,
        "list": {"bits": 2, "lst": b64::encode(list.to_compressed())},
    });
    assert!(CachedList::from_json(&stored).is_ok());
    let folder = world.folder.path().join("data/lists");
    std::fs::create_dir_all(&folder).unwrap();
    let name = format!("{}.json", b64::encode(Sha256::digest(uri)));
    std::fs::write(folder.join(name), stored.to_string()).unwrap();
}

#[test]
fn a_running_counter_asks_and_reads_by_its_routes() {
    let world = World::make();
    let counter = world.serve(&[]);
    let call = |path: &str, body: &Value| {
        let (status, text) = counter.call("POST", path, &[], &body.to_string());
        let told: Value = serde_json::from_str(&text).unwrap();
        (status, told)
    };
    let purpose = json!({"purpose": "age-over-18"});
    let (status, asked) = call("/desk/codes/questions", &purpose);
    assert_eq!(status, 201, "{asked}");
    assert!(asked["svg"].as_str().unwrap().starts_with("<svg"));
    let ask = question(asked["text"].as_str().unwrap());
    let card = world.card(|_| {});
    let message = answer(&world, &card, ask.service(), ask.make_binding(now()));
    let body = json!({"message": b64::encode(&message)});
    let (status, told) = call("/desk/codes", &body);
    assert_eq!(
        (status, &told["outcome"]),
        (200, &json!("accepted")),
        "{told}"
    );
    assert_eq!(told["claims"], json!({"age_over_18": true}));
    // By its texts, and to another program of the same folder: it was taken.
    let text = still(Word::ANSWER, &message).unwrap().text().to_owned();
    let (_, told) = call("/desk/codes", &json!({"texts": ["HTTPS://EXAMPLE", text]}));
    assert_eq!(kinds(&told), ["replayed"]);
    let (code, told) = run(world.follow(&["read", "--text", &typed(&world, &message)]));
    assert_eq!((code, kinds(&told)), (2, vec!["replayed"]));

    let nothing = json!({"purpose": "nothing"});
    assert_eq!(call("/desk/codes/questions", &nothing).0, 404);
    for bad in [
        json!({}),
        json!({"texts": ["CAIRN-ANSWER:AAAA"]}),
        json!({"texts": "x"}),
        json!({"message": "%"}),
    ] {
        let (status, told) = call("/desk/codes", &bad);
        assert_eq!((status, &told["error"]["kind"]), (400, &json!("no_code")));
    }
    let (status, told) = call("/desk/codes", &json!({"message": b64::encode("junk")}));
    assert_eq!((status, kinds(&told)), (200, vec!["code_malformed"]));
}

#[test]
fn what_is_no_whole_code_is_said_to_be_none() {
    let world = World::make();
    let folder = world.folder.path();
    let kind = |arguments: &[&str]| {
        let (code, told) = run(world.follow(arguments));
        assert_eq!(code, 1, "{told}");
        told["error"]["kind"].as_str().unwrap().to_owned()
    };
    let asked = ["ask", "--purpose", "age-over-18", "--poster", "--out"];
    let drawn = folder.join("poster.png").to_str().unwrap().to_owned();
    let (_, told) = run(world.follow(&[asked.as_slice(), &[&drawn]].concat()));
    let texts = code::read_picture(&std::fs::read(&drawn).unwrap()).unwrap();
    assert_eq!(
        texts,
        [told["text"].as_str().unwrap()],
        "it is what was said"
    );
    assert!(told["expires_at"].is_null());
    // A question is no answer.
    assert_eq!(kind(&["read", &drawn]), "no_code");
    let frames = Frames::new(Word::ANSWER, &[7; 900], Size::Small).unwrap();
    let some = write(folder, "some.txt", &frames.text(1).unwrap());
    assert_eq!(kind(&["read", "--text", &some]), "code_incomplete");
    let empty = write(folder, "empty.txt", "");
    assert_eq!(kind(&["read", "--text", &empty]), "no_code");
    let junk = write(folder, "junk.png", "no picture");
    assert_eq!(kind(&["read", &junk]), "failed");
    assert_eq!(kind(&["read"]), "usage");
    let live = [
        "ask",
        "--purpose",
        "age-over-18",
        "--live",
        "--open-for",
        "11m",
    ];
    assert_eq!(kind(&live), "usage");
    let (code, told) = run(world.follow(&["ask", "--purpose", "x", "--poster"]));
    assert_eq!(
        (code, &told["error"]["kind"]),
        (2, &json!("unknown_purpose"))
    );
}
