//! One frame of a fountain code: a part of a multi-part UR (BCR-2024-001), in capitals.
//!
//! `UR:<type>/<number>-<count>/<bytewords>`; the bytewords hold a CBOR array of number, count,
//! length of the message, CRC-32 of the message, and the data: some fragments, added without
//! carry. Which ones follows from number, count and CRC. The crate `ur` says which they are and
//! spells bytewords; lengths and counts are checked here first, because it takes memory for as
//! many fragments as a frame claims there are.

use minicbor::Decoder;
use ur::bytewords::{self, Style};

use crate::{MAX_MESSAGE, MAX_PARTS, MAX_SEQUENCE};

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) message: Identity,
    pub(crate) data: Vec<u8>,
}

/// What is the same in all frames of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Identity {
    pub(crate) count: usize,
    pub(crate) length: usize,
    pub(crate) sum: u32,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PartError {
    Damaged,
    TooLarge,
}

/// CRC-32 as in gzip (ISO-HDLC), which UR uses too.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

impl Part {
    /// The text from the type on: `number-count/bytewords`, in either case.
    pub(crate) fn parse(text: &str) -> Result<Self, PartError> {
        let (name, body) = text.split_once('/').ok_or(PartError::Damaged)?;
        let (number, count) = name.split_once('-').ok_or(PartError::Damaged)?;
        let (number, count) = (decimal(number)?, decimal(count)?);
        let bytes = bytewords::decode(&body.to_ascii_lowercase(), Style::Minimal)
            .map_err(|_| PartError::Damaged)?;
        let part = from_cbor(&bytes).ok_or(PartError::Damaged)?;
        if (part.number, part.message.count) != (number, count as usize) {
            return Err(PartError::Damaged);
        }
        part.message.check(part.number, part.data.len())?;
        Ok(part)
    }

    /// The text from the type on, in capitals.
    pub(crate) fn text(&self) -> String {
        let body = bytewords::encode(&self.to_cbor(), Style::Minimal).to_ascii_uppercase();
        format!("{}-{}/{body}", self.number, self.message.count)
    }

    fn to_cbor(&self) -> Vec<u8> {
        cbor(self.number, self.message, &self.data)
    }
}

impl Identity {
    fn check(self, number: u32, fragment: usize) -> Result<(), PartError> {
        if self.count > MAX_PARTS || self.length > MAX_MESSAGE || number > MAX_SEQUENCE {
            return Err(PartError::TooLarge);
        }
        // The fragments hold the message, and none of them only padding.
        let fits = number > 0
            && fragment > 0
            && self.length > 0
            && self.length.div_ceil(fragment) == self.count;
        fits.then_some(()).ok_or(PartError::Damaged)
    }

    /// Which fragments the frame of this number adds up. Call it only for checked numbers: `ur`
    /// takes memory for `count` of them.
    pub(crate) fn fragments_of(self, number: u32) -> Vec<usize> {
        let part: Result<ur::fountain::Part, _> = minicbor::decode(&cbor(number, self, &[0]));
        part.map(|part| part.indexes()).unwrap_or_default()
    }
}

/// No sign, no leading nought, nothing beyond 32 bits.
fn decimal(text: &str) -> Result<u32, PartError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if !plain || text.is_empty() {
        return Err(PartError::Damaged);
    }
    text.parse().map_err(|_| PartError::TooLarge)
}

fn cbor(number: u32, message: Identity, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len() + 24);
    let mut encoder = minicbor::Encoder::new(&mut bytes);
    // Writing into memory has nothing that could fail, and lengths are bounded.
    let _ = encoder
        .array(5)
        .and_then(|e| e.u32(number))
        .and_then(|e| e.u32(message.count as u32))
        .and_then(|e| e.u32(message.length as u32))
        .and_then(|e| e.u32(message.sum))
        .and_then(|e| e.bytes(data));
    bytes
}

fn from_cbor(bytes: &[u8]) -> Option<Part> {
    let mut decoder = Decoder::new(bytes);
    if decoder.array().ok()? != Some(5) {
        return None;
    }
    let part = Part {
        number: decoder.u32().ok()?,
        message: Identity {
            count: decoder.u32().ok()? as usize,
            length: decoder.u32().ok()? as usize,
            sum: decoder.u32().ok()?,
        },
        data: decoder.bytes().ok()?.to_vec(),
    };
    (decoder.position() == bytes.len()).then_some(part)
}
