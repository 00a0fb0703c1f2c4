use anyhow::Context as _;
use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};

fn code(text: &str) -> anyhow::Result<QrCode> {
    QrCode::with_error_correction_level(text, EcLevel::L)
        .context("the link is too long for a QR code: use --by-reference")
}

/// For a terminal, dark on light, two rows of modules in a line.
pub(crate) fn terminal(text: &str) -> anyhow::Result<String> {
    Ok(code(text)?
        .render::<unicode::Dense1x2>()
        .dark_color(unicode::Dense1x2::Light)
        .light_color(unicode::Dense1x2::Dark)
        .build())
}

/// A document of its own.
pub(crate) fn svg(text: &str) -> anyhow::Result<String> {
    Ok(code(text)?
        .render::<svg::Color<'_>>()
        .min_dimensions(320, 320)
        .build())
}
