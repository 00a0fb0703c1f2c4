//! Making a picture clearer before a second look.

use image::GrayImage;

/// How far around a pixel its neighbourhood reaches when edges are sharpened.
const REACH: usize = 5;
/// How much a difference to the neighbourhood is added.
const STRENGTH: i32 = 2;
/// Shades that lie closer together than this are spread.
const CLOSE: i32 = 120;

/// Each pixel the mean of itself (a quarter) and its eight neighbours: noise gives way.
pub(crate) fn calmed(picture: &GrayImage) -> GrayImage {
    let pass = |bytes: &[u8], step: usize, in_row: bool| -> Vec<u8> {
        let width = picture.width() as usize;
        (0..bytes.len())
            .map(|at| {
                let same_row = |other: usize| !in_row || other / width == at / width;
                let here = bytes.get(at).copied().unwrap_or_default();
                let before = at
                    .checked_sub(step)
                    .filter(|other| same_row(*other))
                    .and_then(|other| bytes.get(other).copied());
                let after = Some(at + step)
                    .filter(|other| same_row(*other))
                    .and_then(|other| bytes.get(other).copied());
                let sum = u16::from(before.unwrap_or(here)) + u16::from(after.unwrap_or(here));
                ((sum + 2 * u16::from(here)) / 4) as u8
            })
            .collect()
    };
    let rows = pass(picture.as_raw(), 1, true);
    same_size(picture, pass(&rows, picture.width() as usize, false))
}

/// Each pixel moved away from the mean of its neighbourhood: edges come out, and with them weak
/// contrast.
pub(crate) fn sharpened(picture: &GrayImage) -> GrayImage {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let around = transposed(&means(picture.as_raw(), width), width, height);
    let around = transposed(&means(&around, height), height, width);
    let bytes = picture.as_raw().iter().zip(&around);
    let bytes = bytes.map(|(here, around)| {
        let (here, around) = (i32::from(*here), i32::from(*around));
        (here + STRENGTH * (here - around)).clamp(0, 255) as u8
    });
    same_size(picture, bytes.collect())
}

/// The shades spread out between black and white, if they lie close together; the darkest and the
/// brightest fiftieth of the pixels are left out of account.
pub(crate) fn stretched(picture: &GrayImage) -> Option<GrayImage> {
    let mut counts = [0_usize; 256];
    for grey in picture.iter() {
        if let Some(count) = counts.get_mut(usize::from(*grey)) {
            *count += 1;
        }
    }
    let few = picture.len() / 50;
    let beyond = |counts: &mut dyn Iterator<Item = &usize>| {
        let mut sum = 0;
        counts
            .take_while(|count| {
                sum += **count;
                sum <= few
            })
            .count() as i32
    };
    let low = beyond(&mut counts.iter());
    let high = 255 - beyond(&mut counts.iter().rev());
    if high - low >= CLOSE || high <= low {
        return None;
    }
    let spread = |grey: &u8| ((i32::from(*grey) - low) * 255 / (high - low)).clamp(0, 255) as u8;
    Some(same_size(picture, picture.iter().map(spread).collect()))
}

/// At a half, a quarter … of its sides, until it has no more than so many pixels.
pub(crate) fn halved(picture: &GrayImage, pixels: u64) -> GrayImage {
    let (mut width, mut height) = picture.dimensions();
    while u64::from(width) * u64::from(height) > pixels && width.min(height) > 1 {
        (width, height) = (width / 2, height / 2);
    }
    image::imageops::thumbnail(picture, width, height)
}

/// For each byte of each row the mean of those up to [`REACH`] before and after it.
fn means(bytes: &[u8], width: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for row in bytes.chunks(width.max(1)) {
        let at = |index: usize| row.get(index).copied().map_or(0, u32::from);
        let (mut sum, mut count) = (0, 0);
        for index in 0..REACH.min(row.len()) {
            sum += at(index);
            count += 1;
        }
        for index in 0..row.len() {
            if index + REACH < row.len() {
                sum += at(index + REACH);
                count += 1;
            }
            if let Some(left) = index.checked_sub(REACH + 1) {
                sum -= at(left);
                count -= 1;
            }
            out.push((sum / count.max(1)) as u8);
        }
    }
    out
}

/// Rows become columns.
fn transposed(bytes: &[u8], width: usize, height: usize) -> Vec<u8> {
    (0..width)
        .flat_map(|x| {
            (0..height).map(move |y| bytes.get(y * width + x).copied().unwrap_or_default())
        })
        .collect()
}

fn same_size(picture: &GrayImage, bytes: Vec<u8>) -> GrayImage {
    GrayImage::from_raw(picture.width(), picture.height(), bytes).unwrap_or_else(|| picture.clone())
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::{calmed, halved, sharpened, stretched, transposed};

    #[test]
    fn an_even_picture_stays_as_it_is() {
        let even = GrayImage::from_pixel(31, 17, Luma([90]));
        assert_eq!(calmed(&even), even);
        assert_eq!(sharpened(&even), even);
    }

    #[test]
    fn noise_shrinks_and_edges_grow() {
        let mut dot = GrayImage::from_pixel(31, 17, Luma([100]));
        dot.put_pixel(15, 8, Luma([180]));
        assert_eq!(calmed(&dot).get_pixel(15, 8).0, [120]);
        let edge = GrayImage::from_fn(40, 30, |x, _| Luma([if x < 20 { 100 } else { 120 }]));
        let sharp = sharpened(&edge);
        assert!(sharp.get_pixel(19, 15).0[0] < 90 && sharp.get_pixel(20, 15).0[0] > 130);
    }

    #[test]
    fn weak_contrast_is_stretched() {
        let pale = GrayImage::from_fn(40, 30, |x, _| Luma([if x < 20 { 190 } else { 240 }]));
        let strong = stretched(&pale).unwrap();
        assert_eq!(strong.get_pixel(0, 0).0, [0]);
        assert_eq!(strong.get_pixel(39, 0).0, [255]);
        assert_eq!(stretched(&strong), None);
        assert_eq!(stretched(&GrayImage::new(5, 5)), None);
        assert_eq!(stretched(&GrayImage::new(0, 0)), None);
    }

    #[test]
    fn sizes_are_kept_or_halved() {
        assert_eq!(transposed(&[1, 2, 3, 4, 5, 6], 3, 2), [1, 4, 2, 5, 3, 6]);
        let large = GrayImage::new(400, 301);
        assert_eq!(halved(&large, 10_000).dimensions(), (100, 75));
        for size in [(1, 1), (1, 9), (9, 1), (3, 2)] {
            let small = GrayImage::new(size.0, size.1);
            assert_eq!(calmed(&small).dimensions(), size);
            assert_eq!(sharpened(&small).dimensions(), size);
        }
    }
}
