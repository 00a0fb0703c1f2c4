//! Builds the reader of codes of the counter's page into `crates/counter/page/dist`, which the
//! counter takes into itself when it is built.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context as _;

use crate::page::{PROFILE, bind, clear, recorded};
use crate::{fingerprint, say, wasm, workspace};

const NAME: &str = "cairn-reader";

/// Builds the reader, unless it is there already and nothing that goes into it has changed.
pub(crate) fn build() -> anyhow::Result<()> {
    let root = workspace::root();
    let page = root.join("crates/counter/page");
    let dist = page.join("dist");
    let stamp = workspace::target().join("reader.fingerprint");
    let forced = std::env::var("CAIRN_WASM").unwrap_or_default();
    let inputs: Vec<PathBuf> = [
        "crates/code/src",
        "crates/code/Cargo.toml",
        "crates/reader",
        "xtask/src/reader.rs",
        "xtask/src/page.rs",
        "Cargo.lock",
        "Cargo.toml",
        "rust-toolchain.toml",
    ]
    .iter()
    .map(|name| root.join(name))
    .collect();

    let before = fingerprint::of(&inputs, &forced)?;
    if dist.is_dir() && recorded(&stamp, &before, &dist)? {
        return Ok(());
    }
    let started = Instant::now();
    let compiler = wasm::choose()?;
    // A library's module has underscores in its name.
    let module = compiler
        .build(NAME, PROFILE)?
        .join(NAME.replace('-', "_"))
        .with_extension("wasm");
    let fresh = page.join("dist.new");
    clear(&fresh)?;
    std::fs::create_dir_all(&fresh)?;
    bind(&module, NAME, &fresh)?;
    clear(&dist)?;
    std::fs::rename(&fresh, &dist).context("putting crates/counter/page/dist in place")?;

    let after = fingerprint::of(std::slice::from_ref(&dist), "")?;
    std::fs::write(&stamp, format!("{before} {after}\n")).context("noting the fingerprint")?;
    let size = std::fs::metadata(dist.join(format!("{NAME}_bg.wasm")))?.len();
    say::line(&format!(
        "reader: built with {} in {} s, module of {} kB",
        compiler.name(),
        started.elapsed().as_secs(),
        size / 1000
    ));
    Ok(())
}
