//! The header of a vault that someone else may have written.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vault::fuzzing::header(bytes);
});
