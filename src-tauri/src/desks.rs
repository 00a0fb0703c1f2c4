//! The desks of the demo world, and fresh links from them.
//!
//! `cairn-demo` writes a file that lists them and answers on a socket in the same private
//! folder: one line with a desk's id, answered with one line, its link. No part of it exists
//! outside the demo.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use ipc::DeskView;

const MOST: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// The desks and where to ask them.
#[derive(serde::Deserialize)]
pub(crate) struct Desks {
    pub(crate) desks: Vec<DeskView>,
    socket: PathBuf,
}

impl Desks {
    /// Reads the file of `--desks`.
    pub(crate) fn load(file: &Path) -> anyhow::Result<Self> {
        let mut text = Vec::new();
        std::fs::File::open(file)
            .and_then(|file| file.take(MOST).read_to_end(&mut text))
            .with_context(|| format!("reading {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("reading {}", file.display()))
    }

    /// A fresh link from a desk.
    #[cfg(unix)]
    pub(crate) fn visit(&self, id: &str) -> anyhow::Result<String> {
        let desk = self.desks.iter().find(|desk| desk.id == id);
        let desk = desk.context("no such desk")?;
        let mut socket = std::os::unix::net::UnixStream::connect(&self.socket)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        writeln!(socket, "{}", desk.id)?;
        let mut link = String::new();
        BufReader::new(socket.take(MOST)).read_line(&mut link)?;
        anyhow::ensure!(!link.trim().is_empty(), "the desk gave no link");
        Ok(link.trim().to_owned())
    }

    /// The demo world runs on Unix only.
    #[cfg(not(unix))]
    pub(crate) fn visit(&self, _id: &str) -> anyhow::Result<String> {
        anyhow::bail!("the demo world needs a Unix socket")
    }
}
