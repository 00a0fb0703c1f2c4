//! The wire between consensus and the application, as either end might cut or lengthen it, and
//! what a ledger says to what came over it.
#![no_main]

#[path = "../../crates/registry/src/node/query.rs"]
mod query;
#[path = "../../crates/registry/src/node/socket.rs"]
#[allow(dead_code, reason = "only reading is tried here")]
mod socket;
#[allow(dead_code, reason = "other targets sign events of their own")]
mod world;

use std::sync::{Mutex, OnceLock};

use ledger::canonical::value_to_bytes;
use ledger::comet::{Block, Chain};
use prost::Message as _;
use tendermint_proto::v0_38::abci::request::Value as Asked;

/// The small ledger after its first block.
fn chain() -> &'static Mutex<Chain> {
    static CHAIN: OnceLock<Mutex<Chain>> = OnceLock::new();
    CHAIN.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("chain-{}", std::process::id()));
        // Left by a process that had the same number.
        let _ = std::fs::remove_dir_all(&folder);
        let events = world::begun().1.iter();
        let events: Vec<Vec<u8>> = events
            .map(|event| value_to_bytes(event.to_value()).expect("an event"))
            .collect();
        let mut chain = Chain::open(&folder).expect("a folder");
        chain.begin("test", &events[0], world::NOW).expect("begun");
        let first = Block {
            height: 1,
            hash: &[1; 32],
            time: world::NOW,
        };
        let rest = events.iter().skip(1).map(Vec::as_slice);
        let done = chain.execute(&first, rest).expect("executed");
        assert!(done.results.iter().all(Result::is_ok));
        chain.commit().expect("committed");
        Mutex::new(chain)
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut chain = chain().lock().expect("one at a time");
    let mut rest = bytes;
    while let Ok(Some(request)) = socket::read(&mut rest) {
        // What was read is written so that it is read again.
        let again = request.encode_length_delimited_to_vec();
        assert!(socket::read(&mut again.as_slice()).is_ok_and(|it| it.as_ref() == Some(&request)));
        let time = world::NOW + 1;
        match request.value {
            Some(Asked::Query(question)) => {
                let _ = query::answer(&chain, &question);
            }
            Some(Asked::CheckTx(check)) => {
                let _ = chain.check(&check.tx);
            }
            Some(Asked::PrepareProposal(block)) => {
                let room = usize::try_from(block.max_tx_bytes).unwrap_or(0);
                let chosen = chain.choose(block.txs.iter().map(|tx| &**tx), room, time);
                // What one node chooses no other refuses.
                assert!(chain.accepts(chosen.into_iter(), time));
            }
            Some(Asked::FinalizeBlock(block)) => {
                let height = u64::try_from(block.height).unwrap_or(0);
                let decided = Block {
                    height,
                    hash: &block.hash,
                    time,
                };
                let _ = chain.execute(&decided, block.txs.iter().map(|tx| &**tx));
            }
            _ => {}
        }
    }
});
