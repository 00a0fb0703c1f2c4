//! Evidence: what stood about an issuer, to be checked with nothing but the ledger's pin.
//!
//! It holds the newest checkpoint, the last entry with its inclusion proof (RFC 9162 §2.1.3),
//! and the whole records of the issuer and of the bodies that vouch for it, each with its proof
//! in the state map to which that entry commits. No network is needed, and no age spoils it: it
//! says what stood at the time that the operator attests, not what stands now.
//!
//! Whoever checks it takes the word of the log (and of the witnesses that the pin asks for) that
//! the rules were kept: only a replica replays every event.

use keys::x509::Certificate;
use keys::{PublicKey, UnixTime, json};
use serde_json::{Map, Value, json};

use crate::canonical;
use crate::comet::{Headers, MAX_HEADERS, follows_now};
use crate::decide::{Freshness, Presented, Question, Verdict, View, decide};
use crate::map::MapProof;
use crate::merkle::{Hash, leaf_hash, verify_inclusion};
use crate::pin::Pin;
use crate::record::Record;
use crate::registry::Registry;
use crate::replica::{Replica, TIME_TOLERANCE, UpdateError, check_note};
use crate::signed::Leaf;

/// The longest evidence that is read, in bytes. The longest headers that a replica of a network
/// keeps fit ([`crate::comet::MAX_HEADERS`]); what is longer holds records of very many versions.
pub const MAX_EVIDENCE: usize = MAX_HEADERS + 256 * 1024;
/// The most records in one: an issuer and those who vouch for it.
const MAX_RECORDS: usize = 32;
/// The longest path in the log or in the map.
const MAX_HASHES: usize = 256;
const VERSION: u64 = 1;
/// The member that tells evidence from any other document.
const MARK: &str = "cairn_evidence";

/// Why evidence was refused. [`EvidenceError::name`] is what programs compare.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// Not evidence, or of a version that is not known.
    #[error("not evidence of a version that is known")]
    Malformed,
    /// The checkpoint is not one that the pin accepts.
    #[error(transparent)]
    Checkpoint(#[from] UpdateError),
    /// The entry is not the last one under the checkpoint.
    #[error("the entry is not the last one that the checkpoint commits to")]
    Inclusion,
    /// A record is not the one to which the entry commits.
    #[error("a record is not the one that stood on the ledger")]
    Record,
    /// The record of a body that vouches for the issuer is left out.
    #[error("the record of a body that vouches for the issuer is missing")]
    Incomplete,
    /// What stands about the issuer takes more than evidence holds; nothing was made.
    #[error("the ledger says more about this issuer than {MAX_EVIDENCE} bytes of evidence hold")]
    TooLong,
}

impl EvidenceError {
    /// The name of the refusal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed_evidence",
            Self::Checkpoint(error) => error.name(),
            Self::Inclusion => "wrong_inclusion",
            Self::Record => "wrong_record",
            Self::Incomplete => "incomplete_evidence",
            Self::TooLong => "evidence_too_long",
        }
    }
}

/// Evidence as it was read or made. Nothing in it has been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    about: Option<About>,
    checkpoint: Vec<u8>,
    entry: Vec<u8>,
    inclusion: Vec<Hash>,
    records: Vec<Shown>,
}

/// What evidence was made for: an issuer's key, a type and an issue time. No part of a
/// credential, and proven by nothing: it only says which question to ask.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The issuer's key, or the chain of its certificates.
    pub key: IssuerKey,
    /// The type's id on the ledger.
    pub type_id: String,
    /// When the issuer says that it issued.
    pub issued_at: Option<UnixTime>,
}

/// A bare key, or a chain of certificates, leaf first.
#[derive(Clone, PartialEq)]
pub enum IssuerKey {
    /// A bare key.
    Bare(PublicKey),
    /// A chain.
    Chain(Vec<Certificate>),
}

/// A record's canonical text and the way from the map's root to it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    text: Vec<u8>,
    siblings: Vec<Hash>,
}

/// What evidence proves.
pub struct Proven {
    registry: Registry,
    attested: UnixTime,
    /// False where its signers may be of long ago, so that nothing may be decided by it now.
    is_current: bool,
}

impl Evidence {
    /// True when a document says that it is evidence; whether it is any good is for
    /// [`Self::parse`] and [`Self::check`] to say.
    pub fn is_marked(document: &Map<String, Value>) -> bool {
        document.contains_key(MARK)
    }

    /// With what it was made for.
    #[must_use]
    pub fn about(mut self, about: About) -> Self {
        self.about = Some(about);
        self
    }

    /// What it was made for, where it says so.
    pub fn subject(&self) -> Option<&About> {
        self.about.as_ref()
    }

    /// Reads evidence from JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let value =
            json::parse_bounded(bytes, MAX_EVIDENCE).map_err(|_| EvidenceError::Malformed)?;
        Self::read(&value).ok_or(EvidenceError::Malformed)
    }

    fn read(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let about = object.get("about").map(About::read);
        if object.get(MARK)?.as_u64()? != VERSION
            || object.len() != 5 + usize::from(about.is_some())
        {
            return None;
        }
        let records = object.get("records")?.as_array()?;
        if records.is_empty() || records.len() > MAX_RECORDS {
            return None;
        }
        Some(Self {
            about: match about {
                None => None,
                Some(about) => Some(about?),
            },
            checkpoint: object.get("checkpoint")?.as_str()?.as_bytes().to_vec(),
            entry: canonical::value_to_bytes(object.get("entry")?).ok()?,
            inclusion: hashes(object.get("inclusion")?)?,
            records: records.iter().map(Shown::read).collect::<Option<_>>()?,
        })
    }

    /// The evidence as JSON. What [`Self::parse`] would not read is not made
    /// ([`EvidenceError::TooLong`]).
    pub fn to_bytes(&self) -> Result<Vec<u8>, EvidenceError> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let value = |bytes: &[u8]| {
            canonical::parse(bytes, MAX_EVIDENCE).map_err(|_| EvidenceError::TooLong)
        };
        let records: Vec<Value> = self
            .records
            .iter()
            .map(|shown| {
                let siblings = encode(&shown.siblings);
                Ok(json!({"record": value(&shown.text)?, "siblings": siblings}))
            })
            .collect::<Result<_, EvidenceError>>()?;
        let mut document = json!({
            MARK: VERSION,
            "checkpoint": text(&self.checkpoint),
            "entry": value(&self.entry)?,
            "inclusion": encode(&self.inclusion),
            "records": records,
        });
        if let (Some(about), Some(object)) = (&self.about, document.as_object_mut()) {
            object.insert("about".to_owned(), about.to_json());
        }
        let bytes = document.to_string().into_bytes();
        if bytes.len() > MAX_EVIDENCE || self.records.len() > MAX_RECORDS {
            return Err(EvidenceError::TooLong);
        }
        Ok(bytes)
    }

    /// Checks all of it against the pin.
    pub fn check(&self, pin: &Pin) -> Result<Proven, EvidenceError> {
        let claim = check_note(pin, &self.checkpoint)?;
        let size = claim.checkpoint.size;
        let last = size.checked_sub(1).ok_or(EvidenceError::Inclusion)?;
        verify_inclusion(
            last,
            size,
            &leaf_hash(&self.entry),
            &self.inclusion,
            &claim.checkpoint.root,
        )
        .map_err(|_| EvidenceError::Inclusion)?;
        let leaf = Leaf::parse(&self.entry).map_err(|_| EvidenceError::Malformed)?;
        if leaf.time > claim.attested.saturating_add(TIME_TOLERANCE) {
            return Err(UpdateError::TimeAhead.into());
        }
        let mut records = Vec::new();
        for shown in &self.records {
            records.push(shown.check(&leaf.state)?);
        }
        let shown = |by: &str| records.iter().any(|record| record.id == by);
        if !records.iter().all(|record| vouchers(record).all(shown)) {
            return Err(EvidenceError::Incomplete);
        }
        Ok(Proven {
            registry: Registry::of_records(pin.ledger(), size, leaf.time, records)
                .map_err(|_| EvidenceError::Record)?,
            attested: claim.attested,
            is_current: true,
        })
    }

    /// Checks all of it, and whether it may count at `now`, for whoever decides by it: a network's
    /// evidence must follow from the newest header of the replica, or from the pin's where it has
    /// none, within the trusting period. Whoever holds the keys of validators of long ago can sign any
    /// date. What does not follow is history still: [`Proven::decide`] says what stood then.
    pub fn check_beside(&self, replica: &Replica, now: UnixTime) -> Result<Proven, EvidenceError> {
        let mut proven = self.check(replica.pin())?;
        if let Some(pin) = replica.pin().network() {
            let headers = Headers::parse(&self.checkpoint).map_err(|_| EvidenceError::Malformed)?;
            proven.is_current = follows_now(pin, replica.headers(), &headers, now);
        }
        Ok(proven)
    }
}

impl About {
    /// The question that it asks of a ledger.
    pub fn question(&self) -> Question<'_> {
        Question::Issuer {
            key: match &self.key {
                IssuerKey::Bare(key) => Presented::Key(key),
                IssuerKey::Chain(chain) => Presented::Chain(chain),
            },
            type_id: &self.type_id,
            issued_at: self.issued_at,
        }
    }

    fn read(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let issued_at = object.get("issued_at").map(Value::as_i64);
        let key = object.get("issuer_key")?;
        let known = 2 + usize::from(issued_at.is_some());
        if object.len() != known || issued_at == Some(None) {
            return None;
        }
        Some(Self {
            key: if key.is_array() {
                IssuerKey::Chain(Certificate::chain_from_x5c(key).ok()?)
            } else {
                IssuerKey::Bare(PublicKey::from_jwk(key).ok()?)
            },
            type_id: object.get("type")?.as_str()?.to_owned(),
            issued_at: issued_at.flatten(),
        })
    }

    fn to_json(&self) -> Value {
        let key = match &self.key {
            IssuerKey::Bare(key) => key.to_jwk(),
            IssuerKey::Chain(chain) => chain.iter().map(Certificate::to_x5c).collect(),
        };
        let mut about = json!({"issuer_key": key, "type": self.type_id});
        if let (Some(time), Some(object)) = (self.issued_at, about.as_object_mut()) {
            object.insert("issued_at".to_owned(), time.into());
        }
        about
    }
}

impl std::fmt::Debug for IssuerKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bare(key) => key.fmt(formatter),
            Self::Chain(chain) => write!(formatter, "Chain({} certificates)", chain.len()),
        }
    }
}

impl Shown {
    fn read(value: &Value) -> Option<Self> {
        let object = value.as_object().filter(|object| object.len() == 2)?;
        Some(Self {
            text: canonical::value_to_bytes(object.get("record")?).ok()?,
            siblings: hashes(object.get("siblings")?)?,
        })
    }

    fn check(&self, state: &Hash) -> Result<Record, EvidenceError> {
        let value = canonical::parse(&self.text, MAX_EVIDENCE);
        let record: Record = value
            .ok()
            .and_then(|value| serde_json::from_value(value).ok())
            .ok_or(EvidenceError::Record)?;
        MapProof::of_entry(self.siblings.clone(), record.id.as_bytes(), &self.text)
            .verify_presence(state, record.id.as_bytes(), &self.text)
            .map_err(|_| EvidenceError::Record)?;
        Ok(record)
    }
}

impl Proven {
    /// The time that the operator attests: what is proven is what stood then.
    pub fn attested(&self) -> UnixTime {
        self.attested
    }

    /// The records that are proven, by id; none where [`Evidence::check_beside`] found that they
    /// may not count now.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        let records = self.is_current.then(|| self.registry.records());
        records.into_iter().flatten()
    }

    /// The verdict as it was at [`Self::attested`]. About a key that belongs to none of the
    /// records it says `unlisted`, which is no evidence of anything.
    pub fn decide(&self, question: &Question<'_>) -> Verdict {
        let view = View {
            registry: Some(&self.registry),
            attested: self.attested,
            highest_attested: self.attested,
            freshness: Freshness::default(),
        };
        decide(&view, question, self.attested)
    }

    /// The verdict as it counts at `now`, with its age: for whoever has nothing newer.
    /// `highest_attested` is the highest time that was ever seen attested. Unknown where
    /// [`Evidence::check_beside`] found that it may not count now.
    pub fn decide_at(
        &self,
        question: &Question<'_>,
        highest_attested: UnixTime,
        now: UnixTime,
    ) -> Verdict {
        if !self.is_current {
            let nothing = View {
                registry: None,
                attested: 0,
                highest_attested: 0,
                freshness: Freshness::default(),
            };
            return decide(&nothing, question, now);
        }
        let view = View {
            registry: Some(&self.registry),
            attested: self.attested,
            highest_attested: highest_attested.max(self.attested),
            freshness: Freshness::default(),
        };
        decide(&view, question, now)
    }
}

impl Replica {
    /// Evidence of what stands about an issuer; `last` is the log's last entry. `None` where
    /// the ledger does not know the body, or `last` is another entry.
    pub fn prove_standing(&self, body: &str, last: &[u8]) -> Option<Evidence> {
        let index = self.size().checked_sub(1)?;
        if self.tree().leaf(index)? != leaf_hash(last) {
            return None;
        }
        let registry = self.registry();
        let mut records = vec![registry.record(body)?];
        let mut looked_at = 0;
        while let Some(record) = records.get(looked_at).copied() {
            for by in vouchers(record) {
                if !records.iter().any(|known| known.id == by) {
                    records.push(registry.record(by)?);
                }
            }
            looked_at += 1;
        }
        let records = records.into_iter().map(|record| {
            let (text, proof) = registry.prove(&record.id);
            Some(Shown {
                text: text?,
                siblings: proof.siblings,
            })
        });
        Some(Evidence {
            about: None,
            checkpoint: self.note().to_vec(),
            entry: last.to_vec(),
            inclusion: self.tree().prove_inclusion(index, self.size())?,
            records: records.collect::<Option<_>>()?,
        })
    }
}

/// The bodies on whose accreditation an issuer's grants rest.
fn vouchers(record: &Record) -> impl Iterator<Item = &str> {
    let issuer = record.issuer.iter();
    let grants = issuer.flat_map(|issuer| &issuer.grants);
    grants.map(|grant| grant.by.as_str())
}

fn encode(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(keys::b64::encode).collect()
}

fn hashes(value: &Value) -> Option<Vec<Hash>> {
    let list = value.as_array().filter(|list| list.len() <= MAX_HASHES)?;
    list.iter()
        .map(|item| keys::b64::decode(item.as_str()?).ok()?.try_into().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_evidence() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"cairn_evidence":2}"#,
            r#"{"cairn_evidence":1}"#,
        ] {
            let error = Evidence::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.name(), "malformed_evidence", "{text}");
        }
        let long = vec![b' '; MAX_EVIDENCE + 1];
        assert!(Evidence::parse(&long).is_err());
    }

    #[test]
    fn what_would_not_be_read_is_not_made() {
        let shown = Shown {
            text: b"{}".to_vec(),
            siblings: Vec::new(),
        };
        let evidence = |records| Evidence {
            about: None,
            checkpoint: Vec::new(),
            entry: b"{}".to_vec(),
            inclusion: Vec::new(),
            records: vec![shown.clone(); records],
        };
        let made = |evidence: Evidence| evidence.to_bytes().map_err(|error| error.name());
        assert!(made(evidence(MAX_RECORDS)).is_ok());
        let many = made(evidence(MAX_RECORDS + 1));
        assert_eq!(many, Err("evidence_too_long"));
        let about = About {
            key: IssuerKey::Chain(Vec::new()),
            type_id: "t".repeat(MAX_EVIDENCE),
            issued_at: None,
        };
        let long = made(evidence(1).about(about));
        assert_eq!(long, Err("evidence_too_long"));
    }
}
