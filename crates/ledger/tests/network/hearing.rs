//! Nodes of which one is quick, or answers one kind of question only: the others are heard.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use async_trait::async_trait;
use ledger::comet::{CometSource, Headers, Waits};
use ledger::{LedgerSource as _, Replica, Update, advance};
use net::{Http, HttpError, Request, Response};
use serde_json::{Value, json};
use tendermint::block::Header;
use tendermint::block::signed_header::SignedHeader;
use url::Url;

use crate::net::{Network, Nodes, Validator, node, set, sign};
use crate::world::World;

/// Longer than anything here is waited for, and far less than for ever.
const BOUND: Duration = Duration::from_secs(60);
/// Longer than any test may take.
const FOR_EVER: Duration = Duration::from_secs(3600);
/// How long one thinks who is slow.
const PAUSE: Duration = Duration::from_millis(100);
/// Each answer may take for ever, and whoever leads to nothing higher than another is soon left.
const PATIENT: Waits = Waits {
    question: FOR_EVER,
    stragglers: Duration::from_millis(1),
    walk: FOR_EVER,
};
/// Every way may take for ever, and no answer on it long.
const BRISK: Waits = Waits {
    question: Duration::from_millis(10),
    stragglers: FOR_EVER,
    walk: FOR_EVER,
};

/// Nodes, some of whom are odd by their name: `mute` says nothing of the log, `lost` announces and
/// says nothing of validators, `far` thinks once about the validators of the newest header, `tired`
/// always about the log.
struct Odd {
    nodes: Nodes<'static>,
    /// Who was asked about the log.
    asked: Mutex<Vec<String>>,
    /// All that was asked, of whomever.
    questions: Mutex<Vec<Url>>,
    /// `far` has not thought yet in this update.
    fresh: AtomicBool,
}

#[async_trait]
impl Http for Odd {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let host = request.url.host_str().unwrap().replace(".example", "");
        let method = request.url.path().trim_start_matches("/rpc/").to_owned();
        self.questions.lock().unwrap().push(request.url.clone());
        let newest = self.nodes.network.lock().unwrap().newest();
        let newest = format!("height={newest}&");
        if method == "abci_query" {
            self.asked.lock().unwrap().push(host.clone());
        }
        match (&*host, &*method) {
            ("mute", "abci_query") | ("lost", "validators") => std::future::pending().await,
            ("tired", "abci_query") => tokio::time::sleep(PAUSE).await,
            ("far", "validators")
                if request.url.query().unwrap().starts_with(&newest)
                    && self.fresh.swap(false, Ordering::Relaxed) =>
            {
                tokio::time::sleep(PAUSE).await;
            }
            _ => {}
        }
        self.nodes.send(request).await
    }

    fn allows(&self, _: &Url) -> Result<(), HttpError> {
        Ok(())
    }
}

/// A network of three blocks, with three events since the second.
fn network() -> Network {
    let world = World::with_issuer();
    let mut network = Network::begin(&world.events[0], "test");
    network.block(&world.events[1..]);
    network.block(&[]);
    network
}

/// Other validators step by step, until none of those who are known is left.
fn replace_validators(network: &mut Network) {
    for first in 2..=9 {
        network.next = (first..first + 4).map(Validator::number).collect();
        network.block(&[]);
        network.block(&[]);
    }
}

/// Gives this header, whichever was asked for.
fn always(header: &SignedHeader) -> impl Fn(&str, &str, Value) -> Value + use<> {
    let header = serde_json::to_value(header).unwrap();
    move |method, _, result| match method {
        "commit" => json!({"signed_header": header, "canonical": true}),
        _ => result,
    }
}

/// Nonsense about the log, and the truth about headers.
fn no_log(method: &str, result: Value) -> Value {
    match method {
        "abci_query" => json!({}),
        _ => result,
    }
}

fn odd(nodes: Nodes<'static>) -> Arc<Odd> {
    let asked = Mutex::new(Vec::new());
    let questions = Mutex::new(Vec::new());
    let fresh = AtomicBool::new(true);
    Arc::new(Odd {
        nodes,
        asked,
        questions,
        fresh,
    })
}

/// Nodes of which `lost` announces a header to which it never leads.
fn announcing(network: Network) -> Arc<Odd> {
    let strangers: Vec<Validator> = (11..=14).map(Validator::number).collect();
    let header = Header {
        height: 1000_u32.into(),
        validators_hash: set(&strangers).hash(),
        ..network.header()
    };
    let far = serde_json::to_value(sign(header, &strangers, &strangers)).unwrap();
    let lie = move |method: &str, _: &str, result: Value| match method {
        "commit" if result["signed_header"]["header"]["height"] == "3" => {
            json!({"signed_header": far, "canonical": true})
        }
        _ => result,
    };
    odd(Nodes::of(network).with_lie("lost", lie))
}

fn asking(odd: &Arc<Odd>, hosts: &[&str], waits: Waits) -> CometSource {
    let hosts: Vec<Url> = hosts.iter().map(|host| node(host)).collect();
    let source = CometSource::new(odd.clone(), &hosts).unwrap();
    source.with_waits(waits)
}

/// True where the update waits for somebody though all who answer have answered: it is polled as
/// often as could ever be needed, and no clock is asked. Then it is given up.
fn is_waiting(source: &CometSource, since: &Replica) -> bool {
    let mut update = pin!(source.update(since));
    let mut context = Context::from_waker(Waker::noop());
    (0..1000).all(|_| update.as_mut().poll(&mut context).is_pending())
}

async fn update(odd: &Arc<Odd>, hosts: &[&str], since: &Replica, waits: Waits) -> Update {
    let source = asking(odd, hosts, waits);
    odd.fresh.store(true, Ordering::Relaxed);
    let update = tokio::time::timeout(BOUND, source.update(since)).await;
    update.expect("it ends").unwrap()
}

fn height(update: &Update) -> u64 {
    Headers::parse(&update.checkpoint).unwrap().height()
}

/// One node is stuck at what is known and says so at once; the honest one takes longer.
#[tokio::test]
async fn nothing_new_from_one_node_does_not_cut_the_way_of_another() {
    let network = network();
    let (empty, now) = (Replica::new(network.pin(1)), network.now);
    let stuck = always(&network.blocks[&3]);
    let odd = odd(Nodes::of(network).with_lie("stuck", stuck));
    let known = update(&odd, &["one"], &empty, PATIENT).await;
    let known = advance(&empty, &known, now).unwrap();
    let newest = {
        let mut network = odd.nodes.network.lock().unwrap();
        replace_validators(&mut network);
        network.newest()
    };
    for hosts in [["stuck", "far"], ["far", "stuck"]] {
        assert_eq!(height(&update(&odd, &hosts, &known, PATIENT).await), newest);
    }
    // Alone it has nothing new to say, and that is an answer.
    assert_eq!(height(&update(&odd, &["stuck"], &known, PATIENT).await), 3);
}

/// A node announces what it does not lead to.
#[tokio::test]
async fn an_announcement_alone_keeps_nobody_waiting_for_ever() {
    let network = network();
    let empty = Replica::new(network.pin(1));
    let odd = announcing(network);
    for hosts in [["lost", "one"], ["one", "lost"]] {
        assert_eq!(height(&update(&odd, &hosts, &empty, BRISK).await), 3);
    }
}

/// Though each of its answers may take for ever, a way has an end, and the update with it.
#[tokio::test]
async fn a_way_has_its_time() {
    let network = network();
    let empty = Replica::new(network.pin(1));
    let odd = announcing(network);
    for hosts in [["lost", "one"], ["one", "lost"]] {
        assert!(is_waiting(&asking(&odd, &hosts, PATIENT), &empty));
        let walk = Duration::from_millis(1);
        let source = asking(&odd, &hosts, Waits { walk, ..PATIENT });
        let update = tokio::time::timeout(BOUND, source.update(&empty)).await;
        assert_eq!(height(&update.expect("it ends").unwrap()), 3);
    }
}

/// A source remembers who kept something new waiting, also from an update that was given up.
#[tokio::test]
async fn who_was_waited_for_in_vain_is_not_waited_for_again() {
    let network = network();
    let empty = Replica::new(network.pin(1));
    let odd = announcing(network);
    for hosts in [["lost", "one"], ["one", "lost"]] {
        let source = asking(&odd, &hosts, PATIENT);
        assert!(is_waiting(&source, &empty));
        let update = tokio::time::timeout(BOUND, source.update(&empty)).await;
        assert_eq!(height(&update.expect("it is remembered").unwrap()), 3);
    }
}

/// A way of many headers, some of which are held against several that come before them.
#[tokio::test]
async fn nothing_is_asked_twice_on_a_way() {
    let mut network = network();
    let empty = Replica::new(network.pin(1));
    replace_validators(&mut network);
    let newest = network.newest();
    let odd = odd(Nodes::of(network));
    assert_eq!(height(&update(&odd, &["one"], &empty, BRISK).await), newest);
    let questions = odd.questions.lock().unwrap();
    let different: BTreeSet<&Url> = questions.iter().collect();
    assert_eq!(different.len(), questions.len(), "{questions:#?}");
}

/// The quickest leads to the newest header and then fails: any other has the log to it.
#[tokio::test]
async fn a_node_that_fails_at_the_log_is_replaced_by_another() {
    let mut network = network();
    let empty = Replica::new(network.pin(1));
    replace_validators(&mut network);
    let newest = network.newest();
    let nodes = Nodes::of(network).with_lie("quick", |method, _, result| no_log(method, result));
    let odd = odd(nodes);
    for hosts in [["quick", "far"], ["far", "quick"]] {
        assert_eq!(height(&update(&odd, &hosts, &empty, PATIENT).await), newest);
    }
}

/// One node has headers only, and the other only the log.
#[tokio::test]
async fn what_a_header_binds_comes_from_any_node() {
    let network = network();
    let (empty, now) = (Replica::new(network.pin(1)), network.now);
    let nodes = Nodes::of(network)
        .with_lie("quick", |method, _, result| no_log(method, result))
        .with_lie("headless", |method, _, result| match method {
            "commit" => json!({}),
            _ => result,
        });
    let odd = odd(nodes);
    for hosts in [["quick", "headless"], ["headless", "quick"]] {
        let update = update(&odd, &hosts, &empty, BRISK).await;
        assert_eq!(advance(&empty, &update, now).unwrap().size(), 3);
    }
}

#[tokio::test]
async fn a_node_that_is_mute_about_the_log_is_not_waited_for() {
    let network = network();
    let (empty, now) = (Replica::new(network.pin(1)), network.now);
    let odd = odd(Nodes::of(network));
    for hosts in [["mute", "one"], ["one", "mute"]] {
        let update = update(&odd, &hosts, &empty, BRISK).await;
        assert_eq!(advance(&empty, &update, now).unwrap().size(), 3);
    }
}

/// What failed once is not asked again within an update, and what one node does not have yet for
/// another's header it may have for its own.
#[tokio::test]
async fn who_failed_is_remembered_and_who_lags_is_asked_again() {
    let network = network();
    let empty = Replica::new(network.pin(1));
    let second = serde_json::to_value(&network.blocks[&2]).unwrap();
    let behind = move |method: &str, result: Value| match method {
        "commit" if result["signed_header"]["header"]["height"] == "3" => {
            json!({"signed_header": second, "canonical": true})
        }
        _ => result,
    };
    let also_behind = behind.clone();
    let nodes = Nodes::of(network)
        .with_lie("broken", move |method, _, result| {
            no_log(method, also_behind(method, result))
        })
        .with_lie("late", move |method, path, result| match path {
            "/log/2" => json!({"response": {"code": 1, "value": ""}}),
            _ => behind(method, result),
        });
    let odd = odd(nodes);
    let update = update(&odd, &["mute", "broken", "late"], &empty, BRISK).await;
    assert_eq!(height(&update), 2);
    let asked = odd.asked.lock().unwrap();
    let times = |host: &str| asked.iter().filter(|asked| *asked == host).count();
    assert_eq!((times("mute"), times("broken")), (1, 1));
}

/// Where no node is quick, each has its time after all.
#[tokio::test]
async fn a_slow_node_is_asked_again_where_none_is_quick() {
    let network = network();
    let empty = Replica::new(network.pin(1));
    let odd = odd(Nodes::of(network));
    assert_eq!(
        height(&update(&odd, &["tired", "gone"], &empty, BRISK).await),
        3
    );
}
