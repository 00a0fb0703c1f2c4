//! The program, run once or kept running, and plain HTTP to it.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use keys::SigningKey;
use serde_json::Value;

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn-ledger"));
    command.current_dir(folder).args(args);
    command
}

pub(crate) fn run(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn json(folder: &Path, args: &[&str]) -> (Value, i32) {
    let output = run(folder, &[args, &["--json"]].concat());
    let object = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{args:?} printed {output:?}"));
    (object, output.status.code().unwrap())
}

pub(crate) fn done(folder: &Path, args: &[&str]) -> Value {
    let (object, status) = json(folder, args);
    assert_eq!(status, 0, "{object}");
    object
}

pub(crate) fn refused(folder: &Path, args: &[&str], kind: &str, code: i32) {
    let (object, status) = json(folder, args);
    assert_eq!(object["error"]["kind"], kind, "{object}");
    assert_eq!(status, code, "{object}");
    for member in ["message", "advice"] {
        assert!(!object["error"][member].as_str().unwrap().is_empty());
    }
}

/// Accredits a body for any type, with a new key.
pub(crate) fn accreditation<'a>(dir: &'a str, id: &'a str) -> Vec<&'a str> {
    let rest = "--name A --types * --until 2099-12-31 --new-key";
    let mut args = vec!["accredit", dir, "--id", id];
    args.extend(rest.split(' '));
    args
}

/// Runs with an answer on standard input, which then ends.
pub(crate) fn answered(folder: &Path, args: &[&str], answer: &str) -> Output {
    let (child, input) = answering(folder, args, answer);
    drop(input);
    child.wait_with_output().unwrap()
}

/// Runs with an answer on a standard input that stays open, as a terminal does. True where it was
/// done within half a minute.
pub(crate) fn done_at_a_terminal(folder: &Path, args: &[&str], answer: &str) -> bool {
    let (mut child, _input) = answering(folder, args, answer);
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

fn answering(folder: &Path, args: &[&str], answer: &str) -> (Child, ChildStdin) {
    let mut child = command(folder, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // One that asks nothing may have ended by now.
    let _ = input.write_all(answer.as_bytes());
    (child, input)
}

pub(crate) fn write_key(folder: &Path, name: &str, key: &SigningKey) {
    std::fs::write(folder.join(name), key.to_pem().unwrap().as_bytes()).unwrap();
}

pub(crate) fn write_jwk(folder: &Path, name: &str, key: &SigningKey) {
    std::fs::write(folder.join(name), key.public().to_jwk().to_string()).unwrap();
}

/// Begins, and gives the first line that it prints.
fn begun(folder: &Path, args: &[&str]) -> (Child, Value) {
    let mut child = command(folder, args)
        .arg("--json")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

/// The first line that it prints; it is ended if it goes on.
pub(crate) fn first_line(folder: &Path, args: &[&str]) -> Value {
    let (mut child, first) = begun(folder, args);
    let _ = child.kill();
    let _ = child.wait();
    first
}

/// A service that ends with the test.
pub(crate) struct Served {
    child: Mutex<Child>,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(folder: &Path, args: &[&str]) -> Self {
        let (child, object) = begun(folder, args);
        let url = object["listening"].as_str().unwrap().to_owned();
        let child = Mutex::new(child);
        Self { child, url }
    }

    /// Ends it at once, wherever it is.
    pub(crate) fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn get(url: &str, path: &str) -> (String, String) {
    exchange(url, &format!("GET {path} HTTP/1.1\r\n"), "")
}

pub(crate) fn post(url: &str, path: &str, body: &str) -> (String, String) {
    let head = format!("POST {path} HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
    exchange(url, &head, body)
}

/// The body of the answer, where one came.
pub(crate) fn try_post(url: &str, path: &str, body: &str) -> Option<String> {
    let host = url.strip_prefix("http://")?;
    let mut stream = TcpStream::connect(host).ok()?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer.split_once("\r\n\r\n")?.1.to_owned())
}

/// Head (in lower case but for its first line) and body of the answer.
fn exchange(url: &str, head: &str, body: &str) -> (String, String) {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let request = format!("{head}host: {host}\r\nconnection: close\r\n\r\n{body}");
    // A body that is too long may be cut off while it is sent.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}
