//! DIDs: `did:key` by its [`multikey`], `did:jwk` by `ssi`, `did:web` as a URL and a document (DID
//! Core 1.0).
//!
//! P-256, Ed25519 and, for BBS, BLS12-381 in G2. A key is handed out for one verification
//! relationship: a key that a document lists for authentication does not sign credentials.
//!
//! One key has one `did:key`: base58btc is the only base that is read. `ssi` 0.16 resolves a
//! `did:jwk` whose point is not on the curve, which is refused after it: see the tests.

pub mod multikey;

use futures_util::FutureExt as _;
use keys::{Algorithm, KeyError, PublicKey, json};
use serde_json::{Map, Value};
use ssi::dids::{DID, DIDBuf, DIDJWK, DIDResolver};
use url::{Host, Url};

/// The longest DID or DID URL, in bytes.
pub const MAX_DID: usize = 2048;
/// The longest DID document, in bytes.
pub const MAX_DOCUMENT: usize = 128 * 1024;
/// The most verification methods that a document may list.
pub const MAX_METHODS: usize = 64;

/// Why a DID, its document or a key in it was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DidError {
    /// Not a DID.
    #[error("not a DID")]
    Malformed,
    /// Another method than `key`, `jwk` and `web`.
    #[error("the DID method is not supported")]
    Method,
    /// A `did:key` or `did:jwk` whose identifier holds no usable key.
    #[error("the DID holds no usable key")]
    NoKeyInside,
    /// A `did:web` that names no host, or one that may not be used.
    #[error("the `did:web` names no usable host")]
    WebHost,
    /// The document is not acceptable JSON, or a member has the wrong shape.
    #[error("the DID document is malformed")]
    Document,
    /// The document belongs to another DID.
    #[error("the DID document is about another DID")]
    OtherSubject,
    /// No verification method of this name.
    #[error("the DID document has no such key")]
    NoSuchKey,
    /// The key is there, but not for this use.
    #[error("the DID document does not allow the key for this use")]
    NotForThis,
    /// No fragment names a key and there is not exactly one that may serve.
    #[error("the DID URL does not say which key")]
    Ambiguous,
    /// The key itself was refused.
    #[error("the key in the DID document is not usable")]
    Key(#[from] KeyError),
}

/// What a key is for (DID Core §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relationship {
    /// `assertionMethod`: signing credentials.
    Assertion,
    /// `authentication`: proving control of the DID, signing requests.
    Authentication,
}

impl Relationship {
    fn member(self) -> &'static str {
        match self {
            Self::Assertion => "assertionMethod",
            Self::Authentication => "authentication",
        }
    }
}

/// A DID URL without its fragment, and the fragment.
pub fn split_url(url: &str) -> (&str, Option<&str>) {
    match url.split_once('#') {
        Some((did, fragment)) => (did, Some(fragment)),
        None => (url, None),
    }
}

/// The method name of a DID: `key` of `did:key:z6Mk…`.
pub fn method(did: &str) -> Option<&str> {
    if did.len() > MAX_DID {
        return None;
    }
    DID::new(did).ok().map(DID::method_name)
}

/// The `did:key` of a key. Every kind has one; `Result` is what the other methods give.
pub fn derive_did_key(key: &PublicKey) -> Result<String, DidError> {
    Ok(format!("did:key:{}", multikey::write(key)))
}

/// The DID URL by which a `did:key` names its own key.
pub fn derive_did_key_url(key: &PublicKey) -> Result<String, DidError> {
    let multikey = multikey::write(key);
    Ok(format!("did:key:{multikey}#{multikey}"))
}

/// The `did:jwk` of a key.
pub fn derive_did_jwk(key: &PublicKey) -> Result<String, DidError> {
    Ok(DIDJWK::generate(&jwk(key)?).into_string())
}

/// The DID URL by which a `did:jwk` names its own key: the DID and `#0`.
pub fn derive_did_jwk_url(key: &PublicKey) -> Result<String, DidError> {
    Ok(DIDJWK::generate_url(&jwk(key)?).into_string())
}

fn jwk(key: &PublicKey) -> Result<ssi::JWK, DidError> {
    serde_json::from_value(key.to_jwk()).map_err(|_| DidError::NoKeyInside)
}

/// The document of a `did:key` or `did:jwk`: it needs no network.
pub fn resolve_self_contained(did: &str) -> Result<Document, DidError> {
    match method(did).ok_or(DidError::Malformed)? {
        "key" => resolve_did_key(did),
        "jwk" => resolve_by_ssi(DIDJWK, did),
        _ => Err(DidError::Method),
    }
}

/// The document of a `did:key` (did:key v0.7 §3.1), without keys for agreement.
fn resolve_did_key(did: &str) -> Result<Document, DidError> {
    let id = did.strip_prefix("did:key:").ok_or(DidError::Malformed)?;
    let key = multikey::parse(id).map_err(|_| DidError::NoKeyInside)?;
    let url = format!("{did}#{id}");
    let uses: &[Relationship] = match key {
        // It signs lists of messages, and answers no challenge by itself.
        PublicKey::Bls12381G2(_) => &[Relationship::Assertion],
        _ => &[Relationship::Assertion, Relationship::Authentication],
    };
    let uses = uses.iter().map(|relationship| (*relationship, url.clone()));
    Ok(Document {
        did: did.to_owned(),
        uses: uses.collect(),
        methods: vec![(url, Ok(key))],
    })
}

fn resolve_by_ssi(resolver: impl DIDResolver, did: &str) -> Result<Document, DidError> {
    let parsed = DIDBuf::from_string(did.to_owned()).map_err(|_| DidError::Malformed)?;
    let mut options = ssi::dids::resolution::Options::default();
    options.parameters.public_key_format = Some("JsonWebKey2020".to_owned());
    // The method answers at once; a resolver that waited would be a fault.
    let output = resolver
        .resolve_representation(&parsed, options)
        .now_or_never()
        .ok_or(DidError::Method)?
        .map_err(|_| DidError::NoKeyInside)?;
    Document::parse(&output.document, did)
}

/// The URL of a `did:web`'s document (did:web §3.2).
///
/// Hosts are names, with `https`. The one exception serves the demo: loopback hosts, by
/// `http`; whether loopback may be asked at all is for the HTTP client to decide.
pub fn web_url(did: &str) -> Result<Url, DidError> {
    if method(did) != Some("web") {
        return Err(DidError::Method);
    }
    let id = did.strip_prefix("did:web:").ok_or(DidError::Malformed)?;
    let mut parts = id.split(':');
    let authority = parts.next().unwrap_or_default();
    let authority = authority.replace("%3A", ":").replace("%3a", ":");
    let plain = |text: &str| {
        !text.is_empty()
            && text != "."
            && text != ".."
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (
            host,
            Some(port.parse::<u16>().map_err(|_| DidError::WebHost)?),
        ),
        None => (authority.as_str(), None),
    };
    if !plain(host) {
        return Err(DidError::WebHost);
    }
    let mut path = Vec::new();
    for part in parts {
        if !plain(part) {
            return Err(DidError::Malformed);
        }
        path.push(part);
    }
    let path = match path.is_empty() {
        true => ".well-known".to_owned(),
        false => path.join("/"),
    };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let url = Url::parse(&format!("https://{host}{port}/{path}/did.json"))
        .map_err(|_| DidError::WebHost)?;
    match url.host() {
        Some(host) if is_loopback(&host) => {
            Url::parse(&format!("http://{host}{port}/{path}/did.json"))
                .map_err(|_| DidError::WebHost)
        }
        Some(Host::Domain(_)) => Ok(url),
        _ => Err(DidError::WebHost),
    }
}

/// True for `localhost`, 127.0.0.0/8 and ::1.
pub(crate) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// A DID document: its verification methods and what each is for.
#[derive(Clone, Debug)]
pub struct Document {
    did: String,
    methods: Vec<(String, Result<PublicKey, KeyError>)>,
    uses: Vec<(Relationship, String)>,
}

impl Document {
    /// Reads a document that was fetched for `did`. Methods of unknown types or keys are kept
    /// by name, so that asking for one says why it cannot be used.
    pub fn parse(bytes: &[u8], did: &str) -> Result<Self, DidError> {
        let Ok(Value::Object(object)) = json::parse_bounded(bytes, MAX_DOCUMENT) else {
            return Err(DidError::Document);
        };
        if object.get("id").and_then(Value::as_str) != Some(did) {
            return Err(DidError::OtherSubject);
        }
        let mut document = Self {
            did: did.to_owned(),
            methods: Vec::new(),
            uses: Vec::new(),
        };
        for method in list(&object, "verificationMethod")? {
            document.add_method(method)?;
        }
        for relationship in [Relationship::Assertion, Relationship::Authentication] {
            for entry in list(&object, relationship.member())? {
                let id = match entry {
                    Value::String(reference) => document.absolute(reference),
                    method => document.add_method(method)?,
                };
                if document.uses.len() >= MAX_METHODS.saturating_mul(2) {
                    return Err(DidError::Document);
                }
                document.uses.push((relationship, id));
            }
        }
        Ok(document)
    }

    /// The DID that this document is about.
    pub fn did(&self) -> &str {
        &self.did
    }

    /// The key that `url` names, if it may serve for this. Without a fragment there must be
    /// exactly one that may.
    pub fn key(&self, url: &str, relationship: Relationship) -> Result<PublicKey, DidError> {
        let url = self.absolute(url);
        let (did, fragment) = split_url(&url);
        if did != self.did {
            return Err(DidError::OtherSubject);
        }
        let mut allowed = self
            .uses
            .iter()
            .filter(|(use_for, _)| *use_for == relationship)
            .map(|(_, id)| id.as_str());
        let id = if fragment.is_some() {
            let known = self.methods.iter().any(|(id, _)| *id == url);
            match (known, allowed.any(|id| id == url)) {
                (false, _) => return Err(DidError::NoSuchKey),
                (true, false) => return Err(DidError::NotForThis),
                (true, true) => url.as_str(),
            }
        } else {
            match (allowed.next(), allowed.next()) {
                (Some(only), None) => only,
                _ => return Err(DidError::Ambiguous),
            }
        };
        let (_, key) = self
            .methods
            .iter()
            .find(|(name, _)| name == id)
            .ok_or(DidError::NoSuchKey)?;
        Ok(key.clone()?)
    }

    /// As [`Self::key`]; without a fragment, exactly one key *of this algorithm* is enough. A body
    /// that takes a BBS key beside its signing key need not rename what it has issued.
    pub fn key_for(
        &self,
        url: &str,
        relationship: Relationship,
        algorithm: Algorithm,
    ) -> Result<PublicKey, DidError> {
        if url == self.did {
            let keys = self.keys(relationship).map(|(_, key)| key);
            let mut keys = keys.filter(|key| key.algorithm() == algorithm);
            // One key may stand there in two notations.
            if let Some(only) = keys.next()
                && keys.all(|other| other == only)
            {
                return Ok(only.clone());
            }
        }
        self.key(url, relationship)
    }

    /// All keys that may serve for this, but for those that cannot be used.
    pub fn keys(&self, relationship: Relationship) -> impl Iterator<Item = (&str, &PublicKey)> {
        self.methods.iter().filter_map(move |(id, key)| {
            let mut uses = self.uses.iter();
            let allowed = uses.any(|(use_for, used)| *use_for == relationship && used == id);
            let key = key.as_ref().ok().filter(|_| allowed)?;
            Some((id.as_str(), key))
        })
    }

    fn add_method(&mut self, method: &Value) -> Result<String, DidError> {
        let object = method.as_object().ok_or(DidError::Document)?;
        let id = object
            .get("id")
            .and_then(Value::as_str)
            .ok_or(DidError::Document)?;
        let id = self.absolute(id);
        if self.methods.len() >= MAX_METHODS || self.methods.iter().any(|(known, _)| *known == id) {
            return Err(DidError::Document);
        }
        self.methods.push((id.clone(), method_key(object)));
        Ok(id)
    }

    /// References may be relative to the document (DID Core §3.2.2).
    fn absolute(&self, reference: &str) -> String {
        if reference.starts_with('#') {
            format!("{}{reference}", self.did)
        } else {
            reference.to_owned()
        }
    }
}

fn list<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], DidError> {
    match object.get(name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(DidError::Document),
    }
}

/// `publicKeyJwk`, or `publicKeyMultibase` of the types that prefix a multicodec.
fn method_key(method: &Map<String, Value>) -> Result<PublicKey, KeyError> {
    let multibase = method.get("publicKeyMultibase").and_then(Value::as_str);
    match (method.get("publicKeyJwk"), multibase) {
        (Some(jwk), None) => PublicKey::from_jwk(jwk),
        (None, Some(text)) => multikey::parse(text),
        _ => Err(KeyError::UnsupportedKey),
    }
}

#[cfg(test)]
mod tests;
