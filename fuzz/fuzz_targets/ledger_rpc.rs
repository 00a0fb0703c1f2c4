//! What a node says over its RPC.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ledger::comet::read_answer(bytes);
});
