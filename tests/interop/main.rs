//! Interoperability: what Cairn makes, independent implementations read, and the reverse.
//!
//! The peers are programs in other languages by other people, in the folders beside this file;
//! `scripts/peers.sh` installs them. They are for tests only: nothing that is shipped links them.

#![allow(
    clippy::indexing_slicing,
    reason = "what is not there fails the test that looks for it, and the harness goes on"
)]

mod cards;
mod didkit;
mod exchange;
#[path = "../../crates/ledger/tests/world/folder.rs"]
mod folder;
mod mdoc;
mod plain;
mod rdf;
mod sd_jwt;
mod selective;
mod status;
mod torchwood;
mod trial;
mod vc_api;

use std::process::ExitCode;

use anyhow::Result;

fn main() -> Result<ExitCode> {
    let mut trials = Vec::new();
    trials.extend(sd_jwt::trials());
    trials.extend(mdoc::trials()?);
    trials.extend(rdf::trials()?);
    trials.extend(selective::trials()?);
    trials.extend(plain::trials()?);
    trials.extend(status::trials());
    trials.extend(vc_api::trials());
    trials.extend(didkit::trials());
    trials.extend(torchwood::trials());
    Ok(if trial::run(trials)? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
