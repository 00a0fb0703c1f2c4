//! Snapshots, as CometBFT's state sync asks for them: offered to those who join, and taken on by a
//! node that has nothing yet.
//!
//! CometBFT verifies the header that binds a snapshot; everything else is checked by
//! [`ledger::comet::Restore`].

use std::collections::BTreeMap;

use ledger::comet::{Chain, Restore, SNAPSHOT_FORMAT, Snapshot, SnapshotError};
use tendermint_proto::v0_38::abci::{
    RequestApplySnapshotChunk, RequestLoadSnapshotChunk, RequestOfferSnapshot,
    ResponseApplySnapshotChunk, ResponseListSnapshots, ResponseLoadSnapshotChunk,
    ResponseOfferSnapshot, Snapshot as Told, response_apply_snapshot_chunk::Result as Taken,
    response_offer_snapshot::Result as Offered,
};

use super::Settings;
use super::application::Failed;
use crate::output;

/// So many wrong chunks end a node's way to a snapshot: more than CometBFT keeps peers (50), each
/// of which may lie once before it is no longer asked.
const MAX_WRONG: u32 = 64;

/// A node's way to a snapshot.
#[derive(Default)]
pub(super) struct Joining {
    /// A snapshot of which not every chunk is here.
    restore: Option<Restore>,
    /// How many wrong chunks came since the node started, by who sent them.
    wrong: BTreeMap<String, u32>,
}

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
    joining: &mut Joining,
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
            joining.restore = Some(begun);
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
/// snapshot could mend, or the last wrong chunk that is borne.
pub(super) fn apply(
    chain: &mut Chain,
    joining: &mut Joining,
    settings: &Settings,
    chunk: &RequestApplySnapshotChunk,
) -> Result<ResponseApplySnapshotChunk, Failed> {
    let Some(restoring) = &mut joining.restore else {
        return Ok(taken(Taken::RejectSnapshot));
    };
    match restoring.take(chunk.index, &chunk.chunk) {
        Ok(()) => {}
        Err(error @ SnapshotError::WrongChunk(_)) => return joining.ask_anew(chunk, &error),
        Err(error @ (SnapshotError::Entry(_) | SnapshotError::OtherLedger)) => {
            return Err(error.into());
        }
        Err(error) => return Ok(joining.refuse(&error)),
    }
    if !restoring.is_whole() {
        return Ok(taken(Taken::Accept));
    }
    let Some(whole) = joining.restore.take() else {
        return Ok(taken(Taken::RejectSnapshot));
    };
    match chain.adopt(&settings.chain, whole) {
        Ok(()) => Ok(taken(Taken::Accept)),
        Err(error @ SnapshotError::Behind) => Ok(joining.refuse(&error)),
        Err(error) => Err(error.into()),
    }
}

impl Joining {
    /// Asks for a chunk anew in whose place came another. CometBFT no longer asks who sent it, but
    /// goes on taking what that peer sends unasked, as fast as it comes.
    fn ask_anew(
        &mut self,
        chunk: &RequestApplySnapshotChunk,
        error: &SnapshotError,
    ) -> Result<ResponseApplySnapshotChunk, Failed> {
        let sent = self.wrong.entry(chunk.sender.clone()).or_default();
        *sent += 1;
        if *sent == 1 {
            let (sender, name) = (&chunk.sender, error.name());
            output::remark(format_args!(
                "{error}, which came from the peer {sender} ({name}): asked anew"
            ));
        }
        if self.wrong.values().sum::<u32>() < MAX_WRONG {
            return Ok(ResponseApplySnapshotChunk {
                result: Taken::Retry.into(),
                refetch_chunks: vec![chunk.index],
                reject_senders: vec![chunk.sender.clone()],
            });
        }
        self.restore = None;
        let most = self.wrong.iter().max_by_key(|(_, sent)| **sent);
        let most = most.map(|(sender, sent)| format!(", {sent} of them from the peer {sender}"));
        Err(Failed {
            kind: "wrong_chunks",
            words: format!(
                "{MAX_WRONG} wrong chunks came in place of the snapshot's own{}; nothing of the \
                 snapshot was kept",
                most.unwrap_or_default()
            ),
        })
    }

    fn refuse(&mut self, error: &SnapshotError) -> ResponseApplySnapshotChunk {
        output::remark(format_args!(
            "The snapshot is refused: {error} ({})",
            error.name()
        ));
        self.restore = None;
        taken(Taken::RejectSnapshot)
    }
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
    use std::time::{Duration, Instant};

    use ledger::comet::Block;
    use tempfile::TempDir;
    use tendermint_proto::v0_38::abci::{
        Request, request::Value as Asked, response::Value as Answer,
    };

    use super::super::application::tests::{BEGAN, fresh};
    use super::super::application::{Application, init_chain};
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
        let mut joining = Joining::default();
        let answer = offer(&fresh, &mut joining, &settings, &offered(&chain, 0));
        assert_eq!(answer.result(), Offered::Accept);
        let right = only_chunk(&chain, 20);
        let mut wrong = right.clone();
        wrong.chunk = vec![1; 100].into();
        let answer = apply(&mut fresh, &mut joining, &settings, &wrong).unwrap();
        assert_eq!(answer.result(), Taken::Retry);
        assert_eq!(answer.refetch_chunks, [0]);
        assert_eq!(answer.reject_senders, ["a peer"]);
        assert_eq!(fresh.height(), 0);
        let answer = apply(&mut fresh, &mut joining, &settings, &right).unwrap();
        assert_eq!(answer.result(), Taken::Accept);
        assert_eq!((fresh.height(), fresh.app_hash()), (20, chain.app_hash()));
        assert_eq!(fresh.chain_id(), settings.chain);
        // It is there: nothing is taken on that is older, and no chunk that nobody asked for.
        let answer = offer(&fresh, &mut joining, &settings, &offered(&chain, 1));
        assert_eq!(answer.result(), Offered::Reject);
        let answer = apply(&mut fresh, &mut joining, &settings, &right).unwrap();
        assert_eq!(answer.result(), Taken::RejectSnapshot);
    }

    #[test]
    fn wrong_chunks_have_an_end() {
        let (_kept, chain, settings) = grown(22);
        let (_folder, mut fresh) = empty();
        let mut joining = Joining::default();
        offer(&fresh, &mut joining, &settings, &offered(&chain, 0));
        let right = only_chunk(&chain, 20);
        let sent_by = |sender: &str| RequestApplySnapshotChunk {
            chunk: vec![1; 100].into(),
            sender: sender.to_owned(),
            ..right.clone()
        };
        let first = apply(&mut fresh, &mut joining, &settings, &sent_by("one"));
        assert_eq!(first.unwrap().result(), Taken::Retry);
        // Who is no longer asked goes on; another snapshot is no new beginning.
        for sent in 1..MAX_WRONG - 1 {
            if sent == 30 {
                offer(&fresh, &mut joining, &settings, &offered(&chain, 0));
            }
            let answer = apply(&mut fresh, &mut joining, &settings, &sent_by("another"));
            assert_eq!(answer.unwrap().result(), Taken::Retry, "{sent}");
        }
        let failed = apply(&mut fresh, &mut joining, &settings, &sent_by("another")).unwrap_err();
        assert_eq!(failed.kind, "wrong_chunks");
        let worst = "64 wrong chunks came in place of the snapshot's own, 63 of them from the \
                     peer another;";
        assert!(failed.words.starts_with(worst), "{}", failed.words);
        assert_eq!(fresh.height(), 0);
        let answer = apply(&mut fresh, &mut joining, &settings, &right).unwrap();
        assert_eq!(answer.result(), Taken::RejectSnapshot);
    }

    #[test]
    fn what_those_who_join_may_ask_for_is_limited() {
        let (_kept, chain, settings) = grown(12);
        let (failed, _failure) = tokio::sync::mpsc::unbounded_channel();
        let application = Application::new(chain, settings, failed);
        // Not before the application's own beginning, and the only time that is read.
        let start = Instant::now();
        let ask = |asked, now| {
            let request = Request { value: Some(asked) };
            application.answer_at(request, now).value
        };
        let serves = |now| {
            let asked = RequestLoadSnapshotChunk {
                height: 10,
                format: SNAPSHOT_FORMAT,
                chunk: 0,
            };
            match ask(Asked::LoadSnapshotChunk(asked), now) {
                Some(Answer::LoadSnapshotChunk(answer)) => !answer.chunk.is_empty(),
                other => panic!("{other:?}"),
            }
        };
        let lists = |now| match ask(Asked::ListSnapshots(Default::default()), now) {
            Some(Answer::ListSnapshots(answer)) => !answer.snapshots.is_empty(),
            other => panic!("{other:?}"),
        };
        assert!(lists(start));
        assert_eq!((0..1000).filter(|_| serves(start)).count(), 255);
        assert!(!lists(start));
        // What else is asked is answered all the same.
        let info = ask(Asked::Info(Default::default()), start);
        assert!(matches!(info, Some(Answer::Info(_))));
        let later = start + Duration::from_secs(1);
        assert_eq!((0..1000).filter(|_| serves(later)).count(), 16);
    }

    #[test]
    fn what_is_not_bound_or_not_known_is_refused() {
        let (_kept, chain, settings) = grown(12);
        let (_folder, mut fresh) = empty();
        let refusal = |change: fn(&mut RequestOfferSnapshot)| {
            let mut offer = offered(&chain, 0);
            change(&mut offer);
            let mut joining = Joining::default();
            let answer = super::offer(&fresh, &mut joining, &settings, &offer);
            assert!(joining.restore.is_none());
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
        let mut joining = Joining::default();
        offer(&fresh, &mut joining, &settings, &offered(&chain, 0));
        let chunk = only_chunk(&chain, 10);
        let error = apply(&mut fresh, &mut joining, &settings, &chunk).unwrap_err();
        assert_eq!(error.kind, "other_ledger");
        assert_eq!(fresh.height(), 0);
        let asked = RequestLoadSnapshotChunk {
            height: 10,
            format: 2,
            chunk: 0,
        };
        assert!(load(&chain, &asked).chunk.is_empty());
    }
}
