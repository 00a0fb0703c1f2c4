//! An entry of a log: what is read is written back the same, and applying it never panics.
#![no_main]

use ledger::{Leaf, Registry};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(leaf) = Leaf::parse(bytes) else {
        return;
    };
    assert_eq!(leaf.to_bytes().ok().as_deref(), Some(bytes));
    if let Ok(checked) = leaf.event.check(&std::collections::HashMap::new()) {
        let _ = Registry::default().apply(0, leaf.time, &checked);
    }
});
