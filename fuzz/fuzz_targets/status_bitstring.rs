//! Parses the subject of a Bitstring Status List, and an entry of one.
#![no_main]

use credential::status::BitstringList;
use credential::status::bitstring::{Entry, to_entry};
use keys::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(object) = json::parse_object(data) else {
        return;
    };
    if let Ok(entry) = Entry::parse(&object)
        && let Some(again) = to_entry(&entry.reference)
    {
        let again = Entry::parse(&again).expect("what is written is read");
        assert_eq!(again.reference, entry.reference);
    }
    if let Ok(list) = BitstringList::from_subject(&object) {
        let _ = list.standing(0, "revocation", 1);
        let again = BitstringList::from_subject(&list.to_subject("https://a.example", list.ttl()));
        assert!(again.is_ok_and(|again| again == list));
    }
});
