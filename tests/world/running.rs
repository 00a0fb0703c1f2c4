//! A program that serves until it is dropped.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, bail};

/// How long a service may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service that was started here. Dropping it kills that process and no other.
#[derive(Debug)]
pub struct Running {
    child: Child,
    url: String,
}

impl Running {
    /// Starts a `serve` command with `--json` and waits for its first line,
    /// `{"listening":"http://127.0.0.1:PORT"}`.
    ///
    /// # Errors
    /// Where it does not start, says something else first, or says nothing for a minute.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {:?}", command.get_program()))?;
        let mut running = Self {
            child,
            url: String::new(),
        };
        let stdout = running.child.stdout.take().context("no standard output")?;
        let (say, hear) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stdout);
            let mut first = String::new();
            let _ = lines.read_line(&mut first);
            let _ = say.send(first);
            // A full pipe would stop the service.
            let _ = std::io::copy(&mut lines, &mut std::io::sink());
        });
        let first = hear
            .recv_timeout(PATIENCE)
            .with_context(|| format!("waiting for {:?}", command.get_program()))?;
        running.url = listening(&first)?;
        Ok(running)
    }

    /// Where it listens, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn alive(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listening(line: &str) -> anyhow::Result<String> {
    let said: serde_json::Value = serde_json::from_str(line)
        .with_context(|| format!("the first line of a service is not JSON: {line:?}"))?;
    match said.get("listening").and_then(|url| url.as_str()) {
        Some(url) if url.starts_with("http://127.0.0.1:") => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => bail!("the first line of a service does not say where it listens: {line:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Running, listening};
    use std::process::Command;

    #[test]
    fn only_a_loopback_address_counts_as_listening() {
        let line = r#"{"listening":"http://127.0.0.1:4321/"}"#;
        assert_eq!(listening(line).unwrap(), "http://127.0.0.1:4321");
        for line in [
            "",
            "ready",
            r#"{"port":4321}"#,
            r#"{"listening":"http://0.0.0.0:1"}"#,
        ] {
            assert!(listening(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_dropped_service_is_gone() {
        let script = r#"echo '{"listening":"http://127.0.0.1:1"}'; exec sleep 60"#;
        let mut service = Running::start(Command::new("sh").args(["-c", script])).unwrap();
        assert!(service.alive().unwrap());
        let process = format!("/proc/{}", service.child.id());
        if cfg!(target_os = "linux") {
            assert!(std::path::Path::new(&process).exists());
        }
        drop(service);
        assert!(!std::path::Path::new(&process).exists());
    }

    #[test]
    fn a_program_that_ends_at_once_is_an_error_not_a_wait() {
        assert!(Running::start(&mut Command::new("true")).is_err());
    }
}
