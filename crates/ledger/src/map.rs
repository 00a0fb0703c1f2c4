//! The sparse Merkle map from a body's id to its whole record.
//!
//! A binary trie over SHA-256 of the key; a subtree with one entry is that entry, an empty
//! one the placeholder. Hashes are those of the Jellyfish Merkle tree with SHA-256, so that
//! its published implementation checks our proofs (and does, in the tests). The trie is
//! persistent: a clone costs nothing and shares what does not change.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::merkle::{Hash, ProofError};

const PLACEHOLDER: Hash = *b"SPARSE_MERKLE_PLACEHOLDER_HASH__";
const LEAF: &[u8] = b"JMT::LeafNode";
const BRANCH: &[u8] = b"JMT::IntrnalNode";
/// Bits in a key.
const DEPTH: usize = 256;

/// A map with one root hash over all of its entries.
#[derive(Clone, Default)]
pub struct StateMap {
    root: Link,
    len: usize,
}

type Link = Option<Arc<Node>>;

enum Node {
    Leaf { key: Hash, value: Hash, hash: Hash },
    Branch { left: Link, right: Link, hash: Hash },
}

/// Shows what the map holds under one key, or that it holds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapProof {
    /// From the root downwards.
    pub siblings: Vec<Hash>,
    /// What stands at the end of the path: key hash and value hash, or nothing.
    pub found: Option<(Hash, Hash)>,
}

impl StateMap {
    /// The root; a fixed placeholder while the map is empty.
    pub fn root(&self) -> Hash {
        hash_of(&self.root)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True before the first entry.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: &[u8], value: &[u8]) {
        let key: Hash = Sha256::digest(key).into();
        let value: Hash = Sha256::digest(value).into();
        let (root, added) = insert(self.root.as_ref(), 0, key, value);
        self.root = Some(root);
        self.len += usize::from(added);
    }

    /// The proof for a key, present or not.
    pub fn prove(&self, key: &[u8]) -> MapProof {
        let key: Hash = Sha256::digest(key).into();
        let mut siblings = Vec::new();
        let mut at = &self.root;
        loop {
            match at.as_deref() {
                None => {
                    return MapProof {
                        siblings,
                        found: None,
                    };
                }
                Some(Node::Leaf { key, value, .. }) => {
                    return MapProof {
                        siblings,
                        found: Some((*key, *value)),
                    };
                }
                Some(Node::Branch { left, right, .. }) => {
                    let (next, sibling) = if bit(&key, siblings.len()) {
                        (right, left)
                    } else {
                        (left, right)
                    };
                    siblings.push(hash_of(sibling));
                    at = next;
                }
            }
        }
    }
}

impl MapProof {
    /// The proof that a value stands under a key, from the hashes beside its path.
    pub(crate) fn of_entry(siblings: Vec<Hash>, key: &[u8], value: &[u8]) -> Self {
        let found = Some((Sha256::digest(key).into(), Sha256::digest(value).into()));
        Self { siblings, found }
    }

    /// Checks that the map with this root holds `value` under `key`.
    pub fn verify_presence(&self, root: &Hash, key: &[u8], value: &[u8]) -> Result<(), ProofError> {
        let key: Hash = Sha256::digest(key).into();
        let value: Hash = Sha256::digest(value).into();
        if self.found != Some((key, value)) {
            return Err(ProofError);
        }
        self.verify_path(root, &key)
    }

    /// Checks that the map with this root holds nothing under `key`.
    pub fn verify_absence(&self, root: &Hash, key: &[u8]) -> Result<(), ProofError> {
        let key: Hash = Sha256::digest(key).into();
        if let Some((other, _)) = self.found {
            let shared = (0..self.siblings.len()).all(|at| bit(&key, at) == bit(&other, at));
            if other == key || !shared {
                return Err(ProofError);
            }
        }
        self.verify_path(root, &key)
    }

    fn verify_path(&self, root: &Hash, key: &Hash) -> Result<(), ProofError> {
        if self.siblings.len() > DEPTH {
            return Err(ProofError);
        }
        let end = self
            .found
            .map_or(PLACEHOLDER, |(key, value)| leaf(&key, &value));
        let computed =
            self.siblings
                .iter()
                .enumerate()
                .rev()
                .fold(end, |hash, (depth, sibling)| {
                    if bit(key, depth) {
                        branch(sibling, &hash)
                    } else {
                        branch(&hash, sibling)
                    }
                });
        if computed == *root {
            Ok(())
        } else {
            Err(ProofError)
        }
    }
}

fn insert(node: Option<&Arc<Node>>, depth: usize, key: Hash, value: Hash) -> (Arc<Node>, bool) {
    match node.map(Arc::as_ref) {
        None => (make_leaf(key, value), true),
        Some(Node::Leaf { key: other, .. }) if *other == key => (make_leaf(key, value), false),
        Some(Node::Leaf { key: other, .. }) => {
            let old = node.cloned();
            let pair = if bit(&key, depth) == bit(other, depth) {
                let (below, _) = insert(node, depth + 1, key, value);
                (Some(below), None)
            } else {
                (Some(make_leaf(key, value)), old)
            };
            let (own, sibling) = pair;
            (make_branch(bit(&key, depth), own, sibling), true)
        }
        Some(Node::Branch { left, right, .. }) => {
            let turn = bit(&key, depth);
            let (own, sibling) = if turn { (right, left) } else { (left, right) };
            let (below, added) = insert(own.as_ref(), depth + 1, key, value);
            (make_branch(turn, Some(below), sibling.clone()), added)
        }
    }
}

fn make_leaf(key: Hash, value: Hash) -> Arc<Node> {
    Arc::new(Node::Leaf {
        key,
        value,
        hash: leaf(&key, &value),
    })
}

fn make_branch(turn: bool, own: Link, sibling: Link) -> Arc<Node> {
    let (left, right) = if turn { (sibling, own) } else { (own, sibling) };
    let hash = branch(&hash_of(&left), &hash_of(&right));
    Arc::new(Node::Branch { left, right, hash })
}

fn hash_of(link: &Link) -> Hash {
    match link.as_deref() {
        None => PLACEHOLDER,
        Some(Node::Leaf { hash, .. } | Node::Branch { hash, .. }) => *hash,
    }
}

fn leaf(key: &Hash, value: &Hash) -> Hash {
    Sha256::new()
        .chain_update(LEAF)
        .chain_update(key)
        .chain_update(value)
        .finalize()
        .into()
}

fn branch(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update(BRANCH)
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// Bit `at` of a key, the most significant first.
fn bit(key: &Hash, at: usize) -> bool {
    key.get(at / 8)
        .is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jmt::mock::MockTreeStore;
    use jmt::storage::TreeWriter as _;
    use jmt::{KeyHash, Sha256Jmt};
    use proptest::prelude::*;

    type Entries = std::collections::BTreeMap<String, Vec<u8>>;

    fn map(entries: &Entries) -> StateMap {
        let mut map = StateMap::default();
        for (key, value) in entries {
            map.insert(key.as_bytes(), value);
        }
        map
    }

    fn entries() -> impl Strategy<Value = Entries> {
        prop::collection::btree_map(
            "[a-z]{1,8}",
            prop::collection::vec(any::<u8>(), 1..9),
            1..60,
        )
    }

    proptest! {
        #[test]
        fn the_published_implementation_has_the_same_root(entries in entries()) {
            let store = MockTreeStore::default();
            let tree = Sha256Jmt::new(&store);
            let values: Vec<_> = entries
                .iter()
                .map(|(key, value)| (KeyHash::with::<sha2::Sha256>(key), Some(value.clone())))
                .collect();
            let (root, batch) = tree.put_value_set(values, 0).unwrap();
            store.write_node_batch(&batch.node_batch).unwrap();
            prop_assert_eq!(map(&entries).root(), root.0);
        }

        #[test]
        fn order_does_not_matter(entries in entries()) {
            let mut backwards = StateMap::default();
            for (key, value) in entries.iter().rev() {
                backwards.insert(key.as_bytes(), b"earlier");
                backwards.insert(key.as_bytes(), value);
            }
            prop_assert_eq!(map(&entries).root(), backwards.root());
            prop_assert_eq!(backwards.len(), entries.len());
        }

        #[test]
        fn presence_and_absence_are_proven(entries in entries(), absent in "[A-Z]{1,8}") {
            let map = map(&entries);
            let root = map.root();
            for (key, value) in &entries {
                let proof = map.prove(key.as_bytes());
                prop_assert!(proof.verify_presence(&root, key.as_bytes(), value).is_ok());
                prop_assert!(proof.verify_presence(&root, key.as_bytes(), b"other value").is_err());
                prop_assert!(proof.verify_absence(&root, key.as_bytes()).is_err());
                let mut forged = proof.clone();
                forged.found = None;
                prop_assert!(forged.verify_absence(&root, key.as_bytes()).is_err());
            }
            let proof = map.prove(absent.as_bytes());
            prop_assert!(proof.verify_absence(&root, absent.as_bytes()).is_ok());
            prop_assert!(proof.verify_absence(&[0; 32], absent.as_bytes()).is_err());
        }

        #[test]
        fn another_entrys_proof_shows_no_absence(entries in entries()) {
            let map = map(&entries);
            let root = map.root();
            for key in entries.keys() {
                for other in entries.keys().filter(|other| *other != key) {
                    let proof = map.prove(other.as_bytes());
                    prop_assert!(proof.verify_absence(&root, key.as_bytes()).is_err());
                }
            }
        }
    }
}
