//! Parses an mdoc as a holder shows it, and checks it.
#![no_main]

use credential::mdoc::{Document, SessionTranscript};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = SessionTranscript::from_bytes(data);
    let Ok(document) = Document::from_bytes(data) else {
        return;
    };
    let leaf = document.issuer_signed().chain().first();
    let Some(issuer) = leaf.map(|leaf| leaf.public_key().clone()) else {
        return;
    };
    let transcript = SessionTranscript::derive_openid4vp("a", "n", None, "u");
    let _ = document.verify(&issuer, &transcript, None, 1_609_459_200);
});
