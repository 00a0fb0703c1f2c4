//! Where updates come from: a folder, or the same folder served over HTTP.
//!
//! A source is not trusted and is asked for whole tiles at fixed positions only, so that it
//! cannot learn which body a replica cares about, or how much of the log it has beyond the
//! nearest 256 entries.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use net::{Http, HttpError, Request};
use url::Url;

use crate::comet::HeaderError;
use crate::note::MAX_NOTE;
use crate::replica::{Replica, Tile, Update, UpdateError, check_note};
use crate::tile::{self, MAX_BUNDLE, MAX_TILE, WIDTH};

/// The most bytes that one update may bring.
pub const MAX_UPDATE: usize = 512 << 20;

/// Why no update came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The URL is not one below which a ledger can be.
    #[error("not the address of a ledger")]
    Address,
    /// The source could not be reached, or may not be.
    #[error("the ledger could not be reached")]
    Http(#[from] HttpError),
    /// The source answered something else than success.
    #[error("the ledger answered with status {0}")]
    Status(u16),
    /// A file could not be read.
    #[error("the ledger's folder could not be read")]
    Folder(#[source] std::io::Error),
    /// There is no checkpoint: no ledger is here.
    #[error("no ledger is here")]
    NoLedger,
    /// The answer is not one of a node.
    #[error("the answer is not that of a node")]
    Malformed,
    /// The node has no answer to this; it may be behind, or have forgotten.
    #[error("the node does not have what was asked for")]
    NotHere,
    /// The node is behind what is known: it has nothing new to say.
    #[error("the node is behind what is known")]
    Behind,
    /// The update is larger than a replica takes.
    #[error("the update is larger than {MAX_UPDATE} bytes")]
    TooLarge,
    /// Two nodes gave signed headers of one height, both by the validators that are trusted. Both
    /// documents are evidence; neither was taken.
    #[error("the network's validators signed two headers of one height")]
    Contradiction {
        /// The headers that one node gave.
        one: Vec<u8>,
        /// Those that another gave.
        other: Vec<u8>,
    },
    /// The checkpoint is refused, so nothing more was asked for.
    #[error(transparent)]
    Refused(#[from] UpdateError),
}

impl SourceError {
    /// The name of the error.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Address => "ledger_address",
            Self::Http(error) if error.forbidden().is_some() => "forbidden_address",
            Self::Http(_) | Self::Status(_) | Self::Folder(_) | Self::NotHere => {
                "ledger_unreachable"
            }
            Self::Malformed => "malformed_answer",
            Self::NoLedger => "no_ledger",
            Self::Behind => HeaderError::Old.name(),
            Self::TooLarge => "too_large",
            Self::Contradiction { .. } => HeaderError::SplitView.name(),
            Self::Refused(error) => error.name(),
        }
    }
}

/// Something that gives updates.
#[async_trait]
pub trait LedgerSource: Send + Sync {
    /// Fetches the checkpoint and what `since` does not have.
    async fn update(&self, since: &Replica) -> Result<Update, SourceError>;
}

/// Something that gives the tiles below a checkpoint that came another way.
#[async_trait]
pub trait TileSource: Send + Sync {
    /// Fetches what `since` does not have of the first `size` entries.
    async fn tiles(&self, since: &Replica, size: u64) -> Result<Vec<Tile>, SourceError>;
}

/// A ledger's folder on this computer.
pub struct FolderSource {
    folder: PathBuf,
}

impl FolderSource {
    /// Reads below `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder's `pin.json`. Trusting it is trust on first contact.
    pub fn read_pin(&self) -> Result<Vec<u8>, SourceError> {
        read_file(&self.folder.join("pin.json"), crate::pin::MAX_PIN)?.ok_or(SourceError::NoLedger)
    }
}

/// A ledger served over HTTP.
pub struct HttpSource {
    http: Arc<dyn Http>,
    base: Url,
}

impl HttpSource {
    /// Reads below `base`, with or without a final slash.
    pub fn new(http: Arc<dyn Http>, base: &Url) -> Result<Self, SourceError> {
        let mut base = base.clone();
        base.set_query(None);
        base.set_fragment(None);
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        http.allows(&base)?;
        Ok(Self { http, base })
    }

    /// The server's `pin.json`. Trusting it is trust on first contact.
    pub async fn read_pin(&self) -> Result<Vec<u8>, SourceError> {
        self.read("pin.json", crate::pin::MAX_PIN)
            .await?
            .ok_or(SourceError::NoLedger)
    }
}

#[async_trait]
trait Files: Send + Sync {
    async fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError>;
}

#[async_trait]
impl Files for FolderSource {
    async fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        read_file(&self.folder.join(path), limit)
    }
}

#[async_trait]
impl Files for HttpSource {
    async fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let url = self.base.join(path).map_err(|_| SourceError::Address)?;
        let response = self.http.send(Request::get(url).limit(limit)).await?;
        match response.status {
            200 => Ok(Some(response.body)),
            404 | 410 => Ok(None),
            other => Err(SourceError::Status(other)),
        }
    }
}

#[async_trait]
impl LedgerSource for FolderSource {
    async fn update(&self, since: &Replica) -> Result<Update, SourceError> {
        fetch(self, since).await
    }
}

#[async_trait]
impl LedgerSource for HttpSource {
    async fn update(&self, since: &Replica) -> Result<Update, SourceError> {
        fetch(self, since).await
    }
}

#[async_trait]
impl TileSource for FolderSource {
    async fn tiles(&self, since: &Replica, size: u64) -> Result<Vec<Tile>, SourceError> {
        fetch_tiles(self, since, size).await
    }
}

#[async_trait]
impl TileSource for HttpSource {
    async fn tiles(&self, since: &Replica, size: u64) -> Result<Vec<Tile>, SourceError> {
        fetch_tiles(self, since, size).await
    }
}

async fn fetch(files: &dyn Files, since: &Replica) -> Result<Update, SourceError> {
    let checkpoint = files
        .read("checkpoint", MAX_NOTE)
        .await?
        .ok_or(SourceError::NoLedger)?;
    // Only a log that signs as the pin says is worth more questions.
    let size = check_note(since.pin(), &checkpoint)?.checkpoint.size;
    let tiles = fetch_tiles(files, since, size).await?;
    Ok(Update { checkpoint, tiles })
}

async fn fetch_tiles(
    files: &dyn Files,
    since: &Replica,
    size: u64,
) -> Result<Vec<Tile>, SourceError> {
    let mut tiles = Vec::new();
    let mut total = 0;
    for position in since.wanted_tiles(size) {
        let width = tile::width_at(position, size);
        let entries = read_tile(files, Kind::Entries, position, width).await?;
        let hashes = read_tile(files, Kind::Hashes, position, width).await?;
        total += entries.len() + hashes.len();
        if total > MAX_UPDATE {
            return Err(SourceError::TooLarge);
        }
        tiles.push(Tile {
            position,
            entries,
            hashes,
        });
    }
    Ok(tiles)
}

#[derive(Clone, Copy)]
enum Kind {
    Entries,
    Hashes,
}

impl Kind {
    fn path(self, position: u64, width: u64) -> String {
        match self {
            Self::Entries => tile::bundle_path(position, width),
            Self::Hashes => tile::hash_tile_path(0, position, width),
        }
    }

    fn limit(self) -> usize {
        match self {
            Self::Entries => MAX_BUNDLE,
            Self::Hashes => MAX_TILE,
        }
    }

    /// The first `width` of a full tile; what cannot be read is left for `advance` to name.
    fn cut(self, full: Vec<u8>, width: u64) -> Vec<u8> {
        let length = match self {
            Self::Entries => match tile::decode_bundle(&full, width) {
                Ok(entries) => entries.iter().map(|entry| entry.len() + 2).sum(),
                Err(_) => full.len(),
            },
            Self::Hashes => usize::try_from(width).unwrap_or(0) * 32,
        };
        let mut cut = full;
        cut.truncate(length);
        cut
    }
}

/// A partial tile may be gone once the full one is there (C2SP tlog-tiles).
async fn read_tile(
    files: &dyn Files,
    kind: Kind,
    position: u64,
    width: u64,
) -> Result<Vec<u8>, SourceError> {
    if let Some(tile) = files
        .read(&kind.path(position, width), kind.limit())
        .await?
    {
        return Ok(tile);
    }
    if width < WIDTH
        && let Some(full) = files
            .read(&kind.path(position, WIDTH), kind.limit())
            .await?
    {
        return Ok(kind.cut(full, width));
    }
    Err(UpdateError::MissingTile(position).into())
}

fn read_file(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(SourceError::Folder(error)),
    };
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(SourceError::Folder)?;
    if bytes.len() > limit {
        return Err(SourceError::TooLarge);
    }
    Ok(Some(bytes))
}
