//! What an answer with three claims weighs. The figures are printed; the targets are asserted.

use super::support::{Card, KINDS, Kind};
use crate::counter_code::Binding;

/// Bytes that fit into one still code: version 25, level L, of texts in base 45 behind a short
/// prefix (1,853 characters).
const STILL: usize = 1_220;
/// Bytes of twelve frames of the animated code at 200 bytes each.
const TWELVE_FRAMES: usize = 12 * 200;

#[test]
fn an_answer_is_small_enough() {
    for kind in KINDS {
        let card = Card::make(kind);
        let answer = card.answer(Binding::make_window(super::support::NOW));
        let bytes = answer.encode().unwrap().len();
        let plain = serde_json::to_vec(&answer.presentations).unwrap().len();
        println!("{kind:?}: {bytes} bytes as a code, {plain} as a vp_token");
        let most = match kind {
            Kind::SdJwt => STILL,
            _ => TWELVE_FRAMES,
        };
        assert!(bytes <= most, "{kind:?}: {bytes} > {most}");
    }
}
