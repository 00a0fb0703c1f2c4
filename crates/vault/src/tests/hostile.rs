//! Bytes from anywhere, to every reader. `/fuzz` has the same readers as targets.

use proptest::prelude::*;

use super::text;
use crate::header::Header;
use crate::migrate::SCHEMA;
use crate::sealed::{COPIES, Sealer};
use crate::secret::Key;
use crate::{Id, RecoveryCode, read, restore};

proptest! {
    #[test]
    fn readers_refuse_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Header::parse(&bytes, SCHEMA.current).is_err());
        prop_assert!(restore::parse(&bytes).is_err());
        prop_assert!(restore::decrypt(bytes.as_slice(), &text("x")).is_err());
        prop_assert!(Sealer::new(&Key::make(), Id::ZERO).open(COPIES, Id::ZERO, &bytes).is_err());
        let _ = read::copy_from_bytes(Id::ZERO, &bytes);
    }

    #[test]
    fn a_sealed_record_opens_whatever_its_length(bytes in prop::collection::vec(any::<u8>(), 0..1200)) {
        let sealer = Sealer::new(&Key::make(), Id::ZERO);
        let stored = sealer.seal(COPIES, Id::ZERO, &bytes).unwrap();
        prop_assert_eq!((stored.len() - 41) % 256, 0);
        let opened = sealer.open(COPIES, Id::ZERO, &stored).unwrap();
        prop_assert_eq!(opened.as_slice(), bytes.as_slice());
    }

    #[test]
    fn no_text_is_a_recovery_code_by_chance(typed in ".{0,60}") {
        prop_assert!(RecoveryCode::parse(&text(&typed)).is_err());
    }

    #[test]
    fn an_age_header_of_any_shape_is_refused(stanza in "[ -~]{0,80}", rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = format!("age-encryption.org/v1\n-> {stanza}\n").into_bytes();
        bytes.extend_from_slice(&rest);
        prop_assert!(restore::decrypt(bytes.as_slice(), &text("x")).is_err());
    }
}
