//! From a decision to what left, and the record of it.

use std::collections::BTreeMap;

use credential::format::{self, Fault};
use keys::SigningKey;
use protocol::jwe::Recipient;
use protocol::presentation::{self, Reason, SendError};
use query::ClaimPath;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};
use vault::{Change, CopyRecord, HistoryRecord, Id, Party, RecordError};

use super::consent::{in_words, next_copy, shown_paths};
use super::plan::Fit;
use super::request::{Destination, ShareState};
use crate::history::{self, Entry, EntryCard, EntryWay, EventKind, Outcome};
use crate::pending::{ReviewGone, ReviewId, Waiting};
use crate::review::{self, Tick, WarningKind, WrongTicks};
use crate::wallet::{Wallet, now};
use crate::words::Wording;

/// The citizen's answer to a [`super::ShareReview`].
#[derive(Clone, Debug, Default)]
pub struct Sharing {
    /// The optional sets that are shared too: indices into the review's sets.
    pub optional: Vec<usize>,
    /// The ticks given.
    pub ticks: Vec<Tick>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Shared {
    /// Whether they have it.
    pub outcome: Outcome,
    /// The service.
    pub service: super::Service,
    /// What was in it.
    pub cards: Vec<SharedCard>,
    /// The history's line.
    pub event: Id,
    /// Where the service asks to go on. Nobody has gone there.
    pub redirect_uri: Option<String>,
}

/// One card of what was shared.
#[derive(Clone, Debug)]
pub struct SharedCard {
    /// The card.
    pub card: Id,
    /// Its title.
    pub title: String,
    /// The details by their paths.
    pub claims: Vec<ClaimPath>,
    /// The details by their names.
    pub names: Vec<String>,
}

/// Why nothing was shared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShareError {
    /// The review was answered before, or nothing was reviewed yet.
    #[error(transparent)]
    ReviewGone(#[from] ReviewGone),
    /// A tick is missing, or one too many.
    #[error(transparent)]
    Ticks(#[from] WrongTicks),
    /// The ledger says that this service must not be answered.
    #[error("the ledger says that this service must not be answered: {}", .0.name())]
    Blocked(WarningKind),
    /// An optional set is named that the review does not have.
    #[error("the decision does not fit the review")]
    OutOfRange,
    /// A stored card cannot be shown.
    #[error("a stored card is damaged")]
    Damaged,
    /// The desk's code, or the days of the pass, are over: begin anew.
    #[error("the code or pass would be over already")]
    CodeOver,
    /// What would be shown, with what rides along, is too long for codes.
    #[error("what would be shown is too long for a code")]
    TooLongForACode,
    /// The vault. Nothing was sent.
    #[error(transparent)]
    Vault(#[from] RecordError),
}

/// Presentations that are signed and not sent.
pub(crate) struct Parcel {
    /// By the id of the credential query.
    pub(crate) vp_token: Map<String, Value>,
    /// Cards and copies to be marked as shown.
    pub(crate) shown: Vec<(Id, Id)>,
    pub(crate) cards: Vec<SharedCard>,
    /// The copy of each of these cards.
    pub(crate) copies: Vec<Id>,
}

impl Wallet {
    /// Shares exactly what the review showed. Writes down that it began before anything
    /// leaves, so that a crash or a cut line shows as "not known", never as nothing.
    pub async fn share(
        &self,
        id: &ReviewId,
        sharing: &Sharing,
        locale: &str,
    ) -> Result<Shared, ShareError> {
        let state = self.take_decided(id, sharing, |to| matches!(to, Destination::Sent(_)))?;
        let Destination::Sent(request) = &state.to else {
            return Err(ReviewGone.into());
        };
        let reply = &request.reply;
        let thumbprint = reply.recipient.as_ref().map(Recipient::thumbprint);
        let bound = format::Request {
            client_id: &request.client.id,
            nonce: &request.nonce,
            response_uri: Some(&reply.response_uri_as_written),
            encryption_key: thumbprint.as_ref(),
            now: now(),
        };
        let parcel = self.pack(&state, sharing, &bound, locale)?;
        let line = self.begin(&state, &parcel, None)?;
        let answer = presentation::respond(&*self.http, request, &parcel.vp_token).await;
        let (outcome, redirect_uri) = match answer {
            Ok(answer) => (Outcome::Delivered, answer.redirect_uri),
            Err(SendError::NotSent(_)) => (Outcome::NotSent, None),
            Err(SendError::Refused { .. }) => (Outcome::Refused, None),
            Err(SendError::Unknown { .. }) => (Outcome::Unknown, None),
        };
        // It has left: that the record cannot be completed does not change what happened.
        let _ = self.vault.write(|change| {
            if outcome == Outcome::NotSent {
                // Nobody has seen these copies: they count as fresh again.
                for (card, copy) in &parcel.shown {
                    change.unmark_shown(*card, *copy)?;
                }
            }
            finish(change, line, outcome, redirect_uri.as_deref())
        });
        Ok(Shared {
            outcome,
            service: state.service.clone(),
            cards: parcel.cards,
            event: line,
            redirect_uri,
        })
    }

    /// Takes a review whose details go this way, once a decision fits it. The review stands
    /// after a decision that only needs correcting.
    pub(crate) fn take_decided(
        &self,
        id: &ReviewId,
        sharing: &Sharing,
        goes: impl Fn(&Destination) -> bool,
    ) -> Result<Box<ShareState>, ShareError> {
        let state = self.pending.take_share(id)?;
        if !goes(&state.to) {
            self.pending.put(id.clone(), Waiting::Share(state));
            return Err(ReviewGone.into());
        }
        if let Err(error) = check(&state, sharing) {
            let again = matches!(error, ShareError::Ticks(_) | ShareError::OutOfRange);
            if again {
                self.pending.put(id.clone(), Waiting::Share(state));
            }
            return Err(error);
        }
        Ok(state)
    }

    /// Writes down that details are about to leave, before any do.
    pub(crate) fn begin(
        &self,
        state: &ShareState,
        parcel: &Parcel,
        way: Option<EntryWay>,
    ) -> Result<Id, RecordError> {
        let line = started(state, parcel, way);
        self.vault.write(|change| {
            for (card, copy) in &parcel.shown {
                change.mark_shown(*card, *copy)?;
            }
            change.add_history(&line)
        })?;
        Ok(line.id)
    }

    /// Ends a review. With `tell`, the service learns `access_denied`: the same for "no" as
    /// for "no such card". Without, nothing is sent.
    pub async fn decline(&self, id: &ReviewId, tell: bool) -> Result<(), RecordError> {
        let Ok(Waiting::Share(state)) = self.pending.take(id) else {
            return Ok(());
        };
        let entry = Entry {
            verdict: Some(state.service.verdict.standing.name().to_owned()),
            ..Entry::default()
        };
        let line = history::line(now(), EventKind::Declined, Some(party(&state)), &entry);
        self.vault.write(|change| change.add_history(&line))?;
        if let (true, Destination::Sent(request)) = (tell, &state.to) {
            let reason = if state.plan.is_some() {
                Reason::Declined
            } else {
                Reason::NoCard
            };
            // Whether they take the news changes nothing here.
            let _ = presentation::decline(&*self.http, request, reason).await;
        }
        Ok(())
    }

    /// Signs what the decision lets go. Nothing leaves.
    pub(crate) fn pack(
        &self,
        state: &ShareState,
        sharing: &Sharing,
        request: &format::Request<'_>,
        locale: &str,
    ) -> Result<Parcel, ShareError> {
        let plan = state.plan.as_ref().ok_or(ShareError::OutOfRange)?;
        let mut parcel = Parcel {
            vp_token: Map::new(),
            shown: Vec::new(),
            cards: Vec::new(),
            copies: Vec::new(),
        };
        let leaving: BTreeMap<usize, Vec<&Fit>> = plan.leaving(&state.choice, &sharing.optional);
        for (query, fits) in leaving {
            let wanted = state
                .query
                .credentials
                .get(query)
                .ok_or(ShareError::OutOfRange)?;
            let presentations = fits
                .into_iter()
                .map(|fit| {
                    let bound = wanted.require_holder_binding;
                    self.present(state, fit, bound, request, &mut parcel, locale)
                })
                .collect::<Result<Vec<_>, _>>()?;
            parcel
                .vp_token
                .insert(wanted.id.clone(), Value::Array(presentations));
        }
        Ok(parcel)
    }

    fn present(
        &self,
        state: &ShareState,
        fit: &Fit,
        bound: bool,
        request: &format::Request<'_>,
        parcel: &mut Parcel,
        locale: &str,
    ) -> Result<Value, ShareError> {
        let held = state.held.get(fit.card).ok_or(ShareError::OutOfRange)?;
        let card = held.summary.id;
        let record = self.vault.card(card)?;
        let copy = next_copy(held, &record.copies).ok_or(ShareError::Damaged)?;
        let stored = copy.credential.expose_secret();
        let claims =
            shown_paths(held.format, stored, &fit.disclose).map_err(|_| ShareError::Damaged)?;
        // A code is seen by whoever stands near it: a card that has a holder's key goes into one
        // only with the proof that is for this code.
        let by_code = matches!(state.to, Destination::Code(_));
        let bound = bound || (by_code && held.face.holder_bound);
        let key = bound.then(|| holder_key(copy)).transpose()?;
        let present =
            |key: Option<&SigningKey>| held.format.present(stored, &fit.disclose, request, key);
        let presentation = match present(key.as_ref()) {
            // A format that never goes without the holder's proof, though nobody asked for it.
            Err(refused) if refused.fault == Fault::NotTheHolder && key.is_none() => {
                present(Some(&holder_key(copy)?))
            }
            outcome => outcome,
        };
        let presentation = presentation.map_err(|_| ShareError::Damaged)?;
        if !held.face.unlinkable {
            parcel.shown.push((card, copy.id));
        }
        let wording = Wording::new(held.metadata.as_ref(), locale);
        parcel.copies.push(copy.id);
        parcel.cards.push(SharedCard {
            card,
            title: held.face.title(locale),
            names: claims
                .iter()
                .map(|path| wording.label(&in_words(held.format, path)))
                .collect(),
            claims,
        });
        Ok(presentation)
    }
}

fn holder_key(copy: &CopyRecord) -> Result<SigningKey, ShareError> {
    let key = copy.key.as_ref().ok_or(ShareError::Damaged)?;
    SigningKey::p256_from_scalar(key.expose()).map_err(|_| ShareError::Damaged)
}

/// Checks a decision against its review.
fn check(state: &ShareState, sharing: &Sharing) -> Result<(), ShareError> {
    let review = state.review.as_ref().ok_or(ReviewGone)?;
    if let Some(kind) = review::blocked(&review.warnings) {
        return Err(ShareError::Blocked(kind));
    }
    let mut ticks = review.ticks.clone();
    let mut before = None;
    for &place in &sharing.optional {
        let set = review.sets.get(place).ok_or(ShareError::OutOfRange)?;
        if set.required || before.is_some_and(|before| place <= before) {
            return Err(ShareError::OutOfRange);
        }
        if set.has_photo() && !ticks.contains(&Tick::Photo) {
            ticks.push(Tick::Photo);
        }
        before = Some(place);
    }
    let shares_something = review.sets.iter().any(|set| set.required);
    if !shares_something && sharing.optional.is_empty() {
        return Err(ShareError::OutOfRange);
    }
    review::check_ticks(&ticks, &sharing.ticks)?;
    Ok(())
}

fn party(state: &ShareState) -> Party {
    Party {
        id: state.service.id.clone(),
        name: state.service.name.clone(),
    }
}

fn started(state: &ShareState, parcel: &Parcel, way: Option<EntryWay>) -> HistoryRecord {
    let purpose = state.purpose.as_ref();
    let entry = Entry {
        cards: parcel
            .cards
            .iter()
            .map(|card| EntryCard {
                id: card.card.to_string(),
                title: card.title.clone(),
                names: card.names.clone(),
                claims: card.claims.iter().map(ClaimPath::to_json).collect(),
            })
            .collect(),
        reason: purpose.and_then(|purpose| {
            let reason = &purpose.reason;
            reason.get("en").or_else(|| reason.values().next()).cloned()
        }),
        contact: purpose.map(|purpose| purpose.contact.clone()),
        verdict: Some(state.service.verdict.standing.name().to_owned()),
        outcome: Some(Outcome::Unknown),
        redirect_uri: None,
        way,
    };
    history::line(now(), EventKind::Shared, Some(party(state)), &entry)
}

fn finish(
    change: &mut Change<'_>,
    line: Id,
    outcome: Outcome,
    redirect_uri: Option<&str>,
) -> Result<(), RecordError> {
    let mut record = change.history_record(line)?;
    let mut entry = history::entry_of(&record);
    entry.outcome = Some(outcome);
    entry.redirect_uri = redirect_uri.map(str::to_owned);
    record.details = serde_json::to_value(&entry).map_err(|_| RecordError::Unwritable)?;
    change.replace_history(&record)
}
