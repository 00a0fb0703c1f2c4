//! A network whose validators changed often: the longest way that a replica keeps fits into evidence.

use std::sync::Arc;

use ed25519_dalek::SigningKey;
use ledger::comet::{CometSource, Headers};
use ledger::{Evidence, LedgerSource as _, Presented, Question, Replica, Standing, advance};

use crate::net::{Network, Nodes, Validator, node};
use crate::world::{ISSUER, World};

/// More than evidence once held.
const LONG: usize = 256 * 1024;

/// Fifty who have signed in no other round.
fn validators(round: u8) -> Vec<Validator> {
    let seed = |number| {
        let mut seed = [0; 32];
        (seed[0], seed[1]) = (round, number);
        seed
    };
    (0..50)
        .map(|number| Validator(SigningKey::from_bytes(&seed(number))))
        .collect()
}

#[tokio::test]
async fn the_longest_way_fits_into_evidence() {
    let world = World::with_issuer();
    let mut network = Network::begin(&world.events[0], "test");
    network.block(&world.events[1..]);
    for round in 1..=30 {
        network.next = validators(round);
        network.block(&[]);
    }
    network.block(&[]);
    let (pin, now) = (network.pin(1), network.now);
    let nodes = Arc::new(Nodes::of(network));
    let source = CometSource::new(nodes, &[node("one")]).unwrap();
    let empty = Replica::new(pin.clone());
    let update = source.update(&empty).await.unwrap();
    let replica = advance(&empty, &update, now).unwrap();
    assert!(replica.note().len() > LONG, "{}", replica.note().len());
    assert!(Headers::parse(replica.note()).is_ok());
    let last = ledger::tile::decode_exact_bundle(&update.tiles[0].entries, 3).unwrap()[2];
    let evidence = replica.prove_standing(ISSUER, last).unwrap();
    let evidence = Evidence::parse(&evidence.to_bytes().unwrap()).unwrap();
    let proven = evidence.check(&pin).unwrap();
    let question = Question::Issuer {
        key: Presented::Key(&world.issuing.public()),
        type_id: "a",
        issued_at: None,
    };
    assert_eq!(proven.decide(&question).standing, Standing::Listed);
}
