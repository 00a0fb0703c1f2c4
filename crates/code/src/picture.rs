//! Pictures from outside, bounded: PNG, JPEG and each frame of a GIF, in shades of grey.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Luma};

/// The longest file, in bytes.
pub(crate) const MAX_FILE: usize = 24 * 1024 * 1024;
/// The most pixels of one picture: a telephone's photo has 12 million as a rule.
pub(crate) const MAX_PIXELS: u64 = 32_000_000;
/// The longest side, in pixels.
const MAX_SIDE: u32 = 16_384;
/// What decoding may take: a picture of the most pixels in four colours, and as much again.
const MAX_MEMORY: u64 = 2 * 4 * MAX_PIXELS;
/// The most frames of a GIF, and the most pixels of all of them.
const MAX_FRAMES: usize = 1024;
const MAX_FRAME_PIXELS: u64 = 512_000_000;

/// Why a picture was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// Neither PNG nor JPEG nor GIF.
    #[error("the file is not a PNG, JPEG or GIF picture")]
    Unknown,
    /// The file, a side of the picture or the number of frames is beyond what is read.
    #[error("the picture is too large")]
    TooLarge,
    /// It begins like a picture and does not go on like one.
    #[error("the picture is damaged")]
    Damaged,
}

/// Every code's text in a PNG, JPEG or GIF, in the order of its frames, each text once.
///
/// # Errors
/// [`PictureError`]. A picture with no code in it is no error: the list is empty.
pub fn read_picture(bytes: &[u8]) -> Result<Vec<String>, PictureError> {
    let mut texts: Vec<String> = Vec::new();
    each_picture(bytes, &mut |picture| {
        for text in crate::read(picture) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    })?;
    Ok(texts)
}

fn each_picture(bytes: &[u8], see: &mut dyn FnMut(&GrayImage)) -> Result<(), PictureError> {
    if bytes.len() > MAX_FILE {
        return Err(PictureError::TooLarge);
    }
    if bytes.starts_with(b"GIF8") {
        return each_gif_frame(bytes, see);
    }
    see(&decode(bytes)?);
    Ok(())
}

/// One PNG or JPEG.
pub(crate) fn decode(bytes: &[u8]) -> Result<GrayImage, PictureError> {
    let format = match bytes {
        [0x89, b'P', b'N', b'G', ..] => ImageFormat::Png,
        [0xff, 0xd8, ..] => ImageFormat::Jpeg,
        _ => return Err(PictureError::Unknown),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    check(width, height)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    Ok(on_white(picture))
}

fn fault(error: image::ImageError) -> PictureError {
    match error {
        image::ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::Damaged,
    }
}

fn check(width: u32, height: u32) -> Result<(), PictureError> {
    let pixels = u64::from(width) * u64::from(height);
    if width == 0 || height == 0 {
        return Err(PictureError::Damaged);
    }
    if pixels > MAX_PIXELS || width > MAX_SIDE || height > MAX_SIDE {
        return Err(PictureError::TooLarge);
    }
    Ok(())
}

/// What is transparent shows white, as paper does: a code saved without its ground would be black
/// on black otherwise.
fn on_white(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let both = picture.into_luma_alpha8();
    GrayImage::from_fn(both.width(), both.height(), |x, y| {
        let [grey, alpha] = both.get_pixel(x, y).0.map(u32::from);
        Luma([((grey * alpha + 255 * (255 - alpha)) / 255) as u8])
    })
}

fn each_gif_frame(bytes: &[u8], see: &mut dyn FnMut(&GrayImage)) -> Result<(), PictureError> {
    let damaged = |_| PictureError::Damaged;
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    options.check_frame_consistency(true);
    options.set_memory_limit(gif::MemoryLimit::Bytes(
        std::num::NonZeroU64::new(MAX_MEMORY).ok_or(PictureError::TooLarge)?,
    ));
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(damaged)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    check(width, height)?;
    let mut page = GrayImage::from_pixel(width, height, Luma([255]));
    let mut seen = 0;
    while let Some(frame) = decoder.read_next_frame().map_err(damaged)? {
        seen += 1;
        let pixels = u64::from(width) * u64::from(height);
        if seen > MAX_FRAMES || pixels * seen as u64 > MAX_FRAME_PIXELS {
            return Err(PictureError::TooLarge);
        }
        let before = (frame.dispose == gif::DisposalMethod::Previous).then(|| page.clone());
        let part = (frame.left, frame.top, frame.width, frame.height);
        for (at, colour) in frame.buffer.chunks_exact(4).enumerate() {
            let [r, g, b, alpha] = *colour else { continue };
            let row = usize::from(frame.width).max(1);
            let x = u32::from(frame.left) + (at % row) as u32;
            let y = u32::from(frame.top) + (at / row) as u32;
            if alpha > 0 && x < width && y < height {
                let grey = (u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114) / 1000;
                page.put_pixel(x, y, Luma([grey as u8]));
            }
        }
        let clears = frame.dispose == gif::DisposalMethod::Background;
        see(&page);
        if let Some(before) = before {
            page = before;
        } else if clears {
            let (left, top, wide, high) = part;
            for y in u32::from(top)..(u32::from(top) + u32::from(high)).min(height) {
                for x in u32::from(left)..(u32::from(left) + u32::from(wide)).min(width) {
                    page.put_pixel(x, y, Luma([255]));
                }
            }
        }
    }
    if seen == 0 {
        return Err(PictureError::Damaged);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
