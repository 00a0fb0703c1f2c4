use std::fmt;

use credential::status::token::{Bits, TokenList};
use credential::status::{BitstringList, LookUpError, Standing, StatusRef, Statuses};
use keys::x509::Certificate;
use keys::{PublicKey, UnixTime, b64};
use serde_json::{Value, json};

use super::{CardIssuer, DEFAULT_TTL};
use crate::issuer_keys::IssuerKey;

/// A list that was verified when it was fetched. Where it is stored, the store keeps it from
/// being changed.
#[derive(Clone)]
pub struct CachedList {
    pub(super) uri: String,
    pub(super) key: IssuerKey,
    /// The name under which the key is published.
    pub(super) name: Option<String>,
    pub(super) fetched_at: UnixTime,
    pub(super) issued_at: Option<UnixTime>,
    pub(super) expires: Option<UnixTime>,
    pub(super) ttl: Option<u64>,
    pub(super) statuses: Statuses,
    /// As it came, where it is short.
    pub(super) published: Option<Vec<u8>>,
}

/// The longest list that is kept as its issuer published it, in bytes: one that can be handed
/// on beside a card.
pub const MAX_PUBLISHED: usize = 4096;

/// A stored list cannot be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored list of statuses is damaged")]
pub struct StoredError;

impl CachedList {
    /// Where it is published.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// When it was fetched.
    pub fn fetched_at(&self) -> UnixTime {
        self.fetched_at
    }

    /// When its issuer made it.
    pub fn issued_at(&self) -> Option<UnixTime> {
        self.issued_at
    }

    /// What signed it.
    pub fn key(&self) -> &IssuerKey {
        &self.key
    }

    /// The list as its issuer published and signed it; `None` where it is longer than
    /// [`MAX_PUBLISHED`].
    pub fn published(&self) -> Option<&[u8]> {
        self.published.as_deref()
    }

    /// Until when there is no need to ask again: `ttl` after it was fetched, or `exp` if that
    /// is sooner.
    pub fn fresh_until(&self) -> UnixTime {
        let ttl = match (self.ttl, self.expires) {
            (Some(ttl), _) => ttl,
            (None, Some(_)) => u64::MAX,
            (None, None) => DEFAULT_TTL,
        };
        let ttl = UnixTime::try_from(ttl).unwrap_or(UnixTime::MAX);
        let end = self.fetched_at.saturating_add(ttl);
        self.expires.map_or(end, |expires| expires.min(end))
    }

    /// Whether there is no need to ask again. A clock that was set back makes a list old.
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        self.fetched_at <= now && now < self.fresh_until()
    }

    /// Whether it has expired: what it says does not count any more.
    pub fn is_expired(&self, now: UnixTime) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }

    /// Whether it is the list of a card's issuer: signed by the card's key, or by one that is
    /// published under the card's issuer's name, or by one that `vouched` knows to be the same
    /// body's.
    pub fn is_by(&self, card: CardIssuer<'_>, vouched: impl FnOnce(&IssuerKey) -> bool) -> bool {
        let same_key = self.public().is_some_and(|key| key == card.key);
        let same_name = self.name.is_some() && self.name.as_deref() == card.name;
        same_key || same_name || vouched(&self.key)
    }

    /// What it says of a card that names it, whatever its age.
    pub fn standing(&self, reference: &StatusRef) -> Result<Standing, LookUpError> {
        self.statuses.standing(reference)
    }

    fn public(&self) -> Option<&PublicKey> {
        match &self.key {
            IssuerKey::Jwk(key) => Some(key),
            IssuerKey::Chain(chain) => chain.first().map(Certificate::public_key),
        }
    }

    /// For a store that nobody else can change. No personal data: the list is public.
    pub fn to_json(&self) -> Value {
        let key = match &self.key {
            IssuerKey::Jwk(key) => key.to_jwk(),
            IssuerKey::Chain(chain) => chain.iter().map(Certificate::to_x5c).collect(),
        };
        let list = match &self.statuses {
            Statuses::Token(list) => json!({
                "bits": list.bits() as u8,
                "lst": b64::encode(list.to_compressed()),
            }),
            Statuses::Bitstring(list) => list.to_subject(&self.uri, list.ttl()).into(),
        };
        json!({
            "uri": self.uri,
            "key": key,
            "name": self.name,
            "fetched_at": self.fetched_at,
            "issued_at": self.issued_at,
            "expires": self.expires,
            "ttl": self.ttl,
            "list": list,
            "published": self.published.as_deref().map(b64::encode),
        })
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    pub fn from_json(value: &Value) -> Result<Self, StoredError> {
        Self::read(value).ok_or(StoredError)
    }

    fn read(value: &Value) -> Option<Self> {
        let time = |name: &str| match value.get(name)? {
            Value::Null => Some(None),
            time => time.as_i64().map(Some),
        };
        let key = value.get("key")?;
        let key = if key.is_array() {
            IssuerKey::Chain(Certificate::chain_from_x5c(key).ok()?)
        } else {
            IssuerKey::Jwk(PublicKey::from_jwk(key).ok()?)
        };
        let list = value.get("list")?.as_object()?;
        let statuses = match list.get("bits") {
            Some(bits) => {
                let lst = b64::decode(list.get("lst")?.as_str()?).ok()?;
                let bits = Bits::from_number(bits.as_u64()?)?;
                Statuses::Token(TokenList::from_compressed(bits, &lst).ok()?)
            }
            None => Statuses::Bitstring(BitstringList::from_subject(list).ok()?),
        };
        Some(Self {
            uri: value.get("uri")?.as_str()?.to_owned(),
            key,
            name: value.get("name")?.as_str().map(str::to_owned),
            fetched_at: time("fetched_at")??,
            issued_at: time("issued_at")?,
            expires: time("expires")?,
            ttl: value.get("ttl")?.as_u64(),
            statuses,
            // Lists that were stored before there was such a thing have none.
            published: match value.get("published") {
                None | Some(Value::Null) => None,
                Some(published) => Some(
                    b64::decode(published.as_str()?)
                        .ok()
                        .filter(|published| published.len() <= MAX_PUBLISHED)?,
                ),
            },
        })
    }
}

impl fmt::Debug for CachedList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CachedList")
            .field("fetched_at", &self.fetched_at)
            .finish_non_exhaustive()
    }
}

/// What is known of a card's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The gravest of what its lists say.
    pub standing: Standing,
    /// When the oldest of the lists was fetched.
    pub checked_at: UnixTime,
    /// Whether every list is recent enough by its own terms.
    pub fresh: bool,
}

/// Why nothing is known of a card's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// A list was never fetched, or has expired since and stopped nothing.
    #[error("its list of statuses was not looked up")]
    NotFetched,
    /// A list is another issuer's.
    #[error("its list of statuses was signed by somebody else")]
    OtherIssuer,
    /// A list has no place for the card, or is of another kind.
    #[error("its list of statuses has no place for it")]
    NoPlace,
}

/// What the lists at hand say of a card; `None` for a card that has no status. Every list that
/// the card names must be there, unless one of them says already that the card is revoked or
/// suspended. What stopped a card counts also in a list that has expired: a list that is old can
/// say too little, but what it says was said.
pub fn look_up<'l>(
    references: &[StatusRef],
    card: CardIssuer<'_>,
    list_at: impl Fn(&str) -> Option<&'l CachedList>,
    vouched: impl Fn(&IssuerKey) -> bool,
    now: UnixTime,
) -> Option<Result<Known, Unknown>> {
    let mut outcome: Option<Result<Known, Unknown>> = None;
    for reference in references {
        let one = look_up_one(reference, card, list_at(reference.list()), &vouched, now);
        outcome = Some(match (outcome, one) {
            (None, one) => one,
            (Some(Ok(a)), Ok(b)) => Ok(Known {
                standing: a.standing.and(b.standing),
                checked_at: a.checked_at.min(b.checked_at),
                fresh: a.fresh && b.fresh,
            }),
            (Some(Ok(known)), Err(_)) | (Some(Err(_)), Ok(known)) if is_stopped(known.standing) => {
                Ok(known)
            }
            (Some(Err(error)), _) | (Some(Ok(_)), Err(error)) => Err(error),
        });
    }
    outcome
}

fn look_up_one(
    reference: &StatusRef,
    card: CardIssuer<'_>,
    list: Option<&CachedList>,
    vouched: impl Fn(&IssuerKey) -> bool,
    now: UnixTime,
) -> Result<Known, Unknown> {
    let list = list.ok_or(Unknown::NotFetched)?;
    if list.uri != reference.list() {
        return Err(Unknown::NotFetched);
    }
    match says(list, reference, card, vouched, now) {
        Ok(known) if is_stopped(known.standing) => Ok(known),
        _ if list.is_expired(now) => Err(Unknown::NotFetched),
        said => said,
    }
}

/// What a list says of a card, whatever its age.
fn says(
    list: &CachedList,
    reference: &StatusRef,
    card: CardIssuer<'_>,
    vouched: impl FnOnce(&IssuerKey) -> bool,
    now: UnixTime,
) -> Result<Known, Unknown> {
    if !list.is_by(card, vouched) {
        return Err(Unknown::OtherIssuer);
    }
    Ok(Known {
        standing: list
            .statuses
            .standing(reference)
            .map_err(|_| Unknown::NoPlace)?,
        checked_at: list.fetched_at,
        fresh: list.is_fresh(now),
    })
}

fn is_stopped(standing: Standing) -> bool {
    matches!(standing, Standing::Revoked | Standing::Suspended)
}
