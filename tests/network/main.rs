//! A ledger kept by four validators: real processes on loopback, killed and started again.
//!
//! `CAIRN_COMETBFT` names the program of CometBFT v0.38; see `scripts/comet.sh`.

// `cfg(test)` always holds here; it tells the lints that these are tests, where a panic is an answer.
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod life;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod pilot;

#[cfg(test)]
#[path = "../../crates/ledger/tests/conformance/suite/mod.rs"]
mod suite;
