//! The verbs that make, open and keep the wallet.

use std::path::Path;
use std::process::ExitCode;

use secrecy::ExposeSecret as _;
use serde_json::json;
use wallet::{Mode, OsKeyring, RecoveryCode, Wallet};

use crate::args::Global;
use crate::output::{Failure, Output, counted};
use crate::{ask, explain, folder, follow, open};

pub(crate) async fn init(
    global: &Global,
    no_keyring: bool,
    output: Output,
) -> Result<ExitCode, Failure> {
    let folder = folder(global)?;
    let passphrase = ask::new_passphrase(global.passphrase_file.as_deref())?;
    let mode = mode(no_keyring);
    let (wallet, code) = Wallet::create(&folder, &passphrase, mode, global.demo, &OsKeyring)
        .map_err(|error| explain::open(&error))?;
    made(&wallet, &code, mode, output);
    follow(&wallet, global).await?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn restore(
    global: &Global,
    file: &Path,
    no_keyring: bool,
    backup_passphrase_file: Option<&Path>,
    output: Output,
) -> Result<ExitCode, Failure> {
    let folder = folder(global)?;
    let passphrase = ask::passphrase(global.passphrase_file.as_deref())?;
    let backup = match backup_passphrase_file {
        Some(file) => ask::passphrase(Some(file))?,
        None => passphrase.clone(),
    };
    let mode = mode(no_keyring);
    let (wallet, code) = Wallet::restore(file, &backup, &folder, &passphrase, mode, &OsKeyring)
        .map_err(|error| explain::open(&error))?;
    made(&wallet, &code, mode, output);
    follow(&wallet, global).await?;
    Ok(ExitCode::SUCCESS)
}

fn mode(no_keyring: bool) -> Mode {
    if no_keyring {
        Mode::PassphraseOnly
    } else {
        Mode::Keyring
    }
}

fn made(wallet: &Wallet, code: &RecoveryCode, mode: Mode, output: Output) {
    let code = code.expose();
    let opens_with = match mode {
        Mode::Keyring => "keyring",
        Mode::PassphraseOnly => "passphrase",
    };
    output.object(&json!({
        "folder": wallet.folder(),
        "opens_with": opens_with,
        "demo": wallet.is_demo(),
        "recovery_code": code.expose_secret(),
    }));
    output.line(format!("Your wallet is in {}.", wallet.folder().display()));
    if wallet.is_demo() {
        output.line("It belongs to the demo world: plain HTTP and loopback are allowed in it.");
    }
    output.line("");
    output.line("Write this recovery code down and keep it apart from this computer.");
    output.line("It opens the wallet if you forget the passphrase, and it is not shown again:");
    output.line("");
    output.line(format!("    {}", code.expose_secret()));
}

pub(crate) fn recover(
    global: &Global,
    code_file: Option<&Path>,
    output: Output,
) -> Result<ExitCode, Failure> {
    let folder = folder(global)?;
    let code = ask::recovery_code(code_file)?;
    let new = ask::new_passphrase(global.passphrase_file.as_deref())?;
    let wallet =
        Wallet::recover(&folder, &code, &new, &OsKeyring).map_err(|error| explain::open(&error))?;
    output.object(&json!({"folder": wallet.folder(), "recovered": true}));
    output.line("The wallet opens with the new passphrase now. The recovery code stays the same.");
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn passphrase(
    global: &Global,
    new_file: Option<&Path>,
    output: Output,
) -> Result<ExitCode, Failure> {
    let present = ask::passphrase(global.passphrase_file.as_deref())?;
    let wallet = open(global).await?;
    let new = ask::next_passphrase(new_file)?;
    wallet
        .change_passphrase(&present, &new, &OsKeyring)
        .map_err(|error| explain::open(&error))?;
    output.object(&json!({"changed": true}));
    output.line("The passphrase was changed. The recovery code stays the same.");
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn backup(
    global: &Global,
    file: &Path,
    backup_passphrase_file: Option<&Path>,
    output: Output,
) -> Result<ExitCode, Failure> {
    let passphrase = match backup_passphrase_file {
        Some(file) => ask::passphrase(Some(file))?,
        None => ask::passphrase(global.passphrase_file.as_deref())?,
    };
    let wallet = open(global).await?;
    let cards = wallet
        .back_up(file, &passphrase)
        .map_err(|error| explain::open(&error))?;
    output.object(&json!({"file": file, "cards": cards}));
    output.line(format!(
        "{} in {}. It opens with the passphrase alone: keep it apart.",
        counted(usize::try_from(cards).unwrap_or(usize::MAX), "card"),
        file.display()
    ));
    Ok(ExitCode::SUCCESS)
}
