//! An offer as a stranger wrote it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::issuance::OfferDocument;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(offer) = OfferDocument::parse(bytes) {
        assert!(!offer.configuration_ids.is_empty());
        assert!(offer.issuer_url.has_host());
        if let Some(tx_code) = &offer.tx_code {
            let _ = tx_code.check("123456");
        }
    }
});
