//! Setting up and opening a wallet, with the real keyring of the session.

use serde_json::{Value, json};

use crate::window::Window;
use crate::world::{PASSPHRASE, confirm_code};

async fn vault(window: &Window) -> Value {
    window.invoke("status", json!({})).await.unwrap()["ok"]["vault"].clone()
}

async fn unlock(window: &Window, passphrase: &str) -> Value {
    let input = json!({"input": {"passphrase": passphrase}});
    window.invoke("unlock", input).await.unwrap()
}

#[tokio::test]
async fn a_wallet_is_set_up_locked_and_opened_again() {
    let window = Window::open(&["--demo"]).await.unwrap();
    window.wait_for("h1").await.unwrap();
    assert_eq!(vault(&window).await, "missing");

    let weak = json!({"input": {"passphrase": "password1", "custody": "keyring"}});
    let refused = window.invoke("create", weak).await.unwrap();
    assert_eq!(refused["error"]["kind"], "weak_passphrase", "{refused}");
    assert_eq!(vault(&window).await, "missing");

    let input = json!({"input": {"passphrase": PASSPHRASE, "custody": "keyring"}});
    let made = window.invoke("create", input).await.unwrap();
    assert!(made["ok"]["recovery_code"].is_string(), "{}", made["error"]);
    let status = window.invoke("status", json!({})).await.unwrap();
    assert_eq!(status["ok"]["vault"], "open");
    assert_eq!(status["ok"]["custody"], "keyring");
    assert_eq!(status["ok"]["demo"], true);
    assert_eq!(
        window.invoke("cards", json!({})).await.unwrap()["ok"],
        json!([])
    );

    window.invoke("lock", json!({})).await.unwrap();
    assert_eq!(vault(&window).await, "locked");
    // Asked many times at once, the shell is not in its own way.
    let script = "const done = arguments[0];
        const ask = () => window.__TAURI__.core.invoke('status', {});
        Promise.all(Array.from({length: 16}, ask)).then(all => done(all.map(one => one.vault)));";
    let all = window.client.execute_async(script, Vec::new()).await;
    assert_eq!(all.unwrap(), json!(vec!["locked"; 16]));
    for command in ["cards", "history", "ledger"] {
        let refused = window.invoke(command, json!({})).await.unwrap();
        assert_eq!(refused["error"]["kind"], "locked", "{command}: {refused}");
    }
    assert_eq!(
        unlock(&window, "not this one").await["error"]["kind"],
        "wrong_secret"
    );
    let opened = unlock(&window, PASSPHRASE).await;
    assert_eq!(opened["ok"]["vault"], "open", "{}", opened["error"]);
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_citizen_sets_up_a_wallet_on_the_screen() {
    let window = Window::open(&["--demo"]).await.unwrap();
    window.press("create").await.unwrap();
    window.fill("new-passphrase", PASSPHRASE).await.unwrap();
    window
        .fill("new-passphrase-again", PASSPHRASE)
        .await
        .unwrap();
    window.press("create-wallet").await.unwrap();
    confirm_code(&window).await.unwrap();
    assert_eq!(vault(&window).await, "open");

    // No ledger was named: that is said, and what to do about it.
    let status = window.invoke("status", json!({})).await.unwrap();
    assert_eq!(status["ok"]["ledger"], "not_added", "{status}");
    window.press("nav-ledger").await.unwrap();
    let note = window.wait_for(".note.stop").await.unwrap();
    let note = note.text().await.unwrap();
    assert!(
        note.contains("--ledger") && note.contains("--pin"),
        "{note}"
    );
    window.picture("ledger-none").await.unwrap();
    window.close().await.unwrap();
}
