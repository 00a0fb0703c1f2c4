//! The data folder: keys, settings, records, and how commands find a running service.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use keys::{SigningKey, bls, json};
use program::folder::{self, write_secret};
use rand::RngCore as _;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::args::{Algorithm, DpopMode, KeyBy};

/// A folder that only its owner may read.
pub(crate) struct Data(PathBuf);

/// What `serve` was last started with, so that `offer` can work beside and after it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) types: Vec<String>,
    /// The formats that are given, the usual one first; all where empty.
    #[serde(default)]
    pub(crate) formats: Vec<String>,
    pub(crate) key_by: String,
    pub(crate) key: Option<PathBuf>,
    pub(crate) cert: Option<PathBuf>,
    pub(crate) dpop: String,
    /// Whether there is a BBS key beside the signing key.
    #[serde(default)]
    pub(crate) bbs: bool,
    #[serde(default = "default_status_ttl")]
    pub(crate) status_ttl: u64,
}

fn default_status_ttl() -> u64 {
    600
}

/// How commands speak to the running service.
#[derive(Serialize, Deserialize)]
pub(crate) struct Admin {
    pub(crate) url: String,
    pub(crate) token: String,
}

const SETTINGS: &str = "issuer.json";
const ADMIN: &str = "admin.json";
const KEY: &str = "issuer.pem";
const BBS_KEY: &str = "issuer-bbs.jwk";
const NONCE_KEY: &str = "nonce.key";
/// The file of the records.
pub(crate) const RECORDS: &str = "issuer.redb";

impl Data {
    pub(crate) fn open(given: Option<PathBuf>) -> anyhow::Result<Self> {
        folder::open(given, "cairn-issuer").map(Self)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The signing key: the given file, else the one of the folder, which is made if needed.
    pub(crate) fn key(
        &self,
        given: Option<&Path>,
        make: Option<Algorithm>,
    ) -> anyhow::Result<SigningKey> {
        folder::signing_key(given, &self.path(KEY), || {
            let alg = make.context("there is no key yet: start `serve` once")?;
            Ok(alg.make())
        })
    }

    /// The BBS key of the folder, a secret JWK, made if needed.
    pub(crate) fn bbs_key(&self) -> anyhow::Result<bls::SecretKey> {
        let path = self.path(BBS_KEY);
        let unusable = || format!("{} is not a usable BBS key", path.display());
        match fs::read(&path).map(Zeroizing::new) {
            Ok(bytes) => {
                let jwk = json::parse(&bytes).with_context(unusable)?;
                bls::secret_from_jwk(&jwk).with_context(unusable)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = bls::SecretKey::make();
                write_secret(&path, bls::secret_to_jwk(&key).as_bytes())?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// The key of the nonces, made if needed.
    pub(crate) fn nonce_key(&self) -> anyhow::Result<[u8; 64]> {
        let path = self.path(NONCE_KEY);
        match fs::read(&path) {
            Ok(bytes) => <[u8; 64]>::try_from(bytes)
                .ok()
                .with_context(|| format!("{} is not a nonce key", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let mut key = [0; 64];
                OsRng.fill_bytes(&mut key);
                write_secret(&path, &key)?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    pub(crate) fn save_settings(&self, settings: &Settings) -> anyhow::Result<()> {
        write_secret(&self.path(SETTINGS), &serde_json::to_vec_pretty(settings)?)
    }

    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        let bytes = fs::read(self.path(SETTINGS))
            .context("this data folder has not been served yet: start `cairn-issuer serve`")?;
        serde_json::from_slice(&bytes).context("the settings of the data folder are damaged")
    }

    pub(crate) fn save_admin(&self, admin: &Admin) -> anyhow::Result<()> {
        write_secret(&self.path(ADMIN), &serde_json::to_vec(admin)?)
    }

    pub(crate) fn admin(&self) -> anyhow::Result<Admin> {
        let bytes = fs::read(self.path(ADMIN))
            .context("another program uses the records, and it is not a running service")?;
        serde_json::from_slice(&bytes).context("the token of the running service is damaged")
    }

    pub(crate) fn forget_admin(&self) {
        let _ = fs::remove_file(self.path(ADMIN));
    }
}

impl Algorithm {
    pub(crate) fn make(self) -> SigningKey {
        match self {
            Self::Es256 => SigningKey::make_p256(),
            Self::EdDsa => SigningKey::make_ed25519(),
        }
    }
}

impl KeyBy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Did => "did",
            Self::X5c => "x5c",
        }
    }
}

impl DpopMode {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Offered => "offered",
            Self::Required => "required",
        }
    }
}
