//! Reads multikeys: each key has one form.
#![no_main]

use credential::did::multikey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(key) = multikey::parse(text)
    {
        assert_eq!(multikey::write(&key), text);
    }
});
