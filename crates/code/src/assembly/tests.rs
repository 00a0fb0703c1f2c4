use ur::bytewords::{Style, encode};

use super::{Assembly, FrameError, Progress};
use crate::{Frames, MAX_PARTS, MAX_SEQUENCE, Size, Word, still};

fn message(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

fn frames(length: usize) -> Frames {
    Frames::new(Word::ANSWER, &message(length), Size::Small).unwrap()
}

/// A frame with the numbers that one likes.
fn frame(number: u64, count: u64, length: u64, sum: u32, data: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut encoder = minicbor::Encoder::new(&mut bytes);
    encoder.array(5).unwrap();
    for value in [number, count, length, sum.into()] {
        encoder.u64(value).unwrap();
    }
    encoder.bytes(data).unwrap();
    format!(
        "ur:cairn-answer/{number}-{count}/{}",
        encode(&bytes, Style::Minimal)
    )
}

#[test]
fn frames_in_order_give_the_message() {
    let mut frames = frames(2500);
    let mut assembly = Assembly::new(Word::ANSWER);
    let count = frames.count();
    for have in 1..=count {
        assert_eq!(assembly.message(), None);
        let progress = assembly.add(frames.next_symbol().unwrap().text()).unwrap();
        assert_eq!(progress, Progress { have, want: count });
    }
    assert_eq!(assembly.message(), Some(message(2500).as_slice()));
    // What comes after is not needed, and does no harm.
    assert!(
        assembly
            .add(frames.next_symbol().unwrap().text())
            .unwrap()
            .complete()
    );
}

#[test]
fn any_frames_do_if_they_are_enough() {
    let frames = frames(3000);
    for first in [9, 100, 5000, MAX_SEQUENCE - 80] {
        let mut assembly = Assembly::new(Word::ANSWER);
        let needed = (0..80)
            .position(|at| {
                let text = frames.text(first + at).unwrap();
                // Once more: it tells nothing new.
                assembly.add(&text).unwrap();
                assembly.add(&text).unwrap().complete()
            })
            .unwrap()
            + 1;
        assert_eq!(assembly.message(), Some(message(3000).as_slice()));
        assert!(needed <= frames.count() + 30, "{needed}");
    }
}

/// The other implementation reads our frames, and we read its frames.
#[test]
fn the_form_is_that_of_uniform_resources() {
    let frames = frames(1234);
    let mut decoder = ur::Decoder::default();
    let mut number = 0;
    while !decoder.complete() {
        number += 1;
        if number % 3 > 0 {
            decoder.receive(&frames.text(number).unwrap()).unwrap();
        }
    }
    assert_eq!(decoder.message().unwrap().unwrap(), message(1234));

    let mut encoder = ur::Encoder::new(&message(1234), 100, "cairn-answer").unwrap();
    let mut assembly = Assembly::new(Word::ANSWER);
    while assembly.message().is_none() {
        let text = encoder.next_part().unwrap();
        if !encoder.current_index().is_multiple_of(3) {
            assembly.add(&text).unwrap();
        }
    }
    assert_eq!(assembly.message(), Some(message(1234).as_slice()));
}

#[test]
fn our_numbered_frame_is_the_one_of_the_other_implementation() {
    let frames = frames(900);
    let fragment = message(900).len().div_ceil(frames.count());
    let mut encoder = ur::Encoder::new(&message(900), fragment, "cairn-answer").unwrap();
    for number in 1..200 {
        let theirs = encoder.next_part().unwrap().to_ascii_uppercase();
        assert_eq!(frames.text(number).unwrap(), theirs);
    }
}

#[test]
fn a_still_code_is_a_message_at_once() {
    let mut assembly = Assembly::new(Word::ANSWER);
    let one = still(Word::ANSWER, b"one").unwrap();
    // As a scanner types it.
    let typed = format!("{}\r\n", one.text());
    assert_eq!(assembly.add(&typed), Ok(Progress { have: 1, want: 1 }));
    assert_eq!(assembly.message(), Some(b"one".as_slice()));
    let two = still(Word::ANSWER, b"two").unwrap();
    assert_eq!(assembly.add(two.text()), Err(FrameError::OtherMessage));
    assert_eq!(assembly.message(), Some(b"one".as_slice()));
    assembly.clear();
    assert!(assembly.add(two.text()).unwrap().complete());
}

#[test]
fn frames_of_two_messages_do_not_mix() {
    let mut assembly = Assembly::new(Word::ANSWER);
    let (ours, other) = (
        frames(1000),
        Frames::new(Word::ANSWER, &[1; 1000], Size::Small).unwrap(),
    );
    assembly.add(&ours.text(1).unwrap()).unwrap();
    assert_eq!(
        assembly.add(&other.text(2).unwrap()),
        Err(FrameError::OtherMessage)
    );
    for number in 2..=ours.count() as u32 {
        assembly.add(&ours.text(number).unwrap()).unwrap();
    }
    assert_eq!(assembly.message(), Some(message(1000).as_slice()));
}

#[test]
fn fragments_of_another_length_are_another_message() {
    let mut assembly = Assembly::new(Word::ANSWER);
    assembly.add(&frame(1, 3, 25, 9, &[0; 9])).unwrap();
    assert_eq!(
        assembly.add(&frame(2, 3, 25, 9, &[0; 10])),
        Err(FrameError::OtherMessage)
    );
}

#[test]
fn other_codes_are_named() {
    let mut assembly = Assembly::new(Word::ANSWER);
    let ask = still(Word::ASK, b"x").unwrap();
    let other = FrameError::OtherWord {
        found: "cairn-ask".to_owned(),
    };
    assert_eq!(assembly.add(ask.text()), Err(other.clone()));
    let ask = Frames::new(Word::ASK, &[1; 400], Size::Small).unwrap();
    assert_eq!(assembly.add(&ask.text(1).unwrap()), Err(other));
    for foreign in [
        "https://example.org/",
        "",
        "ur:bytes/1-1/aeae",
        "hello",
        "\u{1f600}:x",
    ] {
        assert_eq!(assembly.add(foreign), Err(FrameError::Foreign), "{foreign}");
    }
    assert_eq!(assembly.progress(), Progress { have: 0, want: 0 });
}

/// Asking `ur` for the fragments of such a frame would take gigabytes.
#[test]
fn absurd_numbers_are_refused_before_anything_is_made_of_them() {
    let many = u64::from(u32::MAX);
    for (number, count, length) in [
        (many, 3, 25),
        (u64::from(MAX_SEQUENCE) + 1, 3, 25),
        (1, many, many),
        (many, many, many),
        (1, MAX_PARTS as u64 + 1, (MAX_PARTS as u64 + 1) * 9),
        (1, 3, many),
    ] {
        let mut assembly = Assembly::new(Word::ANSWER);
        let text = frame(number, count, length, 0, &[0; 9]);
        assert_eq!(assembly.add(&text), Err(FrameError::TooLarge), "{text}");
    }
    let long = "A".repeat(crate::MAX_TEXT + 1);
    assert_eq!(
        Assembly::new(Word::ANSWER).add(&format!("CAIRN-ANSWER:{long}")),
        Err(FrameError::TooLarge)
    );
}

#[test]
fn impossible_frames_are_refused() {
    let good = frame(1, 3, 25, 9, &[0; 9]);
    let tampered = good.replacen("/1-3/", "/2-3/", 1);
    let (head, body) = good.split_at("ur:cairn-answer/1-3/".len());
    for bad in [
        frame(0, 3, 25, 9, &[0; 9]),
        frame(1, 0, 25, 9, &[0; 9]),
        frame(1, 3, 0, 9, &[0; 9]),
        frame(1, 3, 25, 9, &[]),
        // The message would have two fragments, or four.
        frame(1, 3, 18, 9, &[0; 9]),
        frame(1, 3, 28, 9, &[0; 9]),
        tampered,
        head.to_owned(),
        format!("{head}{}", &body[..body.len() - 2]),
        format!("{head}{}", body.replacen("ae", "ad", 1)),
        format!("ur:cairn-answer/{body}"),
        format!("ur:cairn-answer/1-3/1-3/{body}"),
        format!("ur:cairn-answer/+1-3/{body}"),
        format!("ur:cairn-answer/01-3/{body}"),
        "ur:cairn-answer/1-3/ää".to_owned(),
        "ur:cairn-answer/".to_owned(),
        "cairn-answer:".to_owned(),
        "cairn-answer:ABC".to_owned(),
    ] {
        let mut assembly = Assembly::new(Word::ANSWER);
        assert_eq!(assembly.add(&bad), Err(FrameError::Damaged), "{bad}");
        assert_eq!(assembly.progress().want, 0);
    }
    assert!(Assembly::new(Word::ANSWER).add(&good).is_ok());
    // CBOR with something after its end.
    let mut bytes = vec![0x85, 1, 1, 1, 0, 0x41, 0];
    let text = |bytes: &[u8]| format!("ur:cairn-answer/1-1/{}", encode(bytes, Style::Minimal));
    assert_ne!(
        Assembly::new(Word::ANSWER).add(&text(&bytes)),
        Err(FrameError::Damaged)
    );
    bytes.push(0);
    assert_eq!(
        Assembly::new(Word::ANSWER).add(&text(&bytes)),
        Err(FrameError::Damaged)
    );
}

#[test]
fn a_wrong_checksum_is_found_and_the_next_message_can_come() {
    let mut assembly = Assembly::new(Word::ANSWER);
    assembly.add(&frame(1, 2, 4, 9, b"ab")).unwrap();
    assert_eq!(
        assembly.add(&frame(2, 2, 4, 9, b"cd")),
        Err(FrameError::Contradiction)
    );
    assert_eq!(assembly.message(), None);
    assert_eq!(assembly.progress(), Progress { have: 0, want: 0 });
    assert!(assembly.add(&frames(500).text(1).unwrap()).is_ok());
}

#[test]
fn bytes_after_the_end_of_the_message_are_noughts() {
    let sum = crate::part::crc32(b"abc");
    let mut assembly = Assembly::new(Word::ANSWER);
    assembly.add(&frame(1, 2, 3, sum, b"ab")).unwrap();
    assert_eq!(
        assembly.add(&frame(2, 2, 3, sum, b"cd")),
        Err(FrameError::Contradiction)
    );
    assembly.add(&frame(1, 2, 3, sum, b"ab")).unwrap();
    assembly.add(&frame(2, 2, 3, sum, b"c\0")).unwrap();
    assert_eq!(assembly.message(), Some(b"abc".as_slice()));
}

/// What the crate `ur` takes from a stranger, and why frames are checked before it sees them.
#[test]
fn the_other_implementation_takes_what_is_refused_here() {
    // Twenty thousand fragments of nine bytes for a message of 25: memory is taken for all of them.
    let huge = frame(40_000, 20_000, 25, 0, &[0; 9]);
    assert!(ur::Decoder::default().receive(&huge).is_ok());
    assert_eq!(
        Assembly::new(Word::ANSWER).add(&huge),
        Err(FrameError::TooLarge)
    );
    // Numbers written in another way.
    let plus = frame(1, 3, 25, 9, &[0; 9]).replacen("/1-3/", "/+1-03/", 1);
    assert!(ur::Decoder::default().receive(&plus).is_ok());
    assert_eq!(
        Assembly::new(Word::ANSWER).add(&plus),
        Err(FrameError::Damaged)
    );
    // A length that the fragments cannot have: found at the end only.
    let long = frame(1, 1, 25_000, 9, &[0; 9]);
    assert!(ur::Decoder::default().receive(&long).is_ok());
    assert_eq!(
        Assembly::new(Word::ANSWER).add(&long),
        Err(FrameError::Damaged)
    );
}

/// Frames that each mix several fragments are enough.
#[test]
fn mixed_frames_are_solved_against_each_other() {
    let whole = b"abc";
    let sum = crate::part::crc32(whole);
    let identity = crate::part::Identity {
        count: 3,
        length: 3,
        sum,
    };
    let mut assembly = Assembly::new(Word::ANSWER);
    let mut other = ur::Decoder::default();
    let mut masks: Vec<Vec<usize>> = Vec::new();
    for number in 4..2000 {
        let mut fragments = identity.fragments_of(number);
        fragments.sort_unstable();
        if fragments.len() < 2 || masks.contains(&fragments) {
            continue;
        }
        let data = fragments.iter().fold(0, |all, at| all ^ whole[*at]);
        masks.push(fragments);
        let text = frame(number.into(), 3, 3, sum, &[data]);
        other.receive(&text).unwrap();
        if assembly.add(&text).unwrap().complete() {
            break;
        }
    }
    // No frame held a single fragment. The other implementation waits for one.
    assert_eq!(assembly.message(), Some(whole.as_slice()));
    assert!(!other.complete());
}
