//! Frames of one message in an order that the input gives: they give that message back, or not yet
//! one, and never another.
#![no_main]

use code::{Assembly, Frames, Size, Word};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((length, order)) = data.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length)) % 2000 + 1;
    let message: Vec<u8> = order.iter().copied().cycle().take(length).collect();
    let Ok(frames) = Frames::new(Word::ANSWER, &message, Size::Small) else {
        return;
    };
    let mut assembly = Assembly::new(Word::ANSWER);
    for number in order.chunks_exact(2).take(64) {
        let number = (u32::from(number[0]) << 8) | u32::from(number[1]);
        if let Some(text) = frames.text(number) {
            let progress = assembly.add(&text).expect("a frame of the message");
            assert!(progress.want == frames.count());
        }
    }
    if let Some(whole) = assembly.message() {
        assert_eq!(whole, message);
    }
});
