use std::path::Path;

use super::{Film, FilmError};
use crate::{Frames, Size, Symbol, Word};

fn codes() -> Vec<Symbol> {
    let frames = Frames::new(Word::ANSWER, &[5; 300], Size::Small).unwrap();
    (1..5).map(|number| frames.part(number).unwrap()).collect()
}

fn texts_of(path: &Path) -> Vec<String> {
    let mut film = Film::open(path).unwrap();
    let mut texts = Vec::new();
    while let Some(more) = film.next_texts().unwrap() {
        texts.extend(more);
    }
    texts
}

fn expected() -> Vec<String> {
    codes().iter().map(|code| code.text().to_owned()).collect()
}

fn jpeg(code: &Symbol) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = code.image(4);
    picture
        .write_to(&mut bytes, image::ImageFormat::Jpeg)
        .unwrap();
    bytes.into_inner()
}

#[test]
fn jpegs_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mjpeg");
    let whole: Vec<u8> = codes().iter().flat_map(jpeg).collect();
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(texts_of(&path), expected());

    std::fs::write(&path, &whole[..whole.len() - 100]).unwrap();
    let mut film = Film::open(&path).unwrap();
    for _ in 0..3 {
        film.next_texts().unwrap();
    }
    assert!(matches!(film.next_texts(), Err(FilmError::Damaged)));
}

#[test]
fn uncompressed_with_or_without_colour() {
    let folder = tempfile::tempdir().unwrap();
    for (chroma, colour) in [("Cmono", 0), ("C420jpeg", 1), ("C444", 4)] {
        let path = folder.path().join("film.y4m");
        let side = codes()[0].image(3).width();
        let mut bytes = format!("YUV4MPEG2 W{side} H{side} F10:1 Ip A1:1 {chroma}\n").into_bytes();
        let half = (side as usize).div_ceil(2);
        let rest = match colour {
            4 => 2 * (side as usize).pow(2),
            other => 2 * half * half * other,
        };
        for code in codes() {
            bytes.extend_from_slice(b"FRAME\n");
            bytes.extend_from_slice(code.image(3).as_raw());
            bytes.extend(std::iter::repeat_n(128, rest));
        }
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(texts_of(&path), expected(), "{chroma}");
    }
}

#[test]
fn a_folder_of_pictures_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (index, code) in codes().iter().enumerate() {
        let path = folder.path().join(format!("{index}.png"));
        std::fs::write(path, code.png(4)).unwrap();
    }
    std::fs::write(folder.path().join("notes.txt"), "not a picture").unwrap();
    assert_eq!(texts_of(folder.path()), expected());
}

#[test]
fn bad_films_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film");
    for (bytes, unknown) in [
        ("hello", true),
        ("", true),
        ("YUV4MPEG2 W10 H10 Cp010\n", true),
        ("YUV4MPEG2 W0 H10\n", false),
        ("YUV4MPEG2 W-1 H10\n", false),
        ("YUV4MPEG2 W99999 H99999\n", false),
        ("YUV4MPEG2 W10 H10", false),
    ] {
        std::fs::write(&path, bytes).unwrap();
        match Film::open(&path) {
            Err(FilmError::Unknown) => assert!(unknown, "{bytes}"),
            Err(FilmError::Damaged | FilmError::TooLarge) => assert!(!unknown, "{bytes}"),
            other => assert!(other.is_err(), "{bytes}"),
        }
    }
    assert!(Film::open(&folder.path().join("none")).is_err());
    std::fs::write(&path, "YUV4MPEG2 W40 H40\nFRAME\nshort").unwrap();
    assert!(Film::open(&path).unwrap().next_texts().is_err());
}
