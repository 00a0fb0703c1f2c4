//! A4 pages with text and codes, written as PDF (ISO 32000-1). The typeface is embedded, so that
//! every letter prints the same everywhere; codes are drawn as squares, not as pictures.

use std::collections::BTreeMap;

use code::Symbol;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use super::font::{FILE, Face};

const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
/// 20 mm.
const MARGIN: f32 = 56.7;
const FONT: Name<'static> = Name(b"F1");
const BASE_FONT: Name<'static> = Name(b"AtkinsonHyperlegibleNext-Regular");
const IDENTITY: SystemInfo<'static> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};
/// The white margin that readers need, in modules.
const QUIET: usize = 4;
const LEADING: f32 = 1.35;

/// Pages that are being filled from top to bottom.
pub(super) struct Paper {
    face: Face,
    pages: Vec<Content>,
    /// How far down the page is filled, from its lower edge.
    y: f32,
    letters: BTreeMap<u16, char>,
}

impl Paper {
    pub(super) fn new() -> Self {
        Self {
            face: Face::new(),
            pages: vec![Content::new()],
            y: HEIGHT - MARGIN,
            letters: BTreeMap::new(),
        }
    }

    pub(super) fn begin_page(&mut self) {
        self.pages.push(Content::new());
        self.y = HEIGHT - MARGIN;
    }

    /// A paragraph of this size in points, broken into lines between words, and within a word
    /// that is too long for a line.
    pub(super) fn text(&mut self, text: &str, size: f32) {
        for line in self.lines(text, size) {
            if self.y - size * LEADING < MARGIN {
                self.begin_page();
            }
            self.y -= size * LEADING;
            self.line(&line, MARGIN, self.y, size);
        }
    }

    /// Room in points.
    pub(super) fn skip(&mut self, room: f32) {
        self.y -= room;
    }

    /// Codes side by side, `columns` in a row, each with its label below; one that fills the
    /// rest of the page where that is large enough for it, else a page of its own.
    pub(super) fn codes(&mut self, codes: &[(Symbol, String)], columns: u8, side: f32) {
        let columns = columns.max(1);
        let label = 10.0;
        let gap = (WIDTH - 2.0 * MARGIN - side * f32::from(columns)).max(0.0)
            / f32::from(columns.saturating_sub(1).max(1));
        for row in codes.chunks(usize::from(columns)) {
            if self.y - side - label * LEADING < MARGIN {
                self.begin_page();
            }
            self.y -= side;
            let mut x = if columns == 1 {
                (WIDTH - side) / 2.0
            } else {
                MARGIN
            };
            for (symbol, text) in row {
                self.code(symbol, x, self.y, side);
                let indent = (side - self.face.measure(text, label)).max(0.0) / 2.0;
                self.line(text, x + indent, self.y - label, label);
                x += side + gap;
            }
            self.y -= label * LEADING + 4.0;
        }
    }

    /// True where there is so much room left on the page.
    pub(super) fn has_room(&self, room: f32) -> bool {
        self.y - room >= MARGIN
    }

    fn lines(&self, text: &str, size: f32) -> Vec<String> {
        let room = WIDTH - 2.0 * MARGIN;
        let fits = |line: &str| self.face.measure(line, size) <= room;
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if fits(&longer) {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if !fits(&line) {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(letter);
                }
            }
        }
        lines.push(line);
        lines
    }

    fn line(&mut self, text: &str, x: f32, y: f32, size: f32) {
        let mut glyphs = Vec::new();
        for letter in text.chars() {
            let glyph = self.face.glyph(letter);
            self.letters
                .entry(glyph)
                .or_insert_with(|| self.face.shown(letter));
            glyphs.extend_from_slice(&glyph.to_be_bytes());
        }
        if let Some(page) = self.pages.last_mut() {
            page.begin_text();
            page.set_font(FONT, size);
            page.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]);
            page.show(Str(&glyphs));
            page.end_text();
        }
    }

    fn code(&mut self, symbol: &Symbol, x: f32, y: f32, side: f32) {
        let (width, modules) = symbol.modules();
        let whole = u16::try_from(width + 2 * QUIET).unwrap_or(u16::MAX);
        let unit = side / f32::from(whole);
        let at = |place: usize| f32::from(u16::try_from(place + QUIET).unwrap_or(u16::MAX)) * unit;
        let Some(page) = self.pages.last_mut() else {
            return;
        };
        page.set_fill_gray(0.0);
        for (row, dots) in modules.chunks(width.max(1)).enumerate() {
            let mut column = 0;
            for run in dots.chunk_by(|a, b| a == b) {
                if run.first() == Some(&true) {
                    let long = at(column + run.len()) - at(column);
                    page.rect(x + at(column), y + side - at(row + 1), long, unit);
                }
                column += run.len();
            }
        }
        page.fill_nonzero();
    }

    /// How many pages there are.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.pages.len()).unwrap_or(u32::MAX)
    }

    /// The file.
    pub(super) fn finish(self, title: &str, language: &str) -> Vec<u8> {
        let mut pdf = Pdf::new();
        let mut next = Ref::new(1);
        let mut make = || next.bump();
        let (catalog, tree, info, font) = (make(), make(), make(), make());
        let pages: Vec<(Ref, Ref, Content)> = self
            .pages
            .into_iter()
            .map(|content| (make(), make(), content))
            .collect();
        let mut written = pdf.catalog(catalog);
        written.pages(tree).lang(TextStr(language));
        written.viewer_preferences().display_doc_title(true);
        written.finish();
        pdf.document_info(info).title(TextStr(title));
        pdf.pages(tree)
            .kids(pages.iter().map(|(page, ..)| *page))
            .count(i32::try_from(pages.len()).unwrap_or(i32::MAX));
        for (page, contents, content) in pages {
            let mut written = pdf.page(page);
            written.parent(tree).contents(contents);
            written.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT));
            written.resources().fonts().pair(FONT, font);
            written.finish();
            pdf.stream(contents, &content.finish());
        }
        embed(
            &mut pdf,
            font,
            [make(), make(), make(), make()],
            &self.face,
            &self.letters,
        );
        pdf.finish()
    }
}

/// The typeface as a composite font: glyphs are named by their numbers, and a table says which
/// letter each is, for those who search, copy or listen.
fn embed(
    pdf: &mut Pdf,
    font: Ref,
    [cid_font, descriptor, file, to_unicode]: [Ref; 4],
    face: &Face,
    letters: &BTreeMap<u16, char>,
) {
    pdf.type0_font(font)
        .base_font(BASE_FONT)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid_font)
        .to_unicode(to_unicode);
    let mut written = pdf.cid_font(cid_font);
    written
        .subtype(CidFontType::Type2)
        .base_font(BASE_FONT)
        .system_info(IDENTITY)
        .font_descriptor(descriptor)
        .default_width(0.0)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    let mut widths = written.widths();
    for glyph in letters.keys() {
        widths.consecutive(*glyph, [face.width(*glyph)]);
    }
    widths.finish();
    written.finish();
    let [left, bottom, right, top] = face.bounds;
    pdf.font_descriptor(descriptor)
        .name(BASE_FONT)
        .flags(FontFlags::NON_SYMBOLIC)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(0.0)
        .ascent(face.ascent)
        .descent(face.descent)
        .cap_height(face.ascent)
        .stem_v(80.0)
        .font_file2(file);
    let length = i32::try_from(FILE.len()).unwrap_or(i32::MAX);
    pdf.stream(file, FILE).pair(Name(b"Length1"), length);
    let mut map = UnicodeCmap::new(Name(b"Letters"), IDENTITY);
    for (glyph, letter) in letters {
        map.pair(*glyph, *letter);
    }
    pdf.cmap(to_unicode, &map.finish());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(file: &[u8], part: &[u8]) -> bool {
        file.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn welsh_and_gaelic_letters_are_written_and_named() {
        let mut paper = Paper::new();
        paper.text("Tŷ’r Dŵr, à ò", 12.0);
        let face = Face::new();
        let glyphs = |text: &str| -> Vec<u8> {
            let glyphs = text.chars().map(|letter| face.glyph(letter));
            glyphs.flat_map(u16::to_be_bytes).collect()
        };
        let pdf = paper.finish("Title", "en-GB");
        assert!(pdf.starts_with(b"%PDF-1."));
        assert!(contains(&pdf, FILE), "the typeface is in the file");
        for (letter, code) in [('ŵ', "0175"), ('ŷ', "0177"), ('à', "00E0"), ('ò', "00F2")] {
            let named = format!("<{:04X}> <{code}>", face.glyph(letter));
            assert!(contains(&pdf, named.as_bytes()), "{named}");
        }
        // The line itself, as a literal or a hexadecimal string.
        let line = glyphs("Tŷ’r Dŵr, à ò");
        let mut buffer = Content::new();
        buffer.show(Str(&line));
        assert!(contains(&pdf, &buffer.finish()));
    }

    #[test]
    fn long_texts_are_broken_and_go_on_on_the_next_page() {
        let mut paper = Paper::new();
        let room = WIDTH - 2.0 * MARGIN;
        for line in paper.lines(&"word ".repeat(100), 12.0) {
            assert!(paper.face.measure(&line, 12.0) <= room, "{line}");
        }
        let one = "x".repeat(500);
        let lines = paper.lines(&one, 12.0);
        assert!(lines.len() > 1);
        assert_eq!(lines.concat(), one);
        for _ in 0..60 {
            paper.text("a line", 12.0);
        }
        assert_eq!(paper.count(), 2);
    }
}
