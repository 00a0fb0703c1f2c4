//! An encrypted answer, and the body that brings it.
#![no_main]

use protocol::jwe::DecryptionKey;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Some(key) = DecryptionKey::from_scalar(&[1; 32], "k") else {
        return;
    };
    assert!(key.decrypt(text).is_err());
});
