//! The cards that the wallet holds.

use serde::{Deserialize, Serialize};

use crate::Verdict;

/// All cards, expiring first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cards;

/// One card without its details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The card's id.
    pub id: String,
}

/// The details of one card: asked for only when the citizen reveals them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardDetails {
    /// The card's id.
    pub id: String,
}

/// Deletes a card, its keys and all its copies. No issuer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteCard {
    /// The card's id.
    pub id: String,
}

/// Saves evidence of what the ledger says about a card's issuer, where the citizen wants it.
/// Nothing is fetched, and nothing of the card's content is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveEvidence {
    /// The card's id.
    pub id: String,
}

/// Evidence was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedEvidence {
    /// The file.
    pub saved: crate::SavedView,
    /// The time for which it speaks.
    pub attested_at: i64,
}

/// A card as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRow {
    /// The card's id.
    pub id: String,
    /// The kind of card in the citizen's language.
    pub title: String,
    /// The issuer's name as the ledger has it, else as it calls itself.
    pub issuer: String,
    /// Whether the card can be used.
    pub state: CardState,
    /// When it stops being valid.
    pub valid_until: Option<i64>,
    /// When it was added here: what tells two cards of a kind apart.
    pub added_at: i64,
    /// Background colour from the type's display, `#rrggbb`. The shell passes no other form.
    pub colour: Option<String>,
    /// The picture of the type's cards, a `data:` URL of type `image/svg+xml` that was read by
    /// an allow-list. No value of the card is in it.
    pub face: Option<String>,
}

/// Whether a card can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Suspended by its issuer.
    Suspended,
    /// Withdrawn by its issuer, or the issuer's key was revoked.
    Withdrawn,
    /// Its status could not be learnt lately.
    StatusUnknown,
    /// The ledger here is still being read: [`crate::LedgerRead`] says when to ask again.
    Checking,
}

impl CardState {
    /// Every state, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Valid,
        Self::ExpiresSoon,
        Self::Expired,
        Self::NotYet,
        Self::Suspended,
        Self::Withdrawn,
        Self::StatusUnknown,
        Self::Checking,
    ];
}

/// Who issued a card and how we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerView {
    /// The name as the ledger has it, else as it calls itself.
    pub name: String,
    /// Its identifier: an https URL, a DID or another URI.
    pub id: String,
    /// Whether `name` comes from the ledger. If not, it is only what they call themselves.
    pub name_listed: bool,
    /// What the ledger says.
    pub verdict: Verdict,
    /// How old the ledger's word is: the newest time that it attested.
    pub checked_at: Option<i64>,
    /// Where the key came from.
    pub how: HowKnown,
}

/// Where the issuer's key came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HowKnown {
    /// A certificate chain in the card.
    Certificate,
    /// A decentralised identifier.
    Did,
    /// The issuer's own web site.
    Website,
    /// Not known yet: nothing signed was seen.
    NotYet,
}

/// One card, whole but for its details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// The card as the list shows it.
    pub row: CardRow,
    /// What the kind of card is for, in a sentence, where its type says so.
    pub about: Option<String>,
    /// Who issued it.
    pub issuer: IssuerView,
    /// When it was added here.
    pub added_at: i64,
    /// From when it is valid.
    pub valid_from: Option<i64>,
    /// How many copies were never shown.
    pub copies_left: u32,
    /// How many copies there are.
    pub copies: u32,
    /// The holder's DIDs, one for each copy that is left; the first is used next.
    pub holder: Vec<String>,
    /// Where it was shared, newest first.
    pub shared_with: Vec<SharedWith>,
    /// Its picture with its values hidden; as [`CardRow::face`].
    pub face: Option<String>,
    /// Whether its issuer says that it stands; `None` for a card that cannot be withdrawn.
    pub status: Option<StatusLookUp>,
    /// What its issuer calls its status, in the issuer's own words.
    pub status_messages: Vec<String>,
}

/// When the issuer's list of statuses was looked at for a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusLookUp {
    /// When the list was fetched; `None` where none was to be had.
    pub checked_at: Option<i64>,
}

/// One earlier sharing of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedWith {
    /// The history's event.
    pub event: String,
    /// The service's name.
    pub service: String,
    /// When.
    pub at: i64,
}

/// The details of a card, and its picture with them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevealedView {
    /// The details.
    pub details: Vec<DetailView>,
    /// The picture with the card's values; a `data:` URL as [`CardRow::face`].
    pub picture: Option<String>,
}

/// One detail of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetailView {
    /// Its name in the citizen's language.
    pub label: String,
    /// Its value.
    pub value: ValueView,
}

/// A value for the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "value")]
pub enum ValueView {
    /// Text and numbers.
    Text(String),
    /// A full date, `YYYY-MM-DD`.
    Date(String),
    /// Yes or no.
    YesNo(bool),
    /// A picture as a `data:` URL of type `image/png` or `image/jpeg`; no other form is passed.
    Photo(String),
    /// Several values.
    List(Vec<ValueView>),
    /// Details with names of their own.
    Group(Vec<DetailView>),
}
