//! The file: where it is, how it is made whole or not at all, who holds it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use redb::{
    Builder, Database, Durability, ReadableDatabase, TableDefinition, TableError, WriteTransaction,
};

use crate::header::Header;
use crate::migrate::Schema;
use crate::throttle::Throttle;

/// The file's name in the wallet's folder.
pub(crate) const FILE_NAME: &str = "wallet.redb";

const PLAIN: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("vault");
const HEADER: &str = "header";
const THROTTLE: &str = "throttle";

/// Memory that the database may keep pages in.
const CACHE: usize = 64 * 1024 * 1024;

/// What is wrong with the vault's file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is no vault in this folder.
    #[error("there is no vault in this folder")]
    Absent,
    /// Another process, or another part of this one, has the vault open.
    #[error("the vault is open in another program")]
    InUse,
    /// A part of the file is not what was written. Advice: restore a backup.
    #[error("the vault is damaged: {what}")]
    Damaged {
        /// Which part.
        what: &'static str,
    },
    /// A newer Cairn wrote the file.
    #[error("the vault is of schema {found}, this program knows up to {known}")]
    Newer {
        /// The file's schema.
        found: u32,
        /// The newest schema known here.
        known: u32,
    },
    /// There is not enough memory to open it.
    #[error("not enough memory to open the vault")]
    NoMemory,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The operating system refused to read or write.
    #[error("the vault's file cannot be read or written")]
    Io(#[source] io::Error),
    /// The database refused.
    #[error("the vault's database failed")]
    Engine(#[source] Box<redb::Error>),
}

impl FileError {
    pub(crate) fn from_engine(error: impl Into<redb::Error>) -> Self {
        match error.into() {
            redb::Error::DatabaseAlreadyOpen => Self::InUse,
            redb::Error::Corrupted(_)
            | redb::Error::UpgradeRequired(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TypeDefinitionChanged { .. }
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TableDoesNotExist(_)
            | redb::Error::RepairAborted => Self::Damaged { what: "file" },
            redb::Error::Io(error) => Self::from(error),
            other => Self::Engine(Box::new(other)),
        }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Absent,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Self::Damaged { what: "file" }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(error),
        }
    }
}

/// Milliseconds of the UNIX epoch.
pub(crate) fn now_millis() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| {
            u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
        })
}

/// Whether a vault's file, or anything else of its name, stands in the folder.
pub(crate) fn exists(dir: &Path) -> Result<bool, FileError> {
    match fs::symlink_metadata(dir.join(FILE_NAME)) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Opens the file and its lock.
pub(crate) fn open(dir: &Path) -> Result<Database, FileError> {
    let path = dir.join(FILE_NAME);
    let found = fs::metadata(&path)?;
    // An empty file would be taken for a new database, and a pipe would make us wait.
    if !found.is_file() || found.len() == 0 {
        return Err(FileError::Damaged { what: "file" });
    }
    guarded(|| {
        Builder::new()
            .set_cache_size(CACHE)
            .open(&path)
            .map_err(FileError::from_engine)
    })
}

/// The database asserts in places, also where it is closed, what a damaged file can break: such a
/// panic is damage.
pub(crate) fn guarded<T, E: From<FileError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(FileError::Damaged { what: "file" }.into()))
}

/// Makes the file: filled under another name, then put in place in one step, so that a kill
/// leaves either no vault or a whole one. Refuses to replace an existing one with
/// [`io::ErrorKind::AlreadyExists`].
pub(crate) fn make(
    dir: &Path,
    fill: impl FnOnce(&WriteTransaction) -> Result<(), FileError>,
) -> Result<(), FileError> {
    make_folder(dir)?;
    let place = tempfile::Builder::new()
        .prefix("wallet-")
        .suffix(".new")
        .tempfile_in(dir)?;
    let database = Builder::new()
        .set_cache_size(CACHE)
        .create_file(place.reopen()?)
        .map_err(FileError::from_engine)?;
    let transaction = begin(&database)?;
    fill(&transaction)?;
    transaction.commit().map_err(FileError::from_engine)?;
    drop(database);
    place
        .persist_noclobber(dir.join(FILE_NAME))
        .map_err(|refused| FileError::Io(refused.error))?;
    sync_folder(dir)
}

/// The folder, for this user alone where it is new.
fn make_folder(dir: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(FileError::Io)
}

/// Makes a new name in the folder outlast a power cut.
pub(crate) fn sync_folder(dir: &Path) -> Result<(), FileError> {
    if cfg!(unix) {
        let dir: PathBuf = if dir.as_os_str().is_empty() {
            ".".into()
        } else {
            dir.into()
        };
        File::open(dir)
            .and_then(|folder| folder.sync_all())
            .map_err(FileError::Io)?;
    }
    Ok(())
}

/// A write transaction that is on the disk once it is committed.
pub(crate) fn begin(database: &Database) -> Result<WriteTransaction, FileError> {
    let mut transaction = database.begin_write().map_err(FileError::from_engine)?;
    transaction
        .set_durability(Durability::Immediate)
        .map_err(FileError::from_engine)?;
    Ok(transaction)
}

/// The header and the count of attempts.
pub(crate) fn read_header(
    database: &Database,
    schema: &Schema,
) -> Result<(Header, Throttle), FileError> {
    guarded(|| {
        let transaction = database.begin_read().map_err(FileError::from_engine)?;
        let table = match transaction.open_table(PLAIN) {
            Err(TableError::TableDoesNotExist(_)) => {
                return Err(FileError::Damaged { what: "header" });
            }
            other => other.map_err(FileError::from_engine)?,
        };
        let header = table
            .get(HEADER)
            .map_err(FileError::from_engine)?
            .ok_or(FileError::Damaged { what: "header" })?;
        let header = Header::parse(header.value(), schema.current)?;
        let throttle = table
            .get(THROTTLE)
            .map_err(FileError::from_engine)?
            .map_or_else(Throttle::default, |bytes| {
                Throttle::parse(bytes.value(), now_millis())
            });
        Ok((header, throttle))
    })
}

pub(crate) fn put_header(transaction: &WriteTransaction, header: &Header) -> Result<(), FileError> {
    put_plain(transaction, HEADER, &header.to_bytes()?)
}

pub(crate) fn put_throttle(
    transaction: &WriteTransaction,
    throttle: Throttle,
) -> Result<(), FileError> {
    let bytes = serde_json::to_vec(&throttle).map_err(|_| FileError::Damaged { what: "delay" })?;
    put_plain(transaction, THROTTLE, &bytes)
}

fn put_plain(transaction: &WriteTransaction, name: &str, bytes: &[u8]) -> Result<(), FileError> {
    let mut table = transaction
        .open_table(PLAIN)
        .map_err(FileError::from_engine)?;
    table.insert(name, bytes).map_err(FileError::from_engine)?;
    Ok(())
}
