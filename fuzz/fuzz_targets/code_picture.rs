//! Files that claim to be pictures, and the input itself as a picture's dots.
#![no_main]

use code::{GrayImage, read, read_picture};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = read_picture(data);
    let Some((width, dots)) = data.split_first() else {
        return;
    };
    let width = u32::from(*width).max(1);
    let height = dots.len() as u32 / width;
    let dots = dots[..(width * height) as usize].to_vec();
    if let Some(picture) = GrayImage::from_raw(width, height, dots) {
        let _ = read(&picture);
    }
});
