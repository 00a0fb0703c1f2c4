//! An issuer from the settings of a data folder.

use anyhow::Context as _;
use credential::catalogue;
use keys::SigningKey;
use keys::x509::Certificate;
use protocol::issuer::{Dpop, Form, Identity, IssuedType, Issuer, Nonces, Signer};

use crate::files::{Data, RECORDS, Settings};
use crate::records::Records;

/// The issuer of this program.
pub(crate) type Service = Issuer<Records>;

/// The records; nothing where a running service has them.
pub(crate) fn records(data: &Data) -> anyhow::Result<Option<Records>> {
    Records::open(&data.path(RECORDS)).context("cannot open the records")
}

pub(crate) fn issuer(
    data: &Data,
    settings: &Settings,
    key: SigningKey,
    records: Records,
) -> anyhow::Result<Service> {
    let url = settings.url.parse().context("the address is not a URL")?;
    let identity = Identity {
        url,
        name: settings.name.clone(),
    };
    let nonces = Nonces::with_key(data.nonce_key()?);
    let signer = signer(settings, &key)?;
    let dpop = match settings.dpop.as_str() {
        "off" => Dpop::Off,
        "required" => Dpop::Required,
        _ => Dpop::Offered,
    };
    let types = types(&settings.types)?;
    let formats = settings.formats.iter();
    let formats = formats.filter_map(|name| Form::from_name(name)).collect();
    let issuer = Issuer::new(identity, key, signer, types, nonces, records)
        .dpop(dpop)
        .formats(formats)
        .status_ttl(settings.status_ttl);
    Ok(match settings.bbs {
        true => issuer.bbs(data.bbs_key()?),
        false => issuer,
    })
}

fn signer(settings: &Settings, key: &SigningKey) -> anyhow::Result<Signer> {
    match settings.key_by.as_str() {
        "did" => Ok(Signer::Did),
        "x5c" => {
            let path = settings.cert.as_ref().context("--cert FILE is missing")?;
            let pem = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let chain = Certificate::chain_from_pem(&pem)
                .with_context(|| format!("{} is not a certificate chain", path.display()))?;
            let leaf = chain.first().context("the certificate chain is empty")?;
            anyhow::ensure!(
                *leaf.public_key() == key.public(),
                "the first certificate is not for the signing key"
            );
            Ok(Signer::X5c(chain))
        }
        _ => Ok(Signer::Metadata),
    }
}

fn types(names: &[String]) -> anyhow::Result<Vec<IssuedType>> {
    if names.is_empty() {
        return catalogue::types()
            .iter()
            .map(|entry| Ok(IssuedType::from_catalogue(entry)?))
            .collect();
    }
    names
        .iter()
        .map(|name| {
            let entry = catalogue::by_name(name)
                .or_else(|| catalogue::by_vct(name))
                .with_context(|| {
                    let names = crate::check::names();
                    format!("there is no credential type `{name}`; the types are: {names}")
                })?;
            Ok(IssuedType::from_catalogue(entry)?)
        })
        .collect()
}
