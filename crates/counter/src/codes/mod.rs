//! Codes at the counter: what the desk shows, and what it makes of an answer, without a network.
//!
//! ```text
//! ask ─► challenges (disk) ─► code on the screen ─► (wallet) ─► code before the camera
//!   read: decode ─► open? seen? ─► cards ─► ledger kept here or stapled ─► status likewise
//!     ─► judgement ─► mark (disk) ─► kept (disk) ─► what the clerk is told
//! ```

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

mod challenges;
mod desk;
mod kept;
mod offline;
mod refusal;
mod riders;
pub(crate) mod routes;
mod seen;

pub(crate) use desk::{Asked, Codes, Means};
pub(crate) use riders::Riders;

/// The files of a folder; none where there is no such folder yet.
fn list_folder(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).context("cannot read the data folder"),
    };
    let paths: std::io::Result<Vec<PathBuf>> =
        files.map(|file| file.map(|file| file.path())).collect();
    paths.context("cannot read the data folder")
}

#[cfg(test)]
mod tests;
