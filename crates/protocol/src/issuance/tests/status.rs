//! An issuer's lists of statuses, from the card to the list and back.

use std::collections::HashSet;

use credential::format;
use credential::status::{Standing, StatusRef};
use keys::PublicKey;
use serde_json::json;

use super::peer::*;
use crate::issuance::*;
use crate::issuer::{CardStatus, Dpop, HERD, StatusAction, StatusFailure};
use crate::issuer_keys::IssuerKey;
use crate::status::{self, CachedList, CardIssuer, Known, Unknown, look_up};

const CODE: Option<&str> = Some("123456");

async fn take(peer: &Peer, copies: usize) -> Result<Redeemed, RedeemError> {
    let offer = peer.offer().await.unwrap();
    let ids: Vec<_> = offer
        .configurations
        .iter()
        .map(|configuration| configuration.id.clone())
        .collect();
    redeem(peer, &offer, &ids, CODE, copies, NOW).await
}

/// Where the copies' statuses are.
fn places(redeemed: &Redeemed) -> Vec<StatusRef> {
    let format = format::by_id("dc+sd-jwt").unwrap();
    redeemed.credentials[0]
        .copies
        .iter()
        .flat_map(|copy| format.describe(&copy.credential).unwrap().status)
        .collect()
}

fn issuer_key(peer: &Peer) -> PublicKey {
    let metadata = peer.issuer.document("/.well-known/jwt-vc-issuer").unwrap();
    let metadata = keys::json::parse_object(&metadata.body).unwrap();
    PublicKey::from_jwk(&metadata["jwks"]["keys"][0]).unwrap()
}

/// The list of a card, by the key that the issuer publishes.
async fn fetch(peer: &Peer, reference: &StatusRef) -> CachedList {
    let key = issuer_key(peer);
    let now = *peer.now.lock().unwrap();
    let card = CardIssuer {
        key: &key,
        name: Some(ISSUER),
    };
    status::fetch(peer, reference, card, now).await.unwrap()
}

async fn standing(peer: &Peer, reference: &StatusRef) -> Result<Known, Unknown> {
    let key = issuer_key(peer);
    let list = fetch(peer, reference).await;
    let now = *peer.now.lock().unwrap();
    let card = CardIssuer {
        key: &key,
        name: Some(ISSUER),
    };
    let none = |_: &IssuerKey| false;
    look_up(
        std::slice::from_ref(reference),
        card,
        |_| Some(&list),
        none,
        now,
    )
    .unwrap()
}

async fn standings(peer: &Peer, places: &[StatusRef]) -> Vec<Standing> {
    let mut found = Vec::new();
    for place in places {
        found.push(standing(peer, place).await.unwrap().standing);
    }
    found
}

fn only_offer(peer: &Peer) -> String {
    peer.issuer.list(NOW).unwrap()[0].id.clone()
}

/// The same place in the same list, as a Bitstring Status List.
fn bitstring(place: &StatusRef, purpose: &str) -> StatusRef {
    StatusRef::Bitstring {
        list: format!("{}/{purpose}", place.list()),
        index: place.index(),
        purpose: purpose.to_owned(),
        size: 1,
    }
}

#[tokio::test]
async fn one_revocation_reaches_every_copy_and_no_other_card() {
    let peer = Peer::new(Dpop::Off);
    let first = places(&take(&peer, 5).await.unwrap());
    let offer = only_offer(&peer);
    let second = places(&take(&peer, 5).await.unwrap());
    let all: HashSet<_> = first.iter().chain(&second).collect();
    assert_eq!(all.len(), 10, "each copy has a place of its own");
    assert_eq!(standings(&peer, &first).await, [Standing::Valid; 5]);

    let suspended = peer
        .issuer
        .set_status(&offer, StatusAction::Suspend)
        .unwrap();
    assert_eq!(suspended.status, CardStatus::Suspended);
    assert_eq!(suspended.copies, 5);
    assert_eq!(standings(&peer, &first).await, [Standing::Suspended; 5]);
    assert_eq!(standings(&peer, &second).await, [Standing::Valid; 5]);

    peer.issuer
        .set_status(&offer, StatusAction::Reinstate)
        .unwrap();
    assert_eq!(standings(&peer, &first).await, [Standing::Valid; 5]);

    peer.issuer
        .set_status(&offer, StatusAction::Revoke)
        .unwrap();
    assert_eq!(standings(&peer, &first).await, [Standing::Revoked; 5]);
    assert_eq!(standings(&peer, &second).await, [Standing::Valid; 5]);
    let lists = peer.issuer.lists().unwrap();
    assert_eq!(lists.len(), 1);
    assert_eq!(lists[0].uri, first[0].list());
    assert_eq!(
        (lists[0].taken, lists[0].revoked, lists[0].suspended),
        (10, 5, 0)
    );
}

#[tokio::test]
async fn what_cannot_be_done_to_a_status() {
    let peer = Peer::new(Dpop::Off);
    take(&peer, 1).await.unwrap();
    let offer = only_offer(&peer);
    let set = |id: &str, action| peer.issuer.set_status(id, action);
    assert!(matches!(
        set("nobody", StatusAction::Revoke),
        Err(StatusFailure::Unknown)
    ));
    assert!(matches!(
        set(&offer, StatusAction::Reinstate),
        Err(StatusFailure::NotSuspended)
    ));
    set(&offer, StatusAction::Suspend).unwrap();
    set(&offer, StatusAction::Revoke).unwrap();
    set(&offer, StatusAction::Revoke).unwrap();
    for action in [StatusAction::Suspend, StatusAction::Reinstate] {
        assert!(matches!(set(&offer, action), Err(StatusFailure::Revoked)));
    }
}

#[tokio::test]
async fn a_card_that_does_not_stand_is_not_handed_out() {
    for action in [StatusAction::Revoke, StatusAction::Suspend] {
        let peer = Peer::new(Dpop::Off);
        let offer = peer.offer().await.unwrap();
        peer.issuer.set_status(&only_offer(&peer), action).unwrap();
        let ids = [offer.configurations[0].id.clone()];
        let outcome = redeem(&peer, &offer, &ids, CODE, 1, NOW).await;
        assert!(outcome.is_err());
        assert!(
            peer.issuer.lists().unwrap().is_empty(),
            "no place was taken"
        );
    }
    // Between the code and the card.
    let peer = Peer::new(Dpop::Off);
    let offer = peer.offer().await.unwrap();
    let issuer = std::sync::Arc::clone(&peer.issuer);
    let id = only_offer(&peer);
    let mut late = Peer::tampered(move |request, _| {
        if request.url.path() == "/token" {
            issuer.set_status(&id, StatusAction::Revoke).unwrap();
        }
    });
    late.issuer = std::sync::Arc::clone(&peer.issuer);
    let ids = [offer.configurations[0].id.clone()];
    assert!(redeem(&late, &offer, &ids, CODE, 1, NOW).await.is_err());
    assert!(late.issuer.lists().unwrap().is_empty());
}

#[tokio::test]
async fn the_same_list_in_every_form() {
    let peer = Peer::new(Dpop::Off);
    let revoked = places(&take(&peer, 1).await.unwrap()).remove(0);
    let offer = only_offer(&peer);
    peer.issuer
        .set_status(&offer, StatusAction::Revoke)
        .unwrap();
    let other = places(&take(&peer, 1).await.unwrap()).remove(0);
    let number = revoked.list().rsplit('/').next().unwrap().to_owned();
    let header = |accept: &str| {
        let reply = peer.issuer.status_list(&number, None, accept, NOW);
        assert_eq!(reply.status, 200);
        let value = |name| {
            let mut headers = reply.headers.iter();
            headers.find(|(found, _)| *found == name).unwrap().1.clone()
        };
        assert_eq!(value("vary"), "accept");
        assert_eq!(value("cache-control"), "public, max-age=600");
        value("content-type")
    };
    assert_eq!(header("*/*"), "application/statuslist+jwt");
    assert_eq!(
        header("application/statuslist+cwt"),
        "application/statuslist+cwt"
    );

    for (place, expected) in [(&revoked, Standing::Revoked), (&other, Standing::Valid)] {
        assert_eq!(standing(&peer, place).await.unwrap().standing, expected);
        let bit = bitstring(place, "revocation");
        assert_eq!(standing(&peer, &bit).await.unwrap().standing, expected);
        let bit = bitstring(place, "suspension");
        assert_eq!(
            standing(&peer, &bit).await.unwrap().standing,
            Standing::Valid
        );
    }
    // The herd is as large as documented, and ends there.
    let beyond = StatusRef::TokenList {
        uri: revoked.list().to_owned(),
        index: u64::from(HERD),
    };
    assert_eq!(standing(&peer, &beyond).await, Err(Unknown::NoPlace));
    let last = StatusRef::TokenList {
        uri: revoked.list().to_owned(),
        index: u64::from(HERD) - 1,
    };
    assert!(standing(&peer, &last).await.is_ok());
}

#[tokio::test]
async fn lists_that_are_not_there() {
    let peer = Peer::new(Dpop::Off);
    take(&peer, 1).await.unwrap();
    for (number, purpose) in [
        ("2", None),
        ("0", None),
        ("01", None),
        ("+1", None),
        ("x", None),
        ("", None),
        ("99999999999", None),
        ("1", Some("message")),
        ("2", Some("revocation")),
    ] {
        let reply = peer.issuer.status_list(number, purpose, "", NOW);
        assert_eq!(reply.status, 404, "{number} {purpose:?}");
    }
}

#[tokio::test]
async fn a_list_is_signed_anew_and_a_change_is_told_at_once() {
    let peer = Peer::new(Dpop::Off);
    let place = places(&take(&peer, 1).await.unwrap()).remove(0);
    let get = |now| peer.issuer.status_list("1", None, "", now).body;
    let first = get(NOW);
    assert_eq!(get(NOW + 29), first);
    assert_ne!(get(NOW + 30), first);
    peer.issuer
        .set_status(&only_offer(&peer), StatusAction::Revoke)
        .unwrap();
    assert_eq!(
        standing(&peer, &place).await.unwrap().standing,
        Standing::Revoked
    );
    // A day without the issuer, and the list says nothing any more.
    let list = fetch(&peer, &place).await;
    assert!(list.is_fresh(NOW + 599) && !list.is_fresh(NOW + 600));
    assert!(!list.is_expired(NOW + 86_399) && list.is_expired(NOW + 86_400));
}

#[tokio::test]
async fn records_of_before_stand() {
    let peer = Peer::new(Dpop::Off);
    take(&peer, 1).await.unwrap();
    let mut record = serde_json::to_value(&peer.issuer.list(NOW).unwrap()[0]).unwrap();
    assert_eq!(record["status"], json!("valid"));
    record.as_object_mut().unwrap().remove("status");
    let grant: crate::issuer::Grant = serde_json::from_value(record).unwrap();
    assert_eq!(grant.status, CardStatus::Valid);
}
