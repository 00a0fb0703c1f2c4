//! The parts of the build that cargo alone does not do.
//!
//! - `cargo xtask page` builds `ui` for wasm32 and puts the page together in `ui/dist`, and the
//!   counter's reader of codes in `crates/counter/page/dist`.
//! - `cargo xtask reader` builds that reader alone.
//! - `cargo xtask wasm` says which compiler for wasm32 is there, fetching rustup's target if need be.
//! - `cargo xtask icons` draws the icon set from `icons/*.svg`.

#[cfg(test)]
mod documents;
mod fingerprint;
mod icons;
mod page;
mod reader;
mod say;
mod wasm;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask page | reader | wasm | icons";

fn main() -> ExitCode {
    let verb = std::env::args().nth(1);
    let done = match verb.as_deref() {
        Some("page") => page::build().and_then(|()| reader::build()),
        Some("reader") => reader::build(),
        Some("wasm") => wasm::choose().map(|compiler| say::line(compiler.name())),
        Some("icons") => icons::draw(),
        _ => Err(anyhow::anyhow!(USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::problem(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
