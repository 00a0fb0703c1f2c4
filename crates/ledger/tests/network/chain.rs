//! The application of a network: what blocks do, alike on every replica, and across kills.

use keys::{SigningKey, UnixTime};
use ledger::comet::{Block, Chain, derive_app_hash};
use ledger::event::GOVERNANCE;
use ledger::{LogError, SignedEvent, canonical};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::world::{ACCREDITOR, ISSUER, NOW, World};

fn bytes(event: &SignedEvent) -> Vec<u8> {
    canonical::value_to_bytes(event.to_value()).unwrap()
}

/// A world whose genesis a chain can begin with: the same events, in memory and in blocks.
pub(crate) fn begun(world: &World, folder: &TempDir) -> Chain {
    let mut chain = Chain::open(folder.path()).unwrap();
    if chain.height() == 0 {
        chain.begin("test", &bytes(&world.events[0]), NOW).unwrap();
    }
    chain
}

pub(crate) fn block(
    chain: &mut Chain,
    time: UnixTime,
    events: &[Vec<u8>],
) -> Vec<Result<u64, String>> {
    let block = Block {
        height: chain.height() + 1,
        hash: &[7; 32],
        time,
    };
    let events = events.iter().map(Vec::as_slice);
    let done = chain.execute(&block, events).unwrap();
    chain.commit().unwrap();
    assert_eq!(done.app_hash, chain.app_hash());
    done.results
        .into_iter()
        .map(|result| match result {
            Ok(receipt) => Ok(receipt.index),
            Err(error) => Err(error.name().to_owned()),
        })
        .collect()
}

/// A world of so many services under one accreditor, and its events after the genesis.
pub(crate) fn services(count: usize) -> (World, Vec<Vec<u8>>) {
    let mut world = World::accredited(&["a"]);
    for number in 0..count.saturating_sub(1) {
        let id = format!("redirect_uri:https://desk{number}.example/back");
        let action = world.service_action(&id, Vec::new());
        world.submit(ACCREDITOR, action).unwrap();
    }
    let events = world.events.iter().skip(1).map(bytes).collect();
    (world, events)
}

#[test]
fn a_block_does_what_the_rules_say() {
    let mut world = World::accredited(&["a"]);
    let key = SigningKey::make_p256();
    let action = world.issuer_action(ISSUER, &["a"], &key);
    world.submit(ACCREDITOR, action).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut chain = begun(&world, &folder);
    let events: Vec<Vec<u8>> = world.events.iter().skip(1).map(bytes).collect();
    let again = events[0].clone();
    let all = [events.clone(), vec![again, b"{}".to_vec()]].concat();
    assert_eq!(
        block(&mut chain, NOW, &all),
        [
            Ok(1),
            Ok(2),
            Err("replayed_event".to_owned()),
            Err("malformed_event".to_owned())
        ]
    );
    assert_eq!(chain.registry().state(), world.registry.state());
    assert_eq!(chain.log_at(1).unwrap().0, 3);
    assert_eq!(chain.log_at(0).unwrap().0, 1);
    assert_eq!(chain.log_at(2), None);
    // What a replica reads is what the application hash commits to.
    let bundle = chain.bundle(0, 3).unwrap().unwrap();
    let mut tree = ledger::merkle::Tree::default();
    for entry in ledger::tile::decode_exact_bundle(&bundle, 3).unwrap() {
        tree.push(ledger::merkle::leaf_hash(entry));
    }
    assert_eq!(chain.app_hash(), derive_app_hash(3, &tree.root()));
    assert!(chain.bundle(0, 4).unwrap().is_none());
    assert!(chain.bundle(1, 1).unwrap().is_none());
}

#[test]
fn waiting_events_are_checked_after_one_another() {
    let world = World::with_issuer();
    let folder = tempfile::tempdir().unwrap();
    let mut chain = begun(&world, &folder);
    let [accredit, register] = [1, 2].map(|at: usize| bytes(&world.events[at]));
    // Nobody is known by the key that signed it.
    assert_eq!(chain.check(&register).unwrap_err().name(), "forged_event");
    chain.check(&accredit).unwrap();
    assert_eq!(chain.check(&accredit).unwrap_err().name(), "replayed_event");
    chain.check(&register).unwrap();
    // A proposal leaves out what does not follow on what is before it.
    let mempool = [&register, &accredit, &accredit, &register].map(|event| event.as_slice());
    let chosen = chain.choose(mempool, usize::MAX, NOW);
    assert_eq!(chosen, [accredit.as_slice(), register.as_slice()]);
    assert!(chain.accepts(chosen.into_iter(), NOW));
    assert!(!chain.accepts([register.as_slice()].into_iter(), NOW));
    let room = accredit.len() + register.len() - 1;
    let chosen = chain.choose([&accredit, &register].map(Vec::as_slice), room, NOW);
    assert_eq!(chosen, [accredit.as_slice()]);
    // A block of others resets what was thought of those that wait.
    block(&mut chain, NOW, &[]);
    chain.check(&accredit).unwrap();
}

/// An event that cannot stand is refused before its proofs are looked at: these here are worthless,
/// and would be what it is refused for.
#[test]
fn what_cannot_stand_is_refused_before_proofs_are_checked() {
    let world = World::accredited(&["a"]);
    let folder = tempfile::tempdir().unwrap();
    let mut chain = begun(&world, &folder);
    block(&mut chain, NOW, &[bytes(&world.events[1])]);
    let control = SigningKey::from_pem(&world.controls[ACCREDITOR]).unwrap();
    let event = |keys: usize| {
        let mut action = world.issuer_action(ISSUER, &["a"], &SigningKey::make_p256());
        if let ledger::event::Action::RegisterIssuer(body) = &mut action {
            body.keys[0].possession = "no proof".to_owned();
            body.keys = vec![body.keys[0].clone(); keys];
        }
        world.event(ACCREDITOR, action)
    };
    let mut name = |event: &ledger::event::Event, key: &SigningKey| {
        let signed = SignedEvent::sign(event, &[key]).unwrap();
        chain.check(&bytes(&signed)).unwrap_err().name()
    };
    assert_eq!(name(&event(16), &control), "possession_not_proven");
    assert_eq!(name(&event(17), &control), "malformed_event");
    let mut elsewhere = event(1);
    elsewhere.ledger = Some(keys::b64::encode([5; 32]));
    assert_eq!(name(&elsewhere, &control), "wrong_ledger");
    let mut again = event(1);
    again.sequence = 0;
    assert_eq!(name(&again, &control), "replayed_event");
    let mut late = event(1);
    late.submit_before = NOW - 1;
    assert_eq!(name(&late, &control), "submitted_too_late");
    // A stranger who brings a key to sign by.
    let own = SigningKey::make_ed25519();
    let mut stranger = event(1);
    stranger.signer = "https://stranger.example".to_owned();
    stranger.sequence = 1;
    if let ledger::event::Action::RegisterIssuer(body) = &mut stranger.action {
        body.control_keys = vec![ledger::event::ControlKey {
            jwk: own.public().to_jwk(),
            possession: "no proof".to_owned(),
        }];
    }
    assert_eq!(name(&stranger, &own), "not_accredited");
    stranger.signer = ACCREDITOR.to_owned();
    assert_eq!(name(&stranger, &own), "forged_event");
}

#[test]
fn only_a_genesis_begins_a_chain_and_only_once() {
    let world = World::with_issuer();
    let folder = tempfile::tempdir().unwrap();
    let mut chain = Chain::open(folder.path()).unwrap();
    let begin = |chain: &mut Chain, event: &[u8]| {
        let begun = chain.begin("test", event, NOW);
        begun.map_err(|error| error.name())
    };
    assert_eq!(begin(&mut chain, &bytes(&world.events[1])), Err("genesis"));
    assert_eq!(begin(&mut chain, b"no"), Err("malformed_event"));
    let genesis = bytes(&world.events[0]);
    begin(&mut chain, &genesis).unwrap();
    // Consensus may ask once more where no block came.
    begin(&mut chain, &genesis).unwrap();
    block(&mut chain, NOW, &[]);
    assert_eq!(begin(&mut chain, &genesis), Err("ledger_exists"));
}

#[test]
fn a_block_that_was_not_committed_is_given_again() {
    let world = World::with_issuer();
    let folder = tempfile::tempdir().unwrap();
    let events: Vec<Vec<u8>> = world.events.iter().skip(1).map(bytes).collect();
    let mut chain = begun(&world, &folder);
    block(&mut chain, NOW, &events[..1]);
    let before = chain.app_hash();
    let executed = Block {
        height: 2,
        hash: &[7; 32],
        time: NOW,
    };
    let only = [events[1].as_slice()];
    let done = chain.execute(&executed, only).unwrap();
    assert_eq!(chain.app_hash(), before, "nothing counts before the commit");
    drop(chain);
    let mut chain = begun(&world, &folder);
    assert_eq!((chain.height(), chain.app_hash()), (1, before));
    assert_eq!(
        chain.execute(&executed, only).unwrap().app_hash,
        done.app_hash
    );
    chain.commit().unwrap();
    let skipped = Block {
        height: 4,
        ..executed
    };
    assert!(chain.execute(&skipped, []).is_err());
}

#[test]
fn a_changed_folder_is_not_opened() {
    let world = World::with_issuer();
    let folder = tempfile::tempdir().unwrap();
    let events: Vec<Vec<u8>> = world.events.iter().skip(1).map(bytes).collect();
    let mut chain = begun(&world, &folder);
    block(&mut chain, NOW, &events);
    drop(chain);
    let path = folder.path().join("tile/entries/000.p/3");
    let whole = std::fs::read(&path).unwrap();
    let at = whole.len() - 20;
    let mut changed = whole.clone();
    changed[at] ^= 1;
    std::fs::write(&path, &changed).unwrap();
    assert!(Chain::open(folder.path()).is_err());
    std::fs::write(&path, &whole[..at]).unwrap();
    assert!(matches!(Chain::open(folder.path()), Err(LogError::Damaged)));
    std::fs::write(&path, &whole).unwrap();
    let chain = Chain::open(folder.path()).unwrap();
    assert!(matches!(Chain::open(folder.path()), Err(LogError::Locked)));
    drop(chain);
}

/// What is done to an event that the rules would take, before it reaches a block.
#[derive(Clone, Debug)]
enum Mishap {
    None,
    Lost,
    Twice,
    Late,
    Cut(u16),
    Changed(u16),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        6 => Just(Mishap::None),
        1 => Just(Mishap::Lost),
        1 => Just(Mishap::Twice),
        1 => Just(Mishap::Late),
        1 => any::<u16>().prop_map(Mishap::Cut),
        1 => any::<u16>().prop_map(Mishap::Changed),
    ]
}

/// Events of three accreditors, with mishaps, in blocks of random sizes.
fn history(script: &[(u8, Mishap, bool)]) -> (World, Vec<Vec<Vec<u8>>>) {
    let mut world = World::new();
    for number in 0..3 {
        world.accredit(&format!("https://accreditor{number}.example"), &["a", "b"]);
    }
    let first: Vec<Vec<u8>> = world.events.iter().skip(1).map(bytes).collect();
    let mut blocks = vec![first, Vec::new()];
    let mut late = Vec::new();
    for (number, (what, mishap, cut)) in script.iter().enumerate() {
        let signer = format!("https://accreditor{}.example", what % 3);
        let issuer = format!("https://issuer{}.example", what % 5);
        let action = match what % 4 {
            0 => World::withdraw_action(&issuer),
            1 => world.issuer_action(&issuer, &["b"], &SigningKey::make_p256()),
            2 => world.issuer_action(&issuer, &["a", "c"], &SigningKey::make_ed25519()),
            _ => {
                let id = format!("https://issuer-{number}.example");
                world.issuer_action(&id, &["a"], &SigningKey::make_p256())
            }
        };
        let signer = if what % 11 == 0 { GOVERNANCE } else { &signer };
        let event = world.event(signer, action.clone());
        let _ = world.submit(signer, action);
        let signed = match world.events.last() {
            Some(last) if last.event() == &event => last.clone(),
            // The rules refuse it: it goes into a block all the same.
            _ => SignedEvent::sign(&event, &[&SigningKey::make_ed25519()]).unwrap(),
        };
        let mut signed = bytes(&signed);
        let last = blocks.last_mut().unwrap();
        match mishap {
            Mishap::None => last.push(signed),
            Mishap::Lost => {}
            Mishap::Twice => last.extend([signed.clone(), signed]),
            Mishap::Late => late.push(signed),
            Mishap::Cut(at) => {
                signed.truncate(usize::from(*at) % signed.len());
                last.push(signed);
            }
            Mishap::Changed(at) => {
                let at = usize::from(*at) % signed.len();
                signed[at] ^= 1;
                last.push(signed);
            }
        }
        if *cut {
            last.append(&mut late);
            blocks.push(Vec::new());
        }
    }
    (world, blocks)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// One replica runs through; the other checks, proposes and is killed between and within
    /// blocks. Both come to the same results and the same application hashes.
    #[test]
    fn replicas_agree(
        script in prop::collection::vec((any::<u8>(), mishap(), any::<bool>()), 1..30),
        kills in prop::collection::vec(any::<bool>(), 50),
    ) {
        let (world, blocks) = history(&script);
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let mut steady = begun(&world, &folders[0]);
        let mut troubled = begun(&world, &folders[1]);
        for (number, events) in blocks.iter().enumerate() {
            let time = NOW + UnixTime::try_from(number).unwrap();
            for event in events {
                let _ = troubled.check(event);
            }
            let mempool = events.iter().map(Vec::as_slice);
            let chosen = troubled.choose(mempool, 1 << 20, time);
            prop_assert!(steady.accepts(chosen.iter().copied(), time));
            let fine = chosen.len();
            if kills[number % kills.len()] {
                let block = Block { height: troubled.height() + 1, hash: &[7; 32], time };
                troubled.execute(&block, events.iter().map(Vec::as_slice)).unwrap();
                drop(troubled);
                troubled = begun(&world, &folders[1]);
            }
            let results = block(&mut steady, time, events);
            prop_assert_eq!(&results, &block(&mut troubled, time, events));
            prop_assert_eq!(fine, results.iter().filter(|result| result.is_ok()).count());
            prop_assert_eq!(steady.app_hash(), troubled.app_hash());
            prop_assert_eq!(steady.registry().state(), troubled.registry().state());
        }
        drop(steady);
        let steady = Chain::open(folders[0].path()).unwrap();
        prop_assert_eq!(steady.app_hash(), troubled.app_hash());
    }
}
