use std::collections::BTreeSet;

use keys::x509::Certificate;
use keys::{Algorithm, b64};
use query::{ClaimPath, Segment};
use serde_json::{Map, Value};

use super::cbor::{Item, Writer, parse};
use super::cose::Sign1;
use super::mso::{SecurityObject, short};
use super::value::to_json;
use super::{MAX_BYTES, MAX_ELEMENTS, MIN_RANDOM, ParseError, PresentError};

/// `IssuerSigned` (ISO/IEC 18013-5 §8.3.2.1.2.2): elements, and the issuer's signature over
/// their digests. Whether the one belongs to the other is for [`super::Unverified::verify`] to
/// say.
#[derive(Clone)]
pub struct IssuerSigned {
    pub(super) namespaces: Vec<Namespace>,
    pub(super) auth: Sign1,
    /// `issuerAuth` as it came.
    auth_raw: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) mso: SecurityObject,
    pub(super) chain: Vec<Certificate>,
}

/// The elements of one namespace, in their order.
#[derive(Clone)]
pub(super) struct Namespace {
    pub(super) name: String,
    pub(super) elements: Vec<Element>,
}

/// An element, with the bytes that its digest is over.
#[derive(Clone)]
pub(super) struct Element {
    /// `#6.24(bstr .cbor IssuerSignedItem)` as it came.
    pub(super) raw: Vec<u8>,
    pub(super) digest_id: u64,
    pub(super) name: String,
    pub(super) value: Value,
}

fn wrong(member: &'static str) -> ParseError {
    ParseError::Member { member }
}

/// The bytes of a text of base64url, bounded before they are made.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, ParseError> {
    if text.len() / 4 * 3 > MAX_BYTES {
        return Err(super::CborError::TooLong.into());
    }
    // Some write the padding that base64url leaves out.
    b64::decode(text.trim_end_matches('=')).map_err(|_| ParseError::Base64)
}

impl IssuerSigned {
    /// Reads the credential of OpenID4VCI 1.0 §A.2: base64url of `IssuerSigned`.
    pub(super) fn from_text(text: &str) -> Result<Self, ParseError> {
        let bytes = decode(text)?;
        Self::read(&parse(&bytes)?)
    }

    /// A credential that was verified before and kept safe since.
    pub fn from_store(text: &str) -> Result<Self, ParseError> {
        Self::from_text(text)
    }

    pub(super) fn read(item: &Item<'_>) -> Result<Self, ParseError> {
        let auth_item = item.get("issuerAuth").ok_or(wrong("issuerAuth"))?;
        let auth = Sign1::read(auth_item, "issuerAuth")?;
        let payload = auth.payload.clone().ok_or(wrong("issuerAuth"))?;
        let chain = auth.chain.clone().ok_or(ParseError::Chain(None))?;
        Ok(Self {
            namespaces: match item.get("nameSpaces") {
                None => Vec::new(),
                Some(item) => namespaces(item)?,
            },
            mso: SecurityObject::read(&payload)?,
            auth_raw: auth_item.raw.to_vec(),
            payload,
            auth,
            chain,
        })
    }

    /// What the issuer signed.
    pub fn security_object(&self) -> &SecurityObject {
        &self.mso
    }

    /// The certificates, leaf first.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// What the issuer signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.auth.algorithm
    }

    /// All elements as claims: namespace, element, value.
    pub fn claims(&self) -> Map<String, Value> {
        let namespace = |namespace: &Namespace| {
            let element = |element: &Element| (element.name.clone(), element.value.clone());
            let elements: Map<String, Value> = namespace.elements.iter().map(element).collect();
            (namespace.name.clone(), Value::Object(elements))
        };
        self.namespaces.iter().map(namespace).collect()
    }

    pub(super) fn value(&self, namespace: &str, element: &str) -> Option<&Value> {
        let mut namespaces = self.namespaces.iter();
        let namespace = namespaces.find(|known| known.name == namespace)?;
        let mut elements = namespace.elements.iter();
        elements
            .find(|known| known.name == element)
            .map(|known| &known.value)
    }

    /// Only the elements that these paths touch. A path may be a namespace, an element, or
    /// point into one, which shows all of it; what it points at must be there.
    pub fn select(&self, paths: &[ClaimPath]) -> Result<Self, PresentError> {
        let claims = Value::Object(self.claims());
        let mut chosen = BTreeSet::new();
        for path in paths {
            let found = path
                .select(&claims)
                .map_err(|_| PresentError::NoSuchElement)?;
            for (at, _) in &found {
                let mut names = at.segments().iter().map(|segment| match segment {
                    Segment::Name(name) => Some(name.clone()),
                    Segment::Index(_) | Segment::All => None,
                });
                let namespace = names.next().flatten();
                let namespace = namespace.ok_or(PresentError::NoSuchElement)?;
                chosen.insert((namespace, names.next().flatten()));
            }
        }
        let wanted = |namespace: &str, element: &str| {
            chosen.contains(&(namespace.to_owned(), Some(element.to_owned())))
                || chosen.contains(&(namespace.to_owned(), None))
        };
        let mut selected = self.clone();
        for namespace in &mut selected.namespaces {
            let name = namespace.name.clone();
            namespace
                .elements
                .retain(|element| wanted(&name, &element.name));
        }
        selected
            .namespaces
            .retain(|namespace| !namespace.elements.is_empty());
        Ok(selected)
    }

    /// The paths of all claims, parents first.
    pub fn paths(&self) -> Vec<ClaimPath> {
        self.walk(|_, _| true)
    }

    /// The paths of what is not made of others: what somebody learns who sees this.
    pub fn leaves(&self) -> Vec<ClaimPath> {
        self.walk(|_, leaf| leaf)
    }

    fn walk(&self, keep: impl Fn(&[Segment], bool) -> bool + Copy) -> Vec<ClaimPath> {
        let mut found = Vec::new();
        for (name, value) in self.claims() {
            descend(&mut vec![Segment::Name(name)], &value, keep, &mut found);
        }
        found
    }

    /// The encoding: elements and issuer's signature byte for byte as they came.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        if self.namespaces.is_empty() {
            writer = writer.map(1);
        } else {
            writer = writer.map(2).text("nameSpaces").map(self.namespaces.len());
            for namespace in &self.namespaces {
                writer = writer.text(&namespace.name).array(namespace.elements.len());
                for element in &namespace.elements {
                    writer = writer.raw(&element.raw);
                }
            }
        }
        writer.text("issuerAuth").raw(&self.auth_raw).into_bytes()
    }
}

fn descend(
    at: &mut Vec<Segment>,
    value: &Value,
    keep: impl Fn(&[Segment], bool) -> bool + Copy,
    found: &mut Vec<ClaimPath>,
) {
    let leaf = match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    };
    if keep(at, leaf)
        && let Ok(path) = ClaimPath::new(at.clone())
    {
        found.push(path);
    }
    let mut below = |segment, value| {
        at.push(segment);
        descend(at, value, keep, found);
        at.pop();
    };
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| below(Segment::Name(name.clone()), value)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| below(Segment::Index(index), value)),
        _ => {}
    }
}

fn namespaces(item: &Item<'_>) -> Result<Vec<Namespace>, ParseError> {
    let mut total = 0_usize;
    let mut namespaces = Vec::new();
    for (name, items) in item.as_map().ok_or(wrong("nameSpaces"))? {
        let name = short(name.as_text().ok_or(wrong("nameSpaces"))?)?;
        let items = items.as_array().ok_or(wrong("nameSpaces"))?;
        total = total.saturating_add(items.len());
        if total > MAX_ELEMENTS {
            return Err(ParseError::TooManyElements {
                limit: MAX_ELEMENTS,
            });
        }
        let mut elements: Vec<Element> = Vec::with_capacity(items.len());
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for item in items {
            let element = element(item)?;
            if !ids.insert(element.digest_id) {
                return Err(ParseError::RepeatedDigestId);
            }
            if !names.insert(element.name.clone()) {
                return Err(ParseError::RepeatedElement);
            }
            elements.push(element);
        }
        namespaces.push(Namespace { name, elements });
    }
    Ok(namespaces)
}

/// Reads `#6.24(bstr .cbor IssuerSignedItem)`.
fn element(item: &Item<'_>) -> Result<Element, ParseError> {
    let content = parse(item.embedded().ok_or(wrong("IssuerSignedItemBytes"))?)?;
    let digest_id = content.get("digestID").and_then(Item::as_u64);
    let random = content.get("random").and_then(Item::as_bytes);
    if random.ok_or(wrong("random"))?.len() < MIN_RANDOM {
        return Err(ParseError::ShortRandom);
    }
    let name = content.get("elementIdentifier").and_then(Item::as_text);
    let value = content.get("elementValue").ok_or(wrong("elementValue"))?;
    Ok(Element {
        raw: item.raw.to_vec(),
        digest_id: digest_id.ok_or(wrong("digestID"))?,
        name: short(name.ok_or(wrong("elementIdentifier"))?)?,
        value: to_json(value).ok_or(wrong("elementValue"))?,
    })
}
