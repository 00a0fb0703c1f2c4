//! The trail as people look at it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use ledger::event::GOVERNANCE;
use world::{ACCREDITOR, DAY, ISSUER, NOW, World};

#[test]
fn every_change_is_listed_in_order_with_its_signer() {
    let world = World::with_issuer();
    let changes = world.registry.changes(None);
    let told: Vec<(&str, &str, &str)> = changes
        .iter()
        .map(|change| {
            let entry = change.entry;
            (change.about, entry.action, entry.signer.as_str())
        })
        .collect();
    assert_eq!(
        told,
        [
            (GOVERNANCE, "genesis", GOVERNANCE),
            (ACCREDITOR, "accredit", GOVERNANCE),
            (ISSUER, "register-issuer", ACCREDITOR),
        ]
    );
    let of_one = world.registry.changes(Some(ISSUER));
    assert_eq!(of_one.len(), 1);
    assert_eq!(of_one[0].entry.index, 2);
    assert!(world.registry.changes(Some("nobody")).is_empty());
}

#[test]
fn the_files_say_the_same_as_the_list() {
    let world = World::with_issuer();
    let table = world.registry.changes_as_csv(None);
    let lines: Vec<&str> = table.split_terminator("\r\n").collect();
    assert_eq!(lines[0], "entry,time,action,id,name,signed_by,signer");
    assert_eq!(lines.len(), 4);
    let last =
        format!("2,2027-01-15T08:00:00Z,register-issuer,{ISSUER},Issuer,{ACCREDITOR},Accreditor");
    assert_eq!(lines[3], last);
    let document = world.registry.changes_as_json(Some(ACCREDITOR));
    assert_eq!(document["ledger"], world.registry.ledger());
    assert_eq!(document["entries"], 3);
    assert_eq!(document["changes"].as_array().unwrap().len(), 1);
    assert_eq!(document["changes"][0]["action"], "accredit");
    assert_eq!(document["changes"][0]["signed_by"], GOVERNANCE);
}

#[test]
fn growth_counts_entries_up_to_each_time() {
    let mut world = World::accredited(&["a"]);
    let key = keys::SigningKey::make_p256();
    world.now = NOW + DAY;
    let action = world.issuer_action(ISSUER, &["a"], &key);
    world.submit(ACCREDITOR, action).unwrap();
    let grown: Vec<_> = world.registry.growth(24);
    let grown: Vec<_> = grown.iter().map(|one| (one.time, one.entries)).collect();
    assert_eq!(grown, [(NOW, 2), (NOW + DAY, 3)]);
}

#[test]
fn what_a_withdrawn_accreditor_gave_no_longer_stands() {
    let mut world = World::with_issuer();
    let stands = |world: &World| {
        let record = world.registry.record(ISSUER).unwrap();
        let grant = &record.issuer.as_ref().unwrap().grants[0];
        world.registry.grant_stands(grant, world.now)
    };
    assert!(stands(&world));
    let withdraw = ledger::event::Action::Withdraw(ledger::event::Withdraw {
        id: ACCREDITOR.to_owned(),
        types: None,
        reason: None,
    });
    world.submit(GOVERNANCE, withdraw).unwrap();
    assert!(!stands(&world));
}
