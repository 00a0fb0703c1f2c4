//! Writing to several nodes: what one of them says ends nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ledger::comet::CometWriter;
use ledger::{LedgerWriter as _, SignedEvent, canonical};
use net::{Http, HttpError, Method, Request, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::net::{Network, Nodes, node};
use crate::world::{ACCREDITOR, ISSUER, World};

/// What a node does with an event.
#[derive(Clone)]
enum Says {
    /// It is in a block at once.
    Takes,
    /// It is kept, and no block comes.
    Keeps,
    Refuses(&'static str),
    /// It has it in a block, and says that it is replayed.
    TakesAndRefuses,
    /// It never answers, whatever is asked.
    Hangs,
}

struct Writable {
    nodes: Nodes<'static>,
    says: BTreeMap<String, Says>,
}

#[async_trait]
impl Http for Writable {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let host = request.url.host_str().unwrap().to_owned();
        if matches!(self.says[&host], Says::Hangs) {
            std::future::pending::<()>().await;
        }
        if !matches!(request.method, Method::Post) {
            return self.nodes.send(request).await;
        }
        let call: Value = serde_json::from_slice(&request.body.unwrap().bytes).unwrap();
        let event = keys::b64::decode_standard(call["params"]["tx"].as_str().unwrap()).unwrap();
        let event = canonical::parse(&event, ledger::tile::MAX_ENTRY).unwrap();
        let event = SignedEvent::parse(&event).unwrap();
        let block = || {
            let mut network = self.nodes.network.lock().unwrap();
            network.block(&[event]);
            network.block(&[]);
        };
        let refused = |name: &str| json!({"code": 1, "log": name});
        let result = match &self.says[&host] {
            Says::Takes => {
                block();
                json!({"code": 0, "log": ""})
            }
            Says::Keeps => json!({"code": 0, "log": ""}),
            Says::Refuses(name) => refused(name),
            Says::TakesAndRefuses => {
                block();
                refused("replayed_event")
            }
            Says::Hangs => return std::future::pending().await,
        };
        let body = json!({"jsonrpc": "2.0", "id": 1, "result": result});
        Ok(Response {
            status: 200,
            headers: Vec::new(),
            body: serde_json::to_vec(&body).unwrap(),
            url: request.url,
        })
    }

    fn allows(&self, _: &Url) -> Result<(), HttpError> {
        Ok(())
    }
}

/// Submits an event to nodes that say these things, in order.
async fn submit(says: &[Says]) -> Result<u64, String> {
    let mut world = World::with_issuer();
    let mut network = Network::begin(&world.events[0], "test");
    network.block(&world.events[1..]);
    network.block(&[]);
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    let (pin, now) = (network.pin(1), network.now);
    let hosts: Vec<String> = (0..says.len()).map(|at| format!("n{at}")).collect();
    let urls: Vec<Url> = hosts.iter().map(|host| node(host)).collect();
    let named = hosts.iter().map(|host| format!("{host}.example"));
    let http = Arc::new(Writable {
        nodes: Nodes::of(network),
        says: named.zip(says.iter().cloned()).collect(),
    });
    let folder: TempDir = tempfile::tempdir().unwrap();
    let writer = CometWriter::open(http, &urls, pin, folder.path(), now).await;
    let mut writer = writer.unwrap().with_patience(Duration::from_millis(400));
    let receipt = writer.submit(world.events[3].clone(), now).await;
    receipt
        .map(|receipt| receipt.index)
        .map_err(|error| error.name().to_owned())
}

#[tokio::test]
async fn one_node_that_refuses_ends_nothing() {
    let refuses = || Says::Refuses("not_entitled");
    assert_eq!(submit(&[refuses(), Says::Takes]).await, Ok(3));
    assert_eq!(submit(&[Says::Takes, refuses()]).await, Ok(3));
    // One has it, and no block comes: nobody can say yet.
    let pending = submit(&[refuses(), Says::Keeps]).await;
    assert_eq!(pending, Err("pending".to_owned()));
}

#[tokio::test]
async fn a_rule_is_told_where_no_node_takes_the_event() {
    let refuses = || Says::Refuses("not_entitled");
    let refused = submit(&[refuses(), refuses()]).await;
    assert_eq!(refused, Err("not_entitled".to_owned()));
}

#[tokio::test]
async fn what_is_in_the_log_was_not_refused() {
    assert_eq!(submit(&[Says::TakesAndRefuses]).await, Ok(3));
}

#[tokio::test]
async fn a_node_that_never_answers_is_not_waited_for() {
    let submitted = submit(&[Says::Hangs, Says::Takes]);
    let submitted = tokio::time::timeout(Duration::from_secs(60), submitted);
    assert_eq!(submitted.await.expect("it ends"), Ok(3));
}
