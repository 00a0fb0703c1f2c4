//! The documents that an issuer publishes.

use credential::did::multikey;
use keys::x509::Certificate;
use keys::{Algorithm, PublicKey};
use serde_json::{Map, Value, json};
use url::Url;

use super::claims::IssuedType;
use super::form::{self, Form};
use super::service::{Dpop, Identity, Issuer, MAX_BATCH};
use crate::issuance::PRE_AUTHORIZED;

/// The `did:web` of an address (did:web §3.2): the port's colon escaped, the path by colons.
pub fn derive_did_web(url: &Url) -> Option<String> {
    let host = url.host_str()?.to_ascii_lowercase();
    let port = url.port().map(|port| format!("%3A{port}"));
    let path: String = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| format!(":{part}"))
        .collect();
    Some(format!("did:web:{host}{}{path}", port.unwrap_or_default()))
}

/// The names of the issuer's key.
pub(crate) struct Names {
    pub(crate) kid: String,
    pub(crate) did: String,
    pub(crate) did_url: String,
    /// The same key as a Multikey.
    pub(crate) multikey_url: String,
    /// The key for BBS, where there is one.
    pub(crate) bbs_url: Option<String>,
}

pub(crate) fn names<S>(issuer: &Issuer<S>) -> Names {
    let kid = issuer.key.public().thumbprint();
    let did = derive_did_web(&issuer.identity.url).unwrap_or_default();
    let did_url = format!("{did}#{kid}");
    Names {
        multikey_url: format!("{did}#{}", multikey::write(&issuer.key.public())),
        bbs_url: bbs_key(issuer).map(|key| format!("{did}#{}", key.thumbprint())),
        kid,
        did_url,
        did,
    }
}

/// Whether a certificate names the issuer's address.
pub(crate) fn vouches_for(leaf: &Certificate, identity: &Identity) -> bool {
    let https_host = (identity.url.scheme() == "https")
        .then(|| identity.url.host_str())
        .flatten();
    leaf.san_uri().iter().any(|uri| uri == identity.id())
        || https_host.is_some_and(|host| leaf.san_dns().iter().any(|name| name == host))
}

/// OpenID4VCI 1.0 §12.2.
pub(crate) fn issuer_metadata<S>(issuer: &Issuer<S>) -> Value {
    let identity = &issuer.identity;
    let configurations: Map<String, Value> = issuer
        .configurations()
        .map(|(id, known, form)| (id, configuration(known, form, issuer)))
        .collect();
    json!({
        "credential_issuer": identity.id(),
        "credential_endpoint": identity.at("/credential"),
        "nonce_endpoint": identity.at("/nonce"),
        "notification_endpoint": identity.at("/notification"),
        "batch_credential_issuance": {"batch_size": MAX_BATCH},
        "display": [{"name": identity.name, "locale": "en-GB"}],
        "credential_configurations_supported": configurations,
    })
}

fn configuration<S>(known: &IssuedType, form: Form, issuer: &Issuer<S>) -> Value {
    let display: Vec<Value> = known
        .metadata
        .display
        .iter()
        .map(|display| {
            let mut shown = json!({"name": display.name, "locale": display.locale});
            let colours = [
                ("background_color", &display.simple.background_color),
                ("text_color", &display.simple.text_color),
            ];
            for (name, colour) in colours {
                if let (Some(colour), Some(object)) = (colour, shown.as_object_mut()) {
                    object.insert(name.to_owned(), colour.as_str().into());
                }
            }
            shown
        })
        .collect();
    let claims: Vec<Value> = known
        .metadata
        .claims
        .iter()
        .map(|claim| {
            let labels: Vec<Value> = claim
                .display
                .iter()
                .map(|display| json!({"name": display.label, "locale": display.locale}))
                .collect();
            let path = form::path(known, form, &claim.path.to_json());
            json!({"path": path, "mandatory": claim.mandatory, "display": labels})
        })
        .collect();
    let mut members = form::describe(issuer, known, form);
    let metadata = json!({"display": display, "claims": claims});
    members.insert("credential_metadata".to_owned(), metadata);
    Value::Object(members)
}

/// RFC 8414 and OpenID4VCI 1.0 §12.3.
pub(crate) fn server_metadata<S>(issuer: &Issuer<S>) -> Value {
    let identity = &issuer.identity;
    let mut metadata = json!({
        "issuer": identity.id(),
        "token_endpoint": identity.at("/token"),
        "response_types_supported": [],
        "grant_types_supported": [PRE_AUTHORIZED],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": true,
    });
    if let (true, Some(object)) = (issuer.dpop != Dpop::Off, metadata.as_object_mut()) {
        let algorithms = json!(Algorithm::OF_WALLETS.map(Algorithm::name));
        object.insert("dpop_signing_alg_values_supported".to_owned(), algorithms);
    }
    metadata
}

/// JWT VC issuer metadata (draft-ietf-oauth-sd-jwt-vc §5).
pub(crate) fn key_metadata<S>(issuer: &Issuer<S>) -> Value {
    let mut jwk = issuer.key.public().to_jwk();
    if let Some(object) = jwk.as_object_mut() {
        object.insert("kid".to_owned(), names(issuer).kid.into());
        object.insert("use".to_owned(), "sig".into());
        object.insert("alg".to_owned(), issuer.key.algorithm().name().into());
    }
    let bbs = bbs_key(issuer).map(|key| {
        let mut jwk = key.to_jwk();
        if let Some(object) = jwk.as_object_mut() {
            // No `alg`: none is registered for BBS.
            object.insert("kid".to_owned(), key.thumbprint().into());
            object.insert("use".to_owned(), "sig".into());
        }
        jwk
    });
    let keys: Vec<Value> = [jwk].into_iter().chain(bbs).collect();
    json!({"issuer": issuer.identity.id(), "jwks": {"keys": keys}})
}

fn bbs_key<S>(issuer: &Issuer<S>) -> Option<PublicKey> {
    let secret = issuer.bbs.as_ref()?;
    Some(PublicKey::Bls12381G2(secret.public()))
}

/// The document of the issuer's `did:web`.
pub(crate) fn did_document<S>(issuer: &Issuer<S>) -> Option<Value> {
    let did = derive_did_web(&issuer.identity.url)?;
    let names = names(issuer);
    let multikey = |url: &str, key: &PublicKey| {
        json!({
            "id": url,
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multikey::write(key),
        })
    };
    let key = issuer.key.public();
    let mut methods = vec![json!({
        "id": names.did_url,
        "type": "JsonWebKey2020",
        "controller": did,
        "publicKeyJwk": key.to_jwk(),
    })];
    if let (Some(url), Some(key)) = (&names.bbs_url, bbs_key(issuer)) {
        methods.push(multikey(url, &key));
    }
    // The same key again, as Data Integrity proofs are checked by.
    methods.push(multikey(&names.multikey_url, &key));
    let ids: Vec<Value> = methods
        .iter()
        .filter_map(|one| one.get("id").cloned())
        .collect();
    Some(json!({
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/suites/jws-2020/v1",
            "https://w3id.org/security/multikey/v1",
        ],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": ids,
    }))
}
