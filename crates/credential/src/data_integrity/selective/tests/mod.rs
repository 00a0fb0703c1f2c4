mod choices;
mod refusals;
mod ssi;
mod vectors;

use keys::{PublicKey, SigningKey};
use serde_json::{Map, Value, json};

use super::{Pointer, SelectiveError, Suite, proof_options, sign_base};
use crate::format::IssuerSecret;
use crate::json_ld::Contexts;

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/");

/// The contexts compiled in, and the one that W3C's vectors use.
pub(super) fn contexts() -> &'static Contexts {
    static CONTEXTS: std::sync::OnceLock<Contexts> = std::sync::OnceLock::new();
    CONTEXTS.get_or_init(|| {
        let text = read("contexts/citizenship-v4rc1.json");
        Contexts::pinned()
            .with("https://w3id.org/citizenship/v4rc1", &text)
            .unwrap()
    })
}

pub(super) fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{BASE}{path}")).unwrap()
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => panic!("not an object"),
    }
}

pub(super) fn pointers(texts: &[&str]) -> Vec<Pointer> {
    texts
        .iter()
        .map(|text| Pointer::parse(text).unwrap())
        .collect()
}

/// An issuer's keys, one for each suite.
pub(super) struct Issuer {
    ecdsa: SigningKey,
    bbs: bbs::SecretKey,
}

impl Issuer {
    pub(super) fn make() -> Self {
        Self {
            ecdsa: SigningKey::make_p256(),
            bbs: bbs::SecretKey::make(),
        }
    }

    pub(super) fn secret(&self, suite: Suite) -> IssuerSecret<'_> {
        match suite {
            Suite::EcdsaSd2023 => IssuerSecret::Signing(&self.ecdsa),
            Suite::Bbs2023 => IssuerSecret::Bbs(&self.bbs),
        }
    }

    pub(super) fn key(&self, suite: Suite) -> PublicKey {
        match suite {
            Suite::EcdsaSd2023 => self.ecdsa.public(),
            Suite::Bbs2023 => PublicKey::Bls12381G2(self.bbs.public()),
        }
    }

    pub(super) fn sign(
        &self,
        suite: Suite,
        document: &Map<String, Value>,
        mandatory: &[&str],
    ) -> Result<Map<String, Value>, SelectiveError> {
        let options = proof_options(suite, "did:example:issuer#key", None);
        let mandatory = pointers(mandatory);
        sign_base(
            document,
            &options,
            &mandatory,
            self.secret(suite),
            contexts(),
        )
    }
}

pub(super) const SUITES: [Suite; 2] = [Suite::EcdsaSd2023, Suite::Bbs2023];

/// A credential with an identified subject, nested nodes, arrays, blank nodes and numbers.
pub(super) fn card() -> Map<String, Value> {
    object(json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            {"@vocab": "https://vocabulary.example/#"}
        ],
        "id": "urn:uuid:5be1b7f6-1b5c-4a3f-9f0e-6f2f2d3b8a51",
        "type": ["VerifiableCredential", "Card"],
        "issuer": {"id": "did:example:issuer", "name": "The issuer"},
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialStatus": {
            "id": "https://issuer.example/status#7",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://issuer.example/status"
        },
        "credentialSubject": {
            "id": "did:example:holder",
            "name": "Ada Lovelace",
            "born": 1815,
            "height": 1.65,
            "emails": ["ada@example.org"],
            "children": [
                {"name": "Byron", "born": 1836},
                {"name": "Anne", "born": 1837},
                {"name": "Ralph", "born": 1839}
            ],
            "address": {"street": "St James's Square", "country": {"code": "GB", "name": "UK"}}
        }
    }))
}
