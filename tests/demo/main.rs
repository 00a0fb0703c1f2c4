//! The demo world with the wallet's window on it, or with `--headless` the same path in the terminal.

#![cfg(unix)]

mod say;
mod walk;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use journeys::{Demo, DeskLinks, Programs};

/// The top of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref() == Some("--headless")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::problem(&format!("the demo: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Starts the world, then the window or the walk; ends the world with it.
fn run(headless: bool) -> anyhow::Result<()> {
    // First of all: whoever stops this stops what it started too.
    let stop = stopped()?;
    let programs = Programs::beside_this_one()?;
    if headless {
        // A world of its own: it neither disturbs nor needs the one of the window.
        let folder = tempfile::tempdir().context("a folder for the demo")?;
        let world = start(&programs, folder.path())?;
        return walk::run(&world, &programs, folder.path(), &stop);
    }
    let folder = Path::new(ROOT).join(".demo");
    std::fs::create_dir_all(&folder)?;
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
    let world = start(&programs, &folder)?;
    say::line("The window opens; close it to end the demo.");
    window(world, &programs, &folder, &stop)
}

fn start(programs: &Programs, folder: &Path) -> anyhow::Result<Demo> {
    let world = Demo::start(programs, folder, Path::new(ROOT))?;
    say::line("The demo world runs on this computer; nothing leaves it. No body in it is real.");
    say::line(&format!("  ledger   {}", world.ledger.url()));
    for desk in &world.issuers {
        let url = desk.service.url();
        say::line(&format!("  issuer   {url}/desk  {}", desk.name));
    }
    for desk in &world.counters {
        let url = desk.service.url();
        say::line(&format!("  counter  {url}/desk  {}", desk.name));
    }
    Ok(world)
}

fn window(
    world: Demo,
    programs: &Programs,
    folder: &Path,
    stop: &Receiver<()>,
) -> anyhow::Result<()> {
    let world = Arc::new(world);
    // Not in the repository, whose path may be too long for a socket.
    let sockets = tempfile::tempdir().context("a folder for the desks")?;
    let links = DeskLinks::open(&world, sockets.path())?;
    let mut window = programs.command("cairn-desktop")?;
    window.arg("--data").arg(folder.join("wallet"));
    window.args(["--demo", "--ledger", world.ledger.url(), "--pin"]);
    window.arg(world.pin()).arg("--desks").arg(links.file());

    let mut window = window.spawn().context("starting the window")?;
    let ended = loop {
        if let Some(status) = window.try_wait()? {
            break status;
        }
        match stop.recv_timeout(Duration::from_millis(200)) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => {
                window.kill()?;
                break window.wait()?;
            }
        }
    };
    drop(links);
    drop(world);
    if !ended.success() && ended.code().is_some() {
        bail!("the window ended with {ended}");
    }
    Ok(())
}

/// Something arrives here when this program is asked to end.
fn stopped() -> anyhow::Result<Receiver<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (say, hear) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        });
        let _ = say.send(());
    });
    Ok(hear)
}
