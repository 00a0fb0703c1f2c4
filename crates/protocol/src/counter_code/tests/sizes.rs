//! What an answer with three claims weighs, in the codes that are really shown. The figures are
//! printed; the targets are asserted.

use code::{Frames, Size, Word, still};

use super::support::{Card, KINDS, Kind, NOW};
use crate::counter_code::Binding;

/// The most frames of a card that does not fit into one still code.
const MOST_FRAMES: usize = 12;

#[test]
fn an_answer_is_small_enough() {
    for kind in KINDS {
        let card = Card::make(kind);
        let answer = card.answer(Binding::make_window(NOW));
        let bytes = answer.encode().unwrap();
        let plain = serde_json::to_vec(&answer.presentations).unwrap().len();
        let one = still(Word::ANSWER, &bytes);
        let frames = Frames::new(Word::ANSWER, &bytes, Size::Medium)
            .unwrap()
            .count();
        println!(
            "{kind:?}: {} bytes as a code, {plain} as a vp_token; {}, or {frames} frames",
            bytes.len(),
            match &one {
                Some(one) => format!("one still code of version {}", one.version()),
                None => "no still code".to_owned(),
            }
        );
        if kind == Kind::SdJwt {
            assert!(one.is_some(), "{} bytes in one still code", bytes.len());
        }
        assert!(frames <= MOST_FRAMES, "{kind:?}: {frames} frames");
    }
}
