//! What the clerk is told, for each thing that can be wrong with a card.

use keys::SigningKey;
use protocol::presentation::{Reason, SendError, decline};
use serde_json::{Value, json};

use crate::world::{Sent, World, client, fetch, now, send};

fn refused_by_the_desk(sent: &Sent) -> bool {
    matches!(sent, Err(SendError::Refused { status: 400 }))
}

fn kinds(result: &Value) -> Vec<&str> {
    let reasons = result["reasons"].as_array().unwrap();
    reasons
        .iter()
        .map(|r| r["kind"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_good_card_of_a_listed_issuer_is_accepted() {
    let world = World::make();
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    assert_eq!(request.purpose.as_deref(), Some("age-over-18"));
    assert!(request.reply.recipient.is_some(), "answers are encrypted");
    world.answer(&request, &world.card(|_| {})).await.unwrap();
    let result = counter.result(&made);
    assert_eq!(result["outcome"], "accepted", "{result}");
    assert_eq!(result["purpose"], "age-over-18");
    assert_eq!(result["issuer"]["name"], "DVLA (demo)");
    assert_eq!(result["issuer"]["verdict"], "listed");
    assert_eq!(result["claims"], json!({"age_over_18": true}));
    assert!(result["received_at"].is_string());
    let checks = result["checks"].as_array().unwrap();
    assert!(checks.iter().all(|check| check["ok"] == true));
    // What nobody asked for is named, and its value dropped.
    assert_eq!(
        result["credentials"][0]["not_asked_for"],
        json!(["document_number"])
    );
    assert!(!result.to_string().contains("visible"));
}

#[tokio::test]
async fn an_issuer_that_nobody_vouches_for_is_refused() {
    let world = World::make();
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    let card = world.card_by(&SigningKey::make_p256(), |_| {});
    world.answer(&request, &card).await.unwrap();
    let result = counter.result(&made);
    assert_eq!(result["outcome"], "refused");
    assert_eq!(kinds(&result), ["issuer_unlisted"]);
    assert_eq!(result["issuer"]["verdict"], "unlisted");
    assert_eq!(result["claims"], json!({}));
}

#[tokio::test]
async fn a_key_revoked_while_the_counter_runs_is_refused() {
    let mut world = World::make();
    let card = world.card(|_| {});
    let counter = world.serve(&[]);
    for revoked in [false, true] {
        if revoked {
            world.revoke_issuer_key();
        }
        let made = counter.ask();
        let request = fetch(&made["link"]).await.unwrap();
        world.answer(&request, &card).await.unwrap();
        let outcome = counter.result(&made)["outcome"].clone();
        assert_eq!(outcome, if revoked { "refused" } else { "accepted" });
    }
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    world.answer(&request, &card).await.unwrap();
    let result = counter.result(&made);
    assert_eq!(result["outcome"], "refused");
    assert_eq!(kinds(&result), ["issuer_revoked"]);
    assert_eq!(result["credentials"][0]["details"], json!([]));
}

#[tokio::test]
async fn another_type_than_the_issuer_may_issue_is_refused() {
    let world = World::make();
    let purposes = crate::world::PURPOSES.replace("driving-licence:1", "other:1");
    let file = crate::world::write(world.folder.path(), "p.toml", &purposes);
    let counter = world.serve(&["--purposes", &file]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    let card = world.card(|claims| {
        claims.insert("vct".to_owned(), json!("urn:cairn:demo:other:1"));
    });
    world.answer(&request, &card).await.unwrap();
    assert_eq!(kinds(&counter.result(&made)), ["issuer_out_of_scope"]);
}

#[tokio::test]
async fn an_expired_card_is_refused() {
    let world = World::make();
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    let card = world.card(|claims| {
        claims.insert("exp".to_owned(), json!(now() - 1));
    });
    assert!(refused_by_the_desk(&world.answer(&request, &card).await));
    let result = counter.result(&made);
    assert_eq!(result["outcome"], "refused");
    assert_eq!(kinds(&result), ["expired"]);
}

#[tokio::test]
async fn an_answer_to_another_request_is_refused() {
    let world = World::make();
    let counter = world.serve(&[]);
    let card = world.card(|_| {});
    for (audience, nonce) in [(None, Some("other")), (Some("x509_hash:other"), None)] {
        let made = counter.ask();
        let request = fetch(&made["link"]).await.unwrap();
        let audience = audience.unwrap_or(&request.client.id);
        let text = world.present(&card, audience, nonce.unwrap_or(&request.nonce));
        assert!(refused_by_the_desk(&send(&request, &text).await));
        let result = counter.result(&made);
        assert_eq!(result["outcome"], "refused");
        assert_eq!(kinds(&result), ["replayed"]);
    }
}

#[tokio::test]
async fn a_ledger_last_confirmed_two_days_ago_calls_for_care() {
    let world = World::at(now() - 2 * 86_400);
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    world.answer(&request, &world.card(|_| {})).await.unwrap();
    let result = counter.result(&made);
    assert_eq!(result["outcome"], "caution", "{result}");
    assert_eq!(kinds(&result), ["ledger_old"]);
    assert_eq!(result["claims"], json!({"age_over_18": true}));
}

#[tokio::test]
async fn a_ledger_last_confirmed_nine_days_ago_is_no_ground() {
    let world = World::at(now() - 9 * 86_400);
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    world.answer(&request, &world.card(|_| {})).await.unwrap();
    assert_eq!(kinds(&counter.result(&made)), ["ledger_stale"]);
}

#[tokio::test]
async fn a_counter_without_a_ledger_accepts_nobody() {
    let world = World::make();
    let command = world.command(&["serve", "--listen", "127.0.0.1:0"]);
    let counter = crate::world::Counter::start(command);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    world.answer(&request, &world.card(|_| {})).await.unwrap();
    assert_eq!(kinds(&counter.result(&made)), ["ledger_unknown"]);
}

#[tokio::test]
async fn a_card_whose_status_cannot_be_looked_up_calls_for_care() {
    let world = World::make();
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    let card = world.card(|claims| {
        claims.insert(
            "status".to_owned(),
            json!({"status_list": {"idx": 1, "uri": "https://127.0.0.1:1/list"}}),
        );
    });
    world.answer(&request, &card).await.unwrap();
    let result = counter.result(&made);
    assert_eq!(result["outcome"], "caution");
    assert_eq!(kinds(&result), ["status_not_checked"]);
}

#[tokio::test]
async fn a_citizen_who_says_no_is_not_asked_why() {
    let world = World::make();
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    decline(&client(), &request, Reason::NoCard).await.unwrap();
    assert_eq!(counter.result(&made)["outcome"], "declined");
}
