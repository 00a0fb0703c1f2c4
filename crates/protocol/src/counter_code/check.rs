use credential::format::{self, Claimed, Facts, Fault, Format, Refused};
use keys::{PublicKey, UnixTime};
use query::{CredentialQuery, Query};
use serde_json::Value;

use super::answer::Answer;
use super::binding::{Binding, Bound};
use crate::verifier::{CheckError, Checked, NoIssuerKey, PresentationError, answers_query};

/// The most keys that are tried for the cards of one code, all together: each is a verification.
pub(super) const MAX_TRIES: usize = 64;

/// Checks every presentation of an answer and that together they answer the query: signatures,
/// dates, the holder's proof for this counter and this code. Needs no network: `keys` gives the
/// keys by which a card may have been signed. What the keys are worth is for the ledger.
///
/// Whether the answer counts at `now` at all is for [`Binding::check_time`], and for whoever
/// made the challenge.
///
/// In a window or a pass every presentation has to be bound to it, whatever the query asks for.
///
/// What it costs is bounded by what was asked for: one card for each credential query, unless it
/// takes several, and 64 keys tried for all of them together.
///
/// # Errors
/// As [`CheckError`]. One presentation that fails makes the whole answer fail.
pub fn check(
    answer: &Answer,
    query: &Query,
    keys: &dyn Fn(&Claimed) -> Vec<PublicKey>,
    now: UnixTime,
) -> Result<Vec<Checked>, CheckError> {
    // All that is asked for is counted before the first signature is looked at.
    let mut cards = Vec::new();
    for (id, presentations) in &answer.presentations {
        let (_, wanted) = query.credential(id).ok_or(query::Fault::NotAskedFor)?;
        let presentations = presentations.as_array().ok_or(CheckError::Malformed)?;
        if presentations.len() > 1 && !wanted.multiple {
            return Err(CheckError::TooManyCards {
                id: wanted.id.clone(),
            });
        }
        cards.extend(presentations.iter().map(|one| (wanted, one)));
    }
    let mut checked = Vec::new();
    let mut tries = MAX_TRIES;
    for (wanted, presentation) in cards {
        let one = verify(&answer.bound, wanted, presentation, keys, &mut tries, now);
        checked.push(one?);
    }
    answers_query(query, &checked)?;
    Ok(checked)
}

fn verify(
    bound: &Bound,
    query: &CredentialQuery,
    presentation: &Value,
    keys: &dyn Fn(&Claimed) -> Vec<PublicKey>,
    tries: &mut usize,
    now: UnixTime,
) -> Result<Checked, CheckError> {
    let refused = |source| CheckError::Presentation {
        id: query.id.clone(),
        source,
    };
    let format = format::by_id(query.format.as_str());
    let format = format.ok_or_else(|| refused(PresentationError::Format))?;
    let claimed = format.peek_presented(presentation);
    let claimed = claimed.map_err(|error| refused(error.into()))?;
    let mut last = PresentationError::IssuerKey(NoIssuerKey(Box::new(NoKeyAtHand)));
    for issuer in keys(&claimed) {
        *tries = tries.checked_sub(1).ok_or(CheckError::TooManyKeys)?;
        match by_key(bound, format, query, presentation, &issuer, now) {
            Ok(facts) => {
                return Ok(Checked {
                    id: query.id.clone(),
                    format,
                    facts,
                    source: claimed.key_source,
                    issuer,
                });
            }
            // Another key may have signed it.
            Err(error) if error.fault == Fault::Changed => last = error.into(),
            Err(error) => return Err(refused(error.into())),
        }
    }
    Err(refused(last))
}

/// No key is known that the card may have been signed with.
#[derive(Debug, thiserror::Error)]
#[error("no key of the issuer is at hand, and there is no network")]
struct NoKeyAtHand;

/// A card was put into a code, and not made for it.
#[derive(Debug, thiserror::Error)]
#[error("nothing in the presentation was made for this code")]
struct NotBound;

/// Whether something in a presentation is for this code alone: the holder's proof, or the
/// header of a derived proof.
fn is_bound(facts: &Facts, issuer: &PublicKey) -> bool {
    // A BBS proof is derived for one header, with or without a holder's key.
    facts.holder_proven || matches!(issuer, PublicKey::Bls12381G2(_))
}

fn by_key(
    bound: &Bound,
    format: &dyn Format,
    query: &CredentialQuery,
    presentation: &Value,
    issuer: &PublicKey,
    now: UnixTime,
) -> Result<Facts, Refused> {
    let request = format::Request {
        now,
        ..bound.request()
    };
    let needs_holder = query.require_holder_binding;
    let outcome = format.check(presentation, issuer, &request, needs_holder);
    match (bound.binding(), outcome) {
        // Nobody asked for it freshly, and nothing in it was made for this code: whoever once saw
        // the card could put it into any number of codes.
        (Binding::Window { .. } | Binding::Pass { .. }, Ok(facts)) if !is_bound(&facts, issuer) => {
            Err(Refused::new(Fault::NotTheHolder, NotBound))
        }
        // A pass is shown days after its holder signed it. All else was checked as of now, the
        // card's dates too: every format judges the age of the holder's proof last.
        (Binding::Pass { made_at, .. }, Err(error))
            if error.fault == Fault::ProofTime && *made_at <= now =>
        {
            format.check(presentation, issuer, &bound.request(), needs_holder)
        }
        (_, outcome) => outcome,
    }
}
