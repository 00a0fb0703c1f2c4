//! How the counter follows its ledger: over HTTP, by pin, and what it does with a ledger that
//! takes back what it said.

use std::fs;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse as _;
use serde_json::Value;

use crate::world::{Counter, World, fetch};

/// Serves a folder on loopback.
async fn serve_folder(folder: PathBuf) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let file = |State(folder): State<PathBuf>, uri: Uri| async move {
        let path = folder.join(uri.path().trim_start_matches('/'));
        match fs::read(path) {
            Ok(bytes) => bytes.into_response(),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        }
    };
    let router = Router::new().fallback(file).with_state(folder);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

async fn outcome(world: &World, counter: &Counter) -> Value {
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    world.answer(&request, &world.card(|_| {})).await.unwrap();
    counter.result(&made)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_is_followed_over_http() {
    let mut world = World::make();
    let url = serve_folder(world.ledger()).await;
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--ledger", &url];
    let counter = Counter::start(world.command(&arguments));
    assert_eq!(outcome(&world, &counter).await["outcome"], "accepted");
    world.revoke_issuer_key();
    assert_eq!(outcome(&world, &counter).await["outcome"], "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pin_of_another_ledger_lets_nothing_in() {
    let (world, other) = (World::make(), World::make());
    let url = serve_folder(world.ledger()).await;
    let pin = other.ledger().join("pin.json");
    let pin = pin.to_str().unwrap();
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--ledger",
        &url,
        "--pin",
        pin,
    ];
    let counter = Counter::start(world.command(&arguments));
    let result = outcome(&world, &counter).await;
    assert_eq!(result["outcome"], "refused");
    assert_eq!(result["issuer"]["verdict"], "unknown");
}

#[tokio::test]
async fn a_ledger_that_takes_back_what_it_said_calls_for_care() {
    let mut world = World::make();
    let before = world.folder.path().join("before");
    let shown = world.folder.path().join("shown");
    copy(&world.ledger(), &before);
    world.register_another_issuer();
    copy(&world.ledger(), &shown);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--ledger"];
    let arguments = [&arguments[..], &[shown.to_str().unwrap()]].concat();
    let counter = Counter::start(world.command(&arguments));
    assert_eq!(outcome(&world, &counter).await["outcome"], "accepted");
    fs::remove_dir_all(&shown).unwrap();
    copy(&before, &shown);
    let result = outcome(&world, &counter).await;
    assert_eq!(result["outcome"], "caution", "{result}");
    assert_eq!(result["reasons"][0]["kind"], "ledger_refused");
}

#[test]
fn outside_the_demo_an_address_needs_its_pin_and_https() {
    let folder = tempfile::TempDir::new().unwrap();
    let run = |ledger: &str| -> (i32, Value) {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_cairn-counter"))
            .args([
                "serve",
                "--json",
                "--listen",
                "127.0.0.1:0",
                "--ledger",
                ledger,
            ])
            .arg("--purposes")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/purposes.toml"))
            .arg("--data")
            .arg(folder.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (
            output.status.code().unwrap(),
            serde_json::from_str(&text).unwrap(),
        )
    };
    let (code, error) = run("http://127.0.0.1:9");
    assert_eq!(code, 1);
    assert_eq!(error["error"]["kind"], "forbidden_address");
    let (code, error) = run("https://ledger.example");
    assert_eq!(code, 1);
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("--pin")
    );
}
