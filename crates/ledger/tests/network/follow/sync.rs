//! What a first sync and a later one take: as little as suffices, and nothing that is old.

use ledger::comet::{CometSource, NetworkPin};
use ledger::{LedgerSource as _, Pin, Replica, StoreError, StoredReplica, advance};
use serde_json::{Value, json};

use super::{Follower, followed, lied_to, validators, with_issuer};
use crate::net::node;
use crate::world::{ACCREDITOR, ISSUER, World};

#[tokio::test]
async fn a_replica_follows_and_remembers() {
    let (mut world, network) = with_issuer();
    let (follower, nodes, now) = followed(network);
    let replica = follower.sync(&nodes, &["gone", "one"], now).await.unwrap();
    assert_eq!(replica.size(), 3);
    assert_eq!(replica.registry().state(), nodes.state());
    assert_eq!(replica.attested(), now);
    // What was read back from the disk is the same.
    let again = follower.replica();
    assert_eq!(again.replica().root(), replica.root());
    assert_eq!(again.replica().attested(), now);
    let thumbprint = world.issuing.public().thumbprint();
    world
        .submit(ACCREDITOR, World::revoke_action(ISSUER, &thumbprint))
        .unwrap();
    let now = {
        let mut network = nodes.network.lock().unwrap();
        network.block(&world.events[3..]);
        for _ in 0..20 {
            network.block(&[]);
        }
        network.now
    };
    nodes.asked.lock().unwrap().clear();
    let replica = follower.sync(&nodes, &["one"], now).await.unwrap();
    assert_eq!(replica.size(), 4);
    assert_eq!(replica.registry().state(), nodes.state());
    // One header suffices, and nothing but whole tiles is asked for.
    assert_eq!(
        *nodes.asked.lock().unwrap(),
        [
            "commit",
            "abci_query\"/log/23\"",
            "abci_query\"/entries/0/4\""
        ]
    );
    let held = StoredReplica::open(follower.folder.path(), nodes.network.lock().unwrap().pin(2));
    assert!(matches!(held, Err(StoreError::OtherLedger)));
}

/// The validators change one at a time until none of the first is left.
#[tokio::test]
async fn changed_validators_are_followed_step_by_step() {
    let (_, mut network) = with_issuer();
    for first in 2..=9 {
        network.next = validators(first..=first + 3);
        for _ in 0..3 {
            network.block(&[]);
        }
    }
    let late = Follower::new(network.pin(12));
    let (follower, nodes, now) = followed(network);
    let replica = follower.sync(&nodes, &["one"], now).await.unwrap();
    assert_eq!(replica.registry().state(), nodes.state());
    assert_eq!(follower.replica().replica().root(), replica.root());
    let replica = late.sync(&nodes, &["one"], now).await.unwrap();
    assert_eq!(replica.size(), 3);
    // The way there is kept, and is checked again when it is read.
    let path = follower.folder.path().join("replica.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let other = std::fs::read_to_string(late.folder.path().join("replica.json")).unwrap();
    std::fs::write(&path, other).unwrap();
    let opened = StoredReplica::open(follower.folder.path(), follower.pin.clone());
    assert!(matches!(opened, Err(StoreError::OtherLedger)));
    std::fs::write(&path, text).unwrap();
    assert_eq!(follower.replica().replica().size(), 3);
}

#[tokio::test]
async fn an_update_is_pure() {
    let (_, network) = with_issuer();
    let (follower, nodes, now) = followed(network);
    let source = CometSource::new(nodes, &[node("one")]).unwrap();
    let empty = Replica::new(follower.pin.clone());
    let update = source.update(&empty).await.unwrap();
    let one = advance(&empty, &update, now).unwrap();
    let other = advance(&empty, &update, now).unwrap();
    assert_eq!(one.note(), other.note());
    assert_eq!(empty.size(), 0);
    let again = advance(&one, &update, now).unwrap();
    assert_eq!(again.note(), one.note());
}

#[tokio::test]
async fn another_beginning_is_refused() {
    let (_, network) = with_issuer();
    let pin = network.pin(1);
    let chain = pin.network().unwrap();
    let other = NetworkPin::new("test", 1, [9; 32], chain.trusting()).unwrap();
    let other = Pin::of_network(pin.ledger(), "Test", other).unwrap();
    let follower = Follower::new(other);
    let (_, nodes, now) = followed(network);
    let refusal = follower.sync(&nodes, &["one"], now).await.err();
    assert_eq!(refusal, Some("wrong_start"));
}

#[tokio::test]
async fn trust_ends_and_clocks_count() {
    let (_, network) = with_issuer();
    let (follower, nodes, now) = followed(network);
    let month = 30 * 86_400;
    let late = follower.sync(&nodes, &["one"], now + month).await.err();
    assert_eq!(late, Some("trust_expired"));
    let early = follower.sync(&nodes, &["one"], now - 1000).await.err();
    assert_eq!(early, Some("time_ahead"));
    follower.sync(&nodes, &["one"], now).await.unwrap();
    // What was accepted can be read for ever; its age is told by its header.
    assert_eq!(follower.replica().replica().attested(), now);
}

#[tokio::test]
async fn an_older_header_is_nothing_new_once_a_newer_is_known() {
    let (_, network) = with_issuer();
    let old = network.blocks[&2].clone();
    let lie = move |method: &str, _: &str, result| match method {
        "commit" => json!({"signed_header": old, "canonical": true}),
        _ => result,
    };
    let (follower, nodes, now) = lied_to(network, "late", lie);
    follower.sync(&nodes, &["one"], now).await.unwrap();
    let known = follower.replica().replica().note().to_vec();
    let behind = follower.sync(&nodes, &["late"], now).await.unwrap();
    assert_eq!(behind.note(), known);
    let both = follower.sync(&nodes, &["late", "one"], now).await.unwrap();
    assert_eq!(both.registry().state(), nodes.state());
}

#[tokio::test]
async fn a_withheld_revocation_makes_the_ledger_old_and_nothing_else() {
    let (mut world, mut network) = with_issuer();
    let thumbprint = world.issuing.public().thumbprint();
    world
        .submit(ACCREDITOR, World::revoke_action(ISSUER, &thumbprint))
        .unwrap();
    network.now += 3 * 86_400;
    let withheld_at = network.newest();
    network.block(&world.events[3..]);
    network.block(&[]);
    let old = network.blocks[&withheld_at].clone();
    let lie = move |method: &str, _: &str, result: Value| match method {
        "commit" if result["signed_header"]["header"]["height"] != "1" => {
            json!({"signed_header": old, "canonical": true})
        }
        _ => result,
    };
    let (follower, nodes, now) = lied_to(network, "late", lie);
    let replica = follower.sync(&nodes, &["late"], now).await.unwrap();
    assert!(now - replica.attested() > 2 * 86_400, "its age is said");
    // Events were kept from it; with one honest node they are not.
    let replica = follower.sync(&nodes, &["late", "one"], now).await.unwrap();
    assert_eq!(replica.registry().state(), nodes.state());
}
