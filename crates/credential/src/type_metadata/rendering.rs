//! How a card is drawn (§8.1): colours, pictures, SVG templates.
//!
//! Pictures are told by their addresses; nothing is fetched here. A `data:` URL carries its
//! bytes with it and can be shown without asking anybody.

use keys::b64;
use serde_json::Value;

use super::parse::{Object, Result, each, integrity, required, text};
use super::{ClaimMetadata, Integrity, IntegrityError, TypeMetadataError};
use crate::svg;

/// The most SVG templates of one display.
const MAX_TEMPLATES: usize = 16;

/// The rendering method `simple` (§8.1.1).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simple {
    /// `#rgb` or `#rrggbb`; other notations of colours are left out.
    pub background_color: Option<String>,
    /// `#rgb` or `#rrggbb`.
    pub text_color: Option<String>,
    /// The logo.
    pub logo: Option<Image>,
    /// The picture behind the text.
    pub background_image: Option<Image>,
}

/// A picture by reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Where it is.
    pub uri: String,
    /// `uri#integrity`.
    pub integrity: Option<Integrity>,
    /// What it shows, for those who do not see it.
    pub alt_text: Option<String>,
}

/// One template of the rendering method `svg_templates` (§8.1.2).
#[derive(Clone, Debug, PartialEq)]
pub struct SvgTemplate {
    /// Where it is.
    pub uri: String,
    /// `uri#integrity`.
    pub integrity: Option<Integrity>,
    /// What it is made for.
    pub properties: Properties,
}

/// What an SVG template is made for; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// `orientation`.
    pub orientation: Option<Orientation>,
    /// `color_scheme`.
    pub color_scheme: Option<ColourScheme>,
    /// `contrast`.
    pub contrast: Option<Contrast>,
}

/// The shape of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orientation {
    /// Higher than wide.
    Portrait,
    /// Wider than high.
    Landscape,
}

/// The screen that a picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourScheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How strong the difference of a picture's colours is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contrast {
    /// As usual.
    Normal,
    /// For those who need more.
    High,
}

impl SvgTemplate {
    /// The bytes that the address itself carries, checked against `uri#integrity`; `None` for
    /// an address from which they would have to be fetched.
    pub fn carried(&self) -> Option<std::result::Result<Vec<u8>, IntegrityError>> {
        let bytes = data_url(&self.uri, "image/svg+xml", svg::MAX_BYTES)?;
        Some(match &self.integrity {
            Some(integrity) => integrity.check(&bytes).map(|()| bytes),
            None => Ok(bytes),
        })
    }
}

/// The bytes of a `data:` URL (RFC 2397) of this media type; `None` for anything else, and for
/// what is longer than `limit`.
fn data_url(url: &str, media_type: &str, limit: usize) -> Option<Vec<u8>> {
    let rest = url.strip_prefix("data:")?.strip_prefix(media_type)?;
    // Three letters of an escape stand for one byte.
    if rest.len() > limit.checked_mul(3)? {
        return None;
    }
    let (parameters, data) = rest.split_once(',')?;
    let bytes = match parameters {
        ";base64" | ";charset=utf-8;base64" => b64::decode_standard(data).ok()?,
        "" | ";charset=utf-8" | ";utf8" => percent_decoded(data)?,
        _ => return None,
    };
    (bytes.len() <= limit).then_some(bytes)
}

/// RFC 3986 §2.1; `None` where an escape is malformed or a character is not of a URL.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            b'!'..=b'~' => byte,
            _ => return None,
        });
    }
    Some(bytes)
}

pub(super) fn read(rendering: Option<&Value>) -> Result<(Simple, Vec<SvgTemplate>)> {
    let rendering = match rendering {
        None => return Ok((Simple::default(), Vec::new())),
        Some(Value::Object(rendering)) => rendering,
        Some(_) => {
            return Err(TypeMetadataError::Member {
                member: "rendering",
            });
        }
    };
    let simple = match rendering.get("simple") {
        None => Simple::default(),
        Some(Value::Object(simple)) => Simple {
            background_color: colour(simple, "background_color"),
            text_color: colour(simple, "text_color"),
            logo: image(simple, "logo")?,
            background_image: image(simple, "background_image")?,
        },
        Some(_) => return Err(TypeMetadataError::Member { member: "simple" }),
    };
    let member = "svg_templates";
    let templates = each(rendering, member, template)?;
    if templates.len() > MAX_TEMPLATES {
        return Err(TypeMetadataError::Member { member });
    }
    Ok((simple, templates))
}

/// No two claims may have one `svg_id`.
pub(super) fn distinct_ids(claims: &[ClaimMetadata]) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    let ids = claims.iter().filter_map(|claim| claim.svg_id.as_deref());
    for id in ids {
        if !seen.insert(id) {
            return Err(TypeMetadataError::Member { member: "svg_id" });
        }
    }
    Ok(())
}

fn template(object: &Object) -> Result<SvgTemplate> {
    let properties = match object.get("properties") {
        None => Properties::default(),
        Some(Value::Object(given)) => Properties {
            orientation: one_of(
                given,
                "orientation",
                &[
                    ("portrait", Orientation::Portrait),
                    ("landscape", Orientation::Landscape),
                ],
            )?,
            color_scheme: one_of(
                given,
                "color_scheme",
                &[("light", ColourScheme::Light), ("dark", ColourScheme::Dark)],
            )?,
            contrast: one_of(
                given,
                "contrast",
                &[("normal", Contrast::Normal), ("high", Contrast::High)],
            )?,
        },
        Some(_) => {
            return Err(TypeMetadataError::Member {
                member: "properties",
            });
        }
    };
    Ok(SvgTemplate {
        uri: required(object, "uri")?,
        integrity: integrity(object, "uri#integrity")?,
        properties,
    })
}

/// A word of a list; one that the list does not have says nothing.
fn one_of<T: Copy>(
    object: &Object,
    member: &'static str,
    words: &[(&str, T)],
) -> Result<Option<T>> {
    let given = text(object, member)?;
    Ok(words
        .iter()
        .find(|(word, _)| given.as_deref() == Some(*word))
        .map(|(_, value)| *value))
}

fn image(object: &Object, member: &'static str) -> Result<Option<Image>> {
    match object.get(member) {
        None => Ok(None),
        Some(Value::Object(image)) => Ok(Some(Image {
            uri: required(image, "uri")?,
            integrity: integrity(image, "uri#integrity")?,
            alt_text: text(image, "alt_text")?,
        })),
        Some(_) => Err(TypeMetadataError::Member { member }),
    }
}

/// Colours go into a style sheet: nothing but hexadecimal digits passes.
fn colour(object: &Object, member: &str) -> Option<String> {
    let text = object.get(member)?.as_str()?;
    let digits = text.strip_prefix('#')?;
    let fits = matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| text.to_owned())
}
