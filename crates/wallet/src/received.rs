//! From what an issuer sent to a card: every copy checked, before anything is stored.

use credential::catalogue;
use credential::format::{self, BrokenRule, Facts, Format, Refused};
use credential::schema::{Schema, Violation};
use credential::type_metadata::TypeMetadata;
use keys::{SigningKey, UnixTime};
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
    /// It cannot be read, or a signature, a date or a digest is wrong.
    #[error("the card failed a check")]
    Refused(#[from] Refused),
    /// The credential is bound to a key that is not ours, or to none where it should be bound.
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
    Rules(#[from] BrokenRule),
}

/// What is known about a card beyond what the credential itself says.
pub(crate) struct Context<'a> {
    pub(crate) format: &'static dyn Format,
    /// Whether these are the types that were offered.
    pub(crate) is_type: &'a dyn Fn(&[String]) -> bool,
    /// Whether it was to be bound to a key.
    pub(crate) bound: bool,
    pub(crate) issuer: Party,
    pub(crate) issuer_key: &'a IssuerKey,
    pub(crate) how: HowKnown,
    pub(crate) metadata: Option<&'a (Value, TypeMetadata)>,
    /// The types that the type extends.
    pub(crate) extends: Vec<String>,
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
    let mut first: Option<Facts> = None;
    let mut places = Vec::new();
    let mut records = Vec::with_capacity(copies.len());
    for copy in copies {
        let facts = check_copy(&copy, context)?;
        places.extend(facts.status.iter().map(crate::status::to_json));
        match &first {
            None => first = Some(facts),
            Some(first) if !say_the_same(context.format, first, &facts) => {
                return Err(ReceiveError::CopiesDiffer);
            }
            Some(_) => {}
        }
        let key = match &copy.key {
            None => None,
            Some(key) => Some(
                HolderKey::from_slice(key.to_secret_bytes().as_slice())
                    .ok_or(ReceiveError::NotOurKey)?,
            ),
        };
        records.push(CopyRecord {
            id: Id::make(),
            credential: SecretString::from(copy.credential.as_str()),
            key,
            shown: 0,
        });
    }
    let card = first.ok_or(ReceiveError::Count)?;
    Ok(record(&card, places, records, context))
}

fn check_copy(
    copy: &protocol::issuance::Copy,
    context: &Context<'_>,
) -> Result<Facts, ReceiveError> {
    let key = context.issuer_key.public().ok_or(ReceiveError::NotOurKey)?;
    let facts = context.format.verify(&copy.credential, key, context.now)?;
    if !(context.is_type)(&facts.types) {
        return Err(ReceiveError::OtherType);
    }
    let ours = copy.key.as_ref().map(SigningKey::public);
    if facts.holder != ours || (context.bound && ours.is_none()) {
        return Err(ReceiveError::NotOurKey);
    }
    if let Some((_, metadata)) = context.metadata {
        context.format.obeys(&copy.credential, metadata)?;
    }
    if let Some(known) = catalogue::by_type_id(&facts.type_id)
        && let Ok(schema) = Schema::parse(known.schema.as_bytes())
    {
        let claims = subject_claims(context.format, &facts.claims);
        schema
            .check(&Value::Object(claims))
            .map_err(ReceiveError::Schema)?;
    }
    Ok(facts)
}

/// Copies differ in their keys and in how they name their holder, and in nothing else.
fn say_the_same(format: &dyn Format, one: &Facts, other: &Facts) -> bool {
    let said = |facts: &Facts| {
        let mut claims = subject_claims(format, &facts.claims);
        if facts.holder.is_some() {
            claims.remove("id");
        }
        claims
    };
    one.type_id == other.type_id && said(one) == said(other)
}

fn record(
    card: &Facts,
    places: Vec<Value>,
    copies: Vec<CopyRecord>,
    context: &Context<'_>,
) -> CardRecord {
    let metadata = context.metadata.map(|(raw, _)| raw);
    let mut face = Face::new(context.issuer_key, context.how, &card.type_id, metadata);
    face.types = card.types.clone();
    face.types.extend(context.extends.iter().cloned());
    face.holder_bound = card.holder.is_some();
    face.unlinkable = card.unlinkable;
    face.status = places;
    let thumbprint = context
        .issuer_key
        .public()
        .map(keys::PublicKey::thumbprint)
        .unwrap_or_default();
    CardRecord {
        summary: CardSummary {
            id: Id::make(),
            format: format_name(context.format).to_owned(),
            type_id: card.type_id.clone(),
            issuer: context.issuer.clone(),
            verified_key: thumbprint,
            issued_at: card.issued_at,
            valid_from: card.valid_from,
            valid_until: card.valid_until,
            added_at: context.now,
            copies: 0,
            unshown: 0,
            display: json!(face),
        },
        details: CardDetails {
            claims: Value::Object(card.claims.clone()),
            issuance: context.issuance.clone(),
            type_metadata: metadata.cloned(),
            extra: Value::Null,
        },
        copies,
    }
}

/// The claims about the subject, in the words of the type: what stands on the card.
pub(crate) fn subject_claims(
    format: &dyn Format,
    claims: &Map<String, Value>,
) -> Map<String, Value> {
    let mut claims = format::claims_in_words_of_type(format, claims);
    claims.remove("sub");
    claims
}

/// The name of a format by which its cards are kept.
pub(crate) fn format_name(format: &dyn Format) -> &'static str {
    format.ids().first().copied().unwrap_or_default()
}
