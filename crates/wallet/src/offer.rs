//! From an offer to its review: who offers, what the ledger says, what the cards will hold.

use credential::KeySource;
use keys::{Algorithm, json};
use ledger::{Standing, Verdict};
use protocol::issuance::{self, Configuration, Display, FetchedType, Offer, TxCode};
use protocol::issuer_keys;
use protocol::link::OfferLink;
use vault::{CardSummary, Party, RecordError};

use crate::add::{AddError, COPIES, OfferState};
use crate::card::{Face, HowKnown, IssuerKey};
use crate::pending::{ReviewId, Waiting};
use crate::review::{self, Level, Tick, Warning, WarningKind};
use crate::wallet::Wallet;
use crate::words::{Wording, visible};

/// An offer, checked against the ledger, waiting for the citizen.
#[derive(Clone, Debug)]
pub struct OfferReview {
    /// Its name in [`Wallet::accept`].
    pub id: ReviewId,
    /// Who offers: identifier and name, by the ledger where it knows them.
    pub issuer: Party,
    /// Whether the name is the ledger's. If not, it is only what they call themselves.
    pub name_listed: bool,
    /// Where the issuer's key came from; `None` where it is known only with the card.
    pub how: Option<HowKnown>,
    /// What the ledger says.
    pub verdict: Verdict,
    /// The host that the cards come from.
    pub host: String,
    /// What to know, worst first.
    pub warnings: Vec<Warning>,
    /// The ticks that accepting needs.
    pub ticks: Vec<Tick>,
    /// The cards on offer.
    pub cards: Vec<OfferedCard>,
    /// The code that the issuer sent on another way, where it wants one.
    pub tx_code: Option<TxCode>,
}

/// One card on offer.
#[derive(Clone, Debug)]
pub struct OfferedCard {
    /// The issuer's name for it.
    pub configuration_id: String,
    /// The credential type.
    pub type_id: String,
    /// The kind of card.
    pub title: String,
    /// The names of what it will hold, as its type says.
    pub contents: Vec<String>,
    /// How many copies the wallet will ask for.
    pub copies: usize,
}

impl Wallet {
    /// Fetches an offer and what explains it, asks the ledger's replica about the issuer, and
    /// makes the review. The first byte leaves here.
    pub async fn review_offer(
        &self,
        link: &OfferLink,
        locale: &str,
    ) -> Result<OfferReview, AddError> {
        let offer = issuance::resolve(&*self.http, link).await?;
        let mut metadata = Vec::with_capacity(offer.configurations.len());
        for configuration in &offer.configurations {
            metadata.push(self.metadata_for(configuration).await);
        }
        let key = self
            .key_in_advance(&offer.issuer)
            .await
            .filter(|key| !self.may_sign_otherwise(&offer, key));
        let verdict = self.verdict_in_advance(&offer, key.as_ref());
        let listed = crate::trust::listed_name(&verdict, locale);
        let host = link.host();
        let issuer = Party {
            id: offer.issuer.clone(),
            name: listed
                .clone()
                .or_else(|| display_name(&offer.issuer_display, locale))
                .unwrap_or_else(|| host.clone()),
        };
        let warnings = self.offer_warnings(&offer, &verdict, key.is_some(), locale)?;
        let ticks = if warnings.iter().any(|warning| warning.level == Level::Tick) {
            vec![Tick::Unlisted]
        } else {
            Vec::new()
        };
        let copies = offer.batch_size.clamp(1, COPIES);
        let cards = offer
            .configurations
            .iter()
            .zip(&metadata)
            .map(|(configuration, metadata)| offered(configuration, metadata, copies, locale))
            .collect();
        let review = OfferReview {
            id: ReviewId::make(),
            issuer: issuer.clone(),
            name_listed: listed.is_some(),
            how: key.is_some().then_some(HowKnown::Website),
            verdict,
            host: host.clone(),
            warnings: warnings.clone(),
            ticks: ticks.clone(),
            cards,
            tx_code: offer.tx_code.clone(),
        };
        let state = OfferState {
            offer,
            issuer,
            host,
            warnings,
            ticks,
            metadata,
        };
        self.pending
            .put(review.id.clone(), Waiting::Offer(Box::new(state)));
        Ok(review)
    }

    /// The issuer's key by its web site, before a card is here; `None` where it has none, or
    /// several.
    async fn key_in_advance(&self, issuer: &str) -> Option<IssuerKey> {
        let source = KeySource::Metadata {
            iss: issuer.to_owned(),
            kid: None,
        };
        for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
            if let Ok(key) = issuer_keys::resolve(&*self.http, &source, algorithm).await {
                return Some(key.into());
            }
        }
        None
    }

    /// True where the web site's key is not on the ledger, and the ledger has an issuer of
    /// this very name: its cards may be signed with a certificate or a DID, so that only the
    /// card can say. Whatever key that is, the card is not kept unless the ledger vouches.
    fn may_sign_otherwise(&self, offer: &Offer, key: &IssuerKey) -> bool {
        let verdict = self.verdict_in_advance(offer, Some(key));
        verdict.standing == Standing::Unlisted && self.trust.knows_issuer(&offer.issuer)
    }

    /// The worst verdict among the cards of an offer.
    fn verdict_in_advance(&self, offer: &Offer, key: Option<&IssuerKey>) -> Verdict {
        let Some(key) = key else {
            return self.trust.nothing_known();
        };
        let verdicts = offer
            .configurations
            .iter()
            .map(|card| self.trust.issuer(key.presented(), &card.type_id, None));
        verdicts
            .max_by_key(|verdict| {
                review::issuer_warning(verdict.standing).map_or(0, |warning| {
                    if warning.level == Level::Block { 2 } else { 1 }
                })
            })
            .unwrap_or_else(|| self.trust.nothing_known())
    }

    fn offer_warnings(
        &self,
        offer: &Offer,
        verdict: &Verdict,
        key_known: bool,
        locale: &str,
    ) -> Result<Vec<Warning>, RecordError> {
        let mut warnings = Vec::new();
        if key_known || !self.trust.has_ledger() {
            warnings.extend(review::issuer_warning(verdict.standing));
        } else {
            warnings.push(Warning::new(WarningKind::IssuerNotYetKnown, Level::Note));
        }
        warnings.extend(review::clock_warning(verdict));
        let here = self.summaries()?;
        for card in &offer.configurations {
            let same_kind = || here.iter().filter(|other| other.type_id == card.type_id);
            let title = |other: &CardSummary| {
                Face::of(other)
                    .map(|face| face.title(locale))
                    .unwrap_or_default()
            };
            if let Some(other) = same_kind().find(|other| came_from(other, &offer.issuer)) {
                let names = vec![title(other)];
                warnings.push(Warning::about(WarningKind::Duplicate, Level::Note, names));
            } else if let Some(other) = same_kind().next() {
                let names = vec![title(other)];
                warnings.push(Warning::about(
                    WarningKind::IssuerChanged,
                    Level::Note,
                    names,
                ));
            }
        }
        if !offer.left.is_empty() {
            let names = offer
                .left
                .iter()
                .map(|left| visible(&left.configuration_id))
                .collect();
            warnings.push(Warning::about(WarningKind::CardLeftOut, Level::Note, names));
        }
        review::sort(&mut warnings);
        Ok(warnings)
    }

    /// What is known of a type before its card is here: by this program, or from the address
    /// that is its name. That it cannot be had is no failure: the card then shows by its
    /// claims.
    async fn metadata_for(&self, configuration: &Configuration) -> Option<FetchedType> {
        let vct = configuration.metadata_id.as_deref()?;
        issuance::fetch_type_metadata(&*self.http, vct, None)
            .await
            .ok()
    }
}

fn offered(
    configuration: &Configuration,
    metadata: &Option<FetchedType>,
    copies: usize,
    locale: &str,
) -> OfferedCard {
    let metadata = metadata
        .as_ref()
        .and_then(|fetched| json::parse(fetched.documents.first()?).ok());
    let wording = Wording::new(metadata.as_ref(), locale);
    let own_name = display_name(&configuration.display, locale);
    let title = match (&metadata, own_name) {
        (None, Some(name)) => name,
        _ => wording.title(&configuration.type_id),
    };
    OfferedCard {
        configuration_id: configuration.id.clone(),
        type_id: configuration.type_id.clone(),
        title,
        contents: wording.contents(),
        // A card that is bound to no key comes once.
        copies: if configuration.binding.is_some() {
            copies
        } else {
            1
        },
    }
}

fn display_name(displays: &[Display], locale: &str) -> Option<String> {
    let language = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    let wanted = language(locale);
    let named = |wanted: &str| {
        displays.iter().find(|display| {
            display
                .locale
                .as_deref()
                .is_some_and(|tag| language(tag) == wanted)
        })
    };
    named(&wanted)
        .or_else(|| named("en"))
        .or_else(|| displays.first())
        .map(|display| visible(&display.name))
}

fn came_from(card: &CardSummary, issuer: &str) -> bool {
    card.issuer.id == issuer
}
