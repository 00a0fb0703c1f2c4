//! Parses a certificate, reads its names and checks it as a chain of one under itself.
#![no_main]

use keys::x509::{Certificate, verify_chain};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = keys::json::parse(data) {
        let _ = Certificate::chain_from_x5c(&value);
    }
    if let Ok(certificate) = Certificate::from_der(data) {
        let _ = certificate.san_dns();
        let _ = certificate.san_uri();
        let _ = certificate.extended_key_usages();
        let _ = certificate.authority_key_id();
        let _ = certificate.subject();
        let chain = [certificate];
        let _ = verify_chain(&chain, &chain, 1_790_000_000);
    }
});
