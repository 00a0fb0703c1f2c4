//! Four validators on this machine: events a second, from the first submission until a replica has
//! checked the last; what a wallet receives; how a node's folder grows while nothing happens.
//! `./test --bench-network` installs CometBFT and runs this.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use keys::{SigningKey, b64};
use ledger::comet::{CometSource, CometWriter};
use ledger::event::{
    ATTESTED, Accredit, Action, ControlKey, Event, GOVERNANCE, KeyEntry, Names, RegisterIssuer,
};
use ledger::{LedgerSource as _, LedgerWriter as _, Registry, Replica, SignedEvent, canonical};
use net::{Client, Http, HttpError, Policy, Request, Response};
use serde_json::json;
use url::Url;

#[path = "../tests/network/nodes.rs"]
#[allow(
    dead_code,
    clippy::indexing_slicing,
    reason = "it is the tests', and has more than is used here"
)]
mod nodes;

use nodes::{Nodes, PATIENCE, now};

const VALIDATORS: usize = 4;
/// Events of each accreditor; there are as many accreditors as validators, each with its node.
const EVENTS: u64 = 1000;
/// Blocks without an event by which growth is measured; one comes each second.
const EMPTY_BLOCKS: u64 = 240;
/// What consensus writes down before it speaks.
const JOURNAL: &str = "cs.wal";

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let governance = SigningKey::make_ed25519();
    let file = folder.path().join("governance.pem");
    let pem = governance.to_pem().map_err(|_| anyhow::anyhow!("no PEM"))?;
    std::fs::write(&file, pem.as_bytes())?;
    let file = file.to_str().context("a path that is no text")?;
    let nodes = Nodes::start(VALIDATORS, &["--key", file, "--empty-seconds", "1"])?;
    let mut writer = nodes.writer().await?;
    events_a_second(&nodes, &mut writer, &governance).await?;
    received(&nodes, &mut writer, &governance).await?;
    growth(&nodes).await
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}

async fn events_a_second(
    nodes: &Nodes,
    writer: &mut CometWriter,
    governance: &SigningKey,
) -> Result<()> {
    let mut work = Vec::new();
    for number in 0..VALIDATORS {
        let control = SigningKey::make_ed25519();
        let id = format!("https://accreditor-{number}.example");
        let action = accredit(&id, &control);
        let accredited = event(writer.registry(), GOVERNANCE, 0, action);
        let signed = SignedEvent::sign(&accredited, &[governance])?;
        writer.submit(signed, now()).await?;
        let events: Vec<Vec<u8>> = (0..EVENTS)
            .map(|ahead| {
                let issuer = format!("https://issuer-{number}-{ahead}.example");
                let registered = event(writer.registry(), &id, ahead, register(&issuer));
                let signed = SignedEvent::sign(&registered, &[&control])?;
                Ok(canonical::value_to_bytes(signed.to_value())?)
            })
            .collect::<Result<_>>()?;
        work.push((nodes.rpc(number)?, events));
    }
    let before = writer.registry().size();
    let all = EVENTS * VALIDATORS as u64;
    let begun = Instant::now();
    let submitting = work.into_iter().map(|(rpc, events)| {
        tokio::spawn(async move {
            let client = Client::new(Policy { demo: true })?;
            for event in events {
                let call = json!({
                    "jsonrpc": "2.0", "id": 1, "method": "broadcast_tx_sync",
                    "params": {"tx": b64::encode_standard(event)},
                });
                let answer = client.send(Request::post_json(rpc.clone(), &call)).await?;
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                ensure!(text.contains("\"code\":0"), "refused: {text}");
            }
            Ok(())
        })
    });
    let submitting: Vec<_> = submitting.collect();
    for one in submitting {
        one.await??;
    }
    let submitted = begun.elapsed();
    while writer.registry().size() < before + all {
        ensure!(begun.elapsed() < 10 * PATIENCE, "not all events came");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        writer.sync(now()).await?;
    }
    let taken = begun.elapsed().as_secs_f64();
    let each = f64::from(u32::try_from(all)?) / taken;
    say(&format!(
        "{all} events through {VALIDATORS} validators in {taken:.1} s: {each:.0} a second \
         (submitted in {:.1} s)",
        submitted.as_secs_f64()
    ))
}

/// A client that counts what it receives.
struct Counted {
    client: Client,
    requests: AtomicUsize,
    bytes: AtomicUsize,
}

#[async_trait]
impl Http for Counted {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let response = self.client.send(request).await?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(response.body.len(), Ordering::Relaxed);
        Ok(response)
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        self.client.allows(url)
    }
}

/// What a wallet that asks one node receives: first all, then a newer header, then one event.
async fn received(nodes: &Nodes, writer: &mut CometWriter, governance: &SigningKey) -> Result<()> {
    let counted = Arc::new(Counted {
        client: Client::new(Policy { demo: true })?,
        requests: AtomicUsize::new(0),
        bytes: AtomicUsize::new(0),
    });
    let source = CometSource::new(counted.clone(), &[nodes.rpc(0)?])?;
    let follow = async |replica: &Replica, what: &str| -> Result<Replica> {
        let update = source.update(replica).await?;
        let next = ledger::advance(replica, &update, now())?;
        let requests = counted.requests.swap(0, Ordering::Relaxed);
        let bytes = counted.bytes.swap(0, Ordering::Relaxed);
        let entries = next.size() - replica.size();
        say(&format!(
            "{what}: {entries} entries, {requests} requests, {bytes} bytes received, \
             headers kept: {} bytes",
            next.note().len()
        ))?;
        Ok(next)
    };
    let replica = follow(&Replica::new(nodes.pin()?), "the first sync").await?;
    let replica = later(&replica, &follow, "a newer header").await?;
    let control = SigningKey::make_ed25519();
    let action = accredit("https://one-more.example", &control);
    let one = event(writer.registry(), GOVERNANCE, 0, action);
    let one = SignedEvent::sign(&one, &[governance])?;
    let bytes = canonical::value_to_bytes(one.to_value())?.len();
    writer.submit(one, now()).await?;
    say(&format!("an event of {bytes} bytes was written"))?;
    later(&replica, &follow, "one event more").await?;
    Ok(())
}

/// Follows again once there is a newer block.
async fn later(
    replica: &Replica,
    follow: &impl AsyncFn(&Replica, &str) -> Result<Replica>,
    what: &str,
) -> Result<Replica> {
    tokio::time::sleep(Duration::from_secs(3)).await;
    follow(replica, what).await
}

/// How the folder of a node grows by blocks without events.
async fn growth(nodes: &Nodes) -> Result<()> {
    let folder = nodes.node(0);
    let (from, before) = (height(nodes)?, parts(&folder)?);
    let begun = Instant::now();
    while height(nodes)? < from + EMPTY_BLOCKS {
        let patience = Duration::from_secs(4 * EMPTY_BLOCKS);
        ensure!(begun.elapsed() < patience, "the network stopped");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let (to, after) = (height(nodes)?, parts(&folder)?);
    let blocks = to - from;
    say(&format!(
        "{blocks} blocks without events, in bytes a block:"
    ))?;
    let mut kept = 0;
    for (name, bytes) in after {
        let known = before.iter().find(|(known, _)| *known == name);
        let grown = bytes.saturating_sub(known.map_or(0, |(_, bytes)| *bytes));
        // CometBFT drops the oldest of its journal.
        if name != JOURNAL {
            kept += grown;
        }
        if grown > 0 {
            say(&format!("  {name}: {}", grown / blocks))?;
        }
    }
    let year = kept / blocks * 525_960 / 1_000_000;
    say(&format!(
        "  all but {JOURNAL}: {}; with a block each minute {year} MB a year",
        kept / blocks
    ))
}

/// The height of the last block that node 0 has on disk.
fn height(nodes: &Nodes) -> Result<u64> {
    let state = std::fs::read(nodes.node(0).join("ledger/chain.json"))?;
    let state: serde_json::Value = serde_json::from_slice(&state)?;
    let height = state.get("height").and_then(serde_json::Value::as_u64);
    height.context("no height")
}

/// Bytes below each folder of a node that holds data.
fn parts(folder: &Path) -> Result<Vec<(String, u64)>> {
    let mut parts = vec![("ledger".to_owned(), below(&folder.join("ledger"))?)];
    for entry in std::fs::read_dir(folder.join("cometbft/data"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        parts.push((name, below(&entry.path())?));
    }
    parts.sort();
    Ok(parts)
}

fn below(path: &Path) -> Result<u64> {
    // A database may remove a file while it is looked at.
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(0);
    };
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    let mut sum = 0;
    for entry in std::fs::read_dir(path)? {
        sum += below(&entry?.path())?;
    }
    Ok(sum)
}

fn event(registry: &Registry, signer: &str, ahead: u64, action: Action) -> Event {
    Event {
        ledger: Some(registry.ledger().to_owned()),
        signer: signer.to_owned(),
        sequence: registry.next_sequence(signer) + ahead,
        submit_before: now() + 3600,
        action,
    }
}

fn names() -> Names {
    Names::from([("en".to_owned(), "A body".to_owned())])
}

fn accredit(id: &str, control: &SigningKey) -> Action {
    Action::Accredit(Accredit {
        id: id.to_owned(),
        names: names(),
        control_keys: vec![ControlKey {
            jwk: control.public().to_jwk(),
            possession: ATTESTED.to_owned(),
        }],
        types: vec!["*".to_owned()],
        until: now() + 365 * 86_400,
    })
}

fn register(id: &str) -> Action {
    Action::RegisterIssuer(RegisterIssuer {
        id: id.to_owned(),
        names: names(),
        jurisdiction: None,
        control_keys: Vec::new(),
        keys: vec![KeyEntry {
            jwk: Some(SigningKey::make_p256().public().to_jwk()),
            x509: None,
            ca: false,
            san: None,
            source: None,
            possession: ATTESTED.to_owned(),
        }],
        types: vec!["urn:example:type:1".to_owned()],
        until: None,
        status_lists: Vec::new(),
    })
}
