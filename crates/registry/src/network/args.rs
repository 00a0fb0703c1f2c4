//! The command line of networks: their nodes, and who of them validates.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::Signing;

#[derive(Subcommand)]
pub(crate) enum NetworkCommand {
    /// Begin a ledger as a network: a folder for each validator in DIR, governance's key in
    /// DIR/keys.
    Init(NetworkInit),
    /// Make the folder of another node. It follows the network, and signs blocks once
    /// `validator add` says so.
    Join(NetworkJoin),
}

#[derive(Args)]
pub(crate) struct NetworkInit {
    /// The network's folder; it is made where it does not exist.
    pub(crate) dir: PathBuf,
    /// What the ledger is called.
    #[arg(long)]
    pub(crate) name: String,
    /// How many validators. Four bear the loss of one; three bear none.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) validators: u8,
    /// Where a validator is reached by the others; once for each. Without it, all are on this
    /// computer.
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub(crate) host: Vec<String>,
    /// First port; 0 takes free ones. On one computer each validator has the next ten.
    #[arg(long, value_name = "PORT")]
    pub(crate) base_port: Option<u16>,
    #[command(flatten)]
    pub(crate) pace: Pace,
    /// A ledger for demonstrations: plain HTTP on loopback may be read and registered.
    #[arg(long)]
    pub(crate) demo: bool,
    /// Sign as governance with this key (PEM or JWK) instead of a new one.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct NetworkJoin {
    /// The network's folder, with its network.json and the folder of one of its nodes.
    pub(crate) dir: PathBuf,
    /// What the new node's folder is called.
    #[arg(long)]
    pub(crate) name: String,
    /// Where the others reach it; without it, on this computer.
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Its port; the RPC has the next one. Without it, free ones on this computer.
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// Begin with a snapshot of the log instead of the first block. The header that binds it is
    /// verified from the ledger's own pin in DIR; every event is replayed all the same.
    #[arg(long)]
    pub(crate) state_sync: bool,
    /// Nodes that are asked for headers then, by their RPC: at least two. Without them, those of
    /// network.json that are on this computer.
    #[arg(long, value_name = "URL", requires = "state_sync")]
    pub(crate) rpc: Vec<url::Url>,
    #[command(flatten)]
    pub(crate) pace: Pace,
}

/// How fast blocks follow one another.
#[derive(Args)]
pub(crate) struct Pace {
    /// Wait after a block, in milliseconds.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub(crate) commit_ms: u64,
    /// A block without events comes after so many seconds. A block's time is when the one before
    /// was signed, so more than a minute would date events too early.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) empty_seconds: u64,
}

#[derive(Args)]
pub(crate) struct Node {
    /// The node's folder.
    pub(crate) dir: PathBuf,
    /// The program of CometBFT v0.38; without it, `cometbft` on the PATH.
    #[arg(long, value_name = "FILE")]
    pub(crate) cometbft: Option<PathBuf>,
    /// The node's data were lost: fetch everything from the others. Never while another copy of
    /// this node may still run: a validator that signs twice breaks the network's trust.
    #[arg(long)]
    pub(crate) restore: bool,
}

#[derive(Subcommand)]
pub(crate) enum ValidatorCommand {
    /// Let another node sign blocks, or weigh its signature anew.
    Add(AddValidator),
    /// Let a node sign no more blocks.
    Remove(ValidatorChange),
}

impl ValidatorCommand {
    pub(crate) fn change(&self) -> &ValidatorChange {
        match self {
            Self::Add(add) => &add.change,
            Self::Remove(change) => change,
        }
    }
}

#[derive(Args)]
pub(crate) struct AddValidator {
    #[command(flatten)]
    pub(crate) change: ValidatorChange,
    /// Whose it is.
    #[arg(long)]
    pub(crate) name: String,
    /// How much its signature weighs; those of `network init` weigh 10.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub(crate) power: u64,
}

#[derive(Args)]
pub(crate) struct ValidatorChange {
    /// The folder of the network, or of a node of it.
    pub(crate) dir: PathBuf,
    /// The validator's public key: JWK, or CometBFT's priv_validator_key.json, of which only the
    /// public part is read.
    #[arg(long, value_name = "FILE")]
    pub(crate) validator: PathBuf,
    #[command(flatten)]
    pub(crate) signing: Signing,
}
