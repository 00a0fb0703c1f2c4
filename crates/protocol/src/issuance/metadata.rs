//! The issuer's metadata (OpenID4VCI 1.0 §12.2).

use credential::catalogue;
use credential::format::{self, Format};
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
const MAX_TYPES: usize = 32;
/// The type that every W3C credential has.
const ANY_W3C: &str = "VerifiableCredential";

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
#[derive(Clone)]
pub struct Configuration {
    /// The issuer's name for it.
    pub id: String,
    /// The credential format.
    pub format: &'static dyn Format,
    /// The type: `vct`, document type, or the most specific W3C type, as the catalogue calls
    /// it where it knows the term.
    pub type_id: String,
    /// Under which `vct` the type's metadata can be had, where there is one.
    pub metadata_id: Option<String>,
    /// How it is shown.
    pub display: Vec<Display>,
    /// How the proof names the key; `None` where the card is bound to no key and no proof is
    /// sent.
    pub binding: Option<Binding>,
    /// All types that the card must have, as the issuer writes them.
    types: Vec<String>,
}

impl Configuration {
    /// True for a credential with these types. A term of a JSON-LD context that is not of the
    /// catalogue fits the IRI that ends with it.
    pub fn is_type(&self, types: &[String]) -> bool {
        let fits = |wanted: &String| {
            types.iter().any(|has| {
                has == wanted
                    || catalogue::by_name(wanted).is_some_and(|entry| entry.vct == has)
                    || has.strip_suffix(wanted.as_str()).is_some_and(|start| {
                        !wanted.contains(':') && start.ends_with(['#', '/', ':'])
                    })
            })
        };
        !self.types.is_empty() && self.types.iter().all(fits)
    }
}

impl std::fmt::Debug for Configuration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Configuration({}, {})", self.id, self.type_id)
    }
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
    let name = members::needed(object, "format", MAX_NAME)?;
    let Some(format) = format::by_id(name) else {
        return Ok(Err(Unsupported::Format(shown(name, 40))));
    };
    let named = types(object)?;
    let methods = members::texts(
        object,
        "cryptographic_binding_methods_supported",
        MAX_LIST,
        MAX_NAME,
    )?;
    let proofs = members::object(object, "proof_types_supported")?;
    let binding = match (methods.as_deref(), proofs) {
        (None, None) => None,
        (methods, _) => match binding(methods, object.contains_key("doctype")) {
            Some(binding) => Some(binding),
            None => return Ok(Err(Unsupported::BindingMethod)),
        },
    };
    if let Some(types) = proofs {
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
        format,
        type_id: named.type_id,
        metadata_id: named.metadata_id,
        display: displays(display)?,
        binding,
        types: named.types,
    }))
}

struct Types {
    type_id: String,
    metadata_id: Option<String>,
    types: Vec<String>,
}

/// The type by the member that the format has for it (appendix A): `vct`, `doctype`, or
/// `credential_definition`.
fn types(object: &Object) -> Result<Types, BadMember> {
    let one = |type_id: &str, metadata_id: Option<&str>| Types {
        type_id: type_id.to_owned(),
        metadata_id: metadata_id.map(str::to_owned),
        types: vec![type_id.to_owned()],
    };
    let in_catalogue = |id: &str| catalogue::by_type_id(id).map(|entry| entry.vct);
    if let Some(doctype) = members::text(object, "doctype", MAX_NAME)? {
        return Ok(one(doctype, in_catalogue(doctype)));
    }
    let Some(definition) = members::object(object, "credential_definition")? else {
        let vct = members::needed(object, "vct", net::MAX_URL)?;
        return Ok(one(vct, Some(vct)));
    };
    let mut types = members::texts(definition, "type", MAX_TYPES, net::MAX_URL)?
        .ok_or(BadMember("credential_definition"))?;
    types.retain(|name| name != ANY_W3C);
    // The most specific is the last by custom; one of the catalogue is known to be.
    let known = types
        .iter()
        .find_map(|name| catalogue::by_name(name).or_else(|| catalogue::by_vct(name)));
    let type_id = match (known, types.last()) {
        (Some(entry), _) => entry.vct.to_owned(),
        (None, Some(last)) => last.clone(),
        (None, None) => return Err(BadMember("credential_definition")),
    };
    Ok(Types {
        type_id,
        metadata_id: known.map(|entry| entry.vct.to_owned()),
        types,
    })
}

/// A DID method where the issuer lists one, else `jwk`, and for an mdoc the key as such.
fn binding(methods: Option<&[String]>, mdoc: bool) -> Option<Binding> {
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
            .any(|method| method == "jwk" || (mdoc && method == "cose_key"))
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
