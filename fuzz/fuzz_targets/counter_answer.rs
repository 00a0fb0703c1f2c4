//! Reads what a wallet shows at a counter, compressed as it came and as it would inflate.
#![no_main]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use libfuzzer_sys::fuzz_target;
use protocol::counter_code::{Answer, MAX_ANSWER};

/// The counter that the seeds are for.
const SERVICE: &str = "x509_san_dns:desk.example";

fuzz_target!(|data: &[u8]| {
    let _ = Answer::decode(data, SERVICE);
    // What compression would hide from the fuzzer.
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let Ok(()) = encoder.write_all(data) else {
        return;
    };
    let Ok(deflated) = encoder.finish() else {
        return;
    };
    let mut bytes = vec![0x82, 0x01, 0x5a];
    bytes.extend(u32::try_from(deflated.len()).unwrap_or(0).to_be_bytes());
    match deflated.len() {
        0..24 => bytes = vec![0x82, 0x01, 0x40 | deflated.len() as u8],
        24..256 => bytes = vec![0x82, 0x01, 0x58, deflated.len() as u8],
        256..65_536 => {
            let [.., high, low] = deflated.len().to_be_bytes();
            bytes = vec![0x82, 0x01, 0x59, high, low];
        }
        _ => {}
    }
    bytes.extend(deflated);
    if bytes.len() > MAX_ANSWER {
        return;
    }
    if let Ok(answer) = Answer::decode(&bytes, SERVICE) {
        // What was read once is read again, and is the same.
        if let Ok(again) = answer.encode() {
            assert!(Answer::decode(&again, SERVICE).is_ok_and(|read| read == answer));
        }
    }
});
