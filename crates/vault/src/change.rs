//! A change of the vault: everything in it happens, or nothing.

use redb::{ReadableTable, WriteTransaction};
use serde_json::Value;

use crate::file::{FileError, guarded};
use crate::id::Id;
use crate::read::{
    RecordError, Settings, StoredDetails, StoredHistory, copy_from_bytes, copy_to_bytes,
};
use crate::record::{CardDetails, CardRecord, CardSummary, CopyRecord, HistoryRecord};
use crate::sealed::{
    CARDS, COPIES, COUNTERS, DETAILS, HISTORY, SETTINGS, Sealed, Sealer, TABLES, Writable, parse,
};

/// What one transaction does. Made by [`Vault::write`](crate::Vault::write).
pub struct Change<'a> {
    transaction: &'a WriteTransaction,
    sealer: &'a Sealer,
    failed: bool,
}

impl<'a> Change<'a> {
    pub(crate) fn new(transaction: &'a WriteTransaction, sealer: &'a Sealer) -> Self {
        Self {
            transaction,
            sealer,
            failed: false,
        }
    }

    /// Whether a step failed: then nothing may be committed.
    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    /// Makes every table, so that reading never meets a missing one.
    pub(crate) fn make_tables(&mut self) -> Result<(), RecordError> {
        for table in TABLES {
            self.rows(table)?;
        }
        Ok(())
    }

    /// Adds a card with all its copies. The counts in its summary are set from the copies.
    ///
    /// # Errors
    /// [`RecordError::Exists`] where the card or one of its copies is there already.
    pub fn insert_card(&mut self, card: &CardRecord) -> Result<(), RecordError> {
        self.step(|change| {
            let id = card.summary.id;
            let mut rows = change.rows(CARDS)?;
            if rows
                .get(id.as_bytes())
                .map_err(FileError::from_engine)?
                .is_some()
            {
                return Err(RecordError::Exists);
            }
            let summary = CardSummary {
                copies: count(card.copies.len()),
                unshown: count(card.copies.iter().filter(|copy| copy.shown == 0).count()),
                ..card.summary.clone()
            };
            change.sealer.put_json(&mut rows, CARDS, id, &summary)?;
            change.put_copies(&card.copies)?;
            let stored = StoredDetails {
                details: card.details.clone(),
                copies: card.copies.iter().map(|copy| copy.id).collect(),
            };
            change.put_json(DETAILS, id, &stored)
        })
    }

    /// The list's record of a card, as this change sees it.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where there is no such card.
    pub fn card_summary(&self, card: Id) -> Result<CardSummary, RecordError> {
        guarded(|| self.need(CARDS, card))
    }

    /// Replaces the list's record of a card. Its counts stay what the copies make them.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where there is no such card.
    pub fn replace_summary(&mut self, summary: &CardSummary) -> Result<(), RecordError> {
        self.step(|change| {
            let before: CardSummary = change.need(CARDS, summary.id)?;
            let summary = CardSummary {
                copies: before.copies,
                unshown: before.unshown,
                ..summary.clone()
            };
            change.put_json(CARDS, summary.id, &summary)
        })
    }

    /// Replaces the details of a card.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where there is no such card.
    pub fn replace_details(&mut self, card: Id, details: &CardDetails) -> Result<(), RecordError> {
        self.step(|change| {
            let stored: StoredDetails = change.need(DETAILS, card)?;
            let stored = StoredDetails {
                details: details.clone(),
                ..stored
            };
            change.put_json(DETAILS, card, &stored)
        })
    }

    /// Adds further copies to a card.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] for the card, [`RecordError::Exists`] for a copy.
    pub fn add_copies(&mut self, card: Id, copies: &[CopyRecord]) -> Result<(), RecordError> {
        self.step(|change| {
            let mut summary: CardSummary = change.need(CARDS, card)?;
            let mut stored: StoredDetails = change.need(DETAILS, card)?;
            change.put_copies(copies)?;
            stored.copies.extend(copies.iter().map(|copy| copy.id));
            summary.copies = count(stored.copies.len());
            let new = copies.iter().filter(|copy| copy.shown == 0).count();
            summary.unshown = summary.unshown.saturating_add(count(new));
            change.put_json(CARDS, card, &summary)?;
            change.put_json(DETAILS, card, &stored)
        })
    }

    /// Counts one more showing of a copy.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where the card has no such copy.
    pub fn mark_shown(&mut self, card: Id, copy: Id) -> Result<(), RecordError> {
        self.recount_shown(card, copy, |shown| shown.saturating_add(1))
    }

    /// Takes one showing of a copy back: nothing had left this computer.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where the card has no such copy.
    pub fn unmark_shown(&mut self, card: Id, copy: Id) -> Result<(), RecordError> {
        self.recount_shown(card, copy, |shown| shown.saturating_sub(1))
    }

    fn recount_shown(
        &mut self,
        card: Id,
        copy: Id,
        count: impl Fn(u32) -> u32,
    ) -> Result<(), RecordError> {
        self.step(|change| {
            let stored: StoredDetails = change.need(DETAILS, card)?;
            if !stored.copies.contains(&copy) {
                return Err(RecordError::NotFound);
            }
            let mut rows = change.rows(COPIES)?;
            let bytes = change
                .sealer
                .get(&rows, COPIES, copy)?
                .ok_or(RecordError::NotFound)?;
            let mut record = copy_from_bytes(copy, &bytes).ok_or(RecordError::Damaged {
                table: COPIES.name,
                id: copy,
            })?;
            let before = record.shown;
            record.shown = count(before);
            change
                .sealer
                .put(&mut rows, COPIES, copy, &copy_to_bytes(&record))?;
            if (before == 0) != (record.shown == 0) {
                let mut summary: CardSummary = change.need(CARDS, card)?;
                summary.unshown = if before == 0 {
                    summary.unshown.saturating_sub(1)
                } else {
                    summary.unshown.saturating_add(1)
                };
                change.put_json(CARDS, card, &summary)?;
            }
            Ok(())
        })
    }

    /// Deletes a card, its details, its copies and their keys. A damaged card can be deleted too;
    /// copies that its damaged details would have named stay in the file, sealed and shown nowhere.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where there is no such card.
    pub fn remove_card(&mut self, card: Id) -> Result<(), RecordError> {
        self.step(|change| {
            match change.get::<StoredDetails>(DETAILS, card) {
                Ok(Some(stored)) => {
                    let mut rows = change.rows(COPIES)?;
                    for copy in stored.copies {
                        rows.remove(copy.as_bytes())
                            .map_err(FileError::from_engine)?;
                    }
                }
                Ok(None) | Err(RecordError::Damaged { .. }) => {}
                Err(other) => return Err(other),
            }
            change.remove(DETAILS, card)?;
            if change.remove(CARDS, card)? {
                Ok(())
            } else {
                Err(RecordError::NotFound)
            }
        })
    }

    /// Adds a line to the history, after all others.
    ///
    /// # Errors
    /// [`RecordError::Exists`] where there is a line of this id.
    pub fn add_history(&mut self, record: &HistoryRecord) -> Result<(), RecordError> {
        self.step(|change| {
            if change.get::<StoredHistory>(HISTORY, record.id)?.is_some() {
                return Err(RecordError::Exists);
            }
            let place: u64 = change.get(COUNTERS, Id::ZERO)?.unwrap_or(0) + 1;
            change.put_json(COUNTERS, Id::ZERO, &place)?;
            let record = record.clone();
            change.put_json(HISTORY, record.id, &StoredHistory { place, record })
        })
    }

    /// One line of the history, as this change sees it.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where there is no such line.
    pub fn history_record(&self, id: Id) -> Result<HistoryRecord, RecordError> {
        guarded(|| self.need::<StoredHistory>(HISTORY, id)).map(|line| line.record)
    }

    /// Replaces a line of the history; it keeps its place.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where there is no such line.
    pub fn replace_history(&mut self, record: &HistoryRecord) -> Result<(), RecordError> {
        self.step(|change| {
            let before: StoredHistory = change.need(HISTORY, record.id)?;
            let record = record.clone();
            change.put_json(HISTORY, record.id, &StoredHistory { record, ..before })
        })
    }

    /// Deletes a line of the history.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] where there is no such line.
    pub fn remove_history(&mut self, id: Id) -> Result<(), RecordError> {
        self.step(|change| {
            if change.remove(HISTORY, id)? {
                Ok(())
            } else {
                Err(RecordError::NotFound)
            }
        })
    }

    /// Sets one of the wallet's settings.
    ///
    /// # Errors
    /// Where the file fails.
    pub fn set_setting(&mut self, name: &str, value: Value) -> Result<(), RecordError> {
        self.step(|change| {
            let mut settings: Settings = change.get(SETTINGS, Id::ZERO)?.unwrap_or_default();
            settings.insert(name.to_owned(), value);
            change.put_json(SETTINGS, Id::ZERO, &settings)
        })
    }

    /// Forgets one of the wallet's settings.
    ///
    /// # Errors
    /// Where the file fails.
    pub fn remove_setting(&mut self, name: &str) -> Result<(), RecordError> {
        self.step(|change| {
            let mut settings: Settings = change.get(SETTINGS, Id::ZERO)?.unwrap_or_default();
            settings.remove(name);
            change.put_json(SETTINGS, Id::ZERO, &settings)
        })
    }

    fn step<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, RecordError>,
    ) -> Result<T, RecordError> {
        let done = guarded(|| work(self));
        self.failed |= done.is_err();
        done
    }

    fn rows(&self, table: Sealed) -> Result<Writable<'a>, RecordError> {
        Ok(self
            .transaction
            .open_table(table.table)
            .map_err(FileError::from_engine)?)
    }

    fn get<T: serde::de::DeserializeOwned>(
        &self,
        table: Sealed,
        id: Id,
    ) -> Result<Option<T>, RecordError> {
        let rows = self.rows(table)?;
        self.sealer
            .get(&rows, table, id)?
            .map(|json| parse(table, id, &json))
            .transpose()
    }

    fn need<T: serde::de::DeserializeOwned>(
        &self,
        table: Sealed,
        id: Id,
    ) -> Result<T, RecordError> {
        self.get(table, id)?.ok_or(RecordError::NotFound)
    }

    fn put_json<T: serde::Serialize>(
        &self,
        table: Sealed,
        id: Id,
        value: &T,
    ) -> Result<(), RecordError> {
        self.sealer
            .put_json(&mut self.rows(table)?, table, id, value)
    }

    fn put_copies(&self, copies: &[CopyRecord]) -> Result<(), RecordError> {
        let mut rows = self.rows(COPIES)?;
        for copy in copies {
            if rows
                .get(copy.id.as_bytes())
                .map_err(FileError::from_engine)?
                .is_some()
            {
                return Err(RecordError::Exists);
            }
            self.sealer
                .put(&mut rows, COPIES, copy.id, &copy_to_bytes(copy))?;
        }
        Ok(())
    }

    fn remove(&self, table: Sealed, id: Id) -> Result<bool, RecordError> {
        let mut rows = self.rows(table)?;
        let found = rows.remove(id.as_bytes()).map_err(FileError::from_engine)?;
        Ok(found.is_some())
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
