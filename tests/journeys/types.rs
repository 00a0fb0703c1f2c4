//! What a ledger publishes of a type, and what a wallet makes of it.

use credential::catalogue;

use crate::stage::{Issuer, LedgerDesk, Stage};

#[test]
fn a_card_is_taken_only_by_the_metadata_that_the_ledger_published() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let entry = catalogue::by_name("NHSChargeExemption").unwrap();
    let other = entry.metadata.replace("#", " #");
    assert_ne!(other, entry.metadata);
    let other = stage.write("other.json", other);
    ledger.sign("publish-type", entry.vct, &["--metadata", &other]);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.run(&["ledger", "sync"]).done();
    let link = issuer.offer(&["--no-tx-code"]);
    let said = wallet.run(&["add", &link, "--yes"]);
    said.failed(2, "type_not_as_published", "effect");
    assert!(wallet.cards().is_empty());

    ledger.sign("publish-type", entry.vct, &[]);
    wallet.run(&["ledger", "sync"]).done();
    let link = issuer.offer(&["--no-tx-code"]);
    wallet.run(&["add", &link, "--yes"]).done();
    assert_eq!(wallet.cards().len(), 1);
}
