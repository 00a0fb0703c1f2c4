//! Adding a card.

use serde::{Deserialize, Serialize};

use crate::{CardRow, IssuerView, ReviewId, Secret, Tick, Warning};

/// An offer, checked against the ledger, waiting for the citizen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferReview {
    /// Its name in [`AcceptOffer`].
    pub review: ReviewId,
    /// Who offers.
    pub issuer: IssuerView,
    /// The host that the cards come from.
    pub host: String,
    /// What to know, worst first.
    pub warnings: Vec<Warning>,
    /// The ticks that accepting needs.
    pub ticks: Vec<Tick>,
    /// The cards on offer.
    pub cards: Vec<OfferedCard>,
    /// The code that the issuer sent on another way, where it wants one.
    pub tx_code: Option<TxCodeView>,
}

impl OfferReview {
    /// Whether a warning stops it.
    #[must_use]
    pub fn blocked(&self) -> bool {
        self.warnings.iter().any(|w| w.level == crate::Level::Block)
    }
}

/// One card on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedCard {
    /// The kind of card.
    pub title: String,
    /// The names of what it will hold, as its type says.
    pub contents: Vec<String>,
    /// How many copies the wallet will ask for.
    pub copies: u32,
}

/// The shape of a transaction code (OpenID4VCI 1.0 section 4.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxCodeView {
    /// Digits only, or any text.
    pub mode: CodeMode,
    /// How many characters, where the issuer says so.
    pub length: Option<u32>,
    /// The issuer's words on how the code comes; at most 300 characters.
    pub description: Option<String>,
}

/// What a transaction code is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeMode {
    /// Digits.
    Numeric,
    /// Any characters.
    Text,
}

/// Accepts an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptOffer {
    /// The review that this answers. After [`crate::FailureKind::WrongSecret`] the review stands
    /// and a new code may be tried, where the issuer lets it; otherwise it is used up.
    pub review: ReviewId,
    /// Which of the review's cards, by index: at least one, in order, without repeats.
    pub cards: Vec<usize>,
    /// The code.
    pub tx_code: Option<Secret>,
    /// Exactly the ticks that the review asks for.
    pub ticks: Vec<Tick>,
}

/// What was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedView {
    /// The new cards.
    pub cards: Vec<CardRow>,
    /// What turned up while adding.
    pub warnings: Vec<Warning>,
}
