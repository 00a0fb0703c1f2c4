//! Setting up, unlocking, locking, backing up and restoring.

use serde::{Deserialize, Serialize};

use crate::{LinkView, Secret};

/// Where the wallet stands. Answered before unlocking too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status;

/// The answer of [`Status`] and [`Unlock`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// Whether there is a wallet, and whether it is open.
    pub vault: VaultState,
    /// How the wallet is kept. Absent where there is none.
    pub custody: Option<Custody>,
    /// The demo world: plain HTTP and loopback are allowed, and every screen says so.
    pub demo: bool,
    /// A link that came from outside and waits for the citizen.
    pub waiting: Option<LinkView>,
    /// Seconds until the next passphrase is tried, after wrong ones.
    pub retry_after: Option<u32>,
    /// When the last backup was written.
    pub last_backup: Option<i64>,
    /// The program's version.
    pub version: String,
    /// The folder that holds the wallet's file, as the citizen would find it.
    pub folder: String,
    /// Whether there is a ledger to ask. Absent unless the wallet is open.
    pub ledger: Option<LedgerKept>,
}

/// Whether there is a ledger to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerKept {
    /// None was added: nobody has been asked about anybody.
    NotAdded,
    /// One was added, and nothing of it is here yet.
    NotFetched,
    /// A copy is here, and is being read.
    Reading,
    /// A copy is here.
    Kept,
}

/// Whether there is a wallet, and whether it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// None yet: set one up, or restore one.
    Missing,
    /// Locked.
    Locked,
    /// Open.
    Open,
    /// There is a file and it cannot be read.
    Damaged,
    /// Another program has it open.
    InUse,
}

/// What opens the wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Custody {
    /// The passphrase and a secret in the computer's keyring, both.
    Keyring,
    /// The passphrase alone.
    PassphraseOnly,
}

/// Sets up a wallet and opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateVault {
    /// The new passphrase.
    pub passphrase: Secret,
    /// What is to open it.
    pub custody: Custody,
}

/// A wallet that was set up, recovered or restored, and is open now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedView {
    /// The new recovery code, where one was made. Shown once; the shell does not keep it.
    pub recovery_code: Option<Secret>,
}

/// Opens the wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlock {
    /// The passphrase.
    pub passphrase: Secret,
}

/// Opens the wallet with its recovery code and gives it a new passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recover {
    /// The recovery code as typed; spaces and dashes do not matter.
    pub recovery_code: Secret,
    /// The new passphrase.
    pub passphrase: Secret,
    /// What is to open it from now on.
    pub custody: Custody,
}

/// Locks the wallet and drops every review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockNow;

/// Says that the citizen is there: a key or the pointer was used. The page sends it at most every
/// ten seconds; the shell puts off locking by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touch;

/// Changes the passphrase of an open wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePassphrase {
    /// The passphrase so far.
    pub old: Secret,
    /// The new one.
    pub new: Secret,
}

/// Writes an encrypted backup where the citizen says in the system's file dialog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackUp {
    /// The passphrase that the backup will open with.
    pub passphrase: Secret,
}

/// A written backup. The command answers none where the citizen closed the dialog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUpView {
    /// The file's name, without its folder.
    pub file: String,
    /// When it was written.
    pub at: i64,
    /// How many cards it holds.
    pub cards: u32,
}

/// Makes a wallet from a backup and opens it. Only where there is no wallet yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    /// The backup's bytes in standard base64.
    pub file: String,
    /// The passphrase that the backup opens with.
    pub backup_passphrase: Secret,
    /// The passphrase of the restored wallet.
    pub passphrase: Secret,
    /// What is to open it.
    pub custody: Custody,
}
