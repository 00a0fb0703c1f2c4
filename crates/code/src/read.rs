//! From a picture to the texts of the codes in it.
//!
//! Two crates share the work. `rxing` finds codes and samples their modules: it looks for each of
//! the alignment patterns, which the large versions need when the paper is not flat before the
//! camera. `rqrr` corrects and decodes the modules. Each alone is worse at this: see
//! `docs/decisions/0501-reading-codes.md` for what was measured.

use image::GrayImage;
use rxing::common::cpp_essentials::{ConcentricPattern, FixedPattern, LocateConcentricPattern};
use rxing::common::{BitMatrix, DetectorRXingResult as _, HybridBinarizer};
use rxing::qrcode::cpp_port::detector::{GenerateFinderPatternSets, SampleQR};
use rxing::{Binarizer as _, Luma8LuminanceSource, Point};

use crate::picture::MAX_PIXELS;
use crate::{MAX_TEXT, clear};

/// What a line through the middle of a corner pattern meets: black, white, black, white, black.
const CORNER: FixedPattern<5, 7, false> = FixedPattern::new([1, 1, 3, 1, 1]);
/// The most corner patterns that are looked for: a picture full of them would take hours otherwise,
/// each being compared with all before it.
const MAX_FOUND: usize = 256;
/// The most places that are looked at for one.
const MAX_PLACES: usize = 16_384;
/// Each third row is looked at: the middle of a corner has three modules.
const ROWS: usize = 3;
/// The most corner patterns of a picture that are tried as corners of a code, in threes.
const MAX_CORNERS: usize = 48;
/// The most threes of them in a row that are no code.
const MAX_TRIES: usize = 64;
/// The most codes of one picture.
const MAX_CODES: usize = 8;

/// A picture of more pixels is made smaller first: codes for a counter are not that fine.
const HANDY: u64 = 3_000_000;

/// The texts of all QR codes that can be made out in a picture, each once; none for a picture of
/// more than 32 million pixels or with a side shorter than 21.
///
/// Where nothing is found at first, the picture is cleared of noise and blur and looked at again.
pub fn read(picture: &GrayImage) -> Vec<String> {
    if !fits(picture) {
        return Vec::new();
    }
    let first: &[Sight] = if pixels(picture) > HANDY {
        &[Sight::Smaller]
    } else {
        &[]
    };
    let others = [Sight::Plain, Sight::Calm, Sight::Sharp];
    look(picture, first.iter().chain(&others))
}

/// As [`read`], for a camera that has another picture soon: after a first look one other, and not
/// the same one for each `number` of a frame.
pub fn read_frame(picture: &GrayImage, number: usize) -> Vec<String> {
    if !fits(picture) {
        return Vec::new();
    }
    let other = if number.is_multiple_of(2) {
        Sight::Calm
    } else {
        Sight::Sharp
    };
    look(picture, &[Sight::Plain, other])
}

/// Ways to look at a picture.
#[derive(Clone, Copy)]
enum Sight {
    Plain,
    /// Half the size, or a quarter, for a large photo.
    Smaller,
    /// Without noise, then with its edges sharpened: for noise, weak contrast and larger modules.
    Calm,
    /// With its edges sharpened: for blur, where modules are small.
    Sharp,
}

fn pixels(picture: &GrayImage) -> u64 {
    u64::from(picture.width()) * u64::from(picture.height())
}

fn fits(picture: &GrayImage) -> bool {
    pixels(picture) <= MAX_PIXELS && picture.width().min(picture.height()) >= 21
}

fn look<'a>(picture: &GrayImage, sights: impl IntoIterator<Item = &'a Sight>) -> Vec<String> {
    let stretched = clear::stretched(picture);
    let picture = stretched.as_ref().unwrap_or(picture);
    sights
        .into_iter()
        .map(|sight| match sight {
            Sight::Plain => found(picture.clone()),
            Sight::Smaller => found(clear::halved(picture, HANDY)),
            Sight::Calm => found(clear::sharpened(&clear::calmed(picture))),
            Sight::Sharp => found(clear::sharpened(picture)),
        })
        .find(|texts| !texts.is_empty())
        .unwrap_or_default()
}

fn found(picture: GrayImage) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let (width, height) = picture.dimensions();
    let Ok(source) = Luma8LuminanceSource::new(picture.into_raw(), width, height) else {
        return texts;
    };
    let black = HybridBinarizer::new(source);
    let Ok(black) = black.get_black_matrix() else {
        return texts;
    };
    let mut corners = corners(black);
    corners.sort_by_key(|corner| std::cmp::Reverse(corner.size));
    corners.truncate(MAX_CORNERS);
    // A corner belongs to one code. Corners of several codes side by side make many more threes,
    // as good to look at, than there are codes.
    let mut used: Vec<Point> = Vec::new();
    let mut tries = 0;
    for corners in GenerateFinderPatternSets(&mut corners) {
        let three = [corners.bl.p, corners.tl.p, corners.tr.p];
        if three.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        if tries == MAX_TRIES {
            break;
        }
        tries += 1;
        if let Ok(code) = SampleQR(black, &corners)
            && let Some(text) = decoded(code.getBits())
        {
            used.extend(three);
            tries = 0;
            if !texts.contains(&text) {
                texts.push(text);
            }
            if texts.len() == MAX_CODES {
                break;
            }
        }
    }
    texts
}

fn decoded(modules: &BitMatrix) -> Option<String> {
    let side = modules.width() as usize;
    let grid = rqrr::SimpleGrid::from_func(side, |x, y| modules.get(x as u32, y as u32));
    let (_, text) = rqrr::Grid::new(grid).decode().ok()?;
    (text.len() <= MAX_TEXT).then_some(text)
}

/// The corner patterns of a picture.
fn corners(black: &BitMatrix) -> Vec<ConcentricPattern> {
    let pattern = CORNER.into();
    let mut found: Vec<ConcentricPattern> = Vec::new();
    let mut places = 0;
    for y in (ROWS as u32 - 1..black.height()).step_by(ROWS) {
        for (x, reach) in places_in_row(black, y) {
            let middle = Point::new(x, y as f32 + 0.5);
            let inside =
                |one: &ConcentricPattern| Point::distance(middle, one.p) < one.size as f32 / 2.0;
            if found.iter().any(inside) {
                continue;
            }
            places += 1;
            if places > MAX_PLACES || found.len() == MAX_FOUND {
                return found;
            }
            if let Some(corner) =
                LocateConcentricPattern::<true, 5, 7>(black, &pattern, middle, 3 * reach)
            {
                found.push(corner);
            }
        }
    }
    found
}

/// Where a row goes through something like a corner pattern: its middle, and its length.
fn places_in_row(black: &BitMatrix, y: u32) -> Vec<(f32, i32)> {
    let mut ends: Vec<u32> = vec![0];
    let mut dark = false;
    // The runs are white and black in turn, beginning with a white one, which may be empty.
    for x in 0..black.width() {
        if black.get(x, y) != dark {
            dark = !dark;
            ends.push(x);
        }
    }
    ends.push(black.width());
    let places = ends.windows(6).skip(1).step_by(2).filter_map(|ends| {
        let [start, a, b, c, d, end] = *ends else {
            return None;
        };
        let length = end - start;
        (is_corner_like([a - start, b - a, c - b, d - c, end - d]) && length < i32::MAX as u32)
            .then(|| ((b + c) as f32 / 2.0, length as i32))
    });
    places.collect()
}

/// Lengths like 1 : 1 : 3 : 1 : 1. From edge to like edge they are compared, because light makes
/// black narrower and shade makes it wider.
fn is_corner_like([a, b, c, d, e]: [u32; 5]) -> bool {
    let seventh = (a + b + c + d + e) as f32 / 7.0;
    let like = |two: u32, modules: f32| {
        (two as f32 - modules * seventh).abs() <= seventh * 0.25 * modules + 1.0
    };
    c >= 3
        && c >= a.max(e)
        && like(a + b, 2.0)
        && like(b + c, 4.0)
        && like(c + d, 4.0)
        && like(d + e, 2.0)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, imageops};
    use rxing::common::BitMatrix;

    use super::{MAX_FOUND, corners, is_corner_like, read};
    use crate::{Frames, Size, Word};

    #[test]
    fn six_codes_side_by_side_are_all_read() {
        let message: Vec<u8> = (0..1500_u32).map(|n| (n * 7 % 251) as u8).collect();
        let frames = Frames::new(Word::ANSWER, &message, Size::Medium).unwrap();
        let mut page = GrayImage::from_pixel(1000, 1500, Luma([255]));
        for number in 0..6_u32 {
            let code = frames.part(number + 1).unwrap().image(5);
            let (x, y) = (50 + number % 2 * 460, 40 + number / 2 * 480);
            imageops::replace(&mut page, &code, x.into(), y.into());
        }
        let mut texts = read(&page);
        texts.sort();
        let mut expected: Vec<String> = (1..=6).filter_map(|n| frames.text(n)).collect();
        expected.sort();
        assert_eq!(texts, expected);
    }

    /// Without the bound the time for such a picture grows with the square of its pixels.
    #[test]
    fn a_picture_full_of_corners_is_not_looked_at_to_its_end() {
        let side = 400;
        let mut black = BitMatrix::new(side, side).unwrap();
        for (x, y) in (0..side).flat_map(|x| (0..side).map(move |y| (x, y))) {
            let (x7, y7) = (x % 9, y % 9);
            if x7 < 7 && y7 < 7 && x7.min(y7).min(6 - x7).min(6 - y7) != 1 {
                black.set(x, y);
            }
        }
        assert_eq!(corners(&black).len(), MAX_FOUND);
    }

    #[test]
    fn lengths_like_those_of_a_corner_are_told_from_others() {
        for like in [
            [1, 1, 3, 1, 1],
            [4, 4, 12, 4, 4],
            [5, 3, 13, 3, 5],
            [3, 5, 10, 6, 3],
        ] {
            assert!(is_corner_like(like), "{like:?}");
        }
        for other in [
            [1, 1, 1, 1, 1],
            [4, 4, 4, 4, 12],
            [4, 12, 12, 4, 4],
            [9, 9, 9, 9, 9],
        ] {
            assert!(!is_corner_like(other), "{other:?}");
        }
    }
}
