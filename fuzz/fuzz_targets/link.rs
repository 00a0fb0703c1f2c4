//! A link as it is pasted, scanned or handed over by the system.
#![no_main]

use protocol::link::Link;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(link) = Link::parse(text) {
        let _ = (link.host(), format!("{link:?}"));
    }
});
