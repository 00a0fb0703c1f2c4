//! The encrypted store of a Cairn wallet: cards, the holder keys of their copies, history and
//! settings, in one file of the citizen's own computer.
//!
//! The file is a `redb` database. Each record is sealed by itself with XChaCha20-Poly1305 under a
//! random data key; the data key is wrapped by the passphrase together with a secret in the
//! keyring of the operating system (or, where that was chosen at the start, by the passphrase
//! alone), and a second time by a recovery code of 128 bits. `README.md` of this crate says what
//! that promises and what it does not.
//!
//! Refused, each with its own name: a wrong passphrase (with a delay that persists), a keyring
//! that is missing or holds another secret, a weak passphrase, a file of a newer version, a
//! damaged header or record, key derivation costs out of bounds, a vault that another process
//! holds open, a backup that is too large, too costly, newer or not a backup.
//!
//! This crate knows no protocol and no other crate of ours: what it stores are the shapes in
//! [`record`].

mod backup;
mod calls;
mod change;
mod file;
mod header;
mod id;
mod kdf;
mod keyring;
mod migrate;
mod passphrase;
mod read;
pub mod record;
mod recovery;
mod restore;
mod sealed;
mod secret;
mod throttle;
mod vault;

#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(test)]
mod tests;

pub use backup::{BackUpError, BackupContents};
pub use calls::{ChangePassphraseError, RecoverError};
pub use change::Change;
pub use file::FileError;
pub use header::Mode;
pub use id::{Id, IdError};
pub use keyring::{KeyringError, KeyringSecret, MemoryStore, OsKeyring, SecretStore};
pub use passphrase::Weakness;
pub use read::{Listing, RecordError};
pub use record::{
    CardDetails, CardRecord, CardSummary, CopyRecord, HistoryRecord, HolderKey, Party,
};
pub use recovery::{CodeError, RecoveryCode};
pub use restore::{RestoreError, Restored, restore};
pub use vault::{CreateError, OpenError, Options, Status, Vault};
