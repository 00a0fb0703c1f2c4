use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};

/// What a list may inflate to, in bytes: 16,777,216 entries of eight bits.
pub const MAX_LIST: usize = 16 * 1024 * 1024;

/// Why a compressed list was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// Not the compression that belongs here, cut off, damaged, or followed by something else.
    #[error("the list of statuses is not properly compressed")]
    Malformed,
    /// It inflates to more than [`MAX_LIST`].
    #[error("the list of statuses is larger than {MAX_LIST} bytes")]
    TooLarge,
}

/// ZLIB (RFC 1950).
pub(super) fn inflate_zlib(compressed: &[u8]) -> Result<Vec<u8>, InflateError> {
    let mut decoder = ZlibDecoder::new(compressed);
    let bytes = bounded(&mut decoder)?;
    ended(decoder.into_inner())?;
    Ok(bytes)
}

/// GZIP (RFC 1952), one member.
pub(super) fn inflate_gzip(compressed: &[u8]) -> Result<Vec<u8>, InflateError> {
    let mut decoder = GzDecoder::new(compressed);
    let bytes = bounded(&mut decoder)?;
    ended(decoder.into_inner())?;
    Ok(bytes)
}

pub(super) fn deflate_zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

pub(super) fn deflate_gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn bounded(decoder: &mut impl Read) -> Result<Vec<u8>, InflateError> {
    let mut bytes = Vec::new();
    decoder
        .take(MAX_LIST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| InflateError::Malformed)?;
    if bytes.len() > MAX_LIST {
        return Err(InflateError::TooLarge);
    }
    Ok(bytes)
}

fn ended(rest: &[u8]) -> Result<(), InflateError> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(InflateError::Malformed)
    }
}
