//! Governance by several, its succession, and the rules that it adopts.

use keys::SigningKey;
use ledger::event::{Action, AdoptRules, GOVERNANCE, RotateGovernance};
use ledger::{RULES, SignedEvent};

use super::deeds::{DAY, accredit_action};
use super::{Body, Engine, Stage, refused};

fn hand_over_to(keys: &[&SigningKey], threshold: u64) -> Action {
    Action::RotateGovernance(RotateGovernance {
        keys: keys.iter().map(|key| key.public().to_jwk()).collect(),
        threshold,
    })
}

/// Makes the governance three new keys, of which two must sign.
async fn three_of_whom_two<E: Engine>(stage: &mut Stage<E>) {
    let new: Vec<SigningKey> = (0..3).map(|_| SigningKey::make_ed25519()).collect();
    let action = hand_over_to(&new.iter().collect::<Vec<_>>(), 2);
    let event = stage.event(GOVERNANCE, action).await;
    let old = stage.governance.iter().take(stage.threshold);
    let signers: Vec<&SigningKey> = old.chain(&new).collect();
    let signed = SignedEvent::sign(&event, &signers).unwrap();
    stage.submit_signed(signed).await.unwrap();
    (stage.governance, stage.threshold) = (new, 2);
}

pub(super) async fn k_of_n<E: Engine>(stage: &mut Stage<E>) {
    three_of_whom_two(stage).await;
    let body = Body {
        id: stage.make_id("accreditor"),
        control: SigningKey::make_ed25519(),
    };
    let until = stage.engine.now() + DAY;
    let action = accredit_action(&body, &["a"], until);
    let event = stage.event(GOVERNANCE, action).await;
    let sign = |keys: &[&SigningKey]| SignedEvent::sign(&event, keys).unwrap();
    let (one, two, three) = match stage.governance.as_slice() {
        [one, two, three] => (one, two, three),
        _ => unreachable!(),
    };
    let stranger = SigningKey::make_ed25519();
    let (few, wrong, enough) = (sign(&[one]), sign(&[one, &stranger]), sign(&[three, two]));
    refused(stage.submit_signed(few).await, "threshold_not_met");
    refused(stage.submit_signed(wrong).await, "forged_event");
    stage.submit_signed(enough).await.unwrap();
}

pub(super) async fn hand_over<E: Engine>(stage: &mut Stage<E>) {
    let unproven = SigningKey::make_ed25519();
    let action = hand_over_to(&[&unproven], 1);
    refused(stage.govern(action).await, "possession_not_proven");
    let old: Vec<String> = stage
        .governance
        .iter()
        .map(|key| key.to_pem().unwrap().to_string())
        .collect();
    three_of_whom_two(stage).await;
    let replica = stage.engine.replica().await;
    assert_eq!(replica.registry().governance().keys.len(), 3);
    let body = Body {
        id: stage.make_id("accreditor"),
        control: SigningKey::make_ed25519(),
    };
    let until = stage.engine.now() + DAY;
    let action = accredit_action(&body, &["a"], until);
    let event = stage.event(GOVERNANCE, action.clone()).await;
    let old: Vec<SigningKey> = old
        .iter()
        .map(|pem| SigningKey::from_pem(pem).unwrap())
        .collect();
    let signed = SignedEvent::sign(&event, &old.iter().collect::<Vec<_>>()).unwrap();
    refused(stage.submit_signed(signed).await, "forged_event");
    stage.govern(action).await.unwrap();
    let same = hand_over_to(&stage.governance.iter().collect::<Vec<_>>(), 2);
    refused(stage.govern(same).await, "nothing_changes");
}

pub(super) async fn rules<E: Engine>(stage: &mut Stage<E>) {
    let adopt = |rules| Action::AdoptRules(AdoptRules { rules });
    refused(stage.govern(adopt(RULES)).await, "nothing_changes");
    refused(stage.govern(adopt(RULES - 1)).await, "rules_go_back");
    refused(stage.govern(adopt(RULES + 1)).await, "newer_rules");
}
