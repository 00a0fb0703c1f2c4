#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(evidence) = ledger::Evidence::parse(bytes) {
        let again = evidence.to_bytes();
        let again = again.and_then(|bytes| ledger::Evidence::parse(&bytes));
        assert!(again.is_ok_and(|again| again == evidence));
    }
});
