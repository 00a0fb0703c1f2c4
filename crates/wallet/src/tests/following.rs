//! Following a ledger from one update to the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use ledger::comet::NetworkPin;
use ledger::{LedgerSource, Pin, Replica, SourceError, Update};

use super::{Service, World};

/// A source that has nothing, and counts how often it is asked.
struct Counting(Arc<AtomicUsize>);

#[async_trait]
impl LedgerSource for Counting {
    async fn update(&self, _: &Replica) -> Result<Update, SourceError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Err(SourceError::NoLedger)
    }
}

/// A source remembers which nodes were slow: with a new one for each update, one that announces what
/// does not exist would cost its time each time.
#[tokio::test]
async fn a_ledger_has_one_source_as_long_as_it_is_followed() {
    let world = World::new(Service::IsAway);
    let wallet = &world.wallet;
    let day = Duration::from_secs(86_400);
    let network = NetworkPin::new("chain", 1, [7; 32], day).unwrap();
    let pin = Pin::of_network(&keys::b64::encode([7; 32]), "Test", network).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pin.json");
    std::fs::write(&file, pin.to_bytes()).unwrap();
    let nodes = "https://one.example https://two.example";
    wallet.follow(nodes, Some(&file)).await.unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let following = wallet.following().unwrap().unwrap();
    let counting = Box::new(Counting(asked.clone()));
    wallet.trust.update_from(&following, counting).await;
    for times in 1..=3 {
        let error = wallet.sync_ledger().await.unwrap_err();
        assert_eq!(error.name(), "no_ledger");
        assert_eq!(asked.load(Ordering::Relaxed), times);
        // To follow what is followed already changes nothing.
        wallet.follow(nodes, Some(&file)).await.unwrap();
    }
    // Another place is asked itself.
    let elsewhere = "https://three.example";
    wallet.follow(elsewhere, Some(&file)).await.unwrap();
    let error = wallet.sync_ledger().await.unwrap_err();
    assert_eq!(error.name(), "ledger_unreachable");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}
