//! The one window, and what it may not do.

use std::time::Duration;

use anyhow::Context as _;
use ipc::{Event as _, Locked};
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Emitter as _, Manager as _, Url, WebviewWindowBuilder};

use crate::arguments::Arguments;
use crate::shell::Shell;
use crate::{commands, sleep};

const MAIN: &str = "main";
/// How often to look whether somebody is there.
const IDLE_LOOK: Duration = Duration::from_secs(5);

/// Opens the window and returns when it is closed.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let shell = Shell::new(&arguments)?;
    let instance = tauri_plugin_single_instance::Builder::new()
        .dbus_id(bus_name(&arguments))
        .callback(|app, _arguments, _folder| show(app))
        .build();
    tauri::Builder::default()
        // First: a second instance must end before it does anything else.
        .plugin(instance)
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .manage(shell)
        .invoke_handler(tauri::generate_handler![
            commands::preferences::preferences,
            commands::preferences::set_preferences,
            commands::vault::touch,
            commands::vault::status,
        ])
        .setup(|app| {
            open(app.handle())?;
            let own = app.handle().clone();
            sleep::watch(move || lock(&own));
            watch_idle(app.handle().clone());
            Ok(())
        })
        .run(tauri::generate_context!())
        .context("running the window")
}

fn open(app: &AppHandle) -> anyhow::Result<()> {
    let config = app.config().app.windows.clone();
    let config = config
        .iter()
        .find(|window| window.label == MAIN)
        .context("no main window in tauri.conf.json")?;
    WebviewWindowBuilder::from_config(app, config)?
        .on_navigation(is_page)
        .on_new_window(|_url, _features| NewWindowResponse::Deny)
        .devtools(cfg!(debug_assertions))
        .build()?;
    Ok(())
}

/// Whether a URL is the page itself, which is inside the program.
fn is_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // How Windows names the same.
        "http" | "https" => {
            cfg!(windows) && url.host_str() == Some("tauri.localhost") && url.port().is_none()
        }
        _ => false,
    }
}

/// Locks the wallet when nobody touched the window for as long as the preferences say.
fn watch_idle(app: AppHandle) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(IDLE_LOOK);
            let shell = app.state::<Shell>();
            let minutes = shell.preferences.now().auto_lock_minutes;
            if shell
                .idle
                .longer_than(Duration::from_secs(u64::from(minutes) * 60))
            {
                lock(&app);
            }
        }
    });
}

/// Locks the wallet by itself and tells the page to drop what it shows.
fn lock(app: &AppHandle) {
    let _ = app.emit(Locked::NAME, Locked { by_itself: true });
}

/// Brings the window to the front.
fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// The name under which a second instance finds the first: one for each data folder that was asked
/// for by name, so that the demo and the citizen's own wallet never meet.
fn bus_name(arguments: &Arguments) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let own = "org.cairn.wallet";
    match &arguments.data {
        None => own.to_owned(),
        Some(folder) => {
            let mut hasher = DefaultHasher::new();
            std::path::absolute(folder)
                .unwrap_or_else(|_| folder.clone())
                .hash(&mut hasher);
            format!("{own}.at{:016x}", hasher.finish())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{bus_name, is_page};
    use crate::arguments::Arguments;
    use clap::Parser as _;

    #[test]
    fn only_the_page_itself_is_navigated_to() {
        for (url, expected) in [
            ("tauri://localhost/", true),
            ("tauri://localhost/cards", true),
            ("tauri://elsewhere/", false),
            ("https://example.org/", false),
            ("http://localhost/", false),
            ("https://tauri.localhost.example.org/", false),
            ("file:///etc/passwd", false),
            ("about:blank", false),
            ("data:text/html,hello", false),
        ] {
            assert_eq!(is_page(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn a_folder_of_its_own_is_an_instance_of_its_own() {
        let named = |arguments: &[&str]| {
            let program = ["cairn-desktop"].iter();
            bus_name(&Arguments::parse_from(program.chain(arguments)))
        };
        assert_eq!(named(&["--data", "a"]), named(&["--data", "a"]));
        assert_ne!(named(&["--data", "a"]), named(&["--data", "b"]));
        assert_ne!(named(&["--data", "a"]), named(&[]));
    }
}
