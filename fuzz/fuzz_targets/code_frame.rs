//! Texts of codes, one a line, in any order: what becomes a message does so again, and nothing
//! claims more than a message may have.
#![no_main]

use code::{Assembly, MAX_MESSAGE, MAX_PARTS, Word, word_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut assembly = Assembly::new(Word::ANSWER);
    for line in text.lines().take(64) {
        let _ = word_of(line);
        if let Ok(progress) = assembly.add(line) {
            assert!(progress.have <= progress.want && progress.want <= MAX_PARTS);
            assert_eq!(progress.complete(), assembly.message().is_some());
        }
    }
    if let Some(message) = assembly.message() {
        assert!(!message.is_empty() && message.len() <= MAX_MESSAGE);
    }
});
