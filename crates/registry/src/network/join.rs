//! `network join`: the folder of one more node.

use keys::{SigningKey, json};
use serde_json::{Value, json};

use super::args::NetworkJoin;
use super::config::{self, Member};
use super::{LOOPBACK, PORT, free_port, is_host};
use crate::custody;
use crate::failure::Failure;
use crate::node::Settings;
use crate::output;

pub(super) fn join(args: &NetworkJoin, as_json: bool) -> Result<(), Failure> {
    let malformed = || Failure::failed("no_node", "network.json is not one of this version");
    let usage = |why: &str| Failure::failed("usage", why);
    let name = &args.name;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if name.is_empty() || name.len() > 40 || !plain {
        return Err(usage("a node's name has letters and digits only"));
    }
    let path = args.dir.join("network.json");
    let mut network = json::parse(&custody::read(&path)?).map_err(|_| malformed())?;
    let text = |value: &Value, member: &str| {
        let text = value.get(member).and_then(Value::as_str);
        text.map(str::to_owned).ok_or_else(malformed)
    };
    let (ledger, chain) = (text(&network, "ledger")?, text(&network, "chain")?);
    let nodes = network.get_mut("nodes").and_then(Value::as_array_mut);
    let nodes = nodes.ok_or_else(malformed)?;
    let mut peers = Vec::new();
    let mut genesis = None;
    for node in nodes.iter() {
        peers.push(text(node, "peer")?);
        let folder = args.dir.join(text(node, "name")?);
        let file = folder.join("cometbft/config/genesis.json");
        if genesis.is_none() && file.is_file() {
            genesis = Some(custody::read(&file)?);
        }
    }
    let genesis = genesis.ok_or_else(|| {
        Failure::failed("no_node", "none of the network's nodes has a folder here")
    })?;
    if args.host.as_ref().is_some_and(|host| !is_host(host)) {
        return Err(usage("a host is a name or an address, without a port"));
    }
    let mut held = Vec::new();
    let (p2p, rpc) = match (&args.host, args.port) {
        (None, None) => (free_port(&mut held)?, free_port(&mut held)?),
        (_, port) => {
            let port = port.unwrap_or(PORT);
            (
                port,
                port.checked_add(1).ok_or_else(|| usage("no such port"))?,
            )
        }
    };
    let member = Member {
        name: name.clone(),
        validator: SigningKey::make_ed25519(),
        node: SigningKey::make_ed25519(),
        host: args.host.clone().unwrap_or_else(|| LOOPBACK.to_owned()),
        p2p,
        rpc,
    };
    let folder = args.dir.join(name);
    let home = folder.join("cometbft");
    config::write_home(&home, &member, &peers.join(","), &genesis, &args.pace)?;
    let rpc = format!("http://{LOOPBACK}:{rpc}");
    let settings = Settings {
        ledger,
        chain,
        rpc: rpc.clone(),
    };
    config::write(&folder.join("node.json"), &settings.to_bytes())?;
    let joined = json!({"name": name, "peer": member.peer(), "rpc": rpc});
    nodes.push(joined.clone());
    custody::write_whole(&path, network.to_string().as_bytes())?;
    let key = home.join("config/priv_validator_key.json");
    output::result(
        as_json,
        &joined,
        format_args!(
            "A node in {folder}. Start it with `cairn-ledger node {folder}`, wait until it has \
             caught up, and then let it validate: `cairn-ledger validator add {dir} --name NAME \
             --validator {key}`.",
            folder = folder.display(),
            dir = args.dir.display(),
            key = key.display(),
        ),
    );
    Ok(())
}
