//! Tiles and entry bundles of C2SP tlog-tiles, by path and by content.

use crate::merkle::{Hash, Tree};

/// Entries of a full bundle, hashes of a full tile.
pub const WIDTH: u64 = 256;
/// The longest entry that a bundle can hold, in bytes.
pub const MAX_ENTRY: usize = u16::MAX as usize;
/// The longest bundle, in bytes.
pub const MAX_BUNDLE: usize = 256 * (2 + MAX_ENTRY);
/// The longest hash tile, in bytes.
pub const MAX_TILE: usize = 256 * 32;

/// Why the bytes of a tile were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// The bytes end early, or the last entry is cut.
    #[error("the tile is cut short")]
    Truncated,
    /// More entries or hashes than a tile holds, or bytes after the last.
    #[error("the tile is longer than it may be")]
    TooLong,
    /// The entry does not fit the two bytes of its length.
    #[error("the entry is too long for a bundle")]
    EntryTooLong,
}

/// The path of a hash tile, `width` being 1 to 256.
pub fn hash_tile_path(level: u8, position: u64, width: u64) -> String {
    format!("tile/{level}/{}{}", position_path(position), partial(width))
}

/// The path of an entry bundle, `width` being 1 to 256.
pub fn bundle_path(position: u64, width: u64) -> String {
    format!("tile/entries/{}{}", position_path(position), partial(width))
}

/// Groups of three digits, all but the last with an `x` before them.
fn position_path(position: u64) -> String {
    let mut groups = vec![format!("{:03}", position % 1000)];
    let mut rest = position / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    groups.join("/")
}

fn partial(width: u64) -> String {
    if width == WIDTH {
        String::new()
    } else {
        format!(".p/{width}")
    }
}

/// How many entries bundle `position` holds when the log has `size` entries.
pub fn width_at(position: u64, size: u64) -> u64 {
    size.saturating_sub(position.saturating_mul(WIDTH))
        .min(WIDTH)
}

/// Writes entries as a bundle: each with its length in two bytes, big-endian, before it.
pub fn encode_bundle<'e>(
    entries: impl IntoIterator<Item = &'e [u8]>,
) -> Result<Vec<u8>, TileError> {
    let mut out = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLong)?;
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(entry);
    }
    Ok(out)
}

/// Reads the first `width` entries of a bundle that holds at least so many.
pub fn decode_bundle(bytes: &[u8], width: u64) -> Result<Vec<&[u8]>, TileError> {
    if bytes.len() > MAX_BUNDLE || width > WIDTH {
        return Err(TileError::TooLong);
    }
    let mut entries = Vec::new();
    let mut rest = bytes;
    for _ in 0..width {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(TileError::Truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(TileError::Truncated)?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}

/// Reads a bundle that holds exactly `width` entries.
pub fn decode_exact_bundle(bytes: &[u8], width: u64) -> Result<Vec<&[u8]>, TileError> {
    let entries = decode_bundle(bytes, width)?;
    let read: usize = entries.iter().map(|entry| entry.len() + 2).sum();
    if read == bytes.len() {
        Ok(entries)
    } else {
        Err(TileError::TooLong)
    }
}

/// Reads a hash tile that holds exactly `width` hashes.
pub fn decode_hash_tile(bytes: &[u8], width: u64) -> Result<Vec<Hash>, TileError> {
    let wanted = usize::try_from(width.min(WIDTH)).map_err(|_| TileError::TooLong)? * 32;
    match bytes.len().cmp(&wanted) {
        std::cmp::Ordering::Less => Err(TileError::Truncated),
        std::cmp::Ordering::Greater => Err(TileError::TooLong),
        std::cmp::Ordering::Equal => Ok(bytes.as_chunks::<32>().0.to_vec()),
    }
}

/// The hash tiles that change when a log grows from `old` to `new` entries: path and bytes.
pub fn hash_tiles(tree: &Tree, old: u64, new: u64) -> Vec<(String, Vec<u8>)> {
    let mut tiles = Vec::new();
    for level in 0_u8..8 {
        let shift = u32::from(level) * 8;
        let (before, after) = (old >> shift, new >> shift);
        if after == 0 {
            break;
        }
        for position in before / WIDTH..after.div_ceil(WIDTH) {
            let width = width_at(position, after);
            if width == 0 || width_at(position, before) == width {
                continue;
            }
            let first = position * WIDTH;
            let bytes: Vec<u8> = (first..first + width)
                .filter_map(|at| tree.node(usize::from(level) * 8, at))
                .flatten()
                .collect();
            tiles.push((hash_tile_path(level, position, width), bytes));
        }
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(hash_tile_path(0, 0, 256), "tile/0/000");
        assert_eq!(hash_tile_path(0, 273, 112), "tile/0/273.p/112");
        assert_eq!(bundle_path(1_234_067, 256), "tile/entries/x001/x234/067");
    }

    #[test]
    fn a_bundle_reads_back() {
        let bundle = encode_bundle([b"one".as_slice(), b"", b"three"]).unwrap();
        assert_eq!(
            decode_exact_bundle(&bundle, 3).unwrap(),
            [b"one".as_slice(), b"", b"three"]
        );
        assert_eq!(decode_bundle(&bundle, 1).unwrap(), [b"one".as_slice()]);
    }

    #[test]
    fn every_cut_is_truncated() {
        let bundle = encode_bundle([b"one".as_slice(), b"two"]).unwrap();
        for length in 0..bundle.len() {
            assert_eq!(
                decode_exact_bundle(&bundle[..length], 2),
                Err(TileError::Truncated)
            );
        }
    }

    #[test]
    fn bytes_after_the_last_entry_are_refused() {
        let mut bundle = encode_bundle([b"one".as_slice()]).unwrap();
        bundle.push(0);
        assert_eq!(decode_exact_bundle(&bundle, 1), Err(TileError::TooLong));
    }

    #[test]
    fn a_bundle_is_bounded() {
        let empty = |count: u64| vec![0; 2 * count as usize];
        assert!(decode_bundle(&empty(WIDTH), WIDTH).is_ok());
        let wide = empty(WIDTH + 1);
        assert_eq!(decode_bundle(&wide, WIDTH + 1), Err(TileError::TooLong));
        let long = decode_bundle(&vec![0; MAX_BUNDLE + 1], 1).map(|_| ());
        assert_eq!(long, Err(TileError::TooLong));
    }

    #[test]
    fn an_entry_must_fit_its_length() {
        let entry = vec![0; MAX_ENTRY + 1];
        assert_eq!(
            encode_bundle([entry.as_slice()]),
            Err(TileError::EntryTooLong)
        );
    }

    #[test]
    fn a_hash_tile_has_its_exact_length() {
        assert_eq!(decode_hash_tile(&[0; 64], 2).unwrap().len(), 2);
        assert_eq!(decode_hash_tile(&[0; 63], 2), Err(TileError::Truncated));
        assert_eq!(decode_hash_tile(&[0; 65], 2), Err(TileError::TooLong));
    }

    #[test]
    fn tiles_of_the_second_level_follow_256_entries() {
        let mut tree = Tree::default();
        for index in 0_u32..600 {
            tree.push(crate::merkle::leaf_hash(&index.to_be_bytes()));
        }
        let paths: Vec<String> = hash_tiles(&tree, 255, 600)
            .into_iter()
            .map(|(path, _)| path)
            .collect();
        assert_eq!(
            paths,
            [
                "tile/0/000",
                "tile/0/001",
                "tile/0/002.p/88",
                "tile/1/000.p/2"
            ]
        );
    }
}
