//! CometBFT as a child process: found, started, watched and ended. No other process is touched.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::task::AbortHandle;

use super::application::Failed;
use crate::failure::Failure;

/// The line of versions whose protocol the application speaks.
const VERSION: &str = "0.38.";
/// Less free room than this is none.
const ROOM: usize = 256 * 1024;
/// How long it may take until its RPC answers: a long chain is replayed first.
const UNTIL_READY: Duration = Duration::from_secs(300);
/// How long it may take to end when asked.
const UNTIL_ENDED: Duration = Duration::from_secs(20);
/// The longest that CometBFT's words get, in bytes: a peer can make it say something at every
/// message.
const MAX_LOG: u64 = 16 * 1024 * 1024;
/// How often their length is looked at.
const LOOK_AT_LOG: Duration = Duration::from_secs(1);

/// Finds a CometBFT of the right line: the one that is named, else `cometbft` on the PATH.
pub(super) async fn find(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let program = named.unwrap_or(Path::new("cometbft")).to_owned();
    let asked = Command::new(&program)
        .arg("version")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let asked = tokio::time::timeout(Duration::from_secs(10), asked).await;
    let missing = || {
        Failure::failed(
            "no_cometbft",
            format!("{} cannot be run", program.display()),
        )
    };
    let output = asked.map_err(|_| missing())?.map_err(|_| missing())?.stdout;
    let version = String::from_utf8_lossy(&output);
    if !version.trim().trim_start_matches('v').starts_with(VERSION) {
        return Err(Failure::failed(
            "no_cometbft",
            format!("{} is not CometBFT v{VERSION}x", program.display()),
        ));
    }
    Ok(program)
}

/// Sees that the memory of what this validator signed is there. Where it was lost, only a restore
/// begins it anew: another copy of the node may have signed what this one does not remember.
pub(super) fn prepare(dir: &Path, restore: bool) -> Result<(), Failure> {
    let signed = dir.join("cometbft/data/priv_validator_state.json");
    if signed.is_file() {
        return Ok(());
    }
    if !restore {
        return Err(Failure::failed(
            "data_lost",
            format!("{} is missing", signed.display()),
        ));
    }
    crate::network::write_signed_state(&dir.join("cometbft"))
}

/// A running CometBFT.
pub(super) struct Comet {
    child: Child,
    log: AbortHandle,
}

impl Drop for Comet {
    fn drop(&mut self) {
        self.log.abort();
    }
}

impl Comet {
    /// Starts it with its home in `dir/cometbft`. What it says goes to a file there, which begins
    /// anew when it is long.
    pub(super) fn start(program: &Path, dir: &Path, socket: &Path) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::failed("cometbft", error.to_string());
        let home = dir.join("cometbft");
        let log = home.join("log");
        let log = OpenOptions::new().create(true).append(true).open(log);
        let log = log.map_err(failed)?;
        log.set_len(0).map_err(failed)?;
        let bounded = log.try_clone().map_err(failed)?;
        let child = Command::new(program)
            .arg("start")
            .arg("--home")
            .arg(&home)
            .arg("--proxy_app")
            .arg(format!("unix://{}", socket.display()))
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            .spawn()
            .map_err(failed)?;
        let bounded = tokio::spawn(async move {
            while shorten(&bounded).is_ok() {
                tokio::time::sleep(LOOK_AT_LOG).await;
            }
        });
        let log = bounded.abort_handle();
        Ok(Self { child, log })
    }

    /// Waits until its RPC takes connections.
    pub(super) async fn wait_until_ready(&mut self, rpc: &str) -> Result<(), Failure> {
        let address = rpc.trim_start_matches("http://").to_owned();
        let ready = async {
            while tokio::net::TcpStream::connect(&address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::select! {
            waited = tokio::time::timeout(UNTIL_READY, ready) => {
                waited.map_err(|_| Failure::failed("cometbft", "it does not answer"))
            }
            ended = self.child.wait() => Err(Failure::failed("cometbft", in_words(ended))),
        }
    }

    /// Waits for it to end by itself, and says how it did.
    pub(super) async fn ended(&mut self) -> String {
        in_words(self.child.wait().await)
    }

    /// Ends it: by a signal that it can act on, then by force.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        self.terminate();
        if tokio::time::timeout(UNTIL_ENDED, self.child.wait())
            .await
            .is_err()
        {
            let _ = self.child.kill().await;
        }
        Ok(())
    }

    /// Ends it because the application cannot go on.
    pub(super) async fn fail(self, why: Option<Failed>) -> Result<(), Failure> {
        self.stop().await?;
        let why = why.unwrap_or_else(|| "the application ended".to_owned().into());
        Err(Failure::failed(why.kind, why.words))
    }

    fn terminate(&self) {
        let process = self
            .child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw);
        if let Some(process) = process {
            // Not reaped yet, so the number is still this child's.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        }
    }
}

/// Empties a file that has become too long. Who appends to it goes on at its new end.
fn shorten(log: &File) -> std::io::Result<()> {
    if log.metadata()?.len() > MAX_LOG {
        log.set_len(0)?;
    }
    Ok(())
}

/// Why it ended by itself. Its databases are on the same disk as the ledger and stop when that is
/// full; what it says then may have found no room either.
pub(super) fn why(dir: &Path, ended: String) -> Failure {
    let probe = dir.join("room.new");
    let room = std::fs::write(&probe, [0; ROOM]);
    let _ = std::fs::remove_file(&probe);
    match room {
        Err(error) if ledger::is_full(&error) => Failure::failed("disk_full", ended),
        _ => Failure::failed("cometbft", ended),
    }
}

fn in_words(ended: std::io::Result<std::process::ExitStatus>) -> String {
    match ended {
        Ok(status) => format!("CometBFT ended ({status}); its words are in cometbft/log"),
        Err(error) => error.to_string(),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_has_a_bound() {
        use std::io::Write as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let options = OpenOptions::new().create(true).append(true).open(&path);
        let mut log = options.unwrap();
        log.set_len(MAX_LOG).unwrap();
        shorten(&log).unwrap();
        assert_eq!(log.metadata().unwrap().len(), MAX_LOG);
        log.write_all(b"more").unwrap();
        shorten(&log).unwrap();
        log.write_all(b"after").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"after");
    }

    #[test]
    fn where_there_is_no_room_that_is_why_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let said = || "CometBFT ended".to_owned();
        assert_eq!(why(folder.path(), said()).kind(), "cometbft");
        std::os::unix::fs::symlink("/dev/full", folder.path().join("room.new")).unwrap();
        assert_eq!(why(folder.path(), said()).kind(), "disk_full");
        // Nothing is left that would take the room which somebody makes.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
