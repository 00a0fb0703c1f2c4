//! A card in `ldp_vc` from its text to what is shown of it, and what a counter receives.
#![no_main]

use credential::data_integrity::LdpVc;
use credential::format::{Format, Request};
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
    let _ = LdpVc.peek(text);
    let _ = LdpVc.verify(text, &key.public(), 0);
    if let Ok(facts) = LdpVc.describe(text) {
        let paths: Vec<_> = facts
            .paths
            .into_iter()
            .take(4)
            .map(|(path, _)| path)
            .collect();
        let _ = LdpVc.preview(text, &paths);
        let _ = LdpVc.present(text, &paths, &request, Some(&key));
    }
    if let Ok(value) = keys::json::parse(text.as_bytes()) {
        let _ = LdpVc.peek_presented(&value);
        let _ = LdpVc.check(&value, &key.public(), &request, false);
    }
});
