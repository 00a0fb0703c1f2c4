//! What is published about an issuer's keys, and keys and certificates as files hold them.
#![no_main]

use credential::issuer::{IssuerMetadata, KeySet};
use keys::x509::Certificate;
use keys::{PublicKey, SigningKey};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = keys::json::parse(bytes) {
        if let Some(issuer) = value.get("issuer").and_then(|issuer| issuer.as_str()) {
            let _ = IssuerMetadata::parse(bytes, issuer);
        }
        let _ = KeySet::parse(bytes);
        if let Ok(key) = PublicKey::from_jwk(&value) {
            assert_eq!(PublicKey::from_jwk(&key.to_jwk()).ok(), Some(key));
        }
        let _ = keys::bls::secret_from_jwk(&value);
        if let Ok(key) = SigningKey::from_jwk(&value) {
            let again = SigningKey::from_pem(&key.to_pem().expect("a key has a PEM"));
            assert!(again.is_ok_and(|again| again.public() == key.public()));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (
            SigningKey::from_pem(text).is_ok(),
            PublicKey::from_public_pem(text),
        );
        let _ = (
            Certificate::from_pem(text),
            Certificate::chain_from_pem(text),
        );
    }
});
