//! A validator's folder, read beside it.

use ledger::comet::Recorded;
use ledger::{Freshness, LogError};

use crate::chain::{begun, block, services};
use crate::world::NOW;

#[test]
fn it_follows_the_validator_that_has_the_folder() {
    let (world, events) = services(40);
    let folder = tempfile::tempdir().unwrap();
    let mut chain = begun(&world, &folder);
    let early = Recorded::read(folder.path());
    assert!(matches!(early, Err(LogError::NoLedger)));
    block(&mut chain, NOW, &events[..3]);
    let mut recorded = Recorded::read(folder.path()).unwrap();
    for (number, event) in events.iter().enumerate().skip(3) {
        assert!(recorded.is_current(folder.path()));
        let time = NOW + i64::try_from(number).unwrap();
        block(&mut chain, time, std::slice::from_ref(event));
        assert!(!recorded.is_current(folder.path()));
        recorded = recorded.catch_up(folder.path()).unwrap();
        assert_eq!(recorded.registry().state(), chain.registry().state());
        assert_eq!((recorded.height(), recorded.time()), (chain.height(), time));
        assert_eq!(recorded.chain_id(), "test");
        assert_eq!(recorded.view(Freshness::default()).attested, time);
    }
    // Many blocks later, when what it read before is long gone.
    let late = Recorded::read(folder.path()).unwrap();
    assert_eq!(late.root(), recorded.root());
    assert_eq!(late.registry().size(), 41);
}

#[test]
fn another_chain_in_the_same_place_is_read_anew() {
    let [one, other] = [services(3), services(6)];
    let folder = tempfile::tempdir().unwrap();
    let mut chain = begun(&one.0, &folder);
    block(&mut chain, NOW, &one.1);
    let recorded = Recorded::read(folder.path()).unwrap();
    drop(chain);
    std::fs::remove_dir_all(folder.path()).unwrap();
    let mut chain = begun(&other.0, &folder);
    block(&mut chain, NOW, &other.1);
    assert!(!recorded.is_current(folder.path()));
    let recorded = recorded.catch_up(folder.path()).unwrap();
    assert_eq!(recorded.registry().ledger(), chain.registry().ledger());
}
