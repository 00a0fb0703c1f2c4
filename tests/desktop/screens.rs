//! A picture of every screen, taken on the way of a citizen.

use protocol::verifier::{Ask, Identity, Session};
use query::Query;
use serde_json::{Value, json};

use crate::world::{PASSPHRASE, World, be_asked, confirm_code, open_link, outcome, take, visit};

/// A request for the licence, which the demo issues as an mdoc. Nobody is at that address.
fn asks_for_the_licence_as_sd_jwt() -> String {
    let query = json!({"credentials": [{
        "id": "licence", "format": "dc+sd-jwt",
        "meta": {"vct_values": ["urn:cairn:demo:driving-licence:1"]},
        "claims": [{"path": ["age_over_18"]}],
    }]});
    let ask = Ask {
        query: Query::from_json(&query).unwrap(),
        purpose: None,
        response_uri: "https://desk.example/answer".parse().unwrap(),
        encrypted: false,
    };
    Session::make(&Identity::RedirectUri, ask).link_by_value("openid4vp")
}

#[tokio::test]
async fn every_screen_has_its_picture() {
    let world = World::start().unwrap();
    let window = world.window().await.unwrap();
    window.wait_for("#create").await.unwrap();
    window.picture("welcome").await.unwrap();
    window.press("restore").await.unwrap();
    window.wait_for("#backup-file").await.unwrap();
    window.picture("restore").await.unwrap();
    window.press("back").await.unwrap();

    window.press("create").await.unwrap();
    window.fill("new-passphrase", PASSPHRASE).await.unwrap();
    window
        .fill("new-passphrase-again", PASSPHRASE)
        .await
        .unwrap();
    window.picture("create").await.unwrap();
    window.press("create-wallet").await.unwrap();
    window.wait_for("#recovery-code").await.unwrap();
    window.picture("recovery-code").await.unwrap();
    confirm_code(&window).await.unwrap();
    window.picture("cards-empty").await.unwrap();

    let offer = world.demo.offer_with_code("DrivingLicence", "204816");
    open_link(&window, &offer.unwrap()).await.unwrap();
    window.press("continue").await.unwrap();
    window.fill("tx-code", "2048").await.unwrap();
    window.press("accept").await.unwrap();
    window.wait_for("#error-summary").await.unwrap();
    window.picture("review-offer-code").await.unwrap();
    window.press("dont-add").await.unwrap();
    window.wait_for("#empty").await.unwrap();
    visit(&window, "DrivingLicence").await.unwrap();
    window.picture("link").await.unwrap();
    window.press("continue").await.unwrap();
    window.wait_for("#accept").await.unwrap();
    window.picture("review-offer").await.unwrap();
    window.press("accept").await.unwrap();
    window.wait_for("#added").await.unwrap();
    window.picture("added").await.unwrap();
    window.press("to-cards").await.unwrap();
    for desk in [
        "NHSChargeExemption",
        "NHSChargeExemption",
        "AdultDisabilityPayment",
    ] {
        take(&window, desk).await.unwrap();
    }
    window.picture("cards").await.unwrap();
    window.press("add").await.unwrap();
    window.wait_for("#read-link").await.unwrap();
    window.picture("add").await.unwrap();

    be_asked(&window, "free-prescription").await.unwrap();
    window.wait_for("#choose").await.unwrap();
    window.picture("choose").await.unwrap();
    let card = window.wait_for("input[data-card]").await.unwrap();
    card.click().await.unwrap();
    window.press("choose").await.unwrap();
    window.wait_for("#share").await.unwrap();
    window.picture("consent").await.unwrap();
    window.press("share").await.unwrap();
    assert_eq!(outcome(&window).await.unwrap(), "outcome-delivered");
    window.picture("result").await.unwrap();
    window.press("to-event").await.unwrap();
    window.wait_for("#event-outcome").await.unwrap();
    window.picture("event").await.unwrap();

    visit(&window, "reduced-council-tax").await.unwrap();
    window.press("continue").await.unwrap();
    window.wait_for("#tell").await.unwrap();
    window.picture("missing").await.unwrap();
    window.press("close").await.unwrap();
    open_link(&window, &asks_for_the_licence_as_sd_jwt())
        .await
        .unwrap();
    window.press("continue").await.unwrap();
    window.wait_for(".other-format").await.unwrap();
    window.picture("missing-format").await.unwrap();
    window.press("close").await.unwrap();
    be_asked(&window, "membership").await.unwrap();
    window.picture("consent-warned").await.unwrap();
    window.press("dont-share").await.unwrap();
    window.wait_for("#outcome").await.unwrap();
    window.picture("not-shared").await.unwrap();
    window.press("to-cards").await.unwrap();

    let cards = window.invoke("cards", json!({})).await.unwrap();
    let licence = cards["ok"]
        .as_array()
        .unwrap()
        .iter()
        .find(|card| card["title"] == "Driving licence")
        .map(|card| card["id"].clone());
    let Some(Value::String(licence)) = licence else {
        panic!("no licence: {cards}")
    };
    window
        .wait_for(&format!("[data-card='{licence}']"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    window.wait_for("#reveal").await.unwrap();
    window.picture("card").await.unwrap();
    window.press("reveal").await.unwrap();
    window.wait_for("#details").await.unwrap();
    window.picture("card-revealed").await.unwrap();

    for place in ["history", "ledger", "backup", "settings"] {
        window.press(&format!("nav-{place}")).await.unwrap();
        window.settle().await.unwrap();
        window.picture(place).await.unwrap();
    }
    window.press("theme-dark").await.unwrap();
    window.settle().await.unwrap();
    window.picture("settings-dark").await.unwrap();
    be_asked(&window, "travel-concession").await.unwrap();
    window.wait_for("#share").await.unwrap();
    window.picture("consent-dark").await.unwrap();
    window.press("dont-share").await.unwrap();
    window.press("to-cards").await.unwrap();
    window.settle().await.unwrap();
    window.picture("cards-dark").await.unwrap();
    window.press("nav-settings").await.unwrap();
    window.press("theme-light").await.unwrap();
    window.press("lock").await.unwrap();
    window.wait_for("#unlock").await.unwrap();
    window.settle().await.unwrap();
    window.picture("lock").await.unwrap();
    window.fill("passphrase", "not this one").await.unwrap();
    window.press("unlock").await.unwrap();
    window.wait_for("#failure").await.unwrap();
    window.picture("lock-refused").await.unwrap();
    window.press("use-recovery-code").await.unwrap();
    window.wait_for("#recovery-code").await.unwrap();
    window.picture("recover").await.unwrap();
    window.close().await.unwrap();
}
