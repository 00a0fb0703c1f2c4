use std::fmt;

use super::super::compress::{deflate_zlib, inflate_zlib};
use super::super::{InflateError, LookUpError, MAX_LIST};

/// How wide an entry is (§4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Bits {
    /// Valid or not.
    One = 1,
    /// Suspension too, and one status of the application.
    Two = 2,
    /// Sixteen statuses.
    Four = 4,
    /// 256 statuses.
    Eight = 8,
}

impl Bits {
    /// From `bits`.
    pub fn from_number(bits: u64) -> Option<Self> {
        match bits {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    fn per_byte(self) -> u64 {
        8 / u64::from(self as u8)
    }

    fn mask(self) -> u8 {
        u8::MAX >> (8 - self as u8)
    }
}

/// The statuses of a Token Status List, inflated. Entries fill a byte from its lowest bit.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenList {
    bits: Bits,
    bytes: Vec<u8>,
}

impl TokenList {
    /// A list of at least `entries` entries, all valid; the last byte is filled up. More than
    /// [`MAX_LIST`] bytes are refused.
    pub fn new(bits: Bits, entries: u64) -> Result<Self, InflateError> {
        let length = usize::try_from(entries.div_ceil(bits.per_byte()))
            .ok()
            .filter(|length| *length <= MAX_LIST)
            .ok_or(InflateError::TooLarge)?;
        Ok(Self {
            bits,
            bytes: vec![0; length],
        })
    }

    /// Inflates `lst`.
    pub fn from_compressed(bits: Bits, lst: &[u8]) -> Result<Self, InflateError> {
        Ok(Self {
            bits,
            bytes: inflate_zlib(lst)?,
        })
    }

    /// `lst`: the bytes compressed with ZLIB at its highest level.
    pub fn to_compressed(&self) -> Vec<u8> {
        deflate_zlib(&self.bytes)
    }

    /// How wide an entry is.
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.bytes.len() as u64 * self.bits.per_byte()
    }

    /// The value at a place.
    pub fn get(&self, index: u64) -> Result<u8, LookUpError> {
        let (byte, shift) = self.place(index)?;
        let byte = self.bytes.get(byte).ok_or(LookUpError::OutOfRange)?;
        Ok((byte >> shift) & self.bits.mask())
    }

    /// Sets the value at a place.
    pub fn set(&mut self, index: u64, value: u8) -> Result<(), LookUpError> {
        let mask = self.bits.mask();
        if value > mask {
            return Err(LookUpError::TooWide);
        }
        let (byte, shift) = self.place(index)?;
        let byte = self.bytes.get_mut(byte).ok_or(LookUpError::OutOfRange)?;
        *byte = (*byte & !(mask << shift)) | (value << shift);
        Ok(())
    }

    fn place(&self, index: u64) -> Result<(usize, u32), LookUpError> {
        let per_byte = self.bits.per_byte();
        let byte = usize::try_from(index / per_byte).map_err(|_| LookUpError::OutOfRange)?;
        let shift = (index % per_byte) as u32 * u32::from(self.bits as u8);
        Ok((byte, shift))
    }
}

// Millions of entries help nobody in a message.
impl fmt::Debug for TokenList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "TokenList({} entries of {} bits)",
            self.entries(),
            self.bits as u8
        )
    }
}
