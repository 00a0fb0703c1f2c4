//! What may stand in a picture.

use super::SvgError;

/// What an attribute's value may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers, names, colours, transforms, path data; references by `url(#id)`.
    Plain,
    /// A name for references.
    Id,
    /// `#id`.
    Link,
    /// `url(#id)` of a clip path.
    Clip,
    /// Declarations of attributes that are [`Kind::Plain`].
    Style,
    /// Text for people.
    Words,
    /// Of the root only.
    Root,
}

/// Elements, and whether they hold text.
const ELEMENTS: &[(&str, bool)] = &[
    ("circle", false),
    ("clipPath", false),
    ("defs", false),
    ("desc", true),
    ("ellipse", false),
    ("g", false),
    ("line", false),
    ("linearGradient", false),
    ("path", false),
    ("polygon", false),
    ("polyline", false),
    ("radialGradient", false),
    ("rect", false),
    ("stop", false),
    ("svg", false),
    ("text", true),
    ("title", true),
    ("tspan", true),
];

const PLAIN: &[&str] = &[
    "clip-rule",
    "clipPathUnits",
    "color",
    "cx",
    "cy",
    "d",
    "dominant-baseline",
    "dx",
    "dy",
    "fill",
    "fill-opacity",
    "fill-rule",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "lengthAdjust",
    "letter-spacing",
    "offset",
    "opacity",
    "points",
    "preserveAspectRatio",
    "r",
    "rx",
    "ry",
    "spreadMethod",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
    "textLength",
    "transform",
    "visibility",
    "width",
    "word-spacing",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

/// Functions of values; `url` is looked at apart.
const FUNCTIONS: &[&str] = &[
    "hsl",
    "hsla",
    "matrix",
    "rgb",
    "rgba",
    "rotate",
    "scale",
    "skewX",
    "skewY",
    "translate",
];

/// Whether the element holds text; `None` for one that may not be there.
pub(super) fn element(name: &str) -> Option<bool> {
    ELEMENTS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

pub(super) fn attribute(name: &str) -> Option<Kind> {
    if PLAIN.contains(&name) {
        return Some(Kind::Plain);
    }
    Some(match name {
        "id" => Kind::Id,
        "href" | "xlink:href" => Kind::Link,
        "clip-path" => Kind::Clip,
        "style" => Kind::Style,
        "aria-label" | "aria-hidden" | "lang" | "role" | "xml:lang" | "xml:space" => Kind::Words,
        "version" | "viewBox" | "xmlns" | "xmlns:xlink" => Kind::Root,
        _ => return None,
    })
}

/// Checks a value of [`Kind::Plain`].
pub(super) fn plain(value: &str) -> Result<(), SvgError> {
    let harmless = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || byte.is_ascii_whitespace()
            || b".,#%()+-_'\"".contains(&byte)
    };
    // A value without `:` and `/` is no address of another site, whatever else it is.
    if let Some(byte) = value.bytes().find(|byte| !harmless(*byte)) {
        return Err(match byte {
            b':' | b'/' | b'\\' | b'@' => SvgError::Reference,
            _ => SvgError::Value,
        });
    }
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('(') {
        let (inner, after) = after.split_once(')').ok_or(SvgError::Value)?;
        let start = before
            .rfind(|character: char| !character.is_ascii_alphanumeric() && character != '-')
            .map_or(0, |at| at + 1);
        let function = before.get(start..).unwrap_or_default();
        if function.eq_ignore_ascii_case("url") {
            let id = inner.strip_prefix('#').ok_or(SvgError::Reference)?;
            self::id(id).map_err(|_| SvgError::Reference)?;
        } else if !FUNCTIONS.contains(&function) || inner.contains('(') {
            return Err(SvgError::Value);
        }
        rest = after;
    }
    if rest.contains(')') {
        return Err(SvgError::Value);
    }
    Ok(())
}

pub(super) fn id(value: &str) -> Result<(), SvgError> {
    let fits = (1..=64).contains(&value.len())
        && value
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if fits { Ok(()) } else { Err(SvgError::Value) }
}

pub(super) fn link(value: &str) -> Result<(), SvgError> {
    let id = value.strip_prefix('#').ok_or(SvgError::Reference)?;
    self::id(id).map_err(|_| SvgError::Reference)
}

pub(super) fn clip(value: &str) -> Result<(), SvgError> {
    let inner = value
        .strip_prefix("url(")
        .and_then(|rest| rest.strip_suffix(')'));
    link(inner.ok_or(SvgError::Reference)?)
}

/// Checks the declarations of a `style` attribute.
pub(super) fn style(value: &str) -> Result<(), SvgError> {
    for declaration in value.split(';') {
        if declaration.trim().is_empty() {
            continue;
        }
        let (name, value) = declaration.split_once(':').ok_or(SvgError::Value)?;
        if !PLAIN.contains(&name.trim()) {
            return Err(SvgError::Attribute);
        }
        plain(value)?;
    }
    Ok(())
}

/// Four numbers, the last two above 0.
pub(super) fn view_box(value: &str) -> Result<(), SvgError> {
    let numbers: Vec<f64> = value
        .split(|character: char| character == ',' || character.is_ascii_whitespace())
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| SvgError::NotSvg)?;
    let [x, y, width, height] = numbers.as_slice() else {
        return Err(SvgError::NotSvg);
    };
    let bounded = |number: &f64| number.is_finite() && number.abs() <= 100_000.0;
    if [x, y, width, height].into_iter().all(bounded) && *width > 0.0 && *height > 0.0 {
        Ok(())
    } else {
        Err(SvgError::NotSvg)
    }
}
