//! The pin: what a replica trusts before it has read anything.

use keys::{b64, json};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::canonical;
use crate::comet::{NetworkPin, NetworkPinFile};
use crate::note::{NoteAlgorithm, VerifierKey};

/// The longest pin that is read, in bytes.
pub const MAX_PIN: usize = 16 * 1024;
/// The most witnesses that a pin may name.
pub const MAX_WITNESSES: usize = 32;

/// Why a pin was refused.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// Not a pin of this version.
    #[error("not a ledger pin")]
    Malformed,
    /// A key is not a note verifier key of the kind that belongs there.
    #[error("the pin's {0} is not a key of the right kind")]
    Key(&'static str),
    /// More witnesses are asked for than are named, or one is named twice.
    #[error("the pin's witnesses cannot be satisfied")]
    Witnesses,
}

/// What a replica trusts: the ledger's genesis, and those who say what its log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    ledger: String,
    name: String,
    origin: String,
    trust: Trust,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Trust {
    Operator(OperatorPin),
    Network(NetworkPin),
}

/// A log key, its operator's key for times, and the witnesses of which some must have signed
/// too.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OperatorPin {
    log: VerifierKey,
    operator: VerifierKey,
    witnesses: Vec<VerifierKey>,
    threshold: usize,
}

/// `pin.json` of a network.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkFile {
    version: u64,
    ledger: String,
    name: String,
    network: NetworkPinFile,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PinFile {
    version: u64,
    ledger: String,
    name: String,
    log: String,
    operator: String,
    #[serde(default)]
    witnesses: Vec<String>,
    #[serde(default)]
    threshold: u64,
}

impl Pin {
    /// A pin without witnesses. `ledger` is the ledger's id.
    pub fn new(
        ledger: &str,
        name: &str,
        log: VerifierKey,
        operator: VerifierKey,
    ) -> Result<Self, PinError> {
        if log.algorithm() != NoteAlgorithm::Ed25519 || log.name() != origin(ledger) {
            return Err(PinError::Key("log key"));
        }
        if operator.algorithm() != NoteAlgorithm::Cosignature {
            return Err(PinError::Key("operator key"));
        }
        let trust = Trust::Operator(OperatorPin {
            log,
            operator,
            witnesses: Vec::new(),
            threshold: 0,
        });
        Self::with_trust(ledger, name, trust)
    }

    /// A pin of a network. `ledger` is the ledger's id.
    pub fn of_network(ledger: &str, name: &str, network: NetworkPin) -> Result<Self, PinError> {
        Self::with_trust(ledger, name, Trust::Network(network))
    }

    fn with_trust(ledger: &str, name: &str, trust: Trust) -> Result<Self, PinError> {
        if !b64::decode(ledger).is_ok_and(|hash| hash.len() == 32) || name.len() > 800 {
            return Err(PinError::Malformed);
        }
        Ok(Self {
            ledger: ledger.to_owned(),
            name: name.to_owned(),
            origin: origin(ledger),
            trust,
        })
    }

    /// Asks for cosignatures by `threshold` of these witnesses.
    pub fn with_witnesses(
        self,
        witnesses: Vec<VerifierKey>,
        threshold: usize,
    ) -> Result<Self, PinError> {
        let Trust::Operator(operator) = &self.trust else {
            return Err(PinError::Witnesses);
        };
        let kinds = witnesses
            .iter()
            .all(|key| key.algorithm() == NoteAlgorithm::Cosignature);
        if !kinds {
            return Err(PinError::Key("witness"));
        }
        // Distinct keys (C2SP tlog-cosignature: one key, one cosigner), and none of them the
        // operator's own: else one machine counts twice. Nor may a note's lines be by either of
        // two: they name a key by its name and id.
        let same = |one: &VerifierKey, other: &VerifierKey| {
            one.key_bytes() == other.key_bytes()
                || (one.name(), one.id()) == (other.name(), other.id())
        };
        let distinct = witnesses.iter().enumerate().all(|(position, key)| {
            let mut others = witnesses.iter().skip(position + 1);
            !same(key, &operator.operator)
                && !same(key, &operator.log)
                && !others.any(|other| same(key, other))
        });
        if threshold > witnesses.len() || witnesses.len() > MAX_WITNESSES || !distinct {
            return Err(PinError::Witnesses);
        }
        let trust = Trust::Operator(OperatorPin {
            witnesses,
            threshold,
            ..operator.clone()
        });
        Ok(Self { trust, ..self })
    }

    /// The same ledger, trusted without witnesses: what a witness itself goes by.
    #[must_use]
    pub fn without_witnesses(mut self) -> Self {
        if let Trust::Operator(operator) = &mut self.trust {
            operator.witnesses = Vec::new();
            operator.threshold = 0;
        }
        self
    }

    /// Reads `pin.json`.
    pub fn parse(bytes: &[u8]) -> Result<Self, PinError> {
        let value = json::parse_bounded(bytes, MAX_PIN).map_err(|_| PinError::Malformed)?;
        if value.get("network").is_some() {
            let file: NetworkFile =
                serde_json::from_value(value).map_err(|_| PinError::Malformed)?;
            if file.version != 1 {
                return Err(PinError::Malformed);
            }
            let network = NetworkPin::read(&file.network)?;
            return Self::of_network(&file.ledger, &file.name, network);
        }
        let file: PinFile = serde_json::from_value(value).map_err(|_| PinError::Malformed)?;
        if file.version != 1 {
            return Err(PinError::Malformed);
        }
        let key = |text: &str, name| VerifierKey::parse(text).map_err(|_| PinError::Key(name));
        let witnesses = file
            .witnesses
            .iter()
            .map(|text| key(text, "witness"))
            .collect::<Result<_, _>>()?;
        let threshold = usize::try_from(file.threshold).map_err(|_| PinError::Witnesses)?;
        Self::new(
            &file.ledger,
            &file.name,
            key(&file.log, "log key")?,
            key(&file.operator, "operator key")?,
        )?
        .with_witnesses(witnesses, threshold)
    }

    /// The text of `pin.json`, canonical, with a final line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let file = match &self.trust {
            Trust::Operator(trust) => canonical::to_bytes(&PinFile {
                version: 1,
                ledger: self.ledger.clone(),
                name: self.name.clone(),
                log: trust.log.to_string(),
                operator: trust.operator.to_string(),
                witnesses: trust.witnesses.iter().map(ToString::to_string).collect(),
                threshold: trust.threshold as u64,
            }),
            Trust::Network(network) => canonical::to_bytes(&NetworkFile {
                version: 1,
                ledger: self.ledger.clone(),
                name: self.name.clone(),
                network: network.to_file(),
            }),
        };
        let mut bytes = file.unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Twelve groups of four hexadecimal digits over all of the pin, to compare by eye.
    pub fn fingerprint(&self) -> String {
        let digest = hex::encode(Sha256::digest(self.to_bytes()));
        let groups: Vec<&str> = (0..12)
            .filter_map(|group| digest.get(group * 4..group * 4 + 4))
            .collect();
        groups.join(" ")
    }

    /// The ledger's id: base64url of SHA-256 over its genesis.
    pub fn ledger(&self) -> &str {
        &self.ledger
    }

    /// What the ledger is called, as the pin says.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// First line of the checkpoints.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The trusted header, where the ledger is a network's.
    pub fn network(&self) -> Option<&NetworkPin> {
        match &self.trust {
            Trust::Network(network) => Some(network),
            Trust::Operator(_) => None,
        }
    }

    /// A name for the folder of a replica with this pin: a ledger's id is base64url and safe.
    /// Another header of the same network is another beginning.
    pub fn folder_name(&self) -> String {
        match &self.trust {
            Trust::Operator(_) => self.ledger.clone(),
            Trust::Network(network) => format!("{}-{}", self.ledger, network.height()),
        }
    }

    /// The key that signs checkpoints, where one operator keeps the log.
    pub fn log(&self) -> Option<&VerifierKey> {
        self.of_operator().map(|trust| &trust.log)
    }

    /// The key that states times, where one operator keeps the log.
    pub fn operator(&self) -> Option<&VerifierKey> {
        self.of_operator().map(|trust| &trust.operator)
    }

    /// Keys of witnesses.
    pub fn witnesses(&self) -> &[VerifierKey] {
        self.of_operator()
            .map_or(&[], |trust| trust.witnesses.as_slice())
    }

    /// How many witnesses must have signed.
    pub fn threshold(&self) -> usize {
        self.of_operator().map_or(0, |trust| trust.threshold)
    }

    fn of_operator(&self) -> Option<&OperatorPin> {
        match &self.trust {
            Trust::Operator(trust) => Some(trust),
            Trust::Network(_) => None,
        }
    }
}

/// The origin of a ledger's checkpoints.
pub fn origin(ledger: &str) -> String {
    format!("cairn-ledger/{ledger}")
}

#[cfg(test)]
mod tests;
