//! The desks that the ledger lists, and what each asks for: to choose from.

use ledger::Standing;
use ledger::event::Purpose;
use query::Query;

use crate::card::known_metadata;
use crate::share::label;
use crate::trust::in_language;
use crate::wallet::Wallet;
use crate::words::{Wording, visible};

/// A service that the ledger lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// Its client identifier.
    pub id: String,
    /// Its name on the ledger, in the citizen's language where it has one.
    pub name: String,
    /// Who registered it, by name.
    pub by: String,
    /// What it asks for.
    pub purposes: Vec<DeskPurpose>,
}

/// One thing for which a desk asks for details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskPurpose {
    /// Its id, unique in the service.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Why the details are needed, in the service's words.
    pub reason: String,
    /// What is asked for; a card in several formats is named once.
    pub cards: Vec<PurposeCard>,
}

/// A card that a purpose asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeCard {
    /// The kind of card.
    pub title: String,
    /// The names of the details.
    pub details: Vec<String>,
}

impl Wallet {
    /// The desks that the ledger's replica lists, by name, with what each asks for. None where
    /// no ledger was read. Nobody is asked.
    pub fn desks(&self, locale: &str) -> Vec<Desk> {
        let mut desks: Vec<Desk> = self
            .trust
            .service_ids()
            .into_iter()
            .filter_map(|id| self.desk(id, locale))
            .collect();
        desks.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        desks
    }

    fn desk(&self, id: String, locale: &str) -> Option<Desk> {
        let verdict = self.trust.registration(&id);
        // What is too old to be sure of is still what there is to choose from; the review warns.
        if !matches!(verdict.standing, Standing::Listed | Standing::Stale) {
            return None;
        }
        let body = verdict.body.as_ref()?;
        let purposes: Vec<DeskPurpose> = verdict
            .purposes
            .iter()
            .filter_map(|purpose| wording_of(purpose, locale))
            .collect();
        Some(Desk {
            name: in_language(&body.names, locale).unwrap_or_else(|| id.clone()),
            by: in_language(&body.by_names, locale).unwrap_or_else(|| body.by.clone()),
            id,
            purposes,
        })
    }
}

fn wording_of(purpose: &Purpose, locale: &str) -> Option<DeskPurpose> {
    let query = query_of(purpose)?;
    let mut cards: Vec<PurposeCard> = Vec::new();
    for wanted in &query.credentials {
        let type_id = wanted.types.names().first().copied().unwrap_or_default();
        let metadata = known_metadata(type_id);
        let wording = Wording::new(metadata.as_ref(), locale);
        let claims = wanted.claims.iter().flatten();
        let card = PurposeCard {
            title: wording.title(type_id),
            details: claims
                .map(|claim| label(&wording, wanted.format.as_str(), &claim.path))
                .collect(),
        };
        if !cards.contains(&card) {
            cards.push(card);
        }
    }
    Some(DeskPurpose {
        id: purpose.id.clone(),
        name: in_language(&purpose.name, locale).unwrap_or_else(|| visible(&purpose.id)),
        reason: in_language(&purpose.reason, locale).unwrap_or_default(),
        cards,
    })
}

/// The query that a purpose was registered with.
pub(super) fn query_of(purpose: &Purpose) -> Option<Query> {
    let value = keys::json::parse(purpose.dcql.as_bytes()).ok()?;
    Query::from_json(&value).ok()
}
