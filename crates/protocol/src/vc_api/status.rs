//! The status of what is verified: lists are fetched afresh for each request.

use std::sync::Arc;

use credential::status::bitstring::{BitstringError, Entry};
use credential::status::{Standing, StatusRef};
use credential::vcdm::Credential;
use keys::UnixTime;
use net::Http;
use serde_json::{Value, json};

use super::Problem;
use super::proofs::Signer;
use crate::status::{self, CachedList, CardIssuer, StatusError};

/// The most lists of statuses that are fetched for one request.
pub const MAX_LISTS: usize = 8;
/// The most entries that are looked up for one request.
pub const MAX_ENTRIES: usize = 32;

/// An entry in a list that is to be fetched.
pub(super) struct Pending {
    entry: Entry,
    signer: Arc<Signer>,
}

/// What a list says.
pub(super) struct Found {
    purpose: String,
    value: u8,
    message: Option<String>,
}

/// The entries of a credential that its issuer signed.
pub(super) fn pending(credential: &Credential, signer: Signer) -> Result<Vec<Pending>, Problem> {
    let signer = Arc::new(signer);
    let entries = credential.statuses().into_iter().map(|entry| {
        let entry = Entry::parse(entry).map_err(|error| match error {
            BitstringError::Type => Problem::StatusKind,
            error => Problem::StatusEntry(error),
        })?;
        Ok(Pending {
            entry,
            signer: Arc::clone(&signer),
        })
    });
    entries.collect()
}

/// Fetches every list and refuses what one of them says was withdrawn.
pub(super) async fn look_up(
    http: &dyn Http,
    pending: &[Pending],
    now: UnixTime,
) -> Result<Vec<Found>, Problem> {
    // A list may be of many megabytes, and be named by many entries.
    let mut lists: Vec<Arc<CachedList>> = Vec::new();
    let mut found = Vec::new();
    for one in pending {
        let reference = &one.entry.reference;
        let card = CardIssuer {
            key: &one.signer.key,
            name: Some(&one.signer.name),
        };
        let fits =
            |list: &&Arc<CachedList>| list.uri() == reference.list() && list.is_by(card, |_| false);
        let known = lists.iter().find(fits).cloned();
        let list = match known {
            Some(list) => list,
            None if lists.len() == MAX_LISTS => return Err(Problem::TooManyLists),
            None => {
                let list = status::fetch(http, reference, card, now)
                    .await
                    .map_err(refused)?;
                if !list.is_by(card, |_| false) {
                    let text = "it is another issuer's".to_owned();
                    return Err(Problem::StatusList(text));
                }
                let list = Arc::new(list);
                lists.push(Arc::clone(&list));
                list
            }
        };
        let standing = list.standing(reference)?;
        match standing {
            Standing::Revoked => return Err(Problem::Revoked),
            Standing::Suspended => return Err(Problem::Suspended),
            Standing::Valid | Standing::Other(_) => {}
        }
        let value = match standing {
            Standing::Other(value) => value,
            _ => 0,
        };
        let purpose = match reference {
            StatusRef::Bitstring { purpose, .. } => purpose.clone(),
            StatusRef::TokenList { .. } => String::new(),
        };
        found.push(Found {
            purpose,
            value,
            message: one.entry.message(value).map(str::to_owned),
        });
    }
    Ok(found)
}

fn refused(error: StatusError) -> Problem {
    match error {
        StatusError::Http(_) | StatusError::Refused { .. } | StatusError::Address => {
            Problem::StatusUnreachable
        }
        StatusError::LookUp(error) => Problem::StatusPlace(error),
        error if error.is_unreachable() => Problem::StatusUnreachable,
        error => Problem::StatusList(error.to_string()),
    }
}

impl Found {
    /// `{"statusPurpose", "status": "0x1", "message"}`.
    pub(super) fn to_json(&self) -> Value {
        match &self.message {
            Some(message) => json!({
                "statusPurpose": self.purpose,
                "status": format!("{:#x}", self.value),
                "message": message,
            }),
            None => json!({
                "statusPurpose": self.purpose,
                "status": format!("{:#x}", self.value),
            }),
        }
    }

    /// What a caller should see that is no reason to refuse.
    pub(super) fn warning(&self) -> Option<String> {
        (self.value != 0).then(|| format!("the issuer's list says status {:#x}", self.value))
    }
}
