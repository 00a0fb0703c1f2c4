//! `cairn`: the wallet in a terminal.

mod add;
mod args;
mod ask;
mod cards;
mod desk;
mod evidence;
mod explain;
mod history;
mod ledger;
mod missing;
mod output;
mod pass;
mod present;
mod terminal;
mod vault;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use serde_json::json;
use wallet::{OsKeyring, Wallet};

use crate::args::{Cairn, Global, Verb};
use crate::output::{Failure, Output};

/// The language of labels in the terminal.
pub(crate) const LOCALE: &str = "en";

fn main() -> ExitCode {
    let cairn = match Cairn::try_parse() {
        Ok(cairn) => cairn,
        Err(error) => return usage(&error),
    };
    let output = Output {
        json: cairn.global.json,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(&cairn, output)),
        Err(error) => Err(Failure::new("internal", error, "")),
    };
    match outcome {
        Ok(status) => status,
        Err(failure) => output.failure(&failure),
    }
}

async fn run(cairn: &Cairn, output: Output) -> Result<ExitCode, Failure> {
    let global = &cairn.global;
    match &cairn.verb {
        Verb::Init { no_keyring } => vault::init(global, *no_keyring, output).await,
        Verb::Restore {
            file,
            no_keyring,
            backup_passphrase_file,
        } => {
            let backup = backup_passphrase_file.as_deref();
            vault::restore(global, file, *no_keyring, backup, output).await
        }
        Verb::Recover { code_file } => vault::recover(global, code_file.as_deref(), output),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cairn::command(), "cairn", &mut script);
            let text = String::from_utf8_lossy(&script).into_owned();
            Output { json: false }.line(text.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Verb::Add(add) => add::run(&open(global).await?, add, output).await,
        Verb::Cards { check } => cards::list(&open(global).await?, *check, output).await,
        Verb::Card { id, evidence } => match evidence {
            None => cards::show(&open(global).await?, id, output),
            Some(file) => evidence::write(&open(global).await?, id, file, output),
        },
        Verb::Delete { id, yes } => cards::delete(&open(global).await?, id, *yes, output),
        Verb::History => history::run(&open(global).await?, output),
        Verb::Verify { file } => cards::verify(&open(global).await?, file, output).await,
        Verb::Present(present) => present::run(&open(global).await?, present, output).await,
        Verb::Pass(pass) => pass::run(&open(global).await?, pass, output).await,
        Verb::Desks => desk::list(&open(global).await?, output),
        Verb::Ledger(verb) => ledger::run(&open(global).await?, verb, output).await,
        Verb::Passphrase {
            new_passphrase_file,
        } => vault::passphrase(global, new_passphrase_file.as_deref(), output).await,
        Verb::Backup {
            file,
            backup_passphrase_file,
        } => vault::backup(global, file, backup_passphrase_file.as_deref(), output).await,
    }
}

/// Opens the wallet, and follows the ledger that was named.
pub(crate) async fn open(global: &Global) -> Result<Wallet, Failure> {
    let folder = folder(global)?;
    let passphrase = ask::passphrase(global.passphrase_file.as_deref())?;
    let wallet =
        Wallet::unlock(&folder, &passphrase, &OsKeyring).map_err(|error| explain::open(&error))?;
    if global.demo && !wallet.is_demo() {
        return Err(Failure::new(
            "not_a_demo_wallet",
            "this wallet was not made for the demo",
            "Nothing was done. Make one with `cairn --demo init` in another folder.",
        )
        .refused());
    }
    follow(&wallet, global).await?;
    Ok(wallet)
}

/// Follows the ledger of `--ledger`, with the pin of `--pin`.
pub(crate) async fn follow(wallet: &Wallet, global: &Global) -> Result<(), Failure> {
    let Some(source) = &global.ledger else {
        return Ok(());
    };
    let source = match Path::new(source).canonicalize() {
        Ok(path) if !source.contains("://") => path.display().to_string(),
        _ => source.clone(),
    };
    wallet
        .follow(&source, global.pin.as_deref())
        .await
        .map_err(|error| explain::trust(&error))
}

/// The wallet's folder.
pub(crate) fn folder(global: &Global) -> Result<PathBuf, Failure> {
    global
        .data
        .clone()
        .or_else(wallet::default_folder)
        .ok_or_else(|| {
            Failure::new(
                "usage",
                "this system names no folder for data",
                "Name one with --data.",
            )
        })
}

/// Says what was wrong with the words of the command line. Help is no failure.
fn usage(error: &clap::Error) -> ExitCode {
    let json = std::env::args().any(|word| word == "--json");
    if !error.use_stderr() || !json {
        let _ = error.print();
        return ExitCode::from(u8::from(error.use_stderr()));
    }
    // The first paragraph of what the parser said, as the other programs tell it.
    let text = error.to_string();
    let lines = text.lines().map(str::trim);
    let first: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let message = first.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    Output { json: true }.object(&json!({
        "error": {
            "kind": "usage",
            "message": message,
            "advice": "See `cairn --help`.",
            "stage": "review",
        },
        "warnings": [],
    }));
    ExitCode::FAILURE
}
