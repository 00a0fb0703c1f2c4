//! The desktop shell: a window on the `wallet` crate for the page in `ui`.
//!
//! It converts between the wallet's types and the views of `ipc`, keeps what only a desktop has
//! (the window, preferences, links from other programs, locking by itself) and decides nothing.
//! It refuses: navigation away from the page, new windows, commands that its capability does not
//! grant, links of any other scheme, and everything but a link from a second instance.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod at_counter;
mod browser;
mod commands;
mod desks;
mod failures;
mod idle;
mod links;
mod preferences;
mod refresh;
mod saving;
mod shell;
mod sleep;
mod views;
mod window;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match window::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr().lock(), "cairn-desktop: {error:#}");
            ExitCode::FAILURE
        }
    }
}
