//! Files that somebody hands to `cairn-ledger`, or that another body wrote: purposes in TOML,
//! `network.json`, `node.json`, and those of witnesses.
#![no_main]

#[path = "../../crates/registry/src/custody.rs"]
#[allow(dead_code, reason = "files are not read from a disk here")]
mod custody;
#[path = "../../crates/registry/src/failure.rs"]
#[allow(dead_code, reason = "few of the failures are those of files")]
mod failure;
#[path = "../../crates/registry/src/witness/files.rs"]
#[allow(dead_code, reason = "files are not read from a disk here")]
mod files;
#[path = "../../crates/registry/src/network/listing.rs"]
#[allow(dead_code, reason = "only reading is tried here")]
mod listing;
#[path = "../../crates/registry/src/purposes.rs"]
#[allow(dead_code, reason = "files are not read from a disk here")]
mod purposes;
#[path = "../../crates/registry/src/node/settings.rs"]
#[allow(dead_code, reason = "files are not read from a disk here")]
mod settings;

use files::{LogFile, WitnessFile, WitnessesFile};
use ledger::canonical;
use ledger::note::VerifierKey;
use libfuzzer_sys::fuzz_target;
use listing::Listing;
use serde::Serialize;
use serde::de::DeserializeOwned;
use settings::Settings;

/// What is read is written back with the same meaning.
fn twice<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<T> {
    let read: T = files::parse(bytes)?;
    let written = canonical::to_bytes(&read).ok()?;
    let again: T = files::parse(&written).expect("what was written is read");
    assert_eq!(canonical::to_bytes(&again).ok(), Some(written));
    Some(read)
}

fuzz_target!(|bytes: &[u8]| {
    if let Some(listing) = Listing::parse(bytes) {
        for node in &listing.nodes {
            let quoted = |c: char| c == '"' || c == ',' || c == '/' || c.is_control();
            assert!(!node.name.contains(quoted) && !node.peer.contains(quoted));
        }
        assert_eq!(Listing::parse(&listing.to_bytes()), Some(listing));
    }
    if let Some(settings) = Settings::parse(bytes) {
        assert_eq!(Settings::parse(&settings.to_bytes()), Some(settings));
    }
    let _ = twice::<WitnessFile>(bytes);
    let _ = twice::<LogFile>(bytes);
    if let Some(file) = twice::<WitnessesFile>(bytes) {
        for witness in file.witnesses {
            let _ = VerifierKey::parse(&witness.key);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        match purposes::parse(text) {
            Ok(purposes) => {
                for purpose in purposes {
                    let _ = ledger::check_purpose(&purpose);
                }
            }
            Err(failure) => assert_eq!(failure.kind(), "malformed_purposes"),
        }
    }
});
