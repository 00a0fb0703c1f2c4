use serde_json::{Map, Value};

use super::{Expected, MAX_PROOFS, ProofError};
use crate::vcdm::{LEEWAY, Moment};

/// What a proof says of itself besides its suite, its key and its value, whatever its suite
/// (Data Integrity §2.1).
#[derive(Clone)]
pub struct Said {
    /// When it was made.
    pub created: Option<Moment>,
    /// `challenge`.
    pub challenge: Option<String>,
    /// `domain`, of which there may be several.
    pub domains: Vec<String>,
    pub(super) purpose: String,
    pub(super) expires: Option<Moment>,
    /// `previousProof`: the identifiers of proofs of the same document.
    pub(super) previous: Vec<String>,
}

impl Said {
    /// Reads these members. `id` and `nonce` are texts where they are there.
    pub fn parse(proof: &Map<String, Value>) -> Result<Self, ProofError> {
        let text = |member| text(proof, member);
        let texts = |member: &'static str| match proof.get(member) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text.clone()]),
            Some(Value::Array(many)) if many.len() <= MAX_PROOFS => many
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or(ProofError::Member(member)),
            Some(_) => Err(ProofError::Member(member)),
        };
        let moment = |member| {
            text(member)?
                .map(|text| Moment::parse(&text).ok_or(ProofError::Member(member)))
                .transpose()
        };
        text("id")?;
        text("nonce")?;
        Ok(Self {
            created: moment("created")?,
            challenge: text("challenge")?,
            domains: texts("domain")?,
            purpose: text("proofPurpose")?.ok_or(ProofError::Member("proofPurpose"))?,
            expires: moment("expires")?,
            previous: texts("previousProof")?,
        })
    }

    /// Holds it against what is expected.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), ProofError> {
        self.check_dates(expected)?;
        if let Some(challenge) = expected.challenge
            && self.challenge.as_deref() != Some(challenge)
        {
            return Err(ProofError::Challenge);
        }
        if let Some(domain) = expected.domain
            && self.domains != [domain]
        {
            return Err(ProofError::Domain);
        }
        Ok(())
    }

    /// Purpose and dates, which hold for previous proofs too.
    pub(super) fn check_dates(&self, expected: &Expected<'_>) -> Result<(), ProofError> {
        if self.purpose != expected.purpose.name() {
            return Err(ProofError::Purpose);
        }
        let latest = expected.now.saturating_add(LEEWAY);
        if self.created.is_some_and(|created| created.seconds > latest) {
            return Err(ProofError::FromFuture);
        }
        let expires = self.expires;
        if expires.is_some_and(|expires| expires.seconds < expected.now) {
            return Err(ProofError::Expired);
        }
        Ok(())
    }
}

/// A member that is a text, where it is there.
pub(super) fn text(
    proof: &Map<String, Value>,
    member: &'static str,
) -> Result<Option<String>, ProofError> {
    match proof.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ProofError::Member(member)),
    }
}

// A challenge or a domain says where somebody was.
impl std::fmt::Debug for Said {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Said({})", self.purpose)
    }
}
