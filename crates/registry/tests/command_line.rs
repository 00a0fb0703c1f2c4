//! The program as people and scripts call it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "programs/mod.rs"]
mod programs;

use std::path::Path;

use keys::SigningKey;
use programs::{Served, done, refused, run, write_jwk, write_key};
use serde_json::{Value, json};

const ACCREDIT: &[&str] = &[
    "accredit",
    "led",
    "--id",
    "https://a.example",
    "--name",
    "A",
    "--types",
    "NHSChargeExemption",
    "--until",
    "2099-12-31",
    "--new-key",
];

fn with_ledger() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    done(folder.path(), &["init", "led", "--name", "Test"]);
    done(folder.path(), ACCREDIT);
    folder
}

fn register<'a>(id: &'a str, file: &'a str) -> Vec<&'a str> {
    vec![
        "register-issuer",
        "led",
        "--by",
        "https://a.example",
        "--id",
        id,
        "--name",
        "Issuer",
        "--jwk",
        file,
        "--types",
        "NHSChargeExemption",
    ]
}

#[test]
fn from_init_to_withdraw() {
    let home = with_ledger();
    let folder = home.path();
    let (old, new) = (SigningKey::make_p256(), SigningKey::make_p256());
    write_jwk(folder, "old.jwk", &old);
    write_key(folder, "new.pem", &new);
    let object = done(folder, &register("https://i.example", "old.jwk"));
    assert_eq!(object["keys"][0]["possession"], "attested");
    let rotate = [
        "rotate-key",
        "led",
        "--id",
        "https://i.example",
        "--jwk",
        "new.pem",
    ];
    let object = done(folder, &rotate);
    assert_eq!(object["keys"][0]["standing"], "rotated");
    assert_eq!(object["keys"][1]["possession"], "proven");
    let revoke = [
        "revoke-key",
        "led",
        "--by",
        "https://a.example",
        "--id",
        "https://i.example",
        "--jwk",
        "old.jwk",
        "--reason",
        "stolen",
        "--invalid-from",
        "2020-01-01",
    ];
    assert_eq!(done(folder, &revoke)["keys"][0]["standing"], "revoked");
    done(
        folder,
        &[
            "withdraw",
            "led",
            "--by",
            "https://a.example",
            "--id",
            "https://i.example",
        ],
    );
    refused(
        folder,
        &[
            "withdraw",
            "led",
            "--by",
            "https://a.example",
            "--id",
            "https://i.example",
        ],
        "nothing_to_withdraw",
        2,
    );
    let list = done(folder, &["list", "led"]);
    let issuer = &list["bodies"][1];
    assert_eq!(issuer["roles"][0]["standing"], "withdrawn");
    assert_eq!(
        issuer["roles"][0]["types"][0],
        "urn:cairn:demo:nhs-charge-exemption:1"
    );
    assert_eq!(issuer["trail"].as_array().unwrap().len(), 4);
    assert_eq!(done(folder, &["verify", "led"])["valid"], true);
}

/// What people read: names beside ids, and lines that are not wider than need be.
#[test]
fn bodies_and_types_are_listed_by_their_names() {
    let home = with_ledger();
    let folder = home.path();
    let key = SigningKey::make_p256();
    write_jwk(folder, "a.jwk", &key);
    let jwk = key.public().to_jwk();
    let id = format!("did:jwk:{}", keys::b64::encode(jwk.to_string()));
    done(folder, &register(&id, "a.jwk"));
    let said = |args: &[&str]| String::from_utf8(run(folder, args).stdout).unwrap();
    let list = said(&["list", "led"]);
    let short = format!("{}…{}", &id[..24], &id[id.len() - 16..]);
    for line in [
        "A  https://a.example",
        "  accreditor (listed), until the end of 2099-12-31, by the governance",
        "    NHSChargeExemption (urn:cairn:demo:nhs-charge-exemption:1)",
        &format!("Issuer  {short}"),
        "  issuer (listed), until the end of 2099-12-31, by A (https://a.example)",
    ] {
        assert!(list.lines().any(|one| one == line), "{line} in {list}");
    }
    assert!(
        list.lines().all(|line| line.chars().count() <= 100),
        "{list}"
    );
    // Who asks about one body sees all of its id, and programs always do.
    assert!(said(&["show", "led", "--id", &id]).starts_with(&format!("Issuer  {id}\n")));
    assert_eq!(
        done(folder, &["list", "led"])["bodies"][0]["id"],
        id.as_str()
    );
    let told = said(&["explain", "led", &id, "--type", "NHSChargeExemption"]);
    assert!(
        told.starts_with(&format!("Issuer ({short}) is on this ledger")),
        "{told}"
    );
}

/// A BBS key proves itself where its file has the secret part.
#[test]
fn a_bbs_key_is_registered_beside_a_signing_key() {
    let home = with_ledger();
    let folder = home.path();
    let secret = keys::bls::secret_to_jwk(&keys::bls::SecretKey::make());
    let mut secret: Value = serde_json::from_str(&secret).unwrap();
    let signing = SigningKey::make_p256().public().to_jwk();
    let set = serde_json::json!({"keys": [signing, secret]});
    std::fs::write(folder.join("both.jwks"), set.to_string()).unwrap();
    let object = done(folder, &register("https://i.example", "both.jwks"));
    assert_eq!(object["keys"][0]["possession"], "attested");
    assert_eq!(object["keys"][1]["possession"], "proven");
    assert_eq!(done(folder, &["verify", "led"])["valid"], true);

    secret.as_object_mut().unwrap().remove("d");
    std::fs::write(folder.join("bbs.jwk"), secret.to_string()).unwrap();
    let again = register("https://j.example", "bbs.jwk");
    refused(folder, &again, "key_taken", 2);
}

/// It is named before anything is signed: the rules would only call it malformed.
#[test]
fn a_p384_key_is_not_for_a_ledger() {
    let home = with_ledger();
    let folder = home.path();
    let key = SigningKey::make_p384();
    write_jwk(folder, "p384.jwk", &key);
    write_key(folder, "p384.pem", &key);
    for file in ["p384.jwk", "p384.pem"] {
        let register = register("https://i.example", file);
        refused(folder, &register, "malformed_key", 2);
    }
    let did = credential::did::derive_did_key(&key.public()).unwrap();
    let mut by_did = register("https://i.example", &did);
    by_did[8] = "--did";
    refused(folder, &by_did, "malformed_did", 2);
    write_jwk(folder, "a.jwk", &SigningKey::make_p256());
    let mut signed = register("https://i.example", "a.jwk");
    signed.extend(["--key", "p384.pem"]);
    refused(folder, &signed, "key_file", 1);
}

#[test]
fn rules_exit_with_2_and_the_rest_with_1() {
    let home = with_ledger();
    let folder = home.path();
    write_jwk(folder, "a.jwk", &SigningKey::make_p256());
    refused(folder, ACCREDIT, "already_registered", 2);
    done(folder, &register("https://i.example", "a.jwk"));
    refused(
        folder,
        &register("https://j.example", "a.jwk"),
        "key_taken",
        2,
    );
    refused(
        folder,
        &register("https://i.example", "none.jwk"),
        "file",
        1,
    );
    refused(folder, &["verify", "nowhere"], "no_ledger", 1);
    refused(
        folder,
        &["init", "led", "--name", "Again"],
        "ledger_exists",
        1,
    );
    refused(folder, &["accredit", "led"], "usage", 1);
    refused(
        folder,
        &["revoke-key", "led", "--id", "https://x.example"],
        "unknown_body",
        2,
    );
    // One thumbprint in 64 begins with a hyphen.
    let thumbprint = [
        "revoke-key",
        "led",
        "--id",
        "https://x.example",
        "--thumbprint",
        "-pA",
    ];
    refused(folder, &thumbprint, "unknown_body", 2);
    write_key(folder, "new.pem", &SigningKey::make_p256());
    let old = [
        "rotate-key",
        "led",
        "--id",
        "https://x.example",
        "--old",
        "-pA",
        "--jwk",
        "new.pem",
    ];
    refused(folder, &old, "unknown_body", 2);
    let mut stranger = register("https://j.example", "a.jwk");
    stranger[3] = "https://nobody.example";
    refused(folder, &stranger, "not_accredited", 2);
    let mut forged = register("https://j.example", "a.jwk");
    let key = SigningKey::make_ed25519();
    write_key(folder, "k.pem", &key);
    forged.extend(["--key", "k.pem"]);
    refused(folder, &forged, "forged_event", 2);
}

#[test]
fn a_damaged_ledger_is_refused_by_name() {
    let home = with_ledger();
    let tile = home.path().join("led/tile/entries/000.p/2");
    let bytes = std::fs::read(&tile).unwrap();
    std::fs::write(&tile, &bytes[..bytes.len() - 1]).unwrap();
    refused(home.path(), &["verify", "led"], "truncated_tile", 2);
    let mut changed = bytes.clone();
    let at = changed.len() - 200;
    changed[at] ^= 1;
    std::fs::write(&tile, changed).unwrap();
    refused(home.path(), &["verify", "led"], "forged_event", 2);
}

#[cfg(unix)]
#[test]
fn key_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = with_ledger();
    let mut count = 0;
    for entry in std::fs::read_dir(home.path().join("led/keys")).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn plain_http_metadata_needs_a_demo_ledger() {
    let home = with_ledger();
    let mut args = register("https://i.example", "unused");
    args[8] = "--metadata";
    args[9] = "http://127.0.0.1:9/";
    refused(home.path(), &args, "network", 1);
}

#[test]
fn serve_shows_the_ledger_and_no_keys() {
    let home = with_ledger();
    let served = Served::start(home.path(), &["serve", "led", "--listen", "127.0.0.1:0"]);
    let get = |path: &str| {
        let (head, body) = programs::get(&served.url, path);
        format!("{head}\r\n\r\n{body}")
    };
    let found = |path: &str| get(path).starts_with("HTTP/1.1 200");
    for path in [
        "/checkpoint",
        "/pin.json",
        "/tile/entries/000.p/2",
        "/tile/0/000.p/2",
    ] {
        assert!(found(path), "{path}");
    }
    for path in [
        "/keys/log.pem",
        "/tile/../keys/log.pem",
        "/tile/%2e%2e/keys/log.pem",
        "/ledger.lock",
    ] {
        assert!(!found(path), "{path}");
    }
    // Another process appends while this one serves.
    write_jwk(home.path(), "a.jwk", &SigningKey::make_p256());
    done(home.path(), &register("https://i.example", "a.jwk"));
    assert!(get("/checkpoint").contains("\n3\n"));
    assert!(found("/tile/entries/000.p/3"));

    // The page, which asks for everything at once and says nothing of what its reader looks for.
    let page = get("/");
    assert!(
        page.contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    assert!(found("/page.js") && found("/page.css"));
    assert!(
        page.contains(r#"<link rel="icon" href="icon.svg""#),
        "{page}"
    );
    for (path, kind) in [
        ("/icon.svg", "image/svg+xml"),
        ("/favicon.ico", "image/png"),
    ] {
        let icon = get(path);
        assert!(icon.starts_with("HTTP/1.1 200"), "{icon}");
        assert!(
            icon.contains(&format!("content-type: {kind}\r\n")),
            "{icon}"
        );
        assert!(icon.contains("content-security-policy: default-src 'none'"));
    }
    let trail = get("/trail.json");
    let trail: Value = serde_json::from_str(trail.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(trail["size"], 3);
    assert_eq!(trail["bodies"].as_array().unwrap().len(), 2);
    let actions: Vec<&str> = trail["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["genesis", "accredit", "register-issuer"]);
    let csv = get("/trail.csv");
    let row = "\"register-issuer\",\"https://i.example\",\"https://a.example\"\r\n";
    assert!(
        csv.contains("index,time,action,id,signer\r\n0,") && csv.contains(row),
        "{csv}"
    );
}

#[test]
fn the_page_cuts_a_long_id_unless_another_looks_the_same() {
    let home = with_ledger();
    let folder = home.path();
    let served = Served::start(folder, &["serve", "led", "--listen", "127.0.0.1:0"]);
    let short = || {
        let (_, trail) = programs::get(&served.url, "/trail.json");
        let trail: Value = serde_json::from_str(&trail).unwrap();
        trail["short"].clone()
    };
    assert_eq!(short(), json!({}));
    let id = |middle: &str| {
        let (begin, end) = ("a".repeat(30), "b".repeat(30));
        format!("https://{begin}.{middle}.{end}.example")
    };
    write_jwk(folder, "a.jwk", &SigningKey::make_p256());
    done(folder, &register(&id("one"), "a.jwk"));
    let cut = format!("https://{}…{}.example", "a".repeat(16), "b".repeat(8));
    assert_eq!(short(), json!({id("one"): cut}));
    write_jwk(folder, "b.jwk", &SigningKey::make_p256());
    done(folder, &register(&id("two"), "b.jwk"));
    assert_eq!(short(), json!({}));
    let (_, script) = programs::get(&served.url, "/page.js");
    assert!(script.contains("Object.hasOwn(trail.short, id)"));
}

#[test]
fn a_type_is_published_shown_and_withdrawn() {
    let home = with_ledger();
    let folder = home.path();
    let publish = |more: &[&'static str]| {
        let mut args = vec!["publish-type", "led", "--by", "https://a.example", "--id"];
        args.extend(more);
        args
    };
    let exemption = credential::catalogue::by_name("NHSChargeExemption").unwrap();
    let object = done(folder, &publish(&["NHSChargeExemption"]));
    assert_eq!(object["id"], exemption.vct);
    let shown = done(folder, &["show", "led", "--id", "NHSChargeExemption"]);
    let role = &shown["roles"][0];
    assert_eq!(
        (&role["role"], &role["standing"]),
        (&"type".into(), &"listed".into())
    );
    for (name, text) in [
        ("schema", exemption.schema),
        ("metadata", exemption.metadata),
        ("context", exemption.context),
    ] {
        let expected = ledger::event::TypeFile::of(text.as_bytes(), None).integrity;
        assert_eq!(role[name]["integrity"], expected, "{name}");
    }
    let text = run(folder, &["show", "led", "--id", exemption.vct]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("metadata sha256-"), "{text}");
    assert!(
        text.contains("type (listed), by A (https://a.example)"),
        "{text}"
    );

    refused(
        folder,
        &publish(&["NHSChargeExemption"]),
        "already_registered",
        2,
    );
    refused(folder, &publish(&["BlueBadge"]), "out_of_scope", 2);
    refused(folder, &publish(&["urn:example:other"]), "usage", 1);
    refused(
        folder,
        &publish(&["NHSChargeExemption", "--metadata", "none.json"]),
        "file",
        1,
    );
    let other = credential::catalogue::by_name("BlueBadge").unwrap();
    std::fs::write(folder.join("other.json"), other.metadata).unwrap();
    std::fs::write(folder.join("text"), "no JSON").unwrap();
    for (flag, file, kind) in [
        ("--metadata", "other.json", "malformed_metadata"),
        ("--schema", "text", "malformed_schema"),
        ("--context", "text", "malformed_context"),
        ("--context", "other.json", "malformed_context"),
    ] {
        refused(
            folder,
            &publish(&["NHSChargeExemption", flag, file]),
            kind,
            2,
        );
    }
    refused(
        folder,
        &["show", "led", "--id", "BlueBadge"],
        "unknown_body",
        2,
    );

    let newer = [
        "NHSChargeExemption",
        "--metadata-uri",
        "https://types.example/exemption",
    ];
    done(folder, &publish(&newer));
    let list = done(folder, &["list", "led"]);
    let bodies = list["bodies"].as_array().unwrap();
    let listed = bodies
        .iter()
        .find(|body| body["id"] == exemption.vct)
        .unwrap();
    assert_eq!(listed["roles"][0]["standing"], "replaced");
    assert_eq!(listed["roles"][1]["standing"], "listed");
    done(folder, &["withdraw", "led", "--id", "NHSChargeExemption"]);
    let shown = done(folder, &["show", "led", "--id", "NHSChargeExemption"]);
    assert_eq!(shown["roles"][1]["standing"], "withdrawn");
    assert_eq!(done(folder, &["verify", "led"])["valid"], true);
}

#[test]
fn evidence_is_checked_with_the_pin_alone() {
    let home = with_ledger();
    let folder = home.path();
    let key = SigningKey::make_p256();
    write_jwk(folder, "issuer.jwk", &key);
    done(folder, &register("https://i.example", "issuer.jwk"));
    let pin = std::fs::read(folder.join("led/pin.json")).unwrap();
    std::fs::write(folder.join("kept-pin.json"), &pin).unwrap();
    let mut replica =
        ledger::StoredReplica::open(folder.join("replica"), ledger::Pin::parse(&pin).unwrap())
            .unwrap();
    let source = ledger::FolderSource::new(folder.join("led"));
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(replica.sync(&source, 0))
        .unwrap();
    std::fs::remove_dir_all(folder.join("led")).unwrap();
    let about = ledger::About {
        key: ledger::IssuerKey::Bare(key.public()),
        type_id: "urn:cairn:demo:nhs-charge-exemption:1".to_owned(),
        issued_at: None,
    };
    let evidence = replica
        .prove_standing("https://i.example")
        .unwrap()
        .unwrap();
    let evidence = evidence.about(about).to_bytes().unwrap();
    std::fs::write(folder.join("evidence.json"), &evidence).unwrap();
    let args = ["verify", "evidence.json", "--pin", "kept-pin.json"];
    let object = done(folder, &args);
    assert_eq!(object["verdict"], "listed");
    assert_eq!(object["issuer"], "https://i.example");
    refused(folder, &["verify", "evidence.json"], "pin", 1);
    let text = String::from_utf8(evidence).unwrap();
    let forged = text.replacen(r#""until":"#, r#""until":1"#, 1);
    assert_ne!(forged, text);
    std::fs::write(folder.join("evidence.json"), forged).unwrap();
    refused(folder, &args, "wrong_record", 2);
    std::fs::write(folder.join("evidence.json"), "{}").unwrap();
    refused(folder, &args, "malformed_evidence", 2);
}

/// The sentences of `explain` and its verdict.
fn explained(folder: &Path, issuer: &str, type_id: &str, at: &[&str]) -> (String, String) {
    let object = done(
        folder,
        &[&["explain", "led", issuer, "--type", type_id], at].concat(),
    );
    let sentences: Vec<&str> = object["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sentence| sentence.as_str().unwrap())
        .collect();
    (
        object["verdict"].as_str().unwrap().to_owned(),
        sentences.join("\n"),
    )
}

#[test]
fn a_verdict_is_explained_by_what_it_rests_on() {
    let home = with_ledger();
    let folder = home.path();
    let (old, new) = (SigningKey::make_p256(), SigningKey::make_p256());
    write_jwk(folder, "old.jwk", &old);
    write_jwk(folder, "new.jwk", &new);
    let issuer = "https://i.example";
    done(folder, &register(issuer, "old.jwk"));
    let exemption = "NHSChargeExemption";

    let (verdict, told) = explained(folder, issuer, exemption, &[]);
    assert_eq!(verdict, "listed", "{told}");
    let granted = "A (https://a.example) granted it NHSChargeExemption \
                   (urn:cairn:demo:nhs-charge-exemption:1) on ";
    assert!(told.contains(granted), "{told}");
    assert!(told.contains(", until the end of 2099-12-31."), "{told}");
    assert!(told.contains("The governance accredited A"), "{told}");

    let (verdict, told) = explained(folder, issuer, "BlueBadge", &[]);
    assert_eq!(verdict, "out_of_scope", "{told}");
    assert!(told.contains("Nobody granted it the type"), "{told}");

    let (verdict, told) = explained(folder, "https://nobody.example", exemption, &[]);
    assert_eq!(verdict, "unlisted", "{told}");
    let (verdict, told) = explained(folder, "https://a.example", exemption, &[]);
    assert_eq!(verdict, "unlisted", "{told}");
    assert!(
        told.contains("an accreditor, and not as an issuer"),
        "{told}"
    );

    let id = ["--id", issuer];
    let rotate = [&["rotate-key", "led"], &id[..], &["--jwk", "new.jwk"]].concat();
    done(folder, &rotate);
    let (verdict, told) = explained(folder, issuer, exemption, &["--at", "2020-01-01"]);
    assert_eq!(verdict, "listed", "{told}");
    assert!(told.contains("took over on"), "{told}");
    assert!(told.contains("judged as of 2020-01-01T00:00:00Z"), "{told}");

    let withdraw = [
        &["withdraw", "led"],
        &id[..],
        &["--reason", "closed for good"],
    ];
    done(folder, &withdraw.concat());
    let (verdict, told) = explained(folder, issuer, exemption, &["--at", "2020-01-01"]);
    assert_eq!(verdict, "withdrawn", "{told}");
    assert!(told.contains("closed for good"), "{told}");
}
