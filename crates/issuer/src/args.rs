use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use protocol::issuer::Form;

const EXAMPLES: &str = "\
Examples:
  cairn-issuer serve --listen 127.0.0.1:7101
  cairn-issuer offer --type NHSChargeExemption --claims person.json --svg offer.svg
  cairn-issuer offer --type DrivingLicence --example --copies 5 --json
  cairn-issuer offer --type NHSChargeExemption --format bbs-2023 --example
  cairn-issuer list
  cairn-issuer status revoke 3QXxAPb0UcZ2
  cairn-issuer check BlueBadge person.json
  cairn-issuer key make office.pem && cairn-issuer serve --key office.pem

Exit status: 0 done; 2 a check refused before anything was kept; 1 anything else.";

/// Issue credentials to wallets: OpenID4VCI 1.0, pre-authorized code, in every format.
#[derive(Parser)]
#[command(name = "cairn-issuer", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Where keys and records are kept, made with mode 700 if it is not there [default: the
    /// user's data folder, `cairn-issuer` in it]
    #[arg(long, global = true, value_name = "DIR", env = "CAIRN_ISSUER_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// One JSON object on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Run the issuer's service
    Serve(Serve),
    /// Offer a card: the link, its QR code, and the code to type in
    Offer(OfferArguments),
    /// List all offers and how far they have come
    List,
    /// Check claims against the schema of their type; nothing is kept or offered
    Check(Check),
    /// Withdraw, stop and reinstate cards, and list the published statuses
    Status {
        #[command(subcommand)]
        verb: StatusVerb,
    },
    /// Make a signing key in a file, or say which public key a file holds
    Key {
        #[command(subcommand)]
        verb: KeyVerb,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Subcommand)]
pub(crate) enum StatusVerb {
    /// Withdraw a card for good, with all its copies
    Revoke {
        /// The offer's id, as `offer` and `list` print it
        #[arg(value_name = "OFFER-ID", allow_hyphen_values = true)]
        id: String,
    },
    /// Stop a card for a time, with all its copies
    Suspend {
        /// The offer's id, as `offer` and `list` print it
        #[arg(value_name = "OFFER-ID", allow_hyphen_values = true)]
        id: String,
    },
    /// Let a suspended card stand again
    Reinstate {
        /// The offer's id, as `offer` and `list` print it
        #[arg(value_name = "OFFER-ID", allow_hyphen_values = true)]
        id: String,
    },
    /// List the published lists of statuses, and how much of each is used
    List,
}

#[derive(Subcommand)]
pub(crate) enum KeyVerb {
    /// Make a key: PKCS #8 PEM that only its owner may read. No file is ever written over
    Make {
        /// Where the key goes; nothing may be there yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The algorithm that it signs with
        #[arg(long, value_enum, default_value_t = Algorithm::Es256)]
        alg: Algorithm,
        /// Also write the public key, a JWK, to give away
        #[arg(long, value_name = "FILE")]
        public: Option<PathBuf>,
    },
    /// Say which public key belongs to a key; nothing secret is shown
    Show {
        /// The key, PEM
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Args)]
pub(crate) struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7101")]
    pub(crate) listen: SocketAddr,
    /// The https address by which wallets reach this service. Needed beyond loopback
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// The name that wallets show
    #[arg(long, value_name = "NAME", default_value = "Demo issuer")]
    pub(crate) name: String,
    /// Short names of the types to issue; all of them where not given
    #[arg(long, value_name = "T,…", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// The formats to issue in, the usual one first; all that can be where not given
    #[arg(long, value_enum, value_name = "F,…", value_delimiter = ',')]
    pub(crate) formats: Vec<CardFormat>,
    /// How credentials say which key signed them
    #[arg(long, value_enum, default_value_t = KeyBy::Metadata)]
    pub(crate) key_by: KeyBy,
    /// The signing key, PKCS #8 PEM; made in the data folder where not given
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The certificate chain for `--key-by x5c`, PEM, leaf first, without the root
    #[arg(long, value_name = "FILE", required_if_eq("key_by", "x5c"))]
    pub(crate) cert: Option<PathBuf>,
    /// The algorithm of a key that is made here
    #[arg(long, value_enum, default_value_t = Algorithm::Es256)]
    pub(crate) alg: Algorithm,
    /// Keep and publish a BBS key too: made in the data folder (issuer-bbs.jwk)
    #[arg(long)]
    pub(crate) bbs: bool,
    /// Whether access tokens are bound to a key of the wallet (DPoP)
    #[arg(long, value_enum, default_value_t = DpopMode::Offered)]
    pub(crate) dpop: DpopMode,
    /// Seconds for which others may keep a list of statuses before they ask again
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    pub(crate) status_ttl: u64,
    /// Say on the desk's pages that nothing is real. They say so by themselves where the address
    /// is plain HTTP, which wallets use in the demo only
    #[arg(long)]
    pub(crate) demo: bool,
    /// File with a token: programs that know it may have W3C credentials signed (VC API)
    #[arg(long, value_name = "FILE", env = "CAIRN_ISSUER_VC_API_TOKEN_FILE")]
    pub(crate) vc_api_token: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum KeyBy {
    /// The document at /.well-known/jwt-vc-issuer
    Metadata,
    /// The did:web of the service
    Did,
    /// The certificate chain in each credential
    X5c,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Algorithm {
    /// P-256
    #[value(name = "ES256", alias = "es256")]
    Es256,
    /// Ed25519
    #[value(name = "EdDSA", alias = "eddsa")]
    EdDsa,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum DpopMode {
    /// Never
    Off,
    /// Where the wallet can
    Offered,
    /// Always
    Required,
}

#[derive(Args)]
pub(crate) struct Check {
    /// Short name, `vct` or document type of the credential type
    #[arg(value_name = "TYPE")]
    pub(crate) type_name: String,
    /// JSON file with the claims about the person; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum CardFormat {
    /// SD-JWT VC
    #[value(name = "dc+sd-jwt")]
    SdJwt,
    /// ISO mdoc; the issuer must run with `--key-by x5c`
    #[value(name = "mso_mdoc")]
    Mdoc,
    /// W3C with Data Integrity
    #[value(name = "ldp_vc")]
    DataIntegrity,
    /// W3C with BBS: shown again and again without being recognised by itself
    #[value(name = "bbs-2023")]
    Bbs,
    /// W3C as a JWT
    #[value(name = "jwt_vc_json")]
    Jwt,
}

impl From<CardFormat> for Form {
    fn from(format: CardFormat) -> Self {
        match format {
            CardFormat::SdJwt => Self::SdJwt,
            CardFormat::Mdoc => Self::Mdoc,
            CardFormat::DataIntegrity => Self::DataIntegrity,
            CardFormat::Bbs => Self::Bbs,
            CardFormat::Jwt => Self::Jwt,
        }
    }
}

#[derive(Args)]
pub(crate) struct OfferArguments {
    /// Short name or `vct` of the credential type
    #[arg(long = "type", value_name = "T")]
    pub(crate) type_name: String,
    /// The format of the card, else the issuer's usual one; `bbs-2023` is an ldp_vc that is
    /// bound to no key
    #[arg(long, value_enum, value_name = "F")]
    pub(crate) format: Option<CardFormat>,
    /// JSON file with the claims about the person; `-` for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "example")]
    pub(crate) claims: Option<PathBuf>,
    /// Use the made-up person of the type instead
    #[arg(long, conflicts_with = "claims")]
    pub(crate) example: bool,
    /// Also write the QR code as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// The code to type in; six random digits where not given
    #[arg(long, value_name = "CODE")]
    pub(crate) tx_code: Option<String>,
    /// Ask for no code: whoever has the link has the card
    #[arg(long, conflicts_with = "tx_code")]
    pub(crate) no_tx_code: bool,
    /// Let the link point to the offer instead of carrying it
    #[arg(long)]
    pub(crate) by_reference: bool,
    /// The most copies of the card that the wallet may take
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) copies: usize,
    /// Minutes until the offer is over
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=44640))]
    pub(crate) minutes: u32,
    /// Days until the card is over; 365 where not given, 14 for `bbs-2023`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub(crate) valid_days: Option<u32>,
}
