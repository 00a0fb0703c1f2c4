//! Evidence: what is read is written back the same, and is held against an operator's and a
//! network's pin, whose evidence the seeds are.
#![no_main]

use std::sync::OnceLock;

use ledger::{Evidence, Pin};

fn pins() -> &'static [Pin; 2] {
    static PINS: OnceLock<[Pin; 2]> = OnceLock::new();
    PINS.get_or_init(|| {
        let files: [&[u8]; 2] = [
            include_bytes!("../seeds/ledger_pin/operator"),
            include_bytes!("../seeds/ledger_pin/network"),
        ];
        files.map(|file| Pin::parse(file).expect("a pin"))
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(evidence) = Evidence::parse(bytes) else {
        return;
    };
    let again = evidence
        .to_bytes()
        .and_then(|bytes| Evidence::parse(&bytes));
    assert!(again.is_ok_and(|again| again == evidence));
    for pin in pins() {
        if let Ok(proven) = evidence.check(pin) {
            assert!(proven.records().next().is_some());
            if let Some(about) = evidence.subject() {
                let _ = proven.decide(&about.question());
            }
        }
    }
});
