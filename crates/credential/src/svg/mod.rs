//! SVG templates of cards (draft-ietf-oauth-sd-jwt-vc §8.1.2), read by an allow-list.
//!
//! A template is a program from outside: SVG can hold scripts, fetch fonts and pictures, and
//! make a renderer work for minutes. Nothing of the original text is shown. It is read into
//! elements and attributes that are known to be harmless, and written again from those; one
//! that is not known refuses the whole template, so that a card never looks half drawn.
//!
//! What may stand in one: shapes, text, gradients and clip paths, with their presentation
//! attributes. References lead to `#id` of the same document. Not there, for what they can do:
//! `script`, `foreignObject`, `style` sheets, `image`, `use`, `a`, animation, filters, patterns,
//! masks, dashes, event handlers, entities and document types.
//!
//! `{{svg_id}}` stands for a claim, in text only. Values are put in as text, never as markup.

mod allowed;
mod read;

use std::collections::BTreeSet;

/// The longest template, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The most elements.
pub const MAX_ELEMENTS: usize = 1000;
/// The deepest nesting of elements.
pub const MAX_DEPTH: usize = 16;
/// The most attributes of an element.
pub const MAX_ATTRIBUTES: usize = 32;
/// The most placeholders.
pub const MAX_PLACEHOLDERS: usize = 32;
/// The longest value that is put in for a placeholder, in characters; the rest is cut.
pub const MAX_VALUE: usize = 120;

/// Why a template was refused. Carries nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SvgError {
    /// Longer than [`MAX_BYTES`].
    #[error("the picture is too long")]
    TooLong,
    /// More than [`MAX_ELEMENTS`], [`MAX_ATTRIBUTES`] or [`MAX_PLACEHOLDERS`].
    #[error("the picture has too many parts")]
    TooMany,
    /// Deeper than [`MAX_DEPTH`].
    #[error("the picture is nested too deeply")]
    TooDeep,
    /// Not well-formed XML 1.0 in UTF-8.
    #[error("the picture is not well-formed XML")]
    Xml,
    /// A document type, which could define entities.
    #[error("the picture has a document type")]
    DocumentType,
    /// An entity that XML itself does not have.
    #[error("the picture uses an entity")]
    Entity,
    /// A processing instruction or a CDATA section.
    #[error("the picture has a processing instruction or an unparsed section")]
    Instruction,
    /// The root is not an `svg` element of the SVG namespace with a `viewBox`.
    #[error("the picture is not SVG with a viewBox")]
    NotSvg,
    /// An element that is not on the list, or not where it stands.
    #[error("the picture has an element that is not allowed")]
    Element,
    /// An attribute that is not on the list, or not where it stands.
    #[error("the picture has an attribute that is not allowed")]
    Attribute,
    /// The value of an attribute, or a declaration of a `style` attribute.
    #[error("an attribute of the picture has a value that is not allowed")]
    Value,
    /// A reference to something outside the picture.
    #[error("the picture refers to something outside itself")]
    Reference,
    /// Text where none belongs.
    #[error("the picture has text outside its text elements")]
    Text,
    /// A placeholder in an attribute, or malformed.
    #[error("a placeholder of the picture is malformed or out of place")]
    Placeholder,
}

/// A template that was read and found harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Markup(String),
    Placeholder(String),
}

impl Template {
    /// Reads a template.
    pub fn parse(bytes: &[u8]) -> Result<Self, SvgError> {
        if bytes.len() > MAX_BYTES {
            return Err(SvgError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| SvgError::Xml)?;
        read::template(text).map(|pieces| Self { pieces })
    }

    /// The `svg_id` of every claim that the template shows.
    pub fn placeholders(&self) -> BTreeSet<&str> {
        self.pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Placeholder(id) => Some(id.as_str()),
                Piece::Markup(_) => None,
            })
            .collect()
    }

    /// The picture, with the value of each placeholder as text; nothing where there is none.
    pub fn fill(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Markup(markup) => out.push_str(markup),
                Piece::Placeholder(id) => {
                    let value = value(id).unwrap_or_default();
                    let shown: String = value
                        .chars()
                        .filter(|character| read::is_visible(*character))
                        .take(MAX_VALUE)
                        .collect();
                    read::escape(&shown, &mut out);
                }
            }
        }
        out
    }
}

/// True for the name of a claim in a template: letters, digits and `_`, not a digit first.
pub fn is_id(text: &str) -> bool {
    text.len() <= 64
        && text
            .bytes()
            .next()
            .is_some_and(|first| !first.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests;
