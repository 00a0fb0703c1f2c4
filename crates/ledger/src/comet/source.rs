//! A network's ledger, read from the RPC of any of its nodes.

use std::sync::Arc;

use async_trait::async_trait;
use net::Http;
use tendermint::block::signed_header::SignedHeader;
use tendermint::validator::Set;
use url::Url;

use super::asking::ask_all;
use super::headers::{Headers, MAX_STEPS};
use super::pin::NetworkPin;
use super::rpc::Rpc;
use super::verify::{HeaderError, Step, Trusted, contradiction, verify_step};
use crate::merkle::{Hash, leaf_hash};
use crate::replica::{MAX_ENTRIES, Replica, Tile, Update, UpdateError};
use crate::source::{LedgerSource, MAX_UPDATE, SourceError};
use crate::tile::{self, WIDTH};

/// The most nodes that one source asks.
pub const MAX_NODES: usize = 16;
/// The most headers that are asked for on the way from one to another.
const MAX_ASKED: usize = 2 * MAX_STEPS;

/// Nodes of one network. Each is a stranger: the newest header that follows from what is known
/// counts, whoever gave it.
pub struct CometSource {
    http: Arc<dyn Http>,
    nodes: Vec<Url>,
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
        Ok(Self { http, nodes: bases })
    }

    /// The `pin.json` of the first node among those that answer. Trusting it is trust on first
    /// contact.
    pub async fn read_pin(&self) -> Result<Vec<u8>, SourceError> {
        let asked = self
            .nodes
            .iter()
            .map(|base| async move { self.rpc(base).pin().await });
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

    fn rpc<'s>(&'s self, base: &'s Url) -> Rpc<'s> {
        Rpc {
            http: &*self.http,
            base,
        }
    }

    /// What each node answers, the newest first: its headers from what is known to its newest.
    /// All are asked at once.
    async fn ways(&self, pin: &NetworkPin, since: &Replica) -> Vec<Way<'_>> {
        let asked = self.nodes.iter().map(|base| async move {
            let rpc = self.rpc(base);
            match rpc.commit(None).await {
                Ok(newest) => Way {
                    base,
                    height: Some(newest.header.height.value()),
                    headers: follow(&rpc, pin, since, newest).await,
                },
                Err(error) => Way {
                    base,
                    height: None,
                    headers: Err(error),
                },
            }
        });
        let mut ways = ask_all(asked, Way::is_enough).await;
        ways.sort_by_key(|way| std::cmp::Reverse(way.height));
        ways
    }
}

/// What one node says of the headers.
struct Way<'s> {
    base: &'s Url,
    /// Height of its newest header, where it gave one.
    height: Option<u64>,
    headers: Result<Headers, SourceError>,
}

impl Way<'_> {
    /// It leads to its newest header, or there is nothing new there.
    fn is_enough(&self) -> bool {
        matches!(self.headers, Ok(_) | Err(SourceError::Behind))
    }
}

#[async_trait]
impl LedgerSource for CometSource {
    async fn update(&self, since: &Replica) -> Result<Update, SourceError> {
        let Some(pin) = since.pin().network() else {
            return Err(SourceError::Address);
        };
        // A refusal says more than silence: it is what is told where no node gave an update.
        let mut refused = None;
        let mut failed = None;
        let mut ways = self.ways(pin, since).await.into_iter();
        while let Some(way) = ways.next() {
            let update = match way.headers {
                Ok(headers) => update_from(&self.rpc(way.base), since, headers).await,
                Err(error) => Err(error),
            };
            match update {
                Ok((headers, update)) => {
                    return match contradicting(&headers, ways) {
                        None => Ok(update),
                        Some(other) => Err(SourceError::Contradiction {
                            one: update.checkpoint,
                            other: other.to_bytes(),
                        }),
                    };
                }
                Err(SourceError::Refused(error)) => {
                    refused.get_or_insert(SourceError::Refused(error));
                }
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        Err(refused.or(failed).unwrap_or(SourceError::NoLedger))
    }
}

/// Two headers of one height that both follow from what is known: the validators contradict
/// themselves, and neither is taken.
fn contradicting<'s>(taken: &Headers, others: impl Iterator<Item = Way<'s>>) -> Option<Headers> {
    let mut others = others.filter_map(|way| way.headers.ok());
    let mut other = others.find(|other| {
        other.height() == taken.height() && other.last().hash() != taken.last().hash()
    })?;
    other.trim();
    Some(other)
}

async fn update_from(
    rpc: &Rpc<'_>,
    since: &Replica,
    mut headers: Headers,
) -> Result<(Headers, Update), SourceError> {
    let before = headers.height().saturating_sub(1);
    (headers.size, headers.root) = rpc.log_at(before).await?;
    if !headers.binds_log() {
        return Err(refused(HeaderError::WrongAppHash));
    }
    if headers.size > MAX_ENTRIES {
        return Err(UpdateError::TooLarge.into());
    }
    let tiles = fetch_tiles(rpc, since, &headers).await?;
    headers.trim();
    if !headers.fits() {
        return Err(SourceError::TooLarge);
    }
    let checkpoint = headers.to_bytes();
    Ok((headers, Update { checkpoint, tiles }))
}

/// The headers from what is known to the newest.
async fn follow(
    rpc: &Rpc<'_>,
    pin: &NetworkPin,
    since: &Replica,
    newest: SignedHeader,
) -> Result<Headers, SourceError> {
    let mut headers = match since.headers() {
        Some(known) => known.clone(),
        None => first(rpc, pin).await?,
    };
    if newest.header.height.value() < headers.height() {
        return Err(SourceError::Behind);
    }
    walk(rpc, pin, &mut headers, newest).await?;
    Ok(headers)
}

/// The pin's header and the validators that it appoints.
async fn first(rpc: &Rpc<'_>, pin: &NetworkPin) -> Result<Headers, SourceError> {
    let signed = rpc.commit(Some(pin.height)).await?;
    if signed.header.hash().as_bytes() != pin.header.as_slice() {
        return Err(refused(HeaderError::WrongStart));
    }
    let next = rpc.validators(pin.height.saturating_add(1)).await?;
    Ok(Headers {
        start: signed.header,
        steps: Vec::new(),
        sets: vec![next],
        size: 0,
        root: [0; 32],
    })
}

/// Adds the newest header, and those in between that are needed to come to it.
async fn walk(
    rpc: &Rpc<'_>,
    pin: &NetworkPin,
    headers: &mut Headers,
    newest: SignedHeader,
) -> Result<(), SourceError> {
    if newest.header.hash() == headers.last().hash() {
        return Ok(());
    }
    if newest.header.height == headers.last().height {
        let mut offered = headers.clone();
        let validators = validators_of(rpc, headers, &newest).await?;
        offered.sets.push(validators);
        offered.steps.pop();
        offered.steps.push(newest);
        return match contradiction(pin, headers, &offered) {
            // For `advance` to refuse, and to be kept as evidence.
            HeaderError::SplitView => {
                *headers = offered;
                Ok(())
            }
            other => Err(refused(other)),
        };
    }
    let mut ahead = vec![newest];
    for _ in 0..MAX_ASKED {
        let Some(next) = ahead.last() else {
            return Ok(());
        };
        let validators = validators_of(rpc, headers, next).await?;
        let last = headers.last();
        let known = headers.set(last.next_validators_hash);
        let trusted = Trusted {
            header: last,
            next: known.ok_or_else(|| refused(HeaderError::WrongValidators))?,
        };
        // The clock's word comes later, with the whole update.
        let now = next.header.time;
        match verify_step(pin, trusted, next, &validators, now).map_err(refused)? {
            Step::Follows => {
                let Some(step) = ahead.pop() else {
                    return Ok(());
                };
                headers.sets.push(validators);
                appoint(rpc, headers, &step).await?;
                headers.steps.push(step);
            }
            Step::NeedsAnother => {
                let (from, to) = (last.height.value(), next.header.height.value());
                let middle = from + (to - from) / 2;
                let between = rpc.commit(Some(middle)).await?;
                if between.header.height.value() != middle {
                    return Err(SourceError::Malformed);
                }
                ahead.push(between);
            }
        }
    }
    Err(refused(HeaderError::WrongValidators))
}

/// The validators that signed a header: known ones where it names them.
async fn validators_of(
    rpc: &Rpc<'_>,
    headers: &Headers,
    signed: &SignedHeader,
) -> Result<Set, SourceError> {
    match headers.set(signed.header.validators_hash) {
        Some(known) => Ok(known.clone()),
        None => rpc.validators(signed.header.height.value()).await,
    }
}

/// Fetches the validators that a header appoints, where they are not known.
async fn appoint(
    rpc: &Rpc<'_>,
    headers: &mut Headers,
    step: &SignedHeader,
) -> Result<(), SourceError> {
    let hash = step.header.next_validators_hash;
    if headers.set(hash).is_none() {
        let height = step.header.height.value().saturating_add(1);
        let next = rpc.validators(height).await?;
        if next.hash() != hash {
            return Err(refused(HeaderError::WrongValidators));
        }
        headers.sets.push(next);
    }
    Ok(())
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

fn refused(error: HeaderError) -> SourceError {
    SourceError::Refused(UpdateError::Header(error))
}
