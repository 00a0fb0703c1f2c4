//! Which ledger a command writes to: a folder that one operator keeps, or a network by one of its
//! nodes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keys::UnixTime;
use ledger::comet::{CometWriter, Recorded};
use ledger::{
    Freshness, LedgerWriter, Log, LogError, MAX_PIN, OperatorKeys, Pin, Receipt, Registry, Replica,
    SignedEvent, SubmitError, View, verify_folder,
};
use net::{Client, Http, Policy};
use url::Url;

use crate::args::Signing;
use crate::custody;
use crate::dates;
use crate::failure::Failure;
use crate::network;
use crate::node::Settings;
use crate::output;
use crate::witness::Witnesses;

/// Opens the ledger of a folder for writing: an operator's, a node's, a network's, or one whose
/// pin is there and whose nodes are named.
pub(crate) async fn open(dir: &Path, by: &Signing) -> Result<Box<dyn LedgerWriter>, Failure> {
    match Network::find(dir, &by.node)? {
        Some(network) => {
            let writer = network.follow().await?;
            Ok(Box::new(match by.wait {
                Some(seconds) => writer.with_patience(Duration::from_secs(seconds.into())),
                None => writer,
            }))
        }
        None => Ok(Box::new(Operated::open(dir)?)),
    }
}

/// What stands on the ledger of a folder, all of it checked: an operator's by its files, a
/// network's by its headers.
pub(crate) async fn read(dir: &Path) -> Result<Replica, Failure> {
    match Network::find(dir, &[])? {
        Some(network) => Ok(network.follow().await?.stored().replica().clone()),
        None => Ok(verify_folder(dir)?),
    }
}

/// What stands on the ledger of a folder, and who says how far it goes.
pub(crate) enum Known {
    /// Checked as any reader would.
    Checked(Replica),
    /// A node's own record, where neither it nor another answers: no header was checked.
    Recorded(Recorded),
}

impl Known {
    /// As [`read`], and where no node answers, what the folder's own node has recorded.
    pub(crate) async fn find(dir: &Path) -> Result<Self, Failure> {
        let failure = match read(dir).await {
            Ok(replica) => return Ok(Self::Checked(replica)),
            Err(failure) => failure,
        };
        if failure.kind() != "ledger_unreachable" || !Settings::is_in(dir) {
            return Err(failure);
        }
        let recorded = Recorded::read(&dir.join("ledger"))?;
        if recorded.registry().ledger() != Settings::read(dir)?.ledger {
            return Err(LogError::Damaged.into());
        }
        output::remark(format_args!(
            "No node answers: this is what the one in {} had recorded by block {} of {}. No header \
             was checked.",
            dir.display(),
            recorded.height(),
            dates::show(recorded.time())
        ));
        Ok(Self::Recorded(recorded))
    }

    pub(crate) fn registry(&self) -> &Registry {
        match self {
            Self::Checked(replica) => replica.registry(),
            Self::Recorded(recorded) => recorded.registry(),
        }
    }

    pub(crate) fn view(&self) -> View<'_> {
        match self {
            Self::Checked(replica) => replica.view(Freshness::default()),
            Self::Recorded(recorded) => recorded.view(Freshness::default()),
        }
    }

    pub(crate) fn attested(&self) -> UnixTime {
        self.view().attested
    }

    /// True where all of it was checked as any reader would.
    pub(crate) fn is_checked(&self) -> bool {
        matches!(self, Self::Checked(_))
    }
}

/// A network, as a folder knows it.
pub(crate) struct Network {
    nodes: Vec<Url>,
    pin: Pin,
    folder: PathBuf,
}

impl Network {
    /// The network of a folder; `None` where the folder is an operator's.
    pub(crate) fn find(dir: &Path, named: &[Url]) -> Result<Option<Self>, Failure> {
        let listed = listed_nodes(dir)?;
        if listed.is_empty() && named.is_empty() {
            return Ok(None);
        }
        let nodes = if named.is_empty() {
            listed.iter().map(|(_, rpc)| rpc.clone()).collect()
        } else {
            named.to_vec()
        };
        let own = listed.iter().map(|(node, _)| node.join("ledger"));
        let mut pins = own.chain([dir.to_owned()]).map(|at| at.join("pin.json"));
        let Some(path) = pins.find(|path| path.is_file()) else {
            return Err(Failure::failed(
                "no_pin",
                "the network has made no block yet, or its pin.json is not here",
            ));
        };
        let refused = |why: String| Failure::refused("wrong_pin", why);
        let bytes = custody::read(&path)?;
        let pin = Pin::parse(bytes.get(..MAX_PIN).unwrap_or(&bytes))
            .map_err(|error| refused(error.to_string()))?;
        if pin.network().is_none() {
            return Err(refused("the pin is not that of a network".to_owned()));
        }
        let folder = dir.join("replica").join(pin.folder_name());
        Ok(Some(Self { nodes, pin, folder }))
    }

    /// What is trusted about it.
    pub(crate) fn pin(&self) -> &Pin {
        &self.pin
    }

    /// A replica of it that is as new as the nodes are.
    pub(crate) async fn follow(self) -> Result<CometWriter, Failure> {
        // A node's RPC listens on loopback; whoever writes has named the node.
        let client = Client::new(Policy { demo: true })
            .map_err(|error| Failure::failed("network", error.to_string()))?;
        let http: Arc<dyn Http> = Arc::new(client);
        let writer = CometWriter::open(http, &self.nodes, self.pin, self.folder, dates::now());
        Ok(writer.await?)
    }
}

/// The nodes that a folder holds, each with its RPC: itself, or those of its `network.json`.
fn listed_nodes(dir: &Path) -> Result<Vec<(PathBuf, Url)>, Failure> {
    let mut folders = Vec::new();
    if Settings::is_in(dir) {
        folders.push(dir.to_owned());
    } else if network::is_listed(dir) {
        let nodes = network::read_listing(dir)?.nodes;
        let folders_here = nodes.into_iter().map(|node| dir.join(node.name));
        // A folder that was given to its body is not here any more.
        folders.extend(folders_here.filter(|folder| Settings::is_in(folder)));
    }
    let nodes = folders.into_iter().map(|folder| {
        let rpc = Settings::read(&folder)?.rpc;
        let malformed = |_| Failure::failed("no_node", "node.json is not one of this version");
        let rpc = Url::parse(&rpc).map_err(malformed)?;
        Ok((folder, rpc))
    });
    nodes.collect()
}

/// A folder that one operator keeps, with the operator's keys and the witnesses that are asked.
struct Operated {
    log: Log,
    keys: OperatorKeys,
    witnesses: Option<Arc<Witnesses>>,
}

impl Operated {
    fn open(dir: &Path) -> Result<Self, Failure> {
        let mut log = Log::open(dir)?;
        let keys = custody::operator_keys(dir)?;
        let witnesses = Witnesses::attach(&mut log, dir)?;
        Ok(Self {
            log,
            keys,
            witnesses,
        })
    }
}

#[async_trait]
impl LedgerWriter for Operated {
    fn registry(&self) -> &Registry {
        self.log.registry()
    }

    async fn submit(&mut self, event: SignedEvent, now: UnixTime) -> Result<Receipt, SubmitError> {
        let receipts = self.log.append(vec![event], &self.keys, now)?;
        if let Some(witnesses) = &self.witnesses {
            witnesses.say();
        }
        let receipt = receipts.first().copied();
        receipt.ok_or(SubmitError::Log(LogError::Damaged))
    }
}
