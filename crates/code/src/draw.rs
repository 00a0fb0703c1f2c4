//! Codes as pictures: black on white, whatever the colours of the window around, with the quiet
//! zone of four modules that the standard wants.

use std::fmt::Write as _;
use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};

use crate::Symbol;

const QUIET: usize = 4;
/// The largest module in pixels; beyond it a picture only gets heavier.
const MAX_MODULE: u32 = 32;
const MAX_GIF_FRAMES: usize = 1024;

impl Symbol {
    /// An `svg` element, one unit a module, with its quiet zone and no size of its own.
    pub fn svg(&self) -> String {
        let side = self.width() + 2 * QUIET;
        let mut path = String::new();
        for (y, row) in self.rows().enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run.first() == Some(&true) {
                    let _ = write!(
                        path,
                        "M{} {}h{}v1h-{}z",
                        x + QUIET,
                        y + QUIET,
                        run.len(),
                        run.len()
                    );
                }
                x += run.len();
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/>\
             <path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    }

    /// A PNG with `module` pixels a module, between 1 and 32, and the quiet zone.
    pub fn png(&self, module: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        // Writing into memory has nothing that could fail.
        let _ = self.image(module).write_to(&mut bytes, ImageFormat::Png);
        bytes.into_inner()
    }

    /// The same picture as pixels.
    pub fn image(&self, module: u32) -> GrayImage {
        let module = module.clamp(1, MAX_MODULE);
        let quiet = QUIET as u32 * module;
        let side = self.width() as u32 * module + 2 * quiet;
        let mut image = GrayImage::from_pixel(side, side, Luma([255]));
        for (y, row) in self.rows().enumerate() {
            for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
                for dy in 0..module {
                    for dx in 0..module {
                        let (x, y) = (x as u32 * module + dx, y as u32 * module + dy);
                        image.put_pixel(quiet + x, quiet + y, Luma([0]));
                    }
                }
            }
        }
        image
    }
}

/// An animated GIF that shows each of `frames` in turn, `per_second` (1 to 50) of them a second,
/// and begins again at its end. Empty if there are no frames; of more than 1,024 only the first.
///
/// Its pictures are as large as the largest code; smaller ones stand in its upper left corner.
pub fn gif(frames: &[Symbol], per_second: u8, module: u32) -> Vec<u8> {
    let pictures: Vec<GrayImage> = frames
        .iter()
        .take(MAX_GIF_FRAMES)
        .map(|frame| frame.image(module))
        .collect();
    let side = pictures.iter().map(GrayImage::width).max().unwrap_or(0);
    let Ok(side) = u16::try_from(side) else {
        return Vec::new();
    };
    write_gif(&pictures, side, 100 / u16::from(per_second.clamp(1, 50))).unwrap_or_default()
}

fn write_gif(
    pictures: &[GrayImage],
    side: u16,
    hundredths: u16,
) -> Result<Vec<u8>, gif::EncodingError> {
    let mut bytes = Vec::new();
    if pictures.is_empty() {
        return Ok(bytes);
    }
    let mut encoder = gif::Encoder::new(&mut bytes, side, side, &[255, 255, 255, 0, 0, 0])?;
    encoder.set_repeat(gif::Repeat::Infinite)?;
    for picture in pictures {
        let mut page = GrayImage::from_pixel(side.into(), side.into(), Luma([255]));
        image::imageops::replace(&mut page, picture, 0, 0);
        let dots: Vec<u8> = page.pixels().map(|dot| u8::from(dot.0 == [0])).collect();
        let mut frame = gif::Frame::from_indexed_pixels(side, side, dots, None);
        frame.delay = hundredths;
        encoder.write_frame(&frame)?;
    }
    drop(encoder);
    Ok(bytes)
}
