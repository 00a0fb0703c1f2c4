//! Showing a card: choosing, consenting, and what came of it.

use serde::{Deserialize, Serialize};

use crate::{CardRow, ReviewId, Tick, ValueView, Verdict, Warning};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// The name as the ledger has it, else the host or client id.
    pub name: String,
    /// Whether `name` comes from the ledger.
    pub name_listed: bool,
    /// The client id.
    pub id: String,
    /// The website that the answer goes to.
    pub website: String,
    /// What the ledger says.
    pub verdict: Verdict,
    /// How old the ledger's word is: the newest time that it attested.
    pub checked_at: Option<i64>,
    /// How often something was shared with them before.
    pub times: u32,
    /// When the first of these was.
    pub since: Option<i64>,
}

/// A request that more than one card fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChooseReview {
    /// Its name in [`Choose`].
    pub review: ReviewId,
    /// Who asks.
    pub service: ServiceView,
    /// What they want; for each, one of the options.
    pub sets: Vec<WantedSet>,
}

/// One thing that is wanted, which one or more combinations of cards can answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedSet {
    /// They cannot do without.
    pub required: bool,
    /// The combinations that the cards here can answer with, the service's favourite first.
    pub options: Vec<SetOption>,
}

/// One combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetOption {
    /// The cards that it takes, each with those that fit.
    pub asks: Vec<Ask>,
}

/// One card that is asked for, and those that fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The names of the details that would be shown.
    pub details: Vec<String>,
    /// The cards that fit, the best first: listed and valid longest.
    pub cards: Vec<CardRow>,
    /// More than one may be shown.
    pub multiple: bool,
}

/// Chooses among the cards that fit. The review goes on under the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choose {
    /// The review.
    pub review: ReviewId,
    /// One entry a [`WantedSet`], in order.
    pub choice: Vec<Choice>,
}

/// The option taken for one set. Optional sets are chosen for too: whether they are shared is
/// decided on the consent page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The index into [`WantedSet::options`].
    pub option: usize,
    /// One entry an [`Ask`] of that option.
    pub cards: Vec<ChosenOption>,
}

/// The cards taken for one [`Ask`]: indices into [`Ask::cards`], exactly one unless `multiple`.
pub type ChosenOption = Vec<usize>;

/// A request that no card fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingReview {
    /// Its name in [`crate::Stop`].
    pub review: ReviewId,
    /// Who asks.
    pub service: ServiceView,
    /// What is missing.
    pub missing: Vec<MissingCard>,
    /// Cards that are here and would have been asked about, had their issuers not stopped them.
    pub stopped: Vec<StoppedCard>,
}

/// A card that its issuer has suspended or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedCard {
    /// The kind of card.
    pub title: String,
    /// Whether its issuer may let it count again.
    pub suspended: bool,
}

/// A card that is asked for and not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingCard {
    /// The kind of card, or its type id where it is not known here.
    pub title: String,
    /// The names of the details asked for.
    pub details: Vec<String>,
    /// A card of this kind is here, but it lacks a detail, has another value, or its issuer is
    /// not one that they accept.
    pub have_other: bool,
    /// The format in which they take it.
    pub format: CardFormat,
    /// The cards of this kind that are here in other formats. Empty where one is here in theirs.
    pub in_other_format: Vec<OtherFormat>,
}

/// A card that is here in another format than the service takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherFormat {
    /// Its issuer.
    pub issuer: String,
    /// Its format.
    pub format: CardFormat,
}

/// The format of a card. What is said of it is for those who run the service or issue the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardFormat {
    /// SD-JWT VC.
    SdJwt,
    /// SD-JWT VC, by the name that it had before.
    DraftSdJwt,
    /// ISO/IEC 18013-5.
    Mdoc,
    /// W3C with Data Integrity.
    LdpVc,
    /// W3C as a JWT.
    JwtVcJson,
    /// One that this program does not know.
    Other,
}

impl CardFormat {
    /// Every format, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::SdJwt,
        Self::DraftSdJwt,
        Self::Mdoc,
        Self::LdpVc,
        Self::JwtVcJson,
        Self::Other,
    ];

    /// The format of this identifier (OpenID4VP 1.0 Appendix B).
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "dc+sd-jwt" => Self::SdJwt,
            "vc+sd-jwt" => Self::DraftSdJwt,
            "mso_mdoc" => Self::Mdoc,
            "ldp_vc" => Self::LdpVc,
            "jwt_vc_json" => Self::JwtVcJson,
            _ => Self::Other,
        }
    }
}

/// A request, checked, matched and waiting for the citizen: the consent page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShareReview {
    /// Its name in [`Share`], [`crate::ShowCode`] or [`crate::MakePass`], as [`Self::way`] says.
    pub review: ReviewId,
    /// How the details get there.
    pub way: crate::Way,
    /// Who asks.
    pub service: ServiceView,
    /// What to know, worst first. Empty is good news.
    pub warnings: Vec<Warning>,
    /// The ticks that sharing needs whatever is chosen; a photo in an optional set needs
    /// [`Tick::Photo`] only with that set.
    pub ticks: Vec<Tick>,
    /// Why they ask, where they say so.
    pub purpose: Option<PurposeView>,
    /// What they will see. Required sets first.
    pub sets: Vec<ShareSet>,
    /// What stays here, a card each, when only the required sets are shared.
    pub stays: Vec<StaysView>,
    /// How long they keep it.
    pub retention: Retention,
    /// Whether they pass it on.
    pub onward: Onward,
    /// Whether they can recognise the citizen again.
    pub recognisability: Recognisability,
    /// The titles of the cards that cannot be recognised by themselves, whatever else is shown.
    pub unlinkable: Vec<String>,
    /// The choice among several cards, to change it. Absent where there is none.
    pub choice: Option<ChooseReview>,
}

impl ShareReview {
    /// Whether a warning stops it.
    #[must_use]
    pub fn blocked(&self) -> bool {
        self.warnings.iter().any(|w| w.level == crate::Level::Block)
    }
}

/// Why they ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeView {
    /// The purpose's name.
    pub name: String,
    /// Their own words; at most 1,000 characters.
    pub words: String,
    /// Whether the words are those of the ledger. If not, they stand in the request alone.
    pub registered: bool,
    /// What they say allows them to ask.
    pub legal_basis: Option<String>,
    /// Where to ask or complain.
    pub contact: Option<String>,
}

/// A group of details that is shared together or not at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShareSet {
    /// Fixed; otherwise the citizen ticks it, and it is not ticked beforehand.
    pub required: bool,
    /// The details.
    pub rows: Vec<ShareRow>,
}

/// One detail that they will see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShareRow {
    /// Its name.
    pub label: String,
    /// Its actual value.
    pub value: ValueView,
    /// The card that it comes from, by title.
    pub card: String,
    /// Beyond what the service registered for.
    pub excess: bool,
    /// They say in the request that they will keep it.
    pub kept: bool,
}

/// What stays with the citizen, of one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaysView {
    /// The card's title.
    pub card: String,
    /// The names of the details that are not shown.
    pub names: Vec<String>,
}

/// How long they keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "time")]
pub enum Retention {
    /// They have not said.
    NotSaid,
    /// They registered that they keep nothing.
    Nothing,
    /// They registered this long.
    For(Duration),
}

/// An ISO 8601 duration; weeks arrive as days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duration {
    /// Years.
    pub years: u32,
    /// Months.
    pub months: u32,
    /// Days.
    pub days: u32,
    /// Hours.
    pub hours: u32,
    /// Minutes.
    pub minutes: u32,
}

/// Whether they pass it on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "to")]
pub enum Onward {
    /// They have not said.
    NotSaid,
    /// They registered that they do not.
    Nobody,
    /// They registered to whom, in their words.
    To(String),
}

/// Whether they can recognise the citizen again, for the format used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognisability {
    /// No card of it can be recognised: two presentations share nothing but what they reveal.
    /// The values shown, the issuer, the dates, and how few people hold such a card still tell.
    Unlinkable,
    /// A fresh copy is shown: its signature and key were never seen before. The details
    /// themselves may still tell who it is, and the issuer with the service can link it.
    FreshCopy,
    /// A copy that was shown before: services can compare and see the same card.
    UsedCopy,
    /// A value that is the citizen's alone is among the details: they can recognise them by that.
    Identifying,
}

impl Recognisability {
    /// Every kind, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Unlinkable,
        Self::FreshCopy,
        Self::UsedCopy,
        Self::Identifying,
    ];
}

/// Shares what the review showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The review that this answers. Used up by it.
    pub review: ReviewId,
    /// The optional sets that are shared too: indices into [`ShareReview::sets`], in order,
    /// without repeats, none of a required set.
    pub optional: Vec<usize>,
    /// Exactly the ticks that the review and the choice need.
    pub ticks: Vec<Tick>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedView {
    /// Whether they have it.
    pub outcome: Outcome,
    /// The service's name.
    pub service: String,
    /// The names of the details.
    pub details: Vec<String>,
    /// The history's event.
    pub event: String,
    /// The host of the page that they ask to go on at.
    pub redirect_host: Option<String>,
}

/// Whether they have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They took it.
    Delivered,
    /// They received it and refused it.
    Refused,
    /// It may have arrived.
    Unknown,
    /// Nothing left this computer.
    NotSent,
    /// It was shown as a code, or printed. Whether anybody read it cannot be known.
    Shown,
}

impl Outcome {
    /// Every outcome, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Delivered,
        Self::Refused,
        Self::Unknown,
        Self::NotSent,
        Self::Shown,
    ];
}

/// Opens the page that the service asked to go on at, in the citizen's browser. Once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowRedirect {
    /// The event of [`SharedView::event`].
    pub event: String,
}
