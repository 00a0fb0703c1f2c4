//! A vault: making one, opening it, what it gives while it is open.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use redb::Database;
use secrecy::SecretString;
use serde_json::Value;

use crate::change::Change;
use crate::file::{self, FileError, begin, guarded, now_millis};
use crate::header::{Header, Identity, Mode, UnwrapError};
use crate::id::Id;
use crate::kdf::KdfError;
use crate::keyring::{KeyringError, KeyringSecret, SecretStore};
use crate::migrate::{SCHEMA, Schema};
use crate::passphrase::{Weakness, check_strength};
use crate::read::{self, Listing, RecordError};
use crate::record::{CardRecord, CardSummary, HistoryRecord};
use crate::recovery::RecoveryCode;
use crate::sealed::Sealer;
use crate::secret::Key;
use crate::throttle::Throttle;

/// What a new vault is made with.
pub struct Options<'a> {
    /// Opens it from now on.
    pub passphrase: &'a SecretString,
    /// Whether the keyring holds half of the key.
    pub mode: Mode,
    /// Whether it may speak to a demo world. For good.
    pub demo: bool,
}

/// What stands in a folder, as far as can be told without the passphrase. Mode and demo flag are
/// authenticated only once the vault is open.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// No vault.
    Absent,
    /// A vault that can be opened.
    Locked {
        /// What opens it.
        mode: Mode,
        /// Whether it is a demo vault.
        demo: bool,
        /// How long to wait after wrong passphrases.
        retry_after: Option<Duration>,
    },
    /// Another program, or another part of this one, has it open.
    InUse,
    /// A vault that cannot be read.
    Damaged,
    /// A vault of a newer Cairn.
    Newer {
        /// Its schema.
        found: u32,
    },
}

/// Why no vault was made. Nothing is left behind but, at worst, an unused secret in the keyring.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// There is a vault in this folder already.
    #[error("there is a vault in this folder already")]
    Exists,
    /// The passphrase is too weak.
    #[error(transparent)]
    Weak(#[from] Weakness),
    /// The keyring did not keep the secret.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Why a vault was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The passphrase is not the right one.
    #[error("wrong passphrase")]
    WrongPassphrase {
        /// How long to wait before the next attempt; zero where it may follow at once.
        retry_after: Duration,
    },
    /// Too soon after wrong passphrases: this one was not tried.
    #[error("too soon after wrong passphrases, wait {} seconds", retry_after.as_secs_f32().ceil())]
    TooSoon {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The keyring did not give its secret.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The vault is of an older schema and could not be brought up to date; it is as it was.
    #[error("the vault could not be brought up to date")]
    Migration(#[source] RecordError),
    /// The file failed: absent, in use, damaged, newer.
    #[error(transparent)]
    File(#[from] FileError),
}

/// An open vault. [`Vault::lock`], or dropping it, wipes its keys and gives the file free.
pub struct Vault {
    open: RwLock<Option<Arc<Open>>>,
    identity: Identity,
}

pub(crate) struct Open {
    pub(crate) database: Database,
    pub(crate) data_key: Key,
    sealer: Sealer,
}

impl Vault {
    /// Makes a vault in `dir`, which is made too where it is missing, and the recovery code to
    /// show once. Takes about half a second: the cost of the key derivation is measured.
    ///
    /// # Errors
    /// [`CreateError`]; a missing keyring is one of them, never passed over.
    pub fn create(
        dir: &Path,
        options: &Options<'_>,
        store: &dyn SecretStore,
    ) -> Result<(Self, RecoveryCode), CreateError> {
        Self::create_with(dir, options, store, |_| Ok(()))
    }

    /// As [`Vault::create`], with first records in the same step.
    pub(crate) fn create_with(
        dir: &Path,
        options: &Options<'_>,
        store: &dyn SecretStore,
        fill: impl FnOnce(&mut Change<'_>) -> Result<(), RecordError>,
    ) -> Result<(Self, RecoveryCode), CreateError> {
        check_strength(options.passphrase, options.mode)?;
        if file::exists(dir)? {
            return Err(CreateError::Exists);
        }
        let identity = Identity {
            vault: Id::make(),
            mode: options.mode,
            demo: options.demo,
        };
        let data_key = Key::make();
        let code = RecoveryCode::make();
        let keyring = match options.mode {
            Mode::Keyring => Some(keep_new_secret(identity.vault, store)?),
            Mode::PassphraseOnly => None,
        };
        let made = Header::make(
            SCHEMA.current,
            identity,
            &data_key,
            options.passphrase,
            keyring.as_ref(),
            &code,
        )
        .map_err(FileError::from)
        .and_then(|header| {
            file::make(dir, |transaction| {
                file::put_header(transaction, &header)?;
                let sealer = Sealer::new(&data_key, identity.vault);
                let mut change = Change::new(transaction, &sealer);
                change
                    .make_tables()
                    .and_then(|()| fill(&mut change))
                    .map_err(|error| match error {
                        RecordError::File(error) => error,
                        _ => FileError::Damaged { what: "backup" },
                    })
            })
        });
        if let Err(error) = made {
            if keyring.is_some() {
                // Tidying only: what failed is told below.
                let _ = store.delete(&identity.vault.to_string());
            }
            return Err(match error {
                FileError::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    CreateError::Exists
                }
                other => other.into(),
            });
        }
        let vault = Self::unlocked(file::open(dir)?, identity, data_key);
        Ok((vault, code))
    }

    /// What stands in the folder.
    ///
    /// # Errors
    /// Where the operating system refuses to read it.
    pub fn status(dir: &Path) -> Result<Status, FileError> {
        let read = || -> Result<Status, FileError> {
            let database = file::open(dir)?;
            let (header, throttle) = file::read_header(&database, &SCHEMA)?;
            let wait = throttle.wait(now_millis());
            Ok(Status::Locked {
                mode: header.mode,
                demo: header.demo,
                retry_after: (!wait.is_zero()).then_some(wait),
            })
        };
        match guarded(read) {
            Err(FileError::Absent) => Ok(Status::Absent),
            Err(FileError::InUse) => Ok(Status::InUse),
            Err(FileError::Damaged { .. }) => Ok(Status::Damaged),
            Err(FileError::Newer { found, .. }) => Ok(Status::Newer { found }),
            other => other,
        }
    }

    /// Opens the vault in `dir`. Takes as long as the key derivation, and as long as the keyring
    /// takes to answer.
    ///
    /// # Errors
    /// [`OpenError`] says which half failed, and how long to wait after a wrong passphrase.
    pub fn open(
        dir: &Path,
        passphrase: &SecretString,
        store: &dyn SecretStore,
    ) -> Result<Self, OpenError> {
        Self::open_as(dir, passphrase, store, &SCHEMA, now_millis())
    }

    pub(crate) fn open_as(
        dir: &Path,
        passphrase: &SecretString,
        store: &dyn SecretStore,
        schema: &Schema,
        now: u64,
    ) -> Result<Self, OpenError> {
        guarded(|| {
            let database = file::open(dir)?;
            let (header, data_key) = unlock(&database, passphrase, store, schema, now)?;
            let vault = Self::unlocked(database, header.identity(), data_key);
            vault.bring_up_to_date(header, schema)?;
            Ok(vault)
        })
    }

    pub(crate) fn unlocked(database: Database, identity: Identity, data_key: Key) -> Self {
        let sealer = Sealer::new(&data_key, identity.vault);
        Self {
            open: RwLock::new(Some(Arc::new(Open {
                database,
                data_key,
                sealer,
            }))),
            identity,
        }
    }

    pub(crate) fn bring_up_to_date(
        &self,
        mut header: Header,
        schema: &Schema,
    ) -> Result<(), OpenError> {
        if header.schema == schema.current {
            return Ok(());
        }
        let open = self.opened().map_err(OpenError::Migration)?;
        let transaction = begin(&open.database)?;
        let mut change = Change::new(&transaction, &open.sealer);
        let whole = schema
            .migrate(header.schema, &mut change)
            .map_err(OpenError::Migration)?;
        if !whole {
            return Err(FileError::Damaged { what: "header" }.into());
        }
        if change.failed() {
            return Err(OpenError::Migration(RecordError::Abandoned));
        }
        header.schema = schema.current;
        header.seal_again(&open.data_key).map_err(FileError::from)?;
        file::put_header(&transaction, &header)?;
        transaction.commit().map_err(FileError::from_engine)?;
        Ok(())
    }

    /// The vault's id: the name of its account in the keyring.
    pub fn id(&self) -> Id {
        self.identity.vault
    }

    /// What opens it.
    pub fn mode(&self) -> Mode {
        self.identity.mode
    }

    /// Whether it may speak to a demo world.
    pub fn demo(&self) -> bool {
        self.identity.demo
    }

    /// Wipes the keys and gives the file free, once a read or write under way is done. Every later
    /// call answers [`RecordError::Locked`].
    pub fn lock(&self) {
        let open = self
            .open
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // Closing a damaged file can fail; it is closed and forgotten either way.
        let _ = guarded(|| {
            drop(open);
            Ok::<_, FileError>(())
        });
    }

    /// Whether it was locked.
    pub fn is_locked(&self) -> bool {
        self.open
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none()
    }

    /// Every card for the list, the newest first.
    ///
    /// # Errors
    /// Where the vault is locked or the file fails. A damaged record is listed as such.
    pub fn cards(&self) -> Result<Listing<CardSummary>, RecordError> {
        guarded(|| {
            let open = self.opened()?;
            read::cards(&open.database, &open.sealer)
        })
    }

    /// One card with its details, copies and keys.
    ///
    /// # Errors
    /// [`RecordError::NotFound`], [`RecordError::Damaged`], [`RecordError::Locked`].
    pub fn card(&self, id: Id) -> Result<CardRecord, RecordError> {
        guarded(|| {
            let open = self.opened()?;
            read::card(&open.database, &open.sealer, id)
        })
    }

    /// The whole history, the newest first.
    ///
    /// # Errors
    /// Where the vault is locked or the file fails. A damaged record is listed as such.
    pub fn history(&self) -> Result<Listing<HistoryRecord>, RecordError> {
        guarded(|| {
            let open = self.opened()?;
            read::history(&open.database, &open.sealer)
        })
    }

    /// One of the wallet's settings; `None` where it was never set.
    ///
    /// # Errors
    /// [`RecordError::Locked`], [`RecordError::Damaged`].
    pub fn setting(&self, name: &str) -> Result<Option<Value>, RecordError> {
        Ok(self.settings()?.remove(name))
    }

    /// All of the wallet's settings.
    ///
    /// # Errors
    /// [`RecordError::Locked`], [`RecordError::Damaged`].
    pub fn settings(&self) -> Result<BTreeMap<String, Value>, RecordError> {
        guarded(|| {
            let open = self.opened()?;
            read::settings(&open.database, &open.sealer)
        })
    }

    /// Does all of `change` in one transaction. It is on the disk when this returns `Ok`; nothing
    /// of it happened when this returns an error. Another change waits until this one is done:
    /// `change` must not call `write` itself, and should not wait for anything.
    ///
    /// # Errors
    /// Those of `change`; [`RecordError::Abandoned`] where `change` passed over a failed step.
    pub fn write<T, E: From<RecordError>>(
        &self,
        change: impl FnOnce(&mut Change<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let open = self.opened()?;
        let transaction =
            guarded(|| Ok(begin(&open.database)?)).map_err(|error: RecordError| error)?;
        let mut changes = Change::new(&transaction, &open.sealer);
        let done = change(&mut changes);
        let whole = !changes.failed();
        guarded(|| {
            // A transaction that is dropped is undone.
            if done.is_ok() && whole {
                transaction.commit().map_err(FileError::from_engine)?;
            } else {
                drop(transaction);
            }
            drop(open);
            Ok(())
        })
        .map_err(|error: RecordError| error)?;
        match done {
            Ok(_) if !whole => Err(RecordError::Abandoned.into()),
            done => done,
        }
    }

    pub(crate) fn opened(&self) -> Result<Arc<Open>, RecordError> {
        self.open
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(RecordError::Locked)
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        self.lock();
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

impl From<KdfError> for FileError {
    fn from(error: KdfError) -> Self {
        match error {
            KdfError::NoMemory => Self::NoMemory,
            KdfError::OutOfBounds => Self::Damaged { what: "header" },
        }
    }
}

/// The data key by passphrase and keyring, with the delay kept.
pub(crate) fn unlock(
    database: &Database,
    passphrase: &SecretString,
    store: &dyn SecretStore,
    schema: &Schema,
    now: u64,
) -> Result<(Header, Key), OpenError> {
    let (header, mut throttle) = file::read_header(database, schema)?;
    let identity = header.identity();
    if let Some(rebased) = throttle.rebased(now) {
        throttle = rebased;
        keep_throttle(database, throttle)?;
    }
    let retry_after = throttle.wait(now);
    if !retry_after.is_zero() {
        return Err(OpenError::TooSoon { retry_after });
    }
    // The keyring is asked first: its failure is no attempt at the passphrase.
    let keyring = match header.mode {
        Mode::Keyring => {
            let secret = store.read(&identity.vault.to_string())?;
            header.passphrase.check_keyring(identity, &secret)?;
            Some(secret)
        }
        Mode::PassphraseOnly => None,
    };
    let throttle = throttle.attempted(now);
    keep_throttle(database, throttle)?;
    let data_key = match header
        .passphrase
        .open(identity, passphrase, keyring.as_ref())
    {
        Ok(data_key) => data_key,
        Err(UnwrapError::Wrong) => {
            return Err(OpenError::WrongPassphrase {
                retry_after: throttle.wait(now),
            });
        }
        Err(UnwrapError::Keyring(error)) => return Err(error.into()),
        Err(UnwrapError::Kdf(error)) => return Err(FileError::from(error).into()),
    };
    header.check_seal(&data_key)?;
    keep_throttle(database, Throttle::default())?;
    Ok((header, data_key))
}

fn keep_throttle(database: &Database, throttle: Throttle) -> Result<(), FileError> {
    let transaction = begin(database)?;
    file::put_throttle(&transaction, throttle)?;
    transaction.commit().map_err(FileError::from_engine)
}

/// A new secret that the keyring is seen to have kept.
pub(crate) fn keep_new_secret(
    vault: Id,
    store: &dyn SecretStore,
) -> Result<KeyringSecret, KeyringError> {
    let account = vault.to_string();
    let secret = KeyringSecret::make();
    store.write(&account, &secret)?;
    let kept = store.read(&account)?;
    if kept.expose() != secret.expose() {
        return Err(KeyringError::OtherSecret);
    }
    Ok(secret)
}
