//! Parses an SD-JWT, puts its claims together and selects every one of them.
#![no_main]

use credential::sd_jwt::{Processed, Unverified};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = Unverified::parse_json(data);
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(unverified) = Unverified::parse(text) {
        let _ = unverified.key_source();
    }
    if let Ok(card) = Processed::from_store(text) {
        let paths: Vec<_> = card
            .describe()
            .into_iter()
            .map(|claim| claim.path)
            .collect();
        let selection = card.select(&paths).expect("every claim can be selected");
        // Whatever is selected holds together again, and shows as much.
        let again = Processed::from_store(&selection.into_unbound()).expect("a selection holds");
        assert_eq!(again.claims(), card.claims());
    }
});
