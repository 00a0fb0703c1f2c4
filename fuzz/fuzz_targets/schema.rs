//! A schema and claims that it is for: `{"schema", "claims"}`.
#![no_main]

use credential::schema::{MAX_VIOLATIONS, Schema};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(both) = keys::json::parse_object(bytes) else {
        return;
    };
    let (Some(schema), Some(claims)) = (both.get("schema"), both.get("claims")) else {
        return;
    };
    if let Ok(schema) = Schema::parse(schema.to_string().as_bytes())
        && let Err(violations) = schema.check(claims)
    {
        assert!((1..=MAX_VIOLATIONS).contains(&violations.len()));
    }
});
