//! The one window, and what it may not do.

use std::time::Duration;

use anyhow::Context as _;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Url, WebviewWindowBuilder};

use crate::arguments::Arguments;
use crate::shell::{Shell, lock_by_itself, say};
use crate::{commands, links, sleep};

pub(crate) const MAIN: &str = "main";
/// How often to look whether somebody is there.
const IDLE_LOOK: Duration = Duration::from_secs(5);

/// Opens the window and returns when it is closed.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let shell = Shell::new(&arguments)?;
    let instance = tauri_plugin_single_instance::Builder::new()
        .dbus_id(bus_name(&arguments))
        .callback(|app, arguments, _folder| {
            if let Some(link) = links::among(&arguments) {
                receive(app, link);
            }
            show(app);
        })
        .build();
    tauri::Builder::default()
        // First: a second instance must end before it does anything else.
        .plugin(instance)
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .manage(shell)
        .invoke_handler(tauri::generate_handler![
            commands::cards::card,
            commands::cards::card_details,
            commands::cards::cards,
            commands::cards::delete_card,
            commands::cards::save_evidence,
            commands::counter::ask_again,
            commands::counter::begin_at_counter,
            commands::counter::code_frames,
            commands::counter::end_code,
            commands::counter::end_pass,
            commands::counter::make_pass,
            commands::counter::save_pass,
            commands::counter::services,
            commands::counter::show_code,
            commands::decisions::accept_offer,
            commands::decisions::choose,
            commands::decisions::share,
            commands::demo::demo_desks,
            commands::demo::visit_desk,
            commands::history::event,
            commands::history::follow_redirect,
            commands::history::forget_event,
            commands::history::history,
            commands::ledger::check_ledger,
            commands::ledger::ledger,
            commands::ledger::ledger_trail,
            commands::ledger::save_trail,
            commands::links::continue_link,
            commands::links::open_link,
            commands::links::read_image,
            commands::links::replace_link,
            commands::links::stop,
            commands::preferences::preferences,
            commands::preferences::set_preferences,
            commands::vault::back_up,
            commands::vault::change_passphrase,
            commands::vault::create,
            commands::vault::lock,
            commands::vault::recover,
            commands::vault::restore,
            commands::vault::status,
            commands::vault::touch,
            commands::vault::unlock,
        ])
        .setup(|app| {
            open(app.handle())?;
            let own = app.handle().clone();
            sleep::watch(move || lock_by_itself(&own, &own.state::<Shell>()));
            watch_idle(app.handle().clone());
            #[cfg(target_os = "macos")]
            receive_urls(app.handle());
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
                lock_by_itself(&app, &shell);
            }
        }
    });
}

/// A link from another program: it waits for the citizen.
fn receive(app: &AppHandle, link: &str) {
    let received = app.state::<Shell>().links().receive(link);
    say(app, received);
}

/// macOS hands links over by an event, not as arguments.
#[cfg(target_os = "macos")]
fn receive_urls(app: &AppHandle) {
    use tauri_plugin_deep_link::DeepLinkExt as _;
    let own = app.clone();
    app.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            receive(&own, url.as_str());
        }
    });
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
