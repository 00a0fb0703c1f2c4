//! `node`: one validator. It runs the application and CometBFT beside it, and ends both.
//!
//! A node's folder holds `node.json`, the home of CometBFT (`cometbft/`) and the application's
//! own (`ledger/`), which is laid out as an embedded ledger's tiles.

mod settings;

#[cfg(unix)]
mod application;
#[cfg(unix)]
mod child;
#[cfg(unix)]
mod query;
#[cfg(unix)]
mod rate;
#[cfg(unix)]
mod snapshot;
#[cfg(unix)]
mod socket;

pub(crate) use settings::Settings;

use crate::failure::Failure;
use crate::network::args::Node;

/// Version of the application: of the rules and of the application hash.
pub(crate) const APP_VERSION: u64 = 1;

#[cfg(not(unix))]
pub(crate) async fn run(_: &Node, _: bool) -> Result<(), Failure> {
    Err(Failure::failed(
        "unsupported",
        "a node runs on Linux and macOS only",
    ))
}

#[cfg(unix)]
pub(crate) async fn run(args: &Node, as_json: bool) -> Result<(), Failure> {
    use std::time::Duration;

    use ledger::comet::Chain;
    use serde_json::json;

    use crate::output;

    let settings = Settings::read(&args.dir)?;
    let program = child::find(args.cometbft.as_deref()).await?;
    let dir = std::path::absolute(&args.dir)
        .map_err(|error| Failure::failed("ledger_folder", error.to_string()))?;
    let chain = Chain::open(dir.join("ledger"))?;
    if chain.height() > 0 {
        // Newer than the one from before: those who begin to follow need not go so far back.
        chain.write_pin()?;
    }
    child::prepare(&dir, args.restore)?;
    let socket = dir.join("app.sock");
    let listener = socket::bind(&socket).map_err(|error| {
        Failure::failed(
            "ledger_folder",
            format!("{}: {error}; is its path too long?", socket.display()),
        )
    })?;
    let (failed, mut failure) = tokio::sync::mpsc::unbounded_channel();
    let application = application::Application::new(chain, settings.clone(), failed);
    std::thread::spawn(move || {
        socket::serve(&listener, move |request| application.answer(request));
    });
    let mut child = child::Comet::start(&program, &dir, &socket)?;
    let ready = child.wait_until_ready(&settings.rpc);
    // Where the application failed, CometBFT ends for that reason.
    tokio::select! {
        biased;
        why = failure.recv() => return child.fail(why).await,
        () = crate::http::stopped() => return child.stop().await,
        ready = ready => ready.map_err(|failure| child::why(&dir, failure.to_string()))?,
    }
    output::result(
        as_json,
        &json!({"listening": settings.rpc, "ledger": settings.ledger, "chain": settings.chain}),
        format_args!("Validating; RPC at {}", settings.rpc),
    );
    tokio::select! {
        biased;
        why = failure.recv() => child.fail(why).await,
        () = crate::http::stopped() => child.stop().await,
        ended = child.ended() => Err(child::why(&dir, ended)),
        // Never: a node runs until it is told to stop.
        () = tokio::time::sleep(Duration::MAX) => Ok(()),
    }
}
