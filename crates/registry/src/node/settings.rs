//! `node.json`: what a node's folder is.

use std::path::Path;

use keys::json;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const MAX_SETTINGS: usize = 16 * 1024;

/// Which ledger a node belongs to, and where its own CometBFT answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) ledger: String,
    pub(crate) chain: String,
    pub(crate) rpc: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u64,
    ledger: String,
    chain: String,
    rpc: String,
}

impl Settings {
    /// True where the folder is a node's.
    pub(crate) fn is_in(dir: &Path) -> bool {
        dir.join("node.json").is_file()
    }

    pub(crate) fn read(dir: &Path) -> Result<Self, Failure> {
        if !Self::is_in(dir) {
            return Err(Failure::failed(
                "no_node",
                format!("{} is not the folder of a node", dir.display()),
            ));
        }
        let bytes = crate::custody::read(&dir.join("node.json"))?;
        Self::parse(&bytes)
            .ok_or_else(|| Failure::failed("no_node", "node.json is not one of this version"))
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let value = json::parse_bounded(bytes, MAX_SETTINGS).ok()?;
        let file: File = serde_json::from_value(value).ok()?;
        (file.version == 1).then_some(Self {
            ledger: file.ledger,
            chain: file.chain,
            rpc: file.rpc,
        })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&File {
            version: 1,
            ledger: self.ledger.clone(),
            chain: self.chain.clone(),
            rpc: self.rpc.clone(),
        })
        .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_back() {
        let settings = Settings {
            ledger: "l".to_owned(),
            chain: "c".to_owned(),
            rpc: "http://127.0.0.1:1".to_owned(),
        };
        assert_eq!(Settings::parse(&settings.to_bytes()), Some(settings));
        assert_eq!(Settings::parse(b"{}"), None);
    }
}
