//! One still code: `WORD:` and, in Base45, the message with its CRC-32 before it.

use crate::part::crc32;
use crate::{MAX_MESSAGE, Symbol, Word, base45};

/// The message as one QR code of version 25 or less, or `None` if it does not fit or is empty.
///
/// A message of 960 bytes still has a seventh of its code repairable; the longest, about 1,220
/// bytes less the word, a fourteenth.
pub fn still(word: Word, message: &[u8]) -> Option<Symbol> {
    if message.is_empty() || message.len() > MAX_MESSAGE {
        return None;
    }
    let mut bytes = crc32(message).to_be_bytes().to_vec();
    bytes.extend_from_slice(message);
    let word = word.as_str().to_ascii_uppercase();
    Symbol::new(&format!("{word}:{}", base45::encode(&bytes))).ok()
}

/// The message of what comes after the colon; `None` if it is damaged.
pub(crate) fn parse(body: &str) -> Option<Vec<u8>> {
    let bytes = base45::decode(body)?;
    let (sum, message) = bytes.split_first_chunk::<4>()?;
    (!message.is_empty() && crc32(message).to_be_bytes() == *sum).then(|| message.to_vec())
}

#[cfg(test)]
mod tests {
    use super::{parse, still};
    use crate::Word;

    #[test]
    fn the_form_is_what_the_document_says() {
        // CRC-32 of "123456789" is cbf43926.
        let code = still(Word::ANSWER, b"123456789").unwrap();
        let body = code.text().strip_prefix("CAIRN-ANSWER:").unwrap();
        let bytes = crate::base45::decode(body).unwrap();
        assert_eq!(bytes, b"\xcb\xf4\x39\x26123456789");
        assert_eq!(parse(body).unwrap(), b"123456789");
    }

    #[test]
    fn each_changed_character_is_found() {
        let code = still(Word::ASK, b"a request of some length").unwrap();
        let body = code.text().strip_prefix("CAIRN-ASK:").unwrap();
        for at in 0..body.len() {
            let mut bytes = body.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(parse(std::str::from_utf8(&bytes).unwrap()), None, "{at}");
            assert_eq!(parse(&body[..at]), None, "{at}");
        }
    }

    #[test]
    fn what_fits_and_what_does_not() {
        assert!(still(Word::ANSWER, &[]).is_none());
        assert_eq!(still(Word::ANSWER, &[7; 1200]).unwrap().version(), 25);
        assert!(still(Word::ANSWER, &[7; 1230]).is_none());
        assert!(still(Word::ANSWER, &vec![7; 40_000]).is_none());
    }
}
