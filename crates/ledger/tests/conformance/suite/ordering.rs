//! One ledger, one order, one history.

use keys::SigningKey;
use ledger::event::Action;
use ledger::{MAX_HOLD, SignedEvent};
use serde_json::json;

use super::deeds::{DAY, issuer_action, rotate_action, withdraw_action};
use super::{Engine, Stage, accredit, refused, register};

/// Room for the engine's clock, which may not be this one.
const APART: i64 = 300;

pub(super) async fn backdating<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let issuer = register(stage, &by, &["a"]).await;
    let now = stage.engine.now();
    let id = stage.make_id("issuer");
    let ended = issuer_action(&id, &["a"], &SigningKey::make_p256(), Some(now - APART));
    refused(stage.act(&by, ended.clone()).await, "backdated");
    let rotate = rotate_action(&issuer, &SigningKey::make_p256(), now - APART);
    refused(stage.act(&by, rotate).await, "backdated");
    // Nor is an event signed for one time taken at another.
    let action = issuer_action(&id, &["a"], &SigningKey::make_p256(), None);
    let mut event = stage.event(&by.id, action).await;
    event.submit_before = now - APART;
    refused(
        stage.submit(&event, &[&by.control]).await,
        "submitted_too_late",
    );
    event.submit_before = now + MAX_HOLD + APART;
    refused(stage.submit(&event, &[&by.control]).await, "held_too_long");
}

/// An event is taken once, and never again after what it did was undone.
pub(super) async fn replay<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let id = stage.make_id("issuer");
    let action = issuer_action(&id, &["a"], &SigningKey::make_p256(), None);
    let event = stage.event(&by.id, action).await;
    let signed = SignedEvent::sign(&event, &[&by.control]).unwrap();
    stage.submit_signed(signed.clone()).await.unwrap();
    refused(stage.submit_signed(signed.clone()).await, "replayed_event");
    stage.act(&by, withdraw_action(&id)).await.unwrap();
    refused(stage.submit_signed(signed).await, "replayed_event");
    let mut ahead = stage.event(&by.id, event.action).await;
    ahead.sequence += 1;
    refused(stage.submit(&ahead, &[&by.control]).await, "sequence_gap");
}

pub(super) async fn another_ledger<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let id = stage.make_id("issuer");
    let action = issuer_action(&id, &["a"], &SigningKey::make_p256(), None);
    let mut event = stage.event(&by.id, action).await;
    let other = SigningKey::make_ed25519().public().thumbprint();
    for ledger in [Some(other), None] {
        event.ledger = ledger;
        refused(stage.submit(&event, &[&by.control]).await, "wrong_ledger");
    }
    let key = SigningKey::make_ed25519();
    let genesis = super::genesis(&[&key], 1, stage.engine.now());
    refused(stage.submit_signed(genesis).await, "genesis");
}

/// A signature by anybody else, and a word changed after it was signed.
pub(super) async fn forgery<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let id = stage.make_id("issuer");
    let action = issuer_action(&id, &["a"], &SigningKey::make_p256(), None);
    let event = stage.event(&by.id, action.clone()).await;
    let stranger = SigningKey::make_ed25519();
    refused(stage.submit(&event, &[&stranger]).await, "forged_event");
    let both = stage.submit(&event, &[&by.control, &stranger]).await;
    refused(both, "forged_event");
    let Action::RegisterIssuer(mut body) = action else {
        unreachable!()
    };
    body.types = vec!["a".to_owned(), "b".to_owned()];
    let mut altered = event.clone();
    altered.action = Action::RegisterIssuer(body);
    let (signed, altered) = (
        SignedEvent::sign(&event, &[&by.control]).unwrap(),
        SignedEvent::sign(&altered, &[&by.control]).unwrap(),
    );
    let spliced = json!({
        "payload": altered.to_value()["payload"],
        "signatures": signed.to_value()["signatures"],
    });
    let spliced = SignedEvent::parse(&spliced).unwrap();
    refused(stage.submit_signed(spliced).await, "forged_event");
}

/// Two replicas that read the same ledger hold the same, to the last record.
pub(super) async fn one_history<E: Engine>(stage: &mut Stage<E>) {
    let by = accredit(stage, &["a"]).await;
    let issuer = register(stage, &by, &["a"]).await;
    let one = stage.engine.replica().await;
    let two = stage.engine.replica().await;
    assert_eq!(one.size(), two.size());
    assert_eq!(one.root(), two.root());
    assert_eq!(one.registry().state(), two.registry().state());
    let (text, proof) = one.registry().prove(&issuer.id);
    let state = two.registry().state();
    proof
        .verify_presence(&state, issuer.id.as_bytes(), &text.unwrap())
        .unwrap();
    // The age is that of a moment ago.
    let age = stage.engine.now() - one.attested();
    assert!((-APART..DAY).contains(&age), "{age}");
}
