//! A sealed record.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vault::fuzzing::record(bytes);
});
