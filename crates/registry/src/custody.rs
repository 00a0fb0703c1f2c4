//! Key files: what this tool makes and keeps in `DIR/keys`, and what it is given.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use keys::x509::Certificate;
use keys::{PublicKey, SecretKeyError, SigningKey, bls, json};
use ledger::OperatorKeys;
use ledger::event::GOVERNANCE;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// Key and certificate files are small.
const MAX_FILE: u64 = 256 * 1024;
/// Keys that one file may bring.
const MAX_KEYS: usize = 16;

/// A key from a file, with its secret part where the file has it.
pub(crate) struct FileKey {
    pub(crate) public: PublicKey,
    pub(crate) secret: Option<FileSecret>,
}

/// What proves possession of a key.
pub(crate) enum FileSecret {
    /// P-256 or Ed25519.
    Signing(SigningKey),
    /// BBS.
    Bbs(bls::SecretKey),
}

/// Reads a file of bounded size.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |error: std::io::Error| {
        Failure::failed("file", format!("cannot read {}: {error}", path.display()))
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(cannot)?;
    file.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Failure::failed(
            "file",
            format!("{} is longer than {MAX_FILE} bytes", path.display()),
        ));
    }
    Ok(bytes)
}

/// Reads a text file of bounded size.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?)
        .map_err(|_| Failure::failed("file", format!("{} is not text", path.display())))
}

/// Reads a secret key, PEM or JWK.
pub(crate) fn read_secret(path: &Path) -> Result<SigningKey, Failure> {
    let bytes = zeroize::Zeroizing::new(read(path)?);
    let refused = || {
        Failure::failed(
            "key_file",
            format!("{} holds no P-256 or Ed25519 secret key", path.display()),
        )
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| refused())?;
    if text.contains("-----BEGIN") {
        return taken(SigningKey::from_pem(text).ok()).ok_or_else(refused);
    }
    let jwk = json::parse(&bytes).map_err(|_| refused())?;
    taken(SigningKey::from_jwk(&jwk).ok()).ok_or_else(refused)
}

fn taken(key: Option<SigningKey>) -> Option<SigningKey> {
    key.filter(|key| ledger::takes_key(&key.public()))
}

/// Reads public or secret keys: JWK, JWKS or PEM.
pub(crate) fn read_keys(path: &Path) -> Result<Vec<FileKey>, Failure> {
    let bytes = zeroize::Zeroizing::new(read(path)?);
    let refused =
        |why: &str| Failure::refused("malformed_key", format!("{}: {why}", path.display()));
    let text = std::str::from_utf8(&bytes).map_err(|_| refused("not a JWK, JWKS or PEM"))?;
    if text.contains("-----BEGIN CERTIFICATE") {
        return Err(refused("a certificate: register it with --x509"));
    }
    let found = keys_of(text, &refused)?;
    match found.iter().all(|key| ledger::takes_key(&key.public)) {
        true => Ok(found),
        false => Err(refused(NOT_TAKEN)),
    }
}

/// What is said of a key that the ledger's rules do not know.
pub(crate) const NOT_TAKEN: &str = "a P-384 key, and the ledger's rules know none";

fn keys_of(text: &str, refused: &dyn Fn(&str) -> Failure) -> Result<Vec<FileKey>, Failure> {
    if text.contains("-----BEGIN") {
        if let Ok(secret) = SigningKey::from_pem(text) {
            return Ok(vec![FileKey {
                public: secret.public(),
                secret: Some(FileSecret::Signing(secret)),
            }]);
        }
        let public =
            PublicKey::from_public_pem(text).map_err(|error| refused(&error.to_string()))?;
        return Ok(vec![FileKey {
            public,
            secret: None,
        }]);
    }
    let value = json::parse(text.as_bytes()).map_err(|error| refused(&error.to_string()))?;
    let list = match value.get("keys") {
        Some(Value::Array(list)) => list.clone(),
        _ => vec![value],
    };
    if list.is_empty() || list.len() > MAX_KEYS {
        return Err(refused("a key set must hold 1 to 16 keys"));
    }
    list.iter()
        .map(|jwk| {
            if jwk.get("d").is_some() {
                secret_key(jwk).map_err(|error| refused(&error.to_string()))
            } else {
                let public =
                    PublicKey::from_jwk(jwk).map_err(|error| refused(&error.to_string()))?;
                Ok(FileKey {
                    public,
                    secret: None,
                })
            }
        })
        .collect()
}

fn secret_key(jwk: &Value) -> Result<FileKey, SecretKeyError> {
    if jwk.get("crv").and_then(Value::as_str) == Some("Bls12381G2") {
        let secret = bls::secret_from_jwk(jwk)?;
        return Ok(FileKey {
            public: PublicKey::Bls12381G2(secret.public()),
            secret: Some(FileSecret::Bbs(secret)),
        });
    }
    let secret = SigningKey::from_jwk(jwk)?;
    Ok(FileKey {
        public: secret.public(),
        secret: Some(FileSecret::Signing(secret)),
    })
}

/// Reads the first certificate of a file, PEM or DER.
pub(crate) fn read_certificate(path: &Path) -> Result<Certificate, Failure> {
    let bytes = read(path)?;
    let parsed = match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains("-----BEGIN") => Certificate::from_pem(text),
        _ => Certificate::from_der(&bytes),
    };
    let refused =
        |why: &str| Failure::refused("malformed_key", format!("{}: {why}", path.display()));
    let certificate = parsed.map_err(|error| refused(&error.to_string()))?;
    match ledger::takes_key(certificate.public_key()) {
        true => Ok(certificate),
        false => Err(refused(NOT_TAKEN)),
    }
}

/// The file of a signer's control key in `DIR/keys`.
pub(crate) fn control_path(dir: &Path, signer: &str) -> PathBuf {
    let name = if signer == GOVERNANCE {
        "governance.pem".to_owned()
    } else {
        let digest = keys::b64::encode(Sha256::digest(signer));
        format!("accreditor-{}.pem", digest.get(..16).unwrap_or(&digest))
    };
    dir.join("keys").join(name)
}

/// The key that signs events of `signer`.
pub(crate) fn control_key(
    dir: &Path,
    signer: &str,
    given: Option<&PathBuf>,
) -> Result<SigningKey, Failure> {
    if let Some(path) = given {
        return read_secret(path);
    }
    let path = control_path(dir, signer);
    if !path.exists() {
        return Err(Failure::failed(
            "key_file",
            format!("the control key of {signer} is not in the ledger's folder"),
        ));
    }
    read_secret(&path)
}

/// Writes a new key file that only its owner can read. An existing file is never replaced.
pub(crate) fn write_key(path: &Path, key: &SigningKey) -> Result<(), Failure> {
    let cannot = |error| cannot_write(path, &error);
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(cannot)?;
    }
    let pem = key
        .to_pem()
        .map_err(|_| Failure::failed("key_file", "the key cannot be written"))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(cannot)?;
    let written = file
        .write_all(pem.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a key would stand in the way of the next try.
        let _ = fs::remove_file(path);
        cannot(error)
    })
}

/// Writes a file so that readers see the old bytes or the new ones.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let cannot = |error| cannot_write(path, &error);
    let fresh = path.with_extension("new");
    let mut file = fs::File::create(&fresh).map_err(cannot)?;
    file.write_all(bytes).map_err(cannot)?;
    file.sync_all().map_err(cannot)?;
    fs::rename(&fresh, path).map_err(cannot)
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failure {
    let kind = if ledger::is_full(error) {
        "disk_full"
    } else {
        "file"
    };
    Failure::failed(kind, format!("cannot write {}: {error}", path.display()))
}

/// The operator's keys in `DIR/keys`.
pub(crate) fn operator_keys(dir: &Path) -> Result<OperatorKeys, Failure> {
    let read = |name: &str| {
        read_secret(&dir.join("keys").join(name)).map_err(|_| {
            Failure::failed(
                "operator_keys",
                format!("the operator's {name} is not in the ledger's folder"),
            )
        })
    };
    Ok(OperatorKeys {
        log: read("log.pem")?,
        operator: read("operator.pem")?,
    })
}
