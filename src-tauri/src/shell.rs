//! What the running program holds.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use anyhow::Context as _;
use ipc::{Event, Failure, Locked};
use tauri::{AppHandle, Emitter as _};
use wallet::Wallet;

use crate::arguments::Arguments;
use crate::at_counter::AtCounter;
use crate::desks::Desks;
use crate::failures;
use crate::idle::Idle;
use crate::links::Links;
use crate::preferences;

/// The state behind all commands.
pub(crate) struct Shell {
    /// The folder that holds the wallet and the preferences.
    pub(crate) folder: PathBuf,
    /// Started with `--demo`: what a wallet that is made here is for, for good.
    pub(crate) demo: bool,
    pub(crate) preferences: preferences::Kept,
    pub(crate) idle: Idle,
    pub(crate) desks: Option<Desks>,
    /// Wakes what waits on the network for a link that the citizen stopped.
    pub(crate) stopped: tokio::sync::Notify,
    /// Held by whoever opens the vault's file or looks whether it could be opened: two at once in
    /// this program would each find that another has it.
    pub(crate) vault_file: tokio::sync::Mutex<()>,
    /// The ledger to follow, and its pin, as the command line gave them.
    pub(crate) ledger: Option<(String, Option<PathBuf>)>,
    /// Where files are saved without asking; only ever with `--demo`.
    pub(crate) save_in: Option<PathBuf>,
    wallet: RwLock<Option<Arc<Wallet>>>,
    links: Mutex<Links>,
    at_counter: Mutex<AtCounter>,
}

impl Shell {
    pub(crate) fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let folder = match &arguments.data {
            Some(folder) => folder.clone(),
            None => wallet::default_folder().context("no home folder: say where with --data")?,
        };
        let shell = Self {
            preferences: preferences::Kept::load(&folder),
            idle: Idle::new(),
            demo: arguments.demo,
            desks: arguments.desks.as_deref().map(Desks::load).transpose()?,
            stopped: tokio::sync::Notify::new(),
            vault_file: tokio::sync::Mutex::default(),
            ledger: arguments
                .ledger
                .clone()
                .map(|source| (source, arguments.pin.clone())),
            save_in: arguments.save_in.clone(),
            wallet: RwLock::new(None),
            links: Mutex::new(Links::default()),
            at_counter: Mutex::default(),
            folder,
        };
        if let Some(link) = &arguments.link {
            shell.links().receive(link);
        }
        Ok(shell)
    }

    /// The open wallet.
    pub(crate) fn wallet(&self) -> Result<Arc<Wallet>, Failure> {
        self.open_wallet()
            .filter(|wallet| !wallet.is_locked())
            .ok_or_else(failures::locked)
    }

    /// The open wallet once its ledger is read: for what asks the ledger, so that waiting for it
    /// holds up nothing else.
    pub(crate) async fn wallet_with_ledger(&self) -> Result<Arc<Wallet>, Failure> {
        self.wallet()?.wait_for_ledger().await;
        self.wallet()
    }

    pub(crate) fn open_wallet(&self) -> Option<Arc<Wallet>> {
        self.wallet
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Keeps a wallet that was opened just now.
    pub(crate) fn keep(&self, wallet: Wallet) -> Arc<Wallet> {
        let wallet = Arc::new(wallet);
        self.idle.touch();
        *self.wallet.write().unwrap_or_else(PoisonError::into_inner) = Some(wallet.clone());
        wallet
    }

    /// Locks the wallet. Answers whether it was open.
    pub(crate) fn lock(&self) -> bool {
        let wallet = self
            .wallet
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.stopped.notify_waiters();
        self.links().locked();
        self.at_counter().end();
        match wallet {
            Some(wallet) => {
                wallet.lock();
                true
            }
            None => false,
        }
    }

    pub(crate) fn links(&self) -> MutexGuard<'_, Links> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn at_counter(&self) -> MutexGuard<'_, AtCounter> {
        self.at_counter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn locale(&self) -> String {
        self.preferences.now().language
    }
}

/// Now, in seconds.
pub(crate) fn now() -> wallet::UnixTime {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|since| wallet::UnixTime::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}

/// Locks by itself, and tells the page to drop what it shows.
pub(crate) fn lock_by_itself(app: &AppHandle, shell: &Shell) {
    if shell.lock() {
        say(app, Locked { by_itself: true });
    }
}

/// Says something to the page unasked. A page that is gone need not hear it.
pub(crate) fn say<E: Event + serde::Serialize + Clone>(app: &AppHandle, event: E) {
    let _ = app.emit(E::NAME, event);
}
