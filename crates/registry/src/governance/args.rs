//! The command line of events whose signatures are gathered.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::{
    Accredit, PublishType, RegisterIssuer, RegisterService, RevokeKey, RotateKey, Withdraw,
};
use crate::network::args::ValidatorCommand;

#[derive(Subcommand)]
pub(crate) enum EventCommand {
    /// Write an event to a file, for its signers. With --key it is signed at once.
    Propose(Box<Propose>),
    /// Say in plain words what a file proposes, and who has signed it.
    Show(Show),
    /// Sign a file, after it was shown in plain words. Needs no network and no ledger.
    Sign(Sign),
    /// Check a file, or several copies of it with their signatures, and append the event.
    Submit(Submit),
}

#[derive(Args)]
pub(crate) struct Propose {
    /// Where to write the file; without it, ACTION-NUMBER.event.json in this folder.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// For how many days signatures may be gathered. A ledger takes no event that asks for more
    /// than seven, by its own clock, which may be behind this one.
    #[arg(long, global = true, default_value_t = 6,
          value_parser = clap::value_parser!(u8).range(1..=7), value_name = "DAYS")]
    pub(crate) within: u8,
    #[command(subcommand)]
    pub(crate) action: ProposedAction,
}

#[derive(Subcommand)]
pub(crate) enum ProposedAction {
    /// Let a body register issuers and services.
    Accredit(Accredit),
    /// Register an issuer, or grant it more types.
    RegisterIssuer(RegisterIssuer),
    /// Register a service and what it asks for.
    RegisterService(RegisterService),
    /// Put a new key in the place of an issuer's or a service's old one.
    RotateKey(RotateKey),
    /// Make a key count no longer.
    RevokeKey(RevokeKey),
    /// End an accreditation, grants, a service or a published type.
    Withdraw(Withdraw),
    /// Say what a type is.
    PublishType(PublishType),
    /// Hand governance over to other keys, or to another threshold.
    RotateGovernance(RotateGovernance),
    /// Move the ledger to a later version of the rules.
    AdoptRules(AdoptRules),
    /// Say who validates a network.
    Validator {
        #[command(subcommand)]
        command: ValidatorCommand,
    },
}

#[derive(Args)]
pub(crate) struct RotateGovernance {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// All governance keys from then on, those that stay included: JWK, JWKS or PEM; may be
    /// repeated. Every new key must sign too.
    #[arg(long, required = true, value_name = "FILE")]
    pub(crate) jwk: Vec<PathBuf>,
    /// How many of them must sign.
    #[arg(long, value_name = "K")]
    pub(crate) threshold: u64,
}

#[derive(Args)]
pub(crate) struct AdoptRules {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// The version; without it, the latest that this program knows.
    #[arg(long, value_name = "N", default_value_t = ledger::RULES)]
    pub(crate) rules: u64,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The proposed event.
    pub(crate) file: PathBuf,
    /// The ledger's folder: says whose keys signed, and what the rules would say.
    #[arg(long, value_name = "DIR")]
    pub(crate) ledger: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Sign {
    /// The proposed event.
    pub(crate) file: PathBuf,
    /// The control key (PEM or JWK) to sign with.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// Write a copy with the signature here instead of adding it to the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The ledger's folder: the key must be one that may sign there.
    #[arg(long, value_name = "DIR")]
    pub(crate) ledger: Option<PathBuf>,
    /// Sign without being asked.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct Submit {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// The proposed event with its signatures; several copies are joined.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}
