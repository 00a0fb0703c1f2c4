//! W3C credentials and presentations, and the dates and envelopes in them.
#![no_main]

use credential::vcdm::{Credential, Moment, Presentation};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Moment::parse(text);
    }
    let Ok(document) = keys::json::parse_object(bytes) else {
        return;
    };
    if let Ok(credential) = Credential::check(document.clone()) {
        assert!(credential.document() == &document);
        let _ = credential.check_period(0);
    }
    let _ = Presentation::check(document);
});
