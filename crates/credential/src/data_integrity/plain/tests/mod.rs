mod peer;
mod refusals;
mod vectors;

use keys::{PublicKey, SigningKey};
use serde_json::{Map, Value, json};

use super::*;
use crate::did::{self, Relationship};
use crate::json_ld::Contexts;

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/");
const NOW: i64 = 1_790_000_000;

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{BASE}{path}")).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => panic!("not an object"),
    }
}

fn read_object(path: &str) -> Map<String, Value> {
    keys::json::parse_object(read(path).as_bytes()).unwrap()
}

fn contexts() -> &'static Contexts {
    static CONTEXTS: std::sync::OnceLock<Contexts> = std::sync::OnceLock::new();
    CONTEXTS.get_or_init(|| {
        let text = read("contexts/citizenship-v4rc1.json");
        Contexts::pinned()
            .with("https://w3id.org/citizenship/v4rc1", &text)
            .unwrap()
    })
}

/// The key inside a `did:key`.
fn key_of(url: &str) -> Option<PublicKey> {
    let (id, _) = did::split_url(url);
    let document = did::resolve_self_contained(id).ok()?;
    document.key(url, Relationship::Assertion).ok()
}

fn expected() -> Expected<'static> {
    Expected {
        purpose: Purpose::Assertion,
        challenge: None,
        domain: None,
        now: NOW,
    }
}

fn verified(document: &Map<String, Value>) -> Result<Proof, ProofError> {
    verify(document, 0, &key_of, &expected(), contexts())
}

fn credential() -> Map<String, Value> {
    object(json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2",
        ],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": "https://issuer.example",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
    }))
}

/// The key that a suite takes.
fn key_for(suite: Suite) -> SigningKey {
    match suite.takes(keys::Algorithm::Es256) {
        true => SigningKey::make_p256(),
        false => SigningKey::make_ed25519(),
    }
}

fn signed_by(suite: Suite, key: &SigningKey, document: &Map<String, Value>) -> Map<String, Value> {
    let url = did::derive_did_key_url(&key.public()).unwrap();
    signed_as(suite, key, &url, document)
}

fn signed_as(
    suite: Suite,
    key: &SigningKey,
    verification_method: &str,
    document: &Map<String, Value>,
) -> Map<String, Value> {
    let options = Options {
        suite,
        verification_method,
        purpose: Purpose::Assertion,
        created: Some(NOW),
        challenge: Some("the nonce"),
        domain: Some("https://verifier.example"),
    };
    sign(document, &options, key, contexts()).unwrap()
}

const SUITES: [Suite; 4] = [
    Suite::EddsaRdfc2022,
    Suite::EddsaJcs2022,
    Suite::EcdsaRdfc2019,
    Suite::EcdsaJcs2019,
];
