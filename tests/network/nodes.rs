//! A network's folder and its processes. Each is killed by the value that started it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use journeys::{Programs, Running, succeed};
use ledger::comet::{CometSource, CometWriter};
use ledger::{LedgerSource as _, Pin, Replica, StoredReplica};
use net::{Client, Policy};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

/// How long a network may take to make its next block, or a node to come or go.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A network on loopback.
pub(crate) struct Nodes {
    folder: TempDir,
    programs: Programs,
    cometbft: PathBuf,
    running: Vec<Option<Running>>,
    replicas: u32,
}

impl Nodes {
    /// Begins a network of so many validators and starts them all.
    pub(crate) fn start(validators: usize, more: &[&str]) -> anyhow::Result<Self> {
        let cometbft = std::env::var_os("CAIRN_COMETBFT")
            .context("CAIRN_COMETBFT does not name CometBFT: see scripts/comet.sh")?;
        let mut nodes = Self {
            folder: tempfile::tempdir()?,
            programs: Programs::beside_this_one()?,
            cometbft: PathBuf::from(cometbft),
            running: (0..validators).map(|_| None).collect(),
            replicas: 0,
        };
        let count = validators.to_string();
        let init = ["network", "init", "--name", "Four bodies", "--demo"];
        let ports = ["--base-port", "0", "--commit-ms", "200"];
        let given = more.contains(&"--empty-seconds");
        let pace: &[&str] = if given {
            &[]
        } else {
            &["--empty-seconds", "5"]
        };
        let words = [&init[..], &["--validators", &count], &ports, pace, more];
        nodes.ledger(&words.concat())?;
        for number in 0..validators {
            nodes.start_one(number, &[])?;
        }
        nodes.until("the first block", || Ok(nodes.pin_path(0).is_file()))?;
        Ok(nodes)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn node(&self, number: usize) -> PathBuf {
        self.path().join(format!("node{number}"))
    }

    fn pin_path(&self, number: usize) -> PathBuf {
        self.node(number).join("ledger/pin.json")
    }

    pub(crate) fn pin(&self) -> anyhow::Result<Pin> {
        let all = 0..self.running.len();
        let path = all
            .map(|number| self.pin_path(number))
            .find(|path| path.is_file());
        let bytes = std::fs::read(path.context("no pin yet")?)?;
        Ok(Pin::parse(&bytes)?)
    }

    /// `cairn-ledger` with the network's folder after the words.
    pub(crate) fn command(&self, words: &[&str]) -> anyhow::Result<Command> {
        let mut command = self.programs.command("cairn-ledger")?;
        command.arg("--json").args(words).arg(self.path());
        Ok(command)
    }

    pub(crate) fn ledger(&self, words: &[&str]) -> anyhow::Result<Value> {
        let said = succeed(&mut self.command(words)?)?;
        Ok(serde_json::from_str(&said)?)
    }

    /// The name of the refusal of a command that must fail.
    pub(crate) fn refused(&self, words: &[&str]) -> anyhow::Result<String> {
        let output = journeys::finish(&mut self.command(words)?)?;
        if output.status.success() {
            bail!("{words:?} should be refused");
        }
        let said: Value = serde_json::from_slice(&output.stdout)?;
        Ok(said["error"]["kind"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// A wallet in the network's folder.
    pub(crate) fn wallet(&self, words: &[&str]) -> anyhow::Result<Value> {
        let mut command = self.programs.command("cairn")?;
        command.arg("--json").args(words);
        command.arg("--data").arg(self.path().join("wallet"));
        for name in ["CAIRN_PASSPHRASE", "CAIRN_NEW_PASSPHRASE"] {
            command.env(name, "correct horse battery staple");
        }
        Ok(serde_json::from_str(&succeed(&mut command)?)?)
    }

    fn node_command(&self, number: usize) -> anyhow::Result<Command> {
        let mut command = self.programs.command("cairn-ledger")?;
        command.args(["--json", "node"]).arg(self.node(number));
        command.arg("--cometbft").arg(&self.cometbft);
        Ok(command)
    }

    /// Runs a node that will end by itself, and gives the name of why it did.
    pub(crate) fn run_to_its_end(&self, number: usize) -> anyhow::Result<String> {
        let output = journeys::finish(&mut self.node_command(number)?)?;
        let said = String::from_utf8(output.stdout)?;
        let last = said.lines().last().context("it said nothing")?;
        let last: Value = serde_json::from_str(last)?;
        let kind = last["error"]["kind"].as_str();
        Ok(kind.unwrap_or_default().to_owned())
    }

    pub(crate) fn start_one(&mut self, number: usize, more: &[&str]) -> anyhow::Result<()> {
        let mut command = self.node_command(number)?;
        command.args(more);
        if self.running.len() <= number {
            self.running.resize_with(number + 1, || None);
        }
        self.running[number] = Some(Running::start(&mut command)?);
        Ok(())
    }

    /// Kills a node at once, and waits until CometBFT beside it has ended too: its port is closed
    /// before its databases are.
    pub(crate) fn kill(&mut self, number: usize) -> anyhow::Result<()> {
        let home = self.node(number).join("cometbft");
        if !runs_in(&home)? {
            bail!("no program runs in {}", home.display());
        }
        self.running[number] = None;
        self.until("the end of a node", || Ok(!runs_in(&home)?))
    }

    pub(crate) fn rpc(&self, number: usize) -> anyhow::Result<Url> {
        let settings = std::fs::read(self.node(number).join("node.json"))?;
        let settings: Value = serde_json::from_slice(&settings)?;
        Ok(Url::parse(settings["rpc"].as_str().context("no rpc")?)?)
    }

    /// What the page of a running node shows.
    pub(crate) async fn page(&self, number: usize) -> anyhow::Result<Value> {
        let mut command = self.programs.command("cairn-ledger")?;
        let served = Running::start(command.args(["--json", "serve"]).arg(self.node(number)))?;
        get(&format!("{}/trail.json", served.url())).await
    }

    /// The first block that a node has.
    pub(crate) async fn first_block(&self, number: usize) -> anyhow::Result<u64> {
        let status = get(self.rpc(number)?.join("status")?.as_str()).await?;
        let first = &status["result"]["sync_info"]["earliest_block_height"];
        Ok(first.as_str().context("no first block")?.parse()?)
    }

    /// What a node alone has when it has so much, as one sees it who trusts that node's own pin.
    pub(crate) async fn known_by(&self, number: usize, size: u64) -> anyhow::Result<Replica> {
        self.until("a block of a node", || Ok(self.pin_path(number).is_file()))?;
        let pin = Pin::parse(&std::fs::read(self.pin_path(number))?)?;
        self.follow_to(number, pin, size).await
    }

    /// Waits for something, and no longer than is reasonable.
    pub(crate) fn until(
        &self,
        what: &str,
        done: impl Fn() -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if done()? {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("waited {} s for {what}", PATIENCE.as_secs())
    }

    /// A new replica, from these nodes alone.
    pub(crate) async fn follow(&mut self, numbers: &[usize]) -> anyhow::Result<Replica> {
        self.replicas += 1;
        let folder = self.path().join(format!("follower{}", self.replicas));
        let mut stored = StoredReplica::open(folder, self.pin()?)?;
        stored.sync(&self.source(numbers)?, now()).await?;
        Ok(stored.replica().clone())
    }

    pub(crate) fn source(&self, numbers: &[usize]) -> anyhow::Result<CometSource> {
        let nodes: Vec<Url> = numbers
            .iter()
            .map(|number| self.rpc(*number))
            .collect::<Result<_, _>>()?;
        Ok(CometSource::new(http()?, &nodes)?)
    }

    /// Follows and writes through all nodes.
    pub(crate) async fn writer(&self) -> anyhow::Result<CometWriter> {
        let nodes: Vec<Url> = (0..self.running.len())
            .map(|number| self.rpc(number))
            .collect::<Result<_, _>>()?;
        let folder = self.path().join("writer");
        Ok(CometWriter::open(http()?, &nodes, self.pin()?, folder, now()).await?)
    }

    /// Waits until a node, by itself, has a log of this size.
    pub(crate) async fn wait_for(&self, number: usize, size: u64) -> anyhow::Result<()> {
        self.follow_to(number, self.pin()?, size).await.map(|_| ())
    }

    async fn follow_to(&self, number: usize, pin: Pin, size: u64) -> anyhow::Result<Replica> {
        let begun = Instant::now();
        let empty = Replica::new(pin);
        let mut last = String::new();
        while begun.elapsed() < PATIENCE {
            match self.source(&[number])?.update(&empty).await {
                Ok(update) => {
                    let known = ledger::advance(&empty, &update, now())?;
                    if known.size() >= size {
                        return Ok(known);
                    }
                    last = format!("{} entries", known.size());
                }
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("node {number} did not come to {size} entries: {last}")
    }
}

/// Whether a program runs that was given this folder.
fn runs_in(folder: &Path) -> anyhow::Result<bool> {
    let named = folder.as_os_str().as_encoded_bytes();
    for process in std::fs::read_dir("/proc").context("which programs run")? {
        // One that ends meanwhile has none; nor has one that ended and was not waited for.
        let words = std::fs::read(process?.path().join("cmdline")).unwrap_or_default();
        if words
            .split(|byte| *byte == 0)
            .any(|word| word.ends_with(named))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn get(url: &str) -> anyhow::Result<Value> {
    let request = net::Request::get(Url::parse(url)?).limit(1 << 20);
    Ok(serde_json::from_slice(&http()?.send(request).await?.body)?)
}

fn http() -> anyhow::Result<Arc<dyn net::Http>> {
    Ok(Arc::new(Client::new(Policy { demo: true })?))
}

pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
