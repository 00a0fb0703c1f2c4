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
    if !is_name(name) {
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
        // The file may be another body's: its words come into a path and into CometBFT's
        // configuration.
        let (peer, name) = (text(node, "peer")?, text(node, "name")?);
        if !is_peer(&peer) || !is_name(&name) {
            return Err(malformed());
        }
        peers.push(peer);
        let folder = args.dir.join(name);
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

fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    !text.is_empty() && text.len() <= 40 && plain
}

/// `ID@HOST:PORT`, as [`Member::peer`] writes it.
fn is_peer(text: &str) -> bool {
    let parts = text.split_once('@').and_then(|(id, rest)| {
        let (host, port) = rest.rsplit_once(':')?;
        Some((id, host, port))
    });
    parts.is_some_and(|(id, host, port)| {
        let digits = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        id.len() == 40 && digits && is_host(host) && port.parse::<u16>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::super::args::Pace;
    use super::*;

    const PEER: &str = "00112233445566778899aabbccddeeff00112233@body.example:26656";

    /// Joins a network of one node, which its file describes so.
    fn join_beside(name: &str, peer: &str) -> Result<String, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("network");
        for node in [dir.join("node0"), folder.path().join("outside")] {
            std::fs::create_dir_all(node.join("cometbft/config")).unwrap();
            std::fs::write(node.join("cometbft/config/genesis.json"), "{}").unwrap();
        }
        let network = json!({
            "ledger": "l",
            "chain": "c",
            "nodes": [{"name": name, "peer": peer}],
        });
        std::fs::write(dir.join("network.json"), network.to_string()).unwrap();
        let args = NetworkJoin {
            dir: dir.clone(),
            name: "mine".to_owned(),
            host: Some("mine.example".to_owned()),
            port: Some(26656),
            pace: Pace {
                commit_ms: 1000,
                empty_seconds: 60,
            },
        };
        join(&args, true)?;
        let config = dir.join("mine/cometbft/config/config.toml");
        Ok(std::fs::read_to_string(config).unwrap())
    }

    #[test]
    fn a_network_is_joined_by_its_file() {
        let config = join_beside("node0", PEER).unwrap();
        assert!(config.contains(&format!("persistent_peers = \"{PEER}\"\n")));
    }

    #[test]
    fn the_words_of_a_file_become_no_configuration_and_no_path() {
        let (id, _) = PEER.split_once('@').unwrap();
        let more = format!("{PEER}\"\n[rpc]\nunsafe = true\nladdr = \"tcp://0.0.0.0:1");
        let hosts = ["", "h:1", "@h:1", "00@h:1"].map(str::to_owned);
        let ports = ["h", "h:", "h:65536", "h:1,x", "h\":1"].map(|rest| format!("{id}@{rest}"));
        for peer in hosts.iter().chain(&ports).chain([&more]) {
            let refused = join_beside("node0", peer).unwrap_err();
            assert_eq!(refused.kind(), "no_node", "{peer}");
        }
        for name in ["../outside", "", "/", "node0/../node0"] {
            let refused = join_beside(name, PEER).unwrap_err();
            assert_eq!(refused.kind(), "no_node", "{name}");
        }
    }
}
