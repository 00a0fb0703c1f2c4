//! Proofs over trees of any size: hostile ones are refused without a panic, and what a tree proves
//! of itself holds.
#![no_main]

use ledger::merkle::{
    Tree, leaf_hash, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};

libfuzzer_sys::fuzz_target!(|input: ([u64; 4], u8, Vec<[u8; 32]>)| {
    let ([index, size, start, end], small, hashes) = input;
    let (root, leaf) = ([1; 32], [2; 32]);
    let _ = verify_inclusion(index, size, &leaf, &hashes, &root);
    let _ = verify_consistency(index, size, &leaf, &root, &hashes);
    let _ = verify_subtree_inclusion(index, (start, end), &leaf, &hashes, &root);
    let _ = verify_subtree_consistency((start, end), size, &leaf, &root, &hashes);

    let mut tree = Tree::default();
    let size = u64::from(small) + 1;
    for number in 0..size {
        tree.push(leaf_hash(&number.to_be_bytes()));
    }
    let (index, old) = (index % size, start % size + 1);
    let root = tree.root();
    let leaf = tree.leaf(index).unwrap();
    let proof = tree.prove_inclusion(index, size).unwrap();
    assert!(verify_inclusion(index, size, &leaf, &proof, &root).is_ok());
    let proof = tree.prove_consistency(old, size).unwrap();
    let before = tree.root_at(old).unwrap();
    assert!(verify_consistency(old, size, &before, &root, &proof).is_ok());
    if hashes != proof {
        // Another proof of the same would be a collision.
        assert!(old == size || verify_consistency(old, size, &before, &root, &hashes).is_err());
    }
});
