//! What a follower can show to others, and for how long.

use keys::UnixTime;
use ledger::{Evidence, Presented, Question, Replica, Standing};

use super::{Follower, followed, validators, with_issuer};
use crate::net::{BEGAN, Network};
use crate::world::ISSUER;

#[tokio::test]
async fn evidence_holds_header_commit_and_validators() {
    let (world, network) = with_issuer();
    let (follower, nodes, now) = followed(network);
    follower.sync(&nodes, &["one"], now).await.unwrap();
    let evidence = follower.replica().prove_standing(ISSUER).unwrap().unwrap();
    let read = Evidence::parse(&evidence.to_bytes().unwrap()).unwrap();
    let proven = read.check(&follower.pin).unwrap();
    assert_eq!(proven.attested(), now);
    let question = Question::Issuer {
        key: Presented::Key(&world.issuing.public()),
        type_id: "a",
        issued_at: None,
    };
    assert_eq!(proven.decide(&question).standing, Standing::Listed);
    let other = Follower::new(Network::begin(&world.events[0], "other").pin(1));
    assert_eq!(read.check(&other.pin).err().unwrap().name(), "wrong_start");
}

/// Follows a network from its first header on while it grows, by blocks at these days.
async fn aged(network: Network, days: &[UnixTime], replaced: bool) -> (Follower, Vec<Vec<u8>>) {
    let (follower, nodes, _) = followed(network);
    let mut evidence = Vec::new();
    for (at, day) in days.iter().enumerate() {
        let now = {
            let mut network = nodes.network.lock().unwrap();
            network.now = BEGAN + day * 86_400;
            if replaced && at < 2 {
                let first = 3 + 2 * u8::try_from(at).unwrap();
                network.next = validators(first..=first + 3);
            }
            network.block(&[]);
            network.now
        };
        follower.sync(&nodes, &["one"], now).await.unwrap();
        let proof = follower.replica().prove_standing(ISSUER).unwrap().unwrap();
        evidence.push(proof.to_bytes().unwrap());
    }
    (follower, evidence)
}

/// Validators of long ago, whose keys are anybody's by now, sign a history of their own: no matter
/// that it is newer, nothing is decided by it.
#[tokio::test]
async fn evidence_by_validators_of_long_ago_decides_nothing_now() {
    let (world, network) = with_issuer();
    let mut forked = Network::begin(&world.events[0], "test");
    forked.block(&world.events[1..]);
    let (fork, forged) = aged(forked, &[19, 38, 39, 40, 41, 42, 43, 44, 45], false).await;
    let (own, honest) = aged(network, &[10, 20, 39, 40, 41], true).await;
    let now = BEGAN + 45 * 86_400 + 60;
    let key = world.issuing.public();
    let question = Question::Issuer {
        key: Presented::Key(&key),
        type_id: "a",
        issued_at: None,
    };
    let read = |bytes: &[u8]| Evidence::parse(bytes).unwrap();
    let replica = own.replica().replica().clone();
    let proven = read(&forged[8]).check_beside(&replica, now).unwrap();
    let verdict = proven.decide_at(&question, replica.highest_attested(), now);
    assert_eq!(verdict.standing, Standing::Unknown);
    assert_eq!(proven.records().count(), 0);
    // It is history for whoever asks for that.
    assert_eq!(proven.decide(&question).standing, Standing::Listed);
    // What follows from the newest header that is known counts, as does what is that header.
    let proven = read(&honest[4]).check_beside(&replica, now).unwrap();
    let verdict = proven.decide_at(&question, replica.highest_attested(), now);
    assert_eq!(verdict.standing, Standing::Listed);
    // Where nothing was followed yet, the pin must be within its time.
    let empty = Replica::new(fork.pin.clone());
    let proven = read(&forged[8]).check_beside(&empty, now).unwrap();
    let verdict = proven.decide_at(&question, 0, now);
    assert_eq!(verdict.standing, Standing::Unknown);
    let early = BEGAN + 20 * 86_400;
    let proven = read(&forged[0]).check_beside(&empty, early).unwrap();
    let verdict = proven.decide_at(&question, 0, early);
    assert_eq!(verdict.standing, Standing::Listed);
}
