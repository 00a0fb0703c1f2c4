//! Governance by several: events proposed, signed apart, joined and submitted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "../programs/mod.rs"]
mod programs;

use std::path::Path;

use keys::SigningKey;
use programs::{
    accreditation, answered, done, done_at_a_terminal, refused, run, write_jwk, write_key,
};

/// A ledger whose governance is two of three: `one.pem`, `two.pem`, `three.pem` below `home`.
fn two_of_three() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    done(folder, &["init", "led", "--name", "Public bodies"]);
    for name in ["one", "two", "three"] {
        let key = SigningKey::make_ed25519();
        write_key(folder, &format!("{name}.pem"), &key);
        write_jwk(folder, &format!("{name}.jwk"), &key);
    }
    let propose = [
        "event",
        "propose",
        "--out",
        "over.json",
        "rotate-governance",
        "led",
        "--jwk",
        "one.jwk",
        "--jwk",
        "two.jwk",
        "--jwk",
        "three.jwk",
        "--threshold",
        "2",
    ];
    let object = done(folder, &propose);
    assert_eq!(object["refused"], "threshold_not_met");
    assert_eq!(object["not_signed"].as_array().unwrap().len(), 4);
    not_taken(folder, "led", "over.json", "threshold_not_met");
    sign(folder, "over.json", "led/keys/governance.pem");
    not_taken(folder, "led", "over.json", "possession_not_proven");
    for key in ["one.pem", "two.pem", "three.pem"] {
        sign(folder, "over.json", key);
    }
    let object = done(folder, &["event", "submit", "led", "over.json"]);
    assert_eq!(object["action"], "rotate-governance");
    let governance = &done(folder, &["list", "led"])["governance"];
    assert_eq!(governance["threshold"], 2);
    assert_eq!(governance["keys"].as_array().unwrap().len(), 3);
    home
}

fn sign(folder: &Path, file: &str, key: &str) {
    done(folder, &["event", "sign", file, "--key", key, "--yes"]);
}

/// A ledger does not take the event in a file, by this rule.
fn not_taken(folder: &Path, ledger: &str, file: &str, rule: &str) {
    refused(folder, &["event", "submit", ledger, file], rule, 2);
}

fn propose_accreditation<'a>(id: &'a str, out: &'a str) -> Vec<&'a str> {
    vec![
        "event",
        "propose",
        "--out",
        out,
        "accredit",
        "led",
        "--id",
        id,
        "--name",
        "Health",
        "--types",
        "NHSChargeExemption",
        "--until",
        "2099-12-31",
        "--jwk",
        "control.jwk",
    ]
}

#[test]
fn an_event_is_signed_by_two_of_three_in_copies() {
    let home = two_of_three();
    let folder = home.path();
    // The key that began the ledger says nothing any more.
    let old = accreditation("led", "https://x.example");
    refused(folder, &old, "forged_event", 2);
    write_jwk(folder, "control.jwk", &SigningKey::make_ed25519());
    done(
        folder,
        &propose_accreditation("https://h.example", "event.json"),
    );
    // Each signs a copy, without the ledger.
    for (key, copy) in [("one.pem", "by-one.json"), ("three.pem", "by-three.json")] {
        let args = [
            "event",
            "sign",
            "event.json",
            "--key",
            key,
            "--yes",
            "--out",
            copy,
        ];
        done(folder, &args);
    }
    not_taken(folder, "led", "event.json", "threshold_not_met");
    not_taken(folder, "led", "by-one.json", "threshold_not_met");
    let joined = ["event", "submit", "led", "by-one.json", "by-three.json"];
    let object = done(folder, &joined);
    assert_eq!(object["id"], "https://h.example");
    refused(folder, &joined, "replayed_event", 2);
    assert_eq!(done(folder, &["verify", "led"])["size"], 3);
}

#[test]
fn a_signer_is_shown_what_is_signed_and_may_say_no() {
    let home = two_of_three();
    let folder = home.path();
    write_jwk(folder, "control.jwk", &SigningKey::make_ed25519());
    done(
        folder,
        &propose_accreditation("https://h.example", "event.json"),
    );
    let before = std::fs::read(folder.join("event.json")).unwrap();
    let sign = [
        "event",
        "sign",
        "event.json",
        "--key",
        "one.pem",
        "--ledger",
        "led",
    ];
    for answer in ["", "no\n", "yesterday\n"] {
        let output = answered(folder, &sign, answer);
        assert_eq!(output.status.code(), Some(1), "{answer}");
        let said = String::from_utf8(output.stdout).unwrap();
        for words in [
            "Governance accredits “Health” (“https://h.example”)",
            "NHS charge",
            "Public bodies",
            "Nobody has signed it yet",
            "would take it once it is signed by 2 of the governance keys that stand.",
            "Fingerprint",
            "Until the end of 2099-12-31",
        ] {
            let (said, words) = (said.to_lowercase(), words.to_lowercase());
            assert!(said.contains(&words), "{words} in {said}");
        }
        assert_eq!(std::fs::read(folder.join("event.json")).unwrap(), before);
    }
    assert!(done_at_a_terminal(folder, &sign, "yes\n"), "it waits");
    let shown = done(folder, &["event", "show", "event.json", "--ledger", "led"]);
    assert_eq!(shown["signed"].as_array().unwrap().len(), 1);
    assert_eq!(shown["not_signed"].as_array().unwrap().len(), 2);
    let alone = String::from_utf8(run(folder, &["event", "show", "event.json"]).stdout).unwrap();
    assert!(alone.contains("Compare this with what you know"), "{alone}");
}

#[test]
fn what_should_not_be_signed_or_submitted_is_refused_by_name() {
    let home = two_of_three();
    let folder = home.path();
    write_jwk(folder, "control.jwk", &SigningKey::make_ed25519());
    done(
        folder,
        &propose_accreditation("https://h.example", "event.json"),
    );
    refused(
        folder,
        &propose_accreditation("https://h.example", "event.json"),
        "file",
        1,
    );
    done(
        folder,
        &propose_accreditation("https://g.example", "other.json"),
    );
    let two = ["event", "submit", "led", "event.json", "other.json"];
    refused(folder, &two, "different_proposals", 2);
    write_key(folder, "stranger.pem", &SigningKey::make_ed25519());
    let stranger = |more: &[&'static str]| {
        let args = [
            "event",
            "sign",
            "event.json",
            "--key",
            "stranger.pem",
            "--yes",
        ];
        [&args, more].concat()
    };
    refused(folder, &stranger(&["--ledger", "led"]), "not_entitled", 2);
    done(folder, &["init", "another", "--name", "Another"]);
    refused(
        folder,
        &stranger(&["--ledger", "another"]),
        "wrong_ledger",
        2,
    );
    let unasked = ["event", "sign", "event.json", "--key", "one.pem"];
    refused(folder, &unasked, "usage", 1);
    sign(folder, "event.json", "stranger.pem");
    sign(folder, "event.json", "one.pem");
    not_taken(folder, "led", "event.json", "threshold_not_met");
    not_taken(folder, "another", "other.json", "wrong_ledger");
    sign(folder, "other.json", "one.pem");
    not_taken(folder, "another", "other.json", "wrong_ledger");
    std::fs::write(folder.join("text"), "no JSON").unwrap();
    refused(folder, &["event", "show", "text"], "malformed_proposal", 2);
    let made = accreditation("led", "https://k.example");
    let made = [&["event", "propose"], made.as_slice()].concat();
    refused(folder, &made, "usage", 1);
    // The ledger keeps the latest rules already; those to come are refused as such.
    let adopt = |rules: &str| {
        let file = format!("adopt-{rules}.json");
        let propose = [
            "event",
            "propose",
            "--out",
            &file,
            "adopt-rules",
            "led",
            "--rules",
            rules,
        ];
        done(folder, &propose);
        sign(folder, &file, "one.pem");
        sign(folder, &file, "two.pem");
        file
    };
    let same = adopt(&ledger::RULES.to_string());
    let unsigned = [
        "event",
        "propose",
        "--out",
        "same.json",
        "adopt-rules",
        "led",
    ];
    let said = String::from_utf8(run(folder, &unsigned).stdout).unwrap();
    assert!(
        said.contains("would not take it, whoever signs it"),
        "{said}"
    );
    not_taken(folder, "led", &same, "nothing_changes");
    let newer = adopt(&(ledger::RULES + 1).to_string());
    not_taken(folder, "led", &newer, "newer_rules");
}

/// What somebody added whose word counts nothing is named, and left out.
#[test]
fn a_strangers_signature_is_left_out_and_the_rest_counts() {
    let home = two_of_three();
    let folder = home.path();
    let stranger = SigningKey::make_ed25519();
    write_key(folder, "stranger.pem", &stranger);
    let stranger = stranger.public().thumbprint();
    write_jwk(folder, "control.jwk", &SigningKey::make_ed25519());
    done(
        folder,
        &propose_accreditation("https://h.example", "event.json"),
    );
    std::fs::copy(folder.join("event.json"), folder.join("copy.json")).unwrap();
    sign(folder, "event.json", "stranger.pem");
    sign(folder, "event.json", "one.pem");
    let shown = ["event", "show", "event.json", "--ledger", "led"];
    let object = done(folder, &shown);
    assert_eq!(object["signed"].as_array().unwrap().len(), 1, "{object}");
    assert_eq!(object["left_out"][0]["key"], stranger.as_str(), "{object}");
    assert_eq!(object["left_out"][0]["reason"], "not_entitled");
    let left_out = format!("Left out: the signature under the key {stranger}.");
    let said = String::from_utf8(run(folder, &shown).stdout).unwrap();
    assert!(said.contains(&left_out), "{said}");
    assert!(said.contains("would take it once it is signed"), "{said}");
    // A stranger is not the second of two.
    not_taken(folder, "led", "event.json", "threshold_not_met");
    sign(folder, "copy.json", "stranger.pem");
    let args = ["event", "sign", "copy.json", "--key", "two.pem", "--yes"];
    let signed = done(folder, &[&args[..], &["--ledger", "led"]].concat());
    assert_eq!(signed["signed"].as_array().unwrap().len(), 1, "{signed}");
    sign(folder, "copy.json", "stranger.pem");
    let submit = ["event", "submit", "led", "event.json", "copy.json"];
    let output = run(folder, &[&submit[..], &["--json"]].concat());
    assert!(output.status.success(), "{output:?}");
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(object["id"], "https://h.example");
    let listed = object["left_out"].as_array().unwrap();
    assert_eq!(listed.len(), 1, "{object}");
    assert_eq!(listed[0]["key"], stranger.as_str());
    let remark = String::from_utf8(output.stderr).unwrap();
    assert!(remark.contains(&left_out), "{remark}");
    assert_eq!(done(folder, &["verify", "led"])["size"], 3);
}

#[test]
fn an_accreditor_signs_away_from_the_ledger_too() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    done(folder, &["init", "led", "--name", "Test"]);
    let control = SigningKey::make_ed25519();
    write_key(folder, "control.pem", &control);
    write_jwk(folder, "control.jwk", &control);
    write_jwk(folder, "issuer.jwk", &SigningKey::make_p256());
    let mut accredit = propose_accreditation("https://h.example", "accredit.json");
    accredit.extend(["--key", "led/keys/governance.pem"]);
    assert_eq!(
        done(folder, &accredit)["signed"].as_array().unwrap().len(),
        1
    );
    done(folder, &["event", "submit", "led", "accredit.json"]);
    let register = [
        "event",
        "propose",
        "--out",
        "issuer.json",
        "register-issuer",
        "led",
        "--by",
        "https://h.example",
        "--id",
        "https://i.example",
        "--name",
        "Issuer",
        "--jwk",
        "issuer.jwk",
        "--types",
        "NHSChargeExemption",
    ];
    let object = done(folder, &register);
    assert!(
        object["words"]
            .as_str()
            .unwrap()
            .contains("registers the issuer")
    );
    not_taken(folder, "led", "issuer.json", "not_signed");
    sign(folder, "issuer.json", "control.pem");
    let object = done(folder, &["event", "submit", "led", "issuer.json"]);
    assert_eq!(object["keys"].as_array().unwrap().len(), 1);
}

/// A disk that takes no more: files are cut at a size that the next tile is above.
#[cfg(unix)]
#[test]
fn a_full_disk_stops_writing_and_spoils_nothing() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    done(folder, &["init", "led", "--name", "Test"]);
    let before = std::fs::read(folder.join("led/checkpoint")).unwrap();
    let mut refusals = 0;
    for blocks in 0.. {
        // In blocks of 512 bytes; the signal that would end the program is let be.
        let limited = format!(r#"trap '' XFSZ; ulimit -f {blocks}; exec "$0" "$@""#);
        let output = std::process::Command::new("sh")
            .current_dir(folder)
            .args(["-c", &limited])
            .arg(env!("CARGO_BIN_EXE_cairn-ledger"))
            .args(accreditation("led", "https://a.example"))
            .arg("--json")
            .output()
            .unwrap();
        if output.status.success() {
            break;
        }
        refusals += 1;
        assert!(blocks < 64, "{output:?}");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        // Where even the answer finds no room, the exit status has to do.
        if let Ok(object) = serde_json::from_slice::<serde_json::Value>(&output.stdout) {
            assert_eq!(object["error"]["kind"], "disk_full", "{blocks}: {object}");
        }
        assert_eq!(
            std::fs::read(folder.join("led/checkpoint")).unwrap(),
            before
        );
        assert_eq!(done(folder, &["verify", "led"])["size"], 1);
    }
    // The key, the entries and the hashes each found no room at some size.
    assert!(refusals > 1, "{refusals}");
    assert_eq!(done(folder, &["verify", "led"])["size"], 2);
}
