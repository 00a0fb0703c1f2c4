//! The network engine: the same rules, run by CometBFT v0.38 among bodies that do not trust one
//! another.
//!
//! [`Chain`] is the application that consensus drives, without its wire: which events a block
//! may hold, what a block does, what is on disk after it. Everything here is a function of the
//! blocks alone, so that every validator comes to the same application hash
//! ([`derive_app_hash`]), which stands in the header of the next block.
//!
//! A node that joins late may begin with a [`Snapshot`] instead of the first block.
//! Beside a validator, [`Recorded`] reads what it has on disk.
//!
//! A replica follows it from a pinned header ([`NetworkPin`]) by light-client verification
//! ([`Headers`], [`HeaderError`]): two thirds of the validators must have signed, and a third of
//! those that it knew. The newest header binds size and root of the log as it was after the
//! block before; the entries come in whole tiles and are replayed as any other ledger's. From
//! whom they come ([`CometSource`]) does not matter.

mod app_hash;
mod asking;
mod chain;
mod headers;
mod pin;
mod recorded;
mod rpc;
mod snapshot;
mod source;
mod state;
mod verify;
mod waits;
mod walk;
mod ways;
mod writer;

pub use app_hash::derive_app_hash;
pub use chain::{Block, Chain, Done, MAX_BLOCK_EVENTS};
pub use headers::{Headers, MAX_HEADERS, MAX_STEPS, MAX_VALIDATORS, NotHeaders};
pub(crate) use pin::NetworkPinFile;
pub use pin::{NetworkPin, TRUSTING_PERIOD};
pub use recorded::Recorded;
pub use rpc::read_answer;
pub use snapshot::{MAX_CHUNK, Restore, SNAPSHOT_FORMAT, Snapshot, SnapshotError};
pub use source::{CometSource, MAX_NODES};
pub use state::KEPT_SIZES;
pub use verify::HeaderError;
pub(crate) use verify::{check_from_pin, extend, follows_now};
pub use waits::Waits;
pub use writer::CometWriter;
