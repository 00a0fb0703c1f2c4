//! What a ledger may do to a wallet that follows it, and what the wallet says.

use std::path::Path;

use crate::stage::{Issuer, LedgerDesk, Stage, Wallet};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), &place).unwrap();
        }
    }
}

/// Syncs from `source`, which must be refused by this name; the old word stands.
#[track_caller]
fn refuses(wallet: &Wallet<'_>, source: &str, name: &str, entries: u64) {
    let said = wallet.run(&["--ledger", source, "ledger", "sync"]);
    said.failed(2, name, "review");
    let status = wallet.run(&["ledger", "status"]).done();
    assert_eq!(status["entries"], entries, "{status}");
    assert_eq!(status["refused"]["reason"], name, "{status}");
    let shown = wallet.run(&["ledger", "show"]).done();
    assert!(!shown["bodies"].as_array().unwrap().is_empty());
}

#[test]
fn a_rollback_and_a_split_view_are_refused_by_name() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    let old = stage.path("old");
    copy(Path::new(&ledger.folder), &old);
    ledger.register_issuer(&issuer);
    let wallet = stage.wallet("wallet", ledger.url());
    let synced = wallet.run(&["ledger", "sync"]).done();
    assert_eq!((&synced["entries"], &synced["new"]), (&3.into(), &3.into()));

    // An older state, served with a fresh word of the operator.
    let serve = |folder: &Path| {
        let folder = folder.to_str().unwrap();
        let listen = ["serve", folder, "--listen", "127.0.0.1:0", "--json"];
        stage.serve("cairn-ledger", &listen)
    };
    let service = serve(&old);
    refuses(&wallet, service.url(), "rollback", 3);
    refuses(&wallet, old.to_str().unwrap(), "rollback", 3);

    // Whoever asks the wallet to act on such a ledger is told, before anything is sent.
    let link = issuer.offer(&["--no-tx-code"]);
    let said = wallet.run(&["add", &link, "--yes"]);
    said.failed(2, "rollback", "review");
    assert_eq!(issuer.stages(), ["offered"]);

    // Another history of the same length.
    let other = |id: &str, name: &str| {
        let all = [
            "accredit",
            old.to_str().unwrap(),
            "--id",
            id,
            "--name",
            name,
        ];
        let more = [
            "--types",
            "*",
            "--until",
            "2039-12-31",
            "--new-key",
            "--json",
        ];
        stage
            .run("cairn-ledger", &[all.as_slice(), &more].concat())
            .done();
    };
    drop(service);
    other("urn:cairn:demo:body:other", "Another");
    let service = serve(&old);
    refuses(&wallet, service.url(), "split_view", 3);
    drop(service);
    // And a longer one.
    other("urn:cairn:demo:body:third", "A third");
    let service = serve(&old);
    refuses(&wallet, service.url(), "split_view", 3);

    // Back at the first, all is well and the refusal is forgotten.
    let synced = wallet.run(&["--ledger", ledger.url(), "ledger", "sync"]);
    assert_eq!(synced.done()["new"], 0);
    let status = wallet.run(&["ledger", "status"]).done();
    assert!(status["refused"].is_null());
    wallet.run(&["add", &link, "--yes"]).done();
}

#[test]
fn a_pin_says_which_ledger_is_meant() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let other = stage.text_path("other");
    let made = ["init", &other, "--name", "Other", "--demo", "--json"];
    stage.run("cairn-ledger", &made).done();
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.run(&["ledger", "sync"]).done();
    let pin = format!("{other}/pin.json");
    let said = wallet.run(&["--ledger", ledger.url(), "--pin", &pin, "ledger", "sync"]);
    assert_eq!(said.code, 2, "{said:?}");
    let kind = said.json()["error"]["kind"].as_str().unwrap().to_owned();
    assert!(
        ["wrong_signature", "wrong_origin"].contains(&&*kind),
        "{said:?}"
    );
    let garbage = stage.write("garbage.json", "{\"version\":1}");
    let said = wallet.run(&[
        "ledger",
        "sync",
        "--ledger",
        ledger.url(),
        "--pin",
        &garbage,
    ]);
    said.failed(2, "pin", "review");
    // With the right one, as if nothing had been.
    let pin = format!("{}/pin.json", ledger.folder);
    let said = wallet.run(&["--ledger", ledger.url(), "--pin", &pin, "ledger", "sync"]);
    said.done();
}

#[test]
fn outside_the_demo_an_address_needs_a_pin_and_https() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let wallet = Wallet {
        stage: &stage,
        data: stage.text_path("wallet"),
    };
    wallet.run(&["init", "--no-keyring"]).done();
    for address in [ledger.url(), "https://ledger.example"] {
        let said = wallet.run(&["--ledger", address, "ledger", "sync"]);
        said.failed(1, "pin_needed", "review");
    }
    let pin = format!("{}/pin.json", ledger.folder);
    let said = wallet.run(&["--ledger", ledger.url(), "--pin", &pin, "ledger", "sync"]);
    said.failed(2, "forbidden_address", "review");
    // A folder is under the citizen's own hands.
    let said = wallet.run(&["--ledger", &ledger.folder, "ledger", "sync"]);
    assert_eq!(said.done()["entries"], 2);
}

#[test]
fn a_changed_entry_and_a_short_tile_are_refused_by_name() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let wallet = stage.wallet("wallet", ledger.url());
    let folder = Path::new(&ledger.folder);
    let tile = folder.join("tile/entries/000.p/2");
    let whole = std::fs::read(&tile).unwrap();
    let (tampered, short) = (stage.path("tampered"), stage.path("short"));
    for (place, bytes) in [
        (&tampered, {
            let name = b"\"signature\":\"";
            let place = whole.windows(name.len()).rposition(|some| some == name);
            let mut bytes = whole.clone();
            let first = &mut bytes[place.unwrap() + name.len()];
            *first = if *first == b'A' { b'B' } else { b'A' };
            bytes
        }),
        (&short, whole[..whole.len() - 1].to_vec()),
    ] {
        copy(folder, place);
        std::fs::write(place.join("tile/entries/000.p/2"), bytes).unwrap();
    }
    for (place, name) in [(&tampered, "forged_event"), (&short, "truncated_tile")] {
        let place = place.to_str().unwrap();
        let said = wallet.run(&["--ledger", place, "ledger", "sync"]);
        said.failed(2, name, "review");
    }
    let status = wallet.run(&["ledger", "status"]).done();
    assert_eq!(status["entries"], 0);
}

#[test]
fn evidence_of_an_issuer_is_checked_without_any_ledger() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let wallet = stage.wallet("wallet", ledger.url());
    let link = issuer.offer(&["--no-tx-code"]);
    let added = wallet.run(&["add", &link, "--yes"]).done();
    let id = added["cards"][0]["id"].as_str().unwrap();
    let file = stage.text_path("evidence.json");
    let written = wallet.run(&["card", id, "--evidence", &file]).done();
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(written["evidence"]["bytes"], bytes.len());
    wallet
        .run(&["card", id, "--evidence", &file])
        .failed(1, "file", "review");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "it was overwritten");

    let pin = stage.text_path("pin.json");
    std::fs::copy(Path::new(&ledger.folder).join("pin.json"), &pin).unwrap();
    std::fs::rename(&ledger.folder, stage.path("gone")).unwrap();
    let verify = ["verify", file.as_str(), "--pin", &pin, "--json"];
    let said = stage.run("cairn-ledger", &verify).done();
    assert_eq!(said["verdict"], "listed");
    let gone = stage.text_path("gone");
    let counter = ["--data", &stage.text_path("counter"), "--ledger", &gone];
    let check = ["verify", file.as_str(), "--json"];
    let said = stage
        .run("cairn-counter", &[&counter[..], &check].concat())
        .done();
    assert_eq!(said["valid"], true, "{said}");
    let forged = String::from_utf8(bytes)
        .unwrap()
        .replacen("\"from\":1", "\"from\":2", 1);
    std::fs::write(&file, forged).unwrap();
    let said = stage.run("cairn-ledger", &verify);
    assert_eq!(said.code, 2, "{said:?}");
    let said = stage.run("cairn-counter", &[&counter[..], &check].concat());
    assert_eq!(said.code, 2, "{said:?}");
    assert_eq!(said.json()["checks"][1]["ok"], false, "{said:?}");
}
