//! What a log sends to a witness, and the signature lines that a witness answers.
#![no_main]

use keys::PublicKey;
use ledger::Cosignature;
use ledger::note::{NoteAlgorithm, VerifierKey};
use ledger::witness::Submission;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(submission) = Submission::parse(bytes) {
        assert_eq!(
            Submission::parse(&submission.to_bytes()).as_ref(),
            Ok(&submission)
        );
    }
    // The base point: a key that anybody may have, so that a line by it may be hit upon.
    let mut point = [0x66; 32];
    point[0] = 0x58;
    if let Ok(key) = PublicKey::from_ed25519(&point)
        && let Ok(key) = VerifierKey::new("w", NoteAlgorithm::Cosignature, &key)
    {
        let _ = Cosignature::read("origin\n1\nroot\n", bytes, &key);
    }
});
