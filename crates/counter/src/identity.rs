//! Who this counter is to wallets, and to the ledger.

use anyhow::Context as _;
use credential::did;
use keys::x509::Certificate;
use keys::{Algorithm, PublicKey, SigningKey};
use program::folder::read_bounded;
use program::output::{self, Failure};
use protocol::verifier::Identity;
use serde_json::{Value, json};
use url::Url;

use crate::args::{Global, Prefix, usage};
use crate::files::Data;

/// The path of the answers where the client id is their address.
pub(crate) const ANSWER: &str = "answer";
const MAX_CERT: u64 = 256 * 1024;

/// Who asks, with the public half of the key that signs.
pub(crate) struct Me {
    pub(crate) identity: Identity,
    pub(crate) public: Option<PublicKey>,
    certificate: Option<Certificate>,
}

impl Me {
    /// From the options: a did:jwk of the folder's key where nothing is said.
    pub(crate) fn open(data: &Data, global: &Global) -> Result<Self, Failure> {
        let wanted = prefix(global)?;
        if wanted == Prefix::RedirectUri {
            return Ok(Self {
                identity: Identity::RedirectUri,
                public: None,
                certificate: None,
            });
        }
        let key = data.key(global.key.as_deref())?;
        // Codes have no other signatures, and not every wallet checks those of requests.
        if !Algorithm::OF_WALLETS.contains(&key.algorithm()) {
            let message =
                "a counter signs with a P-256 or an Ed25519 key, and this key is of another kind";
            let advice = "give another key, or leave --key out: the counter makes one of its own";
            return Err(Failure::refused("key", message, advice));
        }
        let public = key.public();
        let me = match wanted {
            Prefix::X509SanDns | Prefix::X509Hash => x509(global, wanted, key)?,
            _ => Self {
                identity: Identity::Did {
                    kid: did::derive_did_jwk_url(&public).map_err(anyhow::Error::from)?,
                    key,
                },
                public: Some(public),
                certificate: None,
            },
        };
        if let Some(given) = &global.client_id {
            // Nothing but redirect_uri looks at the address.
            let nowhere = Url::parse("https://localhost/").map_err(anyhow::Error::from)?;
            let derived = me.identity.client_id(&nowhere);
            if *given != derived {
                return Err(usage(format_args!(
                    "--client-id does not belong to the key or certificate, which make {derived}"
                )));
            }
        }
        Ok(me)
    }

    /// The client id of a counter at `base`.
    pub(crate) fn client_id(&self, base: &Url) -> anyhow::Result<String> {
        Ok(self.identity.client_id(&base.join(ANSWER)?))
    }
}

fn prefix(global: &Global) -> Result<Prefix, Failure> {
    let Some(id) = &global.client_id else {
        let given = global.client_id_prefix;
        return Ok(given.unwrap_or(Prefix::DecentralizedIdentifier));
    };
    match id.split_once(':').map(|(prefix, _)| prefix) {
        Some("decentralized_identifier") => Ok(Prefix::DecentralizedIdentifier),
        Some("x509_san_dns") => Ok(Prefix::X509SanDns),
        Some("x509_hash") => Ok(Prefix::X509Hash),
        Some("redirect_uri") => Err(usage(
            "a redirect_uri client id follows from the address: use --client-id-prefix and --public-url",
        )),
        _ => Err(usage(
            "--client-id must begin with one of the four prefixes",
        )),
    }
}

fn x509(global: &Global, wanted: Prefix, key: SigningKey) -> Result<Me, Failure> {
    let file = global.cert.as_ref();
    let file = file.ok_or_else(|| usage("the x509 prefixes need --cert FILE"))?;
    let pem = String::from_utf8(read_bounded(file, MAX_CERT)?)
        .with_context(|| format!("{} is not PEM", file.display()))?;
    let chain = Certificate::chain_from_pem(&pem)
        .with_context(|| format!("{} is not a certificate chain", file.display()))?;
    let leaf = chain.first().context("the certificate chain is empty")?;
    let public = key.public();
    if *leaf.public_key() != public {
        return Err(usage("the first certificate is not for the signing key"));
    }
    let certificate = Some(leaf.clone());
    let identity = if wanted == Prefix::X509Hash {
        Identity::X509Hash { chain, key }
    } else {
        let names = leaf.san_dns();
        let given = global.client_id.as_deref();
        let given = given.and_then(|id| id.strip_prefix("x509_san_dns:"));
        let name = names
            .iter()
            .find(|name| given.is_none_or(|given| *name == given))
            .cloned()
            .context("the certificate does not hold that DNS name")?;
        Identity::X509SanDns { name, chain, key }
    };
    Ok(Me {
        identity,
        public: Some(public),
        certificate,
    })
}

impl Me {
    /// With the client id, for a command that does not listen.
    pub(crate) fn named(data: &Data, global: &Global) -> Result<(Self, String), Failure> {
        let me = Self::open(data, global)?;
        let base = match (&global.public_url, global.listen) {
            (Some(url), _) => Some(url.clone()),
            (None, Some(listen)) if listen.port() != 0 => Some(format!("http://{listen}")),
            _ => None,
        };
        let base = match base {
            Some(base) => base.parse::<Url>().context("--public-url is not a URL")?,
            None if me.public.is_some() => {
                Url::parse("https://localhost/").map_err(anyhow::Error::from)?
            }
            None => {
                return Err(usage(
                    "a redirect_uri client id follows from the address: give --public-url or --listen",
                ));
            }
        };
        let client_id = me.client_id(&base)?;
        Ok((me, client_id))
    }
}

/// `id`: what the ledger registers.
pub(crate) fn show(data: &Data, global: &Global) -> Result<(), Failure> {
    let (me, client_id) = Me::named(data, global)?;
    if global.json {
        output::json(&me.to_json(&client_id)?);
    } else {
        output::line(format_args!("Client id: {client_id}"));
        if let Some(public) = &me.public {
            output::line(format_args!("Public key: {}", public.to_jwk()));
        }
    }
    Ok(())
}

impl Me {
    /// `{"client_id","jwk","did","x509"}`, the last three `null` where there is none.
    pub(crate) fn to_json(&self, client_id: &str) -> anyhow::Result<Value> {
        let did = match &self.identity {
            Identity::Did { kid, .. } => Some(did::split_url(kid).0),
            _ => None,
        };
        let pem = self.certificate.as_ref().map(Certificate::to_pem);
        Ok(json!({
            "client_id": client_id,
            "jwk": self.public.as_ref().map(PublicKey::to_jwk),
            "did": did,
            "x509": pem.transpose()?,
        }))
    }
}
