//! The issuer's metadata (OpenID4VCI 1.0 §12.2).

use keys::Algorithm;
use net::Http;
use serde_json::Value;
use url::Url;

use super::error::{InDocument as _, ResolveError, Unsupported};
use crate::fetch::Document;
use crate::members::{self, BadMember, Object, shown};

const DOCUMENT: Document = Document::IssuerMetadata;
const MAX_CONFIGURATIONS: usize = 1000;
const MAX_DISPLAYS: usize = 64;
const MAX_SERVERS: usize = 8;
const MAX_LIST: usize = 64;
const MAX_NAME: usize = 256;

/// How an issuer or a card is shown, in one language. Texts are cleaned of control
/// characters and cut; nothing that they point to is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Display {
    /// The name.
    pub name: String,
    /// BCP 47 tag of the language.
    pub locale: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// `#rrggbb`.
    pub background_color: Option<String>,
    /// `#rrggbb`.
    pub text_color: Option<String>,
}

/// How a proof names the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// `jwk` in the proof's header.
    Jwk,
    /// `kid` with the `did:key` of the key.
    DidKey,
    /// `kid` with the `did:jwk` of the key.
    DidJwk,
}

/// A card that an issuer describes and this wallet can take.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The issuer's name for it.
    pub id: String,
    /// The credential format, `dc+sd-jwt`.
    pub format: String,
    /// The type.
    pub vct: String,
    /// How it is shown.
    pub display: Vec<Display>,
    /// How the proof names the key.
    pub binding: Binding,
}

/// What of an issuer's metadata the wallet needs.
#[derive(Clone, Debug)]
pub struct IssuerMetadata {
    /// How the issuer shows itself.
    pub display: Vec<Display>,
    /// The most copies of one request; 1 where the issuer does not say.
    pub batch_size: usize,
    pub(crate) authorization_servers: Vec<String>,
    pub(crate) credential_endpoint: Url,
    pub(crate) nonce_endpoint: Option<Url>,
    pub(crate) notification_endpoint: Option<Url>,
    response_encryption: bool,
    configurations: Object,
}

impl IssuerMetadata {
    /// Reads the metadata of `issuer`. Every endpoint must be one that `http` would ask, so
    /// that nothing is found out only when the code is spent.
    pub fn read(object: &Object, issuer: &str, http: &dyn Http) -> Result<Self, ResolveError> {
        if members::needed(object, "credential_issuer", net::MAX_URL).within(DOCUMENT)? != issuer {
            return Err(ResolveError::OtherIssuer);
        }
        let configurations = members::object(object, "credential_configurations_supported")
            .and_then(|found| {
                found
                    .filter(|found| found.len() <= MAX_CONFIGURATIONS)
                    .ok_or(BadMember("credential_configurations_supported"))
            })
            .within(DOCUMENT)?;
        Ok(Self {
            display: displays(object.get("display")).within(DOCUMENT)?,
            batch_size: batch_size(object).within(DOCUMENT)?,
            authorization_servers: members::texts(
                object,
                "authorization_servers",
                MAX_SERVERS,
                net::MAX_URL,
            )
            .within(DOCUMENT)?
            .unwrap_or_default(),
            credential_endpoint: endpoint(object, DOCUMENT, "credential_endpoint", http)?.ok_or(
                ResolveError::Member {
                    document: DOCUMENT,
                    member: "credential_endpoint",
                },
            )?,
            nonce_endpoint: endpoint(object, DOCUMENT, "nonce_endpoint", http)?,
            notification_endpoint: endpoint(object, DOCUMENT, "notification_endpoint", http)?,
            response_encryption: members::object(object, "credential_response_encryption")
                .and_then(|found| {
                    found.map_or(Ok(false), |found| {
                        members::flag(found, "encryption_required")
                    })
                })
                .within(DOCUMENT)?,
            configurations: configurations.clone(),
        })
    }

    /// The configuration of this id: one that can be taken, or why it cannot.
    pub fn configuration(
        &self,
        id: &str,
    ) -> Result<Result<Configuration, Unsupported>, ResolveError> {
        let object = match self.configurations.get(id) {
            Some(Value::Object(object)) => object,
            Some(_) => {
                return Err(ResolveError::Member {
                    document: DOCUMENT,
                    member: "credential_configurations_supported",
                });
            }
            None => return Err(ResolveError::UnknownConfiguration),
        };
        if self.response_encryption {
            return Ok(Err(Unsupported::ResponseEncryption));
        }
        configuration(id, object).within(DOCUMENT)
    }
}

fn configuration(
    id: &str,
    object: &Object,
) -> Result<Result<Configuration, Unsupported>, BadMember> {
    let format = members::needed(object, "format", MAX_NAME)?;
    if format != credential::sd_jwt::FORMAT {
        return Ok(Err(Unsupported::Format(shown(format, 40))));
    }
    let vct = members::needed(object, "vct", net::MAX_URL)?.to_owned();
    let methods = members::texts(
        object,
        "cryptographic_binding_methods_supported",
        MAX_LIST,
        MAX_NAME,
    )?;
    let Some(binding) = binding(methods.as_deref()) else {
        return Ok(Err(Unsupported::BindingMethod));
    };
    if let Some(types) = members::object(object, "proof_types_supported")? {
        let Some(jwt) = members::object(types, "jwt")? else {
            return Ok(Err(Unsupported::ProofType));
        };
        let algorithms = members::texts(
            jwt,
            "proof_signing_alg_values_supported",
            MAX_LIST,
            MAX_NAME,
        )?;
        let ours = Algorithm::Es256.name();
        if algorithms.is_some_and(|list| !list.iter().any(|name| name == ours)) {
            return Ok(Err(Unsupported::ProofAlgorithm));
        }
        if jwt.contains_key("key_attestations_required") {
            return Ok(Err(Unsupported::KeyAttestation));
        }
    }
    let metadata = members::object(object, "credential_metadata")?;
    // Drafts had `display` one level up.
    let display = metadata
        .and_then(|metadata| metadata.get("display"))
        .or_else(|| object.get("display"));
    Ok(Ok(Configuration {
        id: id.to_owned(),
        format: format.to_owned(),
        vct,
        display: displays(display)?,
        binding,
    }))
}

/// A DID method where the issuer lists one, else `jwk`.
fn binding(methods: Option<&[String]>) -> Option<Binding> {
    let Some(methods) = methods else {
        return Some(Binding::Jwk);
    };
    let did = methods.iter().find_map(|method| match method.as_str() {
        "did:jwk" => Some(Binding::DidJwk),
        "did:key" => Some(Binding::DidKey),
        _ => None,
    });
    did.or_else(|| {
        methods
            .iter()
            .any(|method| method == "jwk")
            .then_some(Binding::Jwk)
    })
}

fn batch_size(object: &Object) -> Result<usize, BadMember> {
    let Some(batch) = members::object(object, "batch_credential_issuance")? else {
        return Ok(1);
    };
    batch
        .get("batch_size")
        .and_then(Value::as_u64)
        .filter(|size| *size >= 1)
        .map(|size| usize::try_from(size).unwrap_or(usize::MAX))
        .ok_or(BadMember("batch_size"))
}

/// An endpoint that `http` would ask.
pub(crate) fn endpoint(
    object: &Object,
    document: Document,
    member: &'static str,
    http: &dyn Http,
) -> Result<Option<Url>, ResolveError> {
    let Some(text) = members::text(object, member, net::MAX_URL).within(document)? else {
        return Ok(None);
    };
    let url: Url = text
        .parse()
        .map_err(|_| ResolveError::Member { document, member })?;
    http.allows(&url)
        .map_err(|source| ResolveError::Forbidden {
            document,
            member,
            source,
        })?;
    Ok(Some(url))
}

/// Display entries. One without a name is left out, as are colours that are none.
fn displays(value: Option<&Value>) -> Result<Vec<Display>, BadMember> {
    let items = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() <= MAX_DISPLAYS => items,
        Some(_) => return Err(BadMember("display")),
    };
    let mut displays = Vec::new();
    for item in items {
        let object = item.as_object().ok_or(BadMember("display"))?;
        let text = |name: &str, max| {
            let text = object.get(name).and_then(Value::as_str)?;
            Some(shown(text, max)).filter(|text| !text.is_empty())
        };
        let Some(name) = text("name", 120) else {
            continue;
        };
        displays.push(Display {
            name,
            locale: text("locale", 35),
            description: text("description", 500),
            background_color: text("background_color", 7).filter(|text| is_colour(text)),
            text_color: text("text_color", 7).filter(|text| is_colour(text)),
        });
    }
    Ok(displays)
}

/// `#rrggbb` and nothing else: it ends up in a style sheet.
fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
