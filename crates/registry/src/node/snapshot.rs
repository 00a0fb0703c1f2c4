//! Snapshots, as CometBFT's state sync asks for them: offered to those who join, and taken on by a
//! node that has nothing yet.
//!
//! CometBFT verifies the header that binds a snapshot; everything else is checked by
//! [`ledger::comet::Restore`].

use ledger::comet::{Chain, Restore, SNAPSHOT_FORMAT, Snapshot, SnapshotError};
use tendermint_proto::v0_38::abci::{
    RequestApplySnapshotChunk, RequestLoadSnapshotChunk, RequestOfferSnapshot,
    ResponseApplySnapshotChunk, ResponseListSnapshots, ResponseLoadSnapshotChunk,
    ResponseOfferSnapshot, Snapshot as Told, response_apply_snapshot_chunk::Result as Taken,
    response_offer_snapshot::Result as Offered,
};

use super::Settings;
use crate::output;

pub(super) fn list(chain: &Chain) -> ResponseListSnapshots {
    let snapshots = chain.snapshots();
    let told = snapshots.iter().map(|snapshot| Told {
        height: snapshot.height(),
        format: SNAPSHOT_FORMAT,
        chunks: snapshot.chunks(),
        hash: snapshot.hash().to_vec().into(),
        metadata: snapshot.metadata().into(),
    });
    ResponseListSnapshots {
        snapshots: told.collect(),
    }
}

pub(super) fn load(chain: &Chain, asked: &RequestLoadSnapshotChunk) -> ResponseLoadSnapshotChunk {
    let chunk = match asked.format {
        SNAPSHOT_FORMAT => chain.chunk(asked.height, asked.chunk).ok().flatten(),
        _ => None,
    };
    ResponseLoadSnapshotChunk {
        chunk: chunk.unwrap_or_default().into(),
    }
}

/// Begins to restore what is offered, or says why not; then another snapshot may be.
pub(super) fn offer(
    chain: &Chain,
    restore: &mut Option<Restore>,
    settings: &Settings,
    offer: &RequestOfferSnapshot,
) -> ResponseOfferSnapshot {
    let told = offer.snapshot.clone().unwrap_or_default();
    let begun = Snapshot::parse(
        told.height,
        told.format,
        told.chunks,
        &told.hash,
        &told.metadata,
    )
    .and_then(|snapshot| match snapshot.height() < chain.height() {
        true => Err(SnapshotError::Behind),
        false => Ok(snapshot),
    })
    .and_then(|snapshot| Restore::begin(snapshot, &offer.app_hash, &settings.ledger));
    let result = match begun {
        Ok(begun) => {
            *restore = Some(begun);
            Offered::Accept
        }
        Err(error) => {
            say(told.height, &error);
            if matches!(error, SnapshotError::Format) {
                Offered::RejectFormat
            } else {
                Offered::Reject
            }
        }
    };
    ResponseOfferSnapshot {
        result: result.into(),
    }
}

/// Takes a chunk; after the last one the snapshot is on disk. An error is one that no other
/// snapshot could mend.
pub(super) fn apply(
    chain: &mut Chain,
    restore: &mut Option<Restore>,
    settings: &Settings,
    chunk: &RequestApplySnapshotChunk,
) -> Result<ResponseApplySnapshotChunk, SnapshotError> {
    let Some(restoring) = restore else {
        return Ok(taken(Taken::RejectSnapshot));
    };
    match restoring.take(chunk.index, &chunk.chunk) {
        Ok(()) => {}
        Err(error @ SnapshotError::WrongChunk(_)) => {
            output::remark(format_args!("{error} ({}): asked anew", error.name()));
            return Ok(ResponseApplySnapshotChunk {
                result: Taken::Retry.into(),
                refetch_chunks: vec![chunk.index],
                reject_senders: vec![chunk.sender.clone()],
            });
        }
        Err(error @ (SnapshotError::Entry(_) | SnapshotError::OtherLedger)) => return Err(error),
        Err(error) => return Ok(refused(restore, &error)),
    }
    if !restoring.is_whole() {
        return Ok(taken(Taken::Accept));
    }
    let Some(whole) = restore.take() else {
        return Ok(taken(Taken::RejectSnapshot));
    };
    match chain.adopt(&settings.chain, whole) {
        Ok(()) => Ok(taken(Taken::Accept)),
        Err(error @ SnapshotError::Behind) => Ok(refused(restore, &error)),
        Err(error) => Err(error),
    }
}

fn refused(restore: &mut Option<Restore>, error: &SnapshotError) -> ResponseApplySnapshotChunk {
    output::remark(format_args!(
        "The snapshot is refused: {error} ({})",
        error.name()
    ));
    *restore = None;
    taken(Taken::RejectSnapshot)
}

fn taken(result: Taken) -> ResponseApplySnapshotChunk {
    ResponseApplySnapshotChunk {
        result: result.into(),
        ..ResponseApplySnapshotChunk::default()
    }
}

fn say(height: u64, error: &SnapshotError) {
    output::remark(format_args!(
        "A snapshot of height {height} is refused: {error} ({})",
        error.name()
    ));
}

#[cfg(test)]
mod tests {
    use ledger::comet::Block;
    use tempfile::TempDir;

    use super::super::application::init_chain;
    use super::super::application::tests::{BEGAN, fresh};
    use super::*;

    /// An application after so many blocks, and the settings of nodes of its network.
    fn grown(blocks: u64) -> (TempDir, Chain, Settings) {
        let (folder, mut chain, begin, _) = fresh();
        init_chain(&mut chain, &begin).unwrap();
        while chain.height() < blocks {
            let block = Block {
                height: chain.height() + 1,
                hash: &[7; 32],
                time: BEGAN,
            };
            chain.execute(&block, []).unwrap();
            chain.commit().unwrap();
        }
        let settings = Settings {
            ledger: chain.registry().ledger().to_owned(),
            chain: chain.chain_id().to_owned(),
            rpc: String::new(),
        };
        (folder, chain, settings)
    }

    fn empty() -> (TempDir, Chain) {
        let folder = tempfile::tempdir().unwrap();
        let chain = Chain::open(folder.path()).unwrap();
        (folder, chain)
    }

    fn offered(chain: &Chain, number: usize) -> RequestOfferSnapshot {
        RequestOfferSnapshot {
            snapshot: Some(list(chain).snapshots[number].clone()),
            app_hash: chain.app_hash().to_vec().into(),
        }
    }

    fn only_chunk(chain: &Chain, height: u64) -> RequestApplySnapshotChunk {
        let asked = RequestLoadSnapshotChunk {
            height,
            format: SNAPSHOT_FORMAT,
            chunk: 0,
        };
        RequestApplySnapshotChunk {
            index: 0,
            chunk: load(chain, &asked).chunk,
            sender: "a peer".to_owned(),
        }
    }

    #[test]
    fn what_one_node_offers_another_begins_with() {
        let (_kept, chain, settings) = grown(22);
        let (_folder, mut fresh) = empty();
        let mut restore = None;
        let answer = offer(&fresh, &mut restore, &settings, &offered(&chain, 0));
        assert_eq!(answer.result(), Offered::Accept);
        let right = only_chunk(&chain, 20);
        let mut wrong = right.clone();
        wrong.chunk = vec![1; 100].into();
        let answer = apply(&mut fresh, &mut restore, &settings, &wrong).unwrap();
        assert_eq!(answer.result(), Taken::Retry);
        assert_eq!(answer.refetch_chunks, [0]);
        assert_eq!(answer.reject_senders, ["a peer"]);
        assert_eq!(fresh.height(), 0);
        let answer = apply(&mut fresh, &mut restore, &settings, &right).unwrap();
        assert_eq!(answer.result(), Taken::Accept);
        assert_eq!((fresh.height(), fresh.app_hash()), (20, chain.app_hash()));
        assert_eq!(fresh.chain_id(), settings.chain);
        // It is there: nothing is taken on that is older, and no chunk that nobody asked for.
        let answer = offer(&fresh, &mut restore, &settings, &offered(&chain, 1));
        assert_eq!(answer.result(), Offered::Reject);
        let answer = apply(&mut fresh, &mut restore, &settings, &right).unwrap();
        assert_eq!(answer.result(), Taken::RejectSnapshot);
    }

    #[test]
    fn what_is_not_bound_or_not_known_is_refused() {
        let (_kept, chain, settings) = grown(12);
        let (_folder, mut fresh) = empty();
        let refusal = |change: fn(&mut RequestOfferSnapshot)| {
            let mut offer = offered(&chain, 0);
            change(&mut offer);
            let mut restore = None;
            let answer = super::offer(&fresh, &mut restore, &settings, &offer);
            assert!(restore.is_none());
            answer.result()
        };
        assert_eq!(
            refusal(|offer| offer.snapshot = None),
            Offered::RejectFormat
        );
        let another = |offer: &mut RequestOfferSnapshot| {
            offer.snapshot.as_mut().unwrap().format = 2;
        };
        assert_eq!(refusal(another), Offered::RejectFormat);
        let unbound = |offer: &mut RequestOfferSnapshot| offer.app_hash = vec![0; 32].into();
        assert_eq!(refusal(unbound), Offered::Reject);
        // A network that is not the one which this node was made for.
        let settings = Settings {
            ledger: "another".to_owned(),
            ..settings
        };
        let mut restore = None;
        offer(&fresh, &mut restore, &settings, &offered(&chain, 0));
        let chunk = only_chunk(&chain, 10);
        let error = apply(&mut fresh, &mut restore, &settings, &chunk).unwrap_err();
        assert_eq!(error.name(), "other_ledger");
        assert_eq!(fresh.height(), 0);
        let asked = RequestLoadSnapshotChunk {
            height: 10,
            format: 2,
            chunk: 0,
        };
        assert!(load(&chain, &asked).chunk.is_empty());
    }
}
