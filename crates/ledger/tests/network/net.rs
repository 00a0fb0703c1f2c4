//! A network in memory: the application, validators that sign as CometBFT's do, and a node's RPC.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use ed25519_dalek::{Signer as _, SigningKey as Ed25519};
use keys::UnixTime;
use ledger::comet::{Block, Chain, NetworkPin};
use ledger::{Pin, SignedEvent, canonical};
use net::{Http, HttpError, Request, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tendermint::block::header::Version;
use tendermint::block::signed_header::SignedHeader;
use tendermint::block::{Commit, CommitSig, Header, Height, Id, Round, parts};
use tendermint::validator::{Info, Set};
use tendermint::vote::{Type, ValidatorIndex, Vote};
use tendermint::{AppHash, Hash, PublicKey, Signature, Time};
use url::Url;

pub(crate) const BEGAN: UnixTime = 1_800_000_000;

/// One who signs blocks.
#[derive(Clone)]
pub(crate) struct Validator(pub(crate) Ed25519);

impl Validator {
    pub(crate) fn number(number: u8) -> Self {
        Self(Ed25519::from_bytes(&[number; 32]))
    }

    pub(crate) fn info(&self) -> Info {
        let key = PublicKey::from_raw_ed25519(self.0.verifying_key().as_bytes()).unwrap();
        Info::new(key, 10_u32.into())
    }
}

pub(crate) fn set(validators: &[Validator]) -> Set {
    Set::without_proposer(validators.iter().map(Validator::info).collect())
}

pub(crate) fn time(seconds: UnixTime) -> Time {
    Time::from_unix_timestamp(seconds, 0).unwrap()
}

/// The header signed by these of `validators`, who are those of its height.
pub(crate) fn sign(
    header: Header,
    validators: &[Validator],
    signers: &[Validator],
) -> SignedHeader {
    let block_id = Id {
        hash: header.hash(),
        part_set_header: parts::Header::new(1, Hash::Sha256([1; 32])).unwrap(),
    };
    let all = set(validators);
    let signatures = all.validators().iter().enumerate().map(|(index, info)| {
        let Some(signer) = signers
            .iter()
            .find(|one| one.info().address == info.address)
        else {
            return CommitSig::BlockIdFlagAbsent;
        };
        let vote = Vote {
            vote_type: Type::Precommit,
            height: header.height,
            round: Round::from(0_u8),
            block_id: Some(block_id),
            timestamp: Some(header.time),
            validator_address: info.address,
            validator_index: ValidatorIndex::try_from(index).unwrap(),
            signature: None,
            extension: Vec::new(),
            extension_signature: None,
        };
        let bytes = vote.into_signable_vec(header.chain_id.clone());
        let signature = signer.0.sign(&bytes).to_bytes();
        CommitSig::BlockIdFlagCommit {
            validator_address: info.address,
            timestamp: header.time,
            signature: Signature::new(signature).unwrap(),
        }
    });
    let commit = Commit {
        height: header.height,
        round: Round::from(0_u8),
        block_id,
        signatures: signatures.collect(),
    };
    SignedHeader::new(header, commit).unwrap()
}

/// A network of one honest application and validators who all sign.
pub(crate) struct Network {
    pub(crate) chain: Chain,
    pub(crate) now: UnixTime,
    /// Who signs the next block, and the one after.
    pub(crate) validators: Vec<Validator>,
    pub(crate) next: Vec<Validator>,
    pub(crate) blocks: BTreeMap<u64, SignedHeader>,
    pub(crate) sets: BTreeMap<u64, Vec<Validator>>,
    app_hash: Vec<u8>,
    name: String,
    _folder: TempDir,
}

impl Network {
    pub(crate) fn begin(genesis: &SignedEvent, name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut chain = Chain::open(folder.path()).unwrap();
        let genesis = canonical::value_to_bytes(genesis.to_value()).unwrap();
        let app_hash = chain.begin(name, &genesis, BEGAN).unwrap().to_vec();
        let validators: Vec<Validator> = (1..=4).map(Validator::number).collect();
        let mut network = Self {
            chain,
            now: BEGAN,
            next: validators.clone(),
            validators,
            blocks: BTreeMap::new(),
            sets: BTreeMap::new(),
            app_hash,
            name: name.to_owned(),
            _folder: folder,
        };
        network.block(&[]);
        network
    }

    /// The header of the next block, as all would sign it.
    pub(crate) fn header(&self) -> Header {
        let height = self.blocks.len() as u64 + 1;
        Header {
            version: Version { block: 11, app: 1 },
            chain_id: self.name.parse().unwrap(),
            height: Height::try_from(height).unwrap(),
            time: time(self.now),
            last_block_id: None,
            last_commit_hash: None,
            data_hash: None,
            validators_hash: set(&self.validators).hash(),
            next_validators_hash: set(&self.next).hash(),
            consensus_hash: Hash::Sha256([2; 32]),
            app_hash: AppHash::try_from(self.app_hash.clone()).unwrap(),
            last_results_hash: None,
            evidence_hash: None,
            proposer_address: self.validators[0].info().address,
        }
    }

    /// A block with these events, each after what is there; a second later than the last.
    pub(crate) fn block(&mut self, events: &[SignedEvent]) -> Vec<Result<(), String>> {
        self.now += 1;
        let header = self.header();
        let height = header.height.value();
        let events: Vec<Vec<u8>> = events
            .iter()
            .map(|event| canonical::value_to_bytes(event.to_value()).unwrap())
            .collect();
        let hash = header.hash();
        let block = Block {
            height,
            hash: hash.as_bytes(),
            time: self.now,
        };
        let done = self
            .chain
            .execute(&block, events.iter().map(Vec::as_slice))
            .unwrap();
        self.chain.commit().unwrap();
        self.app_hash = done.app_hash.to_vec();
        let signed = sign(header, &self.validators, &self.validators);
        self.blocks.insert(height, signed);
        self.sets.insert(height, self.validators.clone());
        self.validators.clone_from(&self.next);
        done.results
            .into_iter()
            .map(|result| result.map(|_| ()).map_err(|error| error.name().to_owned()))
            .collect()
    }

    /// Whether a node would let the event wait.
    pub(crate) fn check(&mut self, event: &SignedEvent) -> Result<(), String> {
        let event = canonical::value_to_bytes(event.to_value()).unwrap();
        let checked = self.chain.check(&event);
        checked.map_err(|error| error.name().to_owned())
    }

    /// The pin by the header of this height.
    pub(crate) fn pin(&self, height: u64) -> Pin {
        let header = self.blocks[&height].header.hash();
        let header = header.as_bytes().try_into().unwrap();
        let day = Duration::from_secs(86_400);
        let network = NetworkPin::new(&self.name, height, header, 30 * day).unwrap();
        Pin::of_network(self.chain.registry().ledger(), "Test", network).unwrap()
    }

    pub(crate) fn newest(&self) -> u64 {
        self.blocks.len() as u64
    }

    /// The answers of an honest node.
    fn answer(&self, method: &str, query: &BTreeMap<String, String>) -> Option<Value> {
        let height = query.get("height").map(|text| text.parse().unwrap());
        match method {
            "commit" => {
                let signed = self.blocks.get(&height.unwrap_or_else(|| self.newest()))?;
                Some(json!({"signed_header": signed, "canonical": true}))
            }
            "validators" => {
                let height = height.unwrap();
                let set = match self.sets.get(&height) {
                    Some(validators) => validators,
                    None if height == self.newest() + 1 => &self.validators,
                    None => return None,
                };
                let list: Vec<Value> = set.iter().map(validator_json).collect();
                Some(
                    json!({"block_height": height.to_string(), "validators": list,
                    "count": list.len().to_string(), "total": list.len().to_string()}),
                )
            }
            "abci_query" => {
                let value = self.query(query["path"].trim_matches('"'));
                let code = i32::from(value.is_none());
                let value = keys::b64::encode_standard(value.unwrap_or_default());
                Some(json!({"response": {"code": code, "log": "", "value": value}}))
            }
            _ => None,
        }
    }

    fn query(&self, path: &str) -> Option<Vec<u8>> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let number = |at: usize| parts[at].parse::<u64>().unwrap();
        match parts[0] {
            "log" => {
                let (size, root) = self.chain.log_at(number(1))?;
                Some(format!("{size} {}", keys::b64::encode(root)).into_bytes())
            }
            "entries" => self.chain.bundle(number(1), number(2)).unwrap(),
            "pin" => self.chain.pin().map(|pin| pin.to_bytes()),
            _ => None,
        }
    }
}

pub(crate) fn validator_json(one: &Validator) -> Value {
    let info = one.info();
    json!({
        "address": info.address.to_string(),
        "pub_key": {
            "type": "tendermint/PubKeyEd25519",
            "value": keys::b64::encode_standard(one.0.verifying_key().as_bytes()),
        },
        "voting_power": "10",
        "proposer_priority": "0",
    })
}

/// Changes what a node answers: method, path of a query, and the result.
pub(crate) type Lie = Box<dyn Fn(&str, &str, Value) -> Value + Send + Sync>;

/// Nodes by host name, each with a lie or none.
pub(crate) struct Nodes<'n> {
    pub(crate) network: &'n Mutex<Network>,
    pub(crate) lies: BTreeMap<String, Lie>,
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Nodes<'static> {
    pub(crate) fn of(network: Network) -> Self {
        Self {
            network: Box::leak(Box::new(Mutex::new(network))),
            lies: BTreeMap::new(),
            asked: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn with_lie(
        mut self,
        host: &str,
        lie: impl Fn(&str, &str, Value) -> Value + Send + Sync + 'static,
    ) -> Self {
        self.lies.insert(format!("{host}.example"), Box::new(lie));
        self
    }
}

impl Nodes<'static> {
    /// What stands on the network.
    pub(crate) fn state(&self) -> ledger::merkle::Hash {
        self.network.lock().unwrap().chain.registry().state()
    }
}

#[async_trait]
impl Http for Nodes<'static> {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let url = request.url;
        let host = url.host_str().unwrap().to_owned();
        let query: BTreeMap<String, String> = url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let method = url.path().trim_start_matches("/rpc/").to_owned();
        let path = query.get("path").cloned().unwrap_or_default();
        self.asked.lock().unwrap().push(format!("{method}{path}"));
        if host.starts_with("gone") {
            return Err(HttpError::Unreachable);
        }
        if host.starts_with("silent") {
            std::future::pending::<()>().await;
        }
        if host.starts_with("slow") && method == "commit" {
            after_the_others().await;
        }
        let answered = self.network.lock().unwrap().answer(&method, &query);
        let body = match answered {
            Some(result) => {
                let result = match self.lies.get(&host) {
                    Some(lie) => lie(&method, path.trim_matches('"'), result),
                    None => result,
                };
                json!({"jsonrpc": "2.0", "id": -1, "result": result})
            }
            None => json!({"jsonrpc": "2.0", "id": -1, "error": {"code": -32603}}),
        };
        Ok(Response {
            status: 200,
            headers: Vec::new(),
            body: serde_json::to_vec(&body).unwrap(),
            url,
        })
    }

    fn allows(&self, _: &Url) -> Result<(), HttpError> {
        Ok(())
    }
}

/// Is polled in vain once, so that whoever is asked beside it answers before.
async fn after_the_others() {
    let mut polled = false;
    std::future::poll_fn(|context| {
        if polled {
            return std::task::Poll::Ready(());
        }
        polled = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

pub(crate) fn node(host: &str) -> Url {
    Url::parse(&format!("https://{host}.example/rpc")).unwrap()
}
