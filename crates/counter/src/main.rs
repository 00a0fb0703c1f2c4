//! `cairn-counter`: asks a wallet for what a desk needs, checks the answer, says what it is worth.

mod answer;
mod args;
mod asked;
mod asks;
mod by_code;
mod codes;
mod desk;
mod evidence;
mod files;
mod identity;
mod judge;
mod page;
mod purposes;
mod request;
mod serve;
mod status;
mod steady;
mod trust;
mod vc_api;
mod verify;
mod words;

use std::process::ExitCode;

use program::output::Failure;

use args::{Arguments, Verb};

fn main() -> ExitCode {
    let arguments = match args::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            if std::env::args().any(|argument| argument == "--json") {
                Failure::of_usage(&error.to_string(), "cairn-counter").show(true);
            } else {
                let _ = error.print();
            }
            return ExitCode::FAILURE;
        }
    };
    let as_json = arguments.global.json;
    match run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.show(as_json);
            ExitCode::from(failure.exit)
        }
    }
}

fn run(arguments: Arguments) -> Result<u8, Failure> {
    let global = arguments.global;
    if let Verb::Completions { shell } = arguments.verb {
        let mut command = args::offered();
        clap_complete::generate(shell, &mut command, "cairn-counter", &mut std::io::stdout());
        return Ok(0);
    }
    let data = files::Data::open(global.data.clone())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)?;
    runtime.block_on(async {
        match arguments.verb {
            Verb::Serve => serve::run(&data, &global).await.map(|()| 0),
            Verb::Request(wanted) => request::request(&data, &global, &wanted).await,
            Verb::Result(wanted) => request::result(&data, &global, &wanted).await,
            Verb::Verify(wanted) => verify::run(&data, &global, &wanted).await,
            Verb::Ask(wanted) => by_code::ask(&data, &global, &wanted).await.map(|()| 0),
            Verb::Read(wanted) => by_code::read(&data, &global, &wanted).await,
            Verb::Id => identity::show(&data, &global).map(|()| 0),
            Verb::Completions { .. } => Ok(0),
        }
    })
}
