//! Offer, add, consent, the counter's verdict: on the screen, with the real programs.

use std::time::Instant;

use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::window::PATIENCE;
use crate::world::{World, be_asked, outcome, received, shown, take, visit};

#[tokio::test]
async fn what_the_citizen_agrees_to_is_what_the_counter_receives() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "NHSChargeExemption").await.unwrap();
    be_asked(&window, "free-prescription").await.unwrap();

    let agreed = shown(&window).await.unwrap();
    assert_eq!(
        agreed,
        json!([
            ["Kind of exemption", "medical"],
            ["Valid until", "31 March 2031"]
        ])
    );
    window.press("share").await.unwrap();
    assert_eq!(outcome(&window).await.unwrap(), "outcome-delivered");

    let result = world.counters_word("free-prescription").unwrap();
    // The card is bound to no key: the desk compares it with the person.
    assert_eq!(result["outcome"], "caution", "{result}");
    assert_eq!(result["reasons"][0]["kind"], "not_bound");
    assert_eq!(result["issuer"]["verdict"], "listed");
    assert_eq!(received(&result), agreed);
    assert_eq!(
        result["claims"],
        json!({"exemption_type": "medical", "valid_to": "2031-03-31"})
    );
    window.close().await.unwrap();
}

#[tokio::test]
async fn one_request_takes_an_mdoc_an_sd_jwt_and_a_bbs_card() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    for kind in [
        "DrivingLicence",
        "AdultDisabilityPayment",
        "NHSChargeExemption",
    ] {
        take(&window, kind).await.unwrap();
    }
    be_asked(&window, "help-with-costs").await.unwrap();
    let page = window.wait_for("#recognise").await.unwrap();
    let page = page.text().await.unwrap();
    assert!(
        page.contains("cannot recognise you by “NHS charge exemption”"),
        "{page}"
    );
    let agreed = shown(&window).await.unwrap();
    window.press("share").await.unwrap();
    assert_eq!(outcome(&window).await.unwrap(), "outcome-delivered");

    let result = world.counters_word("help-with-costs").unwrap();
    assert_eq!(result["outcome"], "caution", "{result}");
    assert_eq!(result["reasons"].as_array().unwrap().len(), 1, "{result}");
    assert_eq!(result["reasons"][0]["kind"], "not_bound");
    assert_eq!(names(&received(&result)), names(&agreed));
    let credentials = result["credentials"].as_array().unwrap();
    let mut formats: Vec<&str> = credentials
        .iter()
        .map(|one| one["format"].as_str().unwrap())
        .collect();
    formats.sort_unstable();
    assert_eq!(formats, ["dc+sd-jwt", "ldp_vc", "mso_mdoc"]);
    window.close().await.unwrap();
}

#[tokio::test]
async fn enter_shares_nothing_and_escape_means_no() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "NHSChargeExemption").await.unwrap();
    be_asked(&window, "free-prescription").await.unwrap();
    window.wait_for("#share").await.unwrap();

    window.key(Key::Enter).await.unwrap();
    window.key(Key::Enter).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    window.wait_for("#share").await.unwrap();
    let result = world.counters_word("free-prescription").unwrap();
    assert_eq!(result["outcome"], "waiting", "{result}");

    window.key(Key::Escape).await.unwrap();
    assert_eq!(outcome(&window).await.unwrap(), "declined");
    // The wallet tells the service behind the screen's back; that may take a moment.
    let mut result = world.counters_word("free-prescription").unwrap();
    let end = Instant::now() + PATIENCE;
    while result["outcome"] == "waiting" && Instant::now() < end {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        result = world.counters_word("free-prescription").unwrap();
    }
    assert_eq!(result["outcome"], "declined", "{result}");
    assert_eq!(result["claims"], json!({}));
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_key_revoked_in_between_is_seen_on_both_sides() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "NHSChargeExemption").await.unwrap();
    world.demo.revoke("NHSChargeExemption").unwrap();

    // The counter looks at the ledger again once its word is older than 20 seconds.
    tokio::time::sleep(std::time::Duration::from_secs(21)).await;
    be_asked(&window, "free-prescription").await.unwrap();
    window.press("share").await.unwrap();
    assert_eq!(outcome(&window).await.unwrap(), "outcome-delivered");
    let result = world.counters_word("free-prescription").unwrap();
    assert_eq!(result["outcome"], "refused", "{result}");
    assert_eq!(result["issuer"]["verdict"], "revoked");
    let nothing = json!({});
    assert_eq!(
        result["claims"], nothing,
        "a refused card's details are kept"
    );

    // The wallet looks at times of its own; the citizen need not wait for them.
    window.press("nav-ledger").await.unwrap();
    window.press("check-ledger").await.unwrap();
    window.wait_for(".tree .state.danger").await.unwrap();
    be_asked(&window, "free-prescription").await.unwrap();
    let page = window.wait_for("#consent").await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("This card may no longer count"), "{page}");
    window.press("dont-share").await.unwrap();
    window.wait_for("#outcome").await.unwrap();
    window.press("to-cards").await.unwrap();
    window.wait_for("#count").await.unwrap();

    // Nor can a card of that key be added any more.
    visit(&window, "NHSChargeExemption").await.unwrap();
    window.press("continue").await.unwrap();
    window.wait_for("#dont-add").await.unwrap();
    assert!(window.is_gone("#accept").await);
    window.close().await.unwrap();
}

#[tokio::test]
async fn asking_for_more_than_was_registered_needs_its_own_tick() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "DrivingLicence").await.unwrap();
    be_asked(&window, "membership").await.unwrap();

    let excess = window.texts(".excess dt").await.unwrap();
    assert_eq!(excess, ["Date of birth", "Address"]);
    window.press("share").await.unwrap();
    window.wait_for("#error-summary").await.unwrap();
    let result = world.counters_word("membership").unwrap();
    assert_eq!(result["outcome"], "waiting", "{result}");

    let agreed = shown(&window).await.unwrap();
    window.press("tick-over-asking").await.unwrap();
    window.press("share").await.unwrap();
    assert_eq!(outcome(&window).await.unwrap(), "outcome-delivered");
    let result = world.counters_word("membership").unwrap();
    assert_eq!(result["outcome"], "accepted", "{result}");
    assert_eq!(result["claims"]["birth_date"], "1990-01-01");
    assert_eq!(
        names(&received(&result)),
        ["Address", "Date of birth", "Is 18 or over"]
    );
    // On an mdoc everything that nobody asked for stays.
    assert_eq!(names(&agreed), names(&received(&result)));
    window.close().await.unwrap();
}

/// The labels of details, in order of the alphabet.
fn names(details: &Value) -> Vec<&str> {
    let pairs = details.as_array().into_iter().flatten();
    let mut names: Vec<&str> = pairs.filter_map(|pair| pair[0].as_str()).collect();
    names.sort_unstable();
    names
}
