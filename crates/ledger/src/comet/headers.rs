//! Headers that lead from the pin's to a newer one, as they are stored, sent and put into
//! evidence. Nothing here is checked; [`super::verify`] does that.

use keys::{b64, json};
use serde_json::{Value, json};
use tendermint::block::Header;
use tendermint::block::signed_header::SignedHeader;
use tendermint::validator::{Info, Set};
use tendermint_proto::Protobuf;
use tendermint_proto::v0_38::types::{
    Header as RawHeader, SignedHeader as RawSignedHeader, ValidatorSet as RawSet,
};

use super::derive_app_hash;
use crate::merkle::Hash;

/// The longest document of headers that is read, in bytes.
pub const MAX_HEADERS: usize = 512 * 1024;
/// The most headers after the first.
pub const MAX_STEPS: usize = 64;
/// The most validators of a network.
pub const MAX_VALIDATORS: usize = 100;

const MARK: &str = "cairn_headers";
const VERSION: u64 = 1;

/// The bytes are no headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not headers of a network")]
pub struct NotHeaders;

/// A header, those that follow from it, the validators that they name, and the log to which
/// the last one commits.
#[derive(Clone, Debug, PartialEq)]
pub struct Headers {
    pub(crate) start: Header,
    pub(crate) steps: Vec<SignedHeader>,
    pub(crate) sets: Vec<Set>,
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

impl Headers {
    /// Reads the JSON form.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotHeaders> {
        let value = json::parse_bounded(bytes, MAX_HEADERS).map_err(|_| NotHeaders)?;
        Self::from_value(&value).ok_or(NotHeaders)
    }

    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        let object = value.as_object().filter(|object| object.len() == 6)?;
        if object.get(MARK)?.as_u64()? != VERSION {
            return None;
        }
        let bytes = |value: &Value| b64::decode(value.as_str()?).ok();
        let list = |name: &str, most: usize| {
            let list = object.get(name)?.as_array()?;
            let list = (list.len() <= most).then_some(list)?;
            list.iter().map(bytes).collect::<Option<Vec<_>>>()
        };
        let steps = list("steps", MAX_STEPS)?.into_iter().map(|bytes| {
            let step = <SignedHeader as Protobuf<RawSignedHeader>>::decode_vec(&bytes).ok()?;
            (step.commit.signatures.len() <= MAX_VALIDATORS).then_some(step)
        });
        let sets = list("sets", 2 * MAX_STEPS + 2)?.into_iter().map(|bytes| {
            let set = <Set as Protobuf<RawSet>>::decode_vec(&bytes).ok()?;
            make_set(set.validators)
        });
        let start = bytes(object.get("start")?)?;
        Some(Self {
            start: <Header as Protobuf<RawHeader>>::decode_vec(&start).ok()?,
            steps: steps.collect::<Option<_>>()?,
            sets: sets.collect::<Option<_>>()?,
            size: object.get("size")?.as_u64()?,
            root: bytes(object.get("root")?)?.try_into().ok()?,
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        let start = <Header as Protobuf<RawHeader>>::encode_vec(self.start.clone());
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|step| {
                b64::encode(<SignedHeader as Protobuf<RawSignedHeader>>::encode_vec(
                    step.clone(),
                ))
            })
            .collect();
        let sets: Vec<String> = self
            .sets
            .iter()
            .map(|set| b64::encode(<Set as Protobuf<RawSet>>::encode_vec(set.clone())))
            .collect();
        json!({
            MARK: VERSION,
            "root": b64::encode(self.root),
            "sets": sets,
            "size": self.size,
            "start": b64::encode(start),
            "steps": steps,
        })
    }

    /// The JSON form.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_value().to_string().into_bytes()
    }

    /// True where [`Self::parse`] would read the JSON form: with many validators the bytes are
    /// spent long before the headers are counted out.
    pub(crate) fn fits(&self) -> bool {
        self.steps.len() <= MAX_STEPS && self.to_bytes().len() <= MAX_HEADERS
    }

    /// The newest header.
    pub(crate) fn last(&self) -> &Header {
        self.steps.last().map_or(&self.start, |step| &step.header)
    }

    /// Height of the newest header.
    pub fn height(&self) -> u64 {
        self.last().height.value()
    }

    /// The validators with this hash.
    pub(crate) fn set(&self, hash: tendermint::Hash) -> Option<&Set> {
        self.sets.iter().find(|set| set.hash() == hash)
    }

    /// True where the newest header commits to this size and root.
    pub(crate) fn binds_log(&self) -> bool {
        let app_hash = derive_app_hash(self.size, &self.root);
        self.last().app_hash.as_bytes() == app_hash.as_slice()
    }

    /// Leaves out validators that no header names.
    pub(crate) fn trim(&mut self) {
        let mut named = vec![self.start.next_validators_hash];
        for step in &self.steps {
            named.push(step.header.validators_hash);
            named.push(step.header.next_validators_hash);
        }
        let mut kept: Vec<Set> = Vec::new();
        for set in &self.sets {
            if named.contains(&set.hash()) && !kept.iter().any(|one| one.hash() == set.hash()) {
                kept.push(Set::without_proposer(set.validators.clone()));
            }
        }
        self.sets = kept;
    }
}

/// A set from validators as they were read. Each one's address is that of its key, whatever was
/// said; `None` where they are too many or too powerful for the sums that are made of them.
pub(crate) fn make_set(validators: Vec<Info>) -> Option<Set> {
    if validators.is_empty() || validators.len() > MAX_VALIDATORS {
        return None;
    }
    let total = validators
        .iter()
        .try_fold(0_u64, |sum, one| sum.checked_add(one.power()))?;
    if total == 0 || total > Set::MAX_TOTAL_VOTING_POWER {
        return None;
    }
    let derived = validators
        .iter()
        .map(|one| Info::new(one.pub_key, one.power))
        .collect();
    Some(Set::without_proposer(derived))
}
