//! A replica: everything that a wallet or a counter knows about a ledger, and how it grows.

use std::collections::HashMap;
use std::sync::Arc;

use keys::UnixTime;

use crate::checkpoint::Checkpoint;
use crate::comet::{HeaderError, Headers, check_from_pin, extend};
use crate::decide::{Freshness, Question, Verdict, View, decide};
use crate::merkle::{Hash, Tree, leaf_hash};
use crate::note::{self, NoteError, Opened};
use crate::pin::Pin;
use crate::registry::Registry;
use crate::replay::{EntryError, ReplayError, Signatures, replay};
use crate::rules::Rejection;
use crate::tile::{self, TileError, WIDTH};

/// The most entries that a replica follows.
pub const MAX_ENTRIES: u64 = 1 << 20;
/// An entry may be so many seconds later than the time that the operator attests.
pub(crate) const TIME_TOLERANCE: UnixTime = 120;
/// How many seconds before the operator enough witnesses may have signed: as long as what is known
/// may be used offline.
pub(crate) const WITNESS_LAG: UnixTime = 7 * 24 * 3600;

/// What a source gave: a checkpoint and the tiles from the replica's last full one on.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// The signed note.
    pub checkpoint: Vec<u8>,
    /// Tiles in order of position.
    pub tiles: Vec<Tile>,
}

/// 256 entries, or fewer at the end of the log, with their hashes.
#[derive(Clone, Debug)]
pub struct Tile {
    /// Position; the first entry is number `256 × position`.
    pub position: u64,
    /// The entry bundle.
    pub entries: Vec<u8>,
    /// The hash tile of level 0.
    pub hashes: Vec<u8>,
}

/// Why an update was refused. [`UpdateError::name`] is what programs compare.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The checkpoint is not signed by the log that the pin names.
    #[error("the checkpoint is not signed by this ledger's log")]
    WrongSignature(#[source] Option<NoteError>),
    /// The checkpoint has no time by the operator that the pin names.
    #[error("the operator has not attested the checkpoint")]
    NotAttested,
    /// Fewer witnesses signed than the pin asks for.
    #[error("only {found} of {wanted} witnesses signed the checkpoint")]
    TooFewWitnesses {
        /// Witnesses that signed.
        found: usize,
        /// Witnesses that the pin asks for.
        wanted: usize,
    },
    /// Enough witnesses signed, but too long ago.
    #[error("the witnesses signed the checkpoint too long before the operator did")]
    WitnessesTooOld {
        /// The time for which enough witnesses vouch.
        witnessed: UnixTime,
        /// The time that the operator attests.
        attested: UnixTime,
    },
    /// The note holds no checkpoint, or one of another log.
    #[error("the checkpoint belongs to another log")]
    WrongOrigin,
    /// The log has fewer entries than it had.
    #[error("the ledger has {offered} entries and had {kept} before")]
    Rollback {
        /// Entries known.
        kept: u64,
        /// Entries offered.
        offered: u64,
    },
    /// The log shows another history than it did before.
    #[error("the ledger shows another history than before, at {size} entries")]
    SplitView {
        /// Entries offered.
        size: u64,
    },
    /// More entries than a replica follows.
    #[error("the ledger has more than {MAX_ENTRIES} entries")]
    TooLarge,
    /// The source left a tile out.
    #[error("tile {0} is missing")]
    MissingTile(u64),
    /// A tile ends early.
    #[error("tile {0} is cut short")]
    TruncatedTile(u64),
    /// A tile is not what its place asks for.
    #[error("tile {0} is malformed")]
    WrongTile(u64),
    /// The entries do not hash to the root of the checkpoint.
    #[error("the entries are not those that the checkpoint commits to")]
    WrongRoot,
    /// The headers of a network are refused.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// An entry is refused.
    #[error(transparent)]
    Entry(#[from] ReplayError),
    /// The first entry is not the genesis that the pin names.
    #[error("the genesis is not the one of the pin")]
    WrongLedger,
    /// An entry is later than the operator's time.
    #[error("an entry is later than the time that the operator attests")]
    TimeAhead,
}

impl UpdateError {
    /// The name of the refusal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::WrongSignature(_) => "wrong_signature",
            Self::NotAttested => "not_attested",
            Self::TooFewWitnesses { .. } => "too_few_witnesses",
            Self::WitnessesTooOld { .. } => "witnesses_too_old",
            Self::WrongOrigin => "wrong_origin",
            Self::Rollback { .. } => "rollback",
            Self::SplitView { .. } => "split_view",
            Self::TooLarge => "too_large",
            Self::MissingTile(_) => "missing_tile",
            Self::TruncatedTile(_) => "truncated_tile",
            Self::WrongTile(_) => "wrong_tile",
            Self::WrongRoot => "wrong_root",
            Self::Header(error) => error.name(),
            Self::Entry(error) => error.source.name(),
            Self::WrongLedger => "wrong_ledger",
            Self::TimeAhead => "time_ahead",
        }
    }

    /// True where two statements of the log contradict one another: both are evidence.
    pub fn is_contradiction(&self) -> bool {
        matches!(
            self,
            Self::Rollback { .. } | Self::SplitView { .. } | Self::Header(HeaderError::SplitView)
        )
    }
}

/// What is known of one ledger. A clone shares what does not change.
#[derive(Clone)]
pub struct Replica {
    pin: Arc<Pin>,
    registry: Registry,
    tree: Tree,
    note: Vec<u8>,
    /// What `note` says, where the ledger is a network's.
    headers: Option<Arc<Headers>>,
    attested: UnixTime,
    highest_attested: UnixTime,
}

impl Replica {
    /// A replica that knows nothing but its pin.
    pub fn new(pin: Pin) -> Self {
        Self {
            pin: Arc::new(pin),
            registry: Registry::default(),
            tree: Tree::default(),
            note: Vec::new(),
            headers: None,
            attested: 0,
            highest_attested: 0,
        }
    }

    /// What it trusts.
    pub fn pin(&self) -> &Pin {
        &self.pin
    }

    /// What stands. Empty before the first update.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Root over these entries.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The log's tree, for proofs.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The newest checkpoint accepted, as a signed note. Empty before the first.
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// The time that the operator attests for what is known. 0 before the first update.
    pub fn attested(&self) -> UnixTime {
        self.attested
    }

    /// The highest such time ever seen.
    pub fn highest_attested(&self) -> UnixTime {
        self.highest_attested
    }

    /// What is known, for a question. Nothing before the first update.
    pub fn view(&self, freshness: Freshness) -> View<'_> {
        View {
            registry: (self.size() > 0).then_some(&self.registry),
            attested: self.attested,
            highest_attested: self.highest_attested,
            freshness,
        }
    }

    /// Answers a question with the freshness that applies unless set otherwise.
    pub fn decide(&self, question: &Question<'_>, now: UnixTime) -> Verdict {
        decide(&self.view(Freshness::default()), question, now)
    }

    /// The headers by which a network's log is known.
    pub(crate) fn headers(&self) -> Option<&Headers> {
        self.headers.as_deref()
    }

    /// With a time that was attested before, on whatever entries.
    pub(crate) fn remembering(mut self, highest_attested: UnixTime) -> Self {
        self.highest_attested = self.highest_attested.max(highest_attested);
        self
    }

    /// The positions of the tiles that an update to `size` entries needs.
    pub fn wanted_tiles(&self, size: u64) -> std::ops::Range<u64> {
        if size <= self.size() {
            return 0..0;
        }
        self.size() / WIDTH..size.div_ceil(WIDTH)
    }
}

/// The outcome of a checked checkpoint note.
pub(crate) struct Claim {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) attested: UnixTime,
}

/// By which clock an update is judged.
#[derive(Clone, Copy)]
pub(crate) enum Clock {
    /// This one. Only a network's headers expire.
    At(UnixTime),
    /// None: the update was accepted before.
    AcceptedBefore,
}

/// What a checkpoint claims. For a network, from the pin's header on and without a clock: what
/// it says stood at its time.
pub(crate) fn check_note(pin: &Pin, bytes: &[u8]) -> Result<Claim, UpdateError> {
    match pin.network() {
        None => check_operator_note(pin, bytes),
        Some(network) => {
            let headers = Headers::parse(bytes).map_err(|_| HeaderError::Malformed)?;
            check_from_pin(network, &headers)?;
            claim_of(pin, &headers)
        }
    }
}

fn claim_of(pin: &Pin, headers: &Headers) -> Result<Claim, UpdateError> {
    if headers.size > MAX_ENTRIES {
        return Err(UpdateError::TooLarge);
    }
    Ok(Claim {
        checkpoint: Checkpoint {
            origin: pin.origin().to_owned(),
            size: headers.size,
            root: headers.root,
        },
        attested: headers.last().time.unix_timestamp(),
    })
}

/// Checks who signed a checkpoint: the log, the operator and enough witnesses, not too long ago.
fn check_operator_note(pin: &Pin, bytes: &[u8]) -> Result<Claim, UpdateError> {
    let (Some(log), Some(operator)) = (pin.log(), pin.operator()) else {
        return Err(UpdateError::WrongSignature(None));
    };
    let mut known = vec![log.clone(), operator.clone()];
    known.extend(pin.witnesses().iter().cloned());
    let opened =
        note::open(bytes, &known).map_err(|error| UpdateError::WrongSignature(Some(error)))?;
    if !opened.is_signed_by(log) {
        return Err(UpdateError::WrongSignature(None));
    }
    let attested = opened
        .cosigned_at(operator)
        .ok_or(UpdateError::NotAttested)?;
    let attested = witnessed(pin, &opened, attested)?;
    let checkpoint = Checkpoint::parse(&opened.text).map_err(|_| UpdateError::WrongOrigin)?;
    if checkpoint.origin != pin.origin() {
        return Err(UpdateError::WrongOrigin);
    }
    if checkpoint.size > MAX_ENTRIES {
        return Err(UpdateError::TooLarge);
    }
    Ok(Claim {
        checkpoint,
        attested,
    })
}

/// The time for which the pin's witnesses vouch beside the operator: the latest at which enough of
/// them said that the checkpoint was the newest. The operator's alone where none are asked for.
fn witnessed(pin: &Pin, opened: &Opened, attested: UnixTime) -> Result<UnixTime, UpdateError> {
    let Some(last) = pin.threshold().checked_sub(1) else {
        return Ok(attested);
    };
    let mut times: Vec<UnixTime> = pin
        .witnesses()
        .iter()
        .filter_map(|witness| opened.cosigned_at(witness))
        .collect();
    times.sort_unstable_by(|one, other| other.cmp(one));
    let witnessed = *times.get(last).ok_or(UpdateError::TooFewWitnesses {
        found: times.len(),
        wanted: pin.threshold(),
    })?;
    if witnessed < attested.saturating_sub(WITNESS_LAG) {
        return Err(UpdateError::WitnessesTooOld {
            witnessed,
            attested,
        });
    }
    Ok(witnessed.min(attested))
}

/// Checks an update against all that is known and returns what is known after it. Pure:
/// the replica given stays as it is. `now` is the clock against which a network's headers are
/// held; an operator's note is held against none.
pub fn advance(replica: &Replica, update: &Update, now: UnixTime) -> Result<Replica, UpdateError> {
    advance_with(replica, update, Signatures::Check, Clock::At(now))
}

pub(crate) fn advance_with(
    replica: &Replica,
    update: &Update,
    signatures: Signatures,
    clock: Clock,
) -> Result<Replica, UpdateError> {
    let headers = new_headers(replica, update, clock)?;
    let Claim {
        checkpoint,
        attested,
    } = match &headers {
        Some(headers) => claim_of(replica.pin(), headers)?,
        None => check_note(replica.pin(), &update.checkpoint)?,
    };
    let (kept, offered) = (replica.size(), checkpoint.size);
    if offered < kept {
        return Err(UpdateError::Rollback { kept, offered });
    }
    if offered == 0 {
        return Err(UpdateError::WrongLedger);
    }
    let mut next = replica.clone();
    if offered == kept {
        if checkpoint.root != replica.root() {
            return Err(UpdateError::SplitView { size: offered });
        }
    } else {
        grow(&mut next, update, &checkpoint, signatures)?;
    }
    if next.registry.time() > attested.saturating_add(TIME_TOLERANCE) {
        return Err(UpdateError::TimeAhead);
    }
    // An older attestation of the same log is no reason to forget a newer one.
    if offered > kept || attested > next.attested {
        next.note = match &headers {
            Some(headers) => headers.to_bytes(),
            None => update.checkpoint.clone(),
        };
        next.headers = headers.map(Arc::new);
        next.attested = attested;
        next.highest_attested = next.highest_attested.max(attested);
    }
    Ok(next)
}

/// The headers of a network after the update, from the pin's on.
fn new_headers(
    replica: &Replica,
    update: &Update,
    clock: Clock,
) -> Result<Option<Headers>, UpdateError> {
    let Some(pin) = replica.pin().network() else {
        return Ok(None);
    };
    let offered = Headers::parse(&update.checkpoint).map_err(|_| HeaderError::Malformed)?;
    Ok(Some(match clock {
        Clock::At(now) => extend(pin, replica.headers(), &offered, now)?,
        Clock::AcceptedBefore => {
            check_from_pin(pin, &offered)?;
            offered
        }
    }))
}

fn grow(
    next: &mut Replica,
    update: &Update,
    checkpoint: &Checkpoint,
    signatures: Signatures,
) -> Result<(), UpdateError> {
    let kept = next.size();
    let mut entries: Vec<&[u8]> = Vec::new();
    let mut rewritten = false;
    let mut wrong = None;
    let tiles = update.tiles.iter();
    let tiles: HashMap<u64, &Tile> = tiles.map(|tile| (tile.position, tile)).collect();
    for position in next.wanted_tiles(checkpoint.size) {
        let tile = tiles
            .get(&position)
            .ok_or(UpdateError::MissingTile(position))?;
        let read = read_tile(tile, checkpoint.size)?;
        for (offset, (entry, stated)) in read.into_iter().enumerate() {
            let leaf = leaf_hash(entry);
            if leaf != stated {
                wrong = Some(position);
            }
            let index = position * WIDTH + offset as u64;
            if index >= kept {
                next.tree.push(leaf);
                entries.push(entry);
            } else if next.tree.leaf(index) != Some(leaf) {
                rewritten = true;
                wrong = Some(position);
            }
        }
    }
    if next.tree.root() != checkpoint.root {
        return Err(explain(next, &entries, checkpoint, rewritten));
    }
    if let Some(position) = wrong {
        return Err(UpdateError::WrongTile(position));
    }
    replay(&mut next.registry, &entries, signatures)?;
    if next.registry.ledger() != next.pin.ledger() {
        return Err(UpdateError::WrongLedger);
    }
    Ok(())
}

/// The entries of a tile, each with the hash that the hash tile states for it.
fn read_tile(tile: &Tile, size: u64) -> Result<Vec<(&[u8], Hash)>, UpdateError> {
    let width = tile::width_at(tile.position, size);
    let refused = |error| match error {
        TileError::Truncated => UpdateError::TruncatedTile(tile.position),
        _ => UpdateError::WrongTile(tile.position),
    };
    let entries = tile::decode_exact_bundle(&tile.entries, width).map_err(refused)?;
    let hashes = tile::decode_hash_tile(&tile.hashes, width).map_err(refused)?;
    Ok(entries.into_iter().zip(hashes).collect())
}

/// The entries are not those that the log signed. Either somebody changed one on the way, or
/// the log itself signs another history than it did.
fn explain(
    next: &mut Replica,
    entries: &[&[u8]],
    checkpoint: &Checkpoint,
    rewritten: bool,
) -> UpdateError {
    let known = next.registry.size();
    if rewritten && next.pin.network().is_none() {
        return UpdateError::SplitView {
            size: checkpoint.size,
        };
    }
    if let Err(error) = replay(&mut next.registry, entries, Signatures::Check) {
        let forged = matches!(
            error.source,
            EntryError::Malformed(_) | EntryError::Rule(Rejection::ForgedEvent)
        );
        if forged {
            return error.into();
        }
    }
    // Whoever gives a network's entries is not who vouches for them.
    if known > 0 && next.pin.network().is_none() {
        UpdateError::SplitView {
            size: checkpoint.size,
        }
    } else {
        UpdateError::WrongRoot
    }
}
