//! A card as the wallet keeps it and as it is looked at.

use std::collections::HashMap;

use credential::status::Standing as ByIssuer;
use keys::x509::Certificate;
use keys::{PublicKey, UnixTime};
use ledger::{Presented, Standing, Verdict};
use query::ClaimPath;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vault::{CardDetails, CardRecord, CardSummary, Id, Party, RecordError};

use crate::drawing::Drawing;
use crate::history::{self, Entry, EntryCard, EventKind};
use crate::status::CardStatus;
use crate::wallet::{Wallet, now};
use crate::words::{Detail, Wording};

/// A card whose end is nearer than this counts as expiring, in seconds.
pub const EXPIRES_SOON: UnixTime = 30 * 24 * 3600;

/// A list of more cards than this is shown by its colours: the pictures would be most of it.
const MAX_DRAWN: usize = 100;
/// The longest picture that is kept for the list, in bytes.
const MAX_FACE: usize = 8 * 1024;

/// Where the issuer's key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HowKnown {
    /// A certificate chain in the credential.
    Certificate,
    /// A decentralised identifier.
    Did,
    /// The issuer's own web site.
    Website,
}

/// The key that a card was verified with: what the ledger is asked about, without a network,
/// whenever the card is looked at.
#[derive(Clone)]
pub(crate) enum IssuerKey {
    Bare(PublicKey),
    Chain(Vec<Certificate>),
}

impl IssuerKey {
    pub(crate) fn presented(&self) -> Presented<'_> {
        match self {
            Self::Bare(key) => Presented::Key(key),
            Self::Chain(chain) => Presented::Chain(chain),
        }
    }

    pub(crate) fn public(&self) -> Option<&PublicKey> {
        match self {
            Self::Bare(key) => Some(key),
            Self::Chain(chain) => chain.first().map(Certificate::public_key),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Bare(key) => key.to_jwk(),
            Self::Chain(chain) => chain.iter().map(Certificate::to_x5c).collect(),
        }
    }

    fn from_json(value: &Value) -> Option<Self> {
        if value.is_array() {
            Certificate::chain_from_x5c(value).ok().map(Self::Chain)
        } else {
            PublicKey::from_jwk(value).ok().map(Self::Bare)
        }
    }
}

/// What the list of cards needs besides the vault's own members.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Face {
    /// The issuer's key: a JWK, or an `x5c` array.
    pub(crate) key: Value,
    /// Where it came from.
    pub(crate) how: HowKnown,
    /// The kind of card by language; the first is the fallback.
    pub(crate) titles: Vec<(String, String)>,
    /// `#rrggbb`.
    pub(crate) colour: Option<String>,
    /// The types that a query may name; empty on a card that was kept before there were
    /// several: its own type.
    #[serde(default)]
    pub(crate) types: Vec<String>,
    /// Whether the credential names a key of the holder's.
    #[serde(default = "yes")]
    pub(crate) holder_bound: bool,
    /// Whether what is shown of it shares nothing but what it reveals.
    #[serde(default)]
    pub(crate) unlinkable: bool,
    /// The picture of the type's cards in English, where the type is not of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) picture: Option<String>,
    /// The places of its copies in lists of statuses.
    #[serde(default)]
    pub(crate) status: Vec<Value>,
}

fn yes() -> bool {
    true
}

impl Face {
    pub(crate) fn new(
        key: &IssuerKey,
        how: HowKnown,
        type_id: &str,
        metadata: Option<&Value>,
    ) -> Self {
        let titles = ["en", "cy", "gd"]
            .into_iter()
            .map(|locale| {
                let title = Wording::new(metadata, locale).title(type_id);
                (locale.to_owned(), title)
            })
            .collect();
        Self {
            key: key.to_json(),
            how,
            titles,
            colour: Wording::new(metadata, "en").colour(),
            types: vec![type_id.to_owned()],
            holder_bound: true,
            unlinkable: false,
            picture: metadata
                .filter(|_| credential::catalogue::by_type_id(type_id).is_none())
                .and_then(|metadata| Drawing::new(metadata, "en"))
                .map(|drawing| drawing.face())
                .filter(|picture| picture.len() <= MAX_FACE),
            status: Vec::new(),
        }
    }

    pub(crate) fn of(summary: &CardSummary) -> Option<Self> {
        serde_json::from_value(summary.display.clone()).ok()
    }

    pub(crate) fn title(&self, locale: &str) -> String {
        let language = locale.split('-').next().unwrap_or(locale);
        self.titles
            .iter()
            .find(|(tag, _)| tag == language)
            .or_else(|| self.titles.first())
            .map(|(_, title)| title.clone())
            .unwrap_or_default()
    }

    /// The types that a query may name for a card of this type.
    pub(crate) fn types<'a>(&'a self, type_id: &'a str) -> Vec<&'a str> {
        if self.types.is_empty() {
            return vec![type_id];
        }
        self.types.iter().map(String::as_str).collect()
    }

    pub(crate) fn issuer_key(&self) -> Option<IssuerKey> {
        IssuerKey::from_json(&self.key)
    }
}

/// Whether a card can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// Valid.
    Valid,
    /// Valid, but not for long.
    ExpiresSoon,
    /// Past its date.
    Expired,
    /// Not valid yet.
    NotYet,
    /// The issuer's key was revoked, or its right withdrawn.
    Withdrawn,
    /// Its issuer withdrew it for good.
    Revoked,
    /// Its issuer stopped it for a time.
    Suspended,
    /// Its issuer can withdraw it, and whether it did is not known.
    StatusUnknown,
}

/// A card as a list shows it.
#[derive(Clone, Debug)]
pub struct CardRow {
    /// The card.
    pub id: Id,
    /// The kind of card in the citizen's language.
    pub title: String,
    /// The credential format.
    pub format: String,
    /// The credential type.
    pub type_id: String,
    /// The issuer: its identifier, and its name as the ledger has it, else as it calls itself.
    pub issuer: Party,
    /// What the ledger says of the issuer for this type, now; nothing while [`Self::checking`].
    pub verdict: Verdict,
    /// The ledger is still being read, so that the issuer was not looked up yet.
    pub checking: bool,
    /// Where the issuer's key came from.
    pub how: HowKnown,
    /// Whether it can be used.
    pub state: CardState,
    /// What is known of its status; `None` for a card that its issuer cannot withdraw.
    pub status: Option<CardStatus>,
    /// From when it is valid, in seconds.
    pub valid_from: Option<UnixTime>,
    /// Until when it is valid, in seconds.
    pub valid_until: Option<UnixTime>,
    /// When the wallet took it.
    pub added_at: UnixTime,
    /// How many copies there are.
    pub copies: u32,
    /// How many copies were never shown.
    pub unshown: u32,
    /// `#rrggbb` of the type.
    pub colour: Option<String>,
    /// The picture of the type's cards, a `data:` URL of type `image/svg+xml`; no value of the
    /// card is in it.
    pub face: Option<String>,
}

/// One card, whole but for its details.
#[derive(Clone, Debug)]
pub struct CardView {
    /// The card as the list shows it.
    pub row: CardRow,
    /// What the kind of card is for.
    pub about: Option<String>,
    /// The holder's DID of each copy that was never shown, else of the last; the first is
    /// used next.
    pub holder: Vec<String>,
    /// Where it was shared: the history's event, the service's name, and when.
    pub shared_with: Vec<(Id, String, UnixTime)>,
    /// Its picture with its values hidden, a `data:` URL of type `image/svg+xml`.
    pub face: Option<String>,
    /// What its issuer calls its status, in the issuer's own words; mostly nothing.
    pub status_messages: Vec<String>,
}

impl Wallet {
    /// All cards, those that end first in front; those without an end last.
    pub fn cards(&self, locale: &str) -> Result<Vec<CardRow>, RecordError> {
        self.trust.known.wait();
        self.cards_at_once(locale)
    }

    /// As [`Self::cards`], without waiting for the ledger to be read.
    pub fn cards_at_once(&self, locale: &str) -> Result<Vec<CardRow>, RecordError> {
        // A few issuers sign thousands of cards: each key is read once.
        let mut keys: HashMap<String, IssuerKey> = HashMap::new();
        let mut rows: Vec<CardRow> = self
            .summaries()?
            .iter()
            .filter_map(|summary| {
                let face = Face::of(summary)?;
                let name = face.key.to_string();
                if !keys.contains_key(&name) {
                    keys.insert(name.clone(), face.issuer_key()?);
                }
                self.row_of(summary, face, keys.get(&name)?, locale)
            })
            .collect();
        rows.sort_by_key(|row| (row.valid_until.unwrap_or(UnixTime::MAX), -row.added_at));
        if rows.len() > MAX_DRAWN {
            rows.iter_mut().for_each(|row| row.face = None);
        } else {
            let mut faces: HashMap<String, Option<String>> = HashMap::new();
            for row in rows.iter_mut().filter(|row| row.face.is_none()) {
                let drawn = || Drawing::of_type(&row.type_id, locale).map(|own| own.face());
                row.face = faces
                    .entry(row.type_id.clone())
                    .or_insert_with(drawn)
                    .clone();
            }
        }
        Ok(rows)
    }

    /// How many cards cannot be read.
    pub fn damaged_cards(&self) -> Result<usize, RecordError> {
        Ok(self.vault.cards()?.damaged.len())
    }

    /// One card.
    pub fn card(&self, id: Id, locale: &str) -> Result<CardView, RecordError> {
        self.trust.known.wait();
        self.card_at_once(id, locale)
    }

    /// As [`Self::card`], without waiting for the ledger to be read.
    pub fn card_at_once(&self, id: Id, locale: &str) -> Result<CardView, RecordError> {
        let record = self.vault.card(id)?;
        let metadata = type_metadata(&record.summary.type_id, &record.details);
        let row = self
            .row(&record.summary, locale)
            .ok_or(RecordError::NotFound)?;
        let mut usable: Vec<_> = record
            .copies
            .iter()
            .filter(|copy| copy.shown == 0)
            .collect();
        if usable.is_empty() {
            usable.extend(record.copies.last());
        }
        let method = record
            .details
            .issuance
            .get("binding")
            .and_then(Value::as_str);
        let holder = usable
            .iter()
            .filter_map(|copy| holder_did(copy, method))
            .collect();
        let (events, _) = self.history()?;
        let shared_with = events
            .into_iter()
            .filter(|event| event.kind == EventKind::Shared)
            .filter(|event| {
                event
                    .entry
                    .cards
                    .iter()
                    .any(|card| card.id == id.to_string())
            })
            .map(|event| {
                let name = event.who.map(|who| who.name).unwrap_or_default();
                (event.id, name, event.at)
            })
            .collect();
        Ok(CardView {
            row,
            about: Wording::new(metadata.as_ref(), locale).about(),
            holder,
            shared_with,
            face: drawing(&record, metadata.as_ref(), locale).map(|drawing| drawing.face()),
            status_messages: self.status_messages(&record.summary, &record.details.claims),
        })
    }

    /// The details of one card: asked for only when the citizen reveals them.
    pub fn card_details(&self, id: Id, locale: &str) -> Result<Vec<Detail>, RecordError> {
        let record = self.vault.card(id)?;
        let metadata = type_metadata(&record.summary.type_id, &record.details);
        let wording = Wording::new(metadata.as_ref(), locale);
        let mut details: Vec<(usize, Detail)> = claims_of(&record)
            .iter()
            .filter_map(|(name, value)| {
                let path = ClaimPath::from_names([name.as_str()]).ok()?;
                Some((wording.place(&path), wording.detail(&path, value)))
            })
            .collect();
        details.sort_by_key(|(place, _)| *place);
        Ok(details.into_iter().map(|(_, detail)| detail).collect())
    }

    /// The picture of one card with its values, a `data:` URL of type `image/svg+xml`: asked for
    /// only when the citizen reveals them. `None` where its type has no picture.
    pub fn card_picture(&self, id: Id, locale: &str) -> Result<Option<String>, RecordError> {
        let record = self.vault.card(id)?;
        let metadata = type_metadata(&record.summary.type_id, &record.details);
        let drawing = drawing(&record, metadata.as_ref(), locale);
        Ok(drawing.map(|drawing| drawing.revealed(&claims_of(&record))))
    }

    /// The card's details as its claims, without those about the credential itself.
    pub fn card_claims(&self, id: Id) -> Result<Value, RecordError> {
        Ok(claims_of(&self.vault.card(id)?).into())
    }

    /// Deletes a card, its keys and all its copies. No issuer is told. A card that is
    /// damaged can be deleted too.
    pub fn delete_card(&self, id: Id) -> Result<(), RecordError> {
        let (title, issuer) = self
            .vault
            .card(id)
            .ok()
            .and_then(|record| {
                let title = Face::of(&record.summary)?.title("en");
                Some((title, Some(record.summary.issuer)))
            })
            .unwrap_or_default();
        let entry = Entry {
            cards: vec![EntryCard {
                id: id.to_string(),
                title,
                ..EntryCard::default()
            }],
            ..Entry::default()
        };
        let line = history::line(now(), EventKind::Deleted, issuer, &entry);
        self.vault.write(|change| {
            change.remove_card(id)?;
            change.add_history(&line)
        })
    }

    pub(crate) fn summaries(&self) -> Result<Vec<CardSummary>, RecordError> {
        Ok(self.vault.cards()?.records)
    }

    pub(crate) fn row(&self, summary: &CardSummary, locale: &str) -> Option<CardRow> {
        let face = Face::of(summary)?;
        let key = face.issuer_key()?;
        self.row_of(summary, face, &key, locale)
    }

    fn row_of(
        &self,
        summary: &CardSummary,
        face: Face,
        key: &IssuerKey,
        locale: &str,
    ) -> Option<CardRow> {
        let verdict =
            self.trust
                .issuer_at_once(key.presented(), &summary.type_id, summary.issued_at);
        let checking = verdict.is_none();
        let verdict = verdict.unwrap_or_else(|| self.trust.nothing_known());
        let name = crate::trust::listed_name(&verdict, locale)
            .unwrap_or_else(|| summary.issuer.name.clone());
        let status = self.status_of(summary, &face, key);
        Some(CardRow {
            id: summary.id,
            title: face.title(locale),
            format: summary.format.clone(),
            type_id: summary.type_id.clone(),
            issuer: Party {
                id: summary.issuer.id.clone(),
                name,
            },
            state: state(summary, verdict.standing, status, now()),
            status,
            verdict,
            checking,
            how: face.how,
            valid_from: summary.valid_from,
            valid_until: summary.valid_until,
            added_at: summary.added_at,
            copies: summary.copies,
            unshown: summary.unshown,
            colour: face.colour,
            face: face.picture,
        })
    }
}

fn state(
    summary: &CardSummary,
    standing: Standing,
    status: Option<CardStatus>,
    now: UnixTime,
) -> CardState {
    let by_issuer = status.map(|status| status.standing);
    let until = summary.valid_until.unwrap_or(UnixTime::MAX);
    if matches!(standing, Standing::Revoked | Standing::Withdrawn) {
        CardState::Withdrawn
    } else if by_issuer == Some(Some(ByIssuer::Revoked)) {
        CardState::Revoked
    } else if now >= until {
        CardState::Expired
    } else if by_issuer == Some(Some(ByIssuer::Suspended)) {
        CardState::Suspended
    } else if summary.valid_from.is_some_and(|from| now < from) {
        CardState::NotYet
    } else if by_issuer == Some(None) {
        CardState::StatusUnknown
    } else if until.saturating_sub(now) < EXPIRES_SOON {
        CardState::ExpiresSoon
    } else {
        CardState::Valid
    }
}

/// The claims about the subject in the words of the type; none of a format that this program
/// does not speak any more.
fn claims_of(record: &CardRecord) -> Map<String, Value> {
    let format = credential::format::by_id(&record.summary.format);
    let claims = record.details.claims.as_object();
    match (format, claims) {
        (Some(format), Some(claims)) => credential::format::claims_in_words_of_type(format, claims),
        _ => Map::new(),
    }
}

/// A type of the catalogue is drawn as the catalogue has it: what another document says of it
/// may be older, and its names in the citizen's language are here.
fn drawing(record: &CardRecord, metadata: Option<&Value>, locale: &str) -> Option<Drawing> {
    Drawing::of_type(&record.summary.type_id, locale).or_else(|| Drawing::new(metadata?, locale))
}

/// The metadata of a type: what came with the card, else what this program knows.
pub(crate) fn type_metadata(type_id: &str, details: &CardDetails) -> Option<Value> {
    details
        .type_metadata
        .clone()
        .or_else(|| known_metadata(type_id))
}

/// The metadata of a type of `schemas/`.
pub(crate) fn known_metadata(type_id: &str) -> Option<Value> {
    let entry = credential::catalogue::by_type_id(type_id)?;
    serde_json::from_str(entry.metadata).ok()
}

/// The name of a kind of card by its type id, where this program knows it, else one made from
/// the id.
pub fn type_title(type_id: &str, locale: &str) -> String {
    let metadata = known_metadata(type_id);
    Wording::new(metadata.as_ref(), locale).title(type_id)
}

/// The DID by which a copy's holder key is known: of the method that its issuer was told,
/// else `did:jwk`, which is the key itself.
fn holder_did(copy: &vault::CopyRecord, method: Option<&str>) -> Option<String> {
    let key = keys::SigningKey::p256_from_scalar(copy.key.as_ref()?.expose()).ok()?;
    match method {
        Some("did:key") => credential::did::derive_did_key(&key.public()).ok(),
        _ => credential::did::derive_did_jwk(&key.public()).ok(),
    }
}
