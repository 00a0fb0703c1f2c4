//! Offers in a redb database.

use std::path::Path;

use keys::UnixTime;
use protocol::issuer::{Grant, Store, StoreError};
use redb::{
    Database, DatabaseError, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _,
    TableDefinition,
};

const GRANTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("grants");
const LOOKUPS: TableDefinition<'_, &str, &str> = TableDefinition::new("lookups");
const USED: TableDefinition<'_, &str, i64> = TableDefinition::new("used");
/// Old entries of `used` go whenever the table has grown by this many.
const TIDY: u64 = 64;

/// The records of one issuer. One process at a time.
pub(crate) struct Records(Database);

impl Records {
    /// Opens or makes the database; nothing where another process has it open.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Option<Self>> {
        if !path.exists() {
            // So that the file is never readable by others, not even while it is empty.
            crate::files::write_secret(path, &[])?;
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
}

fn damaged(_: serde_json::Error) -> redb::Error {
    // The parser's message could repeat a claim.
    redb::Error::Corrupted("a record is damaged".to_owned())
}

fn failed(error: redb::Error) -> StoreError {
    StoreError(Box::new(error))
}
