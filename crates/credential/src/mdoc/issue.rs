use std::collections::{BTreeMap, BTreeSet};

use ciborium::value::Value as Cbor;
use keys::x509::Certificate;
use keys::{PublicKey, SigningKey};
use rand::RngCore as _;
use rand::rngs::OsRng;
use rand::seq::SliceRandom as _;

use super::cbor::{Writer, encode};
use super::cose::sign1;
use super::mso::{Authorizations, DigestAlgorithm, SecurityObject, Validity};
use super::{IssueError, MAX_BYTES, MAX_ELEMENTS};

/// The random of an element, in bytes; the standard asks for 16.
const RANDOM: usize = 32;

/// An mdoc to be issued.
pub struct Template<'a> {
    /// The document type.
    pub doc_type: &'a str,
    /// The elements by their namespaces.
    pub namespaces: &'a [(String, Vec<(String, Cbor)>)],
    /// The key of the device that it is bound to: P-256, P-384 or Ed25519.
    pub device_key: &'a PublicKey,
    /// The digest algorithm.
    pub digest_algorithm: DigestAlgorithm,
    /// The dates.
    pub validity: Validity,
    /// The place in a token status list: its URI and the index.
    pub status: Option<(&'a str, u64)>,
}

impl Template<'_> {
    /// Signs `IssuerSigned`; each call makes new randoms and digest ids. The ids are shuffled,
    /// so that an id says nothing about its element. `chain` is leaf first, without the root.
    pub fn issue(&self, chain: &[Certificate], key: &SigningKey) -> Result<Vec<u8>, IssueError> {
        let leaf = chain.first().ok_or(IssueError::Chain)?;
        if *leaf.public_key() != key.public() {
            return Err(IssueError::Chain);
        }
        let validity = self.validity;
        if validity.from < validity.signed || validity.until <= validity.from {
            return Err(IssueError::Dates);
        }
        if !leaf.is_valid_at(validity.signed) {
            return Err(IssueError::SignedOutsideCertificate);
        }
        self.check_names()?;
        let mut digests = BTreeMap::new();
        let mut namespaces = Writer::new().map(self.namespaces.len());
        for (namespace, elements) in self.namespaces {
            let mut ids: Vec<usize> = (0..elements.len()).collect();
            ids.shuffle(&mut OsRng);
            let mut of_namespace = BTreeMap::new();
            namespaces = namespaces.text(namespace).array(elements.len());
            for ((name, value), id) in elements.iter().zip(ids) {
                let item = make_item(id, name, value);
                let digest = self.digest_algorithm.derive_digest(&item);
                of_namespace.insert(id as u64, digest);
                namespaces = namespaces.raw(&item);
            }
            digests.insert(namespace.clone(), of_namespace);
        }
        let mso = SecurityObject {
            digest_algorithm: self.digest_algorithm,
            digests,
            device_key: self.device_key.clone(),
            authorizations: Authorizations::default(),
            doc_type: self.doc_type.to_owned(),
            validity,
            status: self.status.map(|(uri, index)| (uri.to_owned(), index)),
        };
        if super::cose::cose_key(self.device_key).is_none() {
            return Err(IssueError::DeviceKey);
        }
        let payload = mso.to_bytes().ok_or(IssueError::Dates)?;
        let auth = sign1(key, payload, false, chain).ok_or(IssueError::Chain)?;
        let bytes = Writer::new()
            .map(2)
            .text("nameSpaces")
            .raw(&namespaces.into_bytes())
            .text("issuerAuth")
            .raw(&auth)
            .into_bytes();
        if bytes.len() > MAX_BYTES {
            return Err(IssueError::TooLarge);
        }
        Ok(bytes)
    }

    fn check_names(&self) -> Result<(), IssueError> {
        let mut seen = BTreeSet::new();
        let mut count = 0_usize;
        let too_long = |name: &str| name.len() > query::MAX_NAME;
        for (namespace, elements) in self.namespaces {
            if !seen.insert((namespace.as_str(), None)) {
                return Err(IssueError::Repeated);
            }
            for (name, _) in elements {
                if !seen.insert((namespace.as_str(), Some(name.as_str()))) {
                    return Err(IssueError::Repeated);
                }
                if too_long(name) {
                    return Err(IssueError::TooLarge);
                }
            }
            count = count.saturating_add(elements.len());
            if too_long(namespace) || count > MAX_ELEMENTS {
                return Err(IssueError::TooLarge);
            }
        }
        if too_long(self.doc_type) {
            return Err(IssueError::TooLarge);
        }
        Ok(())
    }
}

/// `#6.24(bstr .cbor IssuerSignedItem)` with a fresh random.
fn make_item(id: usize, name: &str, value: &Cbor) -> Vec<u8> {
    let mut random = [0_u8; RANDOM];
    OsRng.fill_bytes(&mut random);
    let item = Writer::new()
        .map(4)
        .text("digestID")
        .unsigned(id)
        .text("random")
        .bytes(&random)
        .text("elementIdentifier")
        .text(name)
        .text("elementValue")
        .raw(&encode(value))
        .into_bytes();
    Writer::new().embed(&item).into_bytes()
}
