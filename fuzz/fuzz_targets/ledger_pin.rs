//! A pin file: what is read is written back with the same meaning.
#![no_main]

use ledger::Pin;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(pin) = Pin::parse(bytes) {
        assert_eq!(Pin::parse(&pin.to_bytes()).ok(), Some(pin));
    }
});
