//! Codes in pictures. One trait for every place that pictures come from: a file today,
//! a camera and a region of the screen later.

use std::io::Cursor;

use image::{GrayImage, ImageReader, Limits};

/// The largest picture file that is read, in bytes.
pub const MAX_FILE: usize = 20 << 20;
/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 8192;
const MAX_MEMORY: u64 = 512 << 20;

/// Why a picture gave no text.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`MAX_FILE`].
    #[error("the picture is larger than {} MB", MAX_FILE >> 20)]
    TooLarge,
    /// Neither PNG nor JPEG, damaged, or larger than the bounds.
    #[error("not a PNG or JPEG picture that can be read")]
    NotAPicture,
    /// A picture without a QR code that can be read.
    #[error("no QR code was found in the picture")]
    NoCode,
    /// Several codes with different text: which one was meant is the citizen's to say.
    #[error("the picture holds several different QR codes")]
    SeveralCodes,
}

/// Somewhere that pictures come from, one after another.
pub trait FrameSource {
    /// The next picture in shades of grey; `None` at the end.
    fn next_frame(&mut self) -> Result<Option<GrayImage>, FrameError>;
}

/// One still picture, from the bytes of a PNG or JPEG file.
pub struct Still(Option<GrayImage>);

impl Still {
    /// Decodes within the bounds of this module.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > MAX_FILE {
            return Err(FrameError::TooLarge);
        }
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|_| FrameError::NotAPicture)?;
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_MEMORY);
        reader.limits(limits);
        let picture = reader.decode().map_err(|_| FrameError::NotAPicture)?;
        Ok(Self(Some(picture.into_luma8())))
    }
}

impl FrameSource for Still {
    fn next_frame(&mut self) -> Result<Option<GrayImage>, FrameError> {
        Ok(self.0.take())
    }
}

/// Reads frames until one holds a code, and returns its text.
pub fn read_code(source: &mut dyn FrameSource) -> Result<String, FrameError> {
    while let Some(frame) = source.next_frame()? {
        match codes_in(frame)?.as_slice() {
            [] => {}
            [text] => return Ok(text.clone()),
            _ => return Err(FrameError::SeveralCodes),
        }
    }
    Err(FrameError::NoCode)
}

fn codes_in(frame: GrayImage) -> Result<Vec<String>, FrameError> {
    let mut prepared = rqrr::PreparedImage::prepare(frame);
    let mut found: Vec<String> = prepared
        .detect_grids()
        .iter()
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// True when the bytes begin like a PNG or a JPEG file.
pub fn looks_like_a_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(&[0xff, 0xd8, 0xff])
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat, Luma};

    fn png_of(texts: &[&str]) -> Vec<u8> {
        let codes: Vec<GrayImage> = texts
            .iter()
            .map(|text| {
                qrcode::QrCode::new(text.as_bytes())
                    .unwrap()
                    .render::<Luma<u8>>()
                    .module_dimensions(4, 4)
                    .build()
            })
            .collect();
        let width = codes
            .iter()
            .map(|code| code.width() + 20)
            .sum::<u32>()
            .max(200);
        let height = codes.iter().map(GrayImage::height).max().unwrap_or(200);
        let mut sheet = GrayImage::from_pixel(width, height, Luma([255]));
        let mut left = 0;
        for code in &codes {
            image::imageops::overlay(&mut sheet, code, left, 0);
            left += i64::from(code.width()) + 20;
        }
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageLuma8(sheet)
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    fn read(bytes: &[u8]) -> Result<String, FrameError> {
        read_code(&mut Still::from_bytes(bytes)?)
    }

    #[test]
    fn reads_the_text_of_a_code() {
        let link = "openid4vp://?client_id=x&request_uri=https%3A%2F%2Fdesk.example%2Fr";
        assert_eq!(read(&png_of(&[link])).unwrap(), link);
    }

    #[test]
    fn refuses_a_picture_without_a_code() {
        assert!(matches!(read(&png_of(&[])), Err(FrameError::NoCode)));
    }

    #[test]
    fn refuses_two_different_codes() {
        let sheet = png_of(&["openid4vp://?a=1", "openid4vp://?a=2"]);
        assert!(matches!(read(&sheet), Err(FrameError::SeveralCodes)));
    }

    #[test]
    fn refuses_what_is_not_a_picture() {
        assert!(matches!(
            read(b"GIF89a not one"),
            Err(FrameError::NotAPicture)
        ));
        let mut cut = png_of(&["openid4vp://?a=1"]);
        cut.truncate(60);
        assert!(matches!(read(&cut), Err(FrameError::NotAPicture)));
    }

    #[test]
    fn refuses_a_side_beyond_the_bound() {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageLuma8(GrayImage::new(MAX_SIDE + 1, 1))
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        assert!(matches!(
            read(&bytes.into_inner()),
            Err(FrameError::NotAPicture)
        ));
    }

    #[test]
    fn refuses_a_file_beyond_the_bound() {
        assert!(matches!(
            read(&vec![0; MAX_FILE + 1]),
            Err(FrameError::TooLarge)
        ));
    }
}
