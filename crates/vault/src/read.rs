//! What an open vault holds.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableError};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::file::{FileError, guarded};
use crate::id::Id;
use crate::record::{
    CardDetails, CardRecord, CardSummary, CopyRecord, HistoryRecord, HolderKey, NO_KEY,
};
use crate::sealed::{CARDS, COPIES, DETAILS, HISTORY, SETTINGS, Sealed, Sealer, parse};

/// Why a record was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The vault was locked meanwhile.
    #[error("the vault is locked")]
    Locked,
    /// There is no such record.
    #[error("there is no such record")]
    NotFound,
    /// There is such a record already.
    #[error("there is such a record already")]
    Exists,
    /// The record is not what was written. Others can still be read.
    #[error("record {id} of {table} is damaged")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The record.
        id: Id,
    },
    /// The record is too large to store.
    #[error("a record may have at most {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The record has no JSON form.
    #[error("the record cannot be written as JSON")]
    Unwritable,
    /// An earlier step of the same change failed and was passed over: nothing was changed.
    #[error("a step of the change failed, nothing was changed")]
    Abandoned,
    /// The file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Records of one kind, the newest first, and the ids of those that are damaged. A damaged record
/// hides none of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<T> {
    /// Those that can be read.
    pub records: Vec<T>,
    /// Those that cannot.
    pub damaged: Vec<Id>,
}

/// The details of a card as stored: with the order of its copies.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredDetails {
    pub(crate) details: CardDetails,
    pub(crate) copies: Vec<Id>,
}

/// A line of history as stored: with its place among all.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredHistory {
    pub(crate) place: u64,
    pub(crate) record: HistoryRecord,
}

pub(crate) type Settings = BTreeMap<String, Value>;

/// Every card, the newest first.
pub(crate) fn cards(
    database: &Database,
    sealer: &Sealer,
) -> Result<Listing<CardSummary>, RecordError> {
    let mut records: Vec<CardSummary> = Vec::new();
    let damaged = each(database, sealer, CARDS, |card| records.push(card))?;
    records.sort_by_key(|card| Reverse((card.added_at, card.id)));
    Ok(Listing { records, damaged })
}

/// The whole history, the newest first.
pub(crate) fn history(
    database: &Database,
    sealer: &Sealer,
) -> Result<Listing<HistoryRecord>, RecordError> {
    let mut lines: Vec<StoredHistory> = Vec::new();
    let damaged = each(database, sealer, HISTORY, |line| lines.push(line))?;
    lines.sort_by_key(|line| Reverse(line.place));
    let records = lines.into_iter().map(|line| line.record).collect();
    Ok(Listing { records, damaged })
}

/// One card with its details and copies.
pub(crate) fn card(
    database: &Database,
    sealer: &Sealer,
    id: Id,
) -> Result<CardRecord, RecordError> {
    let transaction = begin(database)?;
    let summary = get(&transaction, sealer, CARDS, id)?.ok_or(RecordError::NotFound)?;
    let stored: StoredDetails =
        get(&transaction, sealer, DETAILS, id)?.ok_or(RecordError::Damaged {
            table: DETAILS.name,
            id,
        })?;
    let rows = transaction
        .open_table(COPIES.table)
        .map_err(FileError::from_engine)?;
    let copies = stored
        .copies
        .into_iter()
        .map(|id| {
            let damaged = RecordError::Damaged {
                table: COPIES.name,
                id,
            };
            let Some(bytes) = sealer.get(&rows, COPIES, id)? else {
                return Err(damaged);
            };
            copy_from_bytes(id, &bytes).ok_or(damaged)
        })
        .collect::<Result<_, _>>()?;
    Ok(CardRecord {
        summary,
        details: stored.details,
        copies,
    })
}

pub(crate) fn settings(database: &Database, sealer: &Sealer) -> Result<Settings, RecordError> {
    let transaction = begin(database)?;
    Ok(get(&transaction, sealer, SETTINGS, Id::ZERO)?.unwrap_or_default())
}

fn begin(database: &Database) -> Result<ReadTransaction, RecordError> {
    Ok(database.begin_read().map_err(FileError::from_engine)?)
}

fn get<T: serde::de::DeserializeOwned>(
    transaction: &ReadTransaction,
    sealer: &Sealer,
    table: Sealed,
    id: Id,
) -> Result<Option<T>, RecordError> {
    let rows = transaction
        .open_table(table.table)
        .map_err(FileError::from_engine)?;
    sealer.get_json(&rows, table, id)
}

/// Every record of a table that can be read; the ids of those that cannot.
fn each<T: serde::de::DeserializeOwned>(
    database: &Database,
    sealer: &Sealer,
    table: Sealed,
    mut take: impl FnMut(T),
) -> Result<Vec<Id>, RecordError> {
    let mut damaged = Vec::new();
    guarded(|| {
        let transaction = database.begin_read().map_err(FileError::from_engine)?;
        let rows = match transaction.open_table(table.table) {
            Err(TableError::TableDoesNotExist(_)) => {
                return Err(FileError::Damaged { what: table.name });
            }
            other => other.map_err(FileError::from_engine)?,
        };
        for row in rows.iter().map_err(FileError::from_engine)? {
            let (id, stored) = row.map_err(FileError::from_engine)?;
            let id = Id::from_bytes(*id.value());
            match sealer
                .open(table, id, stored.value())
                .and_then(|json| parse(table, id, &json))
            {
                Ok(value) => take(value),
                Err(_) => damaged.push(id),
            }
        }
        Ok(())
    })?;
    Ok(damaged)
}

/// A copy as stored: 32 bytes of key, zeros where it has none, four of count (big-endian), the credential. No JSON: a
/// parser would leave parts of it in memory that nobody wipes.
pub(crate) fn copy_to_bytes(copy: &CopyRecord) -> Zeroizing<Vec<u8>> {
    let credential = secrecy::ExposeSecret::expose_secret(&copy.credential).as_bytes();
    let mut bytes = Zeroizing::new(Vec::with_capacity(36 + credential.len()));
    let key: &[u8; 32] = copy.key.as_ref().map_or(&NO_KEY, HolderKey::expose);
    bytes.extend_from_slice(key);
    bytes.extend_from_slice(&copy.shown.to_be_bytes());
    bytes.extend_from_slice(credential);
    bytes
}

pub(crate) fn copy_from_bytes(id: Id, bytes: &[u8]) -> Option<CopyRecord> {
    let (key, rest) = bytes.split_at_checked(32)?;
    let (shown, credential) = rest.split_first_chunk::<4>()?;
    Some(CopyRecord {
        id,
        credential: SecretString::from(std::str::from_utf8(credential).ok()?),
        key: HolderKey::from_slice(key),
        shown: u32::from_be_bytes(*shown),
    })
}
