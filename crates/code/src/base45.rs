//! Base45 (RFC 9285): bytes in the alphanumeric characters of QR codes, three for two.

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

fn character(value: usize) -> char {
    char::from(ALPHABET.get(value % 45).copied().unwrap_or(b'0'))
}

/// The text never ends with a space: the last character of a group stands for 32 at most.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    let mut pairs = bytes.chunks_exact(2);
    for pair in &mut pairs {
        let value = pair.iter().fold(0, |all, b| all * 256 + usize::from(*b));
        text.push(character(value));
        text.push(character(value / 45));
        text.push(character(value / 2025));
    }
    if let [last] = pairs.remainder() {
        text.push(character(usize::from(*last)));
        text.push(character(usize::from(*last) / 45));
    }
    text
}

/// `None` for a character outside the alphabet, an impossible length or a group of too high a
/// value.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let values: Vec<usize> = text
        .bytes()
        .map(|b| ALPHABET.iter().position(|known| *known == b))
        .collect::<Option<_>>()?;
    let mut bytes = Vec::with_capacity(values.len() / 3 * 2 + 1);
    for group in values.chunks(3) {
        match *group {
            [a, b, c] => {
                let value = u16::try_from(a + b * 45 + c * 2025).ok()?;
                bytes.extend_from_slice(&value.to_be_bytes());
            }
            [a, b] => bytes.push(u8::try_from(a + b * 45).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{decode, encode};

    /// The examples of RFC 9285, sections 4.3 and 4.4.
    #[test]
    fn the_examples_of_the_specification() {
        for (bytes, text) in [
            ("AB", "BB8"),
            ("Hello!!", "%69 VD92EX0"),
            ("base-45", "UJCLQE7W581"),
            ("ietf!", "QED8WEX0"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for bad in ["GGW", ":::", "::", "A", "ABCD", "ab8", "B_8", "BBÄ"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = encode(&bytes);
            prop_assert!(!text.ends_with(' '));
            prop_assert_eq!(decode(&text), Some(bytes));
        }
    }
}
