//! Inflates, never beyond the bound.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::counter_code::inflate;

fuzz_target!(|data: &[u8]| {
    if let Ok(inflated) = inflate(data, 4096) {
        assert!(inflated.len() <= 4096);
    }
});
