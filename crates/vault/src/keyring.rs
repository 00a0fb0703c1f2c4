//! The second half of the key: a secret in the keyring of the operating system.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::secret::Key;

/// The name under which the keyring keeps our secrets.
const SERVICE: &str = "Cairn";

/// How long a keyring may take to answer: it may be asking the citizen for its own password.
const PATIENCE: Duration = Duration::from_secs(45);

/// 256 random bits that only the keyring holds. Wiped when dropped; has no `Debug`.
pub struct KeyringSecret(Key);

impl KeyringSecret {
    pub(crate) fn make() -> Self {
        Self(Key::make())
    }

    /// The secret from what a store kept; `None` where that is not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Key::from_slice(bytes).map(Self)
    }

    /// The 32 bytes, for a store to keep.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

/// Why a keyring gave no secret. Each has its own advice; none is passed over in silence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// There is no keyring here, or it does not run. Advice: start it (log in to a desktop
    /// session, or unlock gnome-keyring or KWallet), start Cairn again; or make a new wallet
    /// that needs the passphrase alone.
    #[error("no keyring answers on this computer")]
    Missing,
    /// The keyring is locked, or the citizen did not unlock it. Advice: unlock it, try again.
    #[error("the keyring is locked or refused access")]
    Locked,
    /// The keyring did not answer in time. Advice: look for its window, try again.
    #[error("the keyring did not answer in {} seconds", PATIENCE.as_secs())]
    TimedOut,
    /// The keyring holds nothing for this wallet. Advice: recover with the recovery code.
    #[error("the keyring holds no secret for this wallet")]
    NoSecret,
    /// The keyring holds something else for this wallet. Advice: recover with the recovery code.
    #[error("the keyring holds another secret for this wallet")]
    OtherSecret,
    /// The keyring failed otherwise.
    #[error("the keyring failed")]
    Failed,
}

/// Where the keyring half of the key is kept: [`OsKeyring`] outside tests.
pub trait SecretStore: Send + Sync {
    /// The secret kept for `account`.
    ///
    /// # Errors
    /// [`KeyringError::NoSecret`] where there is none; others where the store does not answer.
    fn read(&self, account: &str) -> Result<KeyringSecret, KeyringError>;

    /// Keeps `secret` for `account`, in place of an earlier one.
    ///
    /// # Errors
    /// Where the store does not answer or refuses.
    fn write(&self, account: &str, secret: &KeyringSecret) -> Result<(), KeyringError>;

    /// Forgets the secret of `account`. Forgetting what is not there is no error.
    ///
    /// # Errors
    /// Where the store does not answer or refuses.
    fn delete(&self, account: &str) -> Result<(), KeyringError>;
}

/// The keyring of the operating system: Secret Service, Keychain or Credential Manager. The
/// service name is `Cairn`, the account is the vault's id; no environment variable changes that.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsKeyring;

impl SecretStore for OsKeyring {
    fn read(&self, account: &str) -> Result<KeyringSecret, KeyringError> {
        let bytes = ask(account, |entry| entry.get_secret().map(Zeroizing::new))?;
        KeyringSecret::from_slice(&bytes).ok_or(KeyringError::OtherSecret)
    }

    fn write(&self, account: &str, secret: &KeyringSecret) -> Result<(), KeyringError> {
        let bytes = Zeroizing::new(secret.expose().to_vec());
        ask(account, move |entry| entry.set_secret(&bytes))
    }

    fn delete(&self, account: &str) -> Result<(), KeyringError> {
        match ask(account, |entry| entry.delete_credential()) {
            Err(KeyringError::NoSecret) => Ok(()),
            other => other,
        }
    }
}

/// Asks on a thread of its own: the keyring may wait for a person, and its library runs an
/// executor that must not meet ours.
fn ask<T: Send + 'static>(
    account: &str,
    question: impl FnOnce(&keyring::Entry) -> keyring::Result<T> + Send + 'static,
) -> Result<T, KeyringError> {
    let account = account.to_owned();
    within(PATIENCE, move || {
        let entry = keyring::Entry::new(SERVICE, &account).map_err(|_| KeyringError::Missing)?;
        question(&entry).map_err(|error| match error {
            keyring::Error::NoEntry => KeyringError::NoSecret,
            keyring::Error::NoStorageAccess(_) => KeyringError::Locked,
            keyring::Error::NoDefaultStore | keyring::Error::PlatformFailure(_) => {
                KeyringError::Missing
            }
            keyring::Error::Ambiguous(_) => KeyringError::OtherSecret,
            _ => KeyringError::Failed,
        })
    })
}

fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (send, receive) = sync_channel(1);
    thread::Builder::new()
        .name("keyring".into())
        .spawn(move || {
            // Nobody listens any more where the patience ran out.
            let _ = send.send(work());
        })
        .map_err(|_| KeyringError::Failed)?;
    match receive.recv_timeout(patience) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Err(KeyringError::TimedOut),
        Err(RecvTimeoutError::Disconnected) => Err(KeyringError::Failed),
    }
}

/// A store in memory, for tests. A vault made with it cannot be opened by another process.
#[derive(Default)]
pub struct MemoryStore {
    secrets: Mutex<HashMap<String, KeyringSecret>>,
}

impl SecretStore for MemoryStore {
    fn read(&self, account: &str) -> Result<KeyringSecret, KeyringError> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets
            .get(account)
            .and_then(|secret| KeyringSecret::from_slice(secret.expose()))
            .ok_or(KeyringError::NoSecret)
    }

    fn write(&self, account: &str, secret: &KeyringSecret) -> Result<(), KeyringError> {
        let copy = KeyringSecret::from_slice(secret.expose()).ok_or(KeyringError::Failed)?;
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.insert(account.to_owned(), copy);
        Ok(())
    }

    fn delete(&self, account: &str) -> Result<(), KeyringError> {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.remove(account);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyring_that_does_not_answer_is_left() {
        let (_forever, never) = sync_channel::<()>(0);
        let answer = within(Duration::from_millis(20), move || {
            let _ = never.recv();
            Ok(())
        });
        assert!(matches!(answer, Err(KeyringError::TimedOut)));
    }

    #[test]
    fn a_keyring_that_breaks_is_named() {
        let answer: Result<(), _> = within(PATIENCE, || {
            std::panic::resume_unwind(Box::new("broken"));
        });
        assert!(matches!(answer, Err(KeyringError::Failed)));
    }
}
