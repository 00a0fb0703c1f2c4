//! Adding a card: offer → review → decision → cards.

use credential::KeySource;
use credential::sd_jwt::Unverified;
use credential::type_metadata::{Integrity, TypeMetadata, TypeMetadataError};
use keys::{Algorithm, json};
use ledger::{Standing, Verdict};
use protocol::issuance::{
    self, Configuration, Display, Event, FetchedType, Issued, Notification, Offer, RedeemError,
    ResolveError, TxCode,
};
use protocol::issuer_keys::{self, IssuerKeyError};
use protocol::link::OfferLink;
use serde_json::{Value, json};
use vault::{CardRecord, CardSummary, Party, RecordError};

use crate::card::{CardRow, Face, HowKnown, IssuerKey};
use crate::history::{self, Entry, EntryCard, EventKind};
use crate::pending::{ReviewGone, ReviewId, Waiting};
use crate::received::{self, Context, ReceiveError};
use crate::review::{self, Level, Tick, Warning, WarningKind, WrongTicks};
use crate::wallet::{Wallet, now};
use crate::words::{Wording, visible};

/// How many copies of a card the wallet asks for, where the issuer gives several.
pub const COPIES: usize = 10;

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

/// What was added.
#[derive(Clone, Debug)]
pub struct Added {
    /// The new cards.
    pub cards: Vec<CardRow>,
    /// What the review warned of, and what turned up while adding.
    pub warnings: Vec<Warning>,
}

/// The citizen's answer to an [`OfferReview`].
#[derive(Clone, Debug, Default)]
pub struct Acceptance {
    /// Which of the review's cards, by index; all where empty.
    pub cards: Vec<usize>,
    /// The code.
    pub tx_code: Option<String>,
    /// The ticks given.
    pub ticks: Vec<Tick>,
}

/// Why no card was added. Nothing was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddError {
    /// The offer cannot be shown for review.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The review was answered before.
    #[error(transparent)]
    ReviewGone(#[from] ReviewGone),
    /// A tick is missing, or one too many.
    #[error(transparent)]
    Ticks(#[from] WrongTicks),
    /// The ledger says that this issuer must not be trusted.
    #[error("the ledger says that this issuer's cards must not be taken: {}", .0.name())]
    Blocked(WarningKind),
    /// The choice names cards that the offer does not have.
    #[error("the choice does not fit the offer")]
    Choice,
    /// The issuer or its server gave no card.
    #[error(transparent)]
    Redeem(#[from] RedeemError),
    /// The credential does not say where its issuer's key is.
    #[error(transparent)]
    KeySource(#[from] credential::issuer::KeySourceError),
    /// The issuer's key could not be had.
    #[error(transparent)]
    IssuerKey(#[from] IssuerKeyError),
    /// The type's metadata is not the one that the issuer vouched for.
    #[error(transparent)]
    TypeMetadata(#[from] TypeMetadataError),
    /// The card failed a check.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// The ledger does not list the key that signed the card, and the citizen had not agreed
    /// to that.
    #[error("the ledger does not vouch for the key that signed the card: {}", .0.name())]
    NotListed(WarningKind),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] RecordError),
}

/// What waits between review and decision.
pub(crate) struct OfferState {
    offer: Offer,
    issuer: Party,
    host: String,
    warnings: Vec<Warning>,
    ticks: Vec<Tick>,
    metadata: Vec<Option<FetchedType>>,
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
            metadata.push(self.metadata_for(&configuration.vct).await);
        }
        let key = self.key_in_advance(&offer.issuer).await;
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

    /// Accepts an offer: spends its code, checks what comes, and keeps it. Where the typed
    /// code was refused, the review stands and a new code may be tried.
    pub async fn accept(
        &self,
        id: &ReviewId,
        acceptance: &Acceptance,
        locale: &str,
    ) -> Result<Added, AddError> {
        let state = self.pending.take_offer(id)?;
        let checked = self.decide(&state, acceptance);
        let outcome = match checked {
            Ok(selected) => self.take_cards(&state, &selected, acceptance, locale).await,
            Err(error) => Err(error),
        };
        let again = match &outcome {
            Err(AddError::Ticks(_) | AddError::Choice) => true,
            Err(AddError::Redeem(error)) => !error.spent(),
            _ => false,
        };
        if again {
            self.pending.put(id.clone(), Waiting::Offer(state));
        }
        outcome
    }

    /// Checks the decision against its review; answers the configurations chosen.
    fn decide(&self, state: &OfferState, acceptance: &Acceptance) -> Result<Vec<String>, AddError> {
        if let Some(kind) = review::blocked(&state.warnings) {
            return Err(AddError::Blocked(kind));
        }
        let mut given = acceptance.ticks.clone();
        // For a key that is known only with the card, the citizen may agree beforehand.
        let unknown = |warning: &Warning| warning.kind == WarningKind::IssuerNotYetKnown;
        if state.warnings.iter().any(unknown) && !state.ticks.contains(&Tick::Unlisted) {
            given.retain(|tick| *tick != Tick::Unlisted);
        }
        review::check_ticks(&state.ticks, &given)?;
        let all = &state.offer.configurations;
        let chosen: Vec<String> = if acceptance.cards.is_empty() {
            all.iter().map(|one| one.id.clone()).collect()
        } else {
            acceptance
                .cards
                .iter()
                .map(|&place| all.get(place).map(|one| one.id.clone()))
                .collect::<Option<_>>()
                .ok_or(AddError::Choice)?
        };
        Ok(chosen)
    }

    async fn take_cards(
        &self,
        state: &OfferState,
        selected: &[String],
        acceptance: &Acceptance,
        locale: &str,
    ) -> Result<Added, AddError> {
        let tx_code = acceptance.tx_code.as_deref();
        let redeemed =
            issuance::redeem(&*self.http, &state.offer, selected, tx_code, COPIES, now()).await?;
        let agreed = acceptance.ticks.contains(&Tick::Unlisted);
        let mut warnings = state.warnings.clone();
        let left = redeemed
            .failed
            .iter()
            .map(|one| one.configuration_id.clone());
        let left: Vec<String> = left.collect();
        if !left.is_empty() {
            warnings.push(Warning::about(WarningKind::CardLeftOut, Level::Note, left));
        }
        let mut records = Vec::new();
        for issued in redeemed.credentials {
            match self
                .check(state, issued, agreed, &mut warnings, locale)
                .await
            {
                Ok(record) => records.push(record),
                Err(error) => {
                    self.tell(redeemed.notification, Event::Failure).await;
                    return Err(error);
                }
            }
        }
        if let Err(error) = self.keep(&records, locale) {
            self.tell(redeemed.notification, Event::Failure).await;
            return Err(error.into());
        }
        self.tell(redeemed.notification, Event::Accepted).await;
        let summaries: Vec<CardSummary> = records
            .iter()
            .map(|record| self.vault.card(record.summary.id).map(|card| card.summary))
            .collect::<Result<_, _>>()?;
        let cards = summaries
            .iter()
            .filter_map(|card| self.row(card, locale))
            .collect();
        Ok(Added { cards, warnings })
    }

    /// Checks one card that came: its issuer's key, the ledger, its metadata, every copy.
    async fn check(
        &self,
        state: &OfferState,
        issued: Issued,
        agreed: bool,
        warnings: &mut Vec<Warning>,
        locale: &str,
    ) -> Result<CardRecord, AddError> {
        let (configuration, fetched) = state
            .offer
            .configurations
            .iter()
            .zip(&state.metadata)
            .find(|(one, _)| one.id == issued.configuration_id)
            .ok_or(AddError::Choice)?;
        let first = issued.copies.first().ok_or(ReceiveError::Count)?;
        let unverified = Unverified::parse(&first.credential).map_err(ReceiveError::from)?;
        let (key, how) = self.issuer_key(&unverified).await?;
        let claims = unverified.unverified_claims().map_err(ReceiveError::from)?;
        let issued_at = claims.get("iat").and_then(Value::as_i64);
        let verdict = self
            .trust
            .issuer(key.presented(), &configuration.vct, issued_at);
        if let Some(warning) = review::issuer_warning(verdict.standing) {
            let kind = warning.kind;
            match warning.level {
                Level::Block => return Err(AddError::Blocked(kind)),
                Level::Tick if !agreed => return Err(AddError::NotListed(kind)),
                Level::Tick | Level::Note => {
                    if !warnings.iter().any(|known| known.kind == kind) {
                        warnings.push(warning);
                    }
                }
            }
        }
        let integrity = claims.get("vct#integrity").and_then(Value::as_str);
        let metadata = checked_metadata(fetched.as_ref(), integrity)?;
        let name = crate::trust::listed_name(&verdict, locale);
        let iss = claims.get("iss").and_then(Value::as_str);
        let context = Context {
            offered_type: &configuration.vct,
            issuer: Party {
                id: iss.unwrap_or(&state.offer.issuer).to_owned(),
                name: name.unwrap_or_else(|| state.issuer.name.clone()),
            },
            issuer_key: &key,
            how,
            metadata: metadata.as_ref(),
            issuance: json!({
                "credential_issuer": state.offer.issuer,
                "host": state.host,
                "configuration_id": configuration.id,
                "binding": binding_name(configuration),
            }),
            now: now(),
        };
        Ok(received::receive(issued.copies, &context)?)
    }

    fn keep(&self, records: &[CardRecord], locale: &str) -> Result<(), RecordError> {
        self.vault.write(|change| {
            for record in records {
                change.insert_card(record)?;
                let title = Face::of(&record.summary).map(|face| face.title(locale));
                let entry = Entry {
                    cards: vec![EntryCard {
                        id: record.summary.id.to_string(),
                        title: title.unwrap_or_default(),
                        ..EntryCard::default()
                    }],
                    ..Entry::default()
                };
                let issuer = Some(record.summary.issuer.clone());
                change.add_history(&history::line(now(), EventKind::Added, issuer, &entry))?;
            }
            Ok(())
        })
    }

    /// Tells the issuer what became of its card, where it asked for that. That it cannot be
    /// told changes nothing for the citizen.
    async fn tell(&self, notification: Option<Notification>, event: Event) {
        if let Some(notification) = notification {
            let _ = issuance::notify(&*self.http, notification, event, now()).await;
        }
    }

    /// The key that a credential's header leads to, by the network where it has to be.
    pub(crate) async fn issuer_key(
        &self,
        credential: &Unverified,
    ) -> Result<(IssuerKey, HowKnown), AddError> {
        let source = credential.key_source()?;
        let algorithm = credential
            .header()
            .get("alg")
            .and_then(Value::as_str)
            .and_then(|name| Algorithm::from_name(name).ok())
            .unwrap_or(Algorithm::Es256);
        let how = match &source {
            KeySource::X5c(_) => HowKnown::Certificate,
            KeySource::Did { .. } => HowKnown::Did,
            KeySource::Metadata { .. } => HowKnown::Website,
        };
        let key = issuer_keys::resolve(&*self.http, &source, algorithm).await?;
        Ok((key.into(), how))
    }

    /// The issuer's key by its web site, before a card is here; `None` where it has none, or
    /// several.
    async fn key_in_advance(&self, issuer: &str) -> Option<IssuerKey> {
        let source = KeySource::Metadata {
            iss: issuer.to_owned(),
            kid: None,
        };
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            if let Ok(key) = issuer_keys::resolve(&*self.http, &source, algorithm).await {
                return Some(key.into());
            }
        }
        None
    }

    /// The worst verdict among the cards of an offer.
    fn verdict_in_advance(&self, offer: &Offer, key: Option<&IssuerKey>) -> Verdict {
        let Some(key) = key else {
            return self.trust.nothing_known();
        };
        let verdicts = offer
            .configurations
            .iter()
            .map(|card| self.trust.issuer(key.presented(), &card.vct, None));
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
            let same_kind = || here.iter().filter(|other| other.type_id == card.vct);
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
    async fn metadata_for(&self, vct: &str) -> Option<FetchedType> {
        issuance::fetch_type_metadata(&*self.http, vct, None)
            .await
            .ok()
    }
}

/// The type's metadata as it came and with what it inherits, checked against the issuer's
/// pin. A pin without the document that it pins is refused.
fn checked_metadata(
    fetched: Option<&FetchedType>,
    integrity: Option<&str>,
) -> Result<Option<(Value, TypeMetadata)>, TypeMetadataError> {
    let pin = integrity.map(Integrity::parse).transpose()?;
    let Some(fetched) = fetched else {
        return match pin {
            Some(_) => Err(TypeMetadataError::Json),
            None => Ok(None),
        };
    };
    let bytes = fetched.documents.first().ok_or(TypeMetadataError::Json)?;
    if let Some(pin) = pin {
        pin.check(bytes)?;
    }
    let raw = json::parse(bytes).map_err(|_| TypeMetadataError::Json)?;
    Ok(Some((raw, fetched.metadata.clone())))
}

impl From<issuer_keys::IssuerKey> for IssuerKey {
    fn from(key: issuer_keys::IssuerKey) -> Self {
        match key {
            issuer_keys::IssuerKey::Jwk(key) => Self::Bare(key),
            issuer_keys::IssuerKey::Chain(chain) => Self::Chain(chain),
        }
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
        _ => wording.title(&configuration.vct),
    };
    OfferedCard {
        configuration_id: configuration.id.clone(),
        type_id: configuration.vct.clone(),
        title,
        contents: wording.contents(),
        copies,
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

fn binding_name(configuration: &Configuration) -> &'static str {
    match configuration.binding {
        issuance::Binding::Jwk => "jwk",
        issuance::Binding::DidKey => "did:key",
        issuance::Binding::DidJwk => "did:jwk",
    }
}

/// True when a card's issuer may be trusted without a word to the citizen.
pub(crate) fn is_listed(verdict: &Verdict) -> bool {
    verdict.standing == Standing::Listed
}
