//! Restoring: a backup becomes a new vault, with a new data key and a new keyring secret.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use age::secrecy::SecretString as AgeSecret;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::backup::{Backup, BackupContents, VERSION};
use crate::header::Mode;
use crate::keyring::SecretStore;
use crate::recovery::RecoveryCode;
use crate::vault::{CreateError, Options, Vault};

/// Largest backup read, in bytes of its file.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Costliest scrypt taken: two to this power, which takes 1 GiB.
const COSTLIEST: u8 = 20;

/// Why nothing was restored. No vault was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// There is a vault in this folder already: nothing is overwritten.
    #[error("there is a vault in this folder already")]
    Exists,
    /// The file is not an `age` file with a passphrase, or was cut or changed.
    #[error("the file is not a whole backup")]
    NotABackup,
    /// The passphrase does not open the backup.
    #[error("the passphrase does not open the backup")]
    WrongPassphrase,
    /// Opening the file would take more memory and time than any backup of ours.
    #[error("the file asks for too much work to open it")]
    TooCostly,
    /// The file is too large.
    #[error("a backup may have at most {LARGEST} bytes")]
    TooLarge,
    /// A newer Cairn wrote the backup.
    #[error("the backup is of version {found}, this program knows up to {VERSION}")]
    Newer {
        /// Its version.
        found: u32,
    },
    /// The file opens, but what is in it is not what a backup holds.
    #[error("the content of the backup is not as it should be")]
    Content,
    /// The file cannot be read.
    #[error("the backup cannot be read")]
    Io(#[source] io::Error),
    /// The new vault was not made.
    #[error(transparent)]
    Create(CreateError),
}

/// What a restored vault is made with. Its demo flag is the backup's.
#[derive(Debug)]
pub struct Restored {
    /// The new vault, open.
    pub vault: Vault,
    /// What it took from the backup.
    pub contents: BackupContents,
}

/// Makes a new vault in `dir` of the backup at `path`. `new` opens it from now on; the recovery
/// code is new too, to be shown once.
///
/// # Errors
/// [`RestoreError`]; no vault is made then.
pub fn restore(
    path: &Path,
    backup_passphrase: &SecretString,
    dir: &Path,
    new: &SecretString,
    mode: Mode,
    store: &dyn SecretStore,
) -> Result<(Restored, RecoveryCode), RestoreError> {
    // Before a second of work: these need no passphrase.
    if crate::file::exists(dir).map_err(CreateError::from)? {
        return Err(RestoreError::Exists);
    }
    crate::passphrase::check_strength(new, mode).map_err(CreateError::from)?;
    let file = File::open(path).map_err(RestoreError::Io)?;
    let found = file.metadata().map_err(RestoreError::Io)?;
    if !found.is_file() {
        return Err(RestoreError::NotABackup);
    }
    if found.len() > LARGEST {
        return Err(RestoreError::TooLarge);
    }
    let json = decrypt(file, backup_passphrase)?;
    let backup = parse(&json)?;
    drop(json);
    let contents = backup.contents();
    let options = Options {
        passphrase: new,
        mode,
        demo: backup.demo,
    };
    let cards = backup
        .cards
        .into_iter()
        .map(|card| card.into_record().ok_or(RestoreError::Content))
        .collect::<Result<Vec<_>, _>>()?;
    let (vault, code) = Vault::create_with(dir, &options, store, |change| {
        cards.iter().try_for_each(|card| change.insert_card(card))?;
        backup
            .history
            .iter()
            .try_for_each(|line| change.add_history(line))?;
        backup
            .settings
            .into_iter()
            .try_for_each(|(name, value)| change.set_setting(&name, value))
    })?;
    Ok((Restored { vault, contents }, code))
}

/// The plaintext of an `age` file with a passphrase; its length is bounded by the file's.
pub(crate) fn decrypt(
    input: impl Read,
    passphrase: &SecretString,
) -> Result<Zeroizing<Vec<u8>>, RestoreError> {
    let decryptor = age::Decryptor::new(io::BufReader::new(input)).map_err(classify)?;
    if !decryptor.is_scrypt() {
        return Err(RestoreError::NotABackup);
    }
    let mut identity = age::scrypt::Identity::new(AgeSecret::from(passphrase.expose_secret()));
    identity.set_max_work_factor(COSTLIEST);
    let mut reader = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(classify)?;
    let mut pieces: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    let mut total = 0_u64;
    // In pieces that do not grow: a vector that does leaves parts of its content behind.
    loop {
        let mut piece = Zeroizing::new(Vec::with_capacity(PIECE));
        let read = (&mut reader)
            .take(PIECE as u64)
            .read_to_end(&mut piece)
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                    RestoreError::NotABackup
                }
                _ => RestoreError::Io(error),
            })?;
        if read == 0 {
            break;
        }
        total = total.saturating_add(read as u64);
        if total > LARGEST {
            return Err(RestoreError::TooLarge);
        }
        pieces.push(piece);
    }
    let mut whole = Zeroizing::new(Vec::with_capacity(
        pieces.iter().map(|piece| piece.len()).sum(),
    ));
    for piece in pieces {
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

const PIECE: usize = 64 * 1024;

/// The content of a backup. Its version is looked at first: a newer one need not have our members.
pub(crate) fn parse(json: &[u8]) -> Result<Backup, RestoreError> {
    #[derive(Deserialize)]
    struct Version {
        cairn_backup: u32,
    }
    let version: Version = serde_json::from_slice(json).map_err(|_| RestoreError::Content)?;
    if version.cairn_backup > VERSION {
        return Err(RestoreError::Newer {
            found: version.cairn_backup,
        });
    }
    if version.cairn_backup == 0 {
        return Err(RestoreError::Content);
    }
    serde_json::from_slice(json).map_err(|_| RestoreError::Content)
}

fn classify(error: age::DecryptError) -> RestoreError {
    match error {
        age::DecryptError::DecryptionFailed
        | age::DecryptError::KeyDecryptionFailed
        | age::DecryptError::NoMatchingKeys => RestoreError::WrongPassphrase,
        age::DecryptError::ExcessiveWork { .. } => RestoreError::TooCostly,
        age::DecryptError::Io(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::InvalidData
                    | io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::InvalidInput
            ) =>
        {
            RestoreError::Io(error)
        }
        _ => RestoreError::NotABackup,
    }
}

impl From<CreateError> for RestoreError {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Exists => Self::Exists,
            CreateError::File(crate::file::FileError::Damaged { what: "backup" }) => Self::Content,
            other => Self::Create(other),
        }
    }
}
