//! The ledger: who may issue what, and which service said what it asks for.
//!
//! A ledger is one append-only log of signed events and one set of rules. Every reader keeps
//! a [`Replica`], replays every event under the same rules and answers its own questions
//! ([`decide`]): the machine that serves the log is not trusted to say what stands, and never
//! learns what was asked.
//!
//! * Events ([`event`], [`SignedEvent`]) are general JSON JWS (RFC 7515) over canonical JSON
//!   (RFC 8785), signed with control keys that sign nothing else.
//! * Rules are one pure function, [`Registry::apply`].
//! * The log follows RFC 9162 ([`merkle`]) in the layout of C2SP tlog-tiles ([`tile`]), under
//!   checkpoints that are C2SP signed notes ([`note`]) with a timestamped cosignature.
//! * The state is a sparse Merkle map ([`map`]) from a body's id to its whole record; its
//!   root stands in every entry, so that presence and absence can be proven.
//!
//! Refused by name: a forged event ([`Rejection`] lists the rules), a rollback, a split view,
//! a truncated tile ([`UpdateError`]).
//!
//! What it is not: on one machine the log is tamper-evident, not consensus. An operator cannot
//! forge an event or rewrite what a reader has seen without being caught, but can withhold
//! and delay, revocations included, and its clock is its word. Witnesses named in the pin
//! ([`witness`]) and a network of validators are the answers.

mod admission;
pub mod canonical;
pub mod checkpoint;
pub mod comet;
mod cosignature;
mod decide;
mod entries;
pub mod event;
mod evidence;
mod explain;
mod lock;
mod log;
pub mod map;
pub mod merkle;
pub mod note;
mod pin;
mod place;
pub mod possession;
mod proposal;
mod purpose_table;
pub mod record;
mod registry;
mod replay;
mod replica;
mod rules;
mod signed;
mod source;
mod store;
pub mod tile;
mod trail;
pub mod witness;
mod writer;

pub use cosignature::{Cosignature, cosign};
pub use decide::{
    Age, Band, BodyView, Freshness, Presented, Question, Standing, Verdict, View, age, decide,
};
pub use evidence::{About, Evidence, EvidenceError, IssuerKey, MAX_EVIDENCE, Proven};
pub use explain::{Explanation, explain};
pub use log::{Cosigners, Log, LogError, OperatorKeys, Receipt, is_full, verify_folder};
pub use pin::{MAX_PIN, MAX_WITNESSES, Pin, PinError, origin};
pub use place::Place;
pub use proposal::{LeftOut, MAX_PROPOSAL, Proposal, ProposalError, Uncounted};
pub use purpose_table::{PurposeTable, PurposeTableError};
pub use registry::{Governance, Registry, TrailEntry};
pub use replay::{EntryError, ReplayError};
pub use replica::{MAX_ENTRIES, Replica, Tile, Update, UpdateError, advance};
pub use rules::{MAX_HOLD, RULES, Rejection, check_purpose, takes_key};
pub use signed::{CheckedEvent, Leaf, MAX_SIGNATURES, SignedError, SignedEvent, TYPE};
pub use source::{FolderSource, HttpSource, LedgerSource, MAX_UPDATE, SourceError, TileSource};
pub use store::{StoreError, StoredReplica, Synced};
pub use trail::{Change, Growth};
pub use writer::{LedgerWriter, SubmitError};
