//! `cairn-issuer`: an issuer's service, and the commands of the clerk who offers cards.

mod admin;
mod args;
mod check;
mod desk;
mod files;
mod form;
mod key;
mod offer;
mod open;
mod records;
mod serve;
mod status;
mod vc_api;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use program::output::Failure;

use args::{Arguments, Verb};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            if std::env::args().any(|argument| argument == "--json") {
                Failure::of_usage(&error.to_string(), "cairn-issuer").show(true);
            } else {
                let _ = error.print();
            }
            return ExitCode::FAILURE;
        }
    };
    let as_json = arguments.json;
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.show(as_json);
            ExitCode::from(failure.exit)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    if let Verb::Completions { shell } = arguments.verb {
        let mut command = Arguments::command();
        clap_complete::generate(shell, &mut command, "cairn-issuer", &mut std::io::stdout());
        return Ok(());
    }
    if let Verb::Check(terms) = arguments.verb {
        return check::run(&terms, arguments.json);
    }
    if let Verb::Key { verb } = &arguments.verb {
        return key::run(verb, arguments.json);
    }
    let data = files::Data::open(arguments.data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)?;
    runtime.block_on(async {
        match arguments.verb {
            Verb::Serve(serve) => serve::run(&data, serve, arguments.json).await,
            Verb::Offer(terms) => offer::offer(&data, terms, arguments.json).await,
            Verb::List => offer::list(&data, arguments.json).await,
            Verb::Status { verb } => status::run(&data, &verb, arguments.json).await,
            Verb::Check(_) | Verb::Key { .. } | Verb::Completions { .. } => Ok(()),
        }
    })
}
