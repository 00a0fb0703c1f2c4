use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use keys::UnixTime;

use super::grant::Grant;
use super::places::{Place, make_place};

/// The records cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the issuer's records cannot be used")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where grants are kept. Every method is one step that happens whole or not at all.
pub trait Store: Send + Sync {
    /// Keeps a new grant.
    fn insert(&self, grant: &Grant) -> Result<(), StoreError>;

    /// Lets `step` change the grant with this lookup key and keeps what it leaves; false
    /// where there is none. Two steps on one grant never overlap.
    fn change(&self, lookup: &str, step: &mut dyn FnMut(&mut Grant)) -> Result<bool, StoreError>;

    /// Remembers that `id` was used, until `until`; false where it was used before. What is
    /// older than `now` may be forgotten.
    fn use_once(&self, id: &str, until: UnixTime, now: UnixTime) -> Result<bool, StoreError>;

    /// All grants.
    fn grants(&self) -> Result<Vec<Grant>, StoreError>;

    /// Takes `count` random places that nobody ever had in the lists of statuses, for the
    /// grant of this id, and remembers whose they are before it returns: a place is never
    /// handed out twice, whatever breaks in between. See [`make_place`].
    fn take_places(&self, grant: &str, count: usize) -> Result<Vec<Place>, StoreError>;

    /// The places that are taken in all lists, with the ids of their grants.
    fn places(&self) -> Result<Vec<(Place, String)>, StoreError>;
}

/// A store that forgets everything when it ends.
#[derive(Default)]
pub struct InMemory(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    grants: HashMap<String, Grant>,
    lookups: HashMap<String, String>,
    used: HashMap<String, UnixTime>,
    places: BTreeMap<Place, String>,
}

impl InMemory {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn keep(&mut self, grant: Grant) {
        self.lookups.retain(|_, id| *id != grant.id);
        for lookup in grant.lookups() {
            self.lookups.insert(lookup, grant.id.clone());
        }
        self.grants.insert(grant.id.clone(), grant);
    }
}

impl Store for InMemory {
    fn insert(&self, grant: &Grant) -> Result<(), StoreError> {
        self.memory().keep(grant.clone());
        Ok(())
    }

    fn change(&self, lookup: &str, step: &mut dyn FnMut(&mut Grant)) -> Result<bool, StoreError> {
        let mut memory = self.memory();
        let id = memory.lookups.get(lookup);
        let Some(mut grant) = id.and_then(|id| memory.grants.get(id)).cloned() else {
            return Ok(false);
        };
        step(&mut grant);
        memory.keep(grant);
        Ok(true)
    }

    fn use_once(&self, id: &str, until: UnixTime, now: UnixTime) -> Result<bool, StoreError> {
        let mut memory = self.memory();
        memory.used.retain(|_, until| *until >= now);
        Ok(memory.used.insert(id.to_owned(), until).is_none())
    }

    fn grants(&self) -> Result<Vec<Grant>, StoreError> {
        Ok(self.memory().grants.values().cloned().collect())
    }

    fn take_places(&self, grant: &str, count: usize) -> Result<Vec<Place>, StoreError> {
        let mut memory = self.memory();
        let mut taken = Vec::new();
        for _ in 0..count {
            let newest = memory.places.keys().map(|place| place.list).max();
            let in_newest = memory
                .places
                .keys()
                .filter(|place| Some(place.list) == newest)
                .count();
            let is_taken = |place| Ok(memory.places.contains_key(&place));
            let place = make_place(newest, in_newest as u64, is_taken)?;
            memory.places.insert(place, grant.to_owned());
            taken.push(place);
        }
        Ok(taken)
    }

    fn places(&self) -> Result<Vec<(Place, String)>, StoreError> {
        let places = &self.memory().places;
        Ok(places
            .iter()
            .map(|(place, grant)| (*place, grant.clone()))
            .collect())
    }
}
