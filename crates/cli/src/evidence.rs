//! `card ID --evidence FILE`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use wallet::{EvidenceError, Wallet};

use crate::cards;
use crate::explain;
use crate::output::{Failure, Output};

pub(crate) fn write(
    wallet: &Wallet,
    id: &str,
    file: &Path,
    output: Output,
) -> Result<ExitCode, Failure> {
    let id = cards::find(wallet, id)?;
    let evidence = wallet.evidence(id).map_err(|error| match &error {
        EvidenceError::Trust(error) => explain::trust(error),
        EvidenceError::Vault(error) => explain::record(error),
        EvidenceError::TooLong => Failure::new(
            "evidence_too_long",
            error,
            "Nothing was written. Whoever needs it can ask the ledger itself.",
        ),
        _ => Failure::new(
            "unlisted",
            error,
            "`cairn ledger sync` fetches what the ledger says now.",
        ),
    })?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut place| place.write_all(&evidence.bytes));
    written.map_err(|error| {
        let advice = if error.kind() == ErrorKind::AlreadyExists {
            "Nothing was overwritten. Choose another name."
        } else {
            "Check that the folder is there and may be written to."
        };
        Failure::new("file", error, advice)
    })?;
    output.object(&json!({
        "evidence": {
            "file": file.display().to_string(),
            "bytes": evidence.bytes.len(),
            "attested": evidence.attested,
        },
        "warnings": [],
    }));
    output.line(format!(
        "Wrote what the ledger says about the issuer to {}.",
        file.display()
    ));
    output
        .line("It holds no detail of the card. Check it with: cairn-ledger verify FILE --pin PIN");
    Ok(ExitCode::SUCCESS)
}
