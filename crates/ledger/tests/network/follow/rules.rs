//! Every replica replays the rules: not even all validators together can break them.

use keys::SigningKey;
use ledger::comet::derive_app_hash;
use ledger::merkle::{Tree, leaf_hash};
use ledger::tile::{decode_exact_bundle, encode_bundle};
use ledger::{Leaf, SignedEvent};
use serde_json::json;
use tendermint::block::Header;

use super::{lied_to, with_issuer};
use crate::net::{Network, sign};
use crate::world::{ACCREDITOR, ISSUER, World};

/// A block by validators who all break the rules: an entry that no honest one would write. Gives
/// the log with it, and its tree.
fn conspire(world: &World, network: &mut Network, event: SignedEvent) -> (Vec<u8>, Tree) {
    let leaf = Leaf {
        time: network.now,
        event,
        state: world.registry.state(),
    };
    let entry = leaf.to_bytes().unwrap();
    let size = network.chain.registry().size();
    let honest = network.chain.bundle(0, size).unwrap().unwrap();
    let mut entries = decode_exact_bundle(&honest, size).unwrap();
    entries.push(&entry);
    let mut tree = Tree::default();
    for entry in &entries {
        tree.push(leaf_hash(entry));
    }
    network.now += 1;
    let app_hash = derive_app_hash(tree.size(), &tree.root());
    let header = Header {
        app_hash: tendermint::AppHash::try_from(app_hash.to_vec()).unwrap(),
        ..network.header()
    };
    let signed = sign(header, &network.validators, &network.validators);
    let height = signed.header.height.value();
    network.sets.insert(height, network.validators.clone());
    network.blocks.insert(height, signed);
    (encode_bundle(entries).unwrap(), tree)
}

async fn conspiracy(event: impl Fn(&mut World) -> SignedEvent) -> &'static str {
    let (mut world, mut network) = with_issuer();
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    network.block(&world.events[3..]);
    let event = event(&mut world);
    let (bundle, tree) = conspire(&world, &mut network, event);
    let root = tree.root();
    let (follower, nodes, now) = lied_to(network, "liar", move |_, path, result| {
        let value = match path.split('/').nth(1) {
            Some("log") => format!("5 {}", keys::b64::encode(root)).into_bytes(),
            Some("entries") => bundle.clone(),
            _ => return result,
        };
        json!({"response": {"code": 0, "value": keys::b64::encode_standard(value)}})
    });
    follower.sync(&nodes, &["liar"], now).await.err().unwrap()
}

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
        SignedEvent::sign(&event, &[&key]).unwrap()
    });
    assert_eq!(stolen.await, "forged_event");
    let elsewhere = conspiracy(|world| {
        let id = "https://other.example";
        let action = world.issuer_action(id, &["a"], &SigningKey::make_p256());
        let mut event = world.event(ACCREDITOR, action);
        event.ledger = Some(keys::b64::encode([5; 32]));
        let key = SigningKey::from_pem(&world.controls[ACCREDITOR]).unwrap();
        SignedEvent::sign(&event, &[&key]).unwrap()
    });
    assert_eq!(elsewhere.await, "wrong_ledger");
}
