//! The same folder over HTTP: what is asked for, and answers that are not what they should be.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use keys::SigningKey;
use ledger::{HttpSource, Log, OperatorKeys, Pin, StoredReplica};
use net::{Http, HttpError, Policy, Request, Response};
use url::Url;
use world::{ACCREDITOR, NOW, World};

/// Serves a folder, notes what was asked, and answers one path with another status.
struct Server {
    folder: PathBuf,
    asked: Mutex<Vec<String>>,
    broken: Option<(&'static str, u16)>,
}

#[async_trait]
impl Http for Server {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let path = request.url.path().strip_prefix("/l/").unwrap().to_owned();
        self.asked.lock().unwrap().push(path.clone());
        let (mut status, body) = match std::fs::read(self.folder.join(&path)) {
            Ok(body) => (200, body),
            Err(_) => (404, Vec::new()),
        };
        if let Some((broken, other)) = self.broken
            && path.starts_with(broken)
        {
            status = other;
        }
        if body.len() > request.limit {
            return Err(HttpError::TooLarge {
                limit: request.limit,
            });
        }
        Ok(Response {
            status,
            headers: Vec::new(),
            body,
            url: request.url,
        })
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        net::check(Policy { demo: false }, url).map_err(HttpError::Forbidden)
    }
}

fn ledger(issuers: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let keys = OperatorKeys {
        log: SigningKey::make_ed25519(),
        operator: SigningKey::make_ed25519(),
    };
    let mut world = World::accredited(&["*"]);
    for number in 0..issuers {
        let id = format!("https://i{number}.example");
        let action = world.issuer_action(&id, &["a"], &SigningKey::make_ed25519());
        world.submit(ACCREDITOR, action).unwrap();
    }
    let genesis = world.events.remove(0);
    let mut log = Log::create(folder.path(), genesis, &keys, NOW).unwrap();
    log.append(world.events, &keys, NOW).unwrap();
    folder
}

fn server(folder: &tempfile::TempDir, broken: Option<(&'static str, u16)>) -> Arc<Server> {
    Arc::new(Server {
        folder: folder.path().to_owned(),
        asked: Mutex::default(),
        broken,
    })
}

async fn sync(server: &Arc<Server>, home: &tempfile::TempDir) -> Result<u64, &'static str> {
    let source =
        HttpSource::new(server.clone(), &Url::parse("https://l.example/l").unwrap()).unwrap();
    let pin = Pin::parse(&source.read_pin().await.unwrap()).unwrap();
    server.asked.lock().unwrap().clear();
    let mut replica = StoredReplica::open(home.path(), pin).unwrap();
    match replica.sync(&source, NOW).await {
        Ok(synced) => Ok(synced.after),
        Err(error) => Err(error.name()),
    }
}

#[tokio::test]
async fn whole_tiles_at_fixed_positions_are_asked_for() {
    let (folder, home) = (ledger(298), tempfile::tempdir().unwrap());
    let server = server(&folder, None);
    assert_eq!(sync(&server, &home).await, Ok(300));
    let asked = server.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [
            "checkpoint",
            "tile/entries/000",
            "tile/0/000",
            "tile/entries/001.p/44",
            "tile/0/001.p/44"
        ]
    );
    // Nothing new: the checkpoint is all that is asked for.
    assert_eq!(sync(&server, &home).await, Ok(300));
    assert_eq!(*server.asked.lock().unwrap(), ["checkpoint"]);
}

#[tokio::test]
async fn missing_and_failing_answers_are_named() {
    let folder = ledger(1);
    for (broken, name) in [
        (("tile/entries", 404), "missing_tile"),
        (("tile/0", 404), "missing_tile"),
        (("tile/0", 500), "ledger_unreachable"),
        (("checkpoint", 404), "no_ledger"),
        (("checkpoint", 302), "ledger_unreachable"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let server = server(&folder, Some(broken));
        assert_eq!(sync(&server, &home).await, Err(name), "{broken:?}");
    }
}

#[tokio::test]
async fn a_checkpoint_that_is_too_long_is_not_read() {
    let (folder, home) = (ledger(1), tempfile::tempdir().unwrap());
    let path = folder.path().join("checkpoint");
    std::fs::write(path, vec![b'x'; ledger::note::MAX_NOTE + 1]).unwrap();
    let server = server(&folder, None);
    assert_eq!(sync(&server, &home).await, Err("ledger_unreachable"));
}

#[test]
fn a_forbidden_address_is_no_source() {
    let folder = ledger(1);
    let server = server(&folder, None);
    for url in ["http://l.example/", "https://127.0.0.1/", "file:///etc/"] {
        let url = Url::parse(url).unwrap();
        assert!(HttpSource::new(server.clone(), &url).is_err(), "{url}");
    }
}
