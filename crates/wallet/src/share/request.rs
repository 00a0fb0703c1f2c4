//! From a link to a review: fetch, ask the ledger, match the cards.

use std::cmp::Ordering;

use credential::status::Standing as ByIssuer;
use keys::UnixTime;
use ledger::event::Purpose;
use ledger::{Presented, Standing, Verdict};
use protocol::link::RequestLink;
use protocol::presentation::{self, ClientKey, FetchError, Refusal, Request};
use query::{Candidate, Excess, Format, Index, Query};
use serde_json::Value;
use vault::{CardDetails, CardSummary, Id, RecordError};

use super::consent;
use super::other_format::only_format_differs;
use super::plan::{Choice, ChoiceError, Plan};
use super::view::{ChooseReview, MissingReview, Service, ShareReview, Way};
use crate::add::is_listed;
use crate::card::{CardState, Face, type_metadata};
use crate::desk::DeskAsk;
use crate::history::EventKind;
use crate::pending::{ReviewGone, ReviewId, Waiting};
use crate::review::Warning;
use crate::trust::listed_name;
use crate::wallet::{Wallet, now};

/// Why a request cannot be shown for review. Nothing of the citizen's was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The request could not be had, or breaks a rule.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The review was answered before.
    #[error(transparent)]
    ReviewGone(#[from] ReviewGone),
    /// The choice does not fit.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// Its issuer withdrew or suspended a named card.
    #[error("a named card was withdrawn or suspended by its issuer")]
    Stopped(CardState),
    /// A named card does not answer the request.
    #[error("the cards named do not answer the request")]
    CardsDoNotFit,
    /// A stored credential cannot be opened again.
    #[error("a stored card is damaged")]
    Damaged,
    /// The vault.
    #[error(transparent)]
    Vault(#[from] RecordError),
}

/// What a request turned out to be.
#[derive(Clone, Debug)]
pub enum NextStep {
    /// Several cards fit: choose first. The review waits under the same id.
    Choose(ChooseReview),
    /// To decide on.
    Share(Box<ShareReview>),
    /// No card fits. Nothing was sent.
    Missing(MissingReview),
}

/// A card as matching and the review see it.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) format: &'static dyn credential::format::Format,
    pub(crate) face: Face,
    pub(crate) summary: CardSummary,
    pub(crate) details: CardDetails,
    pub(crate) metadata: Option<Value>,
    pub(crate) verdict: Verdict,
}

/// Where the details go.
#[derive(Clone)]
pub(crate) enum Destination {
    /// Over the network, to the address of the request.
    Sent(Box<Request>),
    /// Into a code that a desk reads.
    Code(Box<DeskAsk>),
}

impl Destination {
    pub(super) fn way(&self) -> Way {
        match self {
            Self::Sent(_) => Way::Sent,
            Self::Code(ask) => ask.way(),
        }
    }
}

/// What is asked, by whom, before cards are looked at.
pub(crate) struct Asked {
    pub(crate) to: Destination,
    pub(crate) query: Query,
    pub(crate) service: Service,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) excess: Vec<Excess>,
    pub(crate) warnings: Vec<Warning>,
}

/// What waits between review and decision.
#[derive(Clone)]
pub(crate) struct ShareState {
    pub(crate) to: Destination,
    pub(crate) query: Query,
    pub(crate) service: Service,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) excess: Vec<Excess>,
    pub(crate) base_warnings: Vec<Warning>,
    pub(crate) held: Vec<Held>,
    /// Cards that would be concerned, had their issuers not stopped them.
    pub(crate) stopped: Vec<(Face, CardState)>,
    /// Cards of a kind that is asked for, in another format.
    pub(crate) in_other_format: Vec<CardSummary>,
    pub(crate) plan: Option<Plan>,
    pub(crate) choice: Vec<Choice>,
    pub(crate) review: Option<ShareReview>,
}

impl Wallet {
    /// Fetches a request, asks the ledger's replica about the service, matches the cards and
    /// makes the review. The first byte leaves here. `only`, where not empty, names the cards
    /// that may answer.
    pub async fn review_request(
        &self,
        link: &RequestLink,
        only: &[Id],
        locale: &str,
    ) -> Result<NextStep, RequestError> {
        let request = match presentation::fetch(&*self.http, link, now()).await {
            Ok(request) => request,
            Err(error) => {
                self.report(&error).await;
                return Err(error.into());
            }
        };
        let verdict = self.service_verdict(&request);
        if request.must_be_listed && !is_listed(&verdict) {
            return Err(FetchError::from(Refusal::OtherResponseUri).into());
        }
        let host = request.response_host();
        let service = self.known_service(&request.client.id, &verdict, &host, locale)?;
        let (purpose, excess) = match_purpose(&request, &verdict);
        let asked = Asked {
            warnings: consent::base_warnings(self, &request, &verdict),
            query: request.query.clone(),
            to: Destination::Sent(Box::new(request)),
            service,
            purpose,
            excess,
        };
        self.put_to_review(asked, only, locale)
    }

    /// Matches the cards with what is asked, makes the review and lets it wait. Nothing leaves.
    pub(crate) fn put_to_review(
        &self,
        asked: Asked,
        only: &[Id],
        locale: &str,
    ) -> Result<NextStep, RequestError> {
        let Concerned {
            held,
            stopped,
            ids_stopped,
            in_other_format,
        } = self.held(&asked.query)?;
        let named = |(id, _): &&(Id, CardState)| only.contains(id);
        if let Some((_, state)) = ids_stopped.iter().find(named) {
            return Err(RequestError::Stopped(*state));
        }
        let plan = matched(&asked.query, &held);
        let missing = plan.is_none();
        let plan = match (plan, only) {
            (Some(plan), [_, ..]) => Some(
                plan.only(|card| {
                    held.get(card)
                        .is_some_and(|card| only.contains(&card.summary.id))
                })
                .ok_or(RequestError::CardsDoNotFit)?,
            ),
            (plan, _) => plan,
        };
        let id = ReviewId::make();
        let mut state = ShareState {
            to: asked.to,
            query: asked.query,
            base_warnings: asked.warnings,
            service: asked.service,
            purpose: asked.purpose,
            excess: asked.excess,
            held,
            stopped,
            in_other_format,
            choice: plan.as_ref().map(Plan::default_choice).unwrap_or_default(),
            plan,
            review: None,
        };
        let step = if missing {
            NextStep::Missing(consent::missing(self, &id, &state, locale))
        } else if state.plan.as_ref().is_some_and(Plan::has_choice) {
            NextStep::Choose(consent::choose(self, &id, &state, locale))
        } else {
            let review = consent::review(self, &id, &state, locale)?;
            state.review = Some(review.clone());
            NextStep::Share(Box::new(review))
        };
        self.pending.put(id, Waiting::Share(Box::new(state)));
        Ok(step)
    }

    /// Chooses among the cards that fit; the review goes on under the same id. May be called
    /// again to change the choice.
    pub fn choose(
        &self,
        id: &ReviewId,
        choice: &[Choice],
        locale: &str,
    ) -> Result<ShareReview, RequestError> {
        let mut state = self.pending.take_share(id)?;
        let checked = state
            .plan
            .as_ref()
            .ok_or(ChoiceError::OutOfRange)
            .and_then(|plan| plan.check(choice));
        if let Err(error) = checked {
            self.pending.put(id.clone(), Waiting::Share(state));
            return Err(error.into());
        }
        state.choice = choice.to_vec();
        let review = consent::review(self, id, &state, locale)?;
        state.review = Some(review.clone());
        self.pending.put(id.clone(), Waiting::Share(state));
        Ok(review)
    }

    /// Takes the first option and the best cards: those that the ledger lists, of them the
    /// one valid longest.
    pub fn choose_best(&self, id: &ReviewId, locale: &str) -> Result<ShareReview, RequestError> {
        let state = self.pending.take_share(id)?;
        let best = state
            .plan
            .as_ref()
            .map(Plan::default_choice)
            .unwrap_or_default();
        self.pending.put(id.clone(), Waiting::Share(state));
        self.choose(id, &best, locale)
    }

    fn service_verdict(&self, request: &Request) -> Verdict {
        let client = &request.client;
        let key = match &client.key {
            ClientKey::Unsigned => None,
            ClientKey::Chain(chain) => Some(Presented::Chain(chain)),
            ClientKey::Did { key, .. } => Some(Presented::Key(key)),
        };
        self.trust.service(&client.id, key)
    }

    /// Who asks, as the ledger and the history know them; `website` is where the answer goes.
    pub(crate) fn known_service(
        &self,
        client_id: &str,
        verdict: &Verdict,
        website: &str,
        locale: &str,
    ) -> Result<Service, RecordError> {
        let listed = listed_name(verdict, locale);
        let (events, _) = self.history()?;
        let times: Vec<UnixTime> = events
            .iter()
            .filter(|event| event.kind == EventKind::Shared)
            .filter(|event| event.who.as_ref().is_some_and(|who| who.id == client_id))
            .map(|event| event.at)
            .collect();
        Ok(Service {
            id: client_id.to_owned(),
            name: listed.clone().unwrap_or_else(|| website.to_owned()),
            name_listed: listed.is_some(),
            website: website.to_owned(),
            verdict: verdict.clone(),
            times: times.len(),
            since: times.into_iter().min(),
        })
    }

    /// Tells an authenticated service what was wrong with its request. Says nothing about the
    /// citizen, who has pressed Continue for this very host.
    async fn report(&self, error: &FetchError) {
        if let FetchError::Refused {
            refusal,
            reply: Some(reply),
        } = error
        {
            let _ = presentation::report(&*self.http, reply, refusal).await;
        }
    }

    /// The cards that a query may concern, whole. Others are not even opened: of those that are
    /// in another format than asked for, no more is read than their summary.
    fn held(&self, query: &Query) -> Result<Concerned, RecordError> {
        let now = now();
        let mut concerned_cards = Concerned::default();
        for summary in self.summaries()? {
            let format = credential::format::by_id(&summary.format);
            let (Some(format), Some(face)) = (format, Face::of(&summary)) else {
                continue;
            };
            let types = face.types(&summary.type_id);
            let concerned = query.credentials.iter().any(|wanted| {
                wanted.format.as_str() == summary.format && wanted.types.accepts(&types)
            });
            let elsewhere = query
                .credentials
                .iter()
                .any(|wanted| only_format_differs(wanted, &summary.format, &types));
            // A card past its date would only be refused.
            let over = summary.valid_until.is_some_and(|until| now >= until);
            if !(concerned || elsewhere) || over {
                continue;
            }
            let Some(key) = face.issuer_key() else {
                continue;
            };
            let verdict = self
                .trust
                .issuer(key.presented(), &summary.type_id, summary.issued_at);
            // A card that its issuer stopped would only be refused.
            let status = self.status_of(&summary, &face, &key);
            let stopped = match status.and_then(|status| status.standing) {
                Some(ByIssuer::Revoked) => Some(CardState::Revoked),
                Some(ByIssuer::Suspended) => Some(CardState::Suspended),
                _ => None,
            };
            if let Some(stopped) = stopped.filter(|_| concerned) {
                concerned_cards.ids_stopped.push((summary.id, stopped));
                concerned_cards.stopped.push((face, stopped));
                continue;
            }
            if elsewhere && stopped.is_none() {
                concerned_cards.in_other_format.push(summary.clone());
            }
            if !concerned {
                continue;
            }
            let details = self.vault.card(summary.id)?.details;
            concerned_cards.held.push(Held {
                format,
                face,
                metadata: type_metadata(&summary.type_id, &details),
                summary,
                details,
                verdict,
            });
        }
        Ok(concerned_cards)
    }
}

/// The cards that a query may concern.
#[derive(Default)]
struct Concerned {
    held: Vec<Held>,
    stopped: Vec<(Face, CardState)>,
    ids_stopped: Vec<(Id, CardState)>,
    in_other_format: Vec<CardSummary>,
}

/// The purpose that the request is judged against, and what it asks beyond it. A service that
/// the ledger does not name has no purposes to be judged against.
fn match_purpose(request: &Request, verdict: &Verdict) -> (Option<Purpose>, Vec<Excess>) {
    if verdict.standing != Standing::Listed && verdict.purposes.is_empty() {
        return (None, Vec::new());
    }
    let read: Vec<(&Purpose, Query)> = verdict
        .purposes
        .iter()
        .filter_map(|purpose| {
            let value = keys::json::parse(purpose.dcql.as_bytes()).ok()?;
            Some((purpose, Query::from_json(&value).ok()?))
        })
        .collect();
    if let Some(named) = &request.purpose {
        let found = read.iter().find(|(purpose, _)| purpose.id == *named);
        return match found {
            Some((purpose, registered)) => (
                Some((*purpose).clone()),
                query::excess(&request.query, registered),
            ),
            // A purpose that is not registered covers nothing.
            None => (None, everything(&request.query)),
        };
    }
    let queries: Vec<Query> = read.iter().map(|(_, query)| query.clone()).collect();
    if let Some(place) = query::smallest_containing(&request.query, &queries) {
        return (
            read.get(place).map(|(purpose, _)| (*purpose).clone()),
            Vec::new(),
        );
    }
    match query::nearest_purpose(&request.query, &queries) {
        Some((place, excess)) => (
            read.get(place).map(|(purpose, _)| (*purpose).clone()),
            excess,
        ),
        None => (None, everything(&request.query)),
    }
}

/// All that a request asks for, as excess over nothing.
fn everything(request: &Query) -> Vec<Excess> {
    let nothing = Query {
        credentials: Vec::new(),
        credential_sets: None,
    };
    query::excess(request, &nothing)
}

/// Matches a query against cards.
pub(super) fn answer(request: &Query, held: &[Held]) -> query::Answer {
    let ids: Vec<String> = held
        .iter()
        .map(|card| card.summary.id.to_string())
        .collect();
    let authorities: Vec<Vec<(String, String)>> = held.iter().map(authorities_of).collect();
    let candidates = held
        .iter()
        .zip(&ids)
        .zip(&authorities)
        .map(|((card, id), authorities)| Candidate {
            id,
            format: Format::from_name(&card.summary.format),
            types: card.face.types(&card.summary.type_id),
            claims: &card.details.claims,
            authorities: authorities
                .iter()
                .map(|(kind, value)| (kind.as_str(), value.as_str()))
                .collect(),
            holder_bound: card.face.holder_bound,
        })
        .collect();
    Index::new(candidates).answer(request)
}

fn matched(request: &Query, held: &[Held]) -> Option<Plan> {
    let answer = answer(request, held);
    Plan::new(request, &answer, |a, b| better(held.get(a), held.get(b)))
}

/// What a query may name as trusted authority (OpenID4VP 1.0 §6.1.1): the authority key
/// identifiers of the certificate chain.
fn authorities_of(card: &Held) -> Vec<(String, String)> {
    let Some(crate::card::IssuerKey::Chain(chain)) = card.face.issuer_key() else {
        return Vec::new();
    };
    chain
        .iter()
        .filter_map(keys::x509::Certificate::authority_key_id)
        .map(|id| ("aki".to_owned(), keys::b64::encode(id)))
        .collect()
}

/// Listed before unlisted, then valid longest, then newest.
fn better(a: Option<&Held>, b: Option<&Held>) -> Ordering {
    let rank = |card: Option<&Held>| {
        card.map(|card| {
            (
                is_listed(&card.verdict),
                card.summary.valid_until.unwrap_or(UnixTime::MAX),
                card.summary.added_at,
            )
        })
    };
    rank(b).cmp(&rank(a))
}
