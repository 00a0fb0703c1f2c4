//! A purpose as people write it in a file: the same for the tool that registers it and for the
//! service that asks by it.

use serde::Deserialize;

use crate::event::{Names, Purpose};
use crate::rules::{Rejection, check_purpose};

/// One `[[purpose]]` table. Members that are not known here are for other programs.
#[derive(Debug, Deserialize)]
pub struct PurposeTable {
    id: String,
    name: Names,
    reason: Names,
    retention: String,
    #[serde(default)]
    onward: Onward,
    legal_basis: String,
    contact: String,
    dcql: String,
}

/// One receiver, several, or none.
#[derive(Debug, Deserialize, Default)]
#[serde(untagged)]
enum Onward {
    #[default]
    Nobody,
    No(bool),
    One(String),
    Several(Vec<String>),
}

/// Why a table is no purpose.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PurposeTableError {
    /// `onward = true` names nobody.
    #[error("purpose {id:?}: onward must name the receivers")]
    Onward {
        /// The purpose.
        id: String,
    },
    /// A rule of the ledger.
    #[error("purpose {id:?}: {source}")]
    Rule {
        /// The purpose.
        id: String,
        /// The rule.
        source: Rejection,
    },
}

impl PurposeTable {
    /// The purpose, by the rules of the ledger.
    ///
    /// # Errors
    /// As [`PurposeTableError`].
    pub fn into_purpose(self) -> Result<Purpose, PurposeTableError> {
        let onward = match self.onward {
            Onward::Nobody | Onward::No(false) => Vec::new(),
            Onward::No(true) => return Err(PurposeTableError::Onward { id: self.id }),
            Onward::One(text) => one_receiver(text),
            Onward::Several(list) => list,
        };
        let purpose = Purpose {
            id: self.id,
            name: self.name,
            reason: self.reason,
            retention: self.retention,
            onward,
            legal_basis: self.legal_basis,
            contact: self.contact,
            dcql: self.dcql.trim().to_owned(),
        };
        match check_purpose(&purpose) {
            Ok(()) => Ok(purpose),
            Err(source) => Err(PurposeTableError::Rule {
                id: purpose.id,
                source,
            }),
        }
    }
}

fn one_receiver(text: String) -> Vec<String> {
    let plain = text.trim().trim_end_matches('.').to_ascii_lowercase();
    match plain.as_str() {
        "" | "no" | "none" | "nobody" => Vec::new(),
        _ => vec![text],
    }
}
