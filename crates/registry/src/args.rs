//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::governance::args::EventCommand;
use crate::network::args::{NetworkCommand, Node, ValidatorCommand};
use crate::witness::args::{WitnessCommand, WritePin};

/// Keep a ledger of who may issue credentials and who may ask for them.
#[derive(Parser)]
#[command(name = "cairn-ledger", version, about, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Print one JSON object on standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  cairn-ledger init ledger --name 'Public bodies of Example'
  cairn-ledger accredit ledger --id https://health.example --name 'Health department' \\
      --types NHSChargeExemption --until 2030-12-31 --new-key
  cairn-ledger register-issuer ledger --by https://health.example \\
      --id https://issuer.example --name 'NHSBSA' --jwk issuer.jwk --types NHSChargeExemption
  cairn-ledger register-service ledger --by https://health.example \\
      --id x509_san_dns:desk.example --name 'Pharmacy' --x509 root.pem --purposes desk.toml
  cairn-ledger publish-type ledger --by https://health.example --id NHSChargeExemption
  cairn-ledger serve ledger --listen 127.0.0.1:8080

Dates are RFC 3339 or YYYY-MM-DD. Where something ends, a bare date means the end of that day
(UTC); where something begins, its start.

Exit status: 0 done; 2 a rule of the ledger refused it and nothing was written; 1 anything else.";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Begin a ledger in DIR, with new keys in DIR/keys.
    Init(Init),
    /// Let a body register issuers and services (signed by the governance).
    Accredit(Accredit),
    /// Register an issuer, or grant it more types (signed by an accreditor).
    RegisterIssuer(RegisterIssuer),
    /// Register a service and what it asks for (signed by an accreditor).
    RegisterService(RegisterService),
    /// Put a new key in the place of an issuer's or a service's old one.
    RotateKey(RotateKey),
    /// Make a key count no longer, whatever it signed and when.
    RevokeKey(RevokeKey),
    /// End an accreditation, the grants of an issuer, a service, or a published type, at once.
    Withdraw(Withdraw),
    /// Say what a type is: the digests of its schema, its metadata and its JSON-LD context
    /// (signed by an accreditor of the type).
    PublishType(PublishType),
    /// List all bodies and published types, and how they stand.
    List(Folder),
    /// Show one body, service or type.
    Show(Show),
    /// Say in sentences why an issuer may, or may not, issue a type.
    Explain(Explain),
    /// Check a whole ledger as a wallet would, or evidence of what stood on one.
    Verify(Verify),
    /// State that the newest checkpoint still stands (serve does this every hour).
    Attest(Folder),
    /// Serve the ledger over HTTP, read only.
    Serve(Serve),
    /// Keep a ledger as a network of validators that do not trust one another.
    Network {
        #[command(subcommand)]
        command: NetworkCommand,
    },
    /// Say who validates a network (signed by the governance).
    Validator {
        #[command(subcommand)]
        command: ValidatorCommand,
    },
    /// Run one validator of a network: the rules, and CometBFT v0.38 beside them.
    Node(Node),
    /// Gather the signatures of several for one event, away from the ledger.
    Event {
        #[command(subcommand)]
        command: EventCommand,
    },
    /// Keep a witness of ledgers, or name a ledger's witnesses.
    Witness {
        #[command(subcommand)]
        command: WitnessCommand,
    },
    /// Write a pin by which readers accept only what enough witnesses cosigned.
    Pin(WritePin),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Args)]
pub(crate) struct Folder {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
}

#[derive(Args)]
pub(crate) struct Explain {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// The issuer's id.
    pub(crate) issuer: String,
    /// The type's id, or its short name.
    #[arg(long = "type", value_name = "T")]
    pub(crate) type_id: String,
    /// When the credential says that it was issued; a bare date means its start. Left out, it is
    /// judged as of now.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The ledger's folder, or a file with evidence.
    pub(crate) path: PathBuf,
    /// For evidence: the pin of the ledger that it is about. No ledger is asked.
    #[arg(long, value_name = "FILE")]
    pub(crate) pin: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Init {
    /// The ledger's folder; it is made where it does not exist.
    pub(crate) dir: PathBuf,
    /// What the ledger is called.
    #[arg(long)]
    pub(crate) name: String,
    /// A ledger for demonstrations: plain HTTP on loopback may be read and registered. This
    /// stands in the genesis and cannot be changed.
    #[arg(long)]
    pub(crate) demo: bool,
    /// Sign as governance with this key (PEM or JWK) instead of a new one.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

/// Whose key signs the event, and which node of a network takes it.
#[derive(Args, Default)]
pub(crate) struct Signing {
    /// Sign with this control key (PEM or JWK) instead of the one in DIR/keys.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Submit to this node of a network (its RPC) instead of one in DIR; DIR holds `pin.json`
    /// and the keys. May be repeated.
    #[arg(long, value_name = "URL")]
    pub(crate) node: Vec<url::Url>,
    /// How long a network may take to put the event into its log, in seconds (60).
    #[arg(long, value_name = "SECONDS")]
    pub(crate) wait: Option<u32>,
}

#[derive(Args)]
pub(crate) struct Names {
    /// What the body is called, in English.
    #[arg(long)]
    pub(crate) name: String,
    /// What it is called in Welsh.
    #[arg(long, value_name = "NAME")]
    pub(crate) name_cy: Option<String>,
    /// What it is called in Gaelic.
    #[arg(long, value_name = "NAME")]
    pub(crate) name_gd: Option<String>,
}

#[derive(Args)]
pub(crate) struct Accredit {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// The body's id.
    #[arg(long)]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) names: Names,
    /// Types that it may let others issue: ids, short names, or '*'.
    #[arg(long, value_delimiter = ',', required = true, value_name = "T,…")]
    pub(crate) types: Vec<String>,
    /// End of the accreditation.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: String,
    /// Make a control key for it in DIR/keys.
    #[arg(long, required_unless_present = "jwk", conflicts_with = "jwk")]
    pub(crate) new_key: bool,
    /// Its control key: JWK, JWKS or PEM. With the secret part, possession is proven.
    #[arg(long, value_name = "FILE")]
    pub(crate) jwk: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

/// Where a key is read.
#[derive(Args)]
pub(crate) struct KeySource {
    /// A did:key, did:jwk or did:web, with a fragment where it has several keys.
    #[arg(long, value_name = "D")]
    pub(crate) did: Option<String>,
    /// JWK, JWKS or PEM. With the secret part, possession is proven.
    #[arg(long, value_name = "FILE")]
    pub(crate) jwk: Option<PathBuf>,
    /// A certificate, PEM or DER.
    #[arg(long, value_name = "FILE")]
    pub(crate) x509: Option<PathBuf>,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["did", "jwk", "x509", "metadata"]))]
pub(crate) struct IssuerKeySource {
    #[command(flatten)]
    pub(crate) key: KeySource,
    /// The certificate is a CA: it vouches for the leaf certificates below it.
    #[arg(long, requires = "x509")]
    pub(crate) ca: bool,
    /// The only name (DNS or URI) that counts below the CA.
    #[arg(long, requires = "ca", value_name = "NAME")]
    pub(crate) san: Option<String>,
    /// The issuer's metadata: its identifier, its /.well-known/openid-credential-issuer or its
    /// /.well-known/jwt-vc-issuer.
    #[arg(long, value_name = "URL")]
    pub(crate) metadata: Option<String>,
}

#[derive(Args)]
pub(crate) struct RegisterIssuer {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// The accreditor that registers it.
    #[arg(long, value_name = "ACCREDITOR")]
    pub(crate) by: String,
    /// The issuer's id.
    #[arg(long)]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) names: Names,
    #[command(flatten)]
    pub(crate) source: IssuerKeySource,
    /// Types that it may issue: ids, short names, or '*'.
    #[arg(long, value_delimiter = ',', required = true, value_name = "T,…")]
    pub(crate) types: Vec<String>,
    /// End of the grant; without it, the accreditor's own.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Where it has its powers, such as GB-SCT.
    #[arg(long)]
    pub(crate) jurisdiction: Option<String>,
    /// A key by which the issuer itself may rotate and revoke: JWK, JWKS or PEM. Takes the place of
    /// those named before.
    #[arg(long, value_name = "FILE")]
    pub(crate) control_jwk: Option<PathBuf>,
    /// URL below which its status lists are found; may be repeated.
    #[arg(long, value_name = "URL")]
    pub(crate) status_list: Vec<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

#[derive(Args)]
pub(crate) struct RegisterService {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// The accreditor that registers it.
    #[arg(long, value_name = "ACCREDITOR")]
    pub(crate) by: String,
    /// The client id, prefix included: x509_san_dns:NAME, x509_hash:HASH,
    /// decentralized_identifier:DID or redirect_uri:URL (the last takes no key).
    #[arg(long, value_name = "CLIENT_ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) names: Names,
    /// A TOML file of [[purpose]] tables.
    #[arg(long, value_name = "FILE")]
    pub(crate) purposes: PathBuf,
    #[command(flatten)]
    pub(crate) source: KeySource,
    /// End of the registration; without it, the accreditor's own.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

#[derive(Args)]
pub(crate) struct RotateKey {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// Who signs: the accreditor that registered the key (so without it), or the issuer itself.
    #[arg(long, value_name = "ID")]
    pub(crate) by: Option<String>,
    /// The body.
    #[arg(long)]
    pub(crate) id: String,
    /// Thumbprint of the old key; may be left out where only one stands.
    #[arg(long, value_name = "THUMBPRINT", allow_hyphen_values = true)]
    pub(crate) old: Option<String>,
    /// The new key.
    #[command(flatten)]
    pub(crate) source: IssuerKeySource,
    /// Until when what the old key signed is accepted; without it, to the end of its grants.
    #[arg(long, value_name = "DATE")]
    pub(crate) accept_until: Option<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

#[derive(Args)]
pub(crate) struct RevokeKey {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// Who signs: the accreditor that registered the key (so without it), or the issuer itself.
    #[arg(long, value_name = "ID")]
    pub(crate) by: Option<String>,
    /// The body.
    #[arg(long)]
    pub(crate) id: String,
    /// Thumbprint of the key; may be left out where only one is left.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) thumbprint: Option<String>,
    /// The key itself instead of its thumbprint.
    #[command(flatten)]
    pub(crate) source: KeySource,
    /// Why, for people.
    #[arg(long, default_value = "unspecified")]
    pub(crate) reason: String,
    /// Since when others may have had the key.
    #[arg(long, value_name = "DATE")]
    pub(crate) invalid_from: Option<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

#[derive(Args)]
pub(crate) struct Withdraw {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// Who signs: the accreditor; `governance` for an accreditation.
    #[arg(long, value_name = "ACCREDITOR")]
    pub(crate) by: Option<String>,
    /// The body.
    #[arg(long)]
    pub(crate) id: String,
    /// Only the grants of these types.
    #[arg(long, value_delimiter = ',', value_name = "T,…")]
    pub(crate) types: Vec<String>,
    /// Why, for people.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

#[derive(Args)]
pub(crate) struct PublishType {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// The accreditor that publishes it.
    #[arg(long, value_name = "ACCREDITOR")]
    pub(crate) by: String,
    /// The type: its `vct`, or the short name of a type that this program carries. The files of
    /// such a type are carried with it and need not be named.
    #[arg(long, value_name = "TYPE")]
    pub(crate) id: String,
    /// JSON Schema 2020-12 of its claims.
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// SD-JWT VC type metadata.
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata: Option<PathBuf>,
    /// JSON-LD context of its terms.
    #[arg(long, value_name = "FILE")]
    pub(crate) context: Option<PathBuf>,
    /// Where the schema can be read.
    #[arg(long, value_name = "URL")]
    pub(crate) schema_uri: Option<String>,
    /// Where the type metadata can be read.
    #[arg(long, value_name = "URL")]
    pub(crate) metadata_uri: Option<String>,
    /// Where the context can be read.
    #[arg(long, value_name = "URL")]
    pub(crate) context_uri: Option<String>,
    #[command(flatten)]
    pub(crate) signing: Signing,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The ledger's folder.
    pub(crate) dir: PathBuf,
    /// The id of the body, service or type; a short name stands for its type.
    #[arg(long)]
    pub(crate) id: String,
}

#[derive(Args)]
pub(crate) struct Serve {
    /// The ledger's folder, or that of a node, of which the page is served and no checkpoint.
    pub(crate) dir: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
}
