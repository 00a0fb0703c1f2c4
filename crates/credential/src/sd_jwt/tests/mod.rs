mod binding;
mod broken_texts;
mod issuing;
mod properties;
mod refusals;
mod round_trip;
mod vectors;

use keys::{SigningKey, UnixTime};
use query::ClaimPath;
use serde_json::{Map, Value, json};

use super::{HashAlgorithm, IssuerHeader, Template};

pub(super) const NOW: UnixTime = 1_790_000_000;

pub(super) fn path(json: Value) -> ClaimPath {
    ClaimPath::from_json(&json).unwrap()
}

pub(super) fn object(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(object) => object,
        _ => panic!("not an object"),
    }
}

/// A credential with nested, array and recursive disclosures and decoys.
pub(super) fn issue_card(issuer: &SigningKey, holder: &SigningKey) -> String {
    let claims = object(json!({
        "iss": "https://issuer.example",
        "vct": "urn:example:card:1",
        "iat": NOW - 1000,
        "exp": NOW + 1000,
        "given_name": "Ada",
        "family_name": "Lovelace",
        "address": {"locality": "London", "country": "GB"},
        "nationalities": ["GB", "FR"],
        "awards": [{"name": "A", "points": 3}, {"name": "B", "points": 5}],
        "grade": "gold",
    }));
    let conceal = [
        path(json!(["given_name"])),
        path(json!(["family_name"])),
        path(json!(["address"])),
        path(json!(["address", "locality"])),
        path(json!(["nationalities", null])),
        path(json!(["awards", null, "points"])),
    ];
    Template {
        claims: &claims,
        conceal: &conceal,
        holder: Some(&holder.public()),
        hash: HashAlgorithm::Sha256,
        decoys: 2,
    }
    .issue(IssuerHeader::Kid("key-1"), issuer)
    .unwrap()
}
