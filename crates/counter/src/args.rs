use std::ffi::OsString;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{
    Arg, Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};
use clap_complete::Shell;
use program::output::Failure;

/// The command line, or what it leads to, is not usable.
pub(crate) fn usage(message: impl Display) -> Failure {
    Failure::failed("usage", message, "see `cairn-counter --help`")
}

const EXAMPLES: &str = "\
Each command has options of its own: `cairn-counter COMMAND --help`.

Examples:
  cairn-counter serve --demo --purposes purposes.toml --ledger http://127.0.0.1:7100
  cairn-counter id --json
  cairn-counter request --purpose age-over-18 --json
  cairn-counter verify presentation.txt --ledger ledger-folder --json
  cairn-counter ask --purpose age-over-18 --live --out question.svg --demo
  cairn-counter read photo.jpg --ledger ledger-folder --demo --json

Exit status: 0 done; 2 a check refused what was shown; 1 anything else.";

const SERVE: &str = "\
Examples:
  cairn-counter serve --demo --purposes purposes.toml --ledger http://127.0.0.1:7100
  cairn-counter serve --purposes purposes.toml --ledger https://ledger.example --pin pin.json \
--public-url https://desk.example";

const REQUEST: &str = "\
A script asks so: with --json, `request` writes two lines. The first comes at once:
  {\"id\",\"link\",\"request_uri\",\"purpose\",\"expires_at\",\"status_url\"}
and the second once the answer is checked, or the request is over:
  {\"outcome\",\"purpose\",\"issuer\",\"claims\",\"checks\",…}
Beside a running `serve` of the same --data folder the request is made there; otherwise the
command serves this one request itself. `--no-wait` ends after the first line (only beside a
running `serve`); `result ID` gives the rest later.

Examples:
  cairn-counter request --purpose age-over-18 --json
  cairn-counter request --purpose age-over-18 --no-wait --json";

const RESULT: &str = "\
Examples:
  cairn-counter result 3QXxAPb0UcZ2 --json
  cairn-counter result 3QXxAPb0UcZ2 --wait";

const VERIFY: &str = "\
Examples:
  cairn-counter verify presentation.txt --ledger ledger-folder --nonce N --audience ID
  cairn-counter verify evidence.json --ledger https://ledger.example --pin pin.json --json";

const ASK: &str = "\
Examples:
  cairn-counter ask --purpose age-over-18 --live --open-for 2m --out question.svg
  cairn-counter ask --purpose age-over-18 --poster --out poster.png";

const READ: &str = "\
Examples:
  cairn-counter read photo.jpg --ledger ledger-folder --json
  cairn-counter read --video film.mjpeg --ledger https://ledger.example --pin pin.json
  cairn-counter read --text - --ledger ledger-folder";

const ID: &str = "\
Examples:
  cairn-counter id --json
  cairn-counter id --client-id-prefix x509_hash --key desk.pem --cert desk-chain.pem";

/// Ask wallets for what a desk needs, check what they show, say what it is worth.
#[derive(Parser)]
#[command(name = "cairn-counter", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Reads the words of a command line. Options may stand before the verb too; one that the verb
/// does not use is refused, wherever it stands.
pub(crate) fn parse(
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Arguments, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(words)?;
    if let Some((verb, given)) = matches.subcommand() {
        let unused = command.get_arguments().find(|option| {
            let id = option.get_id().as_str();
            option.is_global_set()
                && !uses(verb, id)
                && given.value_source(id) == Some(ValueSource::CommandLine)
        });
        if let Some(name) = unused.and_then(Arg::get_long) {
            let message = format!("'--{name}' is no option of `{verb}`");
            let of = command.find_subcommand_mut(verb);
            return Err(match of {
                Some(of) => of.error(ErrorKind::UnknownArgument, message),
                None => command.error(ErrorKind::UnknownArgument, message),
            });
        }
    }
    Arguments::from_arg_matches(&matches)
}

/// The command line, where each verb shows the options that it uses and no others.
fn command() -> Command {
    built(true)
}

/// The same for completions, which would offer what is only hidden.
pub(crate) fn offered() -> Command {
    built(false)
}

fn built(knows_all: bool) -> Command {
    let whole = Arguments::command();
    let of_verbs = |option: &Arg| option.is_global_set() && !uses("", option.get_id().as_str());
    let options: Vec<Arg> = whole
        .get_arguments()
        .filter(|option| of_verbs(option))
        .cloned()
        .collect();
    whole
        .mut_args(|option| match of_verbs(&option) {
            true => option.hide(true).global(knows_all),
            false => option,
        })
        .mut_subcommands(|verb| {
            let name = verb.get_name().to_owned();
            verb.args(options.iter().filter_map(|option| {
                let used = uses(&name, option.get_id().as_str());
                (used || knows_all).then(|| option.clone().global(false).hide(!used))
            }))
        })
}

/// Whether a verb uses an option; of no verb, whether every verb takes it.
fn uses(verb: &str, option: &str) -> bool {
    let common = matches!(option, "data" | "json" | "demo");
    let who = matches!(
        option,
        "key" | "cert" | "client_id" | "client_id_prefix" | "listen" | "public_url"
    );
    let ledger = matches!(option, "ledger" | "pin");
    let purposes = option == "purposes";
    common
        || match verb {
            "serve" => true,
            "request" => {
                let of_requests = matches!(
                    option,
                    "open_for" | "forget_after" | "unencrypted" | "refetch" | "redirect_uri"
                );
                who || ledger || purposes || of_requests
            }
            "verify" => ledger,
            "ask" => {
                let of_codes = matches!(option, "open_for" | "evidence" | "status");
                who || ledger || purposes || of_codes
            }
            "read" => who || ledger || purposes,
            "id" => who,
            _ => false,
        }
}

#[derive(Args, Clone)]
pub(crate) struct Global {
    /// Where the key and the ledger's replica are kept, made with mode 700 if it is not there
    /// [default: the user's data folder, `cairn-counter` in it]
    #[arg(long, global = true, value_name = "DIR", env = "CAIRN_COUNTER_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// One JSON object a line on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The demo: plain HTTP and loopback are allowed
    #[arg(long, global = true)]
    pub(crate) demo: bool,
    /// The ledger: an address, a folder, or several nodes of a network, with commas between
    #[arg(long, global = true, value_name = "URL|DIR")]
    pub(crate) ledger: Option<String>,
    /// What is trusted of the ledger. Needed for an address, but in the demo
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) pin: Option<PathBuf>,
    /// The purposes, TOML; the demo's own where not given with --demo
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) purposes: Option<PathBuf>,
    /// The signing key, PEM; made in the data folder where not given
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The certificate chain for the x509 prefixes, PEM, leaf first
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// The client id, prefix included, where more than one would do
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// How wallets know this counter
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "PREFIX",
        conflicts_with = "client_id"
    )]
    pub(crate) client_id_prefix: Option<Prefix>,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:7102; `request`: 127.0.0.1:0]
    #[arg(long, global = true, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// The https address by which wallets reach this counter. Needed beyond loopback
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// How long a request is open: 90, 90s, 5m, 1h
    #[arg(long, global = true, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub(crate) open_for: i64,
    /// Whether a code asks wallets to send the ledger's evidence along. `auto`: a live code where
    /// this counter's own copy is missing or old, a poster always
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(crate) evidence: When,
    /// Whether a code asks wallets to send lists of statuses along. `auto` is the same as `always`:
    /// in which list a card stands is known when it is shown, and not before, and a question that
    /// named the lists at hand would tell of the cards that were shown before
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub(crate) status: When,
    /// How long a result is kept, in memory only
    #[arg(long, global = true, value_name = "TIME", default_value = "2m", value_parser = duration)]
    pub(crate) forget_after: i64,
    /// Ask for answers in clear (`direct_post`)
    #[arg(long, global = true)]
    pub(crate) unencrypted: bool,
    /// Let a request be fetched more than once while it is open
    #[arg(long, global = true)]
    pub(crate) refetch: bool,
    /// Where a wallet on the same device sends its owner after an answer
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) redirect_uri: Option<url::Url>,
    /// File with a token: programs that know it may have W3C credentials verified (VC API)
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "CAIRN_COUNTER_VC_API_TOKEN_FILE"
    )]
    pub(crate) vc_api_token: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Run the counter: the desk's page, and what wallets speak to
    #[command(after_help = SERVE)]
    Serve,
    /// Make one request and wait for its result
    #[command(after_help = REQUEST)]
    Request(Request),
    /// The result of a request of the running counter
    #[command(after_help = RESULT)]
    Result(ResultOf),
    /// Check a presentation that lies in a file
    #[command(after_help = VERIFY)]
    Verify(Verify),
    /// A code for the desk's screen or for a poster, to be answered without a network
    #[command(after_help = ASK)]
    Ask(AskByCode),
    /// Read a wallet's code and say what it is worth, without a network
    #[command(after_help = READ)]
    Read(ReadCode),
    /// The client id and the public key, as the ledger registers them
    #[command(after_help = ID)]
    Id,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Args)]
pub(crate) struct Request {
    /// The id of the purpose
    #[arg(long, value_name = "P")]
    pub(crate) purpose: String,
    /// End once the link is out; only beside a running `serve`
    #[arg(long)]
    pub(crate) no_wait: bool,
}

#[derive(Args)]
pub(crate) struct AskByCode {
    /// The id of the purpose
    #[arg(long, value_name = "P")]
    pub(crate) purpose: String,
    /// For the screen: signed, good for one answer, open for as long as --open-for says, at
    /// most ten minutes
    #[arg(long, required_unless_present = "poster", conflicts_with = "poster")]
    pub(crate) live: bool,
    /// For paper: not signed, good for any number of answers, which are never accepted without
    /// a look at the person
    #[arg(long)]
    pub(crate) poster: bool,
    /// Where to draw the code: a file whose name ends in .svg or .png
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ReadCode {
    /// Pictures of the code: PNG, JPEG or GIF, of an animated code several or one film
    #[arg(value_name = "IMAGE", required_unless_present_any = ["video", "text"])]
    pub(crate) images: Vec<PathBuf>,
    /// A film of the code: MJPEG, Y4M, or a folder of pictures
    #[arg(long, value_name = "FILE", conflicts_with_all = ["images", "text"])]
    pub(crate) video: Option<PathBuf>,
    /// The texts of the codes as a handheld scanner types them, a line each; `-` for standard
    /// input
    #[arg(long, value_name = "FILE", conflicts_with = "images")]
    pub(crate) text: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ResultOf {
    /// The id that `request` printed
    #[arg(allow_hyphen_values = true)]
    pub(crate) id: String,
    /// Wait until there is a result
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// A presentation of any format, or JSON with a `vp_token`; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The nonce that the presentation must answer
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) nonce: Option<String>,
    /// The client id that the presentation must be for
    #[arg(long, value_name = "ID")]
    pub(crate) audience: Option<String>,
    /// Where the answer went, which an mdoc's device signature covers
    #[arg(long, value_name = "URL")]
    pub(crate) response_uri: Option<String>,
    /// The thumbprint of the key that the answer was encrypted to, base64url, which an mdoc's
    /// device signature covers
    #[arg(long, value_name = "THUMBPRINT", value_parser = thumbprint, allow_hyphen_values = true)]
    pub(crate) encryption_key: Option<[u8; 32]>,
}

/// Whether something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// Where it may be needed
    Auto,
    /// Each time
    Always,
    /// At no time
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Prefix {
    /// A DID that holds the key (did:jwk)
    DecentralizedIdentifier,
    /// A DNS name of the certificate
    X509SanDns,
    /// The hash of the certificate
    X509Hash,
    /// The address of the answers; requests are not signed
    RedirectUri,
}

fn thumbprint(text: &str) -> Result<[u8; 32], String> {
    keys::b64::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| "32 bytes in base64url".to_owned())
}

/// Seconds from `90`, `90s`, `5m`, `1h`; one second to one day.
fn duration(text: &str) -> Result<i64, String> {
    let (digits, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(digits) => (digits, text.chars().last().unwrap_or('s')),
        None => (text, 's'),
    };
    let factor = match unit {
        'h' => 3600,
        'm' => 60,
        _ => 1,
    };
    digits
        .parse::<i64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|seconds| (1..=86_400).contains(seconds))
        .ok_or_else(|| "a time from 1s to 24h, such as 90s or 2m".to_owned())
}

#[cfg(test)]
mod tests;
