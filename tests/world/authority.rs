//! A made-up authority that certifies the key of an issuer of mdocs.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

/// The files of an issuer that is known by a certificate.
#[derive(Clone, Debug)]
pub(crate) struct Certified {
    /// The authority's own certificate: what the ledger lists.
    pub(crate) root: PathBuf,
    /// The certificate of the issuer's key.
    pub(crate) leaf: PathBuf,
    /// The issuer's key.
    pub(crate) key: PathBuf,
}

impl Certified {
    /// The certificates in `folder`, made the first time. The authority's key is forgotten: it
    /// certifies nobody else.
    pub(crate) fn open(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let files = Self {
            root: folder.join("authority.pem"),
            leaf: folder.join("certificate.pem"),
            key: folder.join("certified-key.pem"),
        };
        if files.key.exists() {
            return Ok(files);
        }
        std::fs::create_dir_all(folder)?;
        let named = |common: &str| -> anyhow::Result<CertificateParams> {
            let mut params = CertificateParams::new(Vec::new())?;
            params.distinguished_name.push(DnType::CountryName, "GB");
            params.distinguished_name.push(DnType::CommonName, common);
            Ok(params)
        };
        let root_key = KeyPair::generate()?;
        let mut root = named(&format!("Authority of the {name}"))?;
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        std::fs::write(&files.root, root.self_signed(&root_key)?.pem())?;
        let key = KeyPair::generate()?;
        let leaf = named(name)?.signed_by(&key, &rcgen::Issuer::new(root, root_key))?;
        std::fs::write(&files.leaf, leaf.pem())?;
        // Last: with it, all of it is there.
        let mut private = std::fs::OpenOptions::new();
        let mut file = private
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&files.key)
            .context("writing the certified key")?;
        std::io::Write::write_all(&mut file, key.serialize_pem().as_bytes())?;
        Ok(files)
    }
}
