use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use keys::UnixTime;
use net::{Client, Http, HttpError, Policy};
use vault::Vault;

use crate::pending::Pending;
use crate::status::Lists;
use crate::trust::Trust;

/// An open wallet: what every verb of the citizen works on.
pub struct Wallet {
    pub(crate) vault: Vault,
    pub(crate) http: Arc<dyn Http>,
    pub(crate) trust: Trust,
    pub(crate) pending: Pending,
    pub(crate) statuses: Lists,
    pub(crate) folder: PathBuf,
}

impl Wallet {
    /// Joins an open vault with the network and the ledger's replica in its folder. The demo
    /// rules for addresses hold when the vault was made for the demo, and only then.
    pub(crate) fn open(vault: Vault, folder: &Path) -> Result<Self, HttpError> {
        let policy = Policy { demo: vault.demo() };
        let wallet = Self {
            trust: Trust::new(folder),
            http: Arc::new(Client::new(policy)?),
            pending: Pending::default(),
            statuses: Lists::default(),
            folder: folder.to_owned(),
            vault,
        };
        // A replica that cannot be read vouches for nobody; the next sync says why.
        let _ = wallet.load_ledger();
        // Lists that cannot be read are fetched again.
        let _ = wallet.load_statuses();
        Ok(wallet)
    }

    /// The folder that holds the wallet's file.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// True for a wallet of the demo world: plain HTTP and loopback are allowed.
    pub fn is_demo(&self) -> bool {
        self.vault.demo()
    }

    /// What opens the wallet.
    pub fn mode(&self) -> vault::Mode {
        self.vault.mode()
    }

    /// Wipes the keys from memory, gives the file free and forgets every review.
    pub fn lock(&self) {
        self.pending.forget_all();
        self.statuses.forget();
        self.vault.lock();
    }

    /// True after [`Self::lock`].
    pub fn is_locked(&self) -> bool {
        self.vault.is_locked()
    }
}

/// Where a wallet lies unless another folder is named: `cairn` in the user's data folder.
/// `None` where the system names none.
pub fn default_folder() -> Option<PathBuf> {
    dirs::data_dir().map(|folder| folder.join("cairn"))
}

/// Now, by this computer's clock.
pub(crate) fn now() -> UnixTime {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| UnixTime::try_from(since.as_secs()).ok())
        .unwrap_or(0)
}
