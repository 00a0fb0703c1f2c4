//! From what an issuer sent to a card: every copy checked, before anything is stored.

use credential::schema::{Schema, Violation};
use credential::sd_jwt::{self, Processed, Unverified, VerifyError};
use credential::type_metadata::{RuleError, TypeMetadata};
use keys::UnixTime;
use query::ClaimPath;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use vault::{CardDetails, CardRecord, CardSummary, CopyRecord, HolderKey, Id, Party};

use crate::card::{Face, HowKnown, IssuerKey};

/// The most copies of one card that are kept.
pub(crate) const MAX_COPIES: usize = 32;

/// Why what the issuer sent was not taken. Nothing was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// No copy at all, or too many.
    #[error("the issuer sent no copy of the card, or too many")]
    Count,
    /// Not a credential that can be read.
    #[error("what the issuer sent is not a card that can be read")]
    Parse(#[from] sd_jwt::ParseError),
    /// A signature, a date or a disclosure is wrong.
    #[error("the card failed a check")]
    Verify(#[from] VerifyError),
    /// The credential is bound to no key, or to one that is not ours.
    #[error("the card is not bound to the key that this wallet made for it")]
    NotOurKey,
    /// The credential is of another type than the one offered.
    #[error("the card is of another kind than was offered")]
    OtherType,
    /// The copies do not say the same.
    #[error("the copies of the card do not say the same")]
    CopiesDiffer,
    /// The claims break the type's schema.
    #[error("the details do not have the form of their kind of card")]
    Schema(Vec<Violation>),
    /// The credential breaks a rule of its type metadata.
    #[error("the card breaks a rule of its kind")]
    Rules(#[from] RuleError),
}

/// What is known about a card beyond what the credential itself says.
pub(crate) struct Context<'a> {
    pub(crate) offered_type: &'a str,
    pub(crate) issuer: Party,
    pub(crate) issuer_key: &'a IssuerKey,
    pub(crate) how: HowKnown,
    pub(crate) metadata: Option<&'a (Value, TypeMetadata)>,
    pub(crate) issuance: Value,
    pub(crate) now: UnixTime,
}

/// Checks all copies of one card and puts the record together.
pub(crate) fn receive(
    copies: Vec<protocol::issuance::Copy>,
    context: &Context<'_>,
) -> Result<CardRecord, ReceiveError> {
    if copies.is_empty() || copies.len() > MAX_COPIES {
        return Err(ReceiveError::Count);
    }
    let mut first: Option<Processed> = None;
    let mut records = Vec::with_capacity(copies.len());
    for copy in copies {
        let verified = check_copy(&copy, context)?;
        match &first {
            None => first = Some(verified),
            Some(first) if subject_claims(first) != subject_claims(&verified) => {
                return Err(ReceiveError::CopiesDiffer);
            }
            Some(_) => {}
        }
        let key = HolderKey::from_slice(copy.key.to_secret_bytes().as_slice())
            .ok_or(ReceiveError::NotOurKey)?;
        records.push(CopyRecord {
            id: Id::make(),
            credential: SecretString::from(copy.credential.as_str()),
            key,
            shown: 0,
        });
    }
    let card = first.ok_or(ReceiveError::Count)?;
    Ok(record(&card, records, context))
}

fn check_copy(
    copy: &protocol::issuance::Copy,
    context: &Context<'_>,
) -> Result<Processed, ReceiveError> {
    let key = context.issuer_key.public().ok_or(ReceiveError::NotOurKey)?;
    let unverified = Unverified::parse(&copy.credential)?;
    let verified = unverified.verify(key, context.now)?.into_processed();
    if verified.vct() != context.offered_type {
        return Err(ReceiveError::OtherType);
    }
    if verified.holder_key() != Some(&copy.key.public()) {
        return Err(ReceiveError::NotOurKey);
    }
    if let Some((_, metadata)) = context.metadata {
        metadata.check_issued(&verified)?;
    }
    if let Some(known) = credential::catalogue::by_vct(verified.vct())
        && let Ok(schema) = Schema::parse(known.schema.as_bytes())
    {
        schema
            .check(&Value::Object(subject_claims(&verified)))
            .map_err(ReceiveError::Schema)?;
    }
    Ok(verified)
}

fn record(card: &Processed, copies: Vec<CopyRecord>, context: &Context<'_>) -> CardRecord {
    let metadata = context.metadata.map(|(raw, _)| raw);
    let face = Face::new(context.issuer_key, context.how, card.vct(), metadata);
    let thumbprint = context
        .issuer_key
        .public()
        .map(keys::PublicKey::thumbprint)
        .unwrap_or_default();
    CardRecord {
        summary: CardSummary {
            id: Id::make(),
            format: sd_jwt::FORMAT.to_owned(),
            type_id: card.vct().to_owned(),
            issuer: context.issuer.clone(),
            verified_key: thumbprint,
            issued_at: card.claims().get("iat").and_then(Value::as_i64),
            valid_from: card.valid_from(),
            valid_until: card.valid_until(),
            added_at: context.now,
            copies: 0,
            unshown: 0,
            display: json!(face),
        },
        details: CardDetails {
            claims: Value::Object(card.claims().clone()),
            issuance: context.issuance.clone(),
            type_metadata: metadata.cloned(),
            extra: Value::Null,
        },
        copies,
    }
}

/// The claims about the subject: what stands on the card.
pub(crate) fn subject_claims(card: &Processed) -> Map<String, Value> {
    card.claims()
        .iter()
        .filter(|(name, _)| {
            name.as_str() != "sub"
                && ClaimPath::from_names([name.as_str()])
                    .is_ok_and(|path| !sd_jwt::is_envelope(&path))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
