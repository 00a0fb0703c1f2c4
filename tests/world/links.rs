//! Gives the wallet's window fresh links from the desks, over a socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;

use crate::{Asked, Demo};

/// How long a caller may take to name its desk.
const PATIENCE: Duration = Duration::from_secs(5);

/// The socket that answers one line with a desk's id by one line with a link, until it is dropped.
#[derive(Debug)]
pub struct DeskLinks {
    socket: PathBuf,
    shared: Arc<Shared>,
    answering: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    world: Arc<Demo>,
    asked: Mutex<Option<Asked>>,
    over: AtomicBool,
}

impl DeskLinks {
    /// Listens in `folder`, and writes there the file that the window's `--desks` reads.
    ///
    /// # Errors
    /// Where the folder cannot be written, or its path is too long for a socket.
    pub fn open(world: &Arc<Demo>, folder: &Path) -> anyhow::Result<Self> {
        let socket = folder.join("desks.socket");
        let desks = serde_json::to_vec_pretty(&world.desks(&socket))?;
        std::fs::write(folder.join("desks.json"), desks)?;
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).context("the socket of the desks")?;
        let shared = Arc::new(Shared {
            world: Arc::clone(world),
            asked: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let answering = Arc::clone(&shared);
        let answering = std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                if answering.over.load(Ordering::Acquire) {
                    return;
                }
                // A desk that refuses says nothing; the window tells of it.
                let _ = answering.answer(caller);
            }
        });
        Ok(Self {
            socket,
            shared,
            answering: Some(answering),
        })
    }

    /// The file for the window's `--desks`.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.socket.with_extension("json")
    }

    /// The request that was made last.
    #[must_use]
    pub fn last(&self) -> Option<Asked> {
        let asked = &self.shared.asked;
        asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for DeskLinks {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        // Wakes the thread; with it ends its hold on the world.
        if UnixStream::connect(&self.socket).is_ok()
            && let Some(answering) = self.answering.take()
        {
            let _ = answering.join();
        }
        let _ = std::fs::remove_file(&self.socket);
    }
}

impl Shared {
    fn answer(&self, mut caller: UnixStream) -> anyhow::Result<()> {
        caller.set_read_timeout(Some(PATIENCE))?;
        caller.set_write_timeout(Some(PATIENCE))?;
        let mut desk = String::new();
        BufReader::new((&caller).take(256)).read_line(&mut desk)?;
        let desk = desk.trim();
        let link = if self.world.issuers.iter().any(|issuer| issuer.kind == desk) {
            self.world.offer(desk)?
        } else {
            let asked = self.world.ask(desk)?;
            let link = asked.link.clone();
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
            link
        };
        writeln!(caller, "{link}").context("answering the window")
    }
}
