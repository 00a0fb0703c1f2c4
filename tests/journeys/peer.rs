//! The other end, written here: it answers as a test wants and remembers what came.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
}

/// What goes back.
pub(crate) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// The line is cut after the request was read.
    HangUp,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::Answer {
            status: 302,
            headers: vec![("location", to.to_owned())],
            body: Vec::new(),
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::json(404, &serde_json::json!({}))
    }
}

/// A server on a loopback port of the system's choosing; it ends with the value.
pub(crate) struct Peer {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    over: Arc<AtomicBool>,
}

impl Peer {
    /// `answer` gets the address of the server and what came.
    pub(crate) fn open(answer: impl Fn(&str, &Seen) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let peer = Self {
            url: url.clone(),
            seen: Arc::clone(&seen),
            over: Arc::clone(&over),
        };
        std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                // A caller that breaks off is part of some tests.
                let _ = serve(caller, &seen, |one| answer(&url, one));
            }
        });
        peer
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How often this path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.seen().iter().filter(|one| one.path == path).count()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread, which then sees that it is over.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

fn serve(
    caller: TcpStream,
    seen: &Mutex<Vec<Seen>>,
    answer: impl Fn(&Seen) -> Reply,
) -> std::io::Result<()> {
    caller.set_read_timeout(Some(Duration::from_secs(10)))?;
    caller.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(&caller);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next(), words.next());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(text) = line.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap_or(0);
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let one = Seen {
        method: method.unwrap_or_default(),
        path: path.unwrap_or_default(),
        body,
    };
    seen.lock().unwrap().push(one.clone());
    let Reply::Answer {
        status,
        headers,
        body,
    } = answer(&one)
    else {
        return Ok(());
    };
    let mut head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    (&caller).write_all(head.as_bytes())?;
    (&caller).write_all(&body)
}

/// An address of this computer where nobody listens. The system hands this port to nobody: one that
/// was free a moment ago may be another test's by now.
pub(crate) fn nobody() -> String {
    "http://127.0.0.1:1".to_owned()
}
