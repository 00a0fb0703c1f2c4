//! Reads what a desk shows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::counter_code::{Ask, MAX_NAME};

fuzz_target!(|data: &[u8]| {
    if let Ok(ask) = Ask::parse(data) {
        assert!(!ask.service().is_empty() && ask.service().len() <= MAX_NAME);
        let _ = ask.make_binding(1_790_000_000);
    }
});
