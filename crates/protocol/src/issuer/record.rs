//! Cards that are not offered but signed for a program: what is kept of them is their status.

use credential::status::StatusRef;
use keys::UnixTime;
use serde_json::Map;

use super::form::Form;
use super::grant::{CardStatus, Grant, Promised, Stage, derive_hash, make_secret};
use super::service::Issuer;
use super::store::{Store, StoreError};

/// What stands in lists of offers where an offer has a type.
const SIGNED: &str = "signed for a program";
/// The length of a record's id, in characters of base64url.
const ID: usize = 12;

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordFailure {
    /// A credential of this name has a record already.
    #[error("a credential of this id was recorded before")]
    Taken,
    /// The records cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store> Issuer<S> {
    /// Takes a place in the lists of statuses for one credential and remembers it under the
    /// caller's name for it, where there is one. Returns how the credential names the place.
    pub fn record(
        &self,
        name: Option<&str>,
        now: UnixTime,
    ) -> Result<Vec<StatusRef>, RecordFailure> {
        if let Some(name) = name {
            let used = format!("record:{}", derive_hash(name));
            if !self.store.use_once(&used, UnixTime::MAX, now)? {
                return Err(RecordFailure::Taken);
            }
        }
        let grant = Grant {
            id: name.map_or_else(make_id, derive_id),
            created: now,
            expires: now,
            stage: Stage::Issued,
            promised: Promised {
                configuration_id: SIGNED.to_owned(),
                claims: Map::new(),
                valid_for: 0,
            },
            copies: 1,
            issued: 1,
            status: CardStatus::Valid,
            // Nobody has the secret: there is nothing to be handed out.
            code: derive_hash(&make_secret()),
            typed: None,
            token: None,
            reference: None,
            notifications: Vec::new(),
        };
        self.store.insert(&grant)?;
        let place = self.store.take_places(&grant.id, 1)?.into_iter().next();
        Ok(place
            .map(|place| self.status_refs(Form::DataIntegrity, place))
            .unwrap_or_default())
    }

    /// The offer or the record that a place in one of our lists belongs to.
    pub fn holder_of_place(&self, list: &str, index: u64) -> Result<Option<String>, StoreError> {
        let places = self.store.places()?.into_iter();
        Ok(places
            .filter(|(place, _)| u64::from(place.index) == index)
            .find(|(place, _)| {
                let refs = self.status_refs(Form::DataIntegrity, *place);
                refs.iter().any(|reference| reference.list() == list)
            })
            .map(|(_, grant)| grant))
    }
}

/// The id of the record of a credential of this name.
pub fn derive_id(name: &str) -> String {
    derive_hash(name).chars().take(ID).collect()
}

fn make_id() -> String {
    make_secret().chars().take(ID).collect()
}
