//! What the strict reader takes, the ordinary reader takes too, and reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = keys::json::parse(data) {
        let ordinary: Value = serde_json::from_slice(data).expect("the strict reader took it");
        assert_eq!(value, ordinary);
    }
});
