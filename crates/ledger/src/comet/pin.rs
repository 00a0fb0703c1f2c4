//! What a replica of a network trusts before it has read anything.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tendermint::chain;

use crate::canonical::MAX_INTEGER;
use crate::merkle::Hash;
use crate::pin::PinError;

/// How long a header is trusted unless the pin says otherwise: 90 days.
pub const TRUSTING_PERIOD: Duration = Duration::from_secs(90 * 24 * 3600);

/// The highest height: far above any, far enough below the end of its type to count on, and one
/// that canonical JSON can hold, so that every pin has a text and a fingerprint of its own.
const MAX_HEIGHT: u64 = MAX_INTEGER.unsigned_abs();

const SHORTEST_PERIOD: Duration = Duration::from_secs(3600);
const LONGEST_PERIOD: Duration = Duration::from_secs(3 * 366 * 24 * 3600);

/// A header that is trusted, and for how long what follows from one may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPin {
    pub(crate) chain: chain::Id,
    pub(crate) height: u64,
    pub(crate) header: Hash,
    pub(crate) trusting: Duration,
}

/// As it stands in `pin.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkPinFile {
    chain: String,
    height: u64,
    header: String,
    trusting_seconds: u64,
}

impl NetworkPin {
    /// Trusts the header of this hash at `height` of a chain.
    pub fn new(
        chain: &str,
        height: u64,
        header: Hash,
        trusting: Duration,
    ) -> Result<Self, PinError> {
        let chain = chain::Id::try_from(chain).map_err(|_| PinError::Malformed)?;
        let reasonable = (SHORTEST_PERIOD..=LONGEST_PERIOD).contains(&trusting);
        let height_fits = (1..=MAX_HEIGHT).contains(&height);
        if !reasonable || !height_fits {
            return Err(PinError::Malformed);
        }
        Ok(Self {
            chain,
            height,
            header,
            trusting,
        })
    }

    /// The chain's id.
    pub fn chain(&self) -> &str {
        self.chain.as_str()
    }

    /// Height of the trusted header.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// Hash of the trusted header.
    pub fn header(&self) -> &Hash {
        &self.header
    }

    /// How long a header is trusted after its time.
    pub fn trusting(&self) -> Duration {
        self.trusting
    }

    pub(crate) fn read(file: &NetworkPinFile) -> Result<Self, PinError> {
        let header = hex::decode(&file.header).map_err(|_| PinError::Malformed)?;
        let header = header.try_into().map_err(|_| PinError::Malformed)?;
        let trusting = Duration::from_secs(file.trusting_seconds);
        Self::new(&file.chain, file.height, header, trusting)
    }

    pub(crate) fn to_file(&self) -> NetworkPinFile {
        NetworkPinFile {
            chain: self.chain.as_str().to_owned(),
            height: self.height,
            header: hex::encode(self.header),
            trusting_seconds: self.trusting.as_secs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin::Pin;

    #[test]
    fn a_height_from_which_nothing_can_follow_is_no_pin() {
        let pin = |height| NetworkPin::new("test", height, [1; 32], TRUSTING_PERIOD);
        assert!(pin(1).is_ok());
        assert!(pin(MAX_HEIGHT).is_ok());
        for height in [0, MAX_HEIGHT + 1, i64::MAX.unsigned_abs(), u64::MAX] {
            assert!(matches!(pin(height), Err(PinError::Malformed)), "{height}");
        }
        let file = serde_json::json!({
            "chain": "test",
            "height": i64::MAX,
            "header": hex::encode([1; 32]),
            "trusting_seconds": TRUSTING_PERIOD.as_secs(),
        });
        let file: NetworkPinFile = serde_json::from_value(file).unwrap();
        assert!(NetworkPin::read(&file).is_err());
    }

    #[test]
    fn the_highest_pin_has_a_text_of_its_own() {
        let pin = NetworkPin::new("test", MAX_HEIGHT, [1; 32], TRUSTING_PERIOD).unwrap();
        let pin = Pin::of_network(&keys::b64::encode([0; 32]), "Test", pin).unwrap();
        assert_eq!(Pin::parse(&pin.to_bytes()).unwrap(), pin);
    }
}
