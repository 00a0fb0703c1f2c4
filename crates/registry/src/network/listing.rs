//! `network.json`: which ledger a network keeps, and its nodes.

use keys::json;
use serde::{Deserialize, Serialize};

/// The file may be another body's: its words come into paths and into CometBFT's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listing {
    version: u64,
    pub(crate) ledger: String,
    pub(crate) chain: String,
    pub(crate) nodes: Vec<Listed>,
}

/// A node of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    /// Its folder beside the file, where that is on this computer.
    pub(crate) name: String,
    /// `ID@HOST:PORT`, as others call it.
    pub(crate) peer: String,
    /// Where its CometBFT answers on the node's own computer.
    pub(crate) rpc: String,
}

impl Listing {
    pub(crate) fn new(ledger: String, chain: String, nodes: Vec<Listed>) -> Self {
        Self {
            version: 1,
            ledger,
            chain,
            nodes,
        }
    }

    /// `None` where it is not a file of this version, or has words that no node is called by.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let listing: Self = serde_json::from_value(json::parse(bytes).ok()?).ok()?;
        let plain = |node: &Listed| is_name(&node.name) && is_peer(&node.peer);
        (listing.version == 1 && listing.nodes.iter().all(plain)).then_some(listing)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

pub(crate) fn is_name(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    !text.is_empty() && text.len() <= 40 && plain
}

pub(crate) fn is_host(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    !text.is_empty() && text.len() <= 253 && text.bytes().all(letter)
}

fn is_peer(text: &str) -> bool {
    let parts = text.split_once('@').and_then(|(id, rest)| {
        let (host, port) = rest.rsplit_once(':')?;
        Some((id, host, port))
    });
    parts.is_some_and(|(id, host, port)| {
        let digits = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        id.len() == 40 && digits && is_host(host) && port.parse::<u16>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_reads_back_and_no_other_version_does() {
        let node = Listed {
            name: "node0".to_owned(),
            peer: format!("{}@body.example:26656", "0a".repeat(20)),
            rpc: "http://127.0.0.1:26657".to_owned(),
        };
        let listing = Listing::new("l".to_owned(), "c".to_owned(), vec![node]);
        assert_eq!(Listing::parse(&listing.to_bytes()), Some(listing.clone()));
        let other = Listing {
            version: 2,
            ..listing
        };
        assert_eq!(Listing::parse(&other.to_bytes()), None);
    }
}
