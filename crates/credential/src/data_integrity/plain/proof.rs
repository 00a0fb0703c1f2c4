use serde_json::{Map, Value};

use super::said::text;
use super::{ProofError, Said, Suite};

/// The most proofs that a document may have.
pub const MAX_PROOFS: usize = 8;

/// What a proof was made for (Data Integrity §2.3 and §2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// `assertionMethod`: to say something, as an issuer does.
    Assertion,
    /// `authentication`: to show who one is, as a holder does.
    Authentication,
}

impl Purpose {
    /// The `proofPurpose`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assertion => "assertionMethod",
            Self::Authentication => "authentication",
        }
    }
}

/// A proof, taken apart.
#[derive(Clone)]
pub struct Proof {
    /// Its suite.
    pub suite: Suite,
    /// `verificationMethod`: a URL.
    pub verification_method: String,
    /// What it says of itself.
    pub said: Said,
    /// The proof without its value.
    pub(super) config: Map<String, Value>,
    pub(super) value: String,
}

/// The proofs of a document, as they are written.
pub fn proofs(document: &Map<String, Value>) -> Result<Vec<&Map<String, Value>>, ProofError> {
    let found: Vec<&Map<String, Value>> = match document.get("proof") {
        None => return Err(ProofError::NoProof),
        Some(Value::Object(one)) => vec![one],
        Some(Value::Array(many)) => many
            .iter()
            .map(Value::as_object)
            .collect::<Option<_>>()
            .ok_or(ProofError::Member("type"))?,
        Some(_) => return Err(ProofError::Member("type")),
    };
    match found.len() {
        0 => Err(ProofError::NoProof),
        1..=MAX_PROOFS => Ok(found),
        _ => Err(ProofError::TooMany),
    }
}

impl Proof {
    /// Reads a proof. What its suite does not know of, it signs all the same.
    pub fn parse(proof: &Map<String, Value>) -> Result<Self, ProofError> {
        if !proof.get("type").is_some_and(Value::is_string) {
            return Err(ProofError::Member("type"));
        }
        let suite = Suite::of(proof).ok_or(ProofError::Suite)?;
        let needed = |member| text(proof, member)?.ok_or(ProofError::Member(member));
        let said = Said::parse(proof)?;
        if suite.is_older() && said.created.is_none() {
            return Err(ProofError::Member("created"));
        }
        let member = suite.value_member();
        let value = needed(member)?;
        let mut config = proof.clone();
        config.remove(member);
        Ok(Self {
            suite,
            verification_method: needed("verificationMethod")?,
            said,
            config,
            value,
        })
    }
}

// A challenge or a domain says where somebody was.
impl std::fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Proof({})", self.suite.name())
    }
}
