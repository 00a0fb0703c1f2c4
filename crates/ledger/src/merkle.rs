//! Merkle trees and proofs of RFC 9162 §2.1, with the subtrees of
//! draft-ietf-plants-merkle-tree-certs §4, of which whole trees are the case `start == 0`.

use sha2::{Digest as _, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// The proof does not show what it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the Merkle proof does not verify")]
pub struct ProofError;

/// The hash of an entry (RFC 9162 §2.1.1).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

/// The hash of two subtrees (RFC 9162 §2.1.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// Checks that `leaf` is entry `index` of the tree of `size` entries under `root`.
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError);
    }
    let (mut fn_, mut sn) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if sn == 0 {
            return Err(ProofError);
        }
        if fn_ & 1 == 1 || fn_ == sn {
            hash = node_hash(sibling, &hash);
            while fn_ & 1 == 0 && fn_ != 0 {
                fn_ >>= 1;
                sn >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        fn_ >>= 1;
        sn >>= 1;
    }
    if sn == 0 && hash == *root {
        Ok(())
    } else {
        Err(ProofError)
    }
}

/// Checks that `leaf` is entry `index` of the whole tree, seen inside the subtree
/// `start..end` whose hash is `root`.
pub fn verify_subtree_inclusion(
    index: u64,
    (start, end): (u64, u64),
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if !is_subtree(start, end) || index < start {
        return Err(ProofError);
    }
    verify_inclusion(index - start, end - start, leaf, proof, root)
}

/// Checks that the tree of `size2` entries under `root2` begins with the tree of `size1`
/// entries under `root1`. An empty first tree proves nothing and is refused.
pub fn verify_consistency(
    size1: u64,
    size2: u64,
    root1: &Hash,
    root2: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if size1 == 0 {
        return Err(ProofError);
    }
    verify_subtree_consistency((0, size1), size2, root1, root2, proof)
}

/// Checks that the subtree `start..end` with hash `node` is part of the tree of `size`
/// entries under `root`. An empty subtree is part of every tree.
pub fn verify_subtree_consistency(
    (start, end): (u64, u64),
    size: u64,
    node: &Hash,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if start == end && end <= size {
        let empty: Hash = Sha256::digest([]).into();
        return if *node == empty && proof.is_empty() {
            Ok(())
        } else {
            Err(ProofError)
        };
    }
    if !is_subtree(start, end) || end > size {
        return Err(ProofError);
    }
    let (mut fn_, mut sn, mut tn) = (start, end - 1, size - 1);
    let whole = sn == tn;
    while fn_ != sn && (whole || sn & 1 == 1) {
        fn_ >>= 1;
        sn >>= 1;
        tn >>= 1;
    }
    let (mut first, rest) = if fn_ == sn {
        (*node, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError)?;
        (*first, rest)
    };
    let mut second = first;
    for hash in rest {
        if tn == 0 {
            return Err(ProofError);
        }
        if sn & 1 == 1 || sn == tn {
            if fn_ < sn {
                first = node_hash(hash, &first);
            }
            second = node_hash(hash, &second);
            while sn & 1 == 0 {
                fn_ >>= 1;
                sn >>= 1;
                tn >>= 1;
            }
        } else {
            second = node_hash(&second, hash);
        }
        fn_ >>= 1;
        sn >>= 1;
        tn >>= 1;
    }
    if tn == 0 && first == *node && second == *root {
        Ok(())
    } else {
        Err(ProofError)
    }
}

/// A subtree starts at a multiple of the power of two that covers it.
fn is_subtree(start: u64, end: u64) -> bool {
    start < end
        && (end - start)
            .checked_next_power_of_two()
            .is_some_and(|width| start.is_multiple_of(width))
}

/// A growing tree that keeps every complete node, so that roots and proofs of any earlier
/// size cost a logarithmic number of hashes.
#[derive(Clone, Default)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |level| level.len() as u64)
    }

    /// Appends an entry by its leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for depth in 0.. {
            if self.levels.len() == depth {
                self.levels.push(Vec::new());
            }
            let Some(level) = self.levels.get_mut(depth) else {
                return;
            };
            level.push(hash);
            if !level.len().is_multiple_of(2) {
                return;
            }
            let [.., left, right] = level.as_slice() else {
                return;
            };
            hash = node_hash(left, right);
        }
    }

    /// The leaf hash of entry `index`.
    pub fn leaf(&self, index: u64) -> Option<Hash> {
        self.node(0, index)
    }

    /// The hash of the complete subtree of `2^level` entries with this position on its level.
    pub fn node(&self, level: usize, position: u64) -> Option<Hash> {
        let position = usize::try_from(position).ok()?;
        self.levels.get(level)?.get(position).copied()
    }

    /// The root over all entries.
    pub fn root(&self) -> Hash {
        self.root_at(self.size())
            .unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// The root over the first `size` entries; `None` for 0 and for more than there are.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        if size == 0 || size > self.size() {
            return None;
        }
        self.range(0, size)
    }

    /// The proof that entry `index` stands in the tree of the first `size` entries.
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Option<Vec<Hash>> {
        if index >= size || size > self.size() {
            return None;
        }
        let (mut start, mut end) = (0, size);
        let mut proof = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                proof.push(self.range(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range(start, middle)?);
                start = middle;
            }
        }
        proof.reverse();
        Some(proof)
    }

    /// The proof that the tree of the first `size2` entries begins with that of `size1`.
    pub fn prove_consistency(&self, size1: u64, size2: u64) -> Option<Vec<Hash>> {
        if size1 == 0 || size1 > size2 || size2 > self.size() {
            return None;
        }
        let (mut start, mut end) = (0, size2);
        let mut proof = Vec::new();
        while end != size1 {
            let middle = start + split(end - start);
            if size1 <= middle {
                proof.push(self.range(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range(start, middle)?);
                start = middle;
            }
        }
        if start != 0 {
            proof.push(self.range(start, end)?);
        }
        proof.reverse();
        Some(proof)
    }

    pub(crate) fn range(&self, start: u64, end: u64) -> Option<Hash> {
        let width = end.checked_sub(start)?;
        if width.is_power_of_two() {
            let level = width.trailing_zeros();
            return self.node(usize::try_from(level).ok()?, start >> level);
        }
        let middle = start + split(width);
        Some(node_hash(
            &self.range(start, middle)?,
            &self.range(middle, end)?,
        ))
    }
}

/// The largest power of two smaller than `width`, for `width` of at least 2.
fn split(width: u64) -> u64 {
    let power = width.next_power_of_two();
    power / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tree(size: u64) -> Tree {
        let mut tree = Tree::default();
        for index in 0..size {
            tree.push(leaf_hash(&index.to_be_bytes()));
        }
        tree
    }

    #[test]
    fn the_empty_root_is_the_hash_of_nothing() {
        assert_eq!(
            hex::encode(Tree::default().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn there_is_no_proof_beyond_the_tree() {
        let tree = tree(5);
        assert!(tree.root_at(5).is_some());
        assert_eq!((tree.root_at(0), tree.root_at(6)), (None, None));
        assert!(tree.prove_inclusion(4, 5).is_some());
        for (index, size) in [(5, 5), (0, 0), (0, 6), (5, 6)] {
            assert_eq!(tree.prove_inclusion(index, size), None);
        }
        assert!(tree.prove_consistency(3, 5).is_some());
        for (size1, size2) in [(0, 5), (4, 3), (3, 6), (6, 6)] {
            assert_eq!(tree.prove_consistency(size1, size2), None);
        }
    }

    proptest! {
        #[test]
        fn inclusion_proofs_verify(size in 1_u64..300, pick in 0_u64..300, flip in 0_usize..9) {
            let tree = tree(size);
            let index = pick % size;
            let leaf = tree.leaf(index).unwrap();
            let mut proof = tree.prove_inclusion(index, size).unwrap();
            prop_assert!(verify_inclusion(index, size, &leaf, &proof, &tree.root()).is_ok());
            if flip < proof.len() {
                proof[flip][0] ^= 1;
                prop_assert!(verify_inclusion(index, size, &leaf, &proof, &tree.root()).is_err());
            }
        }

        #[test]
        fn consistency_proofs_verify(size2 in 1_u64..300, pick in 0_u64..300, flip in 0_usize..9) {
            let tree = tree(size2);
            let size1 = pick % size2 + 1;
            let (root1, root2) = (tree.root_at(size1).unwrap(), tree.root());
            let mut proof = tree.prove_consistency(size1, size2).unwrap();
            prop_assert!(verify_consistency(size1, size2, &root1, &root2, &proof).is_ok());
            if flip < proof.len() {
                proof[flip][0] ^= 1;
                prop_assert!(verify_consistency(size1, size2, &root1, &root2, &proof).is_err());
            }
        }

        #[test]
        fn an_independent_implementation_agrees(size in 1_u64..80, pick in 0_u64..80) {
            use tlog_tiles::tlog;
            let tree = tree(size);
            let index = pick % size;
            let proof: Vec<tlog::Hash> = tree
                .prove_inclusion(index, size).unwrap().into_iter().map(tlog::Hash).collect();
            let root = tlog::Hash(tree.root());
            let leaf = tlog::record_hash(&index.to_be_bytes());
            prop_assert!(tlog::check_record(&proof, size, root, index, leaf).is_ok());
            let older = tlog::Hash(tree.root_at(index + 1).unwrap());
            let proof: Vec<tlog::Hash> = tree
                .prove_consistency(index + 1, size).unwrap().into_iter().map(tlog::Hash).collect();
            prop_assert!(tlog::check_tree(&proof, size, root, index + 1, older).is_ok());
        }
    }
}
