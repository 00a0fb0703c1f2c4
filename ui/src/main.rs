//! Cairn's page: every screen of the wallet, drawn from the views that the shell sends.
//!
//! It keeps nothing, fetches nothing and decides nothing about trust. It owns the words: the shell
//! sends kinds. Passphrases and codes are read from their fields when a form is sent and are not
//! kept in any state.

mod app;
mod components;
mod dates;
mod dom;
mod ipc;
mod route;
mod screens;
mod state;
mod text;

fn main() {
    yew::Renderer::<app::App>::new().render();
}
