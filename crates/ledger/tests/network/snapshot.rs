//! A node that begins with a snapshot: what it comes to, and each lie that it may be told.

use ledger::comet::{
    Chain, MAX_CHUNK, Recorded, Restore, SNAPSHOT_FORMAT, Snapshot, SnapshotError, derive_app_hash,
};
use ledger::merkle::{Tree, leaf_hash};
use ledger::tile::{decode_bundle, encode_bundle};
use tempfile::TempDir;

use crate::chain::{begun, block, services};
use crate::world::NOW;

/// A chain of so many entries beside the genesis, and some empty blocks.
fn grown(count: usize, blocks: u64) -> (TempDir, Chain) {
    let (world, events) = services(count);
    let folder = tempfile::tempdir().unwrap();
    let mut chain = begun(&world, &folder);
    let whole = block(&mut chain, NOW, &events);
    assert!(whole.iter().all(Result::is_ok));
    while chain.height() < blocks {
        block(&mut chain, NOW, &[]);
    }
    (folder, chain)
}

/// As a peer hears of it.
fn told(snapshot: &Snapshot) -> Result<Snapshot, SnapshotError> {
    Snapshot::parse(
        snapshot.height(),
        SNAPSHOT_FORMAT,
        snapshot.chunks(),
        &snapshot.hash(),
        &snapshot.metadata(),
    )
}

fn begin(chain: &Chain, snapshot: &Snapshot) -> Restore {
    let ledger = chain.registry().ledger();
    Restore::begin(told(snapshot).unwrap(), &chain.app_hash(), ledger).unwrap()
}

fn chunk(chain: &Chain, snapshot: &Snapshot, index: u32) -> Vec<u8> {
    chain.chunk(snapshot.height(), index).unwrap().unwrap()
}

fn name<T>(result: Result<T, SnapshotError>) -> &'static str {
    match result {
        Ok(_) => panic!("it was taken"),
        Err(error) => error.name(),
    }
}

#[test]
fn a_node_that_begins_with_one_goes_on_as_the_others_do() {
    // Whole chunks only, a part of one, several bundles.
    for count in [63, 64, 150, 300] {
        let (_kept, mut chain) = grown(count, 23);
        let snapshots = chain.snapshots();
        let heights: Vec<u64> = snapshots.iter().map(Snapshot::height).collect();
        assert_eq!(heights, [20, 10]);
        let snapshot = &snapshots[0];
        assert_eq!(
            u64::from(snapshot.chunks()),
            (count as u64 + 1).div_ceil(64)
        );
        let folder = tempfile::tempdir().unwrap();
        let mut fresh = Chain::open(folder.path()).unwrap();
        let mut restore = begin(&chain, snapshot);
        for index in 0..snapshot.chunks() {
            assert!(!restore.is_whole());
            restore
                .take(index, &chunk(&chain, snapshot, index))
                .unwrap();
            assert!(!folder.path().join("chain.json").exists());
        }
        assert_eq!(name(restore.take(snapshot.chunks(), &[])), "unasked_chunk");
        fresh.adopt("test", restore).unwrap();
        assert_eq!((fresh.height(), fresh.app_hash()), (20, chain.app_hash()));
        assert_eq!(fresh.validators(), chain.validators());
        // No header was seen yet, and no size of before is claimed.
        assert!(fresh.pin().is_none());
        assert_eq!(
            (fresh.log_at(19), fresh.log_at(20)),
            (None, chain.log_at(20))
        );
        drop(fresh);
        let mut fresh = Chain::open(folder.path()).unwrap();
        assert_eq!(fresh.app_hash(), chain.app_hash());
        while fresh.height() < 23 {
            block(&mut fresh, NOW, &[]);
        }
        block(&mut fresh, NOW + 1, &[b"no".to_vec()]);
        block(&mut chain, NOW + 1, &[b"no".to_vec()]);
        assert_eq!(fresh.registry().state(), chain.registry().state());
        assert!(folder.path().join("pin.json").is_file());
        assert_eq!(Recorded::read(folder.path()).unwrap().height(), 24);
        // It has snapshots of its own, and they are the same.
        assert_eq!(fresh.snapshots()[0], chain.snapshots()[0]);
        let [own, others] = [&fresh, &chain].map(|chain| chunk(chain, snapshot, 0));
        assert_eq!(own, others);
    }
}

#[test]
fn there_is_none_before_the_headers_that_it_needs() {
    let (_kept, chain) = grown(1, 11);
    assert!(chain.snapshots().is_empty());
    let (_kept, chain) = grown(1, 12);
    assert_eq!(chain.snapshots().len(), 1);
    let snapshot = &chain.snapshots()[0];
    assert_eq!(chain.chunk(snapshot.height(), 1).unwrap(), None);
    assert_eq!(chain.chunk(13, 0).unwrap(), None);
    assert_eq!(chain.chunk(snapshot.height(), u32::MAX).unwrap(), None);
}

#[test]
fn an_offer_that_the_header_does_not_bind_is_refused() {
    let (_kept, chain) = grown(100, 12);
    let snapshot = &chain.snapshots()[0];
    let parse = |format, chunks, hash: &[u8], metadata: &[u8]| {
        Snapshot::parse(snapshot.height(), format, chunks, hash, metadata)
    };
    let (hash, metadata, count) = (snapshot.hash(), snapshot.metadata(), snapshot.chunks());
    assert_eq!(
        &parse(SNAPSHOT_FORMAT, count, &hash, &metadata).unwrap(),
        snapshot
    );
    assert_eq!(name(parse(2, count, &hash, &metadata)), "unknown_format");
    let malformed = |chunks, hash: &[u8], metadata: &[u8]| {
        assert_eq!(
            name(parse(SNAPSHOT_FORMAT, chunks, hash, metadata)),
            "malformed_snapshot"
        );
    };
    malformed(count + 1, &hash, &metadata);
    malformed(count, &[0; 32], &metadata);
    malformed(count, &hash, &metadata[..7]);
    malformed(count, &hash, &metadata[..metadata.len() - 1]);
    malformed(count, &hash, &[metadata.as_slice(), &[0; 32]].concat());
    malformed(0, &hash, &[0; 8]);
    let height = Snapshot::parse(0, SNAPSHOT_FORMAT, count, &hash, &metadata);
    assert_eq!(name(height), "malformed_snapshot");
    let mut many = metadata.clone();
    many[..8].copy_from_slice(&u64::MAX.to_be_bytes());
    assert_eq!(
        name(parse(SNAPSHOT_FORMAT, count, &hash, &many)),
        "too_large"
    );
    // One that is well made, of another log.
    let (_kept, other) = grown(101, 12);
    let offered = told(&other.snapshots()[0]).unwrap();
    let ledger = chain.registry().ledger();
    let begun = Restore::begin(offered, &chain.app_hash(), ledger);
    assert_eq!(name(begun), "wrong_app_hash");
}

#[test]
fn a_wrong_chunk_is_refused_and_the_right_one_taken_after_it() {
    let (_kept, chain) = grown(150, 12);
    let snapshot = &chain.snapshots()[0];
    let mut restore = begin(&chain, snapshot);
    let first = chunk(&chain, snapshot, 0);
    let entries = decode_bundle(&first, 64).unwrap();
    let mut flipped = first.clone();
    flipped[100] ^= 1;
    let mut swapped = entries.clone();
    swapped.swap(3, 4);
    let lies = [
        Vec::new(),
        flipped,
        first[..first.len() - 1].to_vec(),
        [first.as_slice(), &[0]].concat(),
        encode_bundle(entries[1..].iter().copied()).unwrap(),
        encode_bundle(swapped).unwrap(),
        chunk(&chain, snapshot, 1),
        vec![0; MAX_CHUNK + 1],
    ];
    for lie in lies {
        assert_eq!(name(restore.take(0, &lie)), "wrong_chunk");
    }
    assert_eq!(
        name(restore.take(1, &chunk(&chain, snapshot, 1))),
        "unasked_chunk"
    );
    for index in 0..snapshot.chunks() {
        restore
            .take(index, &chunk(&chain, snapshot, index))
            .unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    Chain::open(folder.path())
        .unwrap()
        .adopt("test", restore)
        .unwrap();
}

/// The validators can sign for a log that breaks a rule; nobody has to believe it.
#[test]
fn entries_that_break_a_rule_are_refused_though_a_header_binds_them() {
    let (_kept, chain) = grown(10, 12);
    let whole = chunk(&chain, &chain.snapshots()[0], 0);
    let mut entries = decode_bundle(&whole, 11).unwrap();
    entries.remove(5);
    let mut tree = Tree::default();
    for entry in &entries {
        tree.push(leaf_hash(entry));
    }
    let metadata = [10_u64.to_be_bytes().as_slice(), &tree.root()].concat();
    let hash = {
        use sha2::{Digest as _, Sha256};
        let mut hasher = Sha256::new_with_prefix(b"cairn-ledger/snapshot/v1\0");
        hasher.update(10_u64.to_be_bytes());
        hasher.update(&metadata);
        hasher.finalize()
    };
    let offered = Snapshot::parse(10, SNAPSHOT_FORMAT, 1, &hash, &metadata).unwrap();
    let app_hash = derive_app_hash(10, &tree.root());
    let ledger = chain.registry().ledger();
    let mut restore = Restore::begin(offered, &app_hash, ledger).unwrap();
    let bundle = encode_bundle(entries).unwrap();
    assert_eq!(name(restore.take(0, &bundle)), "sequence_gap");
    assert!(!restore.is_whole());
}

#[test]
fn it_is_the_ledger_that_the_node_was_made_for_and_never_goes_back() {
    let (_kept, mut chain) = grown(100, 22);
    let (older, newer) = (chain.snapshots()[1].clone(), chain.snapshots()[0].clone());
    let app_hash = chain.app_hash();
    let mut foreign = Restore::begin(newer.clone(), &app_hash, "another").unwrap();
    let first = chunk(&chain, &newer, 0);
    assert_eq!(name(foreign.take(0, &first)), "other_ledger");
    let restored = |chain: &Chain, snapshot: &Snapshot| {
        let mut restore = begin(chain, snapshot);
        for index in 0..snapshot.chunks() {
            restore.take(index, &chunk(chain, snapshot, index)).unwrap();
        }
        restore
    };
    let folder = tempfile::tempdir().unwrap();
    let mut fresh = Chain::open(folder.path()).unwrap();
    let part = begin(&chain, &newer);
    assert_eq!(name(fresh.adopt("test", part)), "unasked_chunk");
    fresh.adopt("test", restored(&chain, &newer)).unwrap();
    // Consensus lost its data and not the application: a newer one follows, an older one does not.
    fresh.adopt("test", restored(&chain, &newer)).unwrap();
    assert_eq!(
        name(fresh.adopt("test", restored(&chain, &older))),
        "behind"
    );
    while chain.height() < 32 {
        block(&mut chain, NOW, &[]);
    }
    let newest = chain.snapshots()[0].clone();
    fresh.adopt("test", restored(&chain, &newest)).unwrap();
    assert_eq!(fresh.height(), 30);
    let (_kept, other) = grown(120, 42);
    let other = restored(&other, &other.snapshots()[0]);
    assert_eq!(name(fresh.adopt("test", other)), "split_view");
    assert_eq!((fresh.height(), fresh.app_hash()), (30, app_hash));
}
