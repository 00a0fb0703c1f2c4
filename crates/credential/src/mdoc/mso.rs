use std::collections::{BTreeMap, BTreeSet};

use ciborium::value::Value as Cbor;
use keys::{PublicKey, UnixTime};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::ParseError;
use super::cbor::{Item, Writer, encode, parse};
use super::cose::{cose_key, public_key};
use super::value::TDATE;
use crate::status::StatusRef;

/// `version` of the mobile security object and of the answer.
pub(super) const VERSION: &str = "1.0";

/// The digest algorithm of the elements (ISO/IEC 18013-5 §9.1.2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// The value of `digestAlgorithm`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    pub(super) fn derive_digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// What the issuer signed: the mobile security object (ISO/IEC 18013-5 §9.1.2.4).
#[derive(Clone)]
pub struct SecurityObject {
    pub(super) digest_algorithm: DigestAlgorithm,
    /// Namespace, digest id, digest.
    pub(super) digests: BTreeMap<String, BTreeMap<u64, Vec<u8>>>,
    pub(super) device_key: PublicKey,
    pub(super) authorizations: Authorizations,
    pub(super) doc_type: String,
    pub(super) validity: Validity,
    pub(super) status: Option<(String, u64)>,
}

/// `validityInfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When the issuer signed.
    pub signed: UnixTime,
    /// From when it is valid.
    pub from: UnixTime,
    /// Until when it is valid.
    pub until: UnixTime,
    /// When the issuer expects to sign again.
    pub expected_update: Option<UnixTime>,
}

/// `keyAuthorizations`: what the device itself may say.
#[derive(Clone, Default)]
pub(super) struct Authorizations {
    namespaces: BTreeSet<String>,
    elements: BTreeSet<(String, String)>,
}

impl Authorizations {
    pub(super) fn allow(&self, namespace: &str, element: &str) -> bool {
        self.namespaces.contains(namespace)
            || self
                .elements
                .contains(&(namespace.to_owned(), element.to_owned()))
    }
}

impl SecurityObject {
    /// The document type.
    pub fn doc_type(&self) -> &str {
        &self.doc_type
    }

    /// The key of the device that it is bound to.
    pub fn device_key(&self) -> &PublicKey {
        &self.device_key
    }

    /// The dates.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// The digest algorithm.
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest_algorithm
    }

    /// How many digests the issuer signed in a namespace: more than are shown.
    pub fn digest_count(&self, namespace: &str) -> usize {
        self.digests.get(namespace).map_or(0, BTreeMap::len)
    }

    /// The place in a token status list (draft-ietf-oauth-status-list §6.3).
    pub fn status(&self) -> Option<StatusRef> {
        let (uri, index) = self.status.as_ref()?;
        Some(StatusRef::TokenList {
            uri: uri.clone(),
            index: *index,
        })
    }

    /// Reads `#6.24(bstr .cbor MobileSecurityObject)`.
    pub(super) fn read(payload: &[u8]) -> Result<Self, ParseError> {
        let outer = parse(payload)?;
        let embedded = outer.embedded().ok_or(wrong("MobileSecurityObjectBytes"))?;
        let mso = parse(embedded)?;
        if mso.get("version").and_then(Item::as_text) != Some(VERSION) {
            return Err(ParseError::Version {
                of: "MobileSecurityObject",
            });
        }
        let digest_algorithm = member(&mso, "digestAlgorithm", Item::as_text)?;
        let digest_algorithm =
            DigestAlgorithm::from_name(digest_algorithm).ok_or(ParseError::DigestAlgorithm)?;
        let device = mso.get("deviceKeyInfo").ok_or(wrong("deviceKeyInfo"))?;
        let device_key = device.get("deviceKey").ok_or(wrong("deviceKey"))?;
        Ok(Self {
            digest_algorithm,
            digests: digests(&mso, digest_algorithm)?,
            device_key: public_key(device_key).map_err(ParseError::DeviceKey)?,
            authorizations: match device.get("keyAuthorizations") {
                None => Authorizations::default(),
                Some(item) => authorizations(item).ok_or(wrong("keyAuthorizations"))?,
            },
            doc_type: short(member(&mso, "docType", Item::as_text)?)?,
            validity: validity(&mso)?,
            status: status(&mso)?,
        })
    }

    /// `#6.24(bstr .cbor MobileSecurityObject)`; `None` where a part has no form in CBOR.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut digests = Writer::new().map(self.digests.len());
        for (namespace, of_namespace) in &self.digests {
            digests = digests.text(namespace).map(of_namespace.len());
            for (id, digest) in of_namespace {
                digests = digests.unsigned(usize::try_from(*id).ok()?).bytes(digest);
            }
        }
        let dates = [
            ("signed", Some(self.validity.signed)),
            ("validFrom", Some(self.validity.from)),
            ("validUntil", Some(self.validity.until)),
            ("expectedUpdate", self.validity.expected_update),
        ];
        let dates = dates
            .into_iter()
            .filter_map(|(name, time)| Some((name, time?)));
        let validity = Cbor::Map(
            dates
                .map(|(name, time)| Some((Cbor::Text(name.to_owned()), tdate(time)?)))
                .collect::<Option<_>>()?,
        );
        let mut mso = Writer::new()
            .map(if self.status.is_some() { 7 } else { 6 })
            .text("version")
            .text(VERSION)
            .text("digestAlgorithm")
            .text(self.digest_algorithm.name())
            .text("valueDigests")
            .raw(&digests.into_bytes())
            .text("deviceKeyInfo")
            .map(1)
            .text("deviceKey")
            .raw(&encode(&cose_key(&self.device_key)?))
            .text("docType")
            .text(&self.doc_type)
            .text("validityInfo")
            .raw(&encode(&validity));
        if let Some((uri, index)) = &self.status {
            let list = Cbor::Map(vec![
                (Cbor::Text("idx".to_owned()), Cbor::from(*index)),
                (Cbor::Text("uri".to_owned()), Cbor::Text(uri.clone())),
            ]);
            mso = mso.text("status").map(1).text("status_list");
            mso = mso.raw(&encode(&list));
        }
        Some(Writer::new().embed(&mso.into_bytes()).into_bytes())
    }
}

fn wrong(member: &'static str) -> ParseError {
    ParseError::Member { member }
}

fn member<'i, 'a, T>(
    map: &'i Item<'a>,
    name: &'static str,
    read: impl FnOnce(&'i Item<'a>) -> Option<T>,
) -> Result<T, ParseError> {
    map.get(name).and_then(read).ok_or(wrong(name))
}

pub(super) fn short(name: &str) -> Result<String, ParseError> {
    if name.len() > query::MAX_NAME {
        return Err(ParseError::NameTooLong);
    }
    Ok(name.to_owned())
}

type Digests = BTreeMap<String, BTreeMap<u64, Vec<u8>>>;

fn digests(mso: &Item<'_>, algorithm: DigestAlgorithm) -> Result<Digests, ParseError> {
    let malformed = wrong("valueDigests");
    let mut digests = Digests::new();
    let length = algorithm.derive_digest(&[]).len();
    for (namespace, of_namespace) in member(mso, "valueDigests", Item::as_map)? {
        let namespace = short(namespace.as_text().ok_or(malformed.clone())?)?;
        let mut list = BTreeMap::new();
        for (id, digest) in of_namespace.as_map().ok_or(malformed.clone())? {
            let id = id.as_u64();
            let digest = digest.as_bytes().filter(|digest| digest.len() == length);
            let (Some(id), Some(digest)) = (id, digest) else {
                return Err(malformed);
            };
            list.insert(id, digest.to_vec());
        }
        digests.insert(namespace, list);
    }
    Ok(digests)
}

fn authorizations(item: &Item<'_>) -> Option<Authorizations> {
    let mut allowed = Authorizations::default();
    item.as_map()?;
    if let Some(namespaces) = item.get("nameSpaces") {
        for namespace in namespaces.as_array()? {
            allowed.namespaces.insert(namespace.as_text()?.to_owned());
        }
    }
    if let Some(elements) = item.get("dataElements") {
        for (namespace, names) in elements.as_map()? {
            let namespace = namespace.as_text()?;
            for name in names.as_array()? {
                let pair = (namespace.to_owned(), name.as_text()?.to_owned());
                allowed.elements.insert(pair);
            }
        }
    }
    Some(allowed)
}

fn validity(mso: &Item<'_>) -> Result<Validity, ParseError> {
    let info = mso.get("validityInfo").ok_or(wrong("validityInfo"))?;
    Ok(Validity {
        signed: member(info, "signed", read_tdate)?,
        from: member(info, "validFrom", read_tdate)?,
        until: member(info, "validUntil", read_tdate)?,
        expected_update: info
            .get("expectedUpdate")
            .map(|item| read_tdate(item).ok_or(wrong("expectedUpdate")))
            .transpose()?,
    })
}

fn read_tdate(item: &Item<'_>) -> Option<UnixTime> {
    let text = item.tagged(TDATE)?.as_text()?;
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(time.unix_timestamp())
}

/// Without fractions of a second, in UTC (§9.1.2.4).
fn tdate(time: UnixTime) -> Option<Cbor> {
    let time = OffsetDateTime::from_unix_timestamp(time).ok()?;
    let text = time.format(&Rfc3339).ok()?;
    Some(Cbor::Tag(TDATE, Box::new(Cbor::Text(text))))
}

fn status(mso: &Item<'_>) -> Result<Option<(String, u64)>, ParseError> {
    let Some(status) = mso.get("status") else {
        return Ok(None);
    };
    if status.as_map().is_none() {
        return Err(wrong("status"));
    }
    // Another mechanism than a list is not looked at (ISO/IEC 18013-5 leaves it open).
    let Some(list) = status.get("status_list") else {
        return Ok(None);
    };
    let uri = list.get("uri").and_then(Item::as_text);
    let index = list.get("idx").and_then(Item::as_u64);
    match (uri, index) {
        (Some(uri), Some(index)) => Ok(Some((uri.to_owned(), index))),
        _ => Err(wrong("status_list")),
    }
}
