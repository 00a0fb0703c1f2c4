//! Each lie that a node may tell, and the name of its refusal.

use serde_json::{Value, json};
use tendermint::block::Header;

use super::{about_the_newest, lied_to, newest, signed_by, validators, with_issuer};
use crate::net::{BEGAN, set, sign, time, validator_json};

async fn refused(lie: impl Fn(&str, &str, Value) -> Value + Send + Sync + 'static) -> &'static str {
    let (_, network) = with_issuer();
    let (follower, nodes, now) = lied_to(network, "liar", lie);
    let name = follower.sync(&nodes, &["liar"], now).await.err().unwrap();
    assert_eq!(follower.replica().replica().size(), 0, "nothing was kept");
    // Beside an honest node the lie is not heard.
    let hosts = ["liar", "honest"];
    let replica = follower.sync(&nodes, &hosts, now).await.unwrap();
    assert_eq!(replica.size(), 3);
    name
}

/// The entries of a bundle in an answer, after a change.
fn entries(result: &Value, change: impl Fn(&mut Vec<Vec<u8>>)) -> Value {
    let value = result["response"]["value"].as_str().unwrap();
    let bundle = keys::b64::decode_standard(value).unwrap();
    let mut entries: Vec<Vec<u8>> = ledger::tile::decode_exact_bundle(&bundle, 3)
        .unwrap()
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect();
    change(&mut entries);
    let entries = entries.iter().map(Vec::as_slice);
    let bundle = ledger::tile::encode_bundle(entries).unwrap();
    json!({"response": {"code": 0, "value": keys::b64::encode_standard(bundle)}})
}

#[tokio::test]
async fn a_changed_header_is_forged() {
    let name = refused(about_the_newest(|mut signed| {
        signed.header.time = time(BEGAN + 1000);
        signed
    }));
    assert_eq!(name.await, "forged_header");
}

#[tokio::test]
async fn a_wrong_signature_is_forged() {
    let name = refused(about_the_newest(|signed| {
        let other = Header {
            time: time(BEGAN + 50),
            ..signed.header.clone()
        };
        let mut with = signed_by(signed.header, 1..=4);
        with.commit.signatures = signed_by(other, 1..=4).commit.signatures;
        with
    }));
    assert_eq!(name.await, "forged_header");
}

#[tokio::test]
async fn other_validators_are_not_believed() {
    let strangers = || validators(11..=14);
    let name = refused(move |method, _, result| match method {
        "commit" => newest(&result, |signed| {
            let hash = set(&strangers()).hash();
            let header = Header {
                validators_hash: hash,
                next_validators_hash: hash,
                ..signed.header
            };
            sign(header, &strangers(), &strangers())
        }),
        "validators" if result["block_height"] != "2" => {
            let list: Vec<Value> = strangers().iter().map(validator_json).collect();
            json!({"block_height": "3", "validators": list})
        }
        _ => result,
    });
    assert_eq!(name.await, "wrong_validators");
}

#[tokio::test]
async fn two_of_four_signatures_are_too_few() {
    let name = refused(about_the_newest(|signed| signed_by(signed.header, 1..=2)));
    assert_eq!(name.await, "too_few_signatures");
}

#[tokio::test]
async fn a_header_of_another_chain_is_refused() {
    let name = refused(about_the_newest(|signed| {
        let header = Header {
            chain_id: "other".parse().unwrap(),
            ..signed.header
        };
        signed_by(header, 1..=4)
    }));
    assert_eq!(name.await, "wrong_chain");
}

#[tokio::test]
async fn what_the_header_does_not_bind_is_refused() {
    let name = refused(|_, path, result| {
        if !path.starts_with("/log") {
            return result;
        }
        let shorter = format!("2 {}", keys::b64::encode([3; 32]));
        let value = keys::b64::encode_standard(shorter);
        json!({"response": {"code": 0, "value": value}})
    });
    assert_eq!(name.await, "wrong_app_hash");
}

#[tokio::test]
async fn an_omitted_event_is_missed() {
    let name = refused(|_, path, result| match path {
        "/entries/0/3" => entries(&result, |entries| {
            entries.pop();
        }),
        _ => result,
    });
    assert_eq!(name.await, "truncated_tile");
    let name = refused(|_, path, result| match path {
        "/entries/0/3" => entries(&result, |entries| {
            let earlier = entries[1].clone();
            entries[2] = earlier;
        }),
        _ => result,
    });
    assert_eq!(name.await, "wrong_root");
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    for kind in ["commit", "validators", "abci_query"] {
        for nonsense in [
            json!(null),
            json!({}),
            json!([1]),
            json!({"signed_header": 1}),
        ] {
            let name = refused(move |method, _, result| {
                if method == kind {
                    nonsense.clone()
                } else {
                    result
                }
            });
            assert_eq!(name.await, "malformed_answer", "{kind}");
        }
    }
}
