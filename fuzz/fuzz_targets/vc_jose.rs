//! Credentials and presentations in JWTs.
#![no_main]

use credential::format::{Format, Request};
use credential::vc_jose::VcJose;
use keys::SigningKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let key = SigningKey::ed25519_from_seed(&[7; 32]);
    let request = Request {
        client_id: "a",
        nonce: "n",
        response_uri: None,
        encryption_key: None,
        now: 0,
    };
    let _ = VcJose.peek(text);
    let _ = VcJose.describe(text);
    let _ = VcJose.present(text, &[], &request, Some(&key));
    let value = text.into();
    let _ = VcJose.peek_presented(&value);
    let _ = VcJose.check(&value, &key.public(), &request, true);
});
