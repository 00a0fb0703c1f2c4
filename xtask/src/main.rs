//! The parts of the build that cargo alone does not do.
//!
//! - `cargo xtask page` builds `ui` for wasm32 and puts the page together in `ui/dist`.
//! - `cargo xtask wasm` says which compiler for wasm32 is there, fetching rustup's target if need be.
//! - `cargo xtask demo` starts the demo world and the wallet's window on it; with `--headless` the
//!   same path in the terminal.
//! - `cargo xtask icons` draws the icon set from `icons/*.svg`.

#[cfg(unix)]
mod demo;
#[cfg(test)]
mod documents;
mod fingerprint;
mod icons;
mod page;
mod say;
#[cfg(unix)]
mod walk;
mod wasm;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask page | wasm | icons | demo [--headless]";

fn main() -> ExitCode {
    let verb = std::env::args().nth(1);
    let done = match verb.as_deref() {
        Some("page") => page::build(),
        Some("wasm") => wasm::choose().map(|compiler| say::line(compiler.name())),
        Some("icons") => icons::draw(),
        #[cfg(unix)]
        Some("demo") => demo::run(std::env::args().nth(2).as_deref() == Some("--headless")),
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
