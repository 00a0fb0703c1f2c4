//! Hearing all nodes at once: who announces what, who leads there, and how long to wait.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use net::HttpError;
use tokio::time::{Instant, sleep_until};

use super::headers::Headers;
use super::pin::NetworkPin;
use super::rpc::Rpc;
use super::waits::Waits;
use super::walk::follow;
use crate::replica::Replica;
use crate::source::SourceError;

/// What one node says of the headers.
pub(super) struct Way {
    pub(super) node: usize,
    /// Height of its newest header, where it announced one.
    height: Option<u64>,
    pub(super) headers: Result<Headers, SourceError>,
}

/// What each node answers, the newest first: its headers from what is known to its newest. `tardy`
/// remembers from one update to the next which nodes were waited for in vain, also where this
/// future is dropped meanwhile.
pub(super) async fn ways(
    rpcs: &BTreeMap<usize, Rpc<'_>>,
    pin: &NetworkPin,
    since: &Replica,
    tardy: &[AtomicBool],
    waits: Waits,
) -> Vec<Way> {
    let mut announcing: FuturesUnordered<_> = rpcs
        .iter()
        .map(|(node, rpc)| async move { (*node, rpc, rpc.commit(None).await) })
        .collect();
    let mut walking = FuturesUnordered::new();
    let known = since.headers().map_or(pin.height, Headers::height);
    let mut hearing = Hearing::new(known, tardy, waits);
    let mut ways: Vec<Way> = Vec::new();
    while !(announcing.is_empty() && walking.is_empty()) {
        let until = hearing.until();
        for node in hearing.waited_for() {
            set(tardy, node, true);
        }
        let waited = sleep_until(until.unwrap_or_else(Instant::now));
        tokio::select! {
            biased;
            Some((node, rpc, newest)) = announcing.next() => match newest {
                Ok(newest) => {
                    let height = newest.header.height.value();
                    hearing.announced(node, height, Instant::now());
                    walking.push(async move {
                        let headers = follow(rpc, pin, since, newest).await;
                        Way { node, height: Some(height), headers }
                    });
                }
                Err(error) => ways.push(Way { node, height: None, headers: Err(error) }),
            },
            Some(way) = walking.next() => {
                match way.headers {
                    Ok(_) => {
                        set(tardy, way.node, false);
                        hearing.led(way.node, Instant::now());
                    }
                    Err(SourceError::Behind) => hearing.led(way.node, Instant::now()),
                    Err(_) => hearing.failed(way.node),
                }
                ways.push(way);
            }
            () = waited, if until.is_some() => break,
            else => break,
        }
    }
    for node in rpcs.keys() {
        if !ways.iter().any(|way| way.node == *node) {
            ways.push(Way {
                node: *node,
                height: None,
                headers: Err(HttpError::TimedOut { sent: true }.into()),
            });
        }
    }
    ways.sort_by_key(|way| (std::cmp::Reverse(way.height), way.node));
    ways
}

fn set(tardy: &[AtomicBool], node: usize, value: bool) {
    if let Some(tardy) = tardy.get(node) {
        tardy.store(value, Ordering::Relaxed);
    }
}

/// A node on the way to what it announced.
struct Walk {
    node: usize,
    height: u64,
    began: Instant,
}

/// What was heard so far.
struct Hearing {
    known: u64,
    waits: Waits,
    /// By node: it kept an earlier update waiting in vain.
    tardy: Vec<bool>,
    walks: Vec<Walk>,
    /// The highest header to which a node has led, and when it had.
    best: Option<(u64, Instant)>,
}

impl Hearing {
    fn new(known: u64, tardy: &[AtomicBool], waits: Waits) -> Self {
        let tardy = tardy.iter().map(|tardy| tardy.load(Ordering::Relaxed));
        Self {
            known,
            waits,
            tardy: tardy.collect(),
            walks: Vec::new(),
            best: None,
        }
    }

    fn announced(&mut self, node: usize, height: u64, began: Instant) {
        self.walks.push(Walk {
            node,
            height,
            began,
        });
    }

    /// The node has led to what it announced, or there is nothing new there.
    fn led(&mut self, node: usize, now: Instant) {
        let Some(at) = self.walks.iter().position(|walk| walk.node == node) else {
            return;
        };
        let height = self.walks.swap_remove(at).height;
        if self.best.is_none_or(|(best, _)| height > best) {
            self.best = Some((height, now));
        }
    }

    fn failed(&mut self, node: usize) {
        self.walks.retain(|walk| walk.node != node);
    }

    /// Those on the way to something higher than the best. One that was waited for in vain before
    /// can keep nobody from what is new, and is still waited for where nothing is.
    fn higher(&self) -> impl Iterator<Item = &Walk> {
        let best = self.best.map_or(u64::MAX, |(best, _)| best);
        let is_new = best > self.known;
        self.walks.iter().filter(move |walk| {
            let tardy = self.tardy.get(walk.node).is_some_and(|tardy| *tardy);
            walk.height > best && !(is_new && tardy)
        })
    }

    /// The nodes for which something new has to wait.
    fn waited_for(&self) -> Vec<usize> {
        if self.best.is_none_or(|(best, _)| best <= self.known) {
            return Vec::new();
        }
        self.higher().map(|walk| walk.node).collect()
    }

    /// Until when to wait for those who have not answered; for ever where none has led anywhere.
    fn until(&self) -> Option<Instant> {
        let (_, at) = self.best?;
        let stragglers = at + self.waits.stragglers;
        let higher = self.higher().map(|walk| walk.began + self.waits.walk);
        Some(higher.fold(stragglers, Instant::max))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const KNOWN: u64 = 10;
    const STRAGGLERS: Duration = Duration::from_secs(2);
    const WALK: Duration = Duration::from_secs(20);

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    fn hearing(tardy: [bool; 3]) -> (Hearing, Instant) {
        (
            Hearing::new(KNOWN, &tardy.map(AtomicBool::new), Waits::default()),
            Instant::now(),
        )
    }

    #[test]
    fn what_is_known_is_not_enough_while_more_is_announced() {
        let (mut hearing, began) = hearing([false; 3]);
        assert_eq!(hearing.until(), None);
        for (node, height) in [(0, KNOWN), (1, 30), (2, 31)] {
            hearing.announced(node, height, began);
        }
        assert_eq!(hearing.until(), None);
        hearing.led(0, began);
        assert_eq!(hearing.until(), Some(began + WALK));
        hearing.led(1, began + seconds(5));
        assert_eq!(hearing.until(), Some(began + WALK));
        // The highest is enough, and so is the next where nobody leads higher any more.
        hearing.failed(2);
        let enough = Some(began + seconds(5) + STRAGGLERS);
        assert_eq!(hearing.until(), enough);
    }

    #[test]
    fn the_highest_is_enough() {
        let (mut hearing, began) = hearing([false; 3]);
        for (node, height) in [(0, KNOWN - 1), (1, 31), (2, 31)] {
            hearing.announced(node, height, began);
        }
        hearing.led(2, began + seconds(1));
        assert_eq!(hearing.until(), Some(began + seconds(1) + STRAGGLERS));
        hearing.led(0, began + seconds(2));
        hearing.led(1, began + seconds(2));
        assert_eq!(hearing.until(), Some(began + seconds(1) + STRAGGLERS));
    }

    /// Who announces what does not exist keeps nobody waiting again and again.
    #[test]
    fn a_node_that_was_waited_for_in_vain_keeps_back_nothing_new() {
        let (mut hearing, began) = hearing([false, false, true]);
        for (node, height) in [(0, KNOWN), (1, 31), (2, 1000)] {
            hearing.announced(node, height, began);
        }
        // While there is nothing new it may be the one that leads to it.
        hearing.led(0, began);
        hearing.failed(1);
        assert_eq!(hearing.until(), Some(began + WALK));
        assert!(hearing.waited_for().is_empty());
        hearing.announced(1, 31, began);
        hearing.led(1, began);
        assert_eq!(hearing.until(), Some(began + STRAGGLERS));
    }

    #[test]
    fn only_who_keeps_back_something_new_is_remembered() {
        let (mut hearing, began) = hearing([false; 3]);
        for (node, height) in [(0, KNOWN), (1, 31), (2, 1000)] {
            hearing.announced(node, height, began);
        }
        hearing.led(0, began);
        assert!(hearing.waited_for().is_empty());
        hearing.led(1, began);
        assert_eq!(hearing.waited_for(), [2]);
    }
}
