use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::binding::{Binding, Bound};
use super::cbor::{CborError, Head, Reader, Writer};
use super::inflate::{InflateError, deflate, inflate};
use super::pack::{Budget, Known, pack, pack_text, unpack, unpack_text};
use super::{MAX_NAME, VERSION};

/// The longest answer that is read, in bytes: what codes carry.
pub const MAX_ANSWER: usize = 32 * 1024;
/// The most bytes that an answer inflates to.
pub const MAX_INFLATED: usize = 256 * 1024;
/// The most presentations in an answer.
pub const MAX_PRESENTATIONS: usize = 16;
/// The most staples of one kind.
pub const MAX_STAPLES: usize = 8;
/// The longest list of statuses that is stapled, in bytes. A longer one does not fit into a
/// code, and a list cannot be sliced: it is signed as a whole.
pub const MAX_STAPLED_STATUS: usize = 4096;
/// The longest evidence that is stapled, in bytes of JSON.
pub const MAX_STAPLED_EVIDENCE: usize = 64 * 1024;
/// How many bytes of the digest of a service's client identifier are its audience.
const AUDIENCE: usize = 16;

/// What a wallet shows at a counter.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// Whom it is for, what for, and what makes it good once.
    pub bound: Bound,
    /// As in a `vp_token`: by the id of the credential query, an array of presentations.
    pub presentations: Map<String, Value>,
    /// What the counter may not have.
    pub staples: Staples,
}

/// What rides along so that a counter without a network can decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staples {
    /// The ledger's evidence about issuers, each as JSON.
    pub evidence: Vec<Vec<u8>>,
    /// Lists of statuses, as they were fetched.
    pub statuses: Vec<StapledStatus>,
}

/// A list of statuses as its issuer signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StapledStatus {
    /// Where it is published.
    pub uri: String,
    /// The list: a JWT, a CWT, or a credential.
    pub list: Vec<u8>,
}

/// Why an answer cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// A name is too long or empty.
    #[error("the service's or the purpose's name is too long, or empty")]
    Name,
    /// Too many presentations, or none.
    #[error("there is no presentation, or there are too many")]
    Presentations,
    /// Too many staples, or one that is too long.
    #[error("there are too many staples, or one is too long")]
    Staples,
    /// Longer than [`MAX_ANSWER`], or than [`MAX_INFLATED`] before it is compressed.
    #[error("the answer is too long for a code")]
    TooLong,
}

/// Why an answer is not read. [`AnswerError::name`] is what programs compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Longer than [`MAX_ANSWER`].
    #[error("the code is longer than {MAX_ANSWER} bytes")]
    TooLong,
    /// Of another version.
    #[error("the code is of version {version}, which is not known here")]
    OtherVersion {
        /// Its version.
        version: u64,
    },
    /// The compressed part.
    #[error(transparent)]
    Inflate(#[from] InflateError),
    /// The CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A rule of the form is broken.
    #[error("the code breaks a rule: {0}")]
    Rule(&'static str),
    /// It was made for another counter.
    #[error("the code was made for another counter")]
    OtherCounter,
}

impl AnswerError {
    /// As programs spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooLong => "code_too_long",
            Self::OtherVersion { .. } => "code_version",
            Self::Inflate(InflateError::TooLarge { .. }) => "code_inflates",
            Self::Inflate(_) | Self::Cbor(_) | Self::Rule(_) => "code_malformed",
            Self::OtherCounter => "other_counter",
        }
    }
}

impl Answer {
    /// An answer without staples.
    pub fn new(bound: Bound, presentations: Map<String, Value>) -> Self {
        Self {
            bound,
            presentations,
            staples: Staples::default(),
        }
    }

    /// With staples.
    #[must_use]
    pub fn with_staples(mut self, staples: Staples) -> Self {
        self.staples = staples;
        self
    }

    /// The bytes of the code.
    ///
    /// # Errors
    /// As [`EncodeError`].
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let body = self.body()?;
        if body.len() > MAX_INFLATED {
            return Err(EncodeError::TooLong);
        }
        let mut writer = Writer::new();
        writer.array(2).unsigned(VERSION).bytes(&deflate(&body));
        let bytes = writer.into_bytes();
        // What was written must be readable: also when texts come back longer than they went.
        match Self::decode(&bytes, self.bound.service()) {
            Ok(back) if back == *self => Ok(bytes),
            _ => Err(EncodeError::TooLong),
        }
    }

    fn body(&self) -> Result<Vec<u8>, EncodeError> {
        let (service, purpose) = (self.bound.service(), self.bound.purpose());
        let name = |text: &str| !text.is_empty() && text.len() <= MAX_NAME;
        if !name(service) || !name(purpose) {
            return Err(EncodeError::Name);
        }
        self.staples.check()?;
        let known = known(&self.bound);
        let mut writer = Writer::new();
        let staples = [
            !self.staples.evidence.is_empty(),
            !self.staples.statuses.is_empty(),
        ];
        let fields = 4 + staples.iter().filter(|there| **there).count();
        writer.map(fields);
        writer.unsigned(0).bytes(&derive_audience(service));
        writer.unsigned(1).text(purpose).unsigned(2);
        self.bound.binding().write(&mut writer);
        writer.unsigned(3).map(self.presentations.len());
        let mut count = 0_usize;
        for (id, presentations) in &self.presentations {
            let items = presentations.as_array();
            let items = items.filter(|items| !items.is_empty() && name(id));
            let items = items.ok_or(EncodeError::Presentations)?;
            count = count.saturating_add(items.len());
            writer.text(id).array(items.len());
            for item in items {
                writer.raw(&pack(item, &known));
            }
        }
        if count == 0 || count > MAX_PRESENTATIONS {
            return Err(EncodeError::Presentations);
        }
        self.staples.write(&mut writer, &known);
        Ok(writer.into_bytes())
    }

    /// Reads a code that was made for the service with this client identifier. Nobody's
    /// signature has been verified.
    ///
    /// # Errors
    /// As [`AnswerError`].
    pub fn decode(bytes: &[u8], service: &str) -> Result<Self, AnswerError> {
        if bytes.len() > MAX_ANSWER {
            return Err(AnswerError::TooLong);
        }
        let mut reader = Reader::new(bytes);
        let fields = reader.array()?;
        let version = reader.unsigned()?;
        if version != VERSION {
            return Err(AnswerError::OtherVersion { version });
        }
        if fields != 2 {
            return Err(CborError::Unexpected.into());
        }
        let deflated = reader.bytes()?;
        reader.end()?;
        Self::read(&inflate(deflated, MAX_INFLATED)?, service)
    }

    fn read(body: &[u8], service: &str) -> Result<Self, AnswerError> {
        let mut reader = Reader::new(body);
        let fields = reader.map()?;
        reader.expect(Head::Unsigned(0))?;
        let audience = reader.bytes()?;
        if audience.len() != AUDIENCE {
            return Err(AnswerError::Rule("the audience is 16 bytes"));
        }
        if audience != derive_audience(service) {
            return Err(AnswerError::OtherCounter);
        }
        reader.expect(Head::Unsigned(1))?;
        let purpose = bounded_name(reader.text()?)?;
        reader.expect(Head::Unsigned(2))?;
        let binding = Binding::read(&mut reader)?;
        let bound = Bound::new(service, purpose, binding);
        let known = known(&bound);
        let mut budget = Budget::default();
        reader.expect(Head::Unsigned(3))?;
        let presentations = read_presentations(&mut reader, &known, &mut budget)?;
        let mut left = fields.checked_sub(4);
        let mut staples = Staples::default();
        for (key, most) in [(4_u64, MAX_STAPLES), (5, MAX_STAPLES)] {
            if left.is_none_or(|left| left == 0) || reader.peek()? != Head::Unsigned(key) {
                continue;
            }
            reader.head()?;
            left = left.and_then(|left| left.checked_sub(1));
            let count = usize::try_from(reader.array()?).unwrap_or(usize::MAX);
            if count == 0 || count > most {
                return Err(AnswerError::Rule(
                    "there are one to eight staples of a kind",
                ));
            }
            for _ in 0..count {
                staples.read_one(key, &mut reader, &known, &mut budget)?;
            }
        }
        if left != Some(0) {
            return Err(AnswerError::Rule("a member that is not known"));
        }
        reader.end()?;
        Ok(Self {
            bound,
            presentations,
            staples,
        })
    }
}

fn read_presentations(
    reader: &mut Reader<'_>,
    known: &Known,
    budget: &mut Budget,
) -> Result<Map<String, Value>, AnswerError> {
    let mut presentations = Map::new();
    let mut total = 0_usize;
    for _ in 0..reader.map()? {
        let id = bounded_name(reader.text()?)?.to_owned();
        let mut items = Vec::new();
        for _ in 0..reader.array()? {
            total = total.saturating_add(1);
            if total > MAX_PRESENTATIONS {
                return Err(AnswerError::Rule("there are at most 16 presentations"));
            }
            items.push(unpack(reader, known, budget)?);
        }
        if items.is_empty() {
            return Err(AnswerError::Rule("a query has at least one presentation"));
        }
        if presentations.insert(id, Value::Array(items)).is_some() {
            return Err(AnswerError::Rule("a query is answered once"));
        }
    }
    if presentations.is_empty() {
        return Err(AnswerError::Rule("there is at least one presentation"));
    }
    Ok(presentations)
}

impl Staples {
    fn check(&self) -> Result<(), EncodeError> {
        let evidence = |one: &Vec<u8>| one.len() <= MAX_STAPLED_EVIDENCE;
        let status =
            |one: &StapledStatus| one.list.len() <= MAX_STAPLED_STATUS && one.uri.len() <= MAX_NAME;
        let fits = self.evidence.len() <= MAX_STAPLES
            && self.statuses.len() <= MAX_STAPLES
            && self.evidence.iter().all(evidence)
            && self.statuses.iter().all(status);
        if fits {
            Ok(())
        } else {
            Err(EncodeError::Staples)
        }
    }

    fn write(&self, writer: &mut Writer, known: &Known) {
        if !self.evidence.is_empty() {
            writer.unsigned(4).array(self.evidence.len());
            for one in &self.evidence {
                writer.raw(&pack_text(one, known));
            }
        }
        if !self.statuses.is_empty() {
            writer.unsigned(5).array(self.statuses.len());
            for one in &self.statuses {
                writer.array(2).text(&one.uri);
                match std::str::from_utf8(&one.list) {
                    Ok(text) => writer.raw(&pack(&Value::String(text.to_owned()), known)),
                    Err(_) => writer.bytes(&one.list),
                };
            }
        }
    }

    fn read_one(
        &mut self,
        key: u64,
        reader: &mut Reader<'_>,
        known: &Known,
        budget: &mut Budget,
    ) -> Result<(), AnswerError> {
        if key == 4 {
            let evidence = unpack_text(reader, known, budget)?;
            if evidence.len() > MAX_STAPLED_EVIDENCE {
                return Err(AnswerError::Rule("the stapled evidence is too long"));
            }
            self.evidence.push(evidence);
            return Ok(());
        }
        reader.expect(Head::Array(2))?;
        let uri = bounded_name(reader.text()?)?.to_owned();
        let list = match reader.peek()? {
            Head::Bytes(_) => reader.bytes()?.to_vec(),
            _ => match unpack(reader, known, budget)? {
                Value::String(text) => text.into_bytes(),
                _ => return Err(AnswerError::Rule("a list of statuses is text or bytes")),
            },
        };
        if list.len() > MAX_STAPLED_STATUS {
            return Err(AnswerError::Rule(
                "the stapled list of statuses is too long",
            ));
        }
        self.statuses.push(StapledStatus { uri, list });
        Ok(())
    }
}

fn known(bound: &Bound) -> Known {
    Known {
        service: bound.service().to_owned(),
        nonce: bound.nonce().to_owned(),
    }
}

fn bounded_name(text: &str) -> Result<&str, AnswerError> {
    if text.is_empty() || text.len() > MAX_NAME {
        return Err(AnswerError::Rule("a name is too long, or empty"));
    }
    Ok(text)
}

/// The first 16 bytes of SHA-256 over the client identifier.
fn derive_audience(service: &str) -> [u8; AUDIENCE] {
    let digest: [u8; 32] = Sha256::digest(service).into();
    let mut audience = [0; AUDIENCE];
    for (to, from) in audience.iter_mut().zip(digest) {
        *to = from;
    }
    audience
}

// Presentations are personal.
impl std::fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Answer({}, {} queries)",
            self.bound.binding().name(),
            self.presentations.len()
        )
    }
}
