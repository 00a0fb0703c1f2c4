use crate::camera::{Dice, View, look};
use code::{Assembly, Frames, Size, Symbol, Word, read, read_frame, still};

fn message(length: usize) -> Vec<u8> {
    let mut dice = Dice::new(length as u64);
    (0..length).map(|_| (dice.throw() * 256.0) as u8).collect()
}

/// From the smallest frame to the densest still code there is.
fn codes() -> Vec<Symbol> {
    let frame = |size| {
        Frames::new(Word::ANSWER, &message(3000), size)
            .unwrap()
            .part(9)
            .unwrap()
    };
    vec![
        frame(Size::Small),
        frame(Size::Medium),
        frame(Size::Large),
        still(Word::ANSWER, &message(940)).unwrap(),
        still(Word::ANSWER, &message(1200)).unwrap(),
    ]
}

fn each_is_read(views: impl IntoIterator<Item = View>) {
    for view in views {
        for code in codes() {
            let picture = look(&code, view);
            assert_eq!(read(&picture), [code.text()], "{} {view:?}", code.version());
        }
    }
}

#[test]
fn turned_by_any_angle() {
    each_is_read(
        [0.0, 7.0, 30.0, 45.0, 95.0, 180.0, 275.0].map(|angle| View {
            angle,
            ..View::WIDE
        }),
    );
}

#[test]
fn far_and_near() {
    each_is_read([2.2, 3.0, 3.7, 4.5, 5.5].map(|module| View {
        module,
        angle: 4.0,
        ..View::WIDE
    }));
}

#[test]
fn aslant() {
    each_is_read([-0.3, 0.15, 0.3].map(|slant| View {
        slant,
        angle: 12.0,
        ..View::WIDE
    }));
}

#[test]
fn out_of_focus() {
    each_is_read([1.0, 1.5, 1.9].map(|blur| View {
        blur,
        angle: 5.0,
        ..View::WIDE
    }));
}

#[test]
fn with_noise() {
    each_is_read([15.0, 30.0, 40.0].map(|noise| View {
        noise,
        angle: 5.0,
        ..View::WIDE
    }));
}

#[test]
fn dark_bright_pale_and_shaded() {
    let lights = [
        (0.0, 60.0, 0.0),
        (200.0, 255.0, 0.0),
        (100.0, 160.0, 0.0),
        (20.0, 235.0, 0.7),
    ];
    each_is_read(lights.map(|(black, white, shade)| View {
        black,
        white,
        shade,
        angle: 5.0,
        ..View::WIDE
    }));
}

#[test]
fn a_bit_of_everything() {
    each_is_read([1, 2, 3].map(|seed| View {
        module: 3.0,
        angle: 17.0,
        slant: 0.15,
        blur: 1.0,
        noise: 10.0,
        black: 50.0,
        white: 190.0,
        shade: 0.3,
        seed,
        ..View::WIDE
    }));
}

#[test]
fn two_codes_in_one_picture_are_both_read() {
    let (one, two) = (
        still(Word::ASK, b"one").unwrap(),
        still(Word::ASK, b"another").unwrap(),
    );
    let mut picture = code::GrayImage::from_pixel(600, 300, image::Luma([200]));
    image::imageops::replace(&mut picture, &one.image(5), 20, 40);
    image::imageops::replace(&mut picture, &two.image(5), 320, 60);
    let mut texts = read(&picture);
    texts.sort();
    let mut expected = [one.text(), two.text()];
    expected.sort();
    assert_eq!(texts, expected);
}

/// A camera of 640 × 480 that moves in the hand and loses 30 of 100 frames.
#[test]
fn an_animation_with_a_third_of_its_frames_lost() {
    for (size, module) in [(Size::Small, 5.0), (Size::Medium, 4.5)] {
        let whole = message(2600);
        let frames = Frames::new(Word::ANSWER, &whole, size).unwrap();
        let mut dice = Dice::new(11);
        let mut assembly = Assembly::new(Word::ANSWER);
        let mut shown = 0;
        while assembly.message().is_none() {
            shown += 1;
            assert!(shown < 3 * frames.count() as u32 + 20, "too many frames");
            if dice.throw() < 0.3 {
                continue;
            }
            let view = View {
                module: module + dice.throw() - 0.5,
                angle: 10.0 * dice.throw(),
                slant: 0.2 * dice.throw(),
                blur: 0.5 + dice.throw(),
                noise: 12.0,
                seed: shown.into(),
                ..View::GOOD
            };
            let picture = look(&frames.part(shown).unwrap(), view);
            for text in read_frame(&picture, shown as usize) {
                assembly.add(&text).unwrap();
            }
        }
        assert_eq!(assembly.message(), Some(whole.as_slice()));
    }
}

/// Nothing comes of pictures without a code, and nothing breaks.
#[test]
fn noise_holds_no_code() {
    let mut dice = Dice::new(5);
    for side in [0_u32, 1, 20, 21, 64, 333] {
        let picture = code::GrayImage::from_fn(side, side, |_, _| {
            image::Luma([(dice.throw() * 256.0) as u8])
        });
        assert_eq!(read(&picture), [""; 0]);
    }
}

/// Codes with parts painted over, in pieces, stretched: read rightly or not at all.
#[test]
fn a_broken_code_is_read_rightly_or_not_at_all() {
    let mut dice = Dice::new(77);
    for round in 0..200 {
        let code = still(Word::ANSWER, &message(10 + round)).unwrap();
        let mut picture = code.image(3);
        let side = picture.width();
        for _ in 0..1 + round % 7 {
            let mut along = || (dice.throw() * side as f32) as u32;
            let (x, y, wide, high) = (along(), along(), along() / 3, along() / 3);
            let shade = image::Luma([(dice.throw() * 256.0) as u8]);
            for (x, y) in (x..(x + wide).min(side))
                .flat_map(|x| (y..(y + high).min(side)).map(move |y| (x, y)))
            {
                picture.put_pixel(x, y, shade);
            }
        }
        let (wide, high) = (
            30 + (dice.throw() * 300.0) as u32,
            30 + (dice.throw() * 300.0) as u32,
        );
        let picture = image::imageops::thumbnail(&picture, wide, high);
        for text in read(&picture) {
            assert_eq!(text, code.text());
        }
    }
}
