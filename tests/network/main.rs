//! A ledger kept by four validators: real processes on loopback, killed and started again.
//!
//! `CAIRN_COMETBFT` names the program of CometBFT v0.38; see `scripts/comet.sh`.

mod conformance;
mod life;
mod nodes;
mod pilot;

#[path = "../../crates/ledger/tests/conformance/suite/mod.rs"]
mod suite;
