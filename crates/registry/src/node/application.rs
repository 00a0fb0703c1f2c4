//! What CometBFT asks of a ledger, answered by [`ledger::comet::Chain`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use keys::UnixTime;
use ledger::LogError;
use ledger::comet::{Block, Chain, SnapshotError};
use serde_json::json;
use tendermint_proto::google::protobuf::Timestamp;
use tendermint_proto::v0_38::abci::{
    ExecTxResult, Request, RequestCheckTx, RequestFinalizeBlock, RequestInitChain,
    RequestPrepareProposal, RequestProcessProposal, Response, ResponseCheckTx, ResponseCommit,
    ResponseEcho, ResponseException, ResponseExtendVote, ResponseFinalizeBlock, ResponseFlush,
    ResponseInfo, ResponseInitChain, ResponseListSnapshots, ResponseLoadSnapshotChunk,
    ResponsePrepareProposal, ResponseProcessProposal, ResponseVerifyVoteExtension, ValidatorUpdate,
    request::Value as Asked, response::Value as Answer, response_process_proposal,
    response_verify_vote_extension,
};
use tendermint_proto::v0_38::crypto::{PublicKey, public_key::Sum};
use tokio::sync::mpsc::UnboundedSender;

use super::rate::Rate;
use super::{APP_VERSION, Settings, query, snapshot};
use crate::dates;
use crate::network::chain_id;

/// Where the codes of refusals come from.
const CODESPACE: &str = "cairn";
/// A rule refuses the event; which one stands in the log of the answer.
const REFUSED: u32 = 1;
/// More events than this node looks at in a second.
const BUSY: u32 = 2;

/// Events a second that this node looks at in the long run, and at once: a look costs a few
/// signatures.
const EVENTS: (u32, u32) = (2000, 10_000);
/// Lists and chunks of snapshots a second that others are given in the long run, and at once: a
/// chunk costs reading up to 16 MB. At once is a log of 16 000 entries.
const SERVED: (u32, u32) = (16, 256);

/// A proposed block whose time is so many seconds behind the clock here takes no events.
const STALE_BLOCK: UnixTime = 120;

/// The application. Clones are the same one.
#[derive(Clone)]
pub(super) struct Application {
    chain: Arc<Mutex<Chain>>,
    joining: Arc<Mutex<snapshot::Joining>>,
    rate: Arc<Mutex<Rate>>,
    served: Arc<Mutex<Rate>>,
    settings: Arc<Settings>,
    failed: UnboundedSender<Failed>,
}

/// Why the application cannot go on.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) kind: &'static str,
    pub(super) words: String,
}

impl From<String> for Failed {
    fn from(words: String) -> Self {
        let kind = "ledger_folder";
        Self { kind, words }
    }
}

impl From<LogError> for Failed {
    fn from(error: LogError) -> Self {
        Self {
            kind: error.name(),
            words: in_words(&error),
        }
    }
}

impl From<SnapshotError> for Failed {
    fn from(error: SnapshotError) -> Self {
        Self {
            kind: error.name(),
            words: in_words(&error),
        }
    }
}

impl Application {
    /// What cannot go on says so to `failed`.
    pub(super) fn new(chain: Chain, settings: Settings, failed: UnboundedSender<Failed>) -> Self {
        let now = Instant::now();
        let rate = |(a_second, at_once)| Arc::new(Mutex::new(Rate::new(a_second, at_once, now)));
        Self {
            chain: Arc::new(Mutex::new(chain)),
            joining: Arc::default(),
            settings: Arc::new(settings),
            rate: rate(EVENTS),
            served: rate(SERVED),
            failed,
        }
    }

    pub(super) fn answer(&self, request: Request) -> Response {
        self.answer_at(request, Instant::now())
    }

    pub(super) fn answer_at(&self, request: Request, now: Instant) -> Response {
        let asked = request.value.as_ref();
        if let Some(nothing) = asked.and_then(|asked| self.beyond_the_rate(asked, now)) {
            return Response {
                value: Some(nothing),
            };
        }
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = match request.value {
            Some(asked) => self.dispatch(&mut chain, asked),
            None => Err("an empty request".to_owned().into()),
        };
        let value = answered.unwrap_or_else(|failed| {
            let error = failed.words.clone();
            let _ = self.failed.send(failed);
            Answer::Exception(ResponseException { error })
        });
        Response { value: Some(value) }
    }

    /// What those who join are told where more is asked than this node serves, before anything is
    /// read and without the lock that blocks need: no snapshot, or a chunk that is missing.
    fn beyond_the_rate(&self, asked: &Asked, now: Instant) -> Option<Answer> {
        let nothing = match asked {
            Asked::ListSnapshots(_) => Answer::ListSnapshots(ResponseListSnapshots::default()),
            Asked::LoadSnapshotChunk(_) => {
                Answer::LoadSnapshotChunk(ResponseLoadSnapshotChunk::default())
            }
            _ => return None,
        };
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        (!served.take(now)).then_some(nothing)
    }

    fn joining(&self) -> MutexGuard<'_, snapshot::Joining> {
        self.joining.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dispatch(&self, chain: &mut Chain, asked: Asked) -> Result<Answer, Failed> {
        Ok(match asked {
            Asked::Echo(echo) => Answer::Echo(ResponseEcho {
                message: echo.message,
            }),
            Asked::Flush(_) => Answer::Flush(ResponseFlush {}),
            Asked::Info(_) => Answer::Info(info(chain)),
            Asked::InitChain(begin) => Answer::InitChain(init_chain(chain, &begin)?),
            Asked::Query(question) => Answer::Query(query::answer(chain, &question)),
            Asked::CheckTx(check) => Answer::CheckTx(self.check_tx(chain, &check)),
            Asked::PrepareProposal(block) => {
                Answer::PrepareProposal(prepare(chain, block, dates::now()))
            }
            Asked::ProcessProposal(block) => Answer::ProcessProposal(process(chain, &block)),
            Asked::FinalizeBlock(block) => Answer::FinalizeBlock(finalize(chain, &block)?),
            Asked::Commit(_) => {
                chain.commit()?;
                Answer::Commit(ResponseCommit { retain_height: 0 })
            }
            // Votes carry nothing of ours.
            Asked::ExtendVote(_) => Answer::ExtendVote(ResponseExtendVote::default()),
            Asked::VerifyVoteExtension(extension) => {
                use response_verify_vote_extension::VerifyStatus;
                let empty = extension.vote_extension.is_empty();
                let status = if empty {
                    VerifyStatus::Accept
                } else {
                    VerifyStatus::Reject
                };
                Answer::VerifyVoteExtension(ResponseVerifyVoteExtension {
                    status: status.into(),
                })
            }
            Asked::ListSnapshots(_) => Answer::ListSnapshots(snapshot::list(chain)),
            Asked::LoadSnapshotChunk(asked) => {
                Answer::LoadSnapshotChunk(snapshot::load(chain, &asked))
            }
            Asked::OfferSnapshot(offer) => {
                let begun = snapshot::offer(chain, &mut self.joining(), &self.settings, &offer);
                Answer::OfferSnapshot(begun)
            }
            Asked::ApplySnapshotChunk(chunk) => {
                let taken = snapshot::apply(chain, &mut self.joining(), &self.settings, &chunk);
                Answer::ApplySnapshotChunk(taken?)
            }
        })
    }

    fn check_tx(&self, chain: &mut Chain, check: &RequestCheckTx) -> ResponseCheckTx {
        let mut answer = ResponseCheckTx {
            codespace: CODESPACE.to_owned(),
            ..ResponseCheckTx::default()
        };
        // What waits already (type 1) is looked at again after each block, whatever the rate.
        let fresh = check.r#type == 0;
        let mut rate = self.rate.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh && !rate.take(Instant::now()) {
            answer.code = BUSY;
            answer.log = "busy".to_owned();
        } else if let Err(error) = chain.check(&check.tx) {
            answer.code = REFUSED;
            answer.log = error.name().to_owned();
            answer.info = in_words(&error);
        }
        answer
    }
}

fn info(chain: &Chain) -> ResponseInfo {
    ResponseInfo {
        data: "cairn-ledger".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        app_version: APP_VERSION,
        last_block_height: chain.height().try_into().unwrap_or(i64::MAX),
        last_block_app_hash: if chain.height() == 0 {
            Vec::new().into()
        } else {
            chain.app_hash().to_vec().into()
        },
    }
}

pub(super) fn init_chain(
    chain: &mut Chain,
    begin: &RequestInitChain,
) -> Result<ResponseInitChain, String> {
    let time = seconds(begin.time.as_ref());
    let state = keys::json::parse_bounded(&begin.app_state_bytes, ledger::tile::MAX_ENTRY)
        .map_err(|_| "the genesis file holds no genesis event".to_owned())?;
    let genesis = ledger::canonical::value_to_bytes(&state).map_err(|error| error.to_string())?;
    let app_hash = chain
        .begin(&begin.chain_id, &genesis, time)
        .map_err(|error| in_words(&error))?;
    if begin.chain_id != chain_id(chain.registry().ledger()) {
        return Err("the genesis file's chain is not that of the ledger".to_owned());
    }
    let named: Option<BTreeMap<[u8; 32], u64>> = begin.validators.iter().map(weight).collect();
    let is_ours = |named: &BTreeMap<_, _>| {
        named.len() == begin.validators.len() && *named == chain.validators()
    };
    if !named.as_ref().is_some_and(is_ours) {
        return Err("the genesis file's validators are not those of the ledger".to_owned());
    }
    Ok(ResponseInitChain {
        app_hash: app_hash.to_vec().into(),
        ..ResponseInitChain::default()
    })
}

/// Chooses the events of a block. A block's time is when the one before was signed: after a long
/// stop the first block is dated before the stop, and stays empty. The next one is dated now.
fn prepare(
    chain: &Chain,
    block: RequestPrepareProposal,
    clock: UnixTime,
) -> ResponsePrepareProposal {
    let room = usize::try_from(block.max_tx_bytes).unwrap_or(0);
    let time = seconds(block.time.as_ref());
    if clock.saturating_sub(time) > STALE_BLOCK {
        return ResponsePrepareProposal { txs: Vec::new() };
    }
    let chosen = chain.choose(block.txs.iter().map(|tx| &**tx), room, time);
    ResponsePrepareProposal {
        txs: chosen.into_iter().map(|tx| tx.to_vec().into()).collect(),
    }
}

fn process(chain: &Chain, block: &RequestProcessProposal) -> ResponseProcessProposal {
    use response_process_proposal::ProposalStatus;
    let events = block.txs.iter().map(|tx| &**tx);
    let status = if chain.accepts(events, seconds(block.time.as_ref())) {
        ProposalStatus::Accept
    } else {
        ProposalStatus::Reject
    };
    ResponseProcessProposal {
        status: status.into(),
    }
}

fn finalize(
    chain: &mut Chain,
    block: &RequestFinalizeBlock,
) -> Result<ResponseFinalizeBlock, LogError> {
    let decided = Block {
        height: u64::try_from(block.height).unwrap_or(0),
        hash: &block.hash,
        time: seconds(block.time.as_ref()),
    };
    let done = chain.execute(&decided, block.txs.iter().map(|tx| &**tx))?;
    let tx_results = done
        .results
        .iter()
        .map(|result| match result {
            Ok(receipt) => ExecTxResult {
                data: json!({"index": receipt.index, "time": receipt.time})
                    .to_string()
                    .into_bytes()
                    .into(),
                ..ExecTxResult::default()
            },
            Err(error) => ExecTxResult {
                code: REFUSED,
                log: error.name().to_owned(),
                info: in_words(error),
                codespace: CODESPACE.to_owned(),
                ..ExecTxResult::default()
            },
        })
        .collect();
    let validator_updates = done.validators.iter().map(update).collect();
    Ok(ResponseFinalizeBlock {
        tx_results,
        validator_updates,
        app_hash: done.app_hash.to_vec().into(),
        ..ResponseFinalizeBlock::default()
    })
}

/// Key and power, where the key is of the only kind that is allowed.
fn weight(validator: &ValidatorUpdate) -> Option<([u8; 32], u64)> {
    match validator.pub_key.as_ref()?.sum.as_ref()? {
        Sum::Ed25519(key) => Some((
            key.as_slice().try_into().ok()?,
            u64::try_from(validator.power).ok()?,
        )),
        _ => None,
    }
}

fn update((key, power): &([u8; 32], u64)) -> ValidatorUpdate {
    ValidatorUpdate {
        pub_key: Some(PublicKey {
            sum: Some(Sum::Ed25519(key.to_vec())),
        }),
        power: i64::try_from(*power).unwrap_or(i64::MAX),
    }
}

/// The whole seconds of a time of consensus.
fn seconds(time: Option<&Timestamp>) -> UnixTime {
    time.map_or(0, |time| time.seconds)
}

fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}

#[cfg(test)]
pub(super) mod tests {
    use keys::SigningKey;
    use ledger::event::{Action, Event, GOVERNANCE, Genesis, Validator};
    use ledger::{SignedEvent, canonical};
    use tempfile::TempDir;

    use super::*;

    pub(crate) const BEGAN: UnixTime = 1_800_000_000;

    fn at(seconds: UnixTime) -> Option<Timestamp> {
        Some(Timestamp { seconds, nanos: 0 })
    }

    fn ed25519(key: &SigningKey) -> [u8; 32] {
        match key.public() {
            keys::PublicKey::Ed25519(key) => key.to_bytes(),
            _ => unreachable!("made as one"),
        }
    }

    /// A fresh application and what consensus would begin it with.
    pub(crate) fn fresh() -> (TempDir, Chain, RequestInitChain, SigningKey) {
        let (governance, validator) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
        let event = Event {
            ledger: None,
            signer: GOVERNANCE.to_owned(),
            sequence: 1,
            submit_before: BEGAN + 3600,
            action: Action::Genesis(Genesis {
                name: "Test".to_owned(),
                rules: ledger::RULES,
                keys: vec![governance.public().to_jwk()],
                threshold: 1,
                demo: false,
                validators: vec![Validator {
                    name: "One".to_owned(),
                    key: validator.public().to_jwk(),
                    power: 10,
                }],
                nonce: validator.public().thumbprint(),
            }),
        };
        let genesis = SignedEvent::sign(&event, &[&governance]).unwrap();
        let begin = RequestInitChain {
            time: at(BEGAN),
            chain_id: chain_id(&genesis.payload_digest()),
            validators: vec![update(&(ed25519(&validator), 10))],
            app_state_bytes: canonical::value_to_bytes(genesis.to_value())
                .unwrap()
                .into(),
            ..RequestInitChain::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let chain = Chain::open(folder.path()).unwrap();
        (folder, chain, begin, governance)
    }

    fn refused(change: impl FnOnce(&mut RequestInitChain)) -> String {
        let (_folder, mut chain, mut begin, _) = fresh();
        change(&mut begin);
        init_chain(&mut chain, &begin).unwrap_err()
    }

    #[test]
    fn a_genesis_file_is_the_ledgers_own() {
        let (_folder, mut chain, begin, _) = fresh();
        assert!(init_chain(&mut chain, &begin).is_ok());
        let others = "the genesis file's validators are not those of the ledger";
        assert_eq!(refused(|begin| begin.validators.clear()), others);
        let another = ed25519(&SigningKey::make_ed25519());
        let more = refused(|begin| begin.validators.push(update(&(another, 1))));
        assert_eq!(more, others);
        let heavier = refused(|begin| begin.validators[0].power = 11);
        assert_eq!(heavier, others);
        let twice = refused(|begin| begin.validators.push(begin.validators[0].clone()));
        assert_eq!(twice, others);
        // A key of another kind would sign for consensus and stand on no ledger.
        let other_kind = refused(|begin| {
            let sum = Some(Sum::Secp256k1(vec![2; 33]));
            begin.validators.push(ValidatorUpdate {
                pub_key: Some(PublicKey { sum }),
                power: 1000,
            });
        });
        assert_eq!(other_kind, others);
        let chain = refused(|begin| begin.chain_id = "another".to_owned());
        assert_eq!(chain, "the genesis file's chain is not that of the ledger");
        let empty = refused(|begin| begin.app_state_bytes = b"{}".to_vec().into());
        assert!(!empty.is_empty());
    }

    /// Where the disk is full, the node stops and says so, and the block is not acknowledged.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_block_for_which_there_is_no_room_ends_the_node() {
        let (folder, mut chain, begin, _) = fresh();
        init_chain(&mut chain, &begin).unwrap();
        let settings = Settings {
            ledger: String::new(),
            chain: String::new(),
            rpc: String::new(),
        };
        let (failed, mut failure) = tokio::sync::mpsc::unbounded_channel();
        let application = Application::new(chain, settings, failed);
        let block = RequestFinalizeBlock {
            height: 1,
            hash: vec![7; 32].into(),
            time: at(BEGAN),
            ..RequestFinalizeBlock::default()
        };
        let ask = |asked| application.answer(Request { value: Some(asked) }).value;
        let done = ask(Asked::FinalizeBlock(block));
        assert!(matches!(done, Some(Answer::FinalizeBlock(_))));
        let path = folder.path().join("chain.json.new");
        std::os::unix::fs::symlink("/dev/full", path).unwrap();
        let done = ask(Asked::Commit(Default::default()));
        assert!(matches!(done, Some(Answer::Exception(_))));
        let why = failure.try_recv().unwrap();
        assert_eq!(why.kind, "disk_full");
        assert!(why.words.contains("No space left"), "{}", why.words);
    }

    #[test]
    fn a_block_dated_long_ago_takes_no_events() {
        let (_folder, mut chain, begin, governance) = fresh();
        init_chain(&mut chain, &begin).unwrap();
        let event = Event {
            ledger: Some(chain.registry().ledger().to_owned()),
            signer: GOVERNANCE.to_owned(),
            sequence: 2,
            submit_before: BEGAN + 3600,
            action: Action::SetValidator(Validator {
                name: "Two".to_owned(),
                key: SigningKey::make_ed25519().public().to_jwk(),
                power: 10,
            }),
        };
        let event = SignedEvent::sign(&event, &[&governance]).unwrap();
        let event = canonical::value_to_bytes(event.to_value()).unwrap();
        let block = RequestPrepareProposal {
            max_tx_bytes: 1 << 20,
            txs: vec![event.into()],
            time: at(BEGAN),
            ..RequestPrepareProposal::default()
        };
        let chosen = |clock| prepare(&chain, block.clone(), clock).txs.len();
        assert_eq!(chosen(BEGAN + STALE_BLOCK), 1);
        assert_eq!(chosen(BEGAN - 1000), 1);
        assert_eq!(chosen(BEGAN + STALE_BLOCK + 1), 0);
    }
}
