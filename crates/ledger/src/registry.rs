//! What stands on a ledger: the state that its events have made.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use keys::UnixTime;
use keys::x509::Certificate;
use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::event::{GOVERNANCE, Validator};
use crate::map::{MapProof, StateMap};
use crate::merkle::Hash;
use crate::record::{Accreditation, KeyRecord, Publication, Record};
use crate::rules::{Rejection, entry_certificate};

/// The state after so many events. [`Registry::apply`] is the only way to change it.
///
/// A clone costs nothing while neither it nor the original changes; what an event then changes
/// first is copied, and the records themselves and the map stay shared.
#[derive(Clone, Default)]
pub struct Registry {
    pub(crate) ledger: String,
    pub(crate) governance: Governance,
    pub(crate) records: Arc<BTreeMap<Arc<str>, Arc<Record>>>,
    pub(crate) owners: Arc<HashMap<String, Owner>>,
    pub(crate) anchors: Arc<HashMap<String, Vec<Anchor>>>,
    pub(crate) subjects: Arc<HashMap<String, Vec<Arc<str>>>>,
    pub(crate) map: StateMap,
    pub(crate) size: u64,
    pub(crate) time: UnixTime,
    pub(crate) trail: Arc<HashMap<Arc<str>, Vec<TrailEntry>>>,
}

/// Who makes accreditors. In the state map under [`GOVERNANCE`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Governance {
    /// What the ledger is called.
    pub name: String,
    /// Version of the rules.
    pub rules: u64,
    /// Keys as public JWK.
    pub keys: Vec<serde_json::Value>,
    /// How many must sign.
    pub threshold: u64,
    /// Number of the last event signed.
    pub sequence: u64,
    /// A ledger for demonstrations.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// Who signs blocks, where a network keeps the ledger.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<Validator>,
}

/// To whom a key belongs, and for what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Owner {
    pub(crate) body: Arc<str>,
    pub(crate) role: Role,
}

/// A key serves one of these, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Control,
    Issuing,
    Service,
    Validating,
}

/// A CA below which a body's leaf certificates stand.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) body: Arc<str>,
    pub(crate) san: Option<String>,
}

/// One event about a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrailEntry {
    /// Number of the event in the log, from 0.
    pub index: u64,
    /// When the log took it.
    pub time: UnixTime,
    /// The action, as events spell it.
    pub action: &'static str,
    /// Who signed it.
    pub signer: String,
}

impl Registry {
    /// The ledger's id: base64url of SHA-256 over the payload of its genesis. Empty before.
    pub fn ledger(&self) -> &str {
        &self.ledger
    }

    /// Name, keys and threshold of the governance.
    pub fn governance(&self) -> &Governance {
        &self.governance
    }

    /// Number of events.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// When the log took the last event.
    pub fn time(&self) -> UnixTime {
        self.time
    }

    /// Root of the state map.
    pub fn state(&self) -> Hash {
        self.map.root()
    }

    /// What stands about one id.
    pub fn record(&self, id: &str) -> Option<&Record> {
        self.records.get(id).map(Arc::as_ref)
    }

    /// All records, by id.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values().map(Arc::as_ref)
    }

    /// The events about one id, the oldest first.
    pub fn trail(&self, id: &str) -> &[TrailEntry] {
        self.trail.get(id).map_or(&[], Vec::as_slice)
    }

    /// All events, the oldest first, each with the id that it is about.
    pub fn entries(&self) -> Vec<(&str, &TrailEntry)> {
        let mut all: Vec<(&str, &TrailEntry)> = self
            .trail
            .iter()
            .flat_map(|(id, entries)| entries.iter().map(|entry| (id.as_ref(), entry)))
            .collect();
        all.sort_unstable_by_key(|(_, entry)| entry.index);
        all
    }

    /// The next sequence number of a signer.
    pub fn next_sequence(&self, signer: &str) -> u64 {
        if signer == GOVERNANCE {
            return self.governance.sequence + 1;
        }
        self.record(signer).map_or(0, |record| record.sequence) + 1
    }

    /// The canonical text under an id in the state map, and the proof for it: of presence,
    /// or of absence where there is no text.
    pub fn prove(&self, id: &str) -> (Option<Vec<u8>>, MapProof) {
        let text = if id == GOVERNANCE && self.size > 0 {
            canonical::to_bytes(&self.governance).ok()
        } else {
            self.record(id)
                .and_then(|record| canonical::to_bytes(record).ok())
        };
        (text, self.map.prove(id.as_bytes()))
    }

    /// An accreditation by its accreditor and number.
    pub fn accreditation(&self, id: &str, version: u64) -> Option<&Accreditation> {
        let version = usize::try_from(version).ok()?;
        self.record(id)?.accreditations.get(version)
    }

    /// What stands published of a type: the last publication that was not withdrawn, nor the
    /// accreditation below it. Its term may be over; what a type is does not end with it.
    pub fn published_type(&self, type_id: &str) -> Option<&Publication> {
        let publications = &self.record(type_id)?.publications;
        publications
            .iter()
            .rfind(|publication| self.publication_stands(publication))
    }

    /// True for a publication that was not withdrawn, nor the accreditation below it.
    pub fn publication_stands(&self, publication: &Publication) -> bool {
        publication.withdrawn.is_none()
            && self
                .accreditation(&publication.by, publication.accreditation)
                .is_some_and(|accreditation| accreditation.withdrawn.is_none())
    }

    /// The issuing key with this thumbprint, and its body.
    pub fn issuing_key(&self, thumbprint: &str) -> Option<(&Record, &KeyRecord)> {
        let owner = self.owners.get(thumbprint)?;
        let record = self.record(&owner.body)?;
        let key = record
            .issuer
            .as_ref()?
            .keys
            .iter()
            .rev()
            .find(|key| key.thumbprint == thumbprint && !key.entry.ca)?;
        Some((record, key))
    }

    /// Registered CA certificates that may stand above this chain, with their bodies.
    pub(crate) fn anchors_above(
        &self,
        chain: &[Certificate],
    ) -> Vec<(&Record, &KeyRecord, Certificate)> {
        let mut found = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for issuer in chain.iter().map(Certificate::issuer) {
            if seen.contains(&issuer) {
                continue;
            }
            for body in self.subjects.get(&issuer).into_iter().flatten() {
                let Some(record) = self.record(body) else {
                    continue;
                };
                let keys = record.issuer.iter().flat_map(|issuer| &issuer.keys);
                for key in keys.filter(|key| key.entry.ca) {
                    if let Ok(Some(certificate)) = entry_certificate(&key.entry)
                        && certificate.subject() == issuer
                    {
                        found.push((record, key, certificate));
                    }
                }
            }
            seen.push(issuer);
        }
        found
    }

    /// A view of a few records that were proven elsewhere: enough to judge the issuers among
    /// them. Its state map holds nothing else, so that its root is not the ledger's.
    pub(crate) fn of_records(
        ledger: &str,
        size: u64,
        time: UnixTime,
        records: Vec<Record>,
    ) -> Result<Self, Rejection> {
        let mut view = Self {
            ledger: ledger.to_owned(),
            size,
            time,
            ..Self::default()
        };
        for record in records {
            let body: Arc<str> = Arc::from(record.id.as_str());
            for key in record.issuer.iter().flat_map(|issuer| &issuer.keys) {
                if !key.entry.ca {
                    let owner = Owner {
                        body: Arc::clone(&body),
                        role: Role::Issuing,
                    };
                    Arc::make_mut(&mut view.owners).insert(key.thumbprint.clone(), owner);
                } else if let Some(certificate) = entry_certificate(&key.entry)? {
                    let subjects = Arc::make_mut(&mut view.subjects);
                    let bodies = subjects.entry(certificate.subject()).or_default();
                    if !bodies.contains(&body) {
                        bodies.push(Arc::clone(&body));
                    }
                }
            }
            view.set_record(record)?;
        }
        Ok(view)
    }

    pub(crate) fn set_record(&mut self, record: Record) -> Result<(), Rejection> {
        let text = canonical::to_bytes(&record).map_err(|_| Rejection::Malformed("record"))?;
        self.map.insert(record.id.as_bytes(), &text);
        Arc::make_mut(&mut self.records).insert(Arc::from(record.id.as_str()), Arc::new(record));
        Ok(())
    }

    pub(crate) fn set_governance(&mut self, governance: Governance) -> Result<(), Rejection> {
        let text = canonical::to_bytes(&governance).map_err(|_| Rejection::Malformed("record"))?;
        self.map.insert(GOVERNANCE.as_bytes(), &text);
        self.governance = governance;
        Ok(())
    }
}
