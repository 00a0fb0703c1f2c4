use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// Why bytes were not inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InflateError {
    /// Not raw DEFLATE (RFC 1951).
    #[error("it is not compressed as it should be")]
    Damaged,
    /// Longer than allowed when inflated.
    #[error("it inflates to more than {limit} bytes")]
    TooLarge {
        /// The bound.
        limit: usize,
    },
    /// Something follows the compressed part.
    #[error("bytes follow the compressed part")]
    Trailing,
}

/// Raw DEFLATE (RFC 1951), as small as it gets.
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Inflates raw DEFLATE to at most `limit` bytes; nothing may follow it.
///
/// # Errors
/// As [`InflateError`]. No more than `limit` bytes are ever held.
pub fn inflate(bytes: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    let mut inflated = Vec::new();
    let mut decoder = DeflateDecoder::new(bytes);
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = decoder.by_ref().take(bound).read_to_end(&mut inflated);
    if inflated.len() > limit {
        return Err(InflateError::TooLarge { limit });
    }
    read.map_err(|_| InflateError::Damaged)?;
    if decoder.total_in() != bytes.len() as u64 {
        return Err(InflateError::Trailing);
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_within_bounds() {
        let text = b"cairn ".repeat(500);
        let small = deflate(&text);
        assert!(small.len() < 60);
        assert_eq!(inflate(&small, text.len()).unwrap(), text);
        assert_eq!(
            inflate(&small, text.len() - 1),
            Err(InflateError::TooLarge {
                limit: text.len() - 1
            })
        );
        assert_eq!(inflate(&deflate(b""), 0).unwrap(), b"");
    }

    #[test]
    fn what_is_damaged_or_goes_on_is_refused() {
        let mut small = deflate(b"cairn cairn cairn cairn");
        small.push(0);
        assert_eq!(inflate(&small, 100), Err(InflateError::Trailing));
        small.truncate(small.len() - 3);
        assert_eq!(inflate(&small, 100), Err(InflateError::Damaged));
        assert_eq!(inflate(&[0xff; 8], 100), Err(InflateError::Damaged));
        assert!(inflate(&[], 100).is_err());
    }
}
