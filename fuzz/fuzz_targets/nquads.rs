//! N-Quads as a stranger wrote them: what is read is written canonically, and that reads the same.
#![no_main]

use credential::rdf::{canon, nquads};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(quads) = nquads::parse(text) else {
        return;
    };
    if let Ok(lines) = canon::canonical_lines(&quads) {
        let again = nquads::parse(&lines.concat()).expect("what we write can be read");
        assert_eq!(canon::canonical_lines(&again).as_deref(), Ok(&lines[..]));
    }
});
