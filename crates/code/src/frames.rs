use qrcode::EcLevel;

use crate::part::{Identity, Part, crc32};
use crate::{MAX_MESSAGE, MAX_PARTS, MAX_SEQUENCE, Symbol, TooLarge, Word};

/// How large the codes of an animation are: what the desk's camera can make out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// Version 10, 57 modules a side: for a poor camera. About 120 bytes a frame.
    Small,
    /// Version 15, 77 modules a side. About 265 bytes a frame.
    #[default]
    Medium,
    /// Version 20, 97 modules a side: for a good camera near by. About 450 bytes a frame.
    Large,
}

impl Size {
    fn version(self) -> i16 {
        match self {
            Size::Small => 10,
            Size::Medium => 15,
            Size::Large => 20,
        }
    }

    /// How many alphanumeric characters a code holds at level M (ISO/IEC 18004, table 7).
    fn characters(self) -> usize {
        match self {
            Size::Small => 311,
            Size::Medium => 600,
            Size::Large => 970,
        }
    }
}

/// The slashes and the colon, `65535-256`, and per byte of it two letters: the head of the array
/// with its longest numbers, and the checksum of the bytewords.
const AROUND: usize = "UR://".len() + "65535-256".len() + 2 * (1 + 3 + 3 + 3 + 5 + 3 + 4);

/// A message as an endless sequence of codes, all of one size.
///
/// The first [`count`](Frames::count) frames are the message's fragments in order; those after
/// them mix fragments, so that a reader who missed some needs to wait for no particular one.
#[derive(Clone)]
pub struct Frames {
    word: Word,
    size: Size,
    message: Identity,
    fragments: Vec<Vec<u8>>,
    shown: u32,
}

impl Frames {
    /// Cuts `message` into frames of a size.
    ///
    /// # Errors
    /// [`TooLarge`] for an empty message, one longer than [`MAX_MESSAGE`], or one that would need
    /// more than [`MAX_PARTS`] frames of this size.
    pub fn new(word: Word, message: &[u8], size: Size) -> Result<Self, TooLarge> {
        let room = size
            .characters()
            .saturating_sub(AROUND + word.as_str().len())
            / 2;
        if message.is_empty() || message.len() > MAX_MESSAGE || room == 0 {
            return Err(TooLarge);
        }
        let fragment = message.len().div_ceil(message.len().div_ceil(room));
        let mut fragments: Vec<Vec<u8>> = message.chunks(fragment).map(<[u8]>::to_vec).collect();
        if fragments.len() > MAX_PARTS {
            return Err(TooLarge);
        }
        if let Some(last) = fragments.last_mut() {
            last.resize(fragment, 0);
        }
        Ok(Frames {
            word,
            size,
            message: Identity {
                count: fragments.len(),
                length: message.len(),
                sum: crc32(message),
            },
            fragments,
            shown: 0,
        })
    }

    /// How many frames suffice if none is lost.
    pub fn count(&self) -> usize {
        self.message.count
    }

    /// The text of the frame with this number, counted from 1; `None` for 0 and beyond
    /// [`MAX_SEQUENCE`].
    pub fn text(&self, number: u32) -> Option<String> {
        if !(1..=MAX_SEQUENCE).contains(&number) {
            return None;
        }
        let mut data = vec![0; self.fragments.first()?.len()];
        for fragment in self.message.fragments_of(number) {
            add(&mut data, self.fragments.get(fragment)?);
        }
        let part = Part {
            number,
            message: self.message,
            data,
        };
        let word = self.word.as_str().to_ascii_uppercase();
        Some(format!("UR:{word}/{}", part.text()))
    }

    /// The frame with this number, as [`Frames::text`] counts.
    pub fn part(&self, number: u32) -> Option<Symbol> {
        Symbol::at(&self.text(number)?, self.size.version(), EcLevel::M)
    }

    /// The next frame to show. Endless: after [`MAX_SEQUENCE`] frames it begins again.
    pub fn next_symbol(&mut self) -> Option<Symbol> {
        self.shown = self.shown % MAX_SEQUENCE + 1;
        self.part(self.shown)
    }
}

/// Adds without carry.
pub(crate) fn add(to: &mut [u8], other: &[u8]) {
    for (a, b) in to.iter_mut().zip(other) {
        *a ^= b;
    }
}
