//! Making, opening, recovering and restoring a wallet; its passphrase and its backup.

use std::path::Path;
use std::time::Duration;

use net::HttpError;
use secrecy::SecretString;
use vault::{
    BackUpError, ChangePassphraseError, CodeError, CreateError, FileError, KeyringError, Mode,
    OpenError as VaultOpenError, Options, RecordError, RecoverError, RecoveryCode, RestoreError,
    SecretStore, Status, Vault, Weakness,
};

use crate::history::{self, Entry, EventKind};
use crate::wallet::{Wallet, now};

/// Why a wallet was not made, opened, recovered, restored, backed up or given a new
/// passphrase. It is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no wallet in the folder.
    #[error("there is no wallet in this folder")]
    Absent,
    /// There is a wallet in the folder already.
    #[error("there is a wallet in this folder already")]
    Exists,
    /// A backup would have taken the place of a file.
    #[error("there is a file of this name already")]
    FileExists,
    /// The passphrase is not the right one.
    #[error("the passphrase is not the right one")]
    WrongPassphrase {
        /// How long to wait before the next attempt.
        retry_after: Duration,
    },
    /// Too soon after wrong passphrases: this one was not tried.
    #[error("too soon after wrong passphrases")]
    TooSoon {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Not a recovery code, or not the one of this wallet.
    #[error("the recovery code is not the one of this wallet")]
    WrongCode,
    /// The new passphrase is too easy to guess.
    #[error(transparent)]
    Weak(Weakness),
    /// The keyring of the operating system.
    #[error(transparent)]
    Keyring(KeyringError),
    /// Another program has the wallet open.
    #[error("another program has this wallet open")]
    InUse,
    /// A newer Cairn wrote the wallet or the backup.
    #[error("a newer version of Cairn wrote this")]
    Newer,
    /// The wallet's file or the backup is not as it should be.
    #[error("the file is damaged")]
    Damaged(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file system refused.
    #[error("the file system refused")]
    Io(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The network client could not be set up.
    #[error(transparent)]
    Network(#[from] HttpError),
}

/// What stands in a folder.
///
/// # Errors
/// Where the file system refuses to look.
pub fn status(folder: &Path) -> Result<Status, OpenError> {
    Ok(Vault::status(folder)?)
}

impl Wallet {
    /// Makes a wallet in `folder` and opens it; the recovery code is to be shown once.
    pub fn create(
        folder: &Path,
        passphrase: &SecretString,
        mode: Mode,
        demo: bool,
        store: &dyn SecretStore,
    ) -> Result<(Self, RecoveryCode), OpenError> {
        let options = Options {
            passphrase,
            mode,
            demo,
        };
        let (vault, code) = Vault::create(folder, &options, store)?;
        Ok((Self::open(vault, folder)?, code))
    }

    /// Opens the wallet in `folder`.
    pub fn unlock(
        folder: &Path,
        passphrase: &SecretString,
        store: &dyn SecretStore,
    ) -> Result<Self, OpenError> {
        let vault = Vault::open(folder, passphrase, store)?;
        Ok(Self::open(vault, folder)?)
    }

    /// Opens the wallet with its recovery code and gives it a new passphrase.
    pub fn recover(
        folder: &Path,
        code: &SecretString,
        new: &SecretString,
        store: &dyn SecretStore,
    ) -> Result<Self, OpenError> {
        let code = RecoveryCode::parse(code)?;
        let vault = Vault::recover(folder, &code, new, store)?;
        let wallet = Self::open(vault, folder)?;
        wallet.note(EventKind::PassphraseChanged)?;
        Ok(wallet)
    }

    /// Makes a wallet in `folder` from the backup at `file`.
    pub fn restore(
        file: &Path,
        backup_passphrase: &SecretString,
        folder: &Path,
        new: &SecretString,
        mode: Mode,
        store: &dyn SecretStore,
    ) -> Result<(Self, RecoveryCode), OpenError> {
        let (restored, code) = vault::restore(file, backup_passphrase, folder, new, mode, store)?;
        let wallet = Self::open(restored.vault, folder)?;
        wallet.note(EventKind::Restored)?;
        Ok((wallet, code))
    }

    /// Gives the wallet a new passphrase.
    pub fn change_passphrase(
        &self,
        present: &SecretString,
        new: &SecretString,
        store: &dyn SecretStore,
    ) -> Result<(), OpenError> {
        self.vault.change_passphrase(present, new, store)?;
        self.note(EventKind::PassphraseChanged)
    }

    /// Writes an encrypted backup to `file`, which must not exist. Answers the number of
    /// cards in it.
    pub fn back_up(&self, file: &Path, passphrase: &SecretString) -> Result<u32, OpenError> {
        let contents = self.vault.back_up(file, passphrase)?;
        self.note(EventKind::BackedUp)?;
        Ok(u32::try_from(contents.cards).unwrap_or(u32::MAX))
    }

    fn note(&self, kind: EventKind) -> Result<(), OpenError> {
        let line = history::line(now(), kind, None, &Entry::default());
        self.vault
            .write(|change| change.add_history(&line))
            .map_err(|error: RecordError| OpenError::Io(Box::new(error)))
    }
}

impl From<FileError> for OpenError {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Absent => Self::Absent,
            FileError::InUse => Self::InUse,
            FileError::Newer { .. } => Self::Newer,
            FileError::Damaged { .. } => Self::Damaged(Box::new(error)),
            other => Self::Io(Box::new(other)),
        }
    }
}

impl From<CreateError> for OpenError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Exists => Self::Exists,
            CreateError::Weak(weakness) => Self::Weak(weakness),
            CreateError::Keyring(error) => Self::Keyring(error),
            CreateError::File(error) => error.into(),
            other => Self::Io(Box::new(other)),
        }
    }
}

impl From<VaultOpenError> for OpenError {
    fn from(error: VaultOpenError) -> Self {
        match error {
            VaultOpenError::WrongPassphrase { retry_after } => {
                Self::WrongPassphrase { retry_after }
            }
            VaultOpenError::TooSoon { retry_after } => Self::TooSoon { retry_after },
            VaultOpenError::Keyring(error) => Self::Keyring(error),
            VaultOpenError::File(error) => error.into(),
            other => Self::Damaged(Box::new(other)),
        }
    }
}

impl From<CodeError> for OpenError {
    fn from(_: CodeError) -> Self {
        Self::WrongCode
    }
}

impl From<RecoverError> for OpenError {
    fn from(error: RecoverError) -> Self {
        match error {
            RecoverError::WrongCode => Self::WrongCode,
            RecoverError::Weak(weakness) => Self::Weak(weakness),
            RecoverError::Keyring(error) => Self::Keyring(error),
            RecoverError::Open(error) => error.into(),
            RecoverError::File(error) => error.into(),
            other => Self::Io(Box::new(other)),
        }
    }
}

impl From<ChangePassphraseError> for OpenError {
    fn from(error: ChangePassphraseError) -> Self {
        match error {
            ChangePassphraseError::Weak(weakness) => Self::Weak(weakness),
            ChangePassphraseError::Present(error) => error.into(),
            ChangePassphraseError::File(error) => error.into(),
            other => Self::Io(Box::new(other)),
        }
    }
}

impl From<RestoreError> for OpenError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Exists => Self::Exists,
            RestoreError::WrongPassphrase => Self::WrongPassphrase {
                retry_after: Duration::ZERO,
            },
            RestoreError::Newer { .. } => Self::Newer,
            RestoreError::Create(error) => error.into(),
            RestoreError::Io(_) => Self::Io(Box::new(error)),
            other => Self::Damaged(Box::new(other)),
        }
    }
}

impl From<BackUpError> for OpenError {
    fn from(error: BackUpError) -> Self {
        match error {
            BackUpError::Exists => Self::FileExists,
            BackUpError::Weak(weakness) => Self::Weak(weakness),
            other => Self::Io(Box::new(other)),
        }
    }
}
