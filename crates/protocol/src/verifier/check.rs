use async_trait::async_trait;
use credential::KeySource;
use credential::format::{self, Facts, Format, Refused};
use keys::x509::CertificateError;
use keys::{Algorithm, PublicKey, UnixTime};
use net::Http;
use query::{Candidate, CredentialQuery, Fault, Presented, Query};
use serde_json::{Map, Value};

use super::Session;
use crate::issuer_keys::{self, IssuerKey};
use crate::presentation::authority_key_ids;

/// The most presentations for one credential query.
const MAX_PRESENTATIONS: usize = 64;

/// Finds the key of an issuer. What it is worth is for whoever implements this, or for the
/// ledger afterwards: see [`Checked::source`].
#[async_trait]
pub trait IssuerKeys: Send + Sync {
    /// The key that this source leads to and that signs with `algorithm`.
    async fn find(
        &self,
        source: &KeySource,
        algorithm: Algorithm,
    ) -> Result<PublicKey, NoIssuerKey>;
}

/// Finds issuers' keys where they say that they are, over the network where need be.
pub struct Published<'a>(pub &'a dyn Http);

#[async_trait]
impl IssuerKeys for Published<'_> {
    async fn find(
        &self,
        source: &KeySource,
        algorithm: Algorithm,
    ) -> Result<PublicKey, NoIssuerKey> {
        match issuer_keys::resolve(self.0, source, algorithm).await {
            Ok(IssuerKey::Jwk(key)) => Ok(key),
            Ok(IssuerKey::Chain(chain)) => {
                let leaf = chain.first().ok_or(CertificateError::ChainLength);
                leaf.map(|leaf| leaf.public_key().clone())
                    .map_err(|error| NoIssuerKey(Box::new(error)))
            }
            Err(error) => Err(NoIssuerKey(Box::new(error))),
        }
    }
}

/// The issuer's key could not be found.
#[derive(Debug, thiserror::Error)]
#[error("the issuer's key could not be found")]
pub struct NoIssuerKey(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// A presentation that was verified.
pub struct Checked {
    /// The id of the credential query that it answers.
    pub id: String,
    /// Its format.
    pub format: &'static dyn Format,
    /// What it says, as far as it was shown.
    pub facts: Facts,
    /// Where the issuer's key came from.
    pub source: KeySource,
    /// The issuer's key, which signed the credential.
    pub issuer: PublicKey,
}

/// Why one presentation was refused.
#[derive(Debug, thiserror::Error)]
pub enum PresentationError {
    /// A format that is not checked here.
    #[error("its format is not supported")]
    Format,
    /// The issuer's key could not be found.
    #[error(transparent)]
    IssuerKey(#[from] NoIssuerKey),
    /// It cannot be read, or does not verify.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Why an answer was refused (OpenID4VP 1.0 §8.6).
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// `vp_token` does not have the shape of §8.1.
    #[error("the answer is malformed")]
    Malformed,
    /// A presentation was refused.
    #[error("the presentation for `{id}` was refused: {source}")]
    Presentation {
        /// The credential query.
        id: String,
        /// Why.
        #[source]
        source: PresentationError,
    },
    /// More cards than were asked for, of which none was looked at. Only of codes at a counter.
    #[error("the answer holds more presentations for `{id}` than it asks for")]
    TooManyCards {
        /// The credential query.
        id: String,
    },
    /// More signatures would have to be tried than is done for one code at a counter.
    #[error("more keys may have signed the cards than are tried for one code")]
    TooManyKeys,
    /// The presentations are sound, and not what was asked for.
    #[error(transparent)]
    Query(#[from] Fault),
}

/// Checks every presentation, and that together they answer the query. One that fails makes
/// the whole answer fail: a desk must not act on half of what it asked for.
pub async fn check(
    session: &Session,
    vp_token: &Map<String, Value>,
    issuers: &dyn IssuerKeys,
    now: UnixTime,
) -> Result<Vec<Checked>, CheckError> {
    let mut checked = Vec::new();
    for (id, presentations) in vp_token {
        let (_, query) = session.query.credential(id).ok_or(Fault::NotAskedFor)?;
        let presentations = presentations.as_array().ok_or(CheckError::Malformed)?;
        if presentations.is_empty() || presentations.len() > MAX_PRESENTATIONS {
            return Err(Fault::Number {
                id: query.id.clone(),
            }
            .into());
        }
        for presentation in presentations {
            let one = verify(session, query, presentation, issuers, now).await;
            checked.push(one.map_err(|source| CheckError::Presentation {
                id: query.id.clone(),
                source,
            })?);
        }
    }
    answers_query(&session.query, &checked)?;
    Ok(checked)
}

async fn verify(
    session: &Session,
    query: &CredentialQuery,
    presentation: &Value,
    issuers: &dyn IssuerKeys,
    now: UnixTime,
) -> Result<Checked, PresentationError> {
    let format = format::by_id(query.format.as_str()).ok_or(PresentationError::Format)?;
    let claimed = format.peek_presented(presentation)?;
    let issuer = issuers.find(&claimed.key_source, claimed.algorithm).await?;
    let facts = format.check(
        presentation,
        &issuer,
        &session.expects(now),
        query.require_holder_binding,
    )?;
    Ok(Checked {
        id: query.id.clone(),
        format,
        facts,
        source: claimed.key_source,
        issuer,
    })
}

/// Whether what was shown is what was asked for.
pub(crate) fn answers_query(query: &Query, checked: &[Checked]) -> Result<(), Fault> {
    let trees: Vec<Value> = checked
        .iter()
        .map(|one| Value::Object(one.facts.claims.clone()))
        .collect();
    let authorities: Vec<Vec<String>> = checked
        .iter()
        .map(|one| match &one.source {
            KeySource::X5c(chain) => authority_key_ids(chain),
            _ => Vec::new(),
        })
        .collect();
    let mut presented: Vec<Presented<'_>> = Vec::new();
    for ((one, claims), authorities) in checked.iter().zip(&trees).zip(&authorities) {
        let (_, wanted) = query.credential(&one.id).ok_or(Fault::NotAskedFor)?;
        let candidate = Candidate {
            id: &one.id,
            format: wanted.format.clone(),
            types: one.facts.types.iter().map(String::as_str).collect(),
            claims,
            authorities: authorities.iter().map(|id| ("aki", id.as_str())).collect(),
            holder_bound: one.facts.holder_proven,
        };
        match presented.iter_mut().find(|entry| entry.id == one.id) {
            Some(entry) => entry.presentations.push(candidate),
            None => presented.push(Presented {
                id: &one.id,
                presentations: vec![candidate],
            }),
        }
    }
    query.check(&presented)
}

// The claims are personal.
impl std::fmt::Debug for Checked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Checked({}, {})", self.id, self.facts.type_id)
    }
}
