//! `docs/pilot.md`, run as it stands: each command of each block, in order. Only the ports are
//! others, so that it disturbs nobody.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

const DOCUMENT: &str = include_str!("../../docs/pilot.md");
const PATIENCE: Duration = Duration::from_secs(180);

/// A block of commands.
struct Block {
    /// Its commands go on running; one a line.
    running: bool,
    text: String,
}

/// The blocks that are marked as commands to be run.
fn blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut parts = document.split("\n```");
    // Outside, inside, outside …
    parts.next();
    while let (Some(block), rest) = (parts.next(), parts.next()) {
        assert!(rest.is_some(), "a block does not end");
        let (kind, text) = block.split_once('\n').unwrap_or((block, ""));
        if kind == "sh" || kind == "sh running" {
            found.push(Block {
                running: kind == "sh running",
                text: text.to_owned(),
            });
        }
    }
    found
}

/// Ends with what was started, each by its id.
struct Pilot {
    folder: tempfile::TempDir,
    path: String,
    running: Vec<(String, Child)>,
}

impl Pilot {
    fn new(cometbft: &Path) -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let programs = own.parent().and_then(Path::parent).context("no folder")?;
        let mut path = vec![programs.to_owned()];
        path.push(cometbft.parent().context("no folder")?.to_owned());
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        Ok(Self {
            folder: tempfile::tempdir()?,
            path: std::env::join_paths(path)?
                .into_string()
                .map_err(|_| anyhow::anyhow!("a path that is not text"))?,
            running: Vec::new(),
        })
    }

    fn shell(&self, text: &str) -> Command {
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", text]);
        shell
            .env("PATH", &self.path)
            .current_dir(self.folder.path());
        shell.stdin(Stdio::null());
        shell
    }

    fn run(&self, text: &str) -> anyhow::Result<String> {
        let output = self.shell(text).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("{text}\nfailed: {said}\n{errors}");
        }
        Ok(said)
    }

    /// Starts a command that goes on, and waits until it says that it is there.
    fn start(&mut self, line: &str) -> anyhow::Result<()> {
        let mut command = self.shell(&format!("exec {line}"));
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().context("no output")?;
        self.running.push((line.to_owned(), child));
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        told.recv_timeout(PATIENCE)
            .with_context(|| format!("{line} said nothing"))?;
        Ok(())
    }

    fn end(&mut self, part: &str) -> anyhow::Result<()> {
        let found = self
            .running
            .iter()
            .position(|(line, _)| line.contains(part));
        let (_, mut child) = self.running.remove(found.context("not running")?);
        stop(&mut child);
        Ok(())
    }

    fn wait_for(&self, file: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        while !self.folder.path().join(file).exists() {
            if begun.elapsed() > PATIENCE {
                bail!("{file} did not come");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

/// As Ctrl-C would, so that a node ends what it started; then for good.
fn stop(child: &mut Child) {
    let _ = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
}

impl Drop for Pilot {
    fn drop(&mut self) {
        for (_, child) in &mut self.running {
            stop(child);
        }
    }
}

/// The first of so many ports in a row that are free now, below those that the system gives to
/// whoever connects: most of them are taken a minute later only.
fn free_row(count: u16) -> anyhow::Result<u16> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range");
    let lowest = range.ok().and_then(|range| {
        let lowest = range.split_whitespace().next()?;
        lowest.parse::<u16>().ok()
    });
    let below = lowest.unwrap_or(32_768).saturating_sub(count);
    for first in (10_000..below).rev().step_by(usize::from(count)) {
        if (first..first + count).all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return Ok(first);
        }
    }
    bail!("no free ports")
}

/// The document with other ports in the place of its own.
fn with_free_ports(document: &str) -> anyhow::Result<String> {
    let base = free_row(42)?;
    let mut text = document.replace(
        "--validators 4 --demo",
        &format!("--validators 4 --demo --base-port {base}"),
    );
    let mut others = vec![
        ("127.0.0.1:7201".to_owned(), base + 40),
        ("127.0.0.1:7202".to_owned(), base + 41),
    ];
    for node in 0..4 {
        others.push((
            format!("127.0.0.1:{}", 26_657 + 10 * node),
            base + 1 + 10 * node,
        ));
    }
    for (own, port) in others {
        if !text.contains(&own) {
            bail!("the document names no {own}");
        }
        text = text.replace(&own, &format!("127.0.0.1:{port}"));
    }
    Ok(text)
}

#[test]
fn every_command_of_the_pilot_runs() {
    let cometbft = std::env::var_os("CAIRN_COMETBFT").expect("see scripts/comet.sh");
    let mut pilot = Pilot::new(&PathBuf::from(cometbft)).unwrap();
    let text = with_free_ports(DOCUMENT).unwrap();
    let mut said = String::new();
    for block in blocks(&text) {
        if block.running {
            for line in block.text.lines() {
                pilot.start(line).unwrap();
            }
            pilot.wait_for("pilot/node0/ledger/pin.json").unwrap();
        } else {
            if block.text.contains("withdraw") {
                // "Stop `pilot/node2` with Ctrl-C."
                pilot.end("node2").unwrap();
            }
            said.push_str(&pilot.run(&block.text).unwrap());
        }
    }
    // What the document promises.
    for words in [
        "The ledger says: listed as Exemptions office (demo)",
        "Share 2 details with Pharmacy (demo)?",
        "Shared. Pharmacy (demo) has it now; it was sent to ",
        "shown as a code at the desk; nothing is sent by network",
        "Accept\n",
        "its issuer was withdrawn",
        "The office has closed",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
