//! The outside of a backup: an age file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vault::fuzzing::backup_file(bytes);
});
