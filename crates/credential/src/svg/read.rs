//! Reads XML into harmless pieces.

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

use super::allowed::{self, Kind};
use super::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_PLACEHOLDERS, Piece, SvgError, is_id};

const SVG: &str = "http://www.w3.org/2000/svg";
const XLINK: &str = "http://www.w3.org/1999/xlink";

pub(super) fn template(text: &str) -> Result<Vec<Piece>, SvgError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut picture = Picture::default();
    let mut first = true;
    loop {
        let event = reader.read_event().map_err(|_| SvgError::Xml)?;
        match event {
            Event::Start(start) => picture.open(&start, false)?,
            Event::Empty(start) => picture.open(&start, true)?,
            Event::End(_) => picture.close()?,
            Event::Text(text) => picture.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => picture.text.push(character(&reference)?),
            // The text goes on behind it.
            Event::Comment(_) => {}
            Event::Decl(declaration) if first => check_declaration(&declaration)?,
            Event::Decl(_) | Event::PI(_) | Event::CData(_) => return Err(SvgError::Instruction),
            Event::DocType(_) => return Err(SvgError::DocumentType),
            Event::Eof => break,
        }
        first = false;
    }
    picture.finish()
}

/// What has been read so far.
#[derive(Default)]
struct Picture {
    pieces: Vec<Piece>,
    markup: String,
    /// Text that has not been written yet: references and comments cut it in parts.
    text: String,
    open: Vec<Open>,
    elements: usize,
    placeholders: usize,
}

struct Open {
    name: String,
    holds_text: bool,
    in_clip: bool,
}

impl Picture {
    fn open(&mut self, start: &BytesStart<'_>, empty: bool) -> Result<(), SvgError> {
        self.flush()?;
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(SvgError::TooMany);
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(SvgError::TooDeep);
        }
        let name = start.name();
        let name: &str = name.as_ref();
        let is_root = self.elements == 1;
        if is_root && name != "svg" {
            return Err(SvgError::NotSvg);
        }
        let holds_text = allowed::element(name).ok_or(SvgError::Element)?;
        // A second root, or one picture in another.
        if !is_root && (name == "svg" || self.open.is_empty()) {
            return Err(SvgError::Element);
        }
        let inside = self.open.last();
        // Shapes do not stand in words, nor clip paths in clip paths, each of which could
        // double the work of the one around it.
        if inside.is_some_and(|around| around.holds_text) && name != "tspan" {
            return Err(SvgError::Element);
        }
        let in_clip = inside.is_some_and(|around| around.in_clip);
        if in_clip && name == "clipPath" {
            return Err(SvgError::Element);
        }
        let in_clip = in_clip || name == "clipPath";
        self.markup.push('<');
        self.markup.push_str(name);
        self.attributes(start, is_root, in_clip)?;
        if empty {
            self.markup.push_str("/>");
        } else {
            self.markup.push('>');
            self.open.push(Open {
                name: name.to_owned(),
                holds_text,
                in_clip,
            });
        }
        Ok(())
    }

    fn attributes(
        &mut self,
        start: &BytesStart<'_>,
        is_root: bool,
        in_clip: bool,
    ) -> Result<(), SvgError> {
        let (mut has_namespace, mut has_view_box, mut has_link) = (false, false, false);
        for (count, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|_| SvgError::Xml)?;
            if count >= MAX_ATTRIBUTES {
                return Err(SvgError::TooMany);
            }
            let name: &str = attribute.key.as_ref();
            let value = unescape(&attribute.value)?;
            let kind = allowed::attribute(name).ok_or(SvgError::Attribute)?;
            if !value.chars().all(is_character) || attribute.value.contains('<') {
                return Err(SvgError::Xml);
            }
            if value.contains("{{") {
                return Err(SvgError::Placeholder);
            }
            match kind {
                Kind::Plain => allowed::plain(&value)?,
                Kind::Id => allowed::id(&value)?,
                // Its old and its new name are one.
                Kind::Link if has_link => return Err(SvgError::Attribute),
                Kind::Link => {
                    allowed::link(&value)?;
                    has_link = true;
                }
                Kind::Clip if in_clip => return Err(SvgError::Attribute),
                Kind::Clip => allowed::clip(&value)?,
                Kind::Style => allowed::style(&value)?,
                Kind::Words => {}
                Kind::Root if !is_root => return Err(SvgError::Attribute),
                Kind::Root => match name {
                    "xmlns" if value == SVG => has_namespace = true,
                    "xmlns:xlink" if value == XLINK => continue,
                    "viewBox" => {
                        allowed::view_box(&value)?;
                        has_view_box = true;
                    }
                    "version" if matches!(value.as_str(), "1.1" | "2.0") => {}
                    _ => return Err(SvgError::NotSvg),
                },
            }
            let name = if kind == Kind::Link { "href" } else { name };
            self.markup.push(' ');
            self.markup.push_str(name);
            self.markup.push_str("=\"");
            escape(&value, &mut self.markup);
            self.markup.push('"');
        }
        if is_root && !(has_namespace && has_view_box) {
            return Err(SvgError::NotSvg);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), SvgError> {
        self.flush()?;
        let open = self.open.pop().ok_or(SvgError::Xml)?;
        self.markup.push_str("</");
        self.markup.push_str(&open.name);
        self.markup.push('>');
        Ok(())
    }

    /// Writes the text that came since the last element.
    fn flush(&mut self) -> Result<(), SvgError> {
        let text = std::mem::take(&mut self.text);
        if !text.chars().all(is_character) {
            return Err(SvgError::Xml);
        }
        if !self.open.last().is_some_and(|open| open.holds_text) {
            return if text.trim().is_empty() {
                Ok(())
            } else {
                Err(SvgError::Text)
            };
        }
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (id, after) = after.split_once("}}").ok_or(SvgError::Placeholder)?;
            if !is_id(id) {
                return Err(SvgError::Placeholder);
            }
            self.placeholders += 1;
            if self.placeholders > MAX_PLACEHOLDERS {
                return Err(SvgError::TooMany);
            }
            escape(before, &mut self.markup);
            let markup = std::mem::take(&mut self.markup);
            self.pieces.push(Piece::Markup(markup));
            self.pieces.push(Piece::Placeholder(id.to_owned()));
            rest = after;
        }
        escape(rest, &mut self.markup);
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Piece>, SvgError> {
        self.flush()?;
        if self.elements == 0 || !self.open.is_empty() {
            return Err(SvgError::Xml);
        }
        self.pieces.push(Piece::Markup(self.markup));
        Ok(self.pieces)
    }
}

fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), SvgError> {
    if declaration.version().map_err(|_| SvgError::Xml)? != "1.0" {
        return Err(SvgError::Xml);
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err(SvgError::Xml),
    }
}

/// The character of a reference: by its number, or one of the five that XML has.
fn character(reference: &BytesRef<'_>) -> Result<char, SvgError> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| SvgError::Xml)? {
        return Ok(character);
    }
    predefined(&reference.xml10_content()).ok_or(SvgError::Entity)
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// An attribute's value with its references resolved.
fn unescape(raw: &str) -> Result<String, SvgError> {
    let mut value = String::new();
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        value.push_str(before);
        let (name, after) = after.split_once(';').ok_or(SvgError::Xml)?;
        value.push(character(&BytesRef::new(name))?);
        rest = after;
    }
    value.push_str(rest);
    Ok(value)
}

/// A character of XML 1.0.
fn is_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// A character of XML that does not change how others are read: no control, no mark that turns
/// the direction of text.
pub(super) fn is_visible(character: char) -> bool {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_character(character) && !character.is_control() && !turns
}

pub(super) fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
}
