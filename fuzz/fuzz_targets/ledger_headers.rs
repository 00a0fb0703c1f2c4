//! Headers of a network: what is read is written back the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(headers) = ledger::comet::Headers::parse(bytes) {
        let again = ledger::comet::Headers::parse(&headers.to_bytes());
        assert!(again.is_ok_and(|again| again == headers));
    }
});
