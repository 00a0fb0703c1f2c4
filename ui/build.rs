//! Lists the locale folders, so that a language is files to add and no code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let locales = root.join("locales");
    println!("cargo:rerun-if-changed={}", locales.display());
    let mut table = String::from("pub(crate) const LOCALES: &[(&str, &[&str])] = &[\n");
    for folder in sorted(&locales)? {
        if !folder.is_dir() {
            continue;
        }
        println!("cargo:rerun-if-changed={}", folder.display());
        let tag = folder
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let _ = write!(table, "    ({tag:?}, &[");
        for file in sorted(&folder)? {
            if file.extension().is_some_and(|e| e == "ftl") {
                let _ = write!(table, "include_str!({:?}), ", file.display().to_string());
            }
        }
        table.push_str("]),\n");
    }
    table.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("locales.rs"), table)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}
