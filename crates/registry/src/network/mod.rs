//! `network`: the folders of a network's nodes, and who of them validates.

pub(crate) mod args;
mod config;
mod join;

use std::net::TcpListener;
use std::path::Path;

use keys::{SigningKey, b64};
use serde_json::{Value, json};

use crate::actions::Deed;
use crate::commands::genesis_event;
use crate::custody;
use crate::dates;
use crate::failure::Failure;
use crate::node::Settings;
use crate::output;
use args::{NetworkCommand, NetworkInit, ValidatorCommand};
use config::Member;
pub(crate) use config::write_signed_state;
use ledger::Registry;
use ledger::event::{Action, GOVERNANCE, Validator};

/// The port that CometBFT has for its peers unless told otherwise; the RPC has the next one.
const PORT: u16 = 26656;
/// Between the ports of two validators on one computer.
const PORTS_APART: u16 = 10;
const LOOPBACK: &str = "127.0.0.1";

pub(crate) fn run(command: &NetworkCommand, as_json: bool) -> Result<(), Failure> {
    match command {
        NetworkCommand::Init(args) => init(args, as_json),
        NetworkCommand::Join(args) => join::join(args, as_json),
    }
}

fn init(args: &NetworkInit, as_json: bool) -> Result<(), Failure> {
    if args.dir.join("network.json").exists() || args.dir.join("pin.json").exists() {
        return Err(ledger::LogError::Exists.into());
    }
    let members = members(args)?;
    let governance = match &args.key {
        Some(file) => custody::read_secret(file)?,
        None => SigningKey::make_ed25519(),
    };
    let now = dates::now();
    let validators = members.iter().map(Member::on_ledger).collect();
    let event = genesis_event(&args.name, args.demo, &governance, validators, now)?;
    let ledger = event.payload_digest();
    let chain = chain_id(&ledger);
    let genesis = config::genesis(&chain, &dates::show(now), &event, &members);
    if args.key.is_none() {
        custody::write_key(&custody::control_path(&args.dir, GOVERNANCE), &governance)?;
    }
    let mut nodes = Vec::new();
    for member in &members {
        let folder = args.dir.join(&member.name);
        let others: Vec<String> = members
            .iter()
            .filter(|other| other.name != member.name)
            .map(Member::peer)
            .collect();
        config::write_home(
            &folder.join("cometbft"),
            member,
            &others.join(","),
            &genesis,
            &args.pace,
            None,
        )?;
        let rpc = format!("http://{LOOPBACK}:{}", member.rpc);
        let settings = Settings {
            ledger: ledger.clone(),
            chain: chain.clone(),
            rpc: rpc.clone(),
        };
        config::write(&folder.join("node.json"), &settings.to_bytes())?;
        nodes.push(json!({"name": member.name, "peer": member.peer(), "rpc": rpc}));
    }
    let network = json!({"version": 1, "ledger": ledger, "chain": chain, "nodes": nodes});
    config::write(
        &args.dir.join("network.json"),
        network.to_string().as_bytes(),
    )?;
    report(&args.dir, as_json, network);
    Ok(())
}

fn report(dir: &Path, as_json: bool, network: Value) {
    let count = network
        .get("nodes")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let text = format!(
        "A network of {count} validators in {dir}.\n\
         Start each with `cairn-ledger node {dir}/node0` (node1 …); give every body its own \
         folder and destroy your copy of it.\n\
         Back up {dir}/keys: whoever has these keys can accredit.",
        dir = dir.display(),
    );
    output::result(as_json, &network, text);
}

fn members(args: &NetworkInit) -> Result<Vec<Member>, Failure> {
    let usage = |why: &str| Failure::failed("usage", why);
    let count = usize::from(args.validators);
    if !args.host.is_empty() && args.host.len() != count {
        return Err(usage("name one --host for each validator, or none"));
    }
    if !args.host.iter().all(|host| is_host(host)) {
        return Err(usage("a host is a name or an address, without a port"));
    }
    let mut held = Vec::new();
    (0..args.validators)
        .map(|number| {
            let host = args.host.get(usize::from(number));
            let (p2p, rpc) = match (host, args.base_port) {
                (Some(_), base) => {
                    let base = base.unwrap_or(PORT);
                    (base, base.saturating_add(1))
                }
                (None, Some(0)) => (free_port(&mut held)?, free_port(&mut held)?),
                (None, base) => {
                    let base = u32::from(base.unwrap_or(PORT));
                    let port = base + u32::from(number) * u32::from(PORTS_APART);
                    let port = u16::try_from(port).map_err(|_| usage("no such port"))?;
                    (
                        port,
                        port.checked_add(1).ok_or_else(|| usage("no such port"))?,
                    )
                }
            };
            Ok(Member {
                name: format!("node{number}"),
                validator: SigningKey::make_ed25519(),
                node: SigningKey::make_ed25519(),
                host: host.map_or(LOOPBACK, String::as_str).to_owned(),
                p2p,
                rpc,
            })
        })
        .collect()
}

fn is_host(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    !text.is_empty() && text.len() <= 253 && text.bytes().all(letter)
}

/// A port that is free now. It is held until all are chosen, so that no two are the same.
fn free_port(held: &mut Vec<TcpListener>) -> Result<u16, Failure> {
    let listener = TcpListener::bind((LOOPBACK, 0))
        .map_err(|error| Failure::failed("listen", error.to_string()))?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::failed("listen", error.to_string()))?;
    held.push(listener);
    Ok(address.port())
}

/// A chain's id names its ledger: a header of one ledger is none of another.
pub(crate) fn chain_id(ledger: &str) -> String {
    let digest = b64::decode(ledger).unwrap_or_default();
    format!(
        "cairn-{}",
        hex::encode(digest.get(..16).unwrap_or_default())
    )
}

/// The change that a command asks governance for.
pub(crate) fn set_validator(
    registry: &Registry,
    command: &ValidatorCommand,
) -> Result<Deed, Failure> {
    let change = command.change();
    let key = config::read_validator_key(&change.validator)?.to_jwk();
    let validator = match command {
        ValidatorCommand::Add(add) => Validator {
            name: add.name.clone(),
            key,
            power: add.power,
        },
        ValidatorCommand::Remove(_) => {
            let known = registry.governance().validators.iter();
            let name = known
                .filter(|one| one.key == key)
                .map(|one| one.name.clone())
                .next_back();
            Validator {
                name: name.unwrap_or_else(|| "unknown".to_owned()),
                key,
                power: 0,
            }
        }
    };
    Ok(Deed::new(GOVERNANCE, Action::SetValidator(validator)))
}
