//! How many frames and bytes a message takes, and how long a picture takes to be read.
//!
//! The counts are printed once before the times: they do not depend on the machine.

#![allow(missing_docs, reason = "macros of criterion")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot prepare itself has nothing to say"
)]

use std::hint::black_box;

use code::{Assembly, Frames, Size, Word, read_frame, still};
use criterion::{Criterion, criterion_group, criterion_main};

#[path = "../tests/distortions/camera.rs"]
mod camera;

use camera::{Dice, View, look};

const SIZES: [Size; 3] = [Size::Small, Size::Medium, Size::Large];

fn message(length: usize) -> Vec<u8> {
    let mut dice = Dice::new(length as u64);
    (0..length).map(|_| (dice.throw() * 256.0) as u8).collect()
}

/// Frames that must be shown until a reader has the message, if 30 in 100 are lost.
fn needed(frames: &Frames, seed: u64) -> usize {
    let mut dice = Dice::new(seed);
    let mut assembly = Assembly::new(Word::ANSWER);
    let mut shown = 0;
    while assembly.message().is_none() {
        shown += 1;
        if dice.throw() >= 0.3 {
            let text = frames.text(shown).unwrap();
            assembly.add(&text).unwrap();
        }
    }
    shown as usize
}

fn counts() {
    println!("message  still      frames, characters a frame, shown at 30 % lost (median of 21)");
    for length in [1000, 1200, 2000, 3000, 4000, 6000] {
        let whole = message(length);
        let one = still(Word::ANSWER, &whole);
        let one = one.map_or("-".to_owned(), |code| format!("version {}", code.version()));
        print!("{length:>7}  {one:<10}");
        for size in SIZES {
            let frames = Frames::new(Word::ANSWER, &whole, size).unwrap();
            let mut shown: Vec<usize> = (1..=21).map(|seed| needed(&frames, seed)).collect();
            shown.sort_unstable();
            let characters = frames.text(1).unwrap().len();
            print!("  {size:?} {}, {characters}, {}", frames.count(), shown[10]);
        }
        println!();
    }
}

fn codes(criterion: &mut Criterion) {
    counts();
    let whole = message(3000);
    for size in SIZES {
        let frames = Frames::new(Word::ANSWER, &whole, size).unwrap();
        let code = frames.part(30).unwrap();
        criterion.bench_function(&format!("make a frame, {size:?}"), |bencher| {
            bencher.iter(|| frames.part(black_box(30)));
        });
        let easy = View {
            angle: 5.0,
            ..View::WIDE
        };
        let hard = View {
            module: 3.0,
            angle: 17.0,
            slant: 0.15,
            blur: 1.0,
            noise: 10.0,
            black: 50.0,
            white: 190.0,
            shade: 0.3,
            ..View::WIDE
        };
        for (name, view) in [("easy", easy), ("hard", hard)] {
            let picture = look(&code, view);
            let name = format!("read a frame, {size:?}, {name}, 1280 × 720");
            criterion.bench_function(&name, |bencher| {
                bencher.iter(|| read_frame(black_box(&picture), 1));
            });
        }
    }
    let nothing = code::GrayImage::from_pixel(1280, 720, image::Luma([120]));
    criterion.bench_function("read a picture without a code, 1280 × 720", |bencher| {
        bencher.iter(|| read_frame(black_box(&nothing), 1));
    });
    let frames = Frames::new(Word::ANSWER, &message(6000), Size::Small).unwrap();
    let texts: Vec<String> = (60..200).map(|n| frames.text(n).unwrap()).collect();
    criterion.bench_function("assemble 6,000 bytes of mixed frames", |bencher| {
        bencher.iter(|| {
            let mut assembly = Assembly::new(Word::ANSWER);
            for text in &texts {
                if assembly.add(text).unwrap().complete() {
                    break;
                }
            }
            assert!(assembly.message().is_some());
        });
    });
}

criterion_group!(benches, codes);
criterion_main!(benches);
