//! Changing what opens the vault: the passphrase, the keyring secret, the recovery code.

use std::path::Path;

use secrecy::SecretString;

use crate::file::{self, FileError, begin, guarded, now_millis};
use crate::header::{Header, Mode, PassphraseWrap, RecoveryWrap};
use crate::keyring::{KeyringError, SecretStore};
use crate::migrate::SCHEMA;
use crate::passphrase::{Weakness, check_strength};
use crate::read::RecordError;
use crate::recovery::RecoveryCode;
use crate::throttle::Throttle;
use crate::vault::{OpenError, Vault, keep_new_secret, unlock};

/// Why the passphrase or the recovery code stayed as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangePassphraseError {
    /// The vault is locked.
    #[error("the vault is locked")]
    Locked,
    /// The new passphrase is too weak.
    #[error(transparent)]
    Weak(#[from] Weakness),
    /// The present passphrase was not right, or came too soon, or the keyring or file failed.
    #[error(transparent)]
    Present(#[from] OpenError),
    /// The file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Why a vault was not recovered. It is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// The code is a recovery code, but not of this vault.
    #[error("the recovery code is of another vault, or was replaced")]
    WrongCode,
    /// The new passphrase is too weak.
    #[error(transparent)]
    Weak(#[from] Weakness),
    /// The keyring did not keep the new secret.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The vault opened, but could not be brought up to date.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Vault {
    /// Gives the vault a new passphrase. The recovery code and the keyring secret stay.
    ///
    /// # Errors
    /// [`ChangePassphraseError`]; the wrong present passphrase counts towards the delay.
    pub fn change_passphrase(
        &self,
        present: &SecretString,
        new: &SecretString,
        store: &dyn SecretStore,
    ) -> Result<(), ChangePassphraseError> {
        check_strength(new, self.mode())?;
        self.rewrap(present, store, |header, data_key| {
            let identity = header.identity();
            let keyring = match header.mode {
                Mode::Keyring => Some(
                    store
                        .read(&identity.vault.to_string())
                        .map_err(OpenError::from)?,
                ),
                Mode::PassphraseOnly => None,
            };
            header.passphrase = PassphraseWrap::make(identity, data_key, new, keyring.as_ref())
                .map_err(FileError::from)?;
            Ok(())
        })
    }

    /// Makes a new recovery code, to show once. The former opens nothing from then on.
    ///
    /// # Errors
    /// [`ChangePassphraseError`]; a wrong passphrase counts towards the delay.
    pub fn make_recovery_code(
        &self,
        passphrase: &SecretString,
        store: &dyn SecretStore,
    ) -> Result<RecoveryCode, ChangePassphraseError> {
        let code = RecoveryCode::make();
        self.rewrap(passphrase, store, |header, data_key| {
            header.recovery =
                RecoveryWrap::make(header.identity(), data_key, &code).map_err(FileError::from)?;
            Ok(())
        })?;
        Ok(code)
    }

    /// Opens the vault in `dir` with its recovery code, and gives it a new passphrase and, in
    /// keyring mode, a new keyring secret. The code stays valid until a new one is made.
    ///
    /// # Errors
    /// [`RecoverError`]. Where the program is killed after the keyring took the new secret, the
    /// former passphrase no longer opens the vault; the code still does.
    pub fn recover(
        dir: &Path,
        code: &RecoveryCode,
        new: &SecretString,
        store: &dyn SecretStore,
    ) -> Result<Self, RecoverError> {
        guarded(|| Self::recover_with(dir, code, new, store))
    }

    fn recover_with(
        dir: &Path,
        code: &RecoveryCode,
        new: &SecretString,
        store: &dyn SecretStore,
    ) -> Result<Self, RecoverError> {
        let database = file::open(dir)?;
        let (mut header, _) = file::read_header(&database, &SCHEMA)?;
        let identity = header.identity();
        check_strength(new, identity.mode)?;
        let data_key = header
            .recovery
            .open(identity, code)
            .ok_or(RecoverError::WrongCode)?;
        header.check_seal(&data_key)?;
        let account = identity.vault.to_string();
        let (former, keyring) = match identity.mode {
            Mode::Keyring => (
                store.read(&account).ok(),
                Some(keep_new_secret(identity.vault, store)?),
            ),
            Mode::PassphraseOnly => (None, None),
        };
        let kept = PassphraseWrap::make(identity, &data_key, new, keyring.as_ref())
            .map_err(FileError::from)
            .and_then(|wrap| {
                header.passphrase = wrap;
                header.seal_again(&data_key)?;
                let transaction = begin(&database)?;
                file::put_header(&transaction, &header)?;
                file::put_throttle(&transaction, Throttle::default())?;
                transaction.commit().map_err(FileError::from_engine)
            });
        if let Err(error) = kept {
            if let Some(former) = former {
                // Tidying only: what failed is told below, and the code opens it either way.
                let _ = store.write(&account, &former);
            }
            return Err(error.into());
        }
        let vault = Self::unlocked(database, identity, data_key);
        vault.bring_up_to_date(header, &SCHEMA)?;
        Ok(vault)
    }

    /// Checks the passphrase against the file, lets `edit` change the header, keeps it.
    fn rewrap(
        &self,
        passphrase: &SecretString,
        store: &dyn SecretStore,
        edit: impl FnOnce(&mut Header, &crate::secret::Key) -> Result<(), ChangePassphraseError>,
    ) -> Result<(), ChangePassphraseError> {
        let open = self.opened().map_err(|error| match error {
            RecordError::File(error) => ChangePassphraseError::File(error),
            _ => ChangePassphraseError::Locked,
        })?;
        let (mut header, data_key) =
            unlock(&open.database, passphrase, store, &SCHEMA, now_millis())?;
        edit(&mut header, &data_key)?;
        header.seal_again(&data_key).map_err(FileError::from)?;
        let transaction = begin(&open.database)?;
        file::put_header(&transaction, &header)?;
        transaction.commit().map_err(FileError::from_engine)?;
        Ok(())
    }
}
