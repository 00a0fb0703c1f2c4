//! Entry bundles and hash tiles of any width.
#![no_main]

use ledger::tile::{decode_bundle, decode_exact_bundle, decode_hash_tile, encode_bundle};

libfuzzer_sys::fuzz_target!(|input: (u16, &[u8])| {
    let (width, bytes) = (u64::from(input.0), input.1);
    let _ = decode_bundle(bytes, width);
    let _ = decode_hash_tile(bytes, width);
    if let Ok(entries) = decode_exact_bundle(bytes, width) {
        assert_eq!(encode_bundle(entries).ok().as_deref(), Some(bytes));
    }
});
