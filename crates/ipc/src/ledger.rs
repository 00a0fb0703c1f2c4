//! Who may issue and who may ask, and how old that knowledge is.

use serde::{Deserialize, Serialize};

/// The ledger as it is kept here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger;

/// Fetches what is new, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLedger;

/// The changes of one body, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerTrail {
    /// The body's id.
    pub body: String,
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
    /// The clock of this computer stands before a time already attested.
    pub clock_set_back: bool,
    /// The number of entries.
    pub entries: u64,
    /// The last update that was refused, until one is accepted.
    pub refused: Option<RefusedUpdate>,
    /// Who is or was listed, by name.
    pub bodies: Vec<BodyRow>,
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

/// A body on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it does.
    pub role: BodyRole,
    /// Whether it stands.
    pub state: BodyState,
    /// What it may let others issue, may issue, or asks for: titles.
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
}

impl BodyRole {
    /// Every role, for the test that each has its words.
    pub const ALL: &[Self] = &[Self::Accreditor, Self::Issuer, Self::Service];
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
    /// It was withdrawn.
    Withdrawn,
}

impl BodyState {
    /// Every state, for the test that each has its words.
    pub const ALL: &[Self] = &[Self::Listed, Self::Ended, Self::Revoked, Self::Withdrawn];
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
    /// Who signed it, by name.
    pub by: String,
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
    ];
}
