//! Opens an address in the citizen's own browser, because the citizen pressed a button for it.

use std::process::{Command, Stdio};

use ipc::{Failure, FailureKind};
use tauri::Url;

/// Opens a web address. Nothing but https goes out, and plain http in the demo.
pub(crate) fn open(text: &str, demo: bool) -> Result<(), Failure> {
    let url = allowed(text, demo).ok_or_else(|| Failure::new(FailureKind::Forbidden, "address"))?;
    let mut child = command(&url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| Failure::new(FailureKind::Internal, "no_browser"))?;
    std::thread::spawn(move || child.wait());
    Ok(())
}

fn allowed(text: &str, demo: bool) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let scheme = url.scheme();
    ((scheme == "https" || (demo && scheme == "http")) && url.has_host()).then_some(url)
}

#[cfg(target_os = "linux")]
fn command(url: &Url) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(url.as_str());
    command
}

#[cfg(target_os = "macos")]
fn command(url: &Url) -> Command {
    let mut command = Command::new("open");
    command.arg(url.as_str());
    command
}

#[cfg(target_os = "windows")]
fn command(url: &Url) -> Command {
    let mut command = Command::new("rundll32");
    command.arg("url.dll,FileProtocolHandler").arg(url.as_str());
    command
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn only_web_addresses_reach_the_browser() {
        for (url, demo, expected) in [
            ("https://service.example/done", false, true),
            ("http://127.0.0.1:8080/done", false, false),
            ("http://127.0.0.1:8080/done", true, true),
            ("file:///etc/passwd", true, false),
            ("javascript:alert(1)", true, false),
            ("openid4vp://?client_id=x", true, false),
            ("--help", true, false),
        ] {
            assert_eq!(allowed(url, demo).is_some(), expected, "{url}");
        }
    }
}
