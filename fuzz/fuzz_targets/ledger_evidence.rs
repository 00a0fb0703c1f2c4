#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(evidence) = ledger::Evidence::parse(bytes) {
        let again = ledger::Evidence::parse(&evidence.to_bytes());
        assert!(again.is_ok_and(|again| again == evidence));
    }
});
