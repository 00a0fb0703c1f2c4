//! Where a ledger is, as people write it.

use std::path::PathBuf;
use std::sync::Arc;

use net::Http;
use url::Url;

use crate::comet::CometSource;
use crate::pin::Pin;
use crate::source::{FolderSource, HttpSource, LedgerSource, SourceError};

/// A folder, or addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder on this computer.
    Folder(PathBuf),
    /// The address of a served folder, or of the RPC of one or more nodes of a network.
    Addresses(Vec<Url>),
}

impl Place {
    /// Reads what people write. Several addresses stand with spaces or commas between them.
    pub fn of(text: &str) -> Self {
        let parts = text
            .split([' ', ','])
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let addresses: Option<Vec<Url>> = parts
            .map(|part| {
                let url = Url::parse(part).ok()?;
                matches!(url.scheme(), "https" | "http").then_some(url)
            })
            .collect();
        match addresses {
            Some(addresses) if !addresses.is_empty() => Self::Addresses(addresses),
            _ => Self::Folder(PathBuf::from(text)),
        }
    }

    /// What gives updates of the ledger that the pin names. A network's nodes give headers, a
    /// single operator's folder a signed note.
    pub fn source(
        &self,
        http: Arc<dyn Http>,
        pin: &Pin,
    ) -> Result<Box<dyn LedgerSource>, SourceError> {
        match (self, pin.network()) {
            (Self::Folder(folder), _) => Ok(Box::new(FolderSource::new(folder))),
            (Self::Addresses(nodes), Some(_)) => Ok(Box::new(CometSource::new(http, nodes)?)),
            (Self::Addresses(addresses), None) => match addresses.as_slice() {
                [address] => Ok(Box::new(HttpSource::new(http, address)?)),
                _ => Err(SourceError::Address),
            },
        }
    }

    /// The pin that is given there. Trusting it is trust on first contact.
    pub async fn read_pin(&self, http: Arc<dyn Http>) -> Result<Vec<u8>, SourceError> {
        let nodes = match self {
            Self::Folder(folder) => return FolderSource::new(folder).read_pin(),
            Self::Addresses(nodes) => nodes,
        };
        if let [address] = nodes.as_slice() {
            match HttpSource::new(http.clone(), address)?.read_pin().await {
                Err(SourceError::NoLedger | SourceError::Status(_)) => {}
                other => return other,
            }
        }
        CometSource::new(http, nodes)?.read_pin().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_folders_are_told_apart() {
        let urls = |texts: &[&str]| {
            Place::Addresses(texts.iter().map(|text| Url::parse(text).unwrap()).collect())
        };
        let one = "https://ledger.example/a";
        assert_eq!(Place::of(one), urls(&[one]));
        let both = "https://a.example, https://b.example:26657";
        let listed = urls(&["https://a.example", "https://b.example:26657"]);
        assert_eq!(Place::of(both), listed);
        for folder in [
            "",
            "ledger",
            "/a b/c",
            "C:\\ledger",
            "https://a.example ledger",
        ] {
            assert_eq!(Place::of(folder), Place::Folder(PathBuf::from(folder)));
        }
    }
}
