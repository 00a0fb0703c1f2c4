//! What a card says of its status, from the lists at hand.

use credential::format::{self, KeyName};
use credential::status::token::{Bits, TokenList};
use credential::status::{BitstringList, Standing};
use credential::vcdm::Credential;
use credential::{did, vc_jose};
use protocol::status::CachedList;
use serde_json::json;

use super::*;
use crate::{CardState, UnixTime};

pub(super) const URI: &str = "https://library.example/status/1";

/// A list in which the place 1 has this value, signed by the key, as the vault keeps it.
pub(super) fn list(key: &SigningKey, value: u8, at: UnixTime, expires: UnixTime) -> Value {
    let mut list = TokenList::new(Bits::Two, 16).unwrap();
    list.set(1, value).unwrap();
    json!({
        "uri": URI,
        "key": key.public().to_jwk(),
        "name": "https://other.example",
        "fetched_at": at,
        "issued_at": at,
        "expires": expires,
        "ttl": 600,
        "list": {"bits": 2, "lst": keys::b64::encode(list.to_compressed())},
    })
}

fn keep(world: &World, record: &vault::CardRecord) -> vault::Id {
    let vault = &world.wallet.vault;
    vault.write(|change| change.insert_card(record)).unwrap();
    record.summary.id
}

pub(super) fn add(world: &World, index: u64) -> vault::Id {
    let mut claims = card_claims();
    claims["status"] = json!({"status_list": {"uri": URI, "idx": index}});
    keep(world, &world.receive(vec![world.copy(&claims)]).unwrap())
}

#[test]
fn a_card_says_what_its_list_says() {
    let world = World::new(Service::Takes);
    let (stopped, fine) = (add(&world, 1), add(&world, 2));
    let row = |id| world.wallet.card(id, "en").unwrap().row;
    assert_eq!(row(fine).state, CardState::StatusUnknown);
    assert_eq!(row(fine).status.unwrap().checked_at, None);
    for (value, state) in [
        (0, CardState::ExpiresSoon),
        (1, CardState::Revoked),
        (2, CardState::Suspended),
        (3, CardState::ExpiresSoon),
    ] {
        let kept = list(&world.issuer, value, now() - 9000, now() + 9000);
        let list = CachedList::from_json(&kept).unwrap();
        world.wallet.statuses.put(list);
        assert_eq!(row(stopped).state, state);
        let status = row(fine).status.unwrap();
        assert_eq!(status.standing, Some(Standing::Valid));
        // Old, and said to be as old as it is.
        assert!(status.checked_at.unwrap() <= now() - 9000);
    }
    world.wallet.statuses.forget();
    assert_eq!(row(fine).state, CardState::StatusUnknown);
}

#[test]
fn a_list_of_somebody_else_says_nothing_and_an_expired_one_only_what_it_stopped() {
    let world = World::new(Service::Takes);
    let id = add(&world, 1);
    for kept in [
        list(&SigningKey::make_p256(), 1, now(), now() + 60),
        list(&world.issuer, 0, now() - 60, now() - 1),
    ] {
        world
            .wallet
            .statuses
            .put(CachedList::from_json(&kept).unwrap());
        let row = world.wallet.card(id, "en").unwrap().row;
        assert_eq!(row.state, CardState::StatusUnknown);
        assert_eq!(row.status.unwrap().standing, None);
    }
    let stopped = list(&world.issuer, 1, now() - 60, now() - 1);
    let stopped = CachedList::from_json(&stopped).unwrap();
    world.wallet.statuses.put(stopped);
    let row = world.wallet.card(id, "en").unwrap().row;
    assert_eq!(row.state, CardState::Revoked);
}

#[tokio::test]
async fn lists_are_kept_in_the_vault_and_only_those_of_cards() {
    let world = World::new(Service::Takes);
    let wallet = &world.wallet;
    let id = add(&world, 1);
    let kept = list(&world.issuer, 1, now(), now() + 60);
    wallet.statuses.put(CachedList::from_json(&kept).unwrap());
    // The network of this test has no list: what was known stands.
    let checked = wallet.check_statuses().await.unwrap();
    assert_eq!(checked.lists, 1);
    assert_eq!(checked.unreachable + checked.refused, 1);
    wallet.statuses.forget();
    wallet.load_statuses().unwrap();
    let row = wallet.card(id, "en").unwrap().row;
    assert_eq!(row.state, CardState::Revoked);
    assert_eq!(row.status.unwrap().checked_at, kept["fetched_at"].as_i64());

    let other = add(&world, 2);
    wallet.delete_card(id).unwrap();
    wallet.check_statuses().await.unwrap();
    wallet.statuses.forget();
    wallet.load_statuses().unwrap();
    let row = wallet.card(other, "en").unwrap().row;
    assert_eq!(row.status.unwrap().standing, Some(Standing::Valid));
}

#[test]
fn a_card_without_a_place_has_no_status() {
    let world = World::new(Service::Takes);
    let id = world.add_card(1);
    assert_eq!(world.wallet.card(id, "en").unwrap().row.status, None);
}

/// A W3C card whose issuer explains the values of its list, and the list with a value in its place.
fn explained(world: &World, place: &str) -> vault::Id {
    let (issuer, holder) = (&world.issuer, SigningKey::make_p256());
    let did = |key: &SigningKey| did::derive_did_key(&key.public()).unwrap();
    let message = |status, message| json!({"status": status, "message": message});
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": did(issuer),
        "credentialSubject": {"id": did(&holder)},
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "message",
            "statusListIndex": place,
            "statusListCredential": URI,
            "statusSize": 2,
            "statusMessage": [
                message("0x0", "Being looked at"),
                message("0x1", "Accepted"),
                message("0x2", "Sent\u{202e} back"),
                message("0x3", &"long ".repeat(100)),
            ],
        },
    });
    let document = Credential::check(document.as_object().unwrap().clone()).unwrap();
    let url = did::derive_did_key_url(&issuer.public()).unwrap();
    let credential = vc_jose::sign(&document, KeyName::Id(&url), None, now(), issuer);
    let key = world.key();
    let context = Context {
        format: format::by_id("jwt_vc_json").unwrap(),
        is_type: &|_| true,
        ..context(&key)
    };
    let copy = Copy {
        credential,
        key: Some(holder),
    };
    keep(world, &receive(vec![copy], &context).unwrap())
}

#[test]
fn a_status_is_said_in_its_issuers_words() {
    let world = World::new(Service::Takes);
    let id = explained(&world, "1");
    let said = || world.wallet.card(id, "en").unwrap().status_messages;
    assert!(said().is_empty(), "without a list nothing is known");
    for (value, words) in [
        (0, "Being looked at"),
        (1, "Accepted"),
        (2, "Sent back"),
        (3, &"long ".repeat(100)[..300]),
    ] {
        let mut list = BitstringList::new("message", 0, 2).unwrap();
        list.set(1, 2, value).unwrap();
        let kept = |key: &SigningKey| {
            CachedList::from_json(&json!({
                "uri": URI, "key": key.public().to_jwk(), "name": "https://other.example",
                "fetched_at": now(), "issued_at": now(), "expires": now() + 60, "ttl": 60,
                "list": list.to_subject(URI, None),
            }))
            .unwrap()
        };
        world.wallet.statuses.put(kept(&SigningKey::make_p256()));
        assert!(said().is_empty(), "another issuer's list");
        world.wallet.statuses.put(kept(&world.issuer));
        assert_eq!(said(), [words]);
    }
    let row = world.wallet.card(id, "en").unwrap().row;
    assert_eq!(row.status.unwrap().standing, Some(Standing::Other(3)));
}
