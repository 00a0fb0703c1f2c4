//! Parses a compact JWS and reads its claims.
#![no_main]

use keys::jws::Unverified;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(jws) = Unverified::parse(text) {
        let _ = jws.unverified_claims();
        let _ = jws.require_type("kb+jwt");
    }
});
