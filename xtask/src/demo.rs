//! The demo world with the wallet's window on it, or the same path in the terminal.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use journeys::{Demo, Programs, succeed};

use crate::{say, workspace};

/// Opens at no other wallet than the demo's, and is no secret.
const PASSPHRASE: &str = "seven grey stones above the tide line";

/// Starts the world, then the window; ends the world with it.
pub(crate) fn run(headless: bool) -> anyhow::Result<()> {
    // First of all: whoever stops this stops what it started too.
    let stop = stopped()?;
    let folder = workspace::root().join(".demo");
    std::fs::create_dir_all(&folder)?;
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))?;
    let programs = Programs::beside_this_one()?;
    let world = Demo::start(&programs, &folder, &workspace::root().join("schemas"))?;
    say::line(&format!(
        "The demo world runs. Ledger: {}",
        world.ledger.url()
    ));
    for desk in &world.issuers {
        let url = desk.service.url();
        say::line(&format!("  {} – {}: {url}/desk", desk.name, desk.title));
    }
    if headless {
        walk(&world, &programs, &folder)
    } else {
        window(world, &programs, &folder, &stop)
    }
}

fn window(
    world: Demo,
    programs: &Programs,
    folder: &Path,
    stop: &Receiver<()>,
) -> anyhow::Result<()> {
    let socket = folder.join("desks.socket");
    let desks = folder.join("desks.json");
    std::fs::write(&desks, serde_json::to_vec_pretty(&world.desks(&socket))?)?;
    let mut window = programs.command("cairn-desktop")?;
    window.arg("--data").arg(folder.join("wallet"));
    window.args(["--demo", "--ledger", world.ledger.url(), "--pin"]);
    window.arg(world.pin()).arg("--desks").arg(&desks);

    let world = Arc::new(Mutex::new(Some(world)));
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).context("the socket of the desks")?;
    let answering = world.clone();
    std::thread::spawn(move || {
        for caller in listener.incoming().flatten() {
            // A desk that refuses says nothing; the window tells of it.
            let _ = answer(caller, &answering);
        }
    });

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
    drop(world.lock().unwrap_or_else(PoisonError::into_inner).take());
    let _ = std::fs::remove_file(&socket);
    if !ended.success() && ended.code().is_some() {
        bail!("the window ended with {ended}");
    }
    Ok(())
}

/// One line with a desk's id; one line with its link.
fn answer(mut caller: UnixStream, world: &Mutex<Option<Demo>>) -> anyhow::Result<()> {
    caller.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut id = String::new();
    BufReader::new((&caller).take(256)).read_line(&mut id)?;
    let world = world.lock().unwrap_or_else(PoisonError::into_inner);
    let link = world
        .as_ref()
        .context("the world is gone")?
        .offer(id.trim())?;
    writeln!(caller, "{link}")?;
    Ok(())
}

/// Offer, add, cards: with the wallet in the terminal.
fn walk(world: &Demo, programs: &Programs, folder: &Path) -> anyhow::Result<()> {
    let wallet = folder.join("terminal-wallet");
    if wallet.exists() {
        std::fs::remove_dir_all(&wallet)?;
    }
    let secret = folder.join("passphrase.txt");
    std::fs::write(&secret, PASSPHRASE)?;
    let cairn = |arguments: &[&str]| -> anyhow::Result<()> {
        let mut command = programs.command("cairn")?;
        command.arg("--data").arg(&wallet);
        command.arg("--passphrase-file").arg(&secret).arg("--demo");
        command
            .args(["--ledger", world.ledger.url(), "--pin"])
            .arg(world.pin());
        command.args(arguments);
        show("cairn", arguments, &mut command)
    };
    cairn(&["init", "--no-keyring"])?;
    cairn(&["ledger", "sync"])?;
    for desk in &world.issuers {
        let link = world.offer(&desk.kind)?;
        cairn(&["add", &link, "--yes"])?;
    }
    cairn(&["cards"])
}

fn show(name: &str, arguments: &[&str], command: &mut Command) -> anyhow::Result<()> {
    say::line(&format!("\n$ {name} {}", arguments.join(" ")));
    say::line(succeed(command)?.trim_end());
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
