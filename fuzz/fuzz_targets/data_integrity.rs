//! Proofs of JSON documents, through canonicalization to the signature.
#![no_main]

use credential::data_integrity::plain::{Expected, Purpose, proofs, verify};
use credential::did::{self, Relationship};
use credential::json_ld::Contexts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = keys::json::parse_object(bytes) else {
        return;
    };
    let key = |url: &str| {
        let (id, _) = did::split_url(url);
        let document = did::resolve_self_contained(id).ok()?;
        document.key(url, Relationship::Assertion).ok()
    };
    let expected = Expected {
        purpose: Purpose::Assertion,
        challenge: None,
        domain: None,
        now: 0,
    };
    for place in 0..proofs(&document).map_or(0, |proofs| proofs.len()) {
        let _ = verify(&document, place, &key, &expected, Contexts::pinned());
    }
});
