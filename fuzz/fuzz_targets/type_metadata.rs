//! Parses type metadata under whatever type it claims to be, and an integrity string.
#![no_main]

use credential::type_metadata::{Integrity, TypeMetadata};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(object) = keys::json::parse_object(data)
        && let Some(vct) = object.get("vct").and_then(|vct| vct.as_str())
        && let Ok(metadata) = TypeMetadata::parse(data, vct, None)
    {
        let _ = metadata.display_for("en");
        for claim in &metadata.claims {
            let _ = metadata.label(&claim.path, "cy");
        }
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(integrity) = Integrity::parse(text)
    {
        let _ = integrity.check(data);
    }
});
