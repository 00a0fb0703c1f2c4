//! Records under XChaCha20-Poly1305, each by itself.
//!
//! Stored: one byte of record version, 24 bytes of random nonce, ciphertext and tag. Bound in:
//! the vault, the table, the record's id and its version, so that a record cannot be moved. The
//! plaintext is a length (four bytes, big-endian), the content, and zeros to a multiple of 256,
//! so that its size says little of what it is.

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use redb::{ReadableTable, Table, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::file::FileError;
use crate::id::Id;
use crate::read::RecordError;
use crate::secret::{Key, derive_key, make_bytes, to_json};

pub(crate) type Definition = TableDefinition<'static, &'static [u8; 16], &'static [u8]>;
pub(crate) type Writable<'t> = Table<'t, &'static [u8; 16], &'static [u8]>;

/// A table of sealed records and its name in their authenticated data.
#[derive(Clone, Copy)]
pub(crate) struct Sealed {
    pub(crate) name: &'static str,
    pub(crate) table: Definition,
}

const fn sealed(name: &'static str) -> Sealed {
    Sealed {
        name,
        table: TableDefinition::new(name),
    }
}

pub(crate) const CARDS: Sealed = sealed("cards");
pub(crate) const DETAILS: Sealed = sealed("details");
pub(crate) const COPIES: Sealed = sealed("copies");
pub(crate) const HISTORY: Sealed = sealed("history");
pub(crate) const SETTINGS: Sealed = sealed("settings");
pub(crate) const COUNTERS: Sealed = sealed("counters");
pub(crate) const TABLES: [Sealed; 6] = [CARDS, DETAILS, COPIES, HISTORY, SETTINGS, COUNTERS];

const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
const LENGTH: usize = 4;
const STEP: usize = 256;
/// Longest content of a record, in bytes.
pub(crate) const LONGEST: usize = 4 * 1024 * 1024;

/// What seals and opens the records of one vault.
pub(crate) struct Sealer {
    cipher: XChaCha20Poly1305,
    vault: Id,
}

impl Sealer {
    pub(crate) fn new(data_key: &Key, vault: Id) -> Self {
        let key = derive_key(
            vault.as_bytes(),
            data_key.expose(),
            b"cairn-vault-records-1",
        );
        Self {
            cipher: XChaCha20Poly1305::new(key.expose().into()),
            vault,
        }
    }

    fn aad(&self, table: Sealed, id: Id, version: u8) -> Vec<u8> {
        let mut aad = b"cairn-vault-record\0".to_vec();
        aad.extend_from_slice(self.vault.as_bytes());
        aad.extend_from_slice(table.name.as_bytes());
        aad.push(0);
        aad.extend_from_slice(id.as_bytes());
        aad.push(version);
        aad
    }

    pub(crate) fn seal(
        &self,
        table: Sealed,
        id: Id,
        content: &[u8],
    ) -> Result<Vec<u8>, RecordError> {
        if content.len() > LONGEST {
            return Err(RecordError::TooLarge { limit: LONGEST });
        }
        let length =
            u32::try_from(content.len()).map_err(|_| RecordError::TooLarge { limit: LONGEST })?;
        let padded = (LENGTH + content.len()).next_multiple_of(STEP);
        // Sealed in place: the plaintext is overwritten, and the vector never grows.
        let mut stored = Vec::with_capacity(1 + NONCE + padded + TAG);
        let nonce = make_bytes::<NONCE>();
        stored.push(VERSION);
        stored.extend_from_slice(&nonce.0);
        stored.extend_from_slice(&length.to_be_bytes());
        stored.extend_from_slice(content);
        stored.resize(1 + NONCE + padded, 0);
        let damaged = || RecordError::Damaged {
            table: table.name,
            id,
        };
        let (_, plaintext) = stored.split_at_mut_checked(1 + NONCE).ok_or_else(damaged)?;
        let tag = self
            .cipher
            .encrypt_in_place_detached(
                XNonce::from_slice(&nonce.0),
                &self.aad(table, id, VERSION),
                plaintext,
            )
            .map_err(|_| damaged())?;
        stored.extend_from_slice(&tag);
        Ok(stored)
    }

    pub(crate) fn open(
        &self,
        table: Sealed,
        id: Id,
        stored: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        self.try_open(table, id, stored)
            .ok_or(RecordError::Damaged {
                table: table.name,
                id,
            })
    }

    fn try_open(&self, table: Sealed, id: Id, stored: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = stored.split_first()?;
        if version != VERSION {
            return None;
        }
        let (nonce, rest) = rest.split_at_checked(NONCE)?;
        let (ciphertext, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
        if ciphertext.len() > LONGEST + LENGTH + STEP {
            return None;
        }
        let mut plaintext = Zeroizing::new(ciphertext.to_vec());
        self.cipher
            .decrypt_in_place_detached(
                XNonce::from_slice(nonce),
                &self.aad(table, id, version),
                &mut plaintext,
                Tag::from_slice(tag),
            )
            .ok()?;
        let (length, _) = plaintext.split_first_chunk::<LENGTH>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if length > plaintext.len() - LENGTH {
            return None;
        }
        // Moved within the same memory, which is wiped whole when dropped.
        plaintext.copy_within(LENGTH..LENGTH + length, 0);
        plaintext.truncate(length);
        Some(plaintext)
    }

    pub(crate) fn put_json<T: Serialize>(
        &self,
        rows: &mut Writable<'_>,
        table: Sealed,
        id: Id,
        value: &T,
    ) -> Result<(), RecordError> {
        let json = to_json(value).map_err(|_| RecordError::Unwritable)?;
        self.put(rows, table, id, &json)
    }

    pub(crate) fn put(
        &self,
        rows: &mut Writable<'_>,
        table: Sealed,
        id: Id,
        content: &[u8],
    ) -> Result<(), RecordError> {
        let stored = self.seal(table, id, content)?;
        rows.insert(id.as_bytes(), stored.as_slice())
            .map_err(FileError::from_engine)?;
        Ok(())
    }

    /// The record, or `None` where there is none.
    pub(crate) fn get(
        &self,
        rows: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
        table: Sealed,
        id: Id,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, RecordError> {
        let Some(stored) = rows.get(id.as_bytes()).map_err(FileError::from_engine)? else {
            return Ok(None);
        };
        self.open(table, id, stored.value()).map(Some)
    }

    pub(crate) fn get_json<T: DeserializeOwned>(
        &self,
        rows: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
        table: Sealed,
        id: Id,
    ) -> Result<Option<T>, RecordError> {
        self.get(rows, table, id)?
            .map(|json| parse(table, id, &json))
            .transpose()
    }
}

/// A record's JSON. What does not parse is damaged, by a program rather than by a disk.
pub(crate) fn parse<T: DeserializeOwned>(
    table: Sealed,
    id: Id,
    json: &[u8],
) -> Result<T, RecordError> {
    serde_json::from_slice(json).map_err(|_| RecordError::Damaged {
        table: table.name,
        id,
    })
}
