//! Puts the page of the desktop together in `ui/dist`: what the window shows, all of it local.
//!
//! From `ui/`: `index.html` and `boot.js` (an external module, so that the content security policy
//! needs no inline script), the folders `styles/` and `fonts/`, and the module that `src/` builds to
//! as `cairn-ui.js` and `cairn-ui_bg.wasm`. From `icons/`: `cairn.svg`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

use crate::{fingerprint, say, wasm, workspace};

const NAME: &str = "cairn-ui";
pub(crate) const PROFILE: &str = "page";
/// What is copied as it is; a folder that is not there is left out.
const FILES: [&str; 2] = ["index.html", "boot.js"];
const FOLDERS: [&str; 2] = ["styles", "fonts"];

/// Builds `ui/dist`, unless it is there already and nothing that goes into it has changed.
pub(crate) fn build() -> anyhow::Result<()> {
    let ui = workspace::root().join("ui");
    let dist = ui.join("dist");
    let stamp = workspace::target().join("page.fingerprint");
    let forced = std::env::var("CAIRN_WASM").unwrap_or_default();

    let before = fingerprint::of(&inputs(&ui), &forced)?;
    if dist.join("index.html").is_file() && recorded(&stamp, &before, &dist)? {
        return Ok(());
    }
    let started = Instant::now();
    let compiler = wasm::choose()?;
    let module = compiler
        .build(NAME, PROFILE)?
        .join(NAME)
        .with_extension("wasm");

    // Put together beside and then exchanged: a window never starts on half a page.
    let fresh = ui.join("dist.new");
    clear(&fresh)?;
    std::fs::create_dir_all(&fresh)?;
    bind(&module, NAME, &fresh)?;
    for file in FILES {
        std::fs::copy(ui.join(file), fresh.join(file))
            .with_context(|| format!("copying ui/{file}"))?;
    }
    for folder in FOLDERS {
        copy_folder(&ui.join(folder), &fresh.join(folder))?;
    }
    std::fs::copy(
        workspace::root().join("icons/cairn.svg"),
        fresh.join("cairn.svg"),
    )
    .context("copying icons/cairn.svg")?;
    clear(&dist)?;
    std::fs::rename(&fresh, &dist).context("putting ui/dist in place")?;

    let after = fingerprint::of(std::slice::from_ref(&dist), "")?;
    std::fs::write(&stamp, format!("{before} {after}\n")).context("noting the fingerprint")?;
    let size = std::fs::metadata(dist.join(format!("{NAME}_bg.wasm")))?.len();
    say::line(&format!(
        "page: built with {} in {} s, module of {} kB",
        compiler.name(),
        started.elapsed().as_secs(),
        size / 1000
    ));
    Ok(())
}

/// Writes the module `name` as a page loads it, with the script that does so, into a folder.
pub(crate) fn bind(module: &Path, name: &str, folder: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name(name)
        .generate(folder)
        .with_context(|| format!("writing the glue of {name}"))
}

/// All that the page is made from.
fn inputs(ui: &Path) -> Vec<PathBuf> {
    let root = workspace::root();
    let mut inputs: Vec<PathBuf> = ["src", "locales", "Cargo.toml", "build.rs"]
        .iter()
        .chain(&FILES)
        .chain(&FOLDERS)
        .map(|name| ui.join(name))
        .collect();
    for name in [
        "crates/ipc",
        "icons/cairn.svg",
        "xtask/src/page.rs",
        "Cargo.lock",
        "Cargo.toml",
        "rust-toolchain.toml",
    ] {
        inputs.push(root.join(name));
    }
    inputs
}

/// Whether the page in `dist` is the one made from these inputs: neither has changed since.
pub(crate) fn recorded(stamp: &Path, inputs: &str, dist: &Path) -> anyhow::Result<bool> {
    let Ok(text) = std::fs::read_to_string(stamp) else {
        return Ok(false);
    };
    let page = fingerprint::of(&[dist.to_owned()], "")?;
    Ok(text.split_whitespace().eq([inputs, page.as_str()]))
}

pub(crate) fn clear(folder: &Path) -> anyhow::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("clearing {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)
                .with_context(|| format!("copying {}", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::recorded;
    use crate::fingerprint;

    #[test]
    fn a_changed_input_and_a_touched_page_are_both_built_again() {
        let folder = tempfile::tempdir().unwrap();
        let (dist, stamp) = (folder.path().join("dist"), folder.path().join("stamp"));
        std::fs::create_dir(&dist).unwrap();
        std::fs::write(dist.join("index.html"), "page").unwrap();
        let page = fingerprint::of(std::slice::from_ref(&dist), "").unwrap();

        assert!(!recorded(&stamp, "in", &dist).unwrap());
        std::fs::write(&stamp, format!("in {page}\n")).unwrap();
        assert!(recorded(&stamp, "in", &dist).unwrap());
        assert!(!recorded(&stamp, "other", &dist).unwrap());
        std::fs::write(dist.join("index.html"), "changed").unwrap();
        assert!(!recorded(&stamp, "in", &dist).unwrap());
    }
}
