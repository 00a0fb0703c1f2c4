//! Where a credential's status is published.

/// A credential's place in a list of statuses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StatusRef {
    /// Token Status List (draft-ietf-oauth-status-list).
    TokenList {
        /// `uri`: where the list is.
        uri: String,
        /// `idx`: the place in it.
        index: u64,
    },
    /// An entry of a W3C Bitstring Status List.
    Bitstring {
        /// `statusListCredential`: where the list is.
        list: String,
        /// `statusListIndex`.
        index: u64,
        /// `statusPurpose`: `revocation`, `suspension`, `message` or `refresh`.
        purpose: String,
        /// `statusSize` in bits.
        size: u8,
    },
}
