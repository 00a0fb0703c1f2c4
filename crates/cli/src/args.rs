//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A credential wallet in a terminal: for people and for scripts.
#[derive(Parser)]
#[command(
    name = "cairn",
    version,
    about,
    after_help = "Exit status: 0 done; 2 a check refused before anything was stored or sent; 1 anything else.\n\
                  With --json one object is written to standard output; a failure is\n\
                  {\"error\":{\"kind\",\"message\",\"advice\",\"stage\"},\"warnings\":[…]}; the error of kind\n\
                  `no_matching_card` has \"missing\" too: which cards, and in which format."
)]
pub(crate) struct Cairn {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Args)]
pub(crate) struct Global {
    /// The wallet's folder [default: the user's data folder, `cairn` in it]
    #[arg(long, global = true, value_name = "DIR", env = "CAIRN_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// The ledger to follow: an https address, a folder, or several nodes of a network, with
    /// commas between. Kept for later calls
    #[arg(long, global = true, value_name = "URL|DIR")]
    pub(crate) ledger: Option<String>,
    /// The ledger's pin.json. Needed for an address, except in the demo
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) pin: Option<PathBuf>,
    /// Write one JSON object to standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// With `init` and `restore`: make a wallet of the demo world, which may use plain HTTP
    /// and loopback, for good. With other verbs: insist that it is one
    #[arg(long, global = true)]
    pub(crate) demo: bool,
    /// Read the passphrase from the first line of this file; without it, from CAIRN_PASSPHRASE
    /// or the terminal
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make a wallet and show its recovery code, once
    #[command(after_help = "Example: cairn init --no-keyring --passphrase-file secret.txt")]
    Init {
        /// Open the wallet with the passphrase alone, without this computer's keyring
        #[arg(long)]
        no_keyring: bool,
    },
    /// Add a card from an issuer's offer
    #[command(
        after_help = "Example: cairn add 'openid-credential-offer://?credential_offer_uri=…' --tx-code 4929"
    )]
    Add(Add),
    /// List the cards
    Cards {
        /// First ask the issuers' lists which cards were withdrawn: all lists at once
        #[arg(long)]
        check: bool,
    },
    /// Show one card with its details
    Card {
        /// The card's id, or the first characters of it
        id: String,
        /// Write evidence of what the ledger says about the card's issuer: anyone can check it
        /// later, with the ledger's pin and no network. It holds no detail of the card
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
    },
    /// Show what a service asks for, and share it if you agree: over the network, or as a code
    /// at a desk with no network at all
    #[command(after_help = PRESENT_EXAMPLES)]
    Present(Present),
    /// Make a printed pass: a PDF with a code for one desk, one purpose and some days, once
    #[command(after_help = PASS_EXAMPLES)]
    Pass(Pass),
    /// The desks that the ledger lists, with what each asks for
    Desks,
    /// What happened, the newest first: when, with whom, which details by name, never a value
    #[command(after_help = HISTORY_FORM)]
    History,
    /// Check a credential that lies in a file: signature, dates, issuer on the ledger
    Verify {
        /// A file with one credential, or `-`
        file: String,
    },
    /// The ledger that says who may issue and who may ask
    #[command(subcommand)]
    Ledger(LedgerVerb),
    /// Delete a card with its keys. No issuer is told
    Delete {
        /// The card's id, or the first characters of it
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Change the passphrase
    Passphrase {
        /// Read the new passphrase from the first line of this file; without it, from
        /// CAIRN_NEW_PASSPHRASE or the terminal
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Write an encrypted backup (an age file that opens with a passphrase)
    Backup {
        /// Where to; must not exist
        file: PathBuf,
        /// Read the backup's passphrase from this file [default: the wallet's passphrase]
        #[arg(long, value_name = "FILE")]
        backup_passphrase_file: Option<PathBuf>,
    },
    /// Make a wallet from a backup
    Restore {
        /// The backup
        file: PathBuf,
        /// Open the wallet with the passphrase alone, without this computer's keyring
        #[arg(long)]
        no_keyring: bool,
        /// Read the backup's passphrase from this file [default: the wallet's passphrase]
        #[arg(long, value_name = "FILE")]
        backup_passphrase_file: Option<PathBuf>,
    },
    /// Open the wallet with its recovery code and give it a new passphrase
    Recover {
        /// Read the recovery code from this file; without it, from CAIRN_RECOVERY_CODE or the
        /// terminal
        #[arg(long, value_name = "FILE")]
        code_file: Option<PathBuf>,
    },
    /// Write a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Args)]
pub(crate) struct Add {
    /// The offer's link, a file that holds it (text or a picture of its QR code), or `-`
    pub(crate) link: String,
    /// The code that the issuer sent on another way
    #[arg(long, value_name = "C")]
    pub(crate) tx_code: Option<String>,
    /// Accept without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Accept although the ledger does not vouch for the issuer
    #[arg(long)]
    pub(crate) accept_unlisted: bool,
}

const HISTORY_FORM: &str = "\
Each line: the time by UTC, the beginning of the event's id, what happened, with whom, and the
names of the details. With --json: {\"events\":[{\"id\",\"at\",\"kind\",\"who\",\"verdict\",\"outcome\",
\"way\",\"cards\":[{\"card\",\"title\",\"names\",\"claims\"}]}],\"damaged\",\"warnings\"}; `at` is in seconds
since 1970.";

const PRESENT_EXAMPLES: &str = "\
Examples:
  cairn present 'openid4vp://?client_id=…&request_uri=…'
  cairn present --ask desk.png                     the desk's code or poster, shown here
  cairn present --ask desk.png --qr answer.gif     the same, into a file
  cairn present --to 'Northgate Library (demo)' --purpose age-over-18 --qr answer.svg

Nothing is sent by network with --ask and --to: who the desk is and what it asks for stands in
the ledger as it was last fetched (`cairn ledger sync`; `cairn desks` lists it). A still code
can be written as .svg or .png, one of several parts as .gif. Without --qr the code is drawn in
the terminal. With --json `code.texts` holds what a handheld scanner would type.";

const PASS_EXAMPLES: &str = "\
Example:
  cairn pass --to 'Northgate Library (demo)' --purpose age-over-18 \\
    --from 2027-03-01 --until 2027-03-07 --pdf pass.pdf

The days are counted by UTC, the last one included; 31 at most. The desk takes a pass once, and
never without checking who brings it. No network is used.";

#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["link", "ask", "to"]))]
pub(crate) struct Present {
    /// The request's link, a picture of its QR code, a file that holds it, or `-`
    pub(crate) link: Option<String>,
    /// The code or poster that a desk shows: its text, a picture of it, a file, or `-`
    #[arg(long, value_name = "CODE|FILE")]
    pub(crate) ask: Option<String>,
    /// The desk, by its client id or its name on the ledger
    #[arg(long, value_name = "SERVICE", requires = "purpose")]
    pub(crate) to: Option<String>,
    /// What for: the id of a purpose that the desk has registered
    #[arg(long, value_name = "P", requires = "to")]
    pub(crate) purpose: Option<String>,
    #[command(flatten)]
    pub(crate) code: Code,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// How a code is drawn.
#[derive(Args)]
pub(crate) struct Code {
    /// Write the code to this file: .svg or .png for a still code, .gif for any
    #[arg(long, value_name = "FILE")]
    pub(crate) qr: Option<PathBuf>,
    /// Let what the ledger says about the issuer and its list of statuses ride along, for a
    /// desk that is seldom on line
    #[arg(long)]
    pub(crate) staple: bool,
    /// Show it in several codes of this size: small for a poor camera or a small window
    /// [default: one code where it fits into one, else medium]
    #[arg(long, value_enum)]
    pub(crate) size: Option<CodeSize>,
    /// How many codes a second where it takes several
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(crate) speed: u8,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum CodeSize {
    Small,
    Medium,
    Large,
}

#[derive(Args)]
pub(crate) struct Pass {
    /// The desk, by its client id or its name on the ledger
    #[arg(long, value_name = "SERVICE")]
    pub(crate) to: String,
    /// What for: the id of a purpose that the desk has registered
    #[arg(long, value_name = "P")]
    pub(crate) purpose: String,
    /// The first day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: String,
    /// The last day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) until: String,
    /// Where to; must not exist
    #[arg(long, value_name = "FILE")]
    pub(crate) pdf: PathBuf,
    /// Let what the ledger says about the issuer and its list of statuses ride along
    #[arg(long)]
    pub(crate) staple: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// What is agreed to without being asked.
#[derive(Args)]
pub(crate) struct Consent {
    /// Answer with this card only; may stand several times
    #[arg(long = "card", value_name = "ID")]
    pub(crate) cards: Vec<String>,
    /// Share what is required without asking, and nothing that is optional
    #[arg(long)]
    pub(crate) yes: bool,
    /// Share although the ledger does not vouch for the service
    #[arg(long)]
    pub(crate) accept_unlisted: bool,
    /// Share although more is asked for than the service registered
    #[arg(long)]
    pub(crate) accept_over_asking: bool,
}

#[derive(Subcommand)]
pub(crate) enum LedgerVerb {
    /// Fetch what is new, check it and keep it
    Sync,
    /// How old the ledger's word is
    Status,
    /// Who is listed
    Show,
}
