//! A ledger kept by a network: its application, and those who follow it by headers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod chain;
mod conformance;
mod disk;
mod follow;
mod hearing;
mod kill;
mod long;
mod net;
mod recorded;
mod snapshot;
mod validators;
mod waiting;
mod writing;

#[path = "../world/mod.rs"]
mod world;

#[path = "../conformance/suite/mod.rs"]
mod suite;
