//! A wallet's key proof and DPoP proof, as an issuer meets them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{dpop, issuer};

fuzz_target!(|text: &str| {
    let now = 1_800_000_000;
    let _ = issuer::verify_proof(text, "https://issuer.example", now);
    if let Ok(url) = "https://issuer.example/token".parse() {
        let expected = dpop::Expected {
            method: "POST",
            url: &url,
            token: None,
            nonce: &|_| true,
        };
        let _ = dpop::verify(text, &expected, now);
    }
});
