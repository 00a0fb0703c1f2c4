//! The ledger on the screen, and what is saved of it: from this computer's own copy alone.

use std::path::Path;

use journeys::{Programs, succeed};
use serde_json::Value;

use crate::window::Window;
use crate::world::{PASSPHRASE, World, set_up, take};

#[tokio::test]
async fn evidence_from_the_cards_page_holds_without_a_network() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "DrivingLicence").await.unwrap();
    // Opened again: what the ledger says of the card comes by itself.
    window.press("nav-settings").await.unwrap();
    window.press("lock").await.unwrap();
    window.fill("passphrase", PASSPHRASE).await.unwrap();
    window.press("unlock").await.unwrap();
    window.wait_for("[data-card] .state.ok").await.unwrap();
    let card = window.wait_for("[data-card]").await.unwrap();
    card.click().await.unwrap();
    window.press("save-evidence").await.unwrap();
    window.wait_for("#evidence-saved").await.unwrap();
    window.picture("evidence").await.unwrap();

    let file = world.saved().join("issuer-evidence.json");
    let programs = Programs::beside_this_one().unwrap();
    let mut verify = programs.command("cairn-ledger").unwrap();
    verify.args(["--json", "verify"]).arg(&file);
    let said = succeed(verify.arg("--pin").arg(world.demo.pin())).unwrap();
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["valid"], true, "{said}");
    // Nothing of the card is in it: neither a value nor its holder's key.
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("1990-01-01"), "{text}");

    // Changed by one character, it is refused.
    let forged = text.replacen("\"siblings\":[\"", "\"siblings\":[\"A", 1);
    assert_ne!(forged, text);
    std::fs::write(&file, forged).unwrap();
    let mut verify = programs.command("cairn-ledger").unwrap();
    verify.args(["--json", "verify"]).arg(&file);
    assert!(succeed(verify.arg("--pin").arg(world.demo.pin())).is_err());
    window.close().await.unwrap();
}

#[tokio::test]
async fn who_is_listed_and_every_change_are_shown_from_the_copy_alone() {
    let world = World::start().unwrap();
    world.demo.revoke("AdultDisabilityPayment").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    copy(world.demo.pin().parent().unwrap(), &ledger);
    let saved = folder.path().join("saved");
    std::fs::create_dir(&saved).unwrap();
    let (from, to) = (ledger.to_str().unwrap(), saved.to_str().unwrap());
    let window = Window::open(&["--demo", "--ledger", from, "--save-in", to])
        .await
        .unwrap();
    set_up(&window).await.unwrap();
    window.press("nav-ledger").await.unwrap();
    window.press("check-ledger").await.unwrap();
    window
        .wait_for(".tree [data-role='role-issuer']")
        .await
        .unwrap();
    // From here on there is nobody to ask.
    std::fs::remove_dir_all(&ledger).unwrap();

    window.press("nav-cards").await.unwrap();
    window.press("nav-ledger").await.unwrap();
    window
        .wait_for(".tree [data-role='role-issuer']")
        .await
        .unwrap();
    let below = |role: &str| {
        format!("[data-role='role-accreditor'] + ul [data-role='role-{role}'] .body-name")
    };
    assert_eq!(window.texts(&below("issuer")).await.unwrap().len(), 3);
    assert_eq!(window.texts(&below("service")).await.unwrap().len(), 2);
    assert_eq!(window.texts(&below("type")).await.unwrap().len(), 3);
    let states = window.texts(".tree .state").await.unwrap();
    let revoked = states.iter().filter(|state| state.contains("revoked"));
    assert_eq!(revoked.count(), 1, "{states:?}");
    let picture = window.wait_for("#growth svg").await.unwrap();
    let words = picture.attr("aria-label").await.unwrap().unwrap();
    assert!(words.contains("entries"), "{words}");

    let revoked = window.wait_for(".tree .state.danger").await.unwrap();
    revoked.click().await.unwrap();
    window.wait_for("#trail").await.unwrap();
    window.picture("ledger-body").await.unwrap();
    let rows = window.texts("#trail tbody td:nth-child(2)").await.unwrap();
    assert_eq!(
        rows.first().map(String::as_str),
        Some("Registered as an issuer")
    );
    assert!(rows[1..].iter().all(|row| row == "Key revoked"), "{rows:?}");
    let signers = window.texts("#trail tbody td:nth-child(3)").await.unwrap();
    assert!(
        signers
            .iter()
            .all(|name| name == "Accreditor of public bodies (demo)"),
        "{signers:?}"
    );

    window.press("save-csv").await.unwrap();
    window.wait_for("#saved").await.unwrap();
    let table = std::fs::read_to_string(saved.join("ledger-trail.csv")).unwrap();
    assert_eq!(table.lines().count(), rows.len() + 1, "{table}");
    window.press("back").await.unwrap();
    window.wait_for("#growth").await.unwrap();
    window.press("save-json").await.unwrap();
    window.wait_for("#saved").await.unwrap();
    let whole = std::fs::read(saved.join("ledger-trail.json")).unwrap();
    let whole: Value = serde_json::from_slice(&whole).unwrap();
    let changes = whole["changes"].as_array().unwrap();
    assert_eq!(Some(changes.len() as u64), whole["entries"].as_u64());
    assert!(table.contains("revoke-key"), "{table}");

    window.press("governance").await.unwrap();
    window.wait_for("#trail").await.unwrap();
    let rows = window.texts("#trail tbody td:nth-child(2)").await.unwrap();
    assert_eq!(rows, ["The ledger was founded"]);
    window.close().await.unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let into = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &into);
        } else {
            std::fs::copy(entry.path(), into).unwrap();
        }
    }
}
