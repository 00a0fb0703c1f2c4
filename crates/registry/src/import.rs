//! Where keys are imported from: files, certificates, DIDs, an issuer's metadata.
//!
//! The tool holds an issuer's secret key only when the file given has it. Otherwise the event
//! says that the registrar, not the key, vouches for who holds it (`docs/decisions`).

use credential::did::{self, Document, Relationship};
use keys::{PublicKey, b64, json};
use ledger::event::{ATTESTED, ControlKey, KeyEntry};
use ledger::possession;
use net::{Client, Http, Policy, Request};
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::args::{IssuerKeySource, KeySource};
use crate::custody::{self, FileKey, FileSecret};
use crate::failure::Failure;

/// Keys that one metadata document may bring.
const MAX_KEYS: usize = 16;
const MAX_ANSWER: usize = 256 * 1024;

/// For whom keys are imported.
pub(crate) struct Registration<'r> {
    pub(crate) body: &'r str,
    pub(crate) ledger: &'r str,
    /// A demo ledger: plain HTTP on loopback may be read, whoever names it.
    pub(crate) demo: bool,
}

/// Control keys from a file.
pub(crate) fn control_keys(
    file: Option<&std::path::PathBuf>,
    registration: &Registration<'_>,
) -> Result<Vec<ControlKey>, Failure> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let keys = custody::read_keys(file)?;
    keys.iter()
        .map(|key| {
            Ok(ControlKey {
                jwk: key.public.to_jwk(),
                possession: possession_of(key, registration)?,
            })
        })
        .collect()
}

/// Issuing keys as the command line names them.
pub(crate) async fn issuer_keys(
    source: &IssuerKeySource,
    registration: &Registration<'_>,
) -> Result<Vec<KeyEntry>, Failure> {
    if let Some(url) = &source.metadata {
        return from_metadata(url, registration).await;
    }
    let mut entries = keys(&source.key, registration, Relationship::Assertion).await?;
    if source.ca {
        for entry in &mut entries {
            entry.ca = true;
            entry.san.clone_from(&source.san);
        }
    }
    Ok(entries)
}

/// A service's keys. A certificate that is a CA, and not itself the one that the client id
/// names, is a root.
pub(crate) async fn service_keys(
    source: &KeySource,
    registration: &Registration<'_>,
) -> Result<Vec<KeyEntry>, Failure> {
    let mut entries = keys(source, registration, Relationship::Authentication).await?;
    if let Some(file) = &source.x509 {
        let certificate = custody::read_certificate(file)?;
        let id = registration.body;
        let named = if let Some(name) = id.strip_prefix("x509_san_dns:") {
            certificate.san_dns().contains(&name.to_ascii_lowercase())
        } else if let Some(hash) = id.strip_prefix("x509_hash:") {
            b64::encode(certificate.sha256()) == hash
        } else {
            false
        };
        for entry in &mut entries {
            entry.ca = certificate.is_ca() && !named;
        }
    }
    Ok(entries)
}

/// Keys by DID, file or certificate; none where none is named.
pub(crate) async fn keys(
    source: &KeySource,
    registration: &Registration<'_>,
    relationship: Relationship,
) -> Result<Vec<KeyEntry>, Failure> {
    let named = [
        source.did.is_some(),
        source.jwk.is_some(),
        source.x509.is_some(),
    ];
    if named.iter().filter(|named| **named).count() > 1 {
        return Err(Failure::failed(
            "usage",
            "name one of --did, --jwk and --x509",
        ));
    }
    if let Some(did) = &source.did {
        let keys = resolve_did(did, registration.demo, relationship).await?;
        let source = Some(did.clone());
        return Ok(keys
            .iter()
            .map(|key| KeyEntry {
                source: source.clone(),
                ..entry(key)
            })
            .collect());
    }
    if let Some(file) = &source.jwk {
        let keys = custody::read_keys(file)?;
        return keys
            .iter()
            .map(|key| {
                Ok(KeyEntry {
                    possession: possession_of(key, registration)?,
                    ..entry(&key.public)
                })
            })
            .collect();
    }
    if let Some(file) = &source.x509 {
        let certificate = custody::read_certificate(file)?;
        return Ok(vec![KeyEntry {
            jwk: None,
            x509: Some(certificate.to_x5c()),
            ..entry(certificate.public_key())
        }]);
    }
    Ok(Vec::new())
}

fn entry(key: &PublicKey) -> KeyEntry {
    KeyEntry {
        jwk: Some(key.to_jwk()),
        x509: None,
        ca: false,
        san: None,
        source: None,
        possession: ATTESTED.to_owned(),
    }
}

fn possession_of(key: &FileKey, registration: &Registration<'_>) -> Result<String, Failure> {
    let (body, ledger) = (registration.body, registration.ledger);
    match &key.secret {
        None => Ok(ATTESTED.to_owned()),
        Some(FileSecret::Signing(secret)) => Ok(possession::prove(secret, body, ledger)),
        Some(FileSecret::Bbs(secret)) => possession::prove_bbs(secret, body, ledger)
            .map_err(|_| Failure::failed("key_file", "the key cannot prove its possession")),
    }
}

/// The key that the DID URL names. Without a fragment, an issuer is registered with all keys that
/// its document lists for signing credentials: one a kind of signature, say.
async fn resolve_did(
    did_url: &str,
    demo: bool,
    relationship: Relationship,
) -> Result<Vec<PublicKey>, Failure> {
    let refused =
        |error: did::DidError| Failure::refused("malformed_did", format!("{did_url}: {error}"));
    let (did, fragment) = did::split_url(did_url);
    let document = if did::method(did) == Some("web") {
        let url = did::web_url(did).map_err(refused)?;
        let body = fetch(&url, demo || is_loopback(&url))
            .await?
            .ok_or_else(|| Failure::failed("network", format!("{url} is not there")))?;
        Document::parse(&body, did).map_err(refused)?
    } else {
        did::resolve_self_contained(did).map_err(refused)?
    };
    if fragment.is_none() && relationship == Relationship::Assertion {
        let mut keys: Vec<PublicKey> = Vec::new();
        for (_, key) in document.keys(relationship) {
            // A document may list one key in two notations.
            if keys.len() <= MAX_KEYS && ledger::takes_key(key) && !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        match keys.len() {
            // None that can be used: asking for one says why.
            0 => {}
            1..=MAX_KEYS => return Ok(keys),
            _ => {
                let message = format!("{did_url}: the document lists more than {MAX_KEYS} keys");
                return Err(Failure::refused("malformed_did", message));
            }
        }
    }
    let key = document
        .key(did_url, relationship)
        .or_else(|error| match relationship {
            // Requests are signed with either kind of key in the field.
            Relationship::Authentication => document.key(did_url, Relationship::Assertion),
            Relationship::Assertion => Err(error),
        })
        .map_err(refused)?;
    if !ledger::takes_key(&key) {
        let message = format!("{did_url}: {}", custody::NOT_TAKEN);
        return Err(Failure::refused("malformed_did", message));
    }
    Ok(vec![key])
}

/// Reads an issuer's keys from its SD-JWT VC issuer metadata (`/.well-known/jwt-vc-issuer`),
/// named by any of: that document, the issuer's OpenID4VCI metadata, the issuer identifier.
async fn from_metadata(
    text: &str,
    registration: &Registration<'_>,
) -> Result<Vec<KeyEntry>, Failure> {
    let refused = |message: &str| Failure::refused("malformed_metadata", message);
    let url =
        Url::parse(text).map_err(|_| Failure::failed("usage", format!("{text:?} is not a URL")))?;
    // The operator typed the address; a document from elsewhere still cannot lead here.
    let demo = registration.demo || is_loopback(&url);
    let mut object = Map::new();
    let mut from = url.clone();
    if url.path().contains("/.well-known/") {
        object = fetch_object(&url, demo)
            .await?
            .ok_or_else(|| Failure::failed("network", format!("{url} is not there")))?;
        if let Some(issuer) = object.get("credential_issuer").and_then(Value::as_str) {
            let issuer = Url::parse(issuer)
                .map_err(|_| refused("the metadata's credential_issuer is not a URL"))?;
            if well_known(&issuer, "openid-credential-issuer")? != url {
                return Err(refused("the metadata belongs to another issuer"));
            }
            from = issuer;
            object.clear();
        }
    }
    let issuer = match object.get("issuer").and_then(Value::as_str) {
        Some(issuer) => Url::parse(issuer).map_err(|_| refused("the issuer is not a URL"))?,
        None => from,
    };
    let place = well_known(&issuer, "jwt-vc-issuer")?;
    if object.is_empty() {
        object = fetch_object(&place, demo).await?.ok_or_else(|| {
            refused(
                "the issuer publishes no /.well-known/jwt-vc-issuer: register its key with \
                     --jwk, --x509 or --did",
            )
        })?;
    } else if place != url {
        return Err(refused("the metadata belongs to another issuer"));
    }
    let stated = object.get("issuer").and_then(Value::as_str);
    if stated.and_then(|stated| Url::parse(stated).ok()).as_ref() != Some(&issuer) {
        return Err(refused("the metadata names another issuer"));
    }
    let keys = match (object.get("jwks"), object.get("jwks_uri")) {
        (Some(jwks), None) => jwks.clone(),
        (None, Some(uri)) => {
            let uri = uri
                .as_str()
                .and_then(|uri| Url::parse(uri).ok())
                .ok_or_else(|| refused("the metadata's jwks_uri is not a URL"))?;
            let set = fetch_object(&uri, demo).await?;
            Value::Object(
                set.ok_or_else(|| Failure::failed("network", format!("{uri} is not there")))?,
            )
        }
        _ => return Err(refused("the metadata must have one of jwks and jwks_uri")),
    };
    let list = keys
        .get("keys")
        .and_then(Value::as_array)
        .ok_or_else(|| refused("the issuer's key set is malformed"))?;
    if list.len() > MAX_KEYS {
        return Err(refused("the issuer publishes more than 16 keys"));
    }
    let found: Vec<KeyEntry> = list
        .iter()
        .filter(|jwk| jwk.get("use").and_then(Value::as_str) != Some("enc"))
        .filter_map(|jwk| PublicKey::from_jwk(jwk).ok().filter(ledger::takes_key))
        .map(|key| KeyEntry {
            source: Some(place.to_string()),
            ..entry(&key)
        })
        .collect();
    if found.is_empty() {
        return Err(refused(
            "the issuer publishes no key of a kind that is known here",
        ));
    }
    Ok(found)
}

/// True for an address of this computer.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// A well-known document of an issuer: between host and path (RFC 8615, OpenID4VCI §12.2.2).
fn well_known(issuer: &Url, name: &str) -> Result<Url, Failure> {
    let path = issuer.path().trim_end_matches('/');
    let mut url = issuer.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.set_path(&format!("/.well-known/{name}{path}"));
    Ok(url)
}

async fn fetch_object(url: &Url, demo: bool) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(body) = fetch(url, demo).await? else {
        return Ok(None);
    };
    json::parse_object(&body)
        .map(Some)
        .map_err(|error| Failure::refused("malformed_metadata", format!("{url}: {error}")))
}

async fn fetch(url: &Url, demo: bool) -> Result<Option<Vec<u8>>, Failure> {
    let failed = |why: String| Failure::failed("network", format!("{url}: {why}"));
    let client = Client::new(Policy { demo }).map_err(|error| failed(error.to_string()))?;
    let request = Request::get(url.clone())
        .accept("application/json")
        .limit(MAX_ANSWER);
    let response = client
        .send(request)
        .await
        .map_err(|error| failed(error.to_string()))?;
    match response.status {
        200 => Ok(Some(response.body)),
        404 | 410 => Ok(None),
        status => Err(failed(format!("answered with status {status}"))),
    }
}
