//! A recovery code as someone typed it.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    vault::fuzzing::recovery_code(text);
});
