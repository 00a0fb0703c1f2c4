//! From what a citizen hands over to a link that waits for Continue. Nothing is sent here.

use protocol::link::{Link, LinkError};

use crate::frames::{self, FrameError, Still};

/// The longest text that is read, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;

/// Why what was handed over is not a link for a wallet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenLinkError {
    /// Not a link, or not one for a wallet.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A picture without a code that can be read.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// Neither text nor a picture.
    #[error("neither text nor a picture")]
    NotText,
}

/// Reads a link from text that was pasted or stands in a file.
pub fn read_text(text: &str) -> Result<Link, OpenLinkError> {
    Ok(Link::parse(text.trim())?)
}

/// Reads a link from the content of a file: a picture with a QR code, or text.
pub fn read_bytes(bytes: &[u8]) -> Result<Link, OpenLinkError> {
    if frames::looks_like_a_picture(bytes) {
        let text = frames::read_code(&mut Still::from_bytes(bytes)?)?;
        return read_text(&text);
    }
    if bytes.len() > MAX_TEXT {
        return Err(LinkError::TooLong.into());
    }
    read_text(std::str::from_utf8(bytes).map_err(|_| OpenLinkError::NotText)?)
}
