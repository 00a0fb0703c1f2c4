//! Bounds and forms of the members of events.

use std::collections::BTreeSet;

use keys::x509::Certificate;
use keys::{PublicKey, b64, json};
use url::Url;

use super::Rejection;
use crate::event::{ANY_TYPE, GOVERNANCE, KeyEntry, Names, Purpose, TypeFile};

const MAX_ID: usize = 255;
const MAX_NAME: usize = 200;
const MAX_TEXT: usize = 1000;
const MAX_TYPES: usize = 64;
const MAX_PURPOSES: usize = 32;
const MAX_DCQL: usize = 16 * 1024;
/// Keys in one event.
pub(crate) const MAX_KEYS: usize = 16;

type Checked = Result<(), Rejection>;

fn require(holds: bool, member: &'static str) -> Checked {
    if holds {
        Ok(())
    } else {
        Err(Rejection::Malformed(member))
    }
}

/// 1 to 255 visible characters, no space. The governance's own name is taken.
pub(super) fn id(id: &str) -> Checked {
    let visible = !id.chars().any(|c| c.is_whitespace() || c.is_control());
    require(
        !id.is_empty() && id.len() <= MAX_ID && visible && id != GOVERNANCE,
        "id",
    )
}

/// English is there; tags are those of BCP 47 in short.
pub(super) fn names(names: &Names, member: &'static str, limit: usize) -> Checked {
    require(names.contains_key("en") && names.len() <= 16, member)?;
    for (tag, name) in names {
        let tag_fits = (2..=12).contains(&tag.len())
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        require(tag_fits, member)?;
        line(name, limit, member)?;
        require(!name.trim().is_empty(), member)?;
    }
    Ok(())
}

pub(super) fn body_names(given: &Names) -> Checked {
    names(given, "names", MAX_NAME)
}

/// One line of text, bounded.
pub(super) fn line(text: &str, limit: usize, member: &'static str) -> Checked {
    require(
        text.chars().count() <= limit && !text.chars().any(char::is_control),
        member,
    )
}

pub(super) fn reason(text: Option<&str>) -> Checked {
    text.map_or(Ok(()), |text| line(text, MAX_TEXT, "reason"))
}

pub(super) fn types(types: &[String]) -> Checked {
    require((1..=MAX_TYPES).contains(&types.len()), "types")?;
    for type_id in types {
        let visible = !type_id.chars().any(|c| c.is_whitespace() || c.is_control());
        require(
            !type_id.is_empty() && type_id.len() <= MAX_ID && visible,
            "types",
        )?;
    }
    let any = types.iter().any(|type_id| type_id == ANY_TYPE);
    let distinct: BTreeSet<&String> = types.iter().collect();
    require(
        distinct.len() == types.len() && (!any || types.len() == 1),
        "types",
    )
}

/// Absolute URLs, `https` but on loopback of a demo ledger.
pub(super) fn urls(urls: &[String], demo: bool) -> Checked {
    require(urls.len() <= 16, "status_lists")?;
    for url in urls {
        require(web_url(url, demo), "status_lists")?;
    }
    Ok(())
}

/// An `https` URL without user part and fragment; in a demo also `http` on loopback.
pub(super) fn web_url(text: &str, demo: bool) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let plain = text.len() <= 1024
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    plain && (url.scheme() == "https" || (demo && url.scheme() == "http" && loopback))
}

/// A digest of 32 bytes in its one spelling, and where the file can be read.
pub(super) fn type_file(file: &TypeFile, demo: bool, member: &'static str) -> Checked {
    let digest = file.integrity.strip_prefix("sha256-").unwrap_or_default();
    let spelt = b64::decode_standard(digest)
        .is_ok_and(|bytes| bytes.len() == 32 && b64::encode_standard(&bytes) == digest);
    require(spelt, member)?;
    let reachable = file.uri.as_deref().is_none_or(|uri| web_url(uri, demo));
    require(reachable, member)
}

/// True for a key of a kind that the rules know, in all their versions so far. What else the
/// programs can read, a P-384 key, has no place on a ledger until a version of the rules gives it
/// one: nodes that are not of the same age must judge alike.
pub fn takes_key(key: &PublicKey) -> bool {
    match key {
        PublicKey::P256(_) | PublicKey::Ed25519(_) | PublicKey::Bls12381G2(_) => true,
        PublicKey::P384(_) => false,
    }
}

/// A public JWK of a kind that the rules know.
pub(crate) fn known_key(jwk: &serde_json::Value) -> Option<PublicKey> {
    PublicKey::from_jwk(jwk).ok().filter(takes_key)
}

/// A public JWK in its shortest form.
pub(super) fn jwk(jwk: &serde_json::Value) -> Result<PublicKey, Rejection> {
    let key = known_key(jwk).ok_or(Rejection::Malformed("jwk"))?;
    require(key.to_jwk() == *jwk, "jwk")?;
    Ok(key)
}

/// Events and requests are signed as text. A BBS key signs credentials only.
pub(super) fn signs_text(key: &PublicKey) -> Checked {
    require(!matches!(key, PublicKey::Bls12381G2(_)), "jwk")
}

/// The certificate of a key entry, if it has one.
pub(crate) fn entry_certificate(entry: &KeyEntry) -> Result<Option<Certificate>, Rejection> {
    let Some(x509) = &entry.x509 else {
        return Ok(None);
    };
    let der = b64::decode_standard(x509).map_err(|_| Rejection::Malformed("x509"))?;
    Certificate::from_der(&der)
        .ok()
        .filter(|certificate| takes_key(certificate.public_key()))
        .map(Some)
        .ok_or(Rejection::Malformed("x509"))
}

/// The public key of a key entry.
pub(crate) fn entry_key(entry: &KeyEntry) -> Result<PublicKey, Rejection> {
    match (&entry.jwk, entry_certificate(entry)?) {
        (Some(given), None) => jwk(given),
        (None, Some(certificate)) => Ok(certificate.public_key().clone()),
        _ => Err(Rejection::Malformed("keys")),
    }
}

/// A CA entry holds a CA; a SAN belongs to a CA.
pub(super) fn key_entry(entry: &KeyEntry) -> Result<PublicKey, Rejection> {
    let key = entry_key(entry)?;
    let certificate = entry_certificate(entry)?;
    require(entry.ca || entry.san.is_none(), "san")?;
    if let Some(san) = &entry.san {
        require(!san.is_empty(), "san")?;
        line(san, MAX_ID, "san")?;
    }
    if let Some(source) = &entry.source {
        line(source, 1024, "source")?;
    }
    if entry.ca && !certificate.is_some_and(|certificate| certificate.is_ca()) {
        return Err(Rejection::CertificateMismatch);
    }
    Ok(key)
}

pub(super) fn purposes(purposes: &[Purpose]) -> Checked {
    require((1..=MAX_PURPOSES).contains(&purposes.len()), "purposes")?;
    let ids: BTreeSet<&String> = purposes.iter().map(|purpose| &purpose.id).collect();
    require(ids.len() == purposes.len(), "purposes")?;
    purposes.iter().try_for_each(purpose)
}

/// Checks one purpose: bounded texts, an ISO 8601 duration, a DCQL query as JSON text.
pub fn purpose(purpose: &Purpose) -> Checked {
    let id_fits = (1..=64).contains(&purpose.id.len())
        && purpose
            .id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b));
    require(id_fits, "purpose id")?;
    names(&purpose.name, "purpose name", MAX_NAME)?;
    names(&purpose.reason, "purpose reason", MAX_TEXT)?;
    require(is_duration(&purpose.retention), "retention")?;
    require(purpose.onward.len() <= 32, "onward")?;
    for receiver in &purpose.onward {
        line(receiver, MAX_TEXT, "onward")?;
    }
    line(&purpose.legal_basis, MAX_TEXT, "legal_basis")?;
    require(!purpose.legal_basis.trim().is_empty(), "legal_basis")?;
    line(&purpose.contact, MAX_TEXT, "contact")?;
    require(!purpose.contact.trim().is_empty(), "contact")?;
    let query = json::parse_bounded(purpose.dcql.as_bytes(), MAX_DCQL)
        .map_err(|_| Rejection::Malformed("dcql"))?;
    let asks = query
        .get("credentials")
        .and_then(|credentials| credentials.as_array())
        .is_some_and(|credentials| !credentials.is_empty());
    require(asks, "dcql")
}

/// `PnYnMnWnDTnHnMnS` with whole numbers, at least one of them.
fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else {
        return false;
    };
    let (date, clock) = match rest.split_once('T') {
        Some((_, "")) => return false,
        Some((date, clock)) => (date, clock),
        None => (rest, ""),
    };
    !rest.is_empty() && text.len() <= 32 && in_order(date, "YMWD") && in_order(clock, "HMS")
}

fn in_order(mut text: &str, units: &str) -> bool {
    let mut units = units.chars();
    while !text.is_empty() {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = text.split_at(digits);
        let Some(unit) = rest.chars().next() else {
            return false;
        };
        if number.is_empty() || !units.any(|known| known == unit) {
            return false;
        }
        text = rest.get(unit.len_utf8()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests;
