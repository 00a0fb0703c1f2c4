//! Whatever comes in: no panic, and nothing is accepted that the issuer did not sign.

use keys::b64;
use proptest::prelude::*;

use super::super::cbor::parse;
use super::super::{DeviceProof, Document, IssuerSigned, Unverified};
use super::{NOW, World, transcript};

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(item) = parse(&bytes) {
            prop_assert_eq!(item.raw, bytes.as_slice());
        }
        let _ = Unverified::parse(&b64::encode(&bytes));
        let _ = Document::from_bytes(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_card_with_bytes_changed(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let world = World::make();
        let card = b64::decode(world.card()).unwrap();
        let mut changed = card.clone();
        for (place, byte) in &changes {
            let place = place.index(changed.len());
            changed[place] = *byte;
        }
        let original = IssuerSigned::from_store(&b64::encode(&card)).unwrap();
        if let Ok(unverified) = Unverified::parse(&b64::encode(&changed)) {
            let content = unverified.content();
            let all = content.select(&content.paths()).unwrap();
            // Whatever is selected is read again, and shows as much.
            let again = IssuerSigned::from_store(&b64::encode(all.to_bytes())).unwrap();
            prop_assert_eq!(again.claims(), content.claims());
            if let Ok(verified) = unverified.verify(&world.issuer.public(), NOW) {
                let issued = original.claims();
                for (namespace, elements) in verified.claims() {
                    prop_assert_eq!(Some(&elements), issued.get(&namespace));
                }
            }
        }
    }

    #[test]
    fn an_answer_with_bytes_changed(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let world = World::make();
        let card = IssuerSigned::from_store(&world.card()).unwrap();
        let shown = card
            .respond(&transcript(), &world.device, DeviceProof::Signature)
            .unwrap();
        let mut changed = shown.clone();
        let place = place.index(changed.len());
        changed[place] = byte;
        if let Ok(document) = Document::from_bytes(&changed) {
            let seen = document.verify(&world.issuer.public(), &transcript(), None, NOW);
            let issued = card.claims();
            for (namespace, elements) in seen.map(|seen| seen.claims()).unwrap_or_default() {
                prop_assert_eq!(Some(&elements), issued.get(&namespace));
            }
        }
    }
}
