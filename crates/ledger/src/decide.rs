//! The verdict: what the ledger says about a key and a type, or about a service.

use keys::x509::{Certificate, verify_chain};
use keys::{PublicKey, UnixTime, b64};
use serde::Serialize;

use crate::event::{ANY_TYPE, Names, Purpose};
use crate::record::{Grant, Issuer, KeyRecord, Record, Service};
use crate::registry::Registry;

/// The clock may differ by so much from the ledger's before it is called set back.
const CLOCK_TOLERANCE: UnixTime = 5 * 60;

/// How old the ledger's word may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Up to this many seconds old is fresh.
    pub fresh: UnixTime,
    /// Up to this many seconds old is used, with its age said aloud.
    pub offline: UnixTime,
}

impl Default for Freshness {
    /// 24 hours, and 7 days.
    fn default() -> Self {
        Self {
            fresh: 24 * 3600,
            offline: 7 * 24 * 3600,
        }
    }
}

/// What is known when a question is asked.
#[derive(Clone, Copy)]
pub struct View<'r> {
    /// What stands; `None` where no ledger was ever read.
    pub registry: Option<&'r Registry>,
    /// The newest time for which the operator said so.
    pub attested: UnixTime,
    /// The highest such time ever seen.
    pub highest_attested: UnixTime,
    /// How old it may be.
    pub freshness: Freshness,
}

/// What somebody wants to know.
pub enum Question<'q> {
    /// May this key issue this type?
    Issuer {
        /// What signed the credential.
        key: Presented<'q>,
        /// The type's id, for an SD-JWT VC its `vct`.
        type_id: &'q str,
        /// When it was issued, as the issuer says. `None` is judged as of now.
        issued_at: Option<UnixTime>,
    },
    /// Did this service say what it asks for?
    Service {
        /// The client id, prefix included.
        client_id: &'q str,
        /// What signed the request; `None` for requests that are not signed.
        key: Option<Presented<'q>>,
    },
    /// Does this service stand, whoever speaks for it? For what nobody signed: a poster, or a
    /// service that the citizen chose from the ledger.
    Registration {
        /// The client id, prefix included.
        client_id: &'q str,
    },
}

/// The key that was seen, with what vouches for it.
#[derive(Clone, Copy)]
pub enum Presented<'q> {
    /// A bare key.
    Key(&'q PublicKey),
    /// A certificate chain, leaf first.
    Chain(&'q [Certificate]),
}

impl Presented<'_> {
    fn key(&self) -> Option<&PublicKey> {
        match self {
            Self::Key(key) => Some(key),
            Self::Chain(chain) => chain.first().map(Certificate::public_key),
        }
    }
}

/// The eight answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Entitled.
    Listed,
    /// Not on the ledger.
    Unlisted,
    /// A known body, but not for this type.
    OutOfScope,
    /// Its time is over.
    Ended,
    /// The key was revoked.
    Revoked,
    /// The right was withdrawn.
    Withdrawn,
    /// What is known is too old.
    Stale,
    /// Nothing is known: no ledger was read.
    Unknown,
}

impl Standing {
    /// As programs spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Unlisted => "unlisted",
            Self::OutOfScope => "out_of_scope",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
            Self::Withdrawn => "withdrawn",
            Self::Stale => "stale",
            Self::Unknown => "unknown",
        }
    }
}

/// How old the ledger's word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Up to 24 hours, unless set otherwise.
    Fresh,
    /// Up to 7 days, unless set otherwise: say the age aloud.
    Offline,
    /// Older.
    Stale,
}

/// The age of what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Age {
    /// The newest time that the operator attested.
    pub attested: UnixTime,
    /// Seconds since then.
    pub seconds: UnixTime,
    /// What that means.
    pub band: Band,
    /// This computer's clock is before a time that the ledger has attested.
    pub clock_set_back: bool,
}

/// The body that the ledger names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BodyView {
    /// Its id, or client id.
    pub id: String,
    /// What it is called, by language.
    pub names: Names,
    /// The accreditor that registered it.
    pub by: String,
    /// What the accreditor is called.
    pub by_names: Names,
}

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The answer.
    pub standing: Standing,
    /// The body, where the ledger knows one.
    pub body: Option<BodyView>,
    /// For a listed service: what it said it asks for.
    pub purposes: Vec<Purpose>,
    /// How old the answer is; `None` with [`Standing::Unknown`].
    pub age: Option<Age>,
}

/// The age of a view at `now`.
pub fn age(view: &View<'_>, now: UnixTime) -> Age {
    let clock_set_back = now.saturating_add(CLOCK_TOLERANCE) < view.highest_attested;
    // A clock set back makes nothing fresher: time is at least what was once attested.
    let seconds = now.max(view.highest_attested).saturating_sub(view.attested);
    let band = if seconds <= view.freshness.fresh {
        Band::Fresh
    } else if seconds <= view.freshness.offline {
        Band::Offline
    } else {
        Band::Stale
    };
    Age {
        attested: view.attested,
        seconds,
        band,
        clock_set_back,
    }
}

/// Answers a question. Pure: the time is given.
pub fn decide(view: &View<'_>, question: &Question<'_>, now: UnixTime) -> Verdict {
    let Some(registry) = view.registry else {
        return Verdict {
            standing: Standing::Unknown,
            body: None,
            purposes: Vec::new(),
            age: None,
        };
    };
    let age = age(view, now);
    let now = now.max(view.highest_attested);
    let mut verdict = match question {
        Question::Issuer {
            key,
            type_id,
            issued_at,
        } => issuer(registry, key, type_id, *issued_at, now),
        Question::Service { client_id, key } => service(registry, client_id, key.as_ref(), now),
        Question::Registration { client_id } => registration(registry, client_id, now),
    };
    // What was ended stays ended; anything else may have changed since.
    let lasting = matches!(
        verdict.standing,
        Standing::Revoked | Standing::Withdrawn | Standing::Ended
    );
    if age.band == Band::Stale && !lasting {
        verdict.standing = Standing::Stale;
    }
    verdict.age = Some(age);
    verdict
}

fn verdict(standing: Standing, body: Option<BodyView>) -> Verdict {
    Verdict {
        standing,
        body,
        purposes: Vec::new(),
        age: None,
    }
}

fn issuer(
    registry: &Registry,
    presented: &Presented<'_>,
    type_id: &str,
    issued_at: Option<UnixTime>,
    now: UnixTime,
) -> Verdict {
    // The issue time is the issuer's word; a time to come is not believed.
    let judged = issued_at.map_or(now, |issued| issued.min(now));
    let Some((record, key)) = find_issuer(registry, presented, judged) else {
        return verdict(Standing::Unlisted, None);
    };
    let Some(issuer) = &record.issuer else {
        return verdict(Standing::Unlisted, None);
    };
    let body = Some(body_view(registry, &record.id, &issuer.names, &key.by));
    verdict(
        key_standing(registry, issuer, key, type_id, issued_at, now),
        body,
    )
}

/// How a registered key of an issuer stands for a type at `now`, whatever the age of the ledger.
pub(crate) fn key_standing(
    registry: &Registry,
    issuer: &Issuer,
    key: &KeyRecord,
    type_id: &str,
    issued_at: Option<UnixTime>,
    now: UnixTime,
) -> Standing {
    // A thief backdates: for a revoked key no issue time helps.
    if key.revoked.is_some() {
        return Standing::Revoked;
    }
    // Nor under a grant that was over before the key came.
    let judged = issued_at
        .map_or(now, |issued| issued.min(now))
        .max(key.from);
    let standing = grant_standing(registry, issuer, key, type_id, judged);
    let over = key
        .rotated
        .as_ref()
        .is_some_and(|rotated| now > rotated.accept_until);
    if standing == Standing::Listed && over {
        return Standing::Ended;
    }
    standing
}

fn grant_standing(
    registry: &Registry,
    issuer: &Issuer,
    key: &KeyRecord,
    type_id: &str,
    judged: UnixTime,
) -> Standing {
    let mut best = Standing::OutOfScope;
    // A key counts under the grants of the accreditor that registered it, under no others.
    let grants = issuer.grants.iter().filter(|grant| {
        grant.by == key.by && (grant.type_id == type_id || grant.type_id == ANY_TYPE)
    });
    for grant in grants {
        match one_grant(registry, grant, judged) {
            Standing::Listed => return Standing::Listed,
            Standing::Withdrawn => best = Standing::Withdrawn,
            other if best == Standing::OutOfScope => best = other,
            _ => {}
        }
    }
    best
}

fn one_grant(registry: &Registry, grant: &Grant, judged: UnixTime) -> Standing {
    let accreditation = registry.accreditation(&grant.by, grant.accreditation);
    let stands = accreditation.is_some_and(|accreditation| accreditation.withdrawn.is_none());
    // A withdrawal overrides the issue time.
    if grant.withdrawn.is_some() || !stands {
        return Standing::Withdrawn;
    }
    if judged < grant.until {
        Standing::Listed
    } else {
        Standing::Ended
    }
}

/// By the key itself, else by a registered CA above the chain. The `iss` text is nothing.
fn find_issuer<'r>(
    registry: &'r Registry,
    presented: &Presented<'_>,
    judged: UnixTime,
) -> Option<(&'r Record, &'r KeyRecord)> {
    let leaf = presented.key()?;
    if let Some(found) = registry.issuing_key(&leaf.thumbprint()) {
        return Some(found);
    }
    let Presented::Chain(chain) = presented else {
        return None;
    };
    let mut fallback = None;
    for (record, key, root) in registry.anchors_above(chain) {
        if !stands_below(chain, key, &root, judged) {
            continue;
        }
        let found = (record, key);
        if key.revoked.is_none() && key.rotated.is_none() {
            return Some(found);
        }
        fallback.get_or_insert(found);
    }
    fallback
}

fn stands_below(
    chain: &[Certificate],
    key: &KeyRecord,
    root: &Certificate,
    time: UnixTime,
) -> bool {
    let Some(leaf) = chain.first() else {
        return false;
    };
    let named = key.entry.san.as_ref().is_none_or(|san| {
        leaf.san_dns().contains(&san.to_ascii_lowercase()) || leaf.san_uri().contains(san)
    });
    named && !leaf.is_ca() && verify_chain(chain, std::slice::from_ref(root), time).is_ok()
}

fn service(
    registry: &Registry,
    client_id: &str,
    presented: Option<&Presented<'_>>,
    now: UnixTime,
) -> Verdict {
    let registered = registry
        .record(client_id)
        .and_then(|record| record.services.last());
    let Some(service) = registered else {
        return verdict(Standing::Unlisted, None);
    };
    let signed_by = match presented {
        _ if client_id.starts_with("redirect_uri:") => None,
        None => return verdict(Standing::Unlisted, None),
        Some(presented) => match service_key(service, client_id, presented, now) {
            Some(key) => Some(key),
            None => return verdict(Standing::Unlisted, None),
        },
    };
    service_standing(registry, client_id, service, signed_by, now)
}

/// As if the last of the service's keys that was not revoked had signed; a service all of whose
/// keys were revoked can prove nothing more.
fn registration(registry: &Registry, client_id: &str, now: UnixTime) -> Verdict {
    let registered = registry
        .record(client_id)
        .and_then(|record| record.services.last());
    let Some(service) = registered else {
        return verdict(Standing::Unlisted, None);
    };
    let key = own_keys(service)
        .rfind(|key| key.revoked.is_none())
        .or(own_keys(service).next_back());
    service_standing(registry, client_id, service, key, now)
}

fn service_standing(
    registry: &Registry,
    client_id: &str,
    service: &Service,
    signed_by: Option<&KeyRecord>,
    now: UnixTime,
) -> Verdict {
    let body = Some(body_view(registry, client_id, &service.names, &service.by));
    let accreditation = registry.accreditation(&service.by, service.accreditation);
    let stands = accreditation.is_some_and(|accreditation| accreditation.withdrawn.is_none());
    if signed_by.is_some_and(|key| key.revoked.is_some()) {
        return verdict(Standing::Revoked, body);
    }
    if service.withdrawn.is_some() || !stands {
        return verdict(Standing::Withdrawn, body);
    }
    let rotated = signed_by.and_then(|key| key.rotated.as_ref());
    if now >= service.until || rotated.is_some_and(|rotated| now > rotated.accept_until) {
        return verdict(Standing::Ended, body);
    }
    Verdict {
        purposes: service.purposes.clone(),
        ..verdict(Standing::Listed, body)
    }
}

/// The registered key, or the root above the chain. The certificate must be the one that the
/// client id names.
fn service_key<'k>(
    service: &'k Service,
    client_id: &str,
    presented: &Presented<'_>,
    now: UnixTime,
) -> Option<&'k KeyRecord> {
    let thumbprint = presented.key()?.thumbprint();
    let leaf = match presented {
        Presented::Key(_) => None,
        Presented::Chain(chain) => chain.first(),
    };
    let fits = if let Some(name) = client_id.strip_prefix("x509_san_dns:") {
        leaf?.san_dns().contains(&name.to_ascii_lowercase())
    } else if let Some(hash) = client_id.strip_prefix("x509_hash:") {
        b64::encode(leaf?.sha256()) == hash
    } else {
        true
    };
    if !fits {
        return None;
    }
    let own = own_keys(service).find(|key| key.thumbprint == thumbprint);
    own.or_else(|| {
        let Presented::Chain(chain) = presented else {
            return None;
        };
        own_keys(service).filter(|key| key.entry.ca).find(|key| {
            crate::rules::entry_certificate(&key.entry)
                .ok()
                .flatten()
                .is_some_and(|root| stands_below(chain, key, &root, now))
        })
    })
}

/// No other accreditor's key speaks for a service.
fn own_keys(service: &Service) -> impl DoubleEndedIterator<Item = &KeyRecord> {
    let keys = service.keys.iter();
    keys.filter(|key| key.by == service.by)
}

fn body_view(registry: &Registry, id: &str, names: &Names, by: &str) -> BodyView {
    BodyView {
        id: id.to_owned(),
        names: names.clone(),
        by: by.to_owned(),
        by_names: registry
            .record(by)
            .and_then(|record| record.accreditations.last())
            .map(|accreditation| accreditation.names.clone())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use keys::SigningKey;
    use serde_json::json;

    use super::*;

    /// The rules write no such record; a reader does not rest on it.
    #[test]
    fn a_key_of_another_accreditor_does_not_speak_for_a_service() {
        let key = SigningKey::make_p256().public();
        let names = json!({"en": "A body"});
        let mut registry = Registry::default();
        let mut standing = |by: &str| {
            let records = [
                json!({"id": "https://a.example", "sequence": 1, "accreditations": [{
                    "names": names, "control_keys": [], "types": ["*"], "from": 1, "until": 99,
                }]}),
                json!({"id": "did:example:desk", "sequence": 0, "services": [{
                    "names": names, "by": "https://a.example", "accreditation": 0,
                    "purposes": [], "from": 1, "until": 99,
                    "keys": [{
                        "entry": {"jwk": key.to_jwk(), "possession": "attested-by-registrar"},
                        "thumbprint": key.thumbprint(), "by": by, "from": 1,
                    }],
                }]}),
            ];
            for record in records {
                let record: Record = serde_json::from_value(record).unwrap();
                registry.set_record(record).unwrap();
            }
            let presented = Presented::Key(&key);
            service(&registry, "did:example:desk", Some(&presented), 2).standing
        };
        assert_eq!(standing("https://a.example"), Standing::Listed);
        assert_eq!(standing("https://b.example"), Standing::Unlisted);
    }
}
