//! Which cards stand, and the lists that say so.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use credential::data_integrity::plain;
use credential::format::KeyName;
use credential::json_ld::Contexts;
use credential::status::token::{Bits, Draft, MEDIA_TYPE_CWT, MEDIA_TYPE_JWT, TokenList};
use credential::status::{BitstringList, StatusRef, derive_list_credential};
use keys::x509::Certificate;
use keys::{UnixTime, jws};
use serde_json::{Map, Value};

use super::documents;
use super::form::Form;
use super::grant::{CardStatus, Grant};
use super::places::{HERD, Place};
use super::reply::Reply;
use super::service::Issuer;
use super::store::{Store, StoreError};

/// How long a list may be kept before it is asked for again, in seconds, where the operator
/// does not say.
const DEFAULT_TTL: u64 = 600;
/// How long a list counts at all, in seconds: who cannot reach the issuer for longer knows
/// nothing any more.
const LIFETIME: UnixTime = 24 * 3600;
/// A Bitstring Status List in a JWT.
const VC_JWT: &str = "application/vc+jwt";
/// How one asks for such a list as JSON.
const DATA: [&str; 4] = [
    "application/vc",
    "application/vc+ld+json",
    "application/ld+json",
    "application/json",
];
/// How long a signed list is handed out before it is signed anew, in seconds.
const SIGN_ANEW: UnixTime = 30;

/// What becomes of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusAction {
    /// Withdrawn for good.
    Revoke,
    /// Stopped for a time.
    Suspend,
    /// Valid again after it was suspended.
    Reinstate,
}

/// What became of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// Its status now.
    pub status: CardStatus,
    /// How many copies it holds for.
    pub copies: usize,
}

/// Why a status was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusFailure {
    /// No offer has this id.
    #[error("there is no such offer")]
    Unknown,
    /// Revoked is for good.
    #[error("the card was revoked, which is for good")]
    Revoked,
    /// Only what is suspended can be reinstated.
    #[error("the card is not suspended")]
    NotSuspended,
    /// The records cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A list as its issuer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSummary {
    /// Its number.
    pub number: u32,
    /// Where it is published.
    pub uri: String,
    /// How many of its places were handed out.
    pub taken: usize,
    /// How many copies are revoked.
    pub revoked: usize,
    /// How many copies are suspended.
    pub suspended: usize,
}

/// Lists that were signed a moment ago.
pub(crate) struct Lists {
    ttl: u64,
    signed: Mutex<HashMap<(u32, ListForm), (UnixTime, Reply)>>,
}

impl Default for Lists {
    fn default() -> Self {
        Self::new(DEFAULT_TTL)
    }
}

impl Lists {
    pub(crate) fn new(ttl: u64) -> Self {
        Self {
            ttl: ttl.max(1),
            signed: Mutex::default(),
        }
    }

    fn get(&self, name: (u32, ListForm), now: UnixTime) -> Option<Reply> {
        let signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, reply) = signed.get(&name)?;
        (*at <= now && now < at.saturating_add(SIGN_ANEW)).then(|| reply.clone())
    }

    fn keep(&self, name: (u32, ListForm), now: UnixTime, reply: &Reply) {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.insert(name, (now, reply.clone()));
    }

    fn forget(&self) {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.clear();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ListForm {
    Jwt,
    Cwt,
    Revocation,
    Suspension,
    /// As JSON with a Data Integrity proof.
    RevocationData,
    SuspensionData,
}

impl<S: Store> Issuer<S> {
    /// Revokes, suspends or reinstates the cards of an offer: all copies at once, and those
    /// that have not been handed out never will be. What is so already stays so.
    pub fn set_status(
        &self,
        offer: &str,
        action: StatusAction,
    ) -> Result<StatusChange, StatusFailure> {
        let grants = self.store.grants()?;
        let grant = grants.iter().find(|grant| grant.id == offer);
        let lookup = grant.and_then(|grant| grant.lookups().into_iter().next());
        let lookup = lookup.ok_or(StatusFailure::Unknown)?;
        let mut outcome = Err(StatusFailure::Unknown);
        self.store.change(&lookup, &mut |grant| {
            outcome = change(grant, action);
        })?;
        // Whoever asks from now on is told.
        self.lists.forget();
        outcome
    }

    /// The lists that were begun.
    pub fn lists(&self) -> Result<Vec<ListSummary>, StoreError> {
        let statuses = self.statuses()?;
        let mut lists: Vec<ListSummary> = Vec::new();
        for (place, grant) in self.store.places()? {
            let at = match lists.iter().position(|list| list.number == place.list) {
                Some(at) => at,
                None => {
                    lists.push(ListSummary {
                        number: place.list,
                        uri: self.list_uri(place.list),
                        taken: 0,
                        revoked: 0,
                        suspended: 0,
                    });
                    lists.len() - 1
                }
            };
            if let Some(list) = lists.get_mut(at) {
                list.taken += 1;
                match statuses.get(&grant) {
                    Some(CardStatus::Revoked) => list.revoked += 1,
                    Some(CardStatus::Suspended) => list.suspended += 1,
                    _ => {}
                }
            }
        }
        lists.sort_by_key(|list| list.number);
        Ok(lists)
    }

    /// `GET /status/{number}`, as JWT or CWT by what is accepted; with a purpose the same list
    /// as a Bitstring Status List: `revocation` or `suspension`, as JWT, or as JSON with a Data
    /// Integrity proof for who prefers that.
    pub fn status_list(
        &self,
        number: &str,
        purpose: Option<&str>,
        accept: &str,
        now: UnixTime,
    ) -> Reply {
        let form = match purpose {
            None if prefers(accept, &[MEDIA_TYPE_CWT], MEDIA_TYPE_JWT) => ListForm::Cwt,
            None => ListForm::Jwt,
            Some("revocation") if prefers(accept, &DATA, VC_JWT) => ListForm::RevocationData,
            Some("suspension") if prefers(accept, &DATA, VC_JWT) => ListForm::SuspensionData,
            Some("revocation") => ListForm::Revocation,
            Some("suspension") => ListForm::Suspension,
            Some(_) => return Reply::empty(404),
        };
        let number = match number.parse::<u32>() {
            // One way to write a number: the address is signed.
            Ok(parsed) if parsed.to_string() == number => parsed,
            _ => return Reply::empty(404),
        };
        if let Some(reply) = self.lists.get((number, form), now) {
            return reply;
        }
        match self.sign_list(number, form, now) {
            Ok(Some(reply)) => {
                self.lists.keep((number, form), now, &reply);
                reply
            }
            Ok(None) => Reply::empty(404),
            Err(_) => super::reply::Refusal::STORE.reply(),
        }
    }

    pub(crate) fn list_uri(&self, number: u32) -> String {
        self.identity.at(&format!("/status/{number}"))
    }

    /// How a card of a form names its place.
    pub(crate) fn status_refs(&self, form: Form, place: Place) -> Vec<StatusRef> {
        let (uri, index) = (self.list_uri(place.list), u64::from(place.index));
        match form {
            Form::SdJwt | Form::Mdoc => vec![StatusRef::TokenList { uri, index }],
            Form::DataIntegrity | Form::Jwt => ["revocation", "suspension"]
                .map(|purpose| StatusRef::Bitstring {
                    list: format!("{uri}/{purpose}"),
                    index,
                    purpose: purpose.to_owned(),
                    size: 1,
                })
                .into(),
            Form::Bbs => Vec::new(),
        }
    }

    /// What does not stand, by grant.
    fn statuses(&self) -> Result<HashMap<String, CardStatus>, StoreError> {
        let grants = self.store.grants()?.into_iter();
        Ok(grants
            .filter(|grant| grant.status != CardStatus::Valid)
            .map(|grant| (grant.id, grant.status))
            .collect())
    }

    fn sign_list(
        &self,
        number: u32,
        form: ListForm,
        now: UnixTime,
    ) -> Result<Option<Reply>, StoreError> {
        let places: Vec<(Place, String)> = self
            .store
            .places()?
            .into_iter()
            .filter(|(place, _)| place.list == number)
            .collect();
        if places.is_empty() {
            return Ok(None);
        }
        let statuses = self.statuses()?;
        let affected = places.iter().filter_map(|(place, grant)| {
            let status = statuses.get(grant)?;
            Some((u64::from(place.index), *status))
        });
        let (kind, body) = match form {
            ListForm::Jwt | ListForm::Cwt => self.sign_token(number, form, affected, now)?,
            ListForm::Revocation | ListForm::RevocationData => {
                let revoked = affected.filter(|(_, status)| *status == CardStatus::Revoked);
                self.sign_bitstring(number, form, "revocation", revoked, now)?
            }
            ListForm::Suspension | ListForm::SuspensionData => {
                let suspended = affected.filter(|(_, status)| *status == CardStatus::Suspended);
                self.sign_bitstring(number, form, "suspension", suspended, now)?
            }
        };
        let reply = Reply {
            status: 200,
            headers: vec![
                ("content-type", kind.to_owned()),
                (
                    "cache-control",
                    format!("public, max-age={}", self.lists.ttl),
                ),
                ("vary", "accept".to_owned()),
                // A page of another site may look a card up in it: the list is public.
                ("access-control-allow-origin", "*".to_owned()),
            ],
            body,
        };
        Ok(Some(reply))
    }

    fn sign_token(
        &self,
        number: u32,
        form: ListForm,
        affected: impl Iterator<Item = (u64, CardStatus)>,
        now: UnixTime,
    ) -> Result<(&'static str, Vec<u8>), StoreError> {
        let mut list = TokenList::new(Bits::Two, u64::from(HERD)).map_err(unlikely)?;
        for (index, status) in affected {
            let value = match status {
                CardStatus::Valid => 0,
                CardStatus::Revoked => 1,
                CardStatus::Suspended => 2,
            };
            list.set(index, value).map_err(unlikely)?;
        }
        let names = documents::names(self);
        let (issuer, key_name) = self.named(Form::SdJwt, &names);
        let uri = self.list_uri(number);
        let draft = Draft {
            uri: &uri,
            issuer,
            key_name,
            issued_at: now,
            expires: Some(now.saturating_add(LIFETIME)),
            ttl: Some(self.lists.ttl),
            list: &list,
        };
        Ok(match form {
            ListForm::Cwt => (MEDIA_TYPE_CWT, draft.to_cwt(&self.key).map_err(unlikely)?),
            _ => (MEDIA_TYPE_JWT, draft.to_jwt(&self.key).into_bytes()),
        })
    }

    fn sign_bitstring(
        &self,
        number: u32,
        form: ListForm,
        purpose: &'static str,
        affected: impl Iterator<Item = (u64, CardStatus)>,
        now: UnixTime,
    ) -> Result<(&'static str, Vec<u8>), StoreError> {
        let mut list = BitstringList::new(purpose, u64::from(HERD), 1).map_err(unlikely)?;
        for (index, _) in affected {
            list.set(index, 1, 1).map_err(unlikely)?;
        }
        let names = documents::names(self);
        let is_data = matches!(form, ListForm::RevocationData | ListForm::SuspensionData);
        let (issuer, key_name) = match is_data {
            true => self.named(Form::DataIntegrity, &names),
            false => self.named(Form::Jwt, &names),
        };
        let credential = derive_list_credential(
            &list,
            &format!("{}/{purpose}", self.list_uri(number)),
            issuer.unwrap_or(self.identity.id()),
            (now, now.saturating_add(LIFETIME)),
            Some(self.lists.ttl),
        )
        .ok_or_else(|| unlikely(std::fmt::Error))?;
        if let (true, KeyName::Id(url)) = (is_data, key_name) {
            let suite = plain::Suite::for_algorithm(self.key.algorithm());
            let options = plain::Options {
                suite: suite.ok_or_else(|| unlikely(std::fmt::Error))?,
                verification_method: url,
                purpose: plain::Purpose::Assertion,
                created: Some(now),
                challenge: None,
                domain: None,
            };
            let signed = plain::sign(&credential, &options, &self.key, Contexts::pinned());
            let signed = Value::Object(signed.map_err(unlikely)?);
            return Ok(("application/vc", signed.to_string().into_bytes()));
        }
        let mut header = Map::new();
        match key_name {
            KeyName::Id(id) => header.insert("kid".to_owned(), id.into()),
            KeyName::Chain(chain) => {
                let chain: Vec<_> = chain.iter().map(Certificate::to_x5c).collect();
                header.insert("x5c".to_owned(), chain.into())
            }
        };
        let token = jws::sign_claims("vc+jwt", header, &Value::Object(credential), &self.key);
        Ok((VC_JWT, token.into_bytes()))
    }
}

fn change(grant: &mut Grant, action: StatusAction) -> Result<StatusChange, StatusFailure> {
    grant.status = match (grant.status, action) {
        (_, StatusAction::Revoke) => CardStatus::Revoked,
        (CardStatus::Revoked, _) => return Err(StatusFailure::Revoked),
        (_, StatusAction::Suspend) => CardStatus::Suspended,
        (CardStatus::Suspended, StatusAction::Reinstate) => CardStatus::Valid,
        (CardStatus::Valid, StatusAction::Reinstate) => return Err(StatusFailure::NotSuspended),
    };
    if grant.status == CardStatus::Revoked {
        // Nothing of it will be handed out any more.
        grant.forget();
    }
    Ok(StatusChange {
        status: grant.status,
        copies: grant.issued,
    })
}

/// A list of a fixed size, with places below it, can be made and signed.
fn unlikely(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError(Box::new(error))
}

/// RFC 9110 §12.5.1: whether one of these kinds is named with more weight than the usual one.
fn prefers(accept: &str, kinds: &[&str], usual: &str) -> bool {
    let weight = |kind: &str| {
        accept
            .split(',')
            .filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                parts
                    .next()
                    .filter(|name| name.eq_ignore_ascii_case(kind))?;
                let q = parts.find_map(|part| part.strip_prefix("q="));
                Some(q.map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0)))
            })
            .fold(None, |most: Option<f32>, q| {
                Some(most.map_or(q, |most| most.max(q)))
            })
    };
    let most = kinds.iter().filter_map(|kind| weight(kind));
    let most = most.fold(0.0, f32::max);
    most > weight(usual).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cwt_only_where_it_is_preferred() {
        for accept in [
            "",
            "*/*",
            "application/statuslist+jwt",
            "application/statuslist+jwt, application/statuslist+cwt;q=0.9",
            "application/statuslist+cwt;q=0",
            "application/statuslist+cwt;q=x",
            "application/statuslist+cwt, application/statuslist+jwt",
        ] {
            assert!(
                !prefers(accept, &[MEDIA_TYPE_CWT], MEDIA_TYPE_JWT),
                "{accept}"
            );
        }
        for accept in [
            "application/statuslist+cwt",
            "Application/StatusList+CWT",
            "application/json, application/statuslist+cwt; q=0.5",
            "application/statuslist+jwt;q=0.8, application/statuslist+cwt;q=0.9",
        ] {
            assert!(
                prefers(accept, &[MEDIA_TYPE_CWT], MEDIA_TYPE_JWT),
                "{accept}"
            );
        }
    }
}
