//! From the decision about an offer to cards: redeem, check, keep, tell the issuer.

use credential::KeySource;
use credential::format::Claimed;
use credential::type_metadata::{Integrity, TypeMetadata, TypeMetadataError};
use keys::json;
use ledger::{Standing, Verdict};
use protocol::issuance::{
    self, Configuration, Event, FetchedType, Issued, Notification, Offer, RedeemError, ResolveError,
};
use protocol::issuer_keys::{self, IssuerKeyError};
use serde_json::{Value, json};
use vault::{CardRecord, CardSummary, Party, RecordError};

use crate::card::{CardRow, Face, HowKnown, IssuerKey};
use crate::history::{self, Entry, EntryCard, EventKind};
use crate::pending::{ReviewGone, ReviewId, Waiting};
use crate::received::{self, Context, ReceiveError};
use crate::review::{self, Level, Tick, Warning, WarningKind, WrongTicks};
use crate::trust::OtherThanPublished;
use crate::wallet::{Wallet, now};

/// How many copies of a card the wallet asks for, where the issuer gives several.
pub const COPIES: usize = 10;

/// What was added.
#[derive(Clone, Debug)]
pub struct Added {
    /// The new cards.
    pub cards: Vec<CardRow>,
    /// What the review warned of, and what turned up while adding.
    pub warnings: Vec<Warning>,
}

/// The citizen's answer to an [`crate::OfferReview`].
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
    /// The issuer's key could not be had.
    #[error(transparent)]
    IssuerKey(#[from] IssuerKeyError),
    /// The type's metadata is not the one that the issuer vouched for.
    #[error(transparent)]
    TypeMetadata(#[from] TypeMetadataError),
    /// The type's metadata is not the one that the ledger has published.
    #[error(transparent)]
    Published(#[from] OtherThanPublished),
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
    pub(crate) offer: Offer,
    pub(crate) issuer: Party,
    pub(crate) host: String,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) ticks: Vec<Tick>,
    pub(crate) metadata: Vec<Option<FetchedType>>,
}

impl Wallet {
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
        // The issuer knows anyway that its card was just taken. Without an answer the card's
        // status is not known, and that is what the card says.
        let _ = self.check_new(&summaries).await;
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
        let format = issued.format;
        let claimed = format.peek(&first.credential).map_err(ReceiveError::from)?;
        let (key, how) = self.issuer_key(&claimed).await?;
        let verdict = self
            .trust
            .issuer(key.presented(), &claimed.type_id, claimed.issued_at);
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
        let metadata = checked_metadata(fetched.as_ref(), claimed.type_integrity.as_deref())?;
        let document = fetched
            .as_ref()
            .and_then(|fetched| fetched.documents.first());
        self.trust
            .check_published(&claimed.type_id, document.map(Vec::as_slice))?;
        let name = crate::trust::listed_name(&verdict, locale);
        let context = Context {
            format,
            is_type: &|types| configuration.is_type(types),
            bound: configuration.binding.is_some(),
            issuer: Party {
                id: identity(&key, claimed.issuer.as_deref(), &state.offer.issuer).to_owned(),
                name: name.unwrap_or_else(|| state.issuer.name.clone()),
            },
            issuer_key: &key,
            how,
            metadata: metadata.as_ref(),
            extends: extends(fetched.as_ref()),
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

    /// The key that a credential leads to, by the network where it has to be.
    pub(crate) async fn issuer_key(
        &self,
        claimed: &Claimed,
    ) -> Result<(IssuerKey, HowKnown), AddError> {
        let how = match &claimed.key_source {
            KeySource::X5c(_) => HowKnown::Certificate,
            KeySource::Did { .. } => HowKnown::Did,
            KeySource::Metadata { .. } => HowKnown::Website,
        };
        let key = issuer_keys::resolve(&*self.http, &claimed.key_source, claimed.algorithm).await?;
        Ok((key.into(), how))
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

/// Who a card's issuer is to the citizen: its `iss`, unless a certificate says who issued and
/// does not vouch for that text; then whoever made the offer.
fn identity<'a>(key: &IssuerKey, iss: Option<&'a str>, offered_by: &'a str) -> &'a str {
    let vouched = |iss: &str| match key {
        IssuerKey::Bare(_) => true,
        IssuerKey::Chain(chain) => chain
            .first()
            .is_some_and(|leaf| credential::issuer::names(leaf, iss)),
    };
    iss.filter(|iss| vouched(iss)).unwrap_or(offered_by)
}

/// The types that a type extends, the nearest first.
fn extends(fetched: Option<&FetchedType>) -> Vec<String> {
    let documents = fetched.iter().flat_map(|fetched| fetched.documents.iter());
    documents
        .skip(1)
        .filter_map(|bytes| {
            let document = json::parse(bytes).ok()?;
            Some(document.get("vct")?.as_str()?.to_owned())
        })
        .collect()
}

fn binding_name(configuration: &Configuration) -> Option<&'static str> {
    configuration.binding.map(|binding| match binding {
        issuance::Binding::Jwk => "jwk",
        issuance::Binding::DidKey => "did:key",
        issuance::Binding::DidJwk => "did:jwk",
    })
}

/// True when a card's issuer may be trusted without a word to the citizen.
pub(crate) fn is_listed(verdict: &Verdict) -> bool {
    verdict.standing == Standing::Listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::x509::Certificate;
    use rcgen::{CertificateParams, KeyPair};

    #[test]
    fn a_certified_issuer_does_not_pass_under_anothers_name() {
        let params = CertificateParams::new(vec!["issuer.example".to_owned()]).unwrap();
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let chain = IssuerKey::Chain(vec![Certificate::from_der(made.der()).unwrap()]);
        let offer = "https://offer.example";
        let shown = |iss| identity(&chain, iss, offer);
        assert_eq!(
            shown(Some("https://issuer.example")),
            "https://issuer.example"
        );
        assert_eq!(shown(Some("https://other.example")), offer);
        assert_eq!(shown(None), offer);
    }
}
