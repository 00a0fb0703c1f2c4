//! The answer of a token endpoint.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::issuance::TokenResponse;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(object) = keys::json::parse_object(bytes) {
        for dpop in [false, true] {
            if let Ok(token) = TokenResponse::read(&object, dpop) {
                assert!(dpop || !token.dpop);
            }
        }
    }
});
