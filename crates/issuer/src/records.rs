//! Offers, and places in lists of statuses, in a redb database.

use std::path::Path;

use keys::UnixTime;
use protocol::issuer::{Grant, Place, Store, StoreError, make_place};
use redb::{
    Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _,
    TableDefinition,
};

const GRANTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("grants");
const LOOKUPS: TableDefinition<'_, &str, &str> = TableDefinition::new("lookups");
const USED: TableDefinition<'_, &str, i64> = TableDefinition::new("used");
/// Places in lists of statuses, by list and index, with the ids of their grants.
const PLACES: TableDefinition<'_, (u32, u32), &str> = TableDefinition::new("places");
/// How many places of each list are taken.
const TAKEN: TableDefinition<'_, u32, u64> = TableDefinition::new("taken");
/// Old entries of `used` go whenever the table has grown by this many.
const TIDY: u64 = 64;

/// The records of one issuer. One process at a time.
pub(crate) struct Records(Database);

impl Records {
    /// Opens or makes the database; nothing where another process has it open.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Option<Self>> {
        if !path.exists() {
            // So that the file is never readable by others, not even while it is empty.
            program::folder::write_secret(path, &[])?;
        }
        let database = match Database::create(path) {
            Ok(database) => database,
            Err(DatabaseError::DatabaseAlreadyOpen) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let write = database.begin_write()?;
        write.open_table(GRANTS)?;
        write.open_table(LOOKUPS)?;
        write.open_table(USED)?;
        write.open_table(PLACES)?;
        write.open_table(TAKEN)?;
        write.commit()?;
        Ok(Some(Self(database)))
    }

    fn try_change(
        &self,
        find: impl FnOnce(&redb::WriteTransaction) -> Result<Option<Grant>, redb::Error>,
        step: &mut dyn FnMut(&mut Grant),
    ) -> Result<bool, redb::Error> {
        let write = self.0.begin_write()?;
        let Some(mut grant) = find(&write)? else {
            return Ok(false);
        };
        {
            let mut lookups = write.open_table(LOOKUPS)?;
            for lookup in grant.lookups() {
                lookups.remove(lookup.as_str())?;
            }
            step(&mut grant);
            for lookup in grant.lookups() {
                lookups.insert(lookup.as_str(), grant.id.as_str())?;
            }
            let bytes = serde_json::to_vec(&grant).map_err(damaged)?;
            write
                .open_table(GRANTS)?
                .insert(grant.id.as_str(), bytes.as_slice())?;
        }
        write.commit()?;
        Ok(true)
    }

    fn try_use(&self, id: &str, until: UnixTime, now: UnixTime) -> Result<bool, redb::Error> {
        let write = self.0.begin_write()?;
        let fresh = {
            let mut used = write.open_table(USED)?;
            if used.len()? % TIDY == TIDY - 1 {
                used.retain(|_, until| until >= now)?;
            }
            used.insert(id, until)?.is_none()
        };
        write.commit()?;
        Ok(fresh)
    }

    fn try_grants(&self) -> Result<Vec<Grant>, redb::Error> {
        let read = self.0.begin_read()?;
        let table = read.open_table(GRANTS)?;
        let mut grants = Vec::new();
        for entry in table.iter()? {
            let (_, bytes) = entry?;
            grants.push(serde_json::from_slice(bytes.value()).map_err(damaged)?);
        }
        Ok(grants)
    }

    fn try_take_places(&self, grant: &str, count: usize) -> Result<Vec<Place>, redb::Error> {
        let write = self.0.begin_write()?;
        let mut places = Vec::with_capacity(count);
        {
            let mut table = write.open_table(PLACES)?;
            let mut counts = write.open_table(TAKEN)?;
            for _ in 0..count {
                let newest = counts
                    .last()?
                    .map(|(list, taken)| (list.value(), taken.value()));
                let (list, taken) = newest.unzip();
                let taken = taken.unwrap_or_default();
                let place = make_place(list, taken, |place: Place| {
                    Ok::<_, redb::Error>(table.get((place.list, place.index))?.is_some())
                })?;
                table.insert((place.list, place.index), grant)?;
                let taken = if list == Some(place.list) { taken } else { 0 };
                counts.insert(place.list, taken.saturating_add(1))?;
                places.push(place);
            }
        }
        // On the disk before any card names them.
        write.commit()?;
        Ok(places)
    }

    fn try_places(&self) -> Result<Vec<(Place, String)>, redb::Error> {
        let read = self.0.begin_read()?;
        let table = read.open_table(PLACES)?;
        let mut places = Vec::new();
        for entry in table.iter()? {
            let (place, grant) = entry?;
            let (list, index) = place.value();
            places.push((Place { list, index }, grant.value().to_owned()));
        }
        Ok(places)
    }
}

impl Store for Records {
    fn insert(&self, grant: &Grant) -> Result<(), StoreError> {
        self.try_change(|_| Ok(Some(grant.clone())), &mut |_| ())
            .map(drop)
            .map_err(failed)
    }

    fn change(&self, lookup: &str, step: &mut dyn FnMut(&mut Grant)) -> Result<bool, StoreError> {
        let find = |write: &redb::WriteTransaction| {
            let lookups = write.open_table(LOOKUPS)?;
            let Some(id) = lookups.get(lookup)? else {
                return Ok(None);
            };
            let grants = write.open_table(GRANTS)?;
            let Some(bytes) = grants.get(id.value())? else {
                return Ok(None);
            };
            serde_json::from_slice(bytes.value()).map_err(damaged)
        };
        self.try_change(find, step).map_err(failed)
    }

    fn use_once(&self, id: &str, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        self.try_use(id, until, now).map_err(failed)
    }

    fn grants(&self) -> Result<Vec<Grant>, StoreError> {
        self.try_grants().map_err(failed)
    }

    fn take_places(&self, grant: &str, count: usize) -> Result<Vec<Place>, StoreError> {
        self.try_take_places(grant, count).map_err(failed)
    }

    fn places(&self) -> Result<Vec<(Place, String)>, StoreError> {
        self.try_places().map_err(failed)
    }
}

fn damaged(_: serde_json::Error) -> redb::Error {
    // The parser's message could repeat a claim.
    redb::Error::Corrupted("a record is damaged".to_owned())
}

fn failed(error: redb::Error) -> StoreError {
    StoreError(Box::new(error))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn places_are_kept_and_never_handed_out_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        let mut all = HashSet::new();
        // Each time as if the program had ended in between.
        for round in 0..5 {
            let records = Records::open(&path).unwrap().unwrap();
            let places = records.take_places(&format!("grant-{round}"), 20).unwrap();
            assert_eq!(places.len(), 20);
            for place in places {
                assert_eq!(place.list, 1);
                assert!(all.insert(place), "a place twice");
            }
        }
        let records = Records::open(&path).unwrap().unwrap();
        let kept = records.places().unwrap();
        let found: HashSet<_> = kept.iter().map(|(place, _)| *place).collect();
        assert_eq!(found, all);
        let of_last = kept.iter().filter(|(_, grant)| grant == "grant-4").count();
        assert_eq!(of_last, 20);
    }

    #[test]
    fn the_next_list_is_begun_when_one_is_half_full() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(&folder.path().join("records"))
            .unwrap()
            .unwrap();
        let half = protocol::issuer::HERD as usize / 2;
        let first = records.take_places("a", half).unwrap();
        assert!(first.iter().all(|place| place.list == 1));
        assert_eq!(first.iter().collect::<HashSet<_>>().len(), half);
        let next = records.take_places("b", 2).unwrap();
        assert!(next.iter().all(|place| place.list == 2));
    }
}
