//! W3C Bitstring Status List with Digital Bazaar's `vc-bitstring-status-list`: the lists
//! themselves, and what they say of a place.

use anyhow::{Context as _, Result, ensure};
use credential::status::BitstringList;
use journeys::peer::Peer;
use serde_json::{Value, json};

use crate::exchange::{get, object, refused, text};
use crate::trial::Trial;

const PEER: &str = "digitalbazaar";
const LIST: &str = "https://issuer.example/status/1";
/// The least that a list may hold, and a million.
const LENGTHS: [u64; 2] = [131_072, 1_000_000];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for length in LENGTHS {
        trials.push(Trial::new(
            PEER,
            format!("status: a list of {length}: Cairn writes, peer reads"),
            move |peer| cairn_writes(peer, length),
        ));
        trials.push(Trial::new(
            PEER,
            format!("status: a list of {length}: peer writes, Cairn reads"),
            move |peer| peer_writes(peer, length),
        ));
    }
    trials.push(Trial::new(
        PEER,
        "status: a list that is not compressed is refused by both",
        |peer| {
            let subject = json!({"type": "BitstringStatusList", "statusPurpose": "revocation",
                "encodedList": format!("u{}", keys::b64::encode([0; 16_384]))});
            ensure!(
                BitstringList::from_subject(&object(subject.clone())?).is_err(),
                "Cairn takes it"
            );
            refused(
                peer,
                &json!({"do": "read_list", "encoded": subject["encodedList"], "count": 1}),
                "Could not decode encoded status list",
            )
        },
    ));
    trials
}

/// Places whose bits are at every position of a byte, the first and the last among them.
fn places(length: u64) -> Vec<u64> {
    let mut places: Vec<u64> = (0..8).map(|bit| bit * 9).collect();
    places.push(length - 1);
    places
}

fn cairn_writes(peer: &mut Peer, length: u64) -> Result<()> {
    let mut list = BitstringList::new("revocation", length, 1)?;
    let places = places(length);
    for place in &places {
        list.set(*place, 1, 1)?;
    }
    let subject = list.to_subject(LIST, None);
    let request = json!({"do": "read_list", "encoded": subject["encodedList"], "count": length});
    let read = get(peer, &request)?;
    let set: Vec<u64> = (0..)
        .zip(read.as_array().context("no list")?)
        .filter(|(_, set)| **set == Value::Bool(true))
        .map(|(place, _)| place)
        .collect();
    ensure!(set == places, "the peer reads {set:?}");
    Ok(())
}

fn peer_writes(peer: &mut Peer, length: u64) -> Result<()> {
    let places = places(length);
    let request = json!({"do": "make_list", "id": LIST, "length": length, "set": places,
        "purpose": "suspension"});
    let list = get(peer, &request)?;
    ensure!(text(&list["id"])? == LIST, "the list has another id");
    let list = BitstringList::from_subject(&object(list["credentialSubject"].clone())?)?;
    for place in 0..length {
        let set = list.get(place, "suspension", 1)? == 1;
        ensure!(set == places.contains(&place), "{place} is read as {set}");
    }
    Ok(())
}
