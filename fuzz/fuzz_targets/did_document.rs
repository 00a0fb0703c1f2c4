//! Parses a DID document and asks for keys; resolves DIDs that hold their own key.
#![no_main]

use credential::did::{Document, Relationship, resolve_self_contained, web_url};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(object) = keys::json::parse_object(data)
        && let Some(did) = object.get("id").and_then(|id| id.as_str())
        && let Ok(document) = Document::parse(data, did)
    {
        let _ = document.key(did, Relationship::Assertion);
        let _ = document.key(&format!("{did}#0"), Relationship::Authentication);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = web_url(text);
        let _ = resolve_self_contained(text);
        let _ = resolve_self_contained(&format!("did:key:{text}"));
        let _ = resolve_self_contained(&format!("did:jwk:{text}"));
    }
});
