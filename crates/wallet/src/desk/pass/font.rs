//! The typeface of printed passes: as much of TrueType as a page of text needs.

/// Atkinson Hyperlegible Next, regular; see `fonts/SOURCE.md`.
pub(super) const FILE: &[u8] = include_bytes!("../../../fonts/atkinson-hyperlegible-next-400.ttf");

/// What stands for a letter that the typeface does not have.
const MISSING: char = '?';

/// Widths and glyphs of the typeface, in thousandths of its size.
pub(super) struct Face {
    /// First and last character of each run, and what is added to get the glyph.
    runs: Vec<(u16, u16, u16)>,
    widths: Vec<f32>,
    pub(super) ascent: f32,
    pub(super) descent: f32,
    pub(super) bounds: [f32; 4],
}

impl Face {
    /// Of [`FILE`]. A damaged one would have no letters; a test holds that it is not.
    pub(super) fn new() -> Self {
        Self::parse(FILE).unwrap_or(Self {
            runs: Vec::new(),
            widths: Vec::new(),
            ascent: 1000.0,
            descent: 0.0,
            bounds: [0.0; 4],
        })
    }

    fn parse(file: &[u8]) -> Option<Self> {
        let head = table(file, b"head")?;
        let hhea = table(file, b"hhea")?;
        let hmtx = table(file, b"hmtx")?;
        let scale = 1000.0 / f32::from(word(head, 18)?);
        let signed = |table: &[u8], at| word(table, at).map(|word| f32::from(word as i16) * scale);
        let count = usize::from(word(hhea, 34)?);
        let widths = (0..count)
            .map(|glyph| word(hmtx, glyph * 4).map(|width| f32::from(width) * scale))
            .collect::<Option<Vec<f32>>>()?;
        Some(Self {
            runs: runs(table(file, b"cmap")?)?,
            widths,
            ascent: signed(hhea, 4)?,
            descent: signed(hhea, 6)?,
            bounds: [
                signed(head, 36)?,
                signed(head, 38)?,
                signed(head, 40)?,
                signed(head, 42)?,
            ],
        })
    }

    /// The glyph of a letter, or of what stands for one that there is none of.
    pub(super) fn glyph(&self, letter: char) -> u16 {
        self.find(letter)
            .or_else(|| self.find(MISSING))
            .unwrap_or(0)
    }

    fn find(&self, letter: char) -> Option<u16> {
        let code = u16::try_from(u32::from(letter)).ok()?;
        let (_, _, delta) = self
            .runs
            .iter()
            .find(|(first, last, _)| (*first..=*last).contains(&code))?;
        Some(code.wrapping_add(*delta)).filter(|glyph| *glyph != 0)
    }

    /// True where every letter of a text is there. Spaces of any kind are: lines are broken at
    /// them.
    pub(super) fn has(&self, text: &str) -> bool {
        text.chars()
            .all(|letter| letter.is_whitespace() || self.find(letter).is_some())
    }

    /// The letter that is shown for this one.
    pub(super) fn shown(&self, letter: char) -> char {
        match self.find(letter) {
            Some(_) => letter,
            None => MISSING,
        }
    }

    /// The width of a glyph; glyphs beyond the table are as wide as its last.
    pub(super) fn width(&self, glyph: u16) -> f32 {
        let width = self.widths.get(usize::from(glyph)).or(self.widths.last());
        width.copied().unwrap_or(0.0)
    }

    /// The width of a text at a size, in points.
    pub(super) fn measure(&self, text: &str, size: f32) -> f32 {
        let letters = text.chars().map(|letter| self.width(self.glyph(letter)));
        letters.sum::<f32>() * size / 1000.0
    }
}

/// The runs of a `cmap` of format 4 whose glyphs follow from an addition alone, and the others
/// letter by letter.
fn runs(cmap: &[u8]) -> Option<Vec<(u16, u16, u16)>> {
    let count = usize::from(word(cmap, 2)?);
    let offset = (0..count).find_map(|place| {
        let at = 4 + place * 8;
        let unicode = (word(cmap, at)?, word(cmap, at + 2)?) == (3, 1);
        unicode.then_some(())?;
        Some(usize::from(word(cmap, at + 4)?) << 16 | usize::from(word(cmap, at + 6)?))
    })?;
    let table = cmap.get(offset..)?;
    if word(table, 0)? != 4 {
        return None;
    }
    let segments = usize::from(word(table, 6)? / 2);
    let mut runs = Vec::new();
    for segment in 0..segments {
        let at = |array: usize| 14 + (array * segments + segment) * 2;
        // Between the ends and the beginnings stands one word of padding.
        let last = word(table, at(0))?;
        let first = word(table, at(1) + 2)?;
        let delta = word(table, at(2) + 2)?;
        let range = usize::from(word(table, at(3) + 2)?);
        if range == 0 {
            runs.push((first, last, delta));
            continue;
        }
        for code in first..=last {
            let place = at(3) + 2 + range + usize::from(code - first) * 2;
            match word(table, place) {
                Some(glyph) if glyph != 0 => {
                    let glyph = glyph.wrapping_add(delta);
                    runs.push((code, code, glyph.wrapping_sub(code)));
                }
                _ => {}
            }
        }
    }
    Some(runs)
}

fn table<'a>(file: &'a [u8], tag: &[u8; 4]) -> Option<&'a [u8]> {
    let count = usize::from(word(file, 4)?);
    let record = (0..count).find_map(|place| {
        let record = file.get(12 + place * 16..28 + place * 16)?;
        record.starts_with(tag).then_some(record)
    })?;
    let long = |at| Some(usize::from(word(record, at)?) << 16 | usize::from(word(record, at + 2)?));
    let offset: usize = long(8)?;
    let length: usize = long(12)?;
    file.get(offset..offset.checked_add(length)?)
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    let pair: [u8; 2] = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
    Some(u16::from_be_bytes(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_wales_and_scotland_are_there() {
        let face = Face::parse(FILE).unwrap();
        let letters = "abcxyz AZ 0123456789 âêîôûŵŷ ÂÊÎÔÛŴŶ àèìòù ÀÈÌÒÙ áéíóú ’“”–…·£•";
        for letter in letters.chars() {
            assert_eq!(face.shown(letter), letter);
            assert!(face.width(face.glyph(letter)) > 0.0, "{letter}");
        }
        // Two letters are two glyphs.
        assert_ne!(face.glyph('ŵ'), face.glyph('w'));
        assert_ne!(face.glyph('ŵ'), face.glyph('ŷ'));
        assert_eq!(face.shown('字'), MISSING);
        assert_eq!(face.glyph('字'), face.glyph(MISSING));
    }

    #[test]
    fn a_text_is_as_wide_as_its_letters() {
        let face = Face::new();
        let both = face.measure("wŵ", 10.0);
        assert!((both - face.measure("w", 10.0) - face.measure("ŵ", 10.0)).abs() < 0.01);
        assert!(face.measure("iii", 10.0) < face.measure("www", 10.0));
        assert!(face.ascent > 500.0 && face.descent < 0.0);
    }

    #[test]
    fn a_file_that_is_cut_off_is_not_read() {
        for length in [0, 4, 11, 60, 300] {
            assert!(Face::parse(&FILE[..length]).is_none(), "{length}");
        }
    }
}
