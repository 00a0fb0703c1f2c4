//! A JSON-LD document as a stranger wrote it.
#![no_main]

use credential::json_ld::{Contexts, canonize};
use credential::rdf::nquads;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = keys::json::parse_object(bytes) else {
        return;
    };
    if let Ok(lines) = canonize(&document, Contexts::pinned()) {
        nquads::parse(&lines.concat()).expect("canonical N-Quads can be read");
    }
});
