//! Events a second through four validators on this machine, from the first submission until a
//! replica has checked the last. `./test --bench-network` installs CometBFT and runs this.

use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use keys::{SigningKey, b64};
use ledger::event::{
    ATTESTED, Accredit, Action, ControlKey, Event, GOVERNANCE, KeyEntry, Names, RegisterIssuer,
};
use ledger::{LedgerWriter as _, Registry, SignedEvent, canonical};
use net::{Client, Http as _, Policy, Request};
use serde_json::json;

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

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let governance = SigningKey::make_ed25519();
    let file = folder.path().join("governance.pem");
    let pem = governance.to_pem().map_err(|_| anyhow::anyhow!("no PEM"))?;
    std::fs::write(&file, pem.as_bytes())?;
    let file = file.to_str().context("a path that is no text")?;
    let nodes = Nodes::start(VALIDATORS, &["--key", file])?;
    let mut writer = nodes.writer().await?;
    let mut work = Vec::new();
    for number in 0..VALIDATORS {
        let control = SigningKey::make_ed25519();
        let id = format!("https://accreditor-{number}.example");
        let action = accredit(&id, &control);
        let accredited = event(writer.registry(), GOVERNANCE, 0, action);
        let signed = SignedEvent::sign(&accredited, &[&governance])?;
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
    writeln!(
        std::io::stdout().lock(),
        "{all} events through {VALIDATORS} validators in {taken:.1} s: {each:.0} a second \
         (submitted in {:.1} s)",
        submitted.as_secs_f64()
    )?;
    Ok(())
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
