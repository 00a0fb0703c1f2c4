//! The files that CometBFT v0.38 reads: keys, genesis and configuration.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use keys::{PublicKey, SigningKey, b64};
use ledger::SignedEvent;
use ledger::comet::NetworkPin;
use ledger::event::Validator;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::args::Pace;
use crate::custody;
use crate::failure::Failure;
use crate::node::APP_VERSION;

/// What the signature of each first validator weighs.
const POWER: u64 = 10;
/// The longest block, in bytes.
const MAX_BLOCK: u64 = 4 << 20;
/// How long evidence against a validator may be brought, in nanoseconds: a week.
const EVIDENCE_AGE: u64 = 7 * 24 * 3600 * 1_000_000_000;
const EVIDENCE_BLOCKS: u64 = 100_000;

/// One validator as `network init` makes it.
pub(super) struct Member {
    pub(super) name: String,
    /// Signs blocks.
    pub(super) validator: SigningKey,
    /// Names the node to others.
    pub(super) node: SigningKey,
    pub(super) host: String,
    pub(super) p2p: u16,
    pub(super) rpc: u16,
}

impl Member {
    /// `ID@HOST:PORT`, as others call it.
    pub(super) fn peer(&self) -> String {
        format!("{}@{}:{}", address(&self.node), self.host, self.p2p)
    }

    /// As the ledger names it.
    pub(super) fn on_ledger(&self) -> Validator {
        Validator {
            name: self.name.clone(),
            key: self.validator.public().to_jwk(),
            power: POWER,
        }
    }
}

/// Reads a validator's public key: a JWK, or the file in which CometBFT keeps the key.
pub(super) fn read_validator_key(path: &Path) -> Result<PublicKey, Failure> {
    let refused = || {
        let why = format!("{} holds no Ed25519 key of a validator", path.display());
        Failure::refused("malformed_key", why)
    };
    let bytes = zeroize::Zeroizing::new(custody::read(path)?);
    let value = keys::json::parse(&bytes).map_err(|_| refused())?;
    if let Some(key) = value.get("pub_key") {
        let raw = key.get("value").and_then(Value::as_str);
        let raw = raw.and_then(|text| b64::decode_standard(text).ok());
        let jwk = raw.map(|raw| json!({"kty": "OKP", "crv": "Ed25519", "x": b64::encode(raw)}));
        return PublicKey::from_jwk(&jwk.ok_or_else(refused)?).map_err(|_| refused());
    }
    let mut read = custody::read_keys(path)?.into_iter();
    match (read.next(), read.next()) {
        (Some(key), None) => Ok(key.public),
        _ => Err(refused()),
    }
}

/// The bytes of an Ed25519 public key.
pub(crate) fn raw_key(key: &PublicKey) -> Option<[u8; 32]> {
    match key {
        PublicKey::Ed25519(key) => Some(key.to_bytes()),
        _ => None,
    }
}

/// The first 20 bytes of SHA-256 over the public key, in lower-case hexadecimal digits.
fn address(key: &SigningKey) -> String {
    let raw = raw_key(&key.public()).unwrap_or_default();
    let digest = Sha256::digest(raw);
    hex::encode(digest.get(..20).unwrap_or_default())
}

fn public(key: &SigningKey) -> Value {
    let raw = raw_key(&key.public()).unwrap_or_default();
    json!({"type": "tendermint/PubKeyEd25519", "value": b64::encode_standard(raw)})
}

fn secret(key: &SigningKey) -> Value {
    let mut both = zeroize::Zeroizing::new(key.to_secret_bytes().to_vec());
    both.extend(raw_key(&key.public()).unwrap_or_default());
    json!({"type": "tendermint/PrivKeyEd25519", "value": b64::encode_standard(&*both)})
}

/// The genesis file, the same for every validator.
pub(super) fn genesis(chain: &str, time: &str, event: &SignedEvent, members: &[Member]) -> Vec<u8> {
    let validators: Vec<Value> = members
        .iter()
        .map(|member| {
            json!({
                "address": address(&member.validator).to_uppercase(),
                "pub_key": public(&member.validator),
                "power": POWER.to_string(),
                "name": member.name,
            })
        })
        .collect();
    let genesis = json!({
        "genesis_time": time,
        "chain_id": chain,
        "initial_height": "1",
        "consensus_params": {
            "block": {"max_bytes": MAX_BLOCK.to_string(), "max_gas": "-1"},
            "evidence": {
                "max_age_num_blocks": EVIDENCE_BLOCKS.to_string(),
                "max_age_duration": EVIDENCE_AGE.to_string(),
                "max_bytes": "1048576",
            },
            "validator": {"pub_key_types": ["ed25519"]},
            "version": {"app": APP_VERSION.to_string()},
            "abci": {"vote_extensions_enable_height": "0"},
        },
        "validators": validators,
        "app_hash": "",
        "app_state": event.to_value(),
    });
    genesis.to_string().into_bytes()
}

/// From where a node that begins with a snapshot verifies headers.
pub(super) struct StateSync {
    /// Base URLs of nodes that are asked: at least two.
    pub(super) rpc: Vec<Url>,
    /// What is trusted before anything was read.
    pub(super) pin: NetworkPin,
}

/// Writes the home folder of one validator.
pub(super) fn write_home(
    home: &Path,
    member: &Member,
    peers: &str,
    genesis: &[u8],
    pace: &Pace,
    sync: Option<&StateSync>,
) -> Result<(), Failure> {
    let validator = json!({
        "address": address(&member.validator).to_uppercase(),
        "pub_key": public(&member.validator),
        "priv_key": secret(&member.validator),
    });
    let node = json!({"priv_key": secret(&member.node)});
    let mut config = config(member, peers, pace);
    config.extend(sync.map(StateSync::section));
    write(&home.join("config/config.toml"), config.as_bytes())?;
    write(&home.join("config/genesis.json"), genesis)?;
    write(
        &home.join("config/priv_validator_key.json"),
        validator.to_string().as_bytes(),
    )?;
    write(
        &home.join("config/node_key.json"),
        node.to_string().as_bytes(),
    )?;
    write_signed_state(home)
}

/// What a validator remembers that has signed nothing.
pub(crate) fn write_signed_state(home: &Path) -> Result<(), Failure> {
    let signed = json!({"height": "0", "round": 0, "step": 0}).to_string();
    let path = home.join("data/priv_validator_state.json");
    write(&path, signed.as_bytes())
}

/// What differs from CometBFT's own defaults.
fn config(member: &Member, peers: &str, pace: &Pace) -> String {
    let listen = if member.host == "127.0.0.1" {
        "127.0.0.1"
    } else {
        "0.0.0.0"
    };
    let (p2p, rpc) = (member.p2p, member.rpc);
    let (commit, empty) = (pace.commit_ms, pace.empty_seconds);
    let max_event = ledger::tile::MAX_ENTRY;
    format!(
        r#"# Written by `cairn-ledger network init` for CometBFT v0.38. What is not here has its default.
moniker = {moniker:?}
db_backend = "goleveldb"
log_level = "error"

[rpc]
# Only this computer. To let others follow, put an HTTPS proxy before it.
laddr = "tcp://127.0.0.1:{rpc}"
max_open_connections = 200
max_body_bytes = 262144
pprof_laddr = ""

[p2p]
laddr = "tcp://{listen}:{p2p}"
persistent_peers = "{peers}"
pex = false
addr_book_strict = false
allow_duplicate_ip = true

[mempool]
size = 10000
max_txs_bytes = 67108864
max_tx_bytes = {max_event}
cache_size = 20000

[consensus]
timeout_commit = "{commit}ms"
create_empty_blocks = true
create_empty_blocks_interval = "{empty}s"
"#,
        moniker = member.name,
    )
}

impl StateSync {
    pub(super) fn section(&self) -> String {
        // Its addresses end without a slash: the calls are made at the root then.
        let rpc = self
            .rpc
            .iter()
            .map(|url| url.as_str().trim_end_matches('/'));
        let rpc: Vec<&str> = rpc.collect();
        format!(
            r#"
[statesync]
enable = true
rpc_servers = {rpc:?}
trust_height = {height}
trust_hash = "{hash}"
trust_period = "{period}s"
discovery_time = "5s"
"#,
            rpc = rpc.join(","),
            height = self.pin.height(),
            hash = hex::encode_upper(self.pin.header()),
            period = self.pin.trusting().as_secs(),
        )
    }
}

/// Writes a new file that only its owner can read.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::failed("file", format!("cannot write {}: {error}", path.display()))
    };
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(cannot)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(cannot)?;
    file.write_all(bytes).map_err(cannot)?;
    file.sync_all().map_err(cannot)
}
