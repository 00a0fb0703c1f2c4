//! The JSON files of a witness, and of a ledger that asks witnesses.

use std::path::Path;

use keys::json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::custody;
use crate::failure::Failure;

/// `witness.json`: whose folder it is.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WitnessFile {
    pub(crate) version: u64,
    pub(crate) name: String,
}

/// `log.json`: a ledger that a witness follows.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogFile {
    pub(crate) version: u64,
    /// A folder or a URL.
    pub(crate) from: String,
    /// The witness has cosigned: without its record it must not go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) begun: bool,
}

/// `witnesses.json`: whom a ledger asks.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WitnessesFile {
    pub(crate) version: u64,
    pub(crate) witnesses: Vec<WitnessEntry>,
}

/// A witness that is asked.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WitnessEntry {
    pub(crate) url: String,
    pub(crate) key: String,
}

pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let bytes = ledger::canonical::to_bytes(value)
        .map_err(|error| Failure::failed("file", error.to_string()))?;
    custody::write_whole(path, &bytes)
}

pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    parse(&custody::read(path)?).ok_or_else(|| {
        let why = format!("{} is not what was written", path.display());
        Failure::failed("file", why)
    })
}

pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_value(json::parse(bytes).ok()?).ok()
}
