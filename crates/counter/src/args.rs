use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use program::output::Failure;

/// The command line, or what it leads to, is not usable.
pub(crate) fn usage(message: impl Display) -> Failure {
    Failure::failed("usage", message, "see `cairn-counter --help`")
}

const EXAMPLES: &str = "\
Examples:
  cairn-counter serve --demo --purposes purposes.toml --ledger http://127.0.0.1:7100
  cairn-counter id --json
  cairn-counter request --purpose age-over-18 --json
  cairn-counter verify presentation.txt --ledger ledger-folder --json
  cairn-counter ask --purpose age-over-18 --live --out question.svg --demo
  cairn-counter read photo.jpg --ledger ledger-folder --demo --json

A script asks so: with --json, `request` writes two lines. The first comes at once:
  {\"id\",\"link\",\"request_uri\",\"purpose\",\"expires_at\",\"status_url\"}
and the second once the answer is checked, or the request is over:
  {\"outcome\",\"purpose\",\"issuer\",\"claims\",\"checks\",…}
Beside a running `serve` of the same --data folder the request is made there; otherwise the
command serves this one request itself. `--no-wait` ends after the first line (only beside a
running `serve`); `result ID` gives the rest later.

Exit status: 0 done; 2 a check refused what was shown; 1 anything else.";

/// Ask wallets for what a desk needs, check what they show, say what it is worth.
#[derive(Parser)]
#[command(name = "cairn-counter", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
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
    /// Whether a code asks wallets to send lists of statuses along. `auto`: always, since in which
    /// list a card stands is known when it is shown, and not before
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
    Serve,
    /// Make one request and wait for its result
    Request(Request),
    /// The result of a request of the running counter
    Result(ResultOf),
    /// Check a presentation that lies in a file
    Verify(Verify),
    /// A code for the desk's screen or for a poster, to be answered without a network
    Ask(AskByCode),
    /// Read a wallet's code and say what it is worth, without a network
    Read(ReadCode),
    /// The client id and the public key, as the ledger registers them
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
    #[arg(long, value_name = "TEXT")]
    pub(crate) nonce: Option<String>,
    /// The client id that the presentation must be for
    #[arg(long, value_name = "ID")]
    pub(crate) audience: Option<String>,
    /// Where the answer went, which an mdoc's device signature covers
    #[arg(long, value_name = "URL")]
    pub(crate) response_uri: Option<String>,
    /// The thumbprint of the key that the answer was encrypted to, base64url, which an mdoc's
    /// device signature covers
    #[arg(long, value_name = "THUMBPRINT", value_parser = thumbprint)]
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
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_stand_before_or_after_the_verb() {
        for line in [
            "cairn-counter --json --demo serve --listen 127.0.0.1:0",
            "cairn-counter serve --listen 127.0.0.1:0 --json --demo",
        ] {
            let arguments = Arguments::try_parse_from(line.split(' ')).unwrap();
            assert!(arguments.global.json && arguments.global.demo);
            assert_eq!(arguments.global.listen.unwrap().port(), 0);
        }
    }

    #[test]
    fn times() {
        for (text, seconds) in [("90", 90), ("90s", 90), ("2m", 120), ("24h", 86_400)] {
            assert_eq!(duration(text), Ok(seconds));
        }
        for text in ["", "m", "0", "-1", "25h", "1d", "9223372036854775807h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
