//! W3C Bitstring Status List with Digital Bazaar's `vc-bitstring-status-list`: the lists
//! themselves, and what they say of a place.

use anyhow::{Context as _, Result, ensure};
use credential::data_integrity::plain::{Purpose, Suite};
use credential::status::bitstring::Entry;
use credential::status::{BitstringList, Standing};
use journeys::peer::Peer;
use serde_json::{Value, json};

use crate::cards::documents;
use crate::exchange::{get, object, refused, text};
use crate::plain::{Signer, cairn_verifies};
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
    for (word, place, stands) in [("stands", 5, true), ("is revoked", 9, false)] {
        trials.push(Trial::new(
            PEER,
            format!("status: a credential that {word}: Cairn publishes, peer asks"),
            move |peer| cairn_publishes(peer, place, stands),
        ));
        trials.push(Trial::new(
            PEER,
            format!("status: a credential that {word}: peer publishes, Cairn asks"),
            move |peer| peer_publishes(peer, place, stands),
        ));
    }
    trials.push(Trial::new(
        PEER,
        "status: a list that was changed is refused by both",
        |peer| {
            let issuer = Signer::make(Suite::EddsaRdfc2022);
            let card = issuer.sign(&card(&issuer.did()?, 9), Purpose::Assertion)?;
            let mut list = published(&issuer)?;
            let innocent = BitstringList::new("revocation", LENGTHS[0], 1)?.to_subject(LIST, None);
            list["credentialSubject"]["encodedList"] = innocent["encodedList"].clone();
            ensure!(cairn_verifies(&list).is_err(), "Cairn takes it");
            refused(peer, &question(&card, &list), "not verified")
        },
    ));
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

/// A credential with a place in the list.
fn card(issuer: &str, place: u64) -> Value {
    json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"], "issuer": issuer,
        "credentialSubject": {"id": "did:example:ada"},
        "credentialStatus": {"id": format!("{LIST}#{place}"), "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation", "statusListIndex": place.to_string(),
            "statusListCredential": LIST}})
}

/// The list with what is in `places`, signed by the issuer.
fn published(issuer: &Signer) -> Result<Value> {
    let mut list = BitstringList::new("revocation", LENGTHS[0], 1)?;
    for place in places(LENGTHS[0]) {
        list.set(place, 1, 1)?;
    }
    let credential = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "id": LIST,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.did()?, "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": list.to_subject(LIST, Some(300))});
    issuer.sign(&credential, Purpose::Assertion)
}

fn question(card: &Value, list: &Value) -> Value {
    let mut documents = documents();
    documents[LIST] = list.clone();
    json!({"do": "status", "credential": card, "documents": documents})
}

fn cairn_publishes(peer: &mut Peer, place: u64, stands: bool) -> Result<()> {
    let issuer = Signer::make(Suite::EddsaRdfc2022);
    let card = issuer.sign(&card(&issuer.did()?, place), Purpose::Assertion)?;
    let said = get(peer, &question(&card, &published(&issuer)?))?;
    let expected = json!([{"purpose": "revocation", "status": !stands}]);
    ensure!(said == expected, "the peer says {said}");
    Ok(())
}

fn peer_publishes(peer: &mut Peer, place: u64, stands: bool) -> Result<()> {
    let key = get(peer, &json!({"do": "make_key", "suite": "eddsa-rdfc-2022"}))?;
    let request = json!({"do": "make_list", "id": LIST, "length": LENGTHS[0],
        "set": places(LENGTHS[0]), "purpose": "revocation"});
    let mut list = get(peer, &request)?;
    list["issuer"] = key["controller"].clone();
    let request = json!({"do": "issue", "suite": "eddsa-rdfc-2022", "key": key,
        "credential": list, "documents": documents()});
    let list = get(peer, &request)?;
    cairn_verifies(&list)?;
    let list = BitstringList::from_subject(&object(list["credentialSubject"].clone())?)?;
    let card = card(text(&key["controller"])?, place);
    let entry = Entry::parse(&object(card["credentialStatus"].clone())?)?;
    let standing = list.standing(entry.reference.index(), "revocation", 1)?;
    let expected = if stands {
        Standing::Valid
    } else {
        Standing::Revoked
    };
    ensure!(standing == expected, "Cairn says {standing}");
    Ok(())
}
