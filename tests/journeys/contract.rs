//! What scripts may count on: options, exit codes, objects; and the wallet's own keeping.

use serde_json::{Value, json};

use crate::stage::{Counter, Issuer, LedgerDesk, PASSPHRASE, Stage, Wallet, names, purpose, said};

const OTHER: &str = "four quiet herons under a copper roof";

fn with_card<'a>(stage: &'a Stage, ledger: &LedgerDesk<'_>) -> (Wallet<'a>, String) {
    let issuer = Issuer::open(stage);
    ledger.register_issuer(&issuer);
    let wallet = stage.wallet("wallet", ledger.url());
    let card = wallet.add(&issuer, "1");
    (wallet, card["id"].as_str().unwrap().to_owned())
}

#[track_caller]
fn has(object: &Value, members: &[&str]) {
    for name in members {
        assert!(object.get(name).is_some(), "no {name} in {object}");
    }
}

#[test]
fn objects_have_their_members() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let (wallet, id) = with_card(&stage, &ledger);
    let cards = wallet.run(&["cards"]).done();
    has(&cards, &["cards", "warnings"]);
    assert_eq!(cards["warnings"], json!([]));
    let card = &cards["cards"][0];
    has(
        card,
        &["id", "type", "format", "issuer", "copies", "valid_until"],
    );
    has(&card["issuer"], &["id", "name", "verdict"]);
    assert!(card["copies"].is_u64() && card["valid_until"].is_i64());
    let whole = wallet.run(&["card", &id[..8]]).done();
    assert_eq!(whole["card"]["id"], id);
    has(&whole["card"], &["claims", "holder", "shared_with"]);
    let status = wallet.run(&["ledger", "status"]).done();
    has(&status, &["source", "name", "entries", "age", "refused"]);
    let events = wallet.history();
    has(
        &events[0],
        &["id", "at", "kind", "who", "verdict", "outcome", "cards"],
    );

    // No card fits.
    let wants = purpose("p", &["exemption_type"]).replace("nhs-charge", "other");
    let purposes = stage.write("purposes.toml", wants);
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &["--refetch"]);
    ledger.register_service(&counter.client_id, &purposes);
    let asked = counter.ask("p");
    let said = wallet.run(&["present", &asked.link, "--yes"]);
    said.failed(2, "no_matching_card", "review");
    assert_eq!(counter.look(&asked)["outcome"], "waiting");
    // A card that is not here, and without anybody to ask.
    let said = wallet.run(&["present", &asked.link, "--yes", "--card", "0000"]);
    said.failed(1, "not_found", "review");

    // Gone is gone.
    wallet.run(&["delete", &id]).failed(1, "usage", "review");
    let gone = wallet.run(&["delete", &id, "--yes"]).done();
    assert_eq!(gone["deleted"], id);
    assert!(wallet.cards().is_empty());
    wallet.run(&["card", &id]).failed(1, "not_found", "review");
    let again = wallet.run(&["delete", &id, "--yes"]);
    again.failed(1, "not_found", "review");
    assert_eq!(wallet.history()[0]["kind"], "deleted");
}

#[test]
fn where_nobody_was_asked_that_is_what_is_said_of_an_issuer() {
    let stage = Stage::new();
    let issuer = Issuer::open(&stage);
    let wallet = Wallet {
        stage: &stage,
        data: stage.text_path("wallet"),
    };
    wallet.run(&["--demo", "init", "--no-keyring"]).done();
    let link = issuer.offer(&["--no-tx-code"]);
    let add = ["add", &link, "--yes", "--accept-unlisted"];
    let added = wallet.run(&add).done();
    let id = added["cards"][0]["id"].as_str().unwrap();
    for look in [["cards"].as_slice(), &["card", id]] {
        let said = wallet.run(look).done();
        assert_eq!(said["warnings"], json!(["ledger_unknown"]), "{said}");
        let told = wallet.tell(look).out;
        assert!(told.contains("No ledger added yet: nobody has been asked"));
        assert!(!told.contains("vouched"), "{told}");
    }
}

#[test]
fn options_before_and_after_the_verb_and_words_that_make_no_sense() {
    let stage = Stage::new();
    let data = stage.text_path("wallet");
    let secret = stage.write("secret", format!("{PASSPHRASE}\n"));
    let run = |arguments: &[&str]| stage.run("cairn", arguments);
    let after = ["--no-keyring", "--json", "--data", &data, "--demo"];
    let made = run(&[["init"].as_slice(), &after, &["--passphrase-file", &secret]].concat());
    let made = made.done();
    assert_eq!(made["demo"], true);
    assert_eq!(made["opens_with"], "passphrase");
    assert!(made["recovery_code"].as_str().unwrap().len() >= 26);
    let global = ["--json", "--data", &data, "--passphrase-file", &secret];
    assert_eq!(
        run(&[&global, ["cards"].as_slice()].concat()).done()["cards"],
        json!([])
    );
    assert_eq!(
        run(&[["cards"].as_slice(), &global].concat()).done()["cards"],
        json!([])
    );
    let synced = run(&[["ledger"].as_slice(), &global, &["sync"]].concat());
    synced.failed(1, "no_ledger", "review");
    // Made twice.
    run(&[&global, ["init", "--no-keyring"].as_slice()].concat()).failed(1, "exists", "review");

    for wrong in [
        ["--json", "nonsense"].as_slice(),
        &["--json"],
        &["add", "--json"],
        &["cards", "--json", "--unknown"],
        &["ledger", "--json", "burn"],
    ] {
        run(wrong).failed(1, "usage", "review");
    }
    let said = run(&["nonsense"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert!(said.err.contains("nonsense"), "{said:?}");
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    for verb in ["add", "present", "history", "restore"] {
        assert!(help.out.contains(verb), "{verb}");
    }
}

#[test]
fn every_program_says_alike_what_is_wrong_with_the_words() {
    let stage = Stage::new();
    let told = |program: &str, words: &[&str]| {
        let said = stage.run(program, &[words, &["--json"]].concat());
        said.failed_plainly(1, "usage");
        let error = said.json()["error"].take();
        let advice = error["advice"].as_str().unwrap().to_lowercase();
        assert!(advice.contains(&format!("`{program} --help`")), "{error}");
        error["message"].as_str().unwrap().to_owned()
    };
    for (program, verb, wanted) in [
        ("cairn", "delete", "<ID>"),
        ("cairn-issuer", "check", "<TYPE> <FILE>"),
        ("cairn-counter", "verify", "<FILE>"),
        (
            "cairn-ledger",
            "publish-type",
            "--by <ACCREDITOR> --id <TYPE> <DIR>",
        ),
    ] {
        let unknown = "unexpected argument '--no-such' found";
        assert_eq!(told(program, &[verb, "--no-such"]), unknown);
        let missing = "the following required arguments were not provided:";
        assert_eq!(told(program, &[verb]), format!("{missing} {wanted}"));
    }
}

#[test]
fn passphrases() {
    let stage = Stage::new();
    let data = stage.text_path("wallet");
    let run = |variable: Option<&str>, arguments: &[&str]| {
        let mut command = stage.command("cairn");
        if let Some(passphrase) = variable {
            command.env("CAIRN_PASSPHRASE", passphrase);
        }
        said(command.args(["--json", "--data", &data]).args(arguments))
    };
    run(None, &["cards"]).failed(1, "usage", "review");
    run(Some(PASSPHRASE), &["cards"]).failed(1, "no_wallet", "review");
    let init = ["init", "--no-keyring"];
    run(Some("secret"), &init).failed(1, "weak_passphrase", "review");
    assert!(!stage.path("wallet").join("vault.redb").exists());
    let made = run(Some(PASSPHRASE), &init).done();
    let code = made["recovery_code"].as_str().unwrap().to_owned();
    run(None, &["cards"]).failed(1, "usage", "review");
    let missing = stage.text_path("missing");
    run(None, &["cards", "--passphrase-file", &missing]).failed(1, "usage", "review");

    // Changed: the old one opens no more.
    let new = stage.write("new", OTHER);
    let weak = stage.write("weak", "password");
    let change = |file: &str| {
        run(
            Some(PASSPHRASE),
            &["passphrase", "--new-passphrase-file", file],
        )
    };
    change(&weak).failed(1, "weak_passphrase", "review");
    assert_eq!(change(&new).done()["changed"], true);
    run(Some(PASSPHRASE), &["cards"]).failed(1, "wrong_passphrase", "review");
    run(Some(OTHER), &["cards"]).done();

    // Forgotten: the recovery code gives a new one.
    let wrong = stage.write("wrong-code", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AA");
    let said = run(Some(PASSPHRASE), &["recover", "--code-file", &wrong]);
    said.failed(1, "wrong_code", "review");
    let right = stage.write("code", &code);
    run(Some(PASSPHRASE), &["recover", "--code-file", &right]).done();
    run(Some(PASSPHRASE), &["cards"]).done();

    // Wrong again and again: the wait outlives the program. It grows to half a minute, so that it is
    // met in the end on a machine that takes its time for each attempt.
    let delayed = (0..10).any(|_| {
        let said = run(Some(OTHER), &["cards"]);
        assert_eq!(said.code, 1);
        said.json()["error"]["kind"] == "delayed"
    });
    assert!(delayed, "nobody had to wait");
    for secret in [PASSPHRASE, OTHER] {
        assert!(!crate::stage::anywhere(&stage.path("wallet"), secret));
    }
}

#[test]
fn the_second_of_two_programs_is_told() {
    use std::io::{Read as _, Write as _};
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let (wallet, _) = with_card(&stage, &ledger);
    // The first holds the wallet open while it waits for a server that takes its time.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}/offer", listener.local_addr().unwrap());
    let link = format!("openid-credential-offer://?credential_offer_uri={address}");
    let first = std::thread::scope(|scope| {
        let first = scope.spawn(|| wallet.run(&["add", &link, "--yes"]));
        let (mut caller, _) = listener.accept().unwrap();
        let mut some = [0; 16];
        caller.read_exact(&mut some).unwrap();
        wallet.run(&["cards"]).failed(1, "in_use", "review");
        caller
            .write_all(b"HTTP/1.1 404 x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            .unwrap();
        drop(caller);
        first.join().unwrap()
    });
    assert_ne!(first.code, 0);
    assert_eq!(wallet.cards().len(), 1, "nothing broke");
}

#[test]
fn a_backup_makes_the_wallet_again() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let (wallet, id) = with_card(&stage, &ledger);
    let file = stage.text_path("backup.age");
    let secret = stage.write("backup-secret", OTHER);
    let with = ["--backup-passphrase-file", &secret];
    let backup = [["backup", &file].as_slice(), &with].concat();
    let made = wallet.run(&backup).done();
    assert_eq!(made["cards"], 1);
    assert!(
        std::fs::read(&file)
            .unwrap()
            .starts_with(b"age-encryption.org/v1")
    );
    wallet.run(&backup).failed(1, "exists", "review");

    let restore = |folder: &str, file: &str, with: &[&str]| {
        let wallet = Wallet {
            stage: &stage,
            data: stage.text_path(folder),
        };
        let all = ["--demo", "restore", file, "--no-keyring"];
        let said = wallet.run(&[all.as_slice(), with].concat());
        (wallet, said)
    };
    // The wallet's own passphrase is not the backup's.
    let (_, said) = restore("other", &file, &[]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.json()["error"]["kind"].is_string());
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let damaged = stage.write("damaged.age", bytes);
    let (_, said) = restore("other", &damaged, &with);
    assert_eq!(said.code, 1, "{said:?}");
    let (again, said) = restore("other", &file, &with);
    let made = said.done();
    assert_eq!(made["demo"], true);
    let cards = again.cards();
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0]["id"], id);
    assert_eq!(again.history()[0]["kind"], "restored");
    // Over a wallet that is there, nothing is restored.
    let (_, said) = restore("other", &file, &with);
    said.failed(1, "exists", "review");
}

#[test]
fn a_credential_in_a_file() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let wallet = stage.wallet("wallet", ledger.url());
    let credential = crate::answers::shown_credential(&stage, &ledger, &issuer);
    let file = stage.write("credential", &credential);
    let good = wallet.run(&["verify", &file]).done();
    assert_eq!(good["valid"], true, "{good}");
    let checks = good["checks"].as_array().unwrap();
    for check in checks {
        has(check, &["name", "ok", "detail"]);
    }
    let named: Vec<&str> = checks.iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(named, ["form", "issuer_key", "signature", "ledger"]);

    let (token, rest) = credential.split_once('~').unwrap();
    let mut parts: Vec<&str> = token.split('.').collect();
    let swapped = if parts[2].starts_with('A') { "B" } else { "A" };
    let signature = format!("{swapped}{}", &parts[2][1..]);
    parts[2] = &signature;
    let changed = format!("{}~{rest}", parts.join("."));
    for (text, failing) in [
        (changed.as_str(), "signature"),
        ("no credential at all", "form"),
        ("", "form"),
    ] {
        let file = stage.write("tampered", text);
        let said = wallet.run(&["verify", &file]);
        assert_eq!(said.code, 2, "{said:?}");
        let object = said.json();
        assert_eq!(object["valid"], false);
        let last = object["checks"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&last["name"], &last["ok"]),
            (&json!(failing), &json!(false))
        );
    }
    ledger.revoke_issuer_key();
    let said = wallet.run(&["verify", &file]);
    assert_eq!(said.code, 2);
    let object = said.json();
    let last = object["checks"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["name"], "ledger");
    assert!(last["detail"].as_str().unwrap().contains("revoked"));
    let said = wallet.run(&["verify", &stage.text_path("missing")]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(names(&said.json()["warnings"]).is_empty());
}
