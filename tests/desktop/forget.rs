//! What is deleted or forgotten is so for good, and only after its question.

use serde_json::{Value, json};

use crate::window::Window;
use crate::world::{World, take};

async fn asked(window: &Window, command: &str) -> Vec<Value> {
    let answer = window.invoke(command, json!({})).await.unwrap();
    answer["ok"].as_array().expect("a list").clone()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| event["kind"].as_str())
        .collect()
}

/// Presses a button that asks first, and answers its question.
async fn answer(window: &Window, button: &str, yes: bool) {
    window.press(button).await.unwrap();
    window.wait_for("dialog[open]").await.unwrap();
    if yes {
        window.picture(&format!("question-{button}")).await.unwrap();
    }
    let answer = if yes { "answer-yes" } else { "answer-no" };
    window.press(answer).await.unwrap();
    window.wait_until_gone("dialog[open]").await.unwrap();
}

#[tokio::test]
async fn a_card_and_an_event_go_only_when_their_question_is_answered() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "DrivingLicence").await.unwrap();

    let card = asked(&window, "cards").await[0]["id"].clone();
    let row = format!("[data-card='{}']", card.as_str().unwrap());
    window.wait_for(&row).await.unwrap().click().await.unwrap();
    answer(&window, "delete", false).await;
    assert_eq!(asked(&window, "cards").await.len(), 1);
    answer(&window, "delete", true).await;
    window.wait_for("#empty").await.unwrap();
    assert!(asked(&window, "cards").await.is_empty());
    assert!(window.is_gone(&row).await);

    // That it was here, and was deleted, stands in the history until it is forgotten.
    let events = asked(&window, "history").await;
    assert_eq!(kinds(&events), ["deleted", "added"]);
    window.press("nav-history").await.unwrap();
    let added = format!("[data-event='{}']", events[1]["id"].as_str().unwrap());
    window
        .wait_for(&added)
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    answer(&window, "forget", false).await;
    assert_eq!(asked(&window, "history").await, events);
    answer(&window, "forget", true).await;
    let deleted = format!("[data-event='{}']", events[0]["id"].as_str().unwrap());
    window.wait_for(&deleted).await.unwrap();
    assert_eq!(asked(&window, "history").await, events[..1]);
    assert!(window.is_gone(&added).await);
    window.close().await.unwrap();
}
