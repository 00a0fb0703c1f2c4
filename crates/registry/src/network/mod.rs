//! `network`: the folders of a network's nodes, and who of them validates.

pub(crate) mod args;
mod config;
mod join;
mod listing;

use std::net::TcpListener;
use std::path::Path;

use keys::{SigningKey, b64};

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
pub(crate) use listing::Listing;
use listing::{Listed, is_host};

/// The port that CometBFT has for its peers unless told otherwise; the RPC has the next one.
const PORT: u16 = 26656;
/// Between the ports of two validators on one computer.
const PORTS_APART: u16 = 10;
const LOOPBACK: &str = "127.0.0.1";
/// In a network's folder: which ledger it keeps, and its nodes.
const LISTING: &str = "network.json";

pub(crate) fn run(command: &NetworkCommand, as_json: bool) -> Result<(), Failure> {
    match command {
        NetworkCommand::Init(args) => init(args, as_json),
        NetworkCommand::Join(args) => join::join(args, as_json),
    }
}

fn init(args: &NetworkInit, as_json: bool) -> Result<(), Failure> {
    if args.dir.join(LISTING).exists() || args.dir.join("pin.json").exists() {
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
        nodes.push(Listed {
            name: member.name.clone(),
            peer: member.peer(),
            rpc,
        });
    }
    let network = Listing::new(ledger, chain, nodes);
    config::write(&args.dir.join(LISTING), &network.to_bytes())?;
    report(&args.dir, as_json, &network);
    Ok(())
}

/// The listing of a network's folder.
pub(crate) fn read_listing(dir: &Path) -> Result<Listing, Failure> {
    let malformed = || Failure::failed("no_node", "network.json is not one of this version");
    Listing::parse(&custody::read(&dir.join(LISTING))?).ok_or_else(malformed)
}

/// True where the folder is a network's.
pub(crate) fn is_listed(dir: &Path) -> bool {
    dir.join(LISTING).is_file()
}

fn report(dir: &Path, as_json: bool, network: &Listing) {
    let count = network.nodes.len();
    let text = format!(
        "A network of {count} validators in {dir}.\n\
         Start each with `cairn-ledger node {dir}/node0` (node1 …); give every body its own \
         folder and destroy your copy of it.\n\
         Back up {dir}/keys: whoever has these keys can accredit.",
        dir = dir.display(),
    );
    let network = serde_json::to_value(network).unwrap_or_default();
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
