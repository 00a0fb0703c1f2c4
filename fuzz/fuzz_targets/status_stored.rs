//! A list of statuses as a wallet keeps it: what is read is written back with the same meaning.
#![no_main]

use protocol::status::CachedList;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = keys::json::parse(bytes)
        && let Ok(list) = CachedList::from_json(&value)
    {
        let written = list.to_json();
        let again = CachedList::from_json(&written).expect("what was written is read");
        assert_eq!(again.to_json(), written);
    }
});
