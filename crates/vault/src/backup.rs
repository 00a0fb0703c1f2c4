//! Backing up: an `age` file (age-encryption.org/v1, one scrypt recipient) that any `age` program
//! opens with the passphrase, and in it one JSON object.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use age::secrecy::SecretString as AgeSecret;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::file::{FileError, now_millis, sync_folder};
use crate::header::Mode;
use crate::id::Id;
use crate::passphrase::{Weakness, check_strength};
use crate::read::{Listing, RecordError};
use crate::record::{
    CardDetails, CardRecord, CardSummary, CopyRecord, HistoryRecord, HolderKey, NO_KEY,
};
use crate::sealed::{CARDS, HISTORY, Sealed};
use crate::vault::Vault;

/// The version of the content that this program writes, and the newest it reads.
pub(crate) const VERSION: u32 = 1;

/// What scrypt costs: N is two to this power, which takes 256 MiB and about a second.
#[cfg(not(test))]
pub(crate) const WORK_FACTOR: u8 = 18;
#[cfg(test)]
pub(crate) const WORK_FACTOR: u8 = 8;

/// Why no backup was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackUpError {
    /// There is a file of this name: nothing is overwritten.
    #[error("there is a file of this name already")]
    Exists,
    /// The passphrase is too weak for a file that may be copied anywhere.
    #[error(transparent)]
    Weak(#[from] Weakness),
    /// A record could not be read. A damaged card must be deleted before a backup can be whole.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The file could not be written.
    #[error("the backup cannot be written")]
    Io(#[from] io::Error),
}

/// What a backup holds, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupContents {
    /// Cards.
    pub cards: usize,
    /// Lines of history.
    pub history: usize,
    /// Whether it is of a demo vault.
    pub demo: bool,
}

/// The content: one JSON object with exactly these members.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backup {
    pub(crate) cairn_backup: u32,
    pub(crate) made_at: u64,
    pub(crate) demo: bool,
    pub(crate) cards: Vec<BackupCard>,
    /// The oldest first.
    pub(crate) history: Vec<HistoryRecord>,
    pub(crate) settings: BTreeMap<String, Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupCard {
    summary: CardSummary,
    details: CardDetails,
    copies: Vec<BackupCopy>,
}

/// A copy: the credential as text, the holder's secret key as 64 hexadecimal digits, zeros where
/// it has none.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupCopy {
    id: Id,
    credential: Text,
    key: Text,
    shown: u32,
}

/// Text that is wiped when dropped.
struct Text(Zeroizing<String>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl BackupCard {
    fn of(card: CardRecord) -> Self {
        let copies = card
            .copies
            .iter()
            .map(|copy| BackupCopy {
                id: copy.id,
                credential: Text(Zeroizing::new(copy.credential.expose_secret().to_owned())),
                key: Text(Zeroizing::new(hex::encode(
                    copy.key.as_ref().map_or(&NO_KEY, HolderKey::expose),
                ))),
                shown: copy.shown,
            })
            .collect();
        Self {
            summary: card.summary,
            details: card.details,
            copies,
        }
    }

    /// `None` where a key is not one.
    pub(crate) fn into_record(self) -> Option<CardRecord> {
        let copies = self
            .copies
            .into_iter()
            .map(|copy| {
                let mut key = Zeroizing::new([0; 32]);
                hex::decode_to_slice(copy.key.0.as_bytes(), key.as_mut_slice()).ok()?;
                Some(CopyRecord {
                    id: copy.id,
                    credential: SecretString::from(copy.credential.0.as_str()),
                    key: HolderKey::from_slice(key.as_slice()),
                    shown: copy.shown,
                })
            })
            .collect::<Option<_>>()?;
        Some(CardRecord {
            summary: self.summary,
            details: self.details,
            copies,
        })
    }
}

impl Vault {
    /// Writes everything into a new file at `path`, for this user alone. The passphrase must be
    /// as strong as one that stands alone: it does.
    ///
    /// # Errors
    /// [`BackUpError`]; no file is left behind then.
    pub fn back_up(
        &self,
        path: &Path,
        passphrase: &SecretString,
    ) -> Result<BackupContents, BackUpError> {
        check_strength(passphrase, Mode::PassphraseOnly)?;
        if path.symlink_metadata().is_ok() {
            return Err(BackUpError::Exists);
        }
        let backup = self.collect()?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let place = tempfile::Builder::new()
            .prefix("backup-")
            .suffix(".new")
            .tempfile_in(if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            })?;
        let mut recipient =
            age::scrypt::Recipient::new(AgeSecret::from(passphrase.expose_secret()));
        recipient.set_work_factor(WORK_FACTOR);
        let encryptor =
            age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
                .map_err(io::Error::other)?;
        // Written through: the plaintext as a whole never stands in memory.
        let mut writer = encryptor.wrap_output(BufWriter::new(place.as_file()))?;
        serde_json::to_writer(&mut writer, &backup).map_err(io::Error::from)?;
        writer.finish()?.flush()?;
        place.as_file().sync_all()?;
        place.persist_noclobber(path).map_err(|refused| {
            if refused.error.kind() == io::ErrorKind::AlreadyExists {
                BackUpError::Exists
            } else {
                BackUpError::Io(refused.error)
            }
        })?;
        sync_folder(folder).map_err(RecordError::from)?;
        Ok(backup.contents())
    }

    fn collect(&self) -> Result<Backup, BackUpError> {
        let listed = whole(self.cards()?, CARDS)?;
        let mut cards = Vec::with_capacity(listed.len());
        for card in listed {
            cards.push(BackupCard::of(self.card(card.id)?));
        }
        let mut history = whole(self.history()?, HISTORY)?;
        history.reverse();
        Ok(Backup {
            cairn_backup: VERSION,
            made_at: now_millis() / 1000,
            demo: self.demo(),
            cards,
            history,
            settings: self.settings()?,
        })
    }
}

/// All of a listing, or the name of the first that is damaged.
fn whole<T>(listing: Listing<T>, table: Sealed) -> Result<Vec<T>, RecordError> {
    match listing.damaged.first() {
        None => Ok(listing.records),
        Some(&id) => Err(RecordError::Damaged {
            table: table.name,
            id,
        }),
    }
}

impl Backup {
    pub(crate) fn contents(&self) -> BackupContents {
        BackupContents {
            cards: self.cards.len(),
            history: self.history.len(),
            demo: self.demo,
        }
    }
}

impl From<FileError> for BackUpError {
    fn from(error: FileError) -> Self {
        Self::Record(error.into())
    }
}
