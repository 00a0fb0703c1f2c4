//! Whether cards still stand by their issuers' word: lists of statuses, fetched all at once
//! and kept in the vault.
//!
//! The lists are public. Which of them a wallet keeps says which issuers its cards are from, so
//! that they lie in the vault all the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use credential::status::bitstring::Entry;
use credential::status::{Standing, StatusRef};
use keys::UnixTime;
use protocol::issuer_keys;
use protocol::status::{self, CachedList, CardIssuer, Known, Unknown, look_up};
use serde_json::{Value, json};
use vault::{CardSummary, RecordError};

use crate::card::{Face, HowKnown, IssuerKey};
use crate::wallet::{Wallet, now};
use crate::words::visible;

const SETTING: &str = "status_lists";
/// The longest list that is kept over a restart, in bytes of its JSON. A longer one is fetched
/// again.
const MAX_KEPT_LIST: usize = 512 * 1024;
/// The most lists that are kept over a restart.
const MAX_KEPT: usize = 16;
/// The longest message of an issuer that is shown, in characters.
const MAX_MESSAGE: usize = 300;

/// What the wallet knows of a card's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardStatus {
    /// What the issuer's list said; `None` where no list of the issuer's was to be had, or it
    /// has expired since.
    pub standing: Option<Standing>,
    /// When the list was fetched.
    pub checked_at: Option<UnixTime>,
}

impl CardStatus {
    /// The name of the state, for scripts.
    pub fn name(&self) -> &'static str {
        match self.standing {
            None => "unknown",
            Some(Standing::Valid) => "valid",
            Some(Standing::Suspended) => "suspended",
            Some(Standing::Revoked) => "revoked",
            Some(Standing::Other(_)) => "other",
        }
    }
}

/// What came of looking at all lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCheck {
    /// How many lists there are.
    pub lists: usize,
    /// How many of them could not be had, for want of a network or of a list.
    pub unreachable: usize,
    /// How many were had and refused: damaged, or not signed as they should be.
    pub refused: usize,
}

/// The lists at hand.
#[derive(Default)]
pub(crate) struct Lists(RwLock<HashMap<String, Arc<CachedList>>>);

impl Lists {
    pub(crate) fn get(&self, uri: &str) -> Option<Arc<CachedList>> {
        let lists = self.0.read().unwrap_or_else(PoisonError::into_inner);
        lists.get(uri).cloned()
    }

    pub(crate) fn put(&self, list: CachedList) {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        lists.insert(list.uri().to_owned(), Arc::new(list));
    }

    /// Forgets everything: which lists are kept says which issuers the cards are from.
    pub(crate) fn forget(&self) {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        lists.clear();
    }

    /// Keeps only these, and tells what is to be stored.
    fn retain(&self, wanted: &BTreeMap<String, Asked>) -> Value {
        let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
        lists.retain(|uri, _| wanted.contains_key(uri));
        let mut all: Vec<_> = lists.values().collect();
        all.sort_by_key(|list| std::cmp::Reverse(list.fetched_at()));
        all.iter()
            .map(|list| list.to_json())
            .filter(|list| list.to_string().len() <= MAX_KEPT_LIST)
            .take(MAX_KEPT)
            .collect()
    }
}

/// A list that some card names, and whose card it is.
struct Asked {
    reference: StatusRef,
    key: IssuerKey,
    name: Option<String>,
}

impl Wallet {
    /// Fetches the lists of all cards at once, so that neither the moment nor the order tells
    /// which card is meant. Each publisher learns that a wallet at this address has a card of
    /// its list.
    pub async fn check_statuses(&self) -> Result<StatusCheck, RecordError> {
        let all = self.asked(&self.summaries()?);
        self.fetch_lists(&all, &all).await
    }

    /// Fetches the lists of cards that have just come; their issuer knows that they did.
    pub(crate) async fn check_new(
        &self,
        cards: &[CardSummary],
    ) -> Result<StatusCheck, RecordError> {
        self.fetch_lists(&self.asked(cards), &self.asked(&self.summaries()?))
            .await
    }

    async fn fetch_lists(
        &self,
        asked: &BTreeMap<String, Asked>,
        all: &BTreeMap<String, Asked>,
    ) -> Result<StatusCheck, RecordError> {
        if all.is_empty() {
            return Ok(StatusCheck::default());
        }
        let mut outcome = StatusCheck {
            lists: asked.len(),
            ..StatusCheck::default()
        };
        for one in asked.values() {
            let Some(key) = one.key.public() else {
                continue;
            };
            let issuer = CardIssuer {
                key,
                name: one.name.as_deref(),
            };
            match status::fetch(&*self.http, &one.reference, issuer, now()).await {
                Ok(list) => self.statuses.put(list),
                Err(status::StatusError::Refused { .. }) => outcome.unreachable += 1,
                Err(error) if error.is_unreachable() => outcome.unreachable += 1,
                Err(_) => outcome.refused += 1,
            }
        }
        // What was fetched counts from now on, kept or not.
        let kept = self.statuses.retain(all);
        self.vault
            .write(|change| change.set_setting(SETTING, kept))?;
        Ok(outcome)
    }

    /// Reads the lists that are kept. To be called once after opening.
    pub(crate) fn load_statuses(&self) -> Result<(), RecordError> {
        let kept = self.vault.setting(SETTING)?;
        let lists = kept.as_ref().and_then(Value::as_array);
        for list in lists.into_iter().flatten() {
            // One that cannot be read is fetched again.
            if let Ok(list) = CachedList::from_json(list) {
                self.statuses.put(list);
            }
        }
        Ok(())
    }

    /// What is known of a card; `None` for a card that its issuer cannot withdraw.
    pub(crate) fn status_of(
        &self,
        summary: &CardSummary,
        face: &Face,
        key: &IssuerKey,
    ) -> Option<CardStatus> {
        Some(match self.known(&references(face), summary, face, key)? {
            Ok(Known {
                standing,
                checked_at,
                ..
            }) => CardStatus {
                standing: Some(standing),
                checked_at: Some(checked_at),
            },
            Err(_) => CardStatus {
                standing: None,
                checked_at: None,
            },
        })
    }

    /// What the issuer calls a card's status, in its own words, as far as its lists are at hand
    /// and the credential explains their values (`statusMessage`, Bitstring Status List §2.1).
    pub(crate) fn status_messages(&self, summary: &CardSummary, claims: &Value) -> Vec<String> {
        let Some((face, key)) = Face::of(summary).and_then(|face| {
            let key = face.issuer_key()?;
            Some((face, key))
        }) else {
            return Vec::new();
        };
        let places = references(&face);
        let entries = match claims.get("credentialStatus") {
            Some(Value::Array(entries)) => entries.as_slice(),
            Some(entry) => std::slice::from_ref(entry),
            None => &[],
        };
        let message = |entry: &Value| {
            let entry = Entry::parse(entry.as_object()?).ok()?;
            let place = Some(&entry.reference).filter(|place| places.contains(place))?;
            let known = self.known(std::slice::from_ref(place), summary, &face, &key)?;
            let message = entry.message(value(known.ok()?.standing, place)?)?;
            Some(visible(message).chars().take(MAX_MESSAGE).collect())
        };
        entries.iter().filter_map(message).collect()
    }

    /// What the lists at hand say of some of a card's places.
    fn known(
        &self,
        references: &[StatusRef],
        summary: &CardSummary,
        face: &Face,
        key: &IssuerKey,
    ) -> Option<Result<Known, Unknown>> {
        let lists: HashMap<&str, Arc<CachedList>> = references
            .iter()
            .filter_map(|reference| Some((reference.list(), self.statuses.get(reference.list())?)))
            .collect();
        let name = published_name(summary, face);
        let issuer = CardIssuer {
            key: key.public()?,
            name: name.as_deref(),
        };
        let vouched = |other: &issuer_keys::IssuerKey| self.vouches(summary, key, other);
        let at = |uri: &str| lists.get(uri).map(AsRef::as_ref);
        look_up(references, issuer, at, vouched, now())
    }

    /// Whether the ledger lists another key for the body that issued the card.
    fn vouches(
        &self,
        summary: &CardSummary,
        key: &IssuerKey,
        other: &issuer_keys::IssuerKey,
    ) -> bool {
        let ask = |key: &IssuerKey, issued_at| {
            self.trust
                .issuer_at_once(key.presented(), &summary.type_id, issued_at)
        };
        let other = IssuerKey::from(other.clone());
        // While the ledger is being read nobody is vouched for yet.
        let (Some(of_card), Some(of_list)) =
            (ask(key, summary.issued_at), ask(&other, Some(now())))
        else {
            return false;
        };
        crate::add::is_listed(&of_list)
            && of_card.body.is_some()
            && of_card.body.map(|body| body.id) == of_list.body.map(|body| body.id)
    }

    /// The lists of these cards, each once.
    fn asked(&self, summaries: &[CardSummary]) -> BTreeMap<String, Asked> {
        let mut asked = BTreeMap::new();
        for summary in summaries {
            let Some(face) = Face::of(summary) else {
                continue;
            };
            let Some(key) = face.issuer_key() else {
                continue;
            };
            for reference in references(&face) {
                asked
                    .entry(reference.list().to_owned())
                    .or_insert_with(|| Asked {
                        reference,
                        key: key.clone(),
                        name: published_name(summary, &face),
                    });
            }
        }
        asked
    }
}

/// The name under which a card's issuer publishes its keys.
fn published_name(summary: &CardSummary, face: &Face) -> Option<String> {
    match face.how {
        HowKnown::Certificate => None,
        HowKnown::Did | HowKnown::Website => Some(summary.issuer.id.clone()),
    }
}

/// The places of all copies.
fn references(face: &Face) -> Vec<StatusRef> {
    face.status.iter().filter_map(from_json).collect()
}

/// The value that stands in a place, where its standing tells.
fn value(standing: Standing, place: &StatusRef) -> Option<u8> {
    match standing {
        Standing::Valid => Some(0),
        Standing::Other(value) => Some(value),
        Standing::Revoked | Standing::Suspended => {
            matches!(place, StatusRef::Bitstring { size: 1, .. }).then_some(1)
        }
    }
}

/// A place, for the vault.
pub(crate) fn to_json(reference: &StatusRef) -> Value {
    match reference {
        StatusRef::TokenList { uri, index } => json!({"uri": uri, "idx": index}),
        StatusRef::Bitstring {
            list,
            index,
            purpose,
            size,
        } => json!({"list": list, "idx": index, "purpose": purpose, "size": size}),
    }
}

fn from_json(value: &Value) -> Option<StatusRef> {
    let index = value.get("idx")?.as_u64()?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(match text("uri") {
        Some(uri) => StatusRef::TokenList { uri, index },
        None => StatusRef::Bitstring {
            list: text("list")?,
            index,
            purpose: text("purpose")?,
            size: u8::try_from(value.get("size")?.as_u64()?).ok()?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_kept_is_the_same_place() {
        for reference in [
            StatusRef::TokenList {
                uri: "https://issuer.example/status/1".to_owned(),
                index: 7,
            },
            StatusRef::Bitstring {
                list: "https://issuer.example/status/1/revocation".to_owned(),
                index: 8,
                purpose: "revocation".to_owned(),
                size: 1,
            },
        ] {
            assert_eq!(from_json(&to_json(&reference)), Some(reference));
        }
        assert_eq!(from_json(&json!({"uri": "https://a.example"})), None);
    }
}
