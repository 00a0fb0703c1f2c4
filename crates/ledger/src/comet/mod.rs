//! The network engine: the same rules, run by CometBFT v0.38 among bodies that do not trust one
//! another.
//!
//! [`Chain`] is the application that consensus drives, without its wire: which events a block
//! may hold, what a block does, what is on disk after it. Everything here is a function of the
//! blocks alone, so that every validator comes to the same application hash
//! ([`derive_app_hash`]), which stands in the header of the next block.

mod app_hash;
mod chain;
mod state;

pub use app_hash::derive_app_hash;
pub use chain::{Block, Chain, Done, MAX_BLOCK_EVENTS};
pub use state::KEPT_SIZES;
