//! Takes the reader of codes into the counter, if `cargo xtask page` has built it; says so if not.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::{env, fs, io};

const SCRIPT: &str = "cairn-reader.js";
const MODULE: &str = "cairn-reader_bg.wasm";

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = root.join("page/dist");
    // The folder is looked into: a file that is not there yet would mean a build each time.
    writeln!(io::stdout(), "cargo::rerun-if-changed=page")?;
    let mut code = String::from("pub(crate) const READER: Option<Reader> = ");
    if dist.join(SCRIPT).is_file() && dist.join(MODULE).is_file() {
        let path = |name| dist.join(name).display().to_string();
        let (script, module) = (path(SCRIPT), path(MODULE));
        let _ = writeln!(
            code,
            "Some(Reader {{ script: include_str!({script:?}), module: include_bytes!({module:?}) }});"
        );
    } else {
        code.push_str("None;\n");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("reader.rs"), code)
}
