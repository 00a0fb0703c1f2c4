//! What stands about one body: the values of the state map.
//!
//! Nothing is ever taken out of a record. What ended, was withdrawn or revoked stays, with
//! the time, so that the past can be judged.

use keys::UnixTime;
use serde::{Deserialize, Serialize};

use crate::event::{ControlKey, KeyEntry, Names, Purpose, TypeFile};

/// All that the ledger says about one id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The body's id, a service's client id, or a type's id.
    pub id: String,
    /// Number of the last event that the body signed; 0 before the first.
    pub sequence: u64,
    /// Accreditations, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accreditations: Vec<Accreditation>,
    /// What it is as an issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
    /// Registrations as a service, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// What was published of it, where the id is a type's; the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publications: Vec<Publication>,
}

/// The right to register others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accreditation {
    /// What the body is called.
    pub names: Names,
    /// Keys that sign its events.
    pub control_keys: Vec<ControlKey>,
    /// Types that it may let others issue.
    pub types: Vec<String>,
    /// Since when.
    pub from: UnixTime,
    /// Until when.
    pub until: UnixTime,
    /// Ended before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
}

/// A body that issues.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issuer {
    /// What it is called.
    pub names: Names,
    /// Where it has its powers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// Keys by which it rotates and revokes its issuing keys itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub control_keys: Vec<ControlKey>,
    /// Issuing keys, the oldest first.
    pub keys: Vec<KeyRecord>,
    /// One grant a type, the oldest first.
    pub grants: Vec<Grant>,
    /// URLs below which its status lists are found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status_lists: Vec<String>,
}

/// The right to issue one type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The type's id, or [`crate::event::ANY_TYPE`].
    #[serde(rename = "type")]
    pub type_id: String,
    /// The accreditor that gave it.
    pub by: String,
    /// Which of the accreditor's accreditations it rests on, from 0.
    pub accreditation: u64,
    /// Since when.
    pub from: UnixTime,
    /// Until when.
    pub until: UnixTime,
    /// Ended before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
}

/// A key with what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The key, as it was registered.
    pub entry: KeyEntry,
    /// RFC 7638 thumbprint of the public key.
    pub thumbprint: String,
    /// The accreditor that registered it, or under whose grants it came by rotation.
    pub by: String,
    /// Since when.
    pub from: UnixTime,
    /// Another key took over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated: Option<Rotated>,
    /// It counts no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revoked>,
}

/// A service that may ask for details.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// What it is called.
    pub names: Names,
    /// The accreditor that registered it.
    pub by: String,
    /// Which of the accreditor's accreditations it rests on, from 0.
    pub accreditation: u64,
    /// Keys or root certificates of its requests.
    pub keys: Vec<KeyRecord>,
    /// What it asks for.
    pub purposes: Vec<Purpose>,
    /// Since when.
    pub from: UnixTime,
    /// Until when.
    pub until: UnixTime,
    /// Ended before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
}

/// What an accreditor published of a type. A later one takes the place of this one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// The accreditor that published it.
    pub by: String,
    /// Which of the accreditor's accreditations it rests on, from 0.
    pub accreditation: u64,
    /// Since when.
    pub from: UnixTime,
    /// The JSON Schema of the type's claims.
    pub schema: TypeFile,
    /// Its SD-JWT VC type metadata.
    pub metadata: TypeFile,
    /// The JSON-LD context of its terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<TypeFile>,
    /// Ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
}

/// The end of a right before its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// When.
    pub at: UnixTime,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A key after which another one came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rotated {
    /// When.
    pub at: UnixTime,
    /// Until when what it signed is accepted.
    pub accept_until: UnixTime,
    /// Thumbprint of the key that took over.
    pub to: String,
}

/// The end of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revoked {
    /// When.
    pub at: UnixTime,
    /// Why, for people.
    pub reason: String,
    /// Since when others may have had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_from: Option<UnixTime>,
}

impl Record {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            sequence: 0,
            accreditations: Vec::new(),
            issuer: None,
            services: Vec::new(),
            publications: Vec::new(),
        }
    }
}

impl Accreditation {
    /// Neither withdrawn nor over at `time`.
    pub fn stands_at(&self, time: UnixTime) -> bool {
        self.withdrawn.is_none() && time < self.until
    }

    /// True when this type may be granted under it.
    pub fn covers(&self, type_id: &str) -> bool {
        covers(&self.types, type_id)
    }
}

impl Grant {
    /// Neither withdrawn nor over at `time`, as far as the grant itself goes.
    pub fn stands_at(&self, time: UnixTime) -> bool {
        self.withdrawn.is_none() && time < self.until
    }
}

impl Service {
    /// Neither withdrawn nor over at `time`, as far as the registration itself goes.
    pub fn stands_at(&self, time: UnixTime) -> bool {
        self.withdrawn.is_none() && time < self.until
    }
}

fn covers(types: &[String], type_id: &str) -> bool {
    types
        .iter()
        .any(|own| own == crate::event::ANY_TYPE || own == type_id)
}
