//! Who may issue and who may ask, and how old that knowledge is.

use serde::{Deserialize, Serialize};

/// The ledger as it is kept here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger;

/// Fetches what is new, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLedger;

/// One body, with its changes, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerTrail {
    /// The body's id.
    pub body: String,
}

/// Saves the changes as a file, where the citizen wants it. Nothing is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveTrail {
    /// The changes of this body alone; all of them where there is none.
    pub body: Option<String>,
    /// How the file is written.
    pub form: TrailForm,
}

/// How a file of changes is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailForm {
    /// A JSON document.
    Json,
    /// A table for spreadsheets.
    Csv,
}

/// A file was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// The file's name, without its folder.
    pub file: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// The ledger as it is kept here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerView {
    /// Its name. None where no ledger was ever fetched.
    pub name: Option<String>,
    /// Where it comes from: a host, or "a folder on this computer".
    pub source: Option<String>,
    /// The newest time that it attested.
    pub attested_at: Option<i64>,
    /// When this wallet last fetched it.
    pub fetched_at: Option<i64>,
    /// What the age means.
    pub freshness: Freshness,
    /// Who else than its operator vouches for it.
    pub watched: Watched,
    /// The clock of this computer stands before a time already attested.
    pub clock_set_back: bool,
    /// The number of entries.
    pub entries: u64,
    /// The last update that was refused, until one is accepted.
    pub refused: Option<RefusedUpdate>,
    /// Who is or was listed, by name; a body that several accreditors listed has a row for each.
    pub bodies: Vec<BodyRow>,
    /// How the log grew, the oldest first.
    pub growth: Vec<GrowthPoint>,
}

/// How many entries there were at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrowthPoint {
    /// When.
    pub at: i64,
    /// The number of entries then.
    pub entries: u64,
}

/// Who vouches for what was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "least")]
pub enum Watched {
    /// Its operator alone.
    Operator,
    /// At least so many witnesses beside its operator.
    Witnesses(u32),
    /// More than two thirds of a network's validators.
    Network,
}

/// What the ledger's age means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Up to 24 hours.
    Fresh,
    /// Up to 7 days.
    Ageing,
    /// Older: it vouches for nobody.
    Stale,
    /// There is none.
    Never,
}

impl Freshness {
    /// Every kind, for the test that each has its words.
    pub const ALL: &[Self] = &[Self::Fresh, Self::Ageing, Self::Stale, Self::Never];
}

/// An update that was refused. The ledger so far stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedUpdate {
    /// When.
    pub at: i64,
    /// The refusal's name as the ledger's rules have it, such as `rollback` or `split_view`.
    pub reason: String,
}

/// A body on the ledger, or a type that was published there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the accreditor that listed it. None for what the ledger's governance listed.
    pub by: Option<String>,
    /// That accreditor's name.
    pub by_name: Option<String>,
    /// What it does.
    pub role: BodyRole,
    /// Whether it stands.
    pub state: BodyState,
    /// What it may let others issue, may issue, or asks for: titles. Empty for a type.
    pub scope: Vec<String>,
    /// Until when.
    pub until: Option<i64>,
}

/// What a body does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyRole {
    /// Lets others issue and ask.
    Accreditor,
    /// Issues cards.
    Issuer,
    /// Asks for details.
    Service,
    /// No body: a kind of card that was published.
    Type,
}

impl BodyRole {
    /// Every role, for the test that each has its words.
    pub const ALL: &[Self] = &[Self::Accreditor, Self::Issuer, Self::Service, Self::Type];
}

/// Whether a body stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyState {
    /// Listed.
    Listed,
    /// Its term ended.
    Ended,
    /// All its keys were revoked.
    Revoked,
    /// It was withdrawn, or the accreditor that listed it was.
    Withdrawn,
    /// A type: what was published later took its place.
    Replaced,
}

impl BodyState {
    /// Every state, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Listed,
        Self::Ended,
        Self::Revoked,
        Self::Withdrawn,
        Self::Replaced,
    ];
}

/// One body, or a type, or the ledger's governance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyView {
    /// What it is: as in [`LedgerView::bodies`]. Empty for the governance.
    pub rows: Vec<BodyRow>,
    /// What stands published of a type.
    pub files: Vec<PublishedFile>,
    /// Its changes, the oldest first.
    pub trail: Vec<TrailEntry>,
}

/// A file that belongs to a type, by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedFile {
    /// Which.
    pub part: TypePart,
    /// Its digest, as Subresource Integrity writes it.
    pub integrity: String,
    /// Where it can be read.
    pub uri: Option<String>,
}

/// The files of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypePart {
    /// Which details a card may hold.
    Schema,
    /// How a card is shown.
    Metadata,
    /// What its terms mean, for JSON-LD.
    Context,
}

impl TypePart {
    /// Every part, for the test that each has its words.
    pub const ALL: &[Self] = &[Self::Schema, Self::Metadata, Self::Context];
}

/// One change of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailEntry {
    /// The entry's number in the ledger.
    pub index: u64,
    /// When.
    pub at: i64,
    /// What changed.
    pub kind: TrailKind,
    /// What changed, as the ledger's events spell it.
    pub action: String,
    /// Who signed it, by name. None for the ledger's governance.
    pub by: Option<String>,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrailKind {
    /// Accredited.
    Accredited,
    /// Registered as an issuer.
    IssuerRegistered,
    /// Registered as a service.
    ServiceRegistered,
    /// A new key took the place of an old one.
    KeyRotated,
    /// A key was revoked.
    KeyRevoked,
    /// Withdrawn.
    Withdrawn,
    /// Published as a kind of card.
    TypePublished,
    /// The governance handed over to other keys.
    GovernanceRotated,
    /// The governance adopted newer rules.
    RulesAdopted,
    /// The ledger's first entry.
    Founded,
    /// Anything else: [`TrailEntry::action`] says what.
    Other,
}

impl TrailKind {
    /// Every kind, for the test that each has its words.
    pub const ALL: &[Self] = &[
        Self::Accredited,
        Self::IssuerRegistered,
        Self::ServiceRegistered,
        Self::KeyRotated,
        Self::KeyRevoked,
        Self::Withdrawn,
        Self::TypePublished,
        Self::GovernanceRotated,
        Self::RulesAdopted,
        Self::Founded,
        Self::Other,
    ];
}
