//! The consent page's content: who, why, exactly what, and what stays.

use credential::format::{self, Facts, Format};
use ledger::Verdict;
use protocol::presentation::{ClientKey, Request};
use query::{ClaimPath, CredentialQuery, Excess, Missing};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use vault::CopyRecord;

use super::declared::{is_identifying, retention};
use super::other_format;
use super::plan::Fit;
use super::request::{Held, RequestError, ShareState};
use super::view::{
    ChooseReview, MissingCard, MissingReview, OfferedAsk, Recognisability, ShareReview, ShareRow,
    ShareSet, Stays, WantedSet,
};
use crate::card::{Face, known_metadata};
use crate::pending::ReviewId;
use crate::review::{self, Level, Tick, Warning, WarningKind};
use crate::wallet::Wallet;
use crate::words::Wording;

/// What the verdict and the request's own form warn of, whatever is chosen.
pub(super) fn base_warnings(wallet: &Wallet, request: &Request, verdict: &Verdict) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = review::service_warning(verdict.standing)
        .into_iter()
        .collect();
    let vouched = warnings.is_empty();
    if verdict.body.is_none() && wallet.trust.knows_service(&request.client.id) {
        warnings.push(Warning::new(WarningKind::ServiceChanged, Level::Note));
    }
    if request.client.key == ClientKey::Unsigned && !vouched {
        warnings.push(Warning::new(WarningKind::ServiceUnproven, Level::Note));
    }
    warnings.extend(review::clock_warning(verdict));
    warnings
}

/// What is asked for and not here.
pub(super) fn missing(
    wallet: &Wallet,
    id: &ReviewId,
    state: &ShareState,
    locale: &str,
) -> MissingReview {
    let answer = super::request::answer(&state.query, &state.held);
    let missing = state
        .query
        .credentials
        .iter()
        .zip(&answer.credentials)
        .filter_map(|(wanted, found)| {
            let lacks = found.missing.as_ref()?;
            let type_id = other_format::kind_wanted(&wanted.types);
            let metadata = known_metadata(type_id);
            let wording = Wording::new(metadata.as_ref(), locale);
            let claims = wanted.claims.iter().flatten();
            let none = *lacks == Missing::Type;
            let elsewhere = state.in_other_format.iter().filter(|card| {
                none && Face::of(card).is_some_and(|face| {
                    let types = face.types(&card.type_id);
                    other_format::only_format_differs(wanted, &card.format, &types)
                })
            });
            Some(MissingCard {
                title: wording.title(type_id),
                type_id: type_id.to_owned(),
                format: wanted.format.as_str().to_owned(),
                in_other_format: elsewhere
                    .filter_map(|card| wallet.row(card, locale))
                    .collect(),
                details: claims
                    .map(|claim| label(&wording, wanted.format.as_str(), &claim.path))
                    .collect(),
                have_other: !none,
            })
        })
        .collect();
    MissingReview {
        id: id.clone(),
        service: state.service.clone(),
        missing,
        stopped: state
            .stopped
            .iter()
            .map(|(card, card_state)| (card.title(locale), *card_state))
            .collect(),
    }
}

/// The options among which the citizen chooses.
pub(super) fn choose(
    wallet: &Wallet,
    id: &ReviewId,
    state: &ShareState,
    locale: &str,
) -> ChooseReview {
    let ask = |ask: &super::plan::PlannedAsk| {
        let first = ask.fits.first();
        let details = first
            .and_then(|fit| Some((state.held.get(fit.card)?, fit)))
            .map(|(card, fit)| {
                let wording = Wording::new(card.metadata.as_ref(), locale);
                let named = fit.disclose.iter();
                named
                    .map(|path| wording.label(&in_words(card.format, path)))
                    .collect()
            })
            .unwrap_or_default();
        OfferedAsk {
            details,
            cards: ask
                .fits
                .iter()
                .filter_map(|fit| wallet.row(&state.held.get(fit.card)?.summary, locale))
                .collect(),
            multiple: ask.multiple,
        }
    };
    let sets = state
        .plan
        .iter()
        .flat_map(|plan| &plan.sets)
        .map(|set| WantedSet {
            required: set.required,
            options: set
                .options
                .iter()
                .map(|asks| asks.iter().map(ask).collect())
                .collect(),
        })
        .collect();
    ChooseReview {
        id: id.clone(),
        service: state.service.clone(),
        sets,
    }
}

/// The consent page under the choice of the state.
pub(super) fn review(
    wallet: &Wallet,
    id: &ReviewId,
    state: &ShareState,
    locale: &str,
) -> Result<ShareReview, RequestError> {
    let Some(plan) = &state.plan else {
        return Err(RequestError::CardsDoNotFit);
    };
    let mut page = Page::new(wallet, state, locale);
    let mut sets = Vec::new();
    for (place, set) in plan.sets.iter().enumerate() {
        let mut rows = Vec::new();
        for (query, fits) in plan.chosen(place, &state.choice) {
            for fit in fits {
                rows.extend(page.rows(query, fit, set.required)?);
            }
        }
        sets.push(ShareSet {
            required: set.required,
            rows,
        });
    }
    let mut warnings = state.base_warnings.clone();
    if !state.excess.is_empty() {
        let names = excess_names(state, locale);
        warnings.push(Warning::about(WarningKind::OverAsking, Level::Tick, names));
    }
    warnings.append(&mut page.warnings);
    review::sort(&mut warnings);
    let ticks = ticks(&warnings, &sets);
    Ok(ShareReview {
        id: id.clone(),
        way: state.to.way(),
        service: state.service.clone(),
        ticks,
        purpose: state.purpose.clone(),
        stays: page.stays,
        retention: retention(state.purpose.as_ref()),
        recognisability: page.recognisability,
        unlinkable: page.unlinkable,
        choice: plan.has_choice().then(|| choose(wallet, id, state, locale)),
        warnings,
        sets,
    })
}

fn ticks(warnings: &[Warning], sets: &[ShareSet]) -> Vec<Tick> {
    let mut ticks = Vec::new();
    for warning in warnings.iter().filter(|one| one.level == Level::Tick) {
        let tick = if warning.kind == WarningKind::OverAsking {
            Tick::OverAsking
        } else {
            Tick::Unlisted
        };
        if !ticks.contains(&tick) {
            ticks.push(tick);
        }
    }
    if sets.iter().any(|set| set.required && set.has_photo()) {
        ticks.push(Tick::Photo);
    }
    ticks
}

/// Collects what belongs to the whole page while its rows are made.
struct Page<'a> {
    wallet: &'a Wallet,
    state: &'a ShareState,
    locale: &'a str,
    warnings: Vec<Warning>,
    stays: Vec<Stays>,
    recognisability: Recognisability,
    unlinkable: Vec<String>,
}

impl<'a> Page<'a> {
    fn new(wallet: &'a Wallet, state: &'a ShareState, locale: &'a str) -> Self {
        Self {
            wallet,
            state,
            locale,
            warnings: Vec::new(),
            stays: Vec::new(),
            unlinkable: Vec::new(),
            recognisability: Recognisability::Unlinkable,
        }
    }

    fn rows(
        &mut self,
        query: usize,
        fit: &Fit,
        required: bool,
    ) -> Result<Vec<ShareRow>, RequestError> {
        let card = self.state.held.get(fit.card).ok_or(RequestError::Damaged)?;
        let copies = self.wallet.vault.card(card.summary.id)?.copies;
        let copy = next_copy(card, &copies).ok_or(RequestError::Damaged)?;
        let stored = copy.credential.expose_secret();
        let facts = card
            .format
            .describe(stored)
            .map_err(|_| RequestError::Damaged)?;
        let paths = shown_paths(card.format, stored, &fit.disclose)?;
        let title = card.face.title(self.locale);
        let wording = Wording::new(card.metadata.as_ref(), self.locale);
        let claims = Value::Object(facts.claims.clone());
        let query_id = self.state.query.credentials.get(query);
        let mut rows = Vec::new();
        for path in &paths {
            let Some((_, value)) = path
                .select(&claims)
                .ok()
                .and_then(|found| found.into_iter().next())
            else {
                continue;
            };
            rows.push(ShareRow {
                detail: wording.detail(&in_words(card.format, path), value),
                path: path.clone(),
                card: card.summary.id,
                title: title.clone(),
                excess: query_id
                    .is_some_and(|wanted| is_excess(&self.state.excess, &wanted.id, path)),
                kept: query_id.is_some_and(|wanted| is_kept(wanted, path)),
            });
        }
        self.note_copy(copy, card, &title, &paths);
        if required {
            self.note_stays(card.format, &facts, &paths, &wording, title);
        }
        Ok(rows)
    }

    fn note_copy(&mut self, copy: &CopyRecord, card: &Held, title: &str, paths: &[ClaimPath]) {
        let by_card = if card.face.unlinkable {
            self.unlinkable.push(title.to_owned());
            Recognisability::Unlinkable
        } else if copy.shown > 0 {
            self.warn(WarningKind::LastCopy, title);
            Recognisability::UsedCopy
        } else {
            Recognisability::FreshCopy
        };
        self.recognisability = self.recognisability.max(by_card);
        if paths.iter().any(is_identifying) {
            self.recognisability = Recognisability::Identifying;
        }
        if review::issuer_warning(card.verdict.standing)
            .is_some_and(|warning| warning.level == Level::Block)
        {
            self.warn(WarningKind::CardWithdrawn, title);
        }
    }

    fn warn(&mut self, kind: WarningKind, title: &str) {
        match self.warnings.iter_mut().find(|known| known.kind == kind) {
            Some(known) if known.names.iter().any(|name| name == title) => {}
            Some(known) => known.names.push(title.to_owned()),
            None => {
                let names = vec![title.to_owned()];
                self.warnings.push(Warning::about(kind, Level::Note, names));
            }
        }
    }

    fn note_stays(
        &mut self,
        format: &dyn Format,
        facts: &Facts,
        shown: &[ClaimPath],
        wording: &Wording<'_>,
        title: String,
    ) {
        let stays = |claim: &format::SubjectClaim<'_>| {
            !shown
                .iter()
                .any(|shown| is_above(&claim.path, shown) || is_above(shown, &claim.path))
        };
        let mut names: Vec<String> = Vec::new();
        for claim in format::subject_claims(format, &facts.claims) {
            let name = wording.label(&claim.in_words_of_type);
            if stays(&claim)
                && claim.in_words_of_type.root() != Some("sub")
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
        self.stays.push(Stays { title, names });
    }
}

/// The copy that is shown next: the first that nobody has seen, else the last again. Of a card
/// whose presentations share nothing the first will always do.
pub(super) fn next_copy<'a>(card: &Held, copies: &'a [CopyRecord]) -> Option<&'a CopyRecord> {
    if card.face.unlinkable {
        return copies.first();
    }
    copies
        .iter()
        .find(|copy| copy.shown == 0)
        .or_else(|| copies.last())
}

/// What a service learns of the subject: what was asked for, and whatever else the credential
/// cannot hide.
pub(super) fn shown_paths(
    format: &dyn Format,
    stored: &str,
    disclose: &[ClaimPath],
) -> Result<Vec<ClaimPath>, RequestError> {
    let revealed = format
        .preview(stored, disclose)
        .map_err(|_| RequestError::Damaged)?;
    let holds_another = |path: &ClaimPath| {
        let mut others = revealed.iter().chain(disclose);
        others.any(|other| other != path && is_above(path, other))
    };
    let mut paths = disclose.to_vec();
    for path in &revealed {
        let of_subject = format.in_words_of_type(path).is_some();
        if of_subject && !holds_another(path) && !paths.iter().any(|known| is_above(known, path)) {
            paths.push(path.clone());
        }
    }
    Ok(paths)
}

/// A path in the words of the type; as it stands where it belongs to the credential itself.
pub(super) fn in_words(format: &dyn Format, path: &ClaimPath) -> ClaimPath {
    format
        .in_words_of_type(path)
        .unwrap_or_else(|| path.clone())
}

/// The name of a claim that is asked for of a card in this format.
pub(crate) fn label(wording: &Wording<'_>, format: &str, path: &ClaimPath) -> String {
    match format::by_id(format) {
        Some(format) => wording.label(&in_words(format, path)),
        None => wording.label(path),
    }
}

fn is_above(path: &ClaimPath, below: &ClaimPath) -> bool {
    let (path, below) = (path.segments(), below.segments());
    path.len() <= below.len() && path.iter().zip(below).all(|(a, b)| a == b)
}

/// Whether the service says that it keeps what stands at this path.
fn is_kept(query: &CredentialQuery, path: &ClaimPath) -> bool {
    query.claims.iter().flatten().any(|claim| {
        claim.intent_to_retain == Some(true)
            && (claim.path.covers(path) || is_above(&claim.path, path))
    })
}

fn is_excess(excess: &[Excess], query: &str, path: &ClaimPath) -> bool {
    excess.iter().any(|one| match one {
        Excess::Credential { credential, .. } | Excess::WholeCredential { credential } => {
            credential == query
        }
        Excess::Claim {
            credential,
            path: beyond,
        }
        | Excess::AnyValue {
            credential,
            path: beyond,
        }
        | Excess::Retained {
            credential,
            path: beyond,
        } => credential == query && (beyond.covers(path) || is_above(beyond, path)),
        Excess::Together { credentials } => credentials.iter().any(|one| one == query),
        Excess::Multiple { .. }
        | Excess::WithoutHolderBinding { .. }
        | Excess::Authorities { .. } => false,
    })
}

/// The excess by the names of details and kinds of card.
fn excess_names(state: &ShareState, locale: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for one in &state.excess {
        let (queries, path) = match one {
            Excess::Claim { credential, path }
            | Excess::AnyValue { credential, path }
            | Excess::Retained { credential, path } => (vec![credential], Some(path)),
            Excess::Credential { credential, .. }
            | Excess::WholeCredential { credential }
            | Excess::Multiple { credential }
            | Excess::WithoutHolderBinding { credential }
            | Excess::Authorities { credential } => (vec![credential], None),
            Excess::Together { credentials } => (credentials.iter().collect(), None),
        };
        for query in queries {
            let wanted = state.query.credential(query).map(|(_, one)| one);
            let type_id = wanted
                .and_then(|wanted| wanted.types.names().first().map(|name| (*name).to_owned()))
                .unwrap_or_default();
            let format = wanted.map_or("", |wanted| wanted.format.as_str());
            let held = state
                .held
                .iter()
                .find(|card| card.summary.type_id == type_id);
            let metadata = held
                .and_then(|card| card.metadata.clone())
                .or_else(|| known_metadata(&type_id));
            let wording = Wording::new(metadata.as_ref(), locale);
            let name = path.map_or_else(
                || wording.title(&type_id),
                |path| label(&wording, format, path),
            );
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}
