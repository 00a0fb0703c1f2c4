//! An independent implementation, driven by lines of JSON over its input and output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

/// How long a peer may think about one request.
const PATIENCE: Duration = Duration::from_secs(120);

/// The peers, by the names of their folders in `tests/interop`.
pub const PEERS: &[&str] = &[
    "digitalbazaar",
    "sd-jwt-python",
    "mdoc",
    "didkit-peer",
    "torchwood",
];

/// A peer that runs. It ends with the value.
pub struct Peer {
    name: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<std::io::Result<String>>,
}

/// Why a peer is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub String);

impl Peer {
    /// Starts the peer of this name.
    ///
    /// # Errors
    ///
    /// [`Missing`] when `scripts/peers.sh` did not install it, with what that script said.
    pub fn start(name: &'static str) -> Result<Self, Missing> {
        let mut command = command(name)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| Missing(format!("it does not start: {error}")))?;
        let input = child.stdin.take();
        let (said, lines) = channel();
        if let Some(output) = child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines() {
                    if said.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self {
            name,
            child,
            input,
            lines,
        })
    }

    /// Asks for one thing to be done. The inner result is the peer's own: what it made, or the
    /// words by which it refused.
    ///
    /// # Errors
    ///
    /// When the peer gave no answer at all, which is nobody's refusal.
    pub fn ask(&mut self, request: &Value) -> Result<Result<Value, String>> {
        let input = self.input.as_mut().context("the peer has no input")?;
        writeln!(input, "{request}").with_context(|| format!("{} has ended", self.name))?;
        let line = match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => line?,
            Err(RecvTimeoutError::Timeout) => bail!("{} does not answer", self.name),
            Err(RecvTimeoutError::Disconnected) => bail!("{} has ended", self.name),
        };
        let mut answer: Map<String, Value> =
            serde_json::from_str(&line).with_context(|| format!("{} said {line}", self.name))?;
        match (answer.remove("ok"), answer.remove("error")) {
            (Some(value), None) => Ok(Ok(value)),
            (None, Some(Value::String(words))) => Ok(Err(words)),
            _ => bail!("{} said neither yes nor no: {line}", self.name),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends by itself when its input ends; one that hangs is ended here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where `scripts/peers.sh` puts what it installs: beside the programs that this one was built with.
fn installed(name: &str) -> Result<PathBuf, Missing> {
    let here = std::env::current_exe().map_err(|error| Missing(error.to_string()))?;
    // target/<profile>/deps/<this>
    let target = here.ancestors().nth(3).unwrap_or(Path::new("target"));
    let folder = target.join("interop").join(name);
    if folder.join("ready").is_file() {
        return Ok(folder);
    }
    let reason = std::fs::read_to_string(folder.join("missing"))
        .unwrap_or_else(|_| format!("not installed: scripts/peers.sh {name}"));
    Err(Missing(reason.trim().to_owned()))
}

fn command(name: &'static str) -> Result<Command, Missing> {
    let folder = installed(name)?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("interop")
        .join(name);
    Ok(match name {
        "sd-jwt-python" => {
            let mut command = Command::new(folder.join("venv/bin/python"));
            command.arg(source.join("peer.py"));
            command
        }
        "torchwood" => Command::new(folder.join("peer")),
        "didkit-peer" => Command::new(folder.join("debug/didkit-peer")),
        // Node looks for packages beside the file that asks for them.
        _ => {
            let mut command = Command::new("node");
            command.arg(folder.join("peer.js"));
            command
        }
    })
}
