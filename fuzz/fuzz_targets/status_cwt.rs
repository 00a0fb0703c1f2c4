//! Parses a Status List Token in CWT form.
#![no_main]

use credential::status::token::UnverifiedCwt;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(token) = UnverifiedCwt::parse(data) {
        let _ = token.signer().map(|signer| signer.key_source(None).is_ok());
        let _ = token.unverified("https://issuer.example/status/1", 0);
    }
});
