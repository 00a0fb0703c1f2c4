//! The commands for scripts.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::world::{World, fetch, write};

fn run(mut command: Command) -> (i32, Value) {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (
        output.status.code().unwrap(),
        serde_json::from_str(&text).unwrap(),
    )
}

#[tokio::test]
async fn request_serves_itself() {
    let world = World::make();
    let mut command = world.follow(&["request", "--purpose", "age-over-18"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let made = next();
    let request = fetch(&made["link"]).await.unwrap();
    world.answer(&request, &world.card(|_| {})).await.unwrap();
    let result = next();
    assert_eq!(result["outcome"], "accepted", "{result}");
    assert_eq!(result["id"], made["id"]);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn request_uses_the_running_counter() {
    let mut world = World::make();
    world.revoke_issuer_key();
    let counter = world.serve(&[]);
    let (code, made) = run(world.command(&["request", "--purpose", "age-over-18", "--no-wait"]));
    assert_eq!(code, 0);
    assert!(made["link"].as_str().unwrap().starts_with("openid4vp://"));
    let id = made["id"].as_str().unwrap();
    let (code, view) = run(world.command(&["result", id]));
    assert_eq!((code, view["outcome"].as_str()), (1, Some("waiting")));
    let request = fetch(&made["link"]).await.unwrap();
    world.answer(&request, &world.card(|_| {})).await.unwrap();
    let (code, view) = run(world.command(&["result", id, "--wait"]));
    assert_eq!((code, view["outcome"].as_str()), (2, Some("refused")));
    let (code, error) = run(world.command(&["request", "--purpose", "unknown"]));
    assert_eq!(code, 2);
    assert_eq!(error["error"]["kind"], "unknown_purpose");
    drop(counter);
}

#[test]
fn a_request_that_nobody_answers_fails() {
    let world = World::make();
    let (code, _) = {
        let mut command = world.follow(&["request", "--purpose", "age-over-18", "--open-for", "1"]);
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["outcome"], "expired");
        (output.status.code().unwrap(), last)
    };
    assert_eq!(code, 1);
}

#[tokio::test]
async fn other_client_id_prefixes_work_to_the_end() {
    let world = World::make();
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(vec!["desk.example".to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let key = write(world.folder.path(), "key.pem", &key.serialize_pem());
    let cert = write(world.folder.path(), "cert.pem", &certificate.pem());
    let x509 = ["--key", &key, "--cert", &cert];
    for (prefix, more) in [
        ("redirect_uri", &[][..]),
        ("redirect_uri", &["--unencrypted"][..]),
        ("x509_hash", &x509),
        ("decentralized_identifier", &["--unencrypted"]),
    ] {
        let arguments = [&["--client-id-prefix", prefix], more].concat();
        let counter = world.serve(&arguments);
        // A second one, so that the answer has to find its own.
        let (_, made) = (counter.ask(), counter.ask());
        let request = fetch(&made["link"]).await.unwrap();
        assert_eq!(request.client.prefix.name(), prefix);
        world.answer(&request, &world.card(|_| {})).await.unwrap();
        assert_eq!(counter.result(&made)["outcome"], "accepted", "{prefix}");
    }
}

#[test]
fn id_says_what_the_ledger_registers() {
    let world = World::make();
    let (code, first) = run(world.command(&["id"]));
    assert_eq!(code, 0);
    let did = first["did"].as_str().unwrap();
    assert_eq!(
        first["client_id"],
        format!("decentralized_identifier:{did}")
    );
    assert_eq!(first["jwk"]["kty"], "EC");
    assert_eq!(run(world.command(&["id"])).1, first, "the key is kept");
    let (code, error) = run(world.command(&["id", "--client-id", "x509_hash:other"]));
    assert_eq!((code, error["error"]["kind"].as_str()), (1, Some("usage")));
}

#[test]
fn a_key_that_signs_no_codes_is_refused_at_the_start() {
    let world = World::make();
    for (key, code) in [
        (keys::SigningKey::make_p256(), 0),
        (keys::SigningKey::make_ed25519(), 0),
        (keys::SigningKey::make_p384(), 2),
    ] {
        let pem = key.to_pem().unwrap();
        let file = write(world.folder.path(), "given.pem", &pem);
        let (ended, told) = run(world.command(&["id", "--key", &file]));
        assert_eq!(ended, code, "{told}");
        if code == 0 {
            assert_eq!(told["jwk"], key.public().to_jwk());
            continue;
        }
        assert_eq!(told["error"]["kind"], "key");
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains("P-256 or an Ed25519 key"), "{message}");
    }
}

#[test]
fn verify_checks_a_file() {
    let mut world = World::make();
    let text = world.present(&world.card(|_| {}), "me", "n");
    let file = write(world.folder.path(), "presentation.txt", &text);
    let (code, view) = run(world.follow(&["verify", &file, "--nonce", "n", "--audience", "me"]));
    assert_eq!((code, &view["valid"]), (0, &Value::Bool(true)), "{view}");
    let (code, view) = run(world.follow(&["verify", &file, "--nonce", "other"]));
    assert_eq!((code, &view["valid"]), (2, &Value::Bool(false)));
    let failed = |view: &Value| -> Vec<String> {
        let checks = view["checks"].as_array().unwrap();
        let failed = checks.iter().filter(|check| check["ok"] == false);
        failed
            .map(|check| check["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(failed(&view), ["holder_binding"]);
    // Another disclosure in the place of the first.
    let mut parts: Vec<&str> = text.split('~').collect();
    let other = keys::b64::encode(r#"["a salt","given_name","Another"]"#);
    parts[1] = &other;
    let changed = write(world.folder.path(), "changed.txt", &parts.join("~"));
    assert_eq!(run(world.follow(&["verify", &changed])).0, 2);
    world.revoke_issuer_key();
    let answer = serde_json::json!({"vp_token": {"licence": [text]}}).to_string();
    let file = write(world.folder.path(), "answer.json", &answer);
    let (code, view) = run(world.follow(&["verify", &file]));
    assert_eq!((code, failed(&view)), (2, vec!["ledger".to_owned()]));
}

#[test]
fn usage_errors_are_json_too() {
    let world = World::make();
    for arguments in [&["nothing"][..], &["request"], &["serve", "--listen", "x"]] {
        let (code, error) = run(world.command(arguments));
        assert_eq!(code, 1);
        assert!(error["error"]["kind"].is_string());
    }
    let (code, error) = run(world.command(&["serve", "--listen", "0.0.0.0:0"]));
    assert_eq!(
        (code, error["error"]["kind"].as_str()),
        (2, Some("public_url"))
    );
}
