//! CBOR (RFC 8949), read strictly and with bounds.
//!
//! Every item keeps the bytes that it was read from: digests and signatures are over what was
//! sent, and not over what a second encoding would make of it. Refused: what is longer than
//! [`MAX_BYTES`], nests deeper than [`MAX_DEPTH`] or has more than [`MAX_ITEMS`] items, maps
//! that repeat a key, text that is not UTF-8, reserved lengths, and anything behind the item.

use ciborium::value::Value as Cbor;

/// The longest CBOR that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep items may nest. What a byte string embeds is read on its own.
pub const MAX_DEPTH: usize = 16;
/// The most items, those inside others included.
pub const MAX_ITEMS: usize = 20_000;

/// Encoded CBOR in a byte string (RFC 8949 §3.4.5.1).
pub(super) const EMBEDDED: u64 = 24;

/// Why bytes were not read as CBOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Longer than [`MAX_BYTES`].
    #[error("the CBOR is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// Deeper than [`MAX_DEPTH`].
    #[error("the CBOR nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// More than [`MAX_ITEMS`].
    #[error("the CBOR has more than {MAX_ITEMS} items")]
    TooMany,
    /// It ends within an item.
    #[error("the CBOR ends within an item")]
    Truncated,
    /// Something follows the item.
    #[error("bytes follow the CBOR item")]
    Trailing,
    /// A key stands twice in one map.
    #[error("a map repeats a key")]
    RepeatedKey,
    /// Text that is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// A reserved or misplaced initial byte, or pieces that do not belong together.
    #[error("the CBOR is not well formed")]
    Malformed,
}

/// One item and the bytes that it was read from.
#[derive(Clone, PartialEq)]
pub(super) struct Item<'a> {
    pub(super) raw: &'a [u8],
    pub(super) kind: Kind<'a>,
}

/// What an item is. Pieces of indefinite length have been joined.
#[derive(Clone, PartialEq)]
pub(super) enum Kind<'a> {
    Unsigned(u64),
    /// `-1 - n`.
    Negative(u64),
    Bytes(std::borrow::Cow<'a, [u8]>),
    Text(std::borrow::Cow<'a, str>),
    Array(Vec<Item<'a>>),
    Map(Vec<(Item<'a>, Item<'a>)>),
    Tag(u64, Box<Item<'a>>),
    Bool(bool),
    Null,
    Undefined,
    Float(f64),
    Simple(u8),
}

/// Reads exactly one item.
pub(super) fn parse(bytes: &[u8]) -> Result<Item<'_>, CborError> {
    if bytes.len() > MAX_BYTES {
        return Err(CborError::TooLong);
    }
    let mut reader = Reader {
        rest: bytes,
        items: 0,
    };
    let item = reader.item(0)?.ok_or(CborError::Malformed)?;
    if !reader.rest.is_empty() {
        return Err(CborError::Trailing);
    }
    Ok(item)
}

struct Reader<'a> {
    rest: &'a [u8],
    items: usize,
}

/// The additional information of an initial byte.
enum Length {
    Definite(u64),
    Indefinite,
}

impl<'a> Reader<'a> {
    /// One item; `None` for the break that ends an item of indefinite length.
    fn item(&mut self, depth: usize) -> Result<Option<Item<'a>>, CborError> {
        if depth > MAX_DEPTH {
            return Err(CborError::TooDeep);
        }
        let start = self.rest;
        let initial = self.byte()?;
        if initial == 0xff {
            return Ok(None);
        }
        self.items = self.items.saturating_add(1);
        if self.items > MAX_ITEMS {
            return Err(CborError::TooMany);
        }
        let (major, info) = (initial >> 5, initial & 0x1f);
        let kind = if major == 7 {
            self.simple(info)?
        } else {
            let length = self.length(major, info)?;
            self.kind(major, length, depth)?
        };
        let read = start.len().saturating_sub(self.rest.len());
        let raw = start.get(..read).ok_or(CborError::Truncated)?;
        Ok(Some(Item { raw, kind }))
    }

    fn some(&mut self, depth: usize) -> Result<Item<'a>, CborError> {
        self.item(depth)?.ok_or(CborError::Malformed)
    }

    fn kind(&mut self, major: u8, length: Length, depth: usize) -> Result<Kind<'a>, CborError> {
        let below = depth.saturating_add(1);
        Ok(match (major, length) {
            (0, Length::Definite(number)) => Kind::Unsigned(number),
            (1, Length::Definite(number)) => Kind::Negative(number),
            (2, Length::Definite(length)) => Kind::Bytes(self.take(length)?.into()),
            (3, Length::Definite(length)) => Kind::Text(self.text(length)?.into()),
            (2, Length::Indefinite) => Kind::Bytes(self.pieces(2)?.into()),
            (3, Length::Indefinite) => {
                let joined = self.pieces(3)?;
                Kind::Text(
                    String::from_utf8(joined)
                        .map_err(|_| CborError::NotUtf8)?
                        .into(),
                )
            }
            (4, Length::Definite(length)) => {
                let mut items = Vec::new();
                for _ in 0..self.count(length)? {
                    items.push(self.some(below)?);
                }
                Kind::Array(items)
            }
            (4, Length::Indefinite) => {
                let mut items = Vec::new();
                while let Some(item) = self.item(below)? {
                    items.push(item);
                }
                Kind::Array(items)
            }
            (5, Length::Definite(length)) => {
                let mut entries = Vec::new();
                for _ in 0..self.count(length)? {
                    entries.push((self.some(below)?, self.some(below)?));
                }
                Kind::Map(unique(entries)?)
            }
            (5, Length::Indefinite) => {
                let mut entries = Vec::new();
                while let Some(key) = self.item(below)? {
                    entries.push((key, self.some(below)?));
                }
                Kind::Map(unique(entries)?)
            }
            (6, Length::Definite(tag)) => Kind::Tag(tag, Box::new(self.some(below)?)),
            _ => return Err(CborError::Malformed),
        })
    }

    fn simple(&mut self, info: u8) -> Result<Kind<'a>, CborError> {
        Ok(match info {
            20 => Kind::Bool(false),
            21 => Kind::Bool(true),
            22 => Kind::Null,
            23 => Kind::Undefined,
            0..=19 => Kind::Simple(info),
            24 => match self.byte()? {
                // Smaller ones have a shorter form (RFC 8949 §3.3).
                value @ 32.. => Kind::Simple(value),
                _ => return Err(CborError::Malformed),
            },
            25 => Kind::Float(half(u16::from_be_bytes(self.array()?))),
            26 => Kind::Float(f64::from(f32::from_be_bytes(self.array()?))),
            27 => Kind::Float(f64::from_be_bytes(self.array()?)),
            _ => return Err(CborError::Malformed),
        })
    }

    fn length(&mut self, major: u8, info: u8) -> Result<Length, CborError> {
        Ok(Length::Definite(match info {
            0..=23 => u64::from(info),
            24 => u64::from(self.byte()?),
            25 => u64::from(u16::from_be_bytes(self.array()?)),
            26 => u64::from(u32::from_be_bytes(self.array()?)),
            27 => u64::from_be_bytes(self.array()?),
            31 if (2..=5).contains(&major) => return Ok(Length::Indefinite),
            _ => return Err(CborError::Malformed),
        }))
    }

    /// How many items are announced; never more than bytes are left.
    fn count(&self, length: u64) -> Result<usize, CborError> {
        let count = usize::try_from(length).map_err(|_| CborError::Truncated)?;
        if count > self.rest.len() {
            return Err(CborError::Truncated);
        }
        Ok(count)
    }

    /// The joined pieces of a string of indefinite length: each of the same kind and definite.
    fn pieces(&mut self, major: u8) -> Result<Vec<u8>, CborError> {
        let mut joined = Vec::new();
        loop {
            let initial = self.byte()?;
            if initial == 0xff {
                return Ok(joined);
            }
            self.items = self.items.saturating_add(1);
            if self.items > MAX_ITEMS {
                return Err(CborError::TooMany);
            }
            if initial >> 5 != major {
                return Err(CborError::Malformed);
            }
            let Length::Definite(length) = self.length(major, initial & 0x1f)? else {
                return Err(CborError::Malformed);
            };
            if major == 3 {
                joined.extend_from_slice(self.text(length)?.as_bytes());
            } else {
                joined.extend_from_slice(self.take(length)?);
            }
        }
    }

    fn text(&mut self, length: u64) -> Result<&'a str, CborError> {
        std::str::from_utf8(self.take(length)?).map_err(|_| CborError::NotUtf8)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let length = usize::try_from(length).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, CborError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }
}

type Entries<'a> = Vec<(Item<'a>, Item<'a>)>;

/// Two keys are the same when they mean the same, whatever their encodings.
fn unique(entries: Entries<'_>) -> Result<Entries<'_>, CborError> {
    // Few keys are told apart faster one by one; many come of a stranger.
    if entries.len() > 64 {
        let simple = |key: &Item<'_>| match &key.kind {
            Kind::Text(text) => Some((0_u8, text.as_bytes().to_vec())),
            Kind::Bytes(bytes) => Some((1, bytes.to_vec())),
            Kind::Unsigned(number) => Some((2, number.to_be_bytes().to_vec())),
            Kind::Negative(number) => Some((3, number.to_be_bytes().to_vec())),
            _ => None,
        };
        let mut seen = std::collections::HashSet::new();
        for (key, _) in &entries {
            let key = simple(key).ok_or(CborError::Malformed)?;
            if !seen.insert(key) {
                return Err(CborError::RepeatedKey);
            }
        }
        return Ok(entries);
    }
    let twice = entries.iter().enumerate().any(|(place, (key, _))| {
        let mut before = entries.iter().take(place);
        before.any(|(other, _)| same(&other.kind, &key.kind))
    });
    if twice {
        return Err(CborError::RepeatedKey);
    }
    Ok(entries)
}

fn same(one: &Kind<'_>, other: &Kind<'_>) -> bool {
    match (one, other) {
        (Kind::Array(one), Kind::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same(&one.kind, &other.kind))
        }
        (Kind::Map(one), Kind::Map(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| {
                    same(&one.0.kind, &other.0.kind) && same(&one.1.kind, &other.1.kind)
                })
        }
        (Kind::Tag(one, of), Kind::Tag(other, of_other)) => {
            one == other && same(&of.kind, &of_other.kind)
        }
        (Kind::Float(one), Kind::Float(other)) => one.to_bits() == other.to_bits(),
        (one, other) => one == other,
    }
}

/// RFC 8949 Appendix D.
fn half(bits: u16) -> f64 {
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (fraction + 1024.0) * 2_f64.powi(exponent.saturating_sub(25)),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

impl<'a> Item<'a> {
    /// The value of a text key of a map.
    pub(super) fn get(&self, name: &str) -> Option<&Item<'a>> {
        self.entry(|key| matches!(&key.kind, Kind::Text(text) if text == name))
    }

    /// The value of an integer key of a map.
    pub(super) fn at(&self, label: i64) -> Option<&Item<'a>> {
        self.entry(|key| key.as_i64() == Some(label))
    }

    fn entry(&self, wanted: impl Fn(&Item<'a>) -> bool) -> Option<&Item<'a>> {
        let entries = self.as_map()?;
        entries
            .iter()
            .find_map(|(key, value)| wanted(key).then_some(value))
    }

    pub(super) fn as_map(&self) -> Option<&[(Item<'a>, Item<'a>)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn as_array(&self) -> Option<&[Item<'a>]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_bytes(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(super) fn as_u64(&self) -> Option<u64> {
        match self.kind {
            Kind::Unsigned(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn as_i64(&self) -> Option<i64> {
        match self.kind {
            Kind::Unsigned(number) => i64::try_from(number).ok(),
            Kind::Negative(number) => i64::try_from(number).ok().map(|number| !number),
            _ => None,
        }
    }

    /// The content of the tag with this number.
    pub(super) fn tagged(&self, number: u64) -> Option<&Item<'a>> {
        match &self.kind {
            Kind::Tag(tag, content) if *tag == number => Some(content),
            _ => None,
        }
    }

    /// The bytes of `#6.24(bstr .cbor …)`: what is embedded, for [`parse`].
    pub(super) fn embedded(&self) -> Option<&[u8]> {
        self.tagged(EMBEDDED)?.as_bytes()
    }
}

/// Writes CBOR from what is encoded already, byte for byte, and from values.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn array(self, length: usize) -> Self {
        self.head(4, length)
    }

    pub(super) fn map(self, length: usize) -> Self {
        self.head(5, length)
    }

    pub(super) fn text(self, text: &str) -> Self {
        self.head(3, text.len()).raw(text.as_bytes())
    }

    pub(super) fn bytes(self, bytes: &[u8]) -> Self {
        self.head(2, bytes.len()).raw(bytes)
    }

    /// `#6.24(bstr)` of encoded CBOR.
    pub(super) fn embed(self, encoded: &[u8]) -> Self {
        self.head(6, EMBEDDED as usize).bytes(encoded)
    }

    pub(super) fn unsigned(self, number: usize) -> Self {
        self.head(0, number)
    }

    pub(super) fn null(self) -> Self {
        self.raw(&[0xf6])
    }

    /// An item that is encoded already.
    pub(super) fn raw(mut self, encoded: &[u8]) -> Self {
        self.0.extend_from_slice(encoded);
        self
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The shortest head (RFC 8949 §4.2.1).
    fn head(mut self, major: u8, number: usize) -> Self {
        let major = major << 5;
        let number = number as u64;
        if let Ok(small) = u8::try_from(number) {
            if small < 24 {
                self.0.push(major | small);
            } else {
                self.0.extend_from_slice(&[major | 24, small]);
            }
        } else if let Ok(number) = u16::try_from(number) {
            self.0.push(major | 25);
            self.0.extend_from_slice(&number.to_be_bytes());
        } else if let Ok(number) = u32::try_from(number) {
            self.0.push(major | 26);
            self.0.extend_from_slice(&number.to_be_bytes());
        } else {
            self.0.push(major | 27);
            self.0.extend_from_slice(&number.to_be_bytes());
        }
        self
    }
}

/// The bytes of a value.
pub(super) fn encode(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory cannot fail.
    let _ = ciborium::into_writer(value, &mut bytes);
    bytes
}
