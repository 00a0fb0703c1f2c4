//! A signed note and the checkpoint in it.
#![no_main]

use ledger::checkpoint::Checkpoint;
use ledger::note::{VerifierKey, open};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = open(bytes, &[]);
    if let Ok(checkpoint) = Checkpoint::parse(bytes) {
        assert_eq!(
            Checkpoint::parse(checkpoint.to_text().as_bytes()),
            Ok(checkpoint)
        );
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = VerifierKey::parse(text)
    {
        assert_eq!(VerifierKey::parse(&key.to_string()).ok(), Some(key));
    }
});
