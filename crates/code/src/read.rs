//! From a picture to the texts of the codes in it.

use image::GrayImage;
use rqrr::PreparedImage;

use crate::MAX_TEXT;
use crate::picture::MAX_PIXELS;

/// The most codes of one picture that are looked at.
const MAX_CODES: usize = 8;

/// The texts of all QR codes that can be made out in a picture, each once; none for a picture of
/// more than 32 million pixels or with a side shorter than 21.
pub fn read(picture: &GrayImage) -> Vec<String> {
    let (width, height) = picture.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || width.min(height) < 21 {
        return Vec::new();
    }
    plain(picture)
}

pub(crate) fn plain(picture: &GrayImage) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for grid in PreparedImage::prepare(picture.clone())
        .detect_grids()
        .into_iter()
        .take(MAX_CODES)
    {
        if let Ok((_, text)) = grid.decode()
            && text.len() <= MAX_TEXT
            && !texts.contains(&text)
        {
            texts.push(text);
        }
    }
    texts
}
