//! Keeps the ledger and the lists of statuses fresh in the background, at times that nobody can tie to what the citizen does.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use ipc::{Connectivity, LedgerRead};
use tauri::{AppHandle, Manager as _};
use wallet::Wallet;

use crate::shell::{Shell, say};

/// Between two fetches: this long, and up to as long again.
const LEAST: Duration = Duration::from_secs(45 * 60);

/// Follows the ledger that the command line named, fetches it once, and goes on fetching for as
/// long as this wallet is open.
pub(crate) async fn start(app: AppHandle, wallet: Arc<Wallet>) {
    if let Some((source, pin)) = app.state::<Shell>().ledger.clone() {
        // That it cannot be followed shows on the ledger's screen: there is none.
        let _ = wallet.follow(&source, pin.as_deref()).await;
    }
    tauri::async_runtime::spawn(async move {
        wallet.wait_for_ledger().await;
        say(&app, LedgerRead {});
        while !wallet.is_locked() {
            let online = match wallet.sync_ledger().await {
                Ok(_) => true,
                Err(wallet::TrustError::NoLedger) => return,
                Err(error) => error.is_refusal(),
            };
            say(&app, Connectivity { online });
            // With the ledger's and all at once: the moment says nothing about a card.
            let _ = wallet.check_statuses().await;
            tokio::time::sleep(LEAST.mul_f64(1.0 + make_fraction())).await;
        }
    });
}

/// Random, from 0 to 1. It need not be more than hard to foresee.
fn make_fraction() -> f64 {
    f64::from((RandomState::new().build_hasher().finish() >> 32) as u32) / f64::from(u32::MAX)
}
