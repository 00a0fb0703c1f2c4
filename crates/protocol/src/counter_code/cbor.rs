//! Deterministic CBOR (RFC 8949 §4.2.1) and nothing else: shortest heads, definite lengths. What
//! could be written in two ways is refused, so that a code has one form.

/// How deep a packed value may nest.
pub(super) const MAX_DEPTH: usize = 40;
/// The most items of one packed value.
pub(super) const MAX_ITEMS: usize = 20_000;

/// Why bytes were not read as CBOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// It ends within an item.
    #[error("the CBOR ends within an item")]
    Truncated,
    /// Something follows the item.
    #[error("bytes follow the CBOR item")]
    Trailing,
    /// A longer head than needed, an indefinite length, or a reserved byte.
    #[error("the CBOR is not in its deterministic form")]
    NotDeterministic,
    /// Another item than the one that belongs there.
    #[error("an item is not the one that belongs there")]
    Unexpected,
    /// Text that is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// Deeper than [`MAX_DEPTH`], or more than [`MAX_ITEMS`].
    #[error("the CBOR is too deep or has too many items")]
    TooMuch,
}

/// The head of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Head {
    Unsigned(u64),
    /// `-1 - n`.
    Negative(u64),
    Bytes(u64),
    Text(u64),
    Array(u64),
    Map(u64),
    Tag(u64),
    Bool(bool),
    Null,
}

/// Reads items one after the other.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn end(&self) -> Result<(), CborError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(CborError::Trailing)
        }
    }

    pub(super) fn head(&mut self) -> Result<Head, CborError> {
        let initial = *self.take(1)?.first().ok_or(CborError::Truncated)?;
        let (major, info) = (initial >> 5, initial & 0x1f);
        if major == 7 {
            return match info {
                20 => Ok(Head::Bool(false)),
                21 => Ok(Head::Bool(true)),
                22 => Ok(Head::Null),
                _ => Err(CborError::NotDeterministic),
            };
        }
        let number = self.number(info)?;
        Ok(match major {
            0 => Head::Unsigned(number),
            1 => Head::Negative(number),
            2 => Head::Bytes(number),
            3 => Head::Text(number),
            4 => Head::Array(number),
            5 => Head::Map(number),
            _ => Head::Tag(number),
        })
    }

    /// The next head, which stays unread.
    pub(super) fn peek(&self) -> Result<Head, CborError> {
        self.clone().head()
    }

    fn number(&mut self, info: u8) -> Result<u64, CborError> {
        let (length, least) = match info {
            0..=23 => return Ok(u64::from(info)),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            _ => return Err(CborError::NotDeterministic),
        };
        let number = self
            .take(length)?
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        if number < least {
            return Err(CborError::NotDeterministic);
        }
        Ok(number)
    }

    /// So many bytes; they must be there before anything is made of them.
    pub(super) fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let length = usize::try_from(length).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn text_of(&mut self, length: u64) -> Result<&'a str, CborError> {
        std::str::from_utf8(self.take(length)?).map_err(|_| CborError::NotUtf8)
    }

    pub(super) fn unsigned(&mut self) -> Result<u64, CborError> {
        match self.head()? {
            Head::Unsigned(number) => Ok(number),
            _ => Err(CborError::Unexpected),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        match self.head()? {
            Head::Bytes(length) => self.take(length),
            _ => Err(CborError::Unexpected),
        }
    }

    pub(super) fn text(&mut self) -> Result<&'a str, CborError> {
        match self.head()? {
            Head::Text(length) => self.text_of(length),
            _ => Err(CborError::Unexpected),
        }
    }

    pub(super) fn array(&mut self) -> Result<u64, CborError> {
        match self.head()? {
            Head::Array(length) => Ok(length),
            _ => Err(CborError::Unexpected),
        }
    }

    pub(super) fn map(&mut self) -> Result<u64, CborError> {
        match self.head()? {
            Head::Map(length) => Ok(length),
            _ => Err(CborError::Unexpected),
        }
    }

    pub(super) fn expect(&mut self, head: Head) -> Result<(), CborError> {
        if self.head()? == head {
            Ok(())
        } else {
            Err(CborError::Unexpected)
        }
    }
}

/// Writes items one after the other.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn head(&mut self, head: Head) -> &mut Self {
        let (major, number) = match head {
            Head::Unsigned(number) => (0, number),
            Head::Negative(number) => (1, number),
            Head::Bytes(number) => (2, number),
            Head::Text(number) => (3, number),
            Head::Array(number) => (4, number),
            Head::Map(number) => (5, number),
            Head::Tag(number) => (6, number),
            Head::Bool(value) => {
                self.0.push(if value { 0xf5 } else { 0xf4 });
                return self;
            }
            Head::Null => {
                self.0.push(0xf6);
                return self;
            }
        };
        let bytes = number.to_be_bytes();
        let (info, skipped) = match number {
            0..24 => {
                let [.., last] = bytes;
                self.0.push(major << 5 | last);
                return self;
            }
            24..0x100 => (24, 7),
            0x100..0x1_0000 => (25, 6),
            0x1_0000..0x1_0000_0000 => (26, 4),
            _ => (27, 0),
        };
        self.0.push(major << 5 | info);
        self.0.extend(bytes.iter().skip(skipped));
        self
    }

    pub(super) fn unsigned(&mut self, number: u64) -> &mut Self {
        self.head(Head::Unsigned(number))
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(Head::Bytes(bytes.len() as u64)).raw(bytes)
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.head(Head::Text(text.len() as u64))
            .raw(text.as_bytes())
    }

    pub(super) fn array(&mut self, length: usize) -> &mut Self {
        self.head(Head::Array(length as u64))
    }

    pub(super) fn map(&mut self, length: usize) -> &mut Self {
        self.head(Head::Map(length as u64))
    }

    /// Bytes that are CBOR already.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_go_there_and_back() {
        for number in [0, 23, 24, 255, 256, 65_535, 65_536, 1 << 32, u64::MAX] {
            for head in [
                Head::Unsigned(number),
                Head::Negative(number),
                Head::Tag(number),
            ] {
                let mut writer = Writer::new();
                writer.head(head);
                let bytes = writer.into_bytes();
                let mut reader = Reader::new(&bytes);
                assert_eq!(reader.head().unwrap(), head);
                reader.end().unwrap();
            }
        }
    }

    #[test]
    fn what_could_be_written_shorter_is_refused() {
        for bytes in [
            &[0x18, 0x17][..],
            &[0x19, 0, 0xff],
            &[0x1a, 0, 0, 0xff, 0xff],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0x5f],
            &[0xff],
            &[0xf7],
            &[0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
        ] {
            let read = Reader::new(bytes).head();
            assert_eq!(read, Err(CborError::NotDeterministic), "{bytes:x?}");
        }
        assert_eq!(Reader::new(&[]).head(), Err(CborError::Truncated));
        assert_eq!(
            Reader::new(&[0x5a, 0xff, 0xff, 0xff, 0xff]).bytes(),
            Err(CborError::Truncated)
        );
        assert_eq!(Reader::new(&[0x61, 0xff]).text(), Err(CborError::NotUtf8));
    }
}
