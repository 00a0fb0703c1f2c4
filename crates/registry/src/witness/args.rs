//! The command line of witnesses, and of pins that ask for them.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum WitnessCommand {
    /// Begin a witness in DIR, with a new key in DIR/keys.
    Init(Init),
    /// Follow a ledger from now on: what it signs, this witness checks and cosigns.
    Follow(Follow),
    /// Answer ledgers over HTTP (C2SP tlog-witness).
    Serve(Serve),
    /// On the ledger's side: ask a witness for each new checkpoint from now on.
    Ask(Ask),
}

#[derive(Args)]
pub(crate) struct Init {
    /// The witness's folder; it is made where it does not exist.
    pub(crate) dir: PathBuf,
    /// Its name in cosignatures, by custom an address without a scheme: witness.example/w1.
    #[arg(long)]
    pub(crate) name: String,
    /// Cosign with this Ed25519 key (PEM or JWK) instead of a new one. No other witness may use it.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Follow {
    /// The witness's folder.
    pub(crate) dir: PathBuf,
    /// The pin of the ledger, compared with its operator by fingerprint.
    #[arg(long, value_name = "FILE")]
    pub(crate) pin: PathBuf,
    /// Where its entries are read: the URL at which it is served, or its folder.
    #[arg(long, value_name = "URL|DIR")]
    pub(crate) from: String,
}

#[derive(Args)]
pub(crate) struct Serve {
    /// The witness's folder.
    pub(crate) dir: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
}

#[derive(Args)]
pub(crate) struct Ask {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// Where the witness takes submissions: the part before /add-checkpoint.
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// Its key as it stands in notes: NAME+ID+BASE64.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: String,
}

#[derive(Args)]
pub(crate) struct WritePin {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// How many of the witnesses must have cosigned what a reader accepts.
    #[arg(long, value_name = "K")]
    pub(crate) threshold: usize,
    /// The key of a witness; may be repeated. Without it, all that the ledger asks.
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: Vec<String>,
    /// Where to write the pin; without it, DIR/witnessed-pin.json, which `serve` then hands out.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
