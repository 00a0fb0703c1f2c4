use super::read_picture;
use crate::{Frames, PictureError, Size, Word, gif, still};

#[test]
fn a_png_shows_its_code() {
    let code = still(Word::ASK, b"a request").unwrap();
    assert_eq!(read_picture(&code.png(4)).unwrap(), [code.text()]);
}

#[test]
fn each_frame_of_a_gif_is_read() {
    let frames = Frames::new(Word::ANSWER, &[3; 500], Size::Small).unwrap();
    let codes: Vec<_> = (1..9).map(|number| frames.part(number).unwrap()).collect();
    let texts: Vec<&str> = codes.iter().map(|code| code.text()).collect();
    let film = gif(&codes, 10, 3);
    let read = read_picture(&film).unwrap();
    assert_eq!(read, texts);
}

#[test]
fn what_is_no_picture_is_refused() {
    for (bytes, error) in [
        (b"".as_slice(), PictureError::Unknown),
        (b"hello", PictureError::Unknown),
        (b"GIF89a", PictureError::Damaged),
        (b"\x89PNG\r\n\x1a\n", PictureError::Damaged),
        (b"\xff\xd8\xff\xe0", PictureError::Damaged),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            PictureError::Unknown,
        ),
    ] {
        assert_eq!(read_picture(bytes), Err(error));
    }
    let whole = still(Word::ASK, b"x").unwrap().png(4);
    assert_eq!(
        read_picture(&whole[..whole.len() / 2]),
        Err(PictureError::Damaged)
    );
}

/// The size stands in the first bytes: it is refused before memory is taken for it.
#[test]
fn a_picture_that_claims_to_be_huge_is_refused() {
    let mut png = still(Word::ASK, b"x").unwrap().png(1);
    png[16..24].copy_from_slice(&[0, 0, 0x3f, 0xff, 0, 0, 0x3f, 0xff]);
    let sum = crate::part::crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&sum);
    assert_eq!(read_picture(&png), Err(PictureError::TooLarge));

    let mut film = gif(&[still(Word::ASK, b"x").unwrap()], 1, 1);
    film[6..10].copy_from_slice(&[0xff; 4]);
    assert_eq!(read_picture(&film), Err(PictureError::TooLarge));

    let long = [b"GIF89a".as_slice(), &vec![0; super::MAX_FILE]].concat();
    assert_eq!(read_picture(&long), Err(PictureError::TooLarge));
}

#[test]
fn a_code_saved_without_its_ground_is_read() {
    let code = still(Word::ASK, b"on glass").unwrap();
    let opaque = code.image(4);
    let glass = image::RgbaImage::from_fn(opaque.width(), opaque.height(), |x, y| {
        let dark = opaque.get_pixel(x, y).0 == [0];
        image::Rgba([0, 0, 0, if dark { 255 } else { 0 }])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    glass.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    assert_eq!(read_picture(bytes.get_ref()).unwrap(), [code.text()]);
}
