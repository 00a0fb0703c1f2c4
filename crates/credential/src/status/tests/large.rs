//! Lists with a million entries, through every form.

use keys::SigningKey;

use super::{NOW, URI, draft};
use crate::status::token::{Bits, Draft, TokenList, UnverifiedCwt, UnverifiedJwt};
use crate::status::{BitstringList, Standing, StatusRef, Statuses};

const ENTRIES: u64 = 1_000_000;

/// A value for each place that no compression can guess.
fn value(place: u64, bits: Bits) -> u8 {
    let mixed = place.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 56) as u8 & (u8::MAX >> (8 - bits as u8))
}

#[test]
fn a_token_list_of_a_million_entries() {
    let key = SigningKey::make_p256();
    for bits in [Bits::One, Bits::Eight] {
        let mut list = TokenList::new(bits, ENTRIES).unwrap();
        for place in 0..ENTRIES {
            list.set(place, value(place, bits)).unwrap();
        }
        let draft = Draft {
            key_name: crate::format::KeyName::Id("key-1"),
            ..draft(&list)
        };
        let jwt = UnverifiedJwt::parse(&draft.to_jwt(&key))
            .unwrap()
            .verify(&key.public(), URI, NOW)
            .unwrap();
        let cwt = UnverifiedCwt::parse(&draft.to_cwt(&key).unwrap())
            .unwrap()
            .verify(&key.public(), URI, NOW)
            .unwrap();
        for found in [jwt.list, cwt.list] {
            assert!(found.entries() >= ENTRIES);
            for place in (0..ENTRIES).step_by(997).chain([ENTRIES - 1]) {
                assert_eq!(found.get(place), Ok(value(place, bits)));
            }
        }
    }
}

#[test]
fn a_bitstring_list_of_a_million_entries() {
    let mut list = BitstringList::new("revocation", ENTRIES, 1).unwrap();
    for place in 0..ENTRIES {
        list.set(place, 1, value(place, Bits::One)).unwrap();
    }
    let subject = list.to_subject(URI, None);
    let found = Statuses::Bitstring(BitstringList::from_subject(&subject).unwrap());
    for place in (0..ENTRIES).step_by(997).chain([ENTRIES - 1]) {
        let reference = StatusRef::Bitstring {
            list: URI.to_owned(),
            index: place,
            purpose: "revocation".to_owned(),
            size: 1,
        };
        let expected = match value(place, Bits::One) {
            0 => Standing::Valid,
            _ => Standing::Revoked,
        };
        assert_eq!(found.standing(&reference), Ok(expected));
    }
}
