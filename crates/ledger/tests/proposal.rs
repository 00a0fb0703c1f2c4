//! Signatures that are gathered one by one, and what is found wrong with them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use keys::SigningKey;
use ledger::event::{Action, GOVERNANCE, RotateGovernance};
use ledger::{LeftOut, MAX_SIGNATURES, Proposal, Rejection, Uncounted};
use serde_json::Value;
use world::{ACCREDITOR, NOW, World};

struct Scene {
    world: World,
    keys: Vec<SigningKey>,
}

/// A ledger whose governance is two of three.
fn scene() -> Scene {
    let keys: Vec<SigningKey> = (0..3).map(|_| SigningKey::make_ed25519()).collect();
    let all: Vec<&SigningKey> = keys.iter().collect();
    let mut world = World::empty();
    let genesis = World::genesis_event(&all, 2);
    world.apply_signed(&genesis, &all).unwrap();
    Scene { world, keys }
}

fn left_out(key: &SigningKey, reason: Uncounted) -> LeftOut {
    let key = key.public().thumbprint();
    LeftOut { key, reason }
}

impl Scene {
    fn accredit(&self) -> Proposal {
        self.accredit_with(&SigningKey::make_ed25519())
    }

    fn accredit_with(&self, key: &SigningKey) -> Proposal {
        let action = self.world.accredit_action(ACCREDITOR, &["a"], key);
        Proposal::new(&self.world.event(GOVERNANCE, action)).unwrap()
    }

    /// What does not count, and nothing else is lost or gained by leaving it out.
    fn left_out(&self, proposal: &Proposal) -> Vec<LeftOut> {
        let (counted, left_out) = proposal.sift(&self.world.registry);
        let all = counted.signers().count() + left_out.len();
        assert_eq!(all, proposal.signers().count());
        assert_eq!(counted.sift(&self.world.registry).0, counted);
        let missing = proposal.missing(&self.world.registry);
        assert_eq!(missing, counted.missing(&self.world.registry));
        left_out
    }

    fn say(&self, proposal: &Proposal) -> Result<(), Rejection> {
        proposal.try_on(&self.world.registry, NOW).map(|_| ())
    }
}

#[test]
fn signatures_are_gathered_in_one_file_or_in_copies() {
    let scene = scene();
    let registry = &scene.world.registry;
    let mut file = scene.accredit();
    assert_eq!(scene.say(&file), Err(Rejection::ThresholdNotMet));
    assert_eq!(file.missing(registry).len(), 3);
    let mut copy = Proposal::parse(&file.to_bytes()).unwrap();
    assert_eq!(copy, file);
    assert_eq!(copy.fingerprint(), file.fingerprint());
    file.sign(&scene.keys[0]).unwrap();
    file.sign(&scene.keys[0]).unwrap();
    assert_eq!(file.signers().count(), 1);
    assert_eq!(scene.say(&file), Err(Rejection::ThresholdNotMet));
    copy.sign(&scene.keys[2]).unwrap();
    assert_eq!(file.merge(&copy).unwrap(), 1);
    assert_eq!(file.merge(&copy).unwrap(), 0);
    assert_eq!(
        file.missing(registry),
        [scene.keys[1].public().thumbprint()]
    );
    let file = Proposal::parse(&file.to_bytes()).unwrap();
    scene.say(&file).unwrap();
    assert_eq!(file.to_signed().unwrap().event(), file.event());
}

#[test]
fn what_does_not_belong_is_found() {
    let scene = scene();
    let mut file = scene.accredit();
    let error = file.to_signed().unwrap_err();
    assert_eq!(error.name(), "not_signed");
    // Another event, though it looks the same to the eye.
    let other = scene.accredit();
    assert_eq!(
        file.merge(&other).unwrap_err().name(),
        "different_proposals"
    );
    file.sign(&scene.keys[0]).unwrap();
    let sound: Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    // A signature over the other event, moved here.
    let mut moved = other.clone();
    moved.sign(&scene.keys[1]).unwrap();
    let moved: Value = serde_json::from_slice(&moved.to_bytes()).unwrap();
    let mut spliced = sound.clone();
    spliced["signatures"] = moved["signatures"].clone();
    let spliced = Proposal::parse(spliced.to_string().as_bytes()).unwrap();
    assert_eq!(
        scene.left_out(&spliced),
        [left_out(&scene.keys[1], Uncounted::Forged)]
    );
    assert_eq!(scene.say(&spliced), Err(Rejection::ForgedEvent));
    // A signature by somebody who has no say.
    let mut strange = file.clone();
    let stranger = SigningKey::make_ed25519();
    strange.sign(&stranger).unwrap();
    assert_eq!(
        scene.left_out(&strange),
        [left_out(&stranger, Uncounted::Stranger)]
    );
    while strange.signers().count() < MAX_SIGNATURES {
        strange.sign(&SigningKey::make_ed25519()).unwrap();
    }
    let many = strange.sign(&SigningKey::make_ed25519()).unwrap_err();
    assert_eq!(many.name(), "too_many_signatures");
    for (member, value) in [
        ("cairn_event", Value::from(2)),
        ("payload", Value::from("e30")),
        ("payload", Value::from("!")),
        ("signatures", Value::from(vec![Value::Null])),
        ("more", Value::from(1)),
    ] {
        let mut wrong = sound.clone();
        wrong[member] = value;
        let error = Proposal::parse(wrong.to_string().as_bytes()).unwrap_err();
        assert_eq!(error.name(), "malformed_proposal", "{member}");
    }
}

/// Whoever passes a file on can add to it, and cannot keep others from being heard.
#[test]
fn the_rest_counts_without_a_strangers_signature() {
    let scene = scene();
    let mut file = scene.accredit();
    file.sign(&scene.keys[0]).unwrap();
    file.sign(&SigningKey::make_ed25519()).unwrap();
    // A signature over another event under the name of a key that may sign.
    let mut other = scene.accredit();
    other.sign(&scene.keys[1]).unwrap();
    let other: Value = serde_json::from_slice(&other.to_bytes()).unwrap();
    let mut spoiled: Value = serde_json::from_slice(&file.to_bytes()).unwrap();
    let signatures = spoiled["signatures"].as_array_mut().unwrap();
    signatures.push(other["signatures"][0].clone());
    let spoiled = Proposal::parse(spoiled.to_string().as_bytes()).unwrap();
    assert_eq!(scene.say(&spoiled), Err(Rejection::ForgedEvent));
    let (mut counted, left_out) = spoiled.sift(&scene.world.registry);
    let reasons: Vec<Uncounted> = left_out.iter().map(|one| one.reason).collect();
    assert_eq!(reasons, [Uncounted::Stranger, Uncounted::Forged]);
    // One of two is here; what was left out is not the second.
    assert_eq!(scene.say(&counted), Err(Rejection::ThresholdNotMet));
    let mut sound = Proposal::new(spoiled.event()).unwrap();
    sound.sign(&scene.keys[1]).unwrap();
    assert_eq!(counted.merge(&sound).unwrap(), 1);
    scene.say(&counted).unwrap();
}

#[test]
fn a_governance_that_hands_over_is_signed_by_old_and_new() {
    let scene = scene();
    let new = SigningKey::make_p256();
    let action = Action::RotateGovernance(RotateGovernance {
        keys: vec![scene.keys[0].public().to_jwk(), new.public().to_jwk()],
        threshold: 2,
    });
    let mut file = Proposal::new(&scene.world.event(GOVERNANCE, action)).unwrap();
    let missing = file.missing(&scene.world.registry);
    assert_eq!(missing.len(), 4);
    file.sign(&scene.keys[0]).unwrap();
    file.sign(&scene.keys[1]).unwrap();
    assert_eq!(scene.say(&file), Err(Rejection::PossessionNotProven));
    file.sign(&new).unwrap();
    scene.say(&file).unwrap();
}

#[test]
fn everything_but_the_signatures_is_judged_before_they_are_gathered() {
    let mut scene = scene();
    let say = |scene: &Scene, file: &Proposal| file.try_signed_by_all(&scene.world.registry, NOW);
    let mut file = scene.accredit();
    assert_eq!(say(&scene, &file), Ok(()));
    file.sign(&scene.keys[0]).unwrap();
    assert_eq!(say(&scene, &file), Ok(()));
    assert_eq!(scene.say(&file), Err(Rejection::ThresholdNotMet));
    // A key that governs already cannot be a body's.
    let taken = scene.accredit_with(&scene.keys[1]);
    assert_eq!(say(&scene, &taken), Err(Rejection::KeyTaken));
    // Handing over to new keys, and to what stands already.
    let over = |keys: Vec<Value>| {
        let action = Action::RotateGovernance(RotateGovernance { keys, threshold: 2 });
        Proposal::new(&scene.world.event(GOVERNANCE, action)).unwrap()
    };
    let standing: Vec<Value> = scene.keys.iter().map(|key| key.public().to_jwk()).collect();
    let unchanged = over(standing.clone());
    assert_eq!(say(&scene, &unchanged), Err(Rejection::NothingChanges));
    let new = SigningKey::make_ed25519().public().to_jwk();
    assert_eq!(say(&scene, &over(vec![standing[0].clone(), new])), Ok(()));
    // What a body signs, by its only key; and what is out of its reach.
    let body = SigningKey::make_ed25519();
    let event = scene.world.event(
        GOVERNANCE,
        scene.world.accredit_action(ACCREDITOR, &["a"], &body),
    );

    let both = [&scene.keys[0], &scene.keys[1]];
    scene.world.apply_signed(&event, &both).unwrap();
    let issuer = SigningKey::make_ed25519();
    for (types, verdict) in [(["a"], true), (["b"], false)] {
        let action = scene
            .world
            .issuer_action("https://i.example", &types, &issuer);
        let file = Proposal::new(&scene.world.event(ACCREDITOR, action)).unwrap();
        assert_eq!(say(&scene, &file).is_ok(), verdict, "{types:?}");
    }
    // Whoever is not on the ledger cannot sign anything.
    let action = scene
        .world
        .issuer_action("https://i.example", &["a"], &issuer);
    let stranger = Proposal::new(&scene.world.event("https://nobody.example", action)).unwrap();
    assert_eq!(say(&scene, &stranger), Err(Rejection::NotEntitled));
}
