//! Draws the icon set in `icons/` from the two sources there, in the forms each platform wants.
//!
//! `cairn.svg` is the mark; `cairn-small.svg` is the same on a 16 px grid, for the sizes at which
//! the gaps between the stones would blur. The results are committed: nothing needs them drawn anew.

use std::path::Path;

use anyhow::Context as _;
use resvg::{tiny_skia, usvg};

use crate::{say, workspace};

/// Linux: files of the icon theme, by name and size.
const PNG: [(&str, u32); 6] = [
    ("16x16.png", 16),
    ("32x32.png", 32),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("icon.png", 512),
];
/// Windows: one file with these sizes.
const ICO: [u32; 6] = [16, 24, 32, 48, 64, 256];
/// macOS: one file with these sizes, under the four letters that stand for each.
const ICNS: [(&[u8; 4], u32); 7] = [
    (b"icp4", 16),
    (b"icp5", 32),
    (b"ic07", 128),
    (b"ic08", 256),
    (b"ic09", 512),
    (b"ic10", 1024),
    (b"ic13", 256),
];

/// Draws all of them.
pub(crate) fn draw() -> anyhow::Result<()> {
    let icons = workspace::root().join("icons");
    let source = Source {
        mark: tree(&icons.join("cairn.svg"))?,
        small: tree(&icons.join("cairn-small.svg"))?,
    };
    for (name, size) in PNG {
        std::fs::write(icons.join(name), source.png(size)?)?;
    }
    std::fs::write(icons.join("icon.ico"), ico(&source)?)?;
    std::fs::write(icons.join("icon.icns"), icns(&source)?)?;
    say::line(&format!("icons: {} files drawn", PNG.len() + 2));
    Ok(())
}

struct Source {
    mark: usvg::Tree,
    small: usvg::Tree,
}

impl Source {
    fn png(&self, size: u32) -> anyhow::Result<Vec<u8>> {
        let tree = if matches!(size, 16 | 32) {
            &self.small
        } else {
            &self.mark
        };
        let mut pixels = tiny_skia::Pixmap::new(size, size).context("an icon of no size")?;
        let scale = size as f32 / tree.size().width();
        resvg::render(
            tree,
            tiny_skia::Transform::from_scale(scale, scale),
            &mut pixels.as_mut(),
        );
        let straight: Vec<u8> = pixels
            .pixels()
            .iter()
            .map(|pixel| pixel.demultiply())
            .flat_map(|p| [p.red(), p.green(), p.blue(), p.alpha()])
            .collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, size, size);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_compression(png::Compression::High);
        encoder.write_header()?.write_image_data(&straight)?;
        Ok(file)
    }
}

fn tree(path: &Path) -> anyhow::Result<usvg::Tree> {
    let text = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    usvg::Tree::from_data(&text, &usvg::Options::default())
        .with_context(|| format!("reading {}", path.display()))
}

/// A directory of entries, then the pictures as PNG.
fn ico(source: &Source) -> anyhow::Result<Vec<u8>> {
    let pictures = ICO
        .iter()
        .map(|size| Ok((*size, source.png(*size)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut file = Vec::new();
    file.extend([0, 0, 1, 0]);
    file.extend(u16::try_from(pictures.len())?.to_le_bytes());
    let mut offset = 6 + 16 * pictures.len();
    for (size, picture) in &pictures {
        let side = u8::try_from(*size).unwrap_or(0); // 0 stands for 256
        file.extend([side, side, 0, 0, 1, 0, 32, 0]);
        file.extend(u32::try_from(picture.len())?.to_le_bytes());
        file.extend(u32::try_from(offset)?.to_le_bytes());
        offset += picture.len();
    }
    for (_, picture) in pictures {
        file.extend(picture);
    }
    Ok(file)
}

/// A header with the length of the whole, then each picture as PNG behind its own header.
fn icns(source: &Source) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    for (kind, size) in ICNS {
        let picture = source.png(size)?;
        body.extend(kind);
        body.extend(u32::try_from(picture.len() + 8)?.to_be_bytes());
        body.extend(picture);
    }
    let mut file = b"icns".to_vec();
    file.extend(u32::try_from(body.len() + 8)?.to_be_bytes());
    file.extend(body);
    Ok(file)
}
