//! Links from other programs: handed over by a second instance, and never acted on.

use std::process::Command;

use journeys::{Programs, finish};
use serde_json::json;

use crate::window::Window;

const LINK: &str =
    "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Foffers%2F1";

fn second_instance(window: &Window, arguments: &[&str]) -> std::process::Output {
    let program = Programs::beside_this_one()
        .unwrap()
        .path("cairn-desktop")
        .unwrap();
    let mut second = Command::new(program);
    second.arg("--data").arg(window.data()).args(arguments);
    finish(&mut second).unwrap()
}

#[tokio::test]
async fn a_second_instance_hands_over_its_link_and_ends() {
    let window = Window::open(&["--demo"]).await.unwrap();
    window.wait_for("h1").await.unwrap();
    assert!(second_instance(&window, &["--demo", LINK]).status.success());

    let status = window.invoke("status", json!({})).await.unwrap();
    let waiting = &status["ok"]["waiting"];
    assert_eq!(waiting["host"], "issuer.example", "{status}");
    assert_eq!(waiting["purpose"], "add");
    assert_eq!(waiting["from_outside"], true);

    // Locked, or without a wallet, it cannot be gone on with.
    let go_on = json!({"input": {"link": waiting["link"]}});
    let refused = window.invoke("continue_link", go_on).await.unwrap();
    assert_eq!(refused["error"]["kind"], "locked", "{refused}");

    // A second link does not take the place of the first by itself.
    let other = LINK.replace("issuer.example", "other.example");
    assert!(second_instance(&window, &[&other]).status.success());
    let status = window.invoke("status", json!({})).await.unwrap();
    assert_eq!(status["ok"]["waiting"]["host"], "issuer.example");
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_second_instance_hands_over_nothing_but_a_wallet_link() {
    let window = Window::open(&[]).await.unwrap();
    window.wait_for("h1").await.unwrap();
    second_instance(
        &window,
        &[
            "--demo",
            "--ledger",
            "http://127.0.0.1:1",
            "file:///etc/passwd",
        ],
    );
    let status = window.invoke("status", json!({})).await.unwrap();
    assert_eq!(status["ok"]["waiting"], json!(null));
    assert_eq!(
        status["ok"]["demo"], false,
        "a second instance made a demo of it"
    );
    window.close().await.unwrap();
}
