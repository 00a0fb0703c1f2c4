//! Following a network by its headers, and each lie that a node may tell.

use std::sync::Arc;

use keys::{SigningKey, UnixTime};
use ledger::comet::{CometSource, derive_app_hash};
use ledger::{Leaf, LedgerSource as _, Pin, Replica, StoreError, StoredReplica, advance};
use serde_json::{Value, json};
use tempfile::TempDir;
use tendermint::block::Header;
use tendermint::block::signed_header::SignedHeader;

use crate::net::{BEGAN, Network, Nodes, Validator, node, sign, time, validator_json};
use crate::world::{ACCREDITOR, ISSUER, World};

/// A follower with nothing yet.
struct Follower {
    folder: TempDir,
    pin: Pin,
}

impl Follower {
    fn new(pin: Pin) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            pin,
        }
    }

    fn replica(&self) -> StoredReplica {
        StoredReplica::open(self.folder.path(), self.pin.clone()).unwrap()
    }

    async fn sync(
        &self,
        nodes: &Arc<Nodes<'static>>,
        hosts: &[&str],
        now: UnixTime,
    ) -> Result<Replica, &'static str> {
        let hosts: Vec<_> = hosts.iter().map(|host| node(host)).collect();
        let source = CometSource::new(nodes.clone(), &hosts).unwrap();
        let mut stored = self.replica();
        match stored.sync(&source, now).await {
            Ok(_) => Ok(stored.replica().clone()),
            Err(error) => Err(error.name()),
        }
    }
}

/// A network with one issuer, two blocks after its first.
fn with_issuer() -> (World, Network) {
    let world = World::with_issuer();
    let mut network = Network::begin(&world.events[0], "test");
    let done = network.block(&world.events[1..]);
    assert_eq!(done, [Ok(()), Ok(())]);
    network.block(&[]);
    (world, network)
}

/// The same, for nodes of which one lies.
fn lying(
    lie: impl Fn(&str, &str, Value) -> Value + Send + Sync + 'static,
) -> (Follower, Arc<Nodes<'static>>, UnixTime) {
    let (_, network) = with_issuer();
    let (follower, now) = (Follower::new(network.pin(1)), network.now);
    (
        follower,
        Arc::new(Nodes::of(network).with_lie("liar", lie)),
        now,
    )
}

async fn refused(lie: impl Fn(&str, &str, Value) -> Value + Send + Sync + 'static) -> &'static str {
    let (follower, nodes, now) = lying(lie);
    let name = follower.sync(&nodes, &["liar"], now).await.err().unwrap();
    assert_eq!(follower.replica().replica().size(), 0, "nothing was kept");
    // Beside an honest node the lie is not heard.
    let hosts = ["liar", "honest"];
    let replica = follower.sync(&nodes, &hosts, now).await.unwrap();
    assert_eq!(replica.size(), 3);
    name
}

/// A newest header of one's own making in the place of the true one.
fn newest(result: &Value, make: impl Fn(SignedHeader) -> SignedHeader) -> Value {
    let signed: SignedHeader = serde_json::from_value(result["signed_header"].clone()).unwrap();
    if signed.header.height.value() == 3 {
        json!({"signed_header": make(signed), "canonical": true})
    } else {
        result.clone()
    }
}

fn validators(numbers: std::ops::RangeInclusive<u8>) -> Vec<Validator> {
    numbers.map(Validator::number).collect()
}

#[tokio::test]
async fn a_replica_follows_and_remembers() {
    let (mut world, network) = with_issuer();
    let follower = Follower::new(network.pin(1));
    let now = network.now;
    let nodes = Arc::new(Nodes::of(network));
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

#[tokio::test]
async fn a_changed_header_is_forged() {
    let name = refused(|method, _, result| match method {
        "commit" => newest(&result, |mut signed| {
            signed.header.time = time(BEGAN + 1000);
            signed
        }),
        _ => result,
    });
    assert_eq!(name.await, "forged_header");
}

#[tokio::test]
async fn a_wrong_signature_is_forged() {
    let name = refused(|method, _, result| match method {
        "commit" => newest(&result, |signed| {
            let other = Header {
                time: time(BEGAN + 50),
                ..signed.header.clone()
            };
            let all = validators(1..=4);
            let mut with = sign(signed.header, &all, &all);
            with.commit.signatures = sign(other, &all, &all).commit.signatures;
            with
        }),
        _ => result,
    });
    assert_eq!(name.await, "forged_header");
}

#[tokio::test]
async fn other_validators_are_not_believed() {
    let strangers = || validators(11..=14);
    let name = refused(move |method, _, result| match method {
        "commit" => newest(&result, |signed| {
            let hash = crate::net::set(&strangers()).hash();
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
    let name = refused(|method, _, result| match method {
        "commit" => newest(&result, |signed| {
            sign(signed.header, &validators(1..=4), &validators(1..=2))
        }),
        _ => result,
    });
    assert_eq!(name.await, "too_few_signatures");
}

#[tokio::test]
async fn a_header_of_another_chain_is_refused() {
    let name = refused(|method, _, result| match method {
        "commit" => newest(&result, |signed| {
            let header = Header {
                chain_id: "other".parse().unwrap(),
                ..signed.header
            };
            sign(header, &validators(1..=4), &validators(1..=4))
        }),
        _ => result,
    });
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

#[tokio::test]
async fn an_older_header_is_nothing_new_once_a_newer_is_known() {
    let (_, network) = with_issuer();
    let follower = Follower::new(network.pin(1));
    let now = network.now;
    let old = network.blocks[&2].clone();
    let nodes = Arc::new(Nodes::of(network).with_lie(
        "late",
        move |method, _, result| match method {
            "commit" => json!({"signed_header": old, "canonical": true}),
            _ => result,
        },
    ));
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
    let follower = Follower::new(network.pin(1));
    let now = network.now;
    let old = network.blocks[&withheld_at].clone();
    let nodes = Arc::new(Nodes::of(network).with_lie(
        "late",
        move |method, _, result| match method {
            "commit" if result["signed_header"]["header"]["height"] != "1" => {
                json!({"signed_header": old, "canonical": true})
            }
            _ => result,
        },
    ));
    let replica = follower.sync(&nodes, &["late"], now).await.unwrap();
    assert!(now - replica.attested() > 2 * 86_400, "its age is said");
    // Events were kept from it; with one honest node they are not.
    let replica = follower.sync(&nodes, &["late", "one"], now).await.unwrap();
    assert_eq!(replica.registry().state(), nodes.state());
}

#[tokio::test]
async fn trust_ends_and_clocks_count() {
    let (_, network) = with_issuer();
    let follower = Follower::new(network.pin(1));
    let now = network.now;
    let nodes = Arc::new(Nodes::of(network));
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
async fn another_beginning_is_refused() {
    let (_, network) = with_issuer();
    let now = network.now;
    let pin = network.pin(1);
    let chain = pin.network().unwrap();
    let other = ledger::comet::NetworkPin::new("test", 1, [9; 32], chain.trusting()).unwrap();
    let other = Pin::of_network(pin.ledger(), "Test", other).unwrap();
    let follower = Follower::new(other);
    let nodes = Arc::new(Nodes::of(network));
    let refusal = follower.sync(&nodes, &["one"], now).await.err();
    assert_eq!(refusal, Some("wrong_start"));
}

/// A block by validators who all break the rules: an entry that no honest one would write.
fn conspire(world: &World, network: &mut Network, event: ledger::SignedEvent) -> Vec<u8> {
    let leaf = Leaf {
        time: network.now,
        event,
        state: world.registry.state(),
    };
    let entry = leaf.to_bytes().unwrap();
    let mut tree = ledger::merkle::Tree::default();
    let bundle = network.chain.bundle(0, network.chain.registry().size());
    let bundle = bundle.unwrap().unwrap();
    let size = network.chain.registry().size();
    for entry in ledger::tile::decode_exact_bundle(&bundle, size).unwrap() {
        tree.push(ledger::merkle::leaf_hash(entry));
    }
    tree.push(ledger::merkle::leaf_hash(&entry));
    network.now += 1;
    let app_hash = derive_app_hash(size + 1, &tree.root());
    let header = Header {
        app_hash: tendermint::AppHash::try_from(app_hash.to_vec()).unwrap(),
        ..network.header()
    };
    let signed = sign(header, &network.validators, &network.validators);
    let height = signed.header.height.value();
    network.sets.insert(height, network.validators.clone());
    network.blocks.insert(height, signed);
    ledger::tile::encode_bundle(
        ledger::tile::decode_exact_bundle(&bundle, size)
            .unwrap()
            .into_iter()
            .chain([entry.as_slice()]),
    )
    .unwrap()
}

async fn conspiracy(event: impl Fn(&mut World) -> ledger::SignedEvent) -> &'static str {
    let (mut world, mut network) = with_issuer();
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    network.block(&world.events[3..]);
    let event = event(&mut world);
    let bundle = conspire(&world, &mut network, event);
    let (follower, now) = (Follower::new(network.pin(1)), network.now);
    let root = {
        let mut tree = ledger::merkle::Tree::default();
        for entry in ledger::tile::decode_exact_bundle(&bundle, 5).unwrap() {
            tree.push(ledger::merkle::leaf_hash(entry));
        }
        tree.root()
    };
    let nodes = Nodes::of(network).with_lie("liar", move |_, path, result| {
        let value = match path.split('/').nth(1) {
            Some("log") => format!("5 {}", keys::b64::encode(root)).into_bytes(),
            Some("entries") => bundle.clone(),
            _ => return result,
        };
        json!({"response": {"code": 0, "value": keys::b64::encode_standard(value)}})
    });
    let nodes = Arc::new(nodes);
    follower.sync(&nodes, &["liar"], now).await.err().unwrap()
}

/// Every replica replays the rules: not even all validators together can break them.
#[tokio::test]
async fn the_rules_stand_above_the_validators() {
    let replayed = conspiracy(|world| world.events[2].clone()).await;
    assert_eq!(replayed, "replayed_event");
    let other = conspiracy(|_| {
        let mut elsewhere = World::with_issuer();
        elsewhere
            .submit(ACCREDITOR, World::withdraw_action(ISSUER))
            .unwrap();
        elsewhere.events[3].clone()
    });
    assert_eq!(other.await, "forged_event");
    let key = SigningKey::make_ed25519();
    let stolen = conspiracy(move |world| {
        let id = "https://other.example";
        let action = world.issuer_action(id, &["a"], &SigningKey::make_p256());
        let event = world.event(ACCREDITOR, action);
        ledger::SignedEvent::sign(&event, &[&key]).unwrap()
    });
    assert_eq!(stolen.await, "forged_event");
    let elsewhere = conspiracy(|world| {
        let id = "https://other.example";
        let action = world.issuer_action(id, &["a"], &SigningKey::make_p256());
        let mut event = world.event(ACCREDITOR, action);
        event.ledger = Some(keys::b64::encode([5; 32]));
        let key = SigningKey::from_pem(&world.controls[ACCREDITOR]).unwrap();
        ledger::SignedEvent::sign(&event, &[&key]).unwrap()
    });
    assert_eq!(elsewhere.await, "wrong_ledger");
}

#[tokio::test]
async fn two_headers_of_one_height_are_kept_as_evidence() {
    let (_, network) = with_issuer();
    let follower = Follower::new(network.pin(1));
    let now = network.now;
    let nodes = Nodes::of(network).with_lie("liar", |method, _, result| match method {
        "commit" => newest(&result, |signed| {
            let header = Header {
                last_results_hash: Some(tendermint::Hash::Sha256([4; 32])),
                ..signed.header
            };
            sign(header, &validators(1..=4), &validators(1..=3))
        }),
        _ => result,
    });
    let nodes = Arc::new(nodes);
    follower.sync(&nodes, &["one"], now).await.unwrap();
    let refusal = follower.sync(&nodes, &["liar"], now).await.err();
    assert_eq!(refusal, Some("split_view"));
    assert_eq!(follower.replica().evidence().unwrap().len(), 2);
}

#[tokio::test]
async fn nodes_that_contradict_one_another_are_both_refused() {
    let other = |signed: SignedHeader, signers: Vec<Validator>| {
        let header = Header {
            last_results_hash: Some(tendermint::Hash::Sha256([4; 32])),
            ..signed.header
        };
        sign(header, &validators(1..=4), &signers)
    };
    for (signers, expected) in [(3, Some("split_view")), (2, None)] {
        let (_, network) = with_issuer();
        let (pin, now) = (network.pin(1), network.now);
        let nodes = Nodes::of(network).with_lie("liar", move |method, _, result| match method {
            "commit" => newest(&result, |signed| other(signed, validators(1..=signers))),
            _ => result,
        });
        let nodes = Arc::new(nodes);
        for hosts in [["one", "liar"], ["liar", "one"]] {
            let follower = Follower::new(pin.clone());
            let refusal = follower.sync(&nodes, &hosts, now).await.err();
            assert_eq!(refusal, expected, "{hosts:?}");
            let kept = follower.replica().evidence().unwrap();
            assert_eq!(kept.len(), if expected.is_some() { 2 } else { 0 });
            for file in kept {
                let headers = ledger::comet::Headers::parse(&std::fs::read(file).unwrap()).unwrap();
                assert_eq!(headers.height(), 3);
            }
            // One that lies about what is known already is passed over.
            if expected.is_none() {
                follower.sync(&nodes, &hosts, now).await.unwrap();
            }
        }
    }
}

/// A node of old that contradicts what is known is heard beside one that does not.
#[tokio::test]
async fn a_contradiction_of_what_is_known_is_heard_beside_an_honest_node() {
    let (_, network) = with_issuer();
    let (follower, now) = (Follower::new(network.pin(1)), network.now);
    let nodes = Nodes::of(network).with_lie("liar", |method, _, result| match method {
        "commit" => newest(&result, |signed| {
            let header = Header {
                last_results_hash: Some(tendermint::Hash::Sha256([4; 32])),
                ..signed.header
            };
            sign(header, &validators(1..=4), &validators(1..=3))
        }),
        _ => result,
    });
    let nodes = Arc::new(nodes);
    follower.sync(&nodes, &["one"], now).await.unwrap();
    let refusal = follower.sync(&nodes, &["one", "liar"], now).await.err();
    assert_eq!(refusal, Some("split_view"));
    assert_eq!(follower.replica().evidence().unwrap().len(), 2);
}

/// Headers that do not rise, or end elsewhere, contradict nothing.
#[tokio::test]
async fn headers_that_do_not_rise_are_no_contradiction() {
    let (_, mut network) = with_issuer();
    network.block(&[]);
    let (follower, now) = (Follower::new(network.pin(1)), network.now);
    let fourth = network.blocks[&4].clone();
    let nodes = Arc::new(Nodes::of(network));
    let source = CometSource::new(nodes.clone(), &[node("one")]).unwrap();
    let empty = Replica::new(follower.pin.clone());
    let mut update = source.update(&empty).await.unwrap();
    let known = advance(&empty, &update, now).unwrap();
    let changed = |height: u32| {
        use tendermint_proto::Protobuf;
        use tendermint_proto::v0_38::types::SignedHeader as Raw;
        let header = Header {
            height: height.into(),
            last_results_hash: Some(tendermint::Hash::Sha256([4; 32])),
            ..fourth.header.clone()
        };
        let signed = sign(header, &validators(1..=4), &validators(1..=4));
        json!(keys::b64::encode(
            <SignedHeader as Protobuf<Raw>>::encode_vec(signed)
        ))
    };
    let mut lie: Value = serde_json::from_slice(&update.checkpoint).unwrap();
    // Two heights that fall before the last, which by itself would be a contradiction.
    lie["steps"] = json!([changed(4), changed(3), changed(4)]);
    update.checkpoint = serde_json::to_vec(&lie).unwrap();
    let error = advance(&known, &update, now).err().unwrap();
    assert_eq!(error.name(), "malformed_headers");
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
    let follower = Follower::new(network.pin(1));
    let now = network.now;
    let late = Follower::new(network.pin(12));
    let nodes = Arc::new(Nodes::of(network));
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
async fn evidence_holds_header_commit_and_validators() {
    let (world, network) = with_issuer();
    let follower = Follower::new(network.pin(1));
    let now = network.now;
    let nodes = Arc::new(Nodes::of(network));
    follower.sync(&nodes, &["one"], now).await.unwrap();
    let evidence = follower.replica().prove_standing(ISSUER).unwrap().unwrap();
    let read = ledger::Evidence::parse(&evidence.to_bytes()).unwrap();
    let proven = read.check(&follower.pin).unwrap();
    assert_eq!(proven.attested(), now);
    let question = ledger::Question::Issuer {
        key: ledger::Presented::Key(&world.issuing.public()),
        type_id: "a",
        issued_at: None,
    };
    assert_eq!(proven.decide(&question).standing, ledger::Standing::Listed);
    let other = Follower::new(Network::begin(&world.events[0], "other").pin(1));
    assert_eq!(read.check(&other.pin).err().unwrap().name(), "wrong_start");
}

/// Follows a network from its first header on while it grows, by blocks at these days.
async fn aged(network: Network, days: &[UnixTime], replaced: bool) -> (Follower, Vec<Vec<u8>>) {
    let follower = Follower::new(network.pin(1));
    let nodes = Arc::new(Nodes::of(network));
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
        evidence.push(proof.to_bytes());
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
    let question = ledger::Question::Issuer {
        key: ledger::Presented::Key(&key),
        type_id: "a",
        issued_at: None,
    };
    let read = |bytes: &[u8]| ledger::Evidence::parse(bytes).unwrap();
    let replica = own.replica().replica().clone();
    let proven = read(&forged[8]).check_beside(&replica, now).unwrap();
    let verdict = proven.decide_at(&question, replica.highest_attested(), now);
    assert_eq!(verdict.standing, ledger::Standing::Unknown);
    assert_eq!(proven.records().count(), 0);
    // It is history for whoever asks for that.
    assert_eq!(proven.decide(&question).standing, ledger::Standing::Listed);
    // What follows from the newest header that is known counts, as does what is that header.
    let proven = read(&honest[4]).check_beside(&replica, now).unwrap();
    let verdict = proven.decide_at(&question, replica.highest_attested(), now);
    assert_eq!(verdict.standing, ledger::Standing::Listed);
    // Where nothing was followed yet, the pin must be within its time.
    let empty = Replica::new(fork.pin.clone());
    let proven = read(&forged[8]).check_beside(&empty, now).unwrap();
    let verdict = proven.decide_at(&question, 0, now);
    assert_eq!(verdict.standing, ledger::Standing::Unknown);
    let early = BEGAN + 20 * 86_400;
    let proven = read(&forged[0]).check_beside(&empty, early).unwrap();
    let verdict = proven.decide_at(&question, 0, early);
    assert_eq!(verdict.standing, ledger::Standing::Listed);
}

#[tokio::test]
async fn an_update_is_pure() {
    let (_, network) = with_issuer();
    let (pin, now) = (network.pin(1), network.now);
    let nodes = Arc::new(Nodes::of(network));
    let source = CometSource::new(nodes, &[node("one")]).unwrap();
    let empty = Replica::new(pin);
    let update = source.update(&empty).await.unwrap();
    let one = advance(&empty, &update, now).unwrap();
    let other = advance(&empty, &update, now).unwrap();
    assert_eq!(one.note(), other.note());
    assert_eq!(empty.size(), 0);
    let again = advance(&one, &update, now).unwrap();
    assert_eq!(again.note(), one.note());
}
