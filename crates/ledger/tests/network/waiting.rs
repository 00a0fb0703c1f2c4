//! Nodes are asked at once: one that never answers costs little, and one that is slow is heard.

use std::sync::Arc;
use std::time::Duration;

use ledger::comet::{CometSource, Waits};
use ledger::{LedgerSource as _, Pin, Replica, advance};
use serde_json::json;

use crate::net::{Network, Nodes, node};
use crate::world::World;

/// Far more than the stragglers get, and far less than for ever.
const BOUND: Duration = Duration::from_secs(60);

fn network() -> Network {
    let world = World::with_issuer();
    let mut network = Network::begin(&world.events[0], "test");
    network.block(&world.events[1..]);
    network.block(&[]);
    network
}

/// Each answer may take for ever, and so long the others after one that is enough.
fn waits(stragglers: Duration) -> Waits {
    let for_ever = Duration::from_secs(3600);
    Waits {
        question: for_ever,
        stragglers,
        walk: for_ever,
    }
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(BOUND, future).await;
    done.expect("a node that never answers is waited for")
}

#[tokio::test]
async fn a_node_that_never_answers_is_not_waited_for() {
    let network = network();
    let (pin, now) = (network.pin(1), network.now);
    let nodes = Arc::new(Nodes::of(network));
    for hosts in [["silent", "one"], ["one", "silent"]] {
        let source = CometSource::new(nodes.clone(), &hosts.map(node)).unwrap();
        let source = source.with_waits(waits(Duration::from_millis(1)));
        let empty = Replica::new(pin.clone());
        let update = soon(source.update(&empty)).await.unwrap();
        assert_eq!(advance(&empty, &update, now).unwrap().size(), 3);
        let given = soon(source.read_pin()).await.unwrap();
        assert_eq!(Pin::parse(&given).unwrap().ledger(), pin.ledger());
    }
}

/// The quick node is behind; the slow one has what is newer.
#[tokio::test]
async fn a_slow_node_is_heard_after_a_quick_one() {
    let network = network();
    let (pin, now) = (network.pin(1), network.now);
    let old = network.blocks[&2].clone();
    let nodes = Nodes::of(network).with_lie("quick", move |method, _, result| match method {
        "commit" if result["signed_header"]["header"]["height"] == "3" => {
            json!({"signed_header": old, "canonical": true})
        }
        _ => result,
    });
    let nodes = Arc::new(nodes);
    let empty = Replica::new(pin);
    let update = |hosts: Vec<&str>| {
        let hosts: Vec<_> = hosts.into_iter().map(node).collect();
        let source = CometSource::new(nodes.clone(), &hosts).unwrap();
        let source = source.with_waits(waits(BOUND));
        let empty = empty.clone();
        async move { source.update(&empty).await.unwrap() }
    };
    let behind = update(vec!["quick"]).await;
    assert_eq!(advance(&empty, &behind, now).unwrap().size(), 1);
    for hosts in [vec!["slow", "quick"], vec!["quick", "slow"]] {
        let newer = update(hosts).await;
        assert_eq!(advance(&empty, &newer, now).unwrap().size(), 3);
    }
}
