//! A network's ledger, read from the RPC of any of its nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_trait::async_trait;
use net::{Http, HttpError};
use url::Url;

use super::asking::ask_all;
use super::headers::Headers;
use super::rpc::Rpc;
use super::verify::HeaderError;
use super::waits::Waits;
use super::walk::refused;
use super::ways::ways;
use crate::merkle::{Hash, leaf_hash};
use crate::replica::{MAX_ENTRIES, Replica, Tile, Update, UpdateError};
use crate::source::{LedgerSource, MAX_UPDATE, SourceError};
use crate::tile::{self, WIDTH};

/// The most nodes that one source asks.
pub const MAX_NODES: usize = 16;

/// Nodes of one network. Each is a stranger: the newest header that follows from what is known
/// counts, whoever gave it. One source is for the life of a program: it remembers from one update to
/// the next which nodes were waited for in vain.
pub struct CometSource {
    http: Arc<dyn Http>,
    nodes: Vec<Url>,
    /// By node: it announced what it did not lead to.
    tardy: Vec<AtomicBool>,
    waits: Waits,
}

impl CometSource {
    /// Asks these nodes, each the base URL of an RPC.
    pub fn new(http: Arc<dyn Http>, nodes: &[Url]) -> Result<Self, SourceError> {
        if nodes.is_empty() || nodes.len() > MAX_NODES {
            return Err(SourceError::Address);
        }
        let mut bases = Vec::new();
        for node in nodes {
            let mut base = node.clone();
            base.set_query(None);
            base.set_fragment(None);
            if !base.path().ends_with('/') {
                base.set_path(&format!("{}/", base.path()));
            }
            http.allows(&base)?;
            bases.push(base);
        }
        let tardy = bases.iter().map(|_| AtomicBool::new(false)).collect();
        Ok(Self {
            http,
            nodes: bases,
            tardy,
            waits: Waits::default(),
        })
    }

    /// The same, waiting so long for each node.
    #[must_use]
    pub fn with_waits(self, waits: Waits) -> Self {
        Self { waits, ..self }
    }

    /// The `pin.json` of the first node among those that answer. Trusting it is trust on first
    /// contact.
    pub async fn read_pin(&self) -> Result<Vec<u8>, SourceError> {
        let asked = self.nodes.iter().map(|base| async move {
            let http = &*self.http;
            let within = None;
            Rpc { http, base, within }.pin().await
        });
        let mut failed = SourceError::NoLedger;
        for answer in ask_all(asked, |answer| matches!(answer, Ok(Some(_)))).await {
            match answer {
                Ok(Some(pin)) => return Ok(pin),
                Ok(None) => {}
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// Base URLs of the nodes, each with a final slash.
    pub(crate) fn nodes(&self) -> &[Url] {
        &self.nodes
    }

    /// One round of questions to these nodes, each with so much time. Those that had too little
    /// are added to `slow`.
    async fn ask(
        &self,
        since: &Replica,
        nodes: &[usize],
        within: Option<Duration>,
        slow: &mut BTreeSet<usize>,
    ) -> Result<Update, SourceError> {
        let pin = since.pin().network().ok_or(SourceError::Address)?;
        let rpcs = nodes.iter().filter_map(|node| {
            let base = self.nodes.get(*node)?;
            let http = &*self.http;
            Some((*node, Rpc { http, base, within }))
        });
        let rpcs: BTreeMap<usize, Rpc<'_>> = rpcs.collect();
        let (mut led, mut lost) = (Vec::new(), Vec::new());
        for way in ways(&rpcs, pin, since, &self.tardy, self.waits).await {
            match way.headers {
                Ok(headers) => led.push((way.node, headers)),
                Err(error) => lost.push((way.node, error)),
            }
        }
        let mut told = Told::default();
        // Whoever gave a header, any node may have what it binds.
        let mut failed = BTreeSet::new();
        for (own, headers) in &led {
            let mut headers = headers.clone();
            headers.trim();
            let others = rpcs.keys().filter(|node| *node != own);
            for node in iter::once(own).chain(others) {
                let Some(rpc) = rpcs.get(node).filter(|_| !failed.contains(node)) else {
                    continue;
                };
                match log_of(rpc, since, &mut headers).await {
                    Ok(_) if !headers.fits() => {
                        told.note(SourceError::TooLarge);
                        break;
                    }
                    Ok(tiles) => return settle(&headers, tiles, &led),
                    Err(error) => {
                        if is_slow(&error) {
                            slow.insert(*node);
                        }
                        if node == own || !lags(&error) {
                            failed.insert(*node);
                        }
                        told.note(error);
                    }
                }
            }
        }
        for (node, error) in lost {
            if is_slow(&error) {
                slow.insert(node);
            }
            told.note(error);
        }
        Err(told.into_error())
    }
}

/// Why there is no update. A refusal says more than silence: it is what is told where no node gave
/// one.
#[derive(Default)]
struct Told {
    refused: Option<SourceError>,
    failed: Option<SourceError>,
}

impl Told {
    fn note(&mut self, error: SourceError) {
        let place = match error {
            SourceError::Refused(_) => &mut self.refused,
            _ => &mut self.failed,
        };
        place.get_or_insert(error);
    }

    fn into_error(self) -> SourceError {
        let told = self.refused.or(self.failed);
        told.unwrap_or(SourceError::NoLedger)
    }
}

/// The node had too little time.
fn is_slow(error: &SourceError) -> bool {
    matches!(error, SourceError::Http(HttpError::TimedOut { .. }))
}

/// The node may have nothing yet for another one's header, and all for its own.
fn lags(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::NotHere | SourceError::Refused(UpdateError::MissingTile(_))
    )
}

#[async_trait]
impl LedgerSource for CometSource {
    async fn update(&self, since: &Replica) -> Result<Update, SourceError> {
        let mut nodes: Vec<usize> = (0..self.nodes.len()).collect();
        let mut told = Told::default();
        if nodes.len() > 1 {
            let mut slow = BTreeSet::new();
            let within = Some(self.waits.question);
            match self.ask(since, &nodes, within, &mut slow).await {
                Ok(update) => return Ok(update),
                Err(error) => {
                    let answered = matches!(
                        error,
                        SourceError::Contradiction { .. } | SourceError::Behind
                    );
                    if answered || slow.is_empty() {
                        return Err(error);
                    }
                    told.note(error);
                }
            }
            nodes = slow.into_iter().collect();
        }
        // Whether there is only one, or none was quick: now each has the time that it takes.
        match self.ask(since, &nodes, None, &mut BTreeSet::new()).await {
            Err(error) if !matches!(error, SourceError::Contradiction { .. }) => {
                told.note(error);
                Err(told.into_error())
            }
            done => done,
        }
    }
}

/// The update, unless another node led to another header of the same height that follows from what
/// is known, too: then the validators contradict themselves, and neither is taken.
fn settle(
    headers: &Headers,
    tiles: Vec<Tile>,
    led: &[(usize, Headers)],
) -> Result<Update, SourceError> {
    let checkpoint = headers.to_bytes();
    let mut others = led.iter().map(|(_, other)| other);
    let other = others.find(|other| {
        other.height() == headers.height() && other.last().hash() != headers.last().hash()
    });
    let Some(other) = other else {
        return Ok(Update { checkpoint, tiles });
    };
    let mut other = other.clone();
    other.trim();
    Err(SourceError::Contradiction {
        one: checkpoint,
        other: other.to_bytes(),
    })
}

/// Fills in the log that the newest header binds, and fetches what `since` does not have of it.
async fn log_of(
    rpc: &Rpc<'_>,
    since: &Replica,
    headers: &mut Headers,
) -> Result<Vec<Tile>, SourceError> {
    let before = headers.height().saturating_sub(1);
    (headers.size, headers.root) = rpc.log_at(before).await?;
    if !headers.binds_log() {
        return Err(refused(HeaderError::WrongAppHash));
    }
    if headers.size > MAX_ENTRIES {
        return Err(UpdateError::TooLarge.into());
    }
    fetch_tiles(rpc, since, headers).await
}

/// Fetches what `since` does not have, and sees that it is what the header commits to: another
/// node may be asked, while `advance` could only refuse.
async fn fetch_tiles(
    rpc: &Rpc<'_>,
    since: &Replica,
    headers: &Headers,
) -> Result<Vec<Tile>, SourceError> {
    let mut tree = since.tree().clone();
    let mut tiles = Vec::new();
    let mut total = 0;
    for position in since.wanted_tiles(headers.size) {
        let width = tile::width_at(position, headers.size);
        let entries = rpc
            .entries(position, width)
            .await?
            .ok_or(UpdateError::MissingTile(position))?;
        total += entries.len();
        if total > MAX_UPDATE {
            return Err(SourceError::TooLarge);
        }
        let hashes: Vec<Hash> = tile::decode_exact_bundle(&entries, width)
            .map_err(|_| UpdateError::TruncatedTile(position))?
            .into_iter()
            .map(leaf_hash)
            .collect();
        let known = tree.size().saturating_sub(position * WIDTH);
        for leaf in hashes.iter().skip(usize::try_from(known).unwrap_or(0)) {
            tree.push(*leaf);
        }
        tiles.push(Tile {
            position,
            hashes: hashes.concat(),
            entries,
        });
    }
    if tree.size() == headers.size && tree.root() != headers.root {
        return Err(UpdateError::WrongRoot.into());
    }
    Ok(tiles)
}
