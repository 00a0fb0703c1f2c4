//! Codes that a camera reads: one still picture, or an endless sequence of them.
//!
//! The crate carries bytes from one screen to one camera and knows nothing of what they mean.
//!
//! - [`still`]: a message in one QR code of version 25 or less.
//! - [`Frames`]: a longer message as a fountain code of QR codes, the multi-part UR of
//!   BCR-2024-001. Any sufficient set of frames gives the message back, in any order.
//! - [`Symbol`]: one code, drawn as SVG or PNG; [`gif`] draws many.
//! - [`read`], [`read_picture`], [`film::Film`]: from a picture to the texts of its codes.
//! - [`Assembly`]: from texts, read or typed, to the message.
//!
//! Everything read is hostile: pictures, texts, counts and lengths are bounded before anything is
//! allocated for them, frames of two messages never mix, and a message is handed out only when
//! its checksum fits. The checksums find damage, not malice: who made a message, and whether it
//! was changed, is for the signatures inside.

mod assembly;
mod base45;
mod clear;
mod draw;
#[cfg(not(target_arch = "wasm32"))]
pub mod film;
mod frames;
mod part;
mod picture;
mod read;
mod still;
mod symbol;
mod word;

pub use assembly::{Assembly, FrameError, Progress};
pub use draw::gif;
pub use frames::{Frames, Size};
pub use picture::{PictureError, read_picture};
pub use read::{read, read_frame};
pub use still::still;
pub use symbol::Symbol;
pub use word::{Word, word_of};

/// A picture in shades of grey, as [`read`] takes it.
pub use image::GrayImage;

/// The longest message, in bytes.
pub const MAX_MESSAGE: usize = 32 * 1024;
/// The most fragments that a message is cut into.
pub const MAX_PARTS: usize = 256;
/// The highest number of a frame; after it the sequence begins again.
pub const MAX_SEQUENCE: u32 = 65_535;
/// The longest text of one code: what version 40 holds in the alphanumeric mode.
pub const MAX_TEXT: usize = 4296;

/// A message is too long to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is empty or too long for codes of this size")]
pub struct TooLarge;
