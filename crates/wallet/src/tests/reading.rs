//! A wallet is open before its ledger is read: what need not wait for that does not, and what
//! asks the ledger does.

use std::sync::atomic::{AtomicBool, Ordering};

use super::book::Book;
use super::*;
use crate::trust::LedgerKept;

async fn followed() -> World {
    let world = World::new(Service::MustNotBeAsked);
    world.add_card(1);
    let book = Book::new();
    book.register_issuer(&world.issuer);
    book.give_to(&world.wallet).await;
    world
}

#[tokio::test]
async fn cards_are_there_at_once_and_verdicts_when_the_ledger_is_read() {
    let world = followed().await;
    let wallet = &world.wallet;
    let reading = wallet.trust.known.begin_reading();
    let at_once = wallet.cards_at_once("en").unwrap().remove(0);
    assert!(at_once.checking);
    assert_eq!(standing(&at_once.verdict), "unknown");
    let card = wallet.card_at_once(at_once.id, "en").unwrap();
    assert!(card.row.checking);
    assert_eq!(wallet.ledger_kept().unwrap(), LedgerKept::Reading);

    let read = AtomicBool::new(false);
    std::thread::scope(|threads| {
        let asking = threads.spawn(|| {
            let row = wallet.cards("en").unwrap().remove(0);
            assert!(read.load(Ordering::SeqCst), "it was not waited for");
            row
        });
        let service = threads.spawn(|| {
            let verdict = wallet.trust.service("https://desk.example", None);
            assert!(read.load(Ordering::SeqCst), "it was not waited for");
            verdict
        });
        read.store(true, Ordering::SeqCst);
        drop(reading);
        let row = asking.join().unwrap();
        assert!(!row.checking);
        assert_eq!(standing(&row.verdict), "listed");
        assert_eq!(standing(&service.join().unwrap()), "unlisted");
    });
    assert_eq!(wallet.ledger_kept().unwrap(), LedgerKept::Kept);
}

#[tokio::test]
async fn what_was_kept_is_read_again_and_what_is_damaged_vouches_for_nobody() {
    let mut world = followed().await;
    let folder = world.wallet.folder().to_owned();
    world.wallet.trust = Trust::new(&folder);
    world.wallet.load_ledger().unwrap();
    let row = world.wallet.cards("en").unwrap().remove(0);
    assert_eq!(standing(&row.verdict), "listed");

    let following = world.wallet.following().unwrap().unwrap();
    let pin = ledger::Pin::parse(following.pin.as_bytes()).unwrap();
    let state = world.wallet.trust.place(&pin).join("replica.json");
    std::fs::write(state, "{}").unwrap();
    world.wallet.trust = Trust::new(&folder);
    world.wallet.load_ledger().unwrap();
    world.wallet.wait_for_ledger().await;
    let row = world.wallet.cards_at_once("en").unwrap().remove(0);
    assert!(!row.checking);
    assert_eq!(standing(&row.verdict), "unknown");
}
