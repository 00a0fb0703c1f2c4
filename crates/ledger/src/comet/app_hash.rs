//! The commitment that consensus agrees on.

use sha2::{Digest as _, Sha256};

use crate::merkle::Hash;

const DOMAIN: &[u8] = b"cairn-ledger/app-hash/v1\0";

/// The application hash of a log: SHA-256 over a name of its own, the number of entries (8
/// bytes, big-endian) and the root over them (RFC 9162 §2.1.1).
pub fn derive_app_hash(size: u64, root: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    hasher.update(size.to_be_bytes());
    hasher.update(root);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_root_are_both_bound() {
        let hash = derive_app_hash(3, &[7; 32]);
        assert_ne!(hash, derive_app_hash(4, &[7; 32]));
        assert_ne!(hash, derive_app_hash(3, &[8; 32]));
        // SHA-256 over 25 bytes of domain, 00…03 and 32 bytes of 07, computed elsewhere.
        assert_eq!(
            hex::encode(hash),
            "d51446c3538235946f26c08a698e46515e479e1ce9829b7cffc39e927f5058c0"
        );
    }
}
