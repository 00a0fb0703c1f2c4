use anyhow::Context as _;
use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};

fn code(text: &str) -> anyhow::Result<QrCode> {
    QrCode::with_error_correction_level(text, EcLevel::L)
        .context("the link is too long for a QR code")
}

/// For a terminal, dark on light, two rows of modules in a line.
pub(crate) fn terminal(text: &str) -> anyhow::Result<String> {
    Ok(code(text)?
        .render::<unicode::Dense1x2>()
        .dark_color(unicode::Dense1x2::Light)
        .light_color(unicode::Dense1x2::Dark)
        .build())
}

/// The `svg` element, black on white with its quiet zone.
pub(crate) fn svg(text: &str) -> anyhow::Result<String> {
    let document = code(text)?
        .render::<svg::Color<'_>>()
        .min_dimensions(320, 320)
        .build();
    // The part before `<svg` declares a document of its own.
    let start = document.find("<svg").unwrap_or_default();
    Ok(document.get(start..).unwrap_or_default().to_owned())
}
