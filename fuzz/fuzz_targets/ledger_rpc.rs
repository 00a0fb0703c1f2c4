#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ledger::comet::read_answer(bytes);
});
