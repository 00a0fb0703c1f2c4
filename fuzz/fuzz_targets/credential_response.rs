//! The answer of a credential endpoint.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::issuance::{CredentialResponse, MAX_CREDENTIALS};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(object) = keys::json::parse_object(bytes)
        && let Ok(response) = CredentialResponse::read(&object)
    {
        assert!((1..=MAX_CREDENTIALS).contains(&response.count()));
    }
});
