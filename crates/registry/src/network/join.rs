//! `network join`: the folder of one more node.

use std::collections::BTreeSet;

use keys::SigningKey;
use serde_json::json;
use url::Url;

use super::args::NetworkJoin;
use super::config::{self, Member, StateSync};
use super::listing::{Listed, is_host, is_name};
use super::{LISTING, LOOPBACK, PORT, free_port, read_listing};
use crate::custody;
use crate::failure::Failure;
use crate::node::Settings;
use crate::output;
use crate::writer::Network;

pub(super) fn join(args: &NetworkJoin, as_json: bool) -> Result<(), Failure> {
    let usage = |why: &str| Failure::failed("usage", why);
    let name = &args.name;
    if !is_name(name) {
        return Err(usage("a node's name has letters and digits only"));
    }
    let mut network = read_listing(&args.dir)?;
    let peers: Vec<&str> = network.nodes.iter().map(|node| &*node.peer).collect();
    let peers = peers.join(",");
    let mut genesis = None;
    for node in &network.nodes {
        let folder = args.dir.join(&node.name);
        let file = folder.join("cometbft/config/genesis.json");
        if genesis.is_none() && file.is_file() {
            genesis = Some(custody::read(&file)?);
        }
    }
    let genesis = genesis.ok_or_else(|| {
        Failure::failed("no_node", "none of the network's nodes has a folder here")
    })?;
    let sync = if args.state_sync {
        Some(state_sync(args, &network.nodes, &network.ledger)?)
    } else {
        None
    };
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
    config::write_home(&home, &member, &peers, &genesis, &args.pace, sync.as_ref())?;
    let rpc = format!("http://{LOOPBACK}:{rpc}");
    let settings = Settings {
        ledger: network.ledger.clone(),
        chain: network.chain.clone(),
        rpc: rpc.clone(),
    };
    config::write(&folder.join("node.json"), &settings.to_bytes())?;
    let joined = json!({"name": name, "peer": member.peer(), "rpc": rpc});
    network.nodes.push(Listed {
        name: name.clone(),
        peer: member.peer(),
        rpc,
    });
    custody::write_whole(&args.dir.join(LISTING), &network.to_bytes())?;
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

/// How the new node verifies the header that binds a snapshot: from the pin of the ledger.
fn state_sync(args: &NetworkJoin, nodes: &[Listed], ledger: &str) -> Result<StateSync, Failure> {
    let usage = |why: &str| Failure::failed("usage", why);
    let network = Network::find(&args.dir, &args.rpc)?;
    let missing = || Failure::failed("no_pin", "the folder holds no pin of the network");
    let network = network.ok_or_else(missing)?;
    if network.pin().ledger() != ledger {
        return Err(Failure::refused(
            "wrong_pin",
            "the pin is of another ledger",
        ));
    }
    let pin = network.pin().network().cloned().ok_or_else(missing)?;
    let rpc = if args.rpc.is_empty() {
        let here = format!("@{LOOPBACK}:");
        let local = nodes.iter().filter(|node| node.peer.contains(&here));
        let local = local.filter_map(|node| Url::parse(&node.rpc).ok());
        local
            .filter(|rpc| rpc.host_str() == Some(LOOPBACK))
            .collect()
    } else {
        args.rpc.clone()
    };
    let plain = |url: &Url| {
        let web = matches!(url.scheme(), "http" | "https") && url.has_host();
        let bare = url.query().is_none() && url.fragment().is_none();
        web && bare && !url.as_str().contains([',', '"', '\\'])
    };
    if !rpc.iter().all(plain) {
        return Err(usage("an RPC is an http:// or https:// address"));
    }
    if rpc.len() < 2 {
        return Err(usage(
            "name at least two nodes with --rpc: what one says of a header, another confirms",
        ));
    }
    let several: BTreeSet<_> = rpc.iter().map(place).collect();
    if several.len() < rpc.len() {
        return Err(usage(
            "the same node is named twice: what one says of a header, another has to confirm; \
             name two different nodes with --rpc",
        ));
    }
    Ok(StateSync { rpc, pin })
}

/// Where a node answers: URLs that differ in nothing else are of the same one.
fn place(url: &Url) -> (&str, Option<u16>, &str) {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    (
        host,
        url.port_or_known_default(),
        url.path().trim_end_matches('/'),
    )
}

#[cfg(test)]
mod tests {
    use ledger::Pin;
    use ledger::comet::{NetworkPin, TRUSTING_PERIOD};

    use super::super::args::Pace;
    use super::*;

    const PEER: &str = "00112233445566778899aabbccddeeff00112233@body.example:26656";

    const PACE: Pace = Pace {
        commit_ms: 1000,
        empty_seconds: 60,
    };

    /// What is written about snapshots by one who asks these nodes, with this pin.
    fn synced(rpc: &[&str], pin: Option<&Pin>) -> Result<String, Failure> {
        let folder = tempfile::tempdir().unwrap();
        if let Some(pin) = pin {
            std::fs::write(folder.path().join("pin.json"), pin.to_bytes()).unwrap();
        }
        let args = NetworkJoin {
            dir: folder.path().to_owned(),
            name: "mine".to_owned(),
            host: None,
            port: None,
            state_sync: true,
            rpc: rpc.iter().map(|url| Url::parse(url).unwrap()).collect(),
            pace: PACE,
        };
        let settings = Settings {
            ledger: ledger(),
            chain: String::new(),
            rpc: "http://127.0.0.1:1".to_owned(),
        };
        std::fs::write(folder.path().join("node.json"), settings.to_bytes()).unwrap();
        let elsewhere = Listed {
            name: "node0".to_owned(),
            peer: PEER.to_owned(),
            rpc: "http://127.0.0.1:1".to_owned(),
        };
        let nodes = [elsewhere.clone(), elsewhere];
        Ok(state_sync(&args, &nodes, &ledger())?.section())
    }

    fn ledger() -> String {
        keys::b64::encode([5; 32])
    }

    fn pin(ledger: &str) -> Pin {
        let chain = crate::network::chain_id(ledger);
        let network = NetworkPin::new(&chain, 7, [0xab; 32], TRUSTING_PERIOD).unwrap();
        Pin::of_network(ledger, "Test", network).unwrap()
    }

    #[test]
    fn a_snapshots_header_is_verified_from_the_ledgers_own_pin() {
        let two = ["https://a.example/", "https://b.example/rpc"];
        let own = pin(&ledger());
        let section = synced(&two, Some(&own)).unwrap();
        let hash = "AB".repeat(32);
        for line in [
            "rpc_servers = \"https://a.example,https://b.example/rpc\"",
            "trust_height = 7",
            &format!("trust_hash = \"{hash}\""),
            "trust_period = \"7776000s\"",
        ] {
            assert!(section.lines().any(|one| one == line), "{line}: {section}");
        }
        let refused = |rpc: &[&str], pin| synced(rpc, pin).unwrap_err().kind();
        assert_eq!(refused(&two[..1], Some(&own)), "usage");
        for other in [
            "ftp://c.example",
            "https://c.example/?a",
            "https://c.example/#a",
            "https://c.example/a,b",
        ] {
            assert_eq!(refused(&[two[0], other], Some(&own)), "usage", "{other}");
        }
        for same in [
            two[1],
            "https://B.example:443/rpc/",
            "https://someone@b.example./rpc",
            "http://b.example:443/rpc",
        ] {
            let error = synced(&[two[0], two[1], same], Some(&own)).unwrap_err();
            assert!(error.to_string().contains("named twice"), "{same}: {error}");
        }
        for other in ["https://b.example/other", "https://b.example:444/rpc"] {
            assert!(synced(&[two[1], other], Some(&own)).is_ok(), "{other}");
        }
        assert_eq!(refused(&two, None), "no_pin");
        let other = pin(&keys::b64::encode([6; 32]));
        assert_eq!(refused(&two, Some(&other)), "wrong_pin");
        // The nodes of the file are on other computers, whatever it says of their RPC.
        assert_eq!(refused(&[], Some(&own)), "usage");
    }

    /// Joins a network of one node, which its file describes so.
    fn join_beside(name: &str, peer: &str) -> Result<String, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("network");
        for node in [dir.join("node0"), folder.path().join("outside")] {
            std::fs::create_dir_all(node.join("cometbft/config")).unwrap();
            std::fs::write(node.join("cometbft/config/genesis.json"), "{}").unwrap();
        }
        let network = json!({
            "version": 1,
            "ledger": "l",
            "chain": "c",
            "nodes": [{"name": name, "peer": peer, "rpc": "http://127.0.0.1:1"}],
        });
        std::fs::write(dir.join("network.json"), network.to_string()).unwrap();
        let args = NetworkJoin {
            dir: dir.clone(),
            name: "mine".to_owned(),
            host: Some("mine.example".to_owned()),
            port: Some(26656),
            state_sync: false,
            rpc: Vec::new(),
            pace: PACE,
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
