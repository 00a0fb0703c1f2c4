//! Two headers of one height: neither is followed, and both are kept.

use ledger::comet::{CometSource, Headers};
use ledger::{LedgerSource as _, Replica, advance};
use serde_json::{Value, json};
use tendermint::block::Header;
use tendermint::block::signed_header::SignedHeader;

use super::{Follower, about_the_newest, contradicting, followed, lied_to, signed_by, with_issuer};
use crate::net::node;

/// What a follower that knows the true header hears from these nodes, of which one contradicts it.
async fn contradicted(hosts: &[&str]) -> (Option<&'static str>, Follower) {
    let (_, network) = with_issuer();
    let lie = about_the_newest(|signed| signed_by(contradicting(signed.header), 1..=3));
    let (follower, nodes, now) = lied_to(network, "liar", lie);
    follower.sync(&nodes, &["one"], now).await.unwrap();
    let refusal = follower.sync(&nodes, hosts, now).await.err();
    (refusal, follower)
}

#[tokio::test]
async fn two_headers_of_one_height_are_kept_as_evidence() {
    let (refusal, follower) = contradicted(&["liar"]).await;
    assert_eq!(refusal, Some("split_view"));
    assert_eq!(follower.replica().evidence().unwrap().len(), 2);
}

/// A node of old that contradicts what is known is heard beside one that does not.
#[tokio::test]
async fn a_contradiction_of_what_is_known_is_heard_beside_an_honest_node() {
    let (refusal, follower) = contradicted(&["one", "liar"]).await;
    assert_eq!(refusal, Some("split_view"));
    assert_eq!(follower.replica().evidence().unwrap().len(), 2);
}

#[tokio::test]
async fn nodes_that_contradict_one_another_are_both_refused() {
    for (signers, expected) in [(3, Some("split_view")), (2, None)] {
        let (_, network) = with_issuer();
        let pin = network.pin(1);
        let lie =
            about_the_newest(move |signed| signed_by(contradicting(signed.header), 1..=signers));
        let (_, nodes, now) = lied_to(network, "liar", lie);
        for hosts in [["one", "liar"], ["liar", "one"]] {
            let follower = Follower::new(pin.clone());
            let refusal = follower.sync(&nodes, &hosts, now).await.err();
            assert_eq!(refusal, expected, "{hosts:?}");
            let kept = follower.replica().evidence().unwrap();
            assert_eq!(kept.len(), if expected.is_some() { 2 } else { 0 });
            for file in kept {
                let headers = Headers::parse(&std::fs::read(file).unwrap()).unwrap();
                assert_eq!(headers.height(), 3);
            }
            // One that lies about what is known already is passed over.
            if expected.is_none() {
                follower.sync(&nodes, &hosts, now).await.unwrap();
            }
        }
    }
}

/// Headers that do not rise, or end elsewhere, contradict nothing.
#[tokio::test]
async fn headers_that_do_not_rise_are_no_contradiction() {
    let (_, mut network) = with_issuer();
    network.block(&[]);
    let fourth = network.blocks[&4].clone();
    let (follower, nodes, now) = followed(network);
    let source = CometSource::new(nodes, &[node("one")]).unwrap();
    let empty = Replica::new(follower.pin.clone());
    let mut update = source.update(&empty).await.unwrap();
    let known = advance(&empty, &update, now).unwrap();
    let changed = |height: u32| {
        use tendermint_proto::Protobuf;
        use tendermint_proto::v0_38::types::SignedHeader as Raw;
        let header = Header {
            height: height.into(),
            ..contradicting(fourth.header.clone())
        };
        json!(keys::b64::encode(
            <SignedHeader as Protobuf<Raw>>::encode_vec(signed_by(header, 1..=4))
        ))
    };
    let mut lie: Value = serde_json::from_slice(&update.checkpoint).unwrap();
    // Two heights that fall before the last, which by itself would be a contradiction.
    lie["steps"] = json!([changed(4), changed(3), changed(4)]);
    update.checkpoint = serde_json::to_vec(&lie).unwrap();
    let error = advance(&known, &update, now).err().unwrap();
    assert_eq!(error.name(), "malformed_headers");
}
