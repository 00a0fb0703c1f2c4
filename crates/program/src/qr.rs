//! QR codes of links.

use qrcode::render::{svg, unicode};
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};

fn code(text: &str) -> Result<QrCode, QrError> {
    QrCode::with_error_correction_level(text, EcLevel::L)
}

/// For a terminal, dark on light, two rows of modules in a line. An error where the text is too
/// long.
pub fn terminal(text: &str) -> Result<String, QrError> {
    Ok(code(text)?
        .render::<unicode::Dense1x2>()
        .dark_color(unicode::Dense1x2::Light)
        .light_color(unicode::Dense1x2::Dark)
        .build())
}

/// An SVG document of its own, black on white with its quiet zone. An error where the text is too
/// long.
pub fn document(text: &str) -> Result<String, QrError> {
    Ok(code(text)?
        .render::<svg::Color<'_>>()
        .min_dimensions(320, 320)
        .build())
}

/// The `svg` element of the same, for a page.
pub fn element(text: &str) -> Result<String, QrError> {
    let document = document(text)?;
    // The part before `<svg` declares a document of its own.
    let start = document.find("<svg").unwrap_or_default();
    Ok(document.get(start..).unwrap_or_default().to_owned())
}
