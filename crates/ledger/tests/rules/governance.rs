//! Governance: its threshold, its keys, and the rules that it adopts.

use keys::SigningKey;
use ledger::event::{Action, AdoptRules, GOVERNANCE, Genesis, RotateGovernance};
use ledger::{RULES, Rejection};

use crate::world::{ACCREDITOR, ISSUER, World};

#[test]
fn governance_signs_by_its_threshold() {
    let (one, two) = (SigningKey::make_ed25519(), SigningKey::make_p256());
    let genesis = World::genesis_event(&[&one, &two], 2);
    let mut world = World::empty();
    assert_eq!(
        world.apply_signed(&genesis, &[&one]).unwrap_err(),
        Rejection::ThresholdNotMet
    );
    world.apply_signed(&genesis, &[&one, &two]).unwrap();
    let action = world.accredit_action(ACCREDITOR, &["a"], &SigningKey::make_ed25519());
    let event = world.event(GOVERNANCE, action);
    assert_eq!(
        world.apply_signed(&event, &[&one]).unwrap_err(),
        Rejection::ThresholdNotMet
    );
    world.apply_signed(&event, &[&one, &two]).unwrap();
}

fn key() -> SigningKey {
    SigningKey::make_ed25519()
}

/// A ledger whose governance has these keys.
fn governed(keys: &[&SigningKey], threshold: u64, rules: u64) -> World {
    let mut genesis = World::genesis_event(keys, threshold);
    if let Action::Genesis(body) = &mut genesis.action {
        body.rules = rules;
    }
    let mut world = World::empty();
    world.apply_signed(&genesis, keys).unwrap();
    world
}

fn hand_over(keys: &[&SigningKey], threshold: u64) -> Action {
    Action::RotateGovernance(RotateGovernance {
        keys: keys.iter().map(|key| key.public().to_jwk()).collect(),
        threshold,
    })
}

fn adopt(rules: u64) -> Action {
    Action::AdoptRules(AdoptRules { rules })
}

fn by(world: &mut World, action: Action, keys: &[&SigningKey]) -> Result<(), Rejection> {
    world.submit_with(GOVERNANCE, action, keys)
}

#[test]
fn governance_hands_over_and_only_the_new_keys_count() {
    let (one, two, three, four) = (key(), key(), key(), SigningKey::make_p256());
    let mut world = governed(&[&one, &two, &three], 2, RULES);
    let action = hand_over(&[&two, &three, &four], 3);
    by(&mut world, action, &[&one, &two, &four]).unwrap();
    let governance = world.registry.governance();
    assert_eq!((governance.keys.len(), governance.threshold), (3, 3));
    let accredit = world.accredit_action(ACCREDITOR, &["a"], &key());
    let refused = by(&mut world, accredit.clone(), &[&one, &two, &three]);
    assert_eq!(refused, Err(Rejection::ForgedEvent));
    let refused = by(&mut world, accredit.clone(), &[&two, &three]);
    assert_eq!(refused, Err(Rejection::ThresholdNotMet));
    by(&mut world, accredit, &[&two, &three, &four]).unwrap();
    assert_eq!(world.registry.trail(GOVERNANCE).len(), 2);
}

#[test]
fn governance_is_not_taken_over() {
    let (one, two, new) = (key(), key(), key());
    let mut world = governed(&[&one, &two], 2, RULES);
    let action = hand_over(&[&new], 1);
    // New keys do not make up for old ones that are missing.
    for (keys, rule) in [
        (vec![&one, &new], Rejection::ThresholdNotMet),
        (vec![&new], Rejection::ThresholdNotMet),
        (vec![&one, &two], Rejection::PossessionNotProven),
    ] {
        assert_eq!(by(&mut world, action.clone(), &keys), Err(rule));
    }
    let stranger = key();
    let refused = world.submit_with(GOVERNANCE, action.clone(), &[&one, &two, &new, &stranger]);
    assert_eq!(refused, Err(Rejection::ForgedEvent));
    let mut world = World::accredited(&["*"]);
    assert_eq!(
        world.submit(ACCREDITOR, action),
        Err(Rejection::NotEntitled)
    );
}

#[test]
fn governance_keys_are_new_whole_and_their_own() {
    let one = key();
    let mut world = governed(&[&one], 1, RULES);
    let accreditor = key();
    let accredit = world.accredit_action(ACCREDITOR, &["a"], &accreditor);
    by(&mut world, accredit, &[&one]).unwrap();
    let issuing = SigningKey::make_p256();
    let register = world.issuer_action(ISSUER, &["a"], &issuing);
    world
        .submit_with(ACCREDITOR, register, &[&accreditor])
        .unwrap();
    for taken in [&accreditor, &issuing] {
        let refused = by(&mut world, hand_over(&[taken], 1), &[&one, taken]);
        assert_eq!(refused, Err(Rejection::KeyTaken));
    }
    for (keys, threshold) in [(vec![], 1), (vec![&one], 2), (vec![&one], 0)] {
        let refused = by(&mut world, hand_over(&keys, threshold), &[&one]);
        assert_eq!(refused, Err(Rejection::Malformed("threshold")));
    }
    let twice = by(&mut world, hand_over(&[&one, &one], 1), &[&one]);
    assert_eq!(twice, Err(Rejection::KeyTaken));
    let same = by(&mut world, hand_over(&[&one], 1), &[&one]);
    assert_eq!(same, Err(Rejection::NothingChanges));
    let bbs = keys::PublicKey::Bls12381G2(keys::bls::SecretKey::make().public());
    let action = Action::RotateGovernance(RotateGovernance {
        keys: vec![bbs.to_jwk()],
        threshold: 1,
    });
    assert_eq!(
        by(&mut world, action, &[&one]),
        Err(Rejection::Malformed("jwk"))
    );
}

#[test]
fn a_key_that_governance_let_go_does_not_come_back_nor_serve_others() {
    let (one, two) = (key(), key());
    let mut world = governed(&[&one], 1, RULES);
    by(&mut world, hand_over(&[&two], 1), &[&one, &two]).unwrap();
    let back = by(&mut world, hand_over(&[&one], 1), &[&two, &one]);
    assert_eq!(back, Err(Rejection::KeyEnded));
    let accredit = world.accredit_action(ACCREDITOR, &["a"], &one);
    assert_eq!(by(&mut world, accredit, &[&two]), Err(Rejection::KeyTaken));
}

#[test]
fn older_rules_know_no_hand_over_until_newer_ones_are_adopted() {
    let (one, two) = (key(), key());
    let mut world = governed(&[&one], 1, 1);
    let action = hand_over(&[&two], 1);
    let early = by(&mut world, action.clone(), &[&one, &two]);
    assert_eq!(early, Err(Rejection::NotInTheseRules(2)));
    by(&mut world, adopt(2), &[&one]).unwrap();
    assert_eq!(world.registry.governance().rules, 2);
    by(&mut world, action, &[&one, &two]).unwrap();
}

#[test]
fn rules_are_adopted_by_governance_and_only_upwards() {
    let (one, two) = (key(), key());
    let mut world = governed(&[&one, &two], 2, RULES);
    for rules in [0, RULES - 1] {
        let refused = by(&mut world, adopt(rules), &[&one, &two]);
        assert_eq!(refused, Err(Rejection::RulesGoBack));
    }
    let same = by(&mut world, adopt(RULES), &[&one, &two]);
    assert_eq!(same, Err(Rejection::NothingChanges));
    let mut world = governed(&[&one, &two], 2, 1);
    let few = by(&mut world, adopt(2), &[&one]);
    assert_eq!(few, Err(Rejection::ThresholdNotMet));
    let mut world = World::accredited(&["*"]);
    assert_eq!(
        world.submit(ACCREDITOR, adopt(RULES + 1)),
        Err(Rejection::NotEntitled)
    );
}

#[test]
fn newer_rules_than_this_program_knows_are_named_as_such() {
    let one = key();
    let mut world = governed(&[&one], 1, RULES);
    let newer = Rejection::NewerRules(RULES + 1);
    assert_eq!(
        by(&mut world, adopt(RULES + 1), &[&one]),
        Err(newer.clone())
    );
    assert_eq!(newer.name(), "newer_rules");
    assert!(newer.to_string().contains("update it"));
    let mut genesis = World::genesis_event(&[&one], 1);
    for (rules, rule) in [(RULES + 1, newer), (0, Rejection::Malformed("rules"))] {
        let Action::Genesis(body) = &mut genesis.action else {
            unreachable!()
        };
        *body = Genesis {
            rules,
            ..body.clone()
        };
        let refused = World::empty().apply_signed(&genesis, &[&one]);
        assert_eq!(refused, Err(rule));
    }
}
