//! The command line. A second instance hands over its link and nothing else of it.

use std::path::PathBuf;

/// Opens the wallet's window.
#[derive(Debug, clap::Parser)]
#[command(name = "cairn-desktop", version)]
pub(crate) struct Arguments {
    /// The folder that holds the wallet.
    #[arg(long, value_name = "DIR", env = "CAIRN_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Where the ledger is: a URL or a folder.
    #[arg(long, value_name = "URL|DIR")]
    pub(crate) ledger: Option<String>,
    /// The pin of the ledger to trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) pin: Option<PathBuf>,
    /// Make a wallet for the demo world: plain HTTP and this computer's own addresses are allowed.
    #[arg(long)]
    pub(crate) demo: bool,
    /// The desks of the demo world, as `cairn-demo` writes them.
    #[arg(long, value_name = "FILE", requires = "demo")]
    pub(crate) desks: Option<PathBuf>,
    /// Save files in this folder without asking where: for those who drive the window by program.
    #[arg(long, value_name = "DIR", requires = "demo")]
    pub(crate) save_in: Option<PathBuf>,
    /// A link to add a card or to show one.
    #[arg(value_name = "LINK")]
    pub(crate) link: Option<String>,
}
