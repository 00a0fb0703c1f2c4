//! `key`: makes a signing key in a file of its own, and says which public key a file holds.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use credential::did;
use keys::{PublicKey, SigningKey};
use program::folder::{self, read_bounded};
use program::output::{self, Failure};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::args::KeyVerb;

const MAX_PEM: u64 = 64 * 1024;

pub(crate) fn run(verb: &KeyVerb, as_json: bool) -> Result<(), Failure> {
    match verb {
        KeyVerb::Make { file, alg, public } => {
            if let Some(path) = public
                && is_same(file, path)
            {
                return Err(same_file(path));
            }
            // Before the secret is there: one without the other helps nobody.
            for path in [Some(file), public.as_ref()].into_iter().flatten() {
                if path.symlink_metadata().is_ok() {
                    return Err(exists(path));
                }
            }
            let key = alg.make();
            let pem = key.to_pem().context("the key cannot be written")?;
            made(file, folder::make_secret(file, pem.as_bytes()))?;
            if let Some(path) = public {
                let text = format!("{}\n", key.public().to_jwk());
                let written = made(path, folder::make_public(path, text.as_bytes()));
                if let Err(failure) = written {
                    return Err(take_back(file, failure));
                }
            }
            show(file, &key.public(), as_json)
        }
        KeyVerb::Show { file } => {
            let pem = Zeroizing::new(read_bounded(file, MAX_PEM)?);
            let pem = std::str::from_utf8(&pem).ok();
            let key = pem.and_then(|pem| SigningKey::from_pem(pem).ok());
            let unusable = || format!("{} is not a usable key", file.display());
            show(file, &key.with_context(unusable)?.public(), as_json)
        }
    }
}

fn made(path: &Path, written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(path)),
        written => Ok(written.with_context(|| format!("cannot write {}", path.display()))?),
    }
}

/// Nobody has used the key that was made a moment ago.
fn take_back(file: &Path, mut failure: Failure) -> Failure {
    let file_name = file.display();
    failure.advice = match std::fs::remove_file(file) {
        Ok(()) => "nothing was kept: give another place for the public key".to_owned(),
        Err(_) => format!("the new key is in {file_name}, and could not be removed again"),
    };
    failure
}

/// Whether two names are one file that is still to be made.
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let parent = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        Some((parent.canonicalize().ok()?, path.file_name()?.to_owned()))
    };
    one == other || place(one).is_some_and(|found| place(other) == Some(found))
}

fn same_file(path: &Path) -> Failure {
    let message = format!(
        "{} cannot be both the secret key and the public one",
        path.display()
    );
    let advice = "nothing was written: give --public another name";
    Failure::refused("same_file", message, advice)
}

fn exists(path: &Path) -> Failure {
    let message = format!("there is a file {} already", path.display());
    let advice = "nothing was written: give another name";
    Failure::refused("exists", message, advice)
}

/// Nothing of the secret.
fn show(file: &Path, public: &PublicKey, as_json: bool) -> Result<(), Failure> {
    let told = about(file, public)?;
    if as_json {
        output::json(&told);
        return Ok(());
    }
    let text = |name| told.get(name).and_then(Value::as_str).unwrap_or_default();
    output::line(format_args!("Key: {}", text("file")));
    output::line(format_args!("Public key: {}", public.to_jwk()));
    output::line(format_args!("Thumbprint: {}", text("thumbprint")));
    output::line(format_args!("did:key: {}", text("did_key")));
    output::line(format_args!("did:jwk: {}", text("did_jwk")));
    Ok(())
}

/// `{"file","jwk","thumbprint","did_key","did_jwk"}`.
fn about(file: &Path, public: &PublicKey) -> anyhow::Result<Value> {
    Ok(json!({
        "file": file.display().to_string(),
        "jwk": public.to_jwk(),
        "thumbprint": public.thumbprint(),
        "did_key": did::derive_did_key(public)?,
        "did_jwk": did::derive_did_jwk(public)?,
    }))
}
