//! `cairn-ledger`: keep a ledger, write its events, serve it.

mod actions;
mod args;
mod called;
mod commands;
mod custody;
mod dates;
mod evidence;
mod explain;
mod failure;
mod governance;
mod http;
mod import;
mod network;
mod node;
mod output;
mod page;
mod publish;
mod purposes;
mod serve;
mod show;
mod witness;
mod writer;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Command};
use failure::Failure;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(&cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(cli.json, &failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run(cli: &Cli) -> Result<(), Failure> {
    let json = cli.json;
    match &cli.command {
        Command::Init(args) => commands::init(args, json),
        Command::Accredit(args) => commands::accredit(args, json).await,
        Command::RegisterIssuer(args) => commands::register_issuer(args, json).await,
        Command::RegisterService(args) => commands::register_service(args, json).await,
        Command::RotateKey(args) => commands::rotate_key(args, json).await,
        Command::RevokeKey(args) => commands::revoke_key(args, json).await,
        Command::Withdraw(args) => commands::withdraw(args, json).await,
        Command::PublishType(args) => commands::publish_type(args, json).await,
        Command::List(args) => show::list(args, json).await,
        Command::Show(args) => show::show(args, json).await,
        Command::Explain(args) => explain::run(args, json).await,
        Command::Verify(args) => show::verify(args, json).await,
        Command::Attest(args) => commands::attest(args, json),
        Command::Serve(args) => serve::run(args, json).await,
        Command::Network { command } => network::run(command, json),
        Command::Validator { command } => commands::set_validator(command, json).await,
        Command::Node(args) => node::run(args, json).await,
        Command::Event { command } => governance::run(command, json).await,
        Command::Witness { command } => witness::run(command, json).await,
        Command::Pin(args) => witness::write_pin(args, json),
        Command::Completions { shell } => {
            let name = "cairn-ledger";
            clap_complete::generate(*shell, &mut Cli::command(), name, &mut std::io::stdout());
            Ok(())
        }
    }
}

/// Exit status 2 means that a rule refused; a wrong command line is 1.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        output::line(error.to_string().trim_end());
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().any(|arg| arg == "--json") {
        let text = error.to_string();
        // The first paragraph of what the parser said, as the other programs tell it.
        let lines = text.lines().map(str::trim);
        let first: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
        let message = first.join(" ");
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        output::failure(true, &Failure::failed("usage", message));
    } else {
        output::remark(error.to_string().trim_end());
    }
    ExitCode::from(1)
}
