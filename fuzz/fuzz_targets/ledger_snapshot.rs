#![no_main]

use ledger::comet::{Restore, SNAPSHOT_FORMAT, Snapshot, derive_app_hash};
use ledger::merkle::{Tree, leaf_hash};

fn parse(chunks: u32, metadata: &[u8]) -> Option<Snapshot> {
    let hash = Snapshot::derive_hash(1, metadata);
    Snapshot::parse(1, SNAPSHOT_FORMAT, chunks, &hash, metadata).ok()
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(snapshot) = parse(u32::try_from(bytes.len() / 32).unwrap_or(0), bytes) {
        assert_eq!(snapshot.metadata(), bytes);
    }
    // A chunk that is the right one as far as hashes go.
    let Some((count, chunk)) = bytes.split_first() else {
        return;
    };
    let size = u64::from(count % 64 + 1);
    let Ok(entries) = ledger::tile::decode_exact_bundle(chunk, size) else {
        return;
    };
    let mut tree = Tree::default();
    for entry in entries {
        tree.push(leaf_hash(entry));
    }
    let metadata = [size.to_be_bytes().as_slice(), &tree.root()].concat();
    let snapshot = parse(1, &metadata).expect("it is one");
    let app_hash = derive_app_hash(size, &tree.root());
    let mut restore = Restore::begin(snapshot, &app_hash, "another").expect("it is bound");
    assert!(restore.take(0, chunk).is_err());
    assert!(!restore.is_whole());
});
