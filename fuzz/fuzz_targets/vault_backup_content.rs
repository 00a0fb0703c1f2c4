//! The inside of a backup: its JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vault::fuzzing::backup_content(bytes);
});
