//! Parses an mdoc as an issuer sends it, and selects every element of it.
#![no_main]

use credential::mdoc::{IssuerSigned, Unverified};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = keys::b64::encode(data);
    let Ok(unverified) = Unverified::parse(&text) else {
        return;
    };
    let card = unverified.content();
    let selection = card
        .select(&card.paths())
        .expect("every element can be selected");
    // Whatever is selected is read again, and shows as much.
    let again = IssuerSigned::from_store(&keys::b64::encode(selection.to_bytes()));
    let again = again.expect("a selection holds");
    assert_eq!(again.claims(), card.claims());
    let issuer = card.chain().first().map(|leaf| leaf.public_key().clone());
    if let Some(issuer) = issuer {
        let _ = unverified.verify(&issuer, 1_790_000_000);
    }
});
