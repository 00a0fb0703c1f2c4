//! The recovery code: 128 random bits that a citizen writes down.
//!
//! 28 characters of Crockford's base32 in seven groups of four: 128 bits, then 12 bits of
//! SHA-256 over them, so that a slip of the pen is told from a code of another wallet.

use rand::RngCore;
use rand::rngs::OsRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS: usize = 28;

/// A recovery code. Whoever has it and the wallet's file can open the wallet. Wiped when dropped;
/// has no `Debug`.
pub struct RecoveryCode {
    entropy: Box<[u8; 16]>,
}

/// Why a text is not a recovery code.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeError {
    /// Not 28 characters, spaces and hyphens apart.
    #[error("a recovery code has 28 letters and digits, this has {found}")]
    Length {
        /// Letters and digits found.
        found: usize,
    },
    /// A character that no recovery code has.
    #[error("a recovery code has no such character as the one at place {place}")]
    Character {
        /// Its place among the letters and digits, from 1.
        place: usize,
    },
    /// The characters do not fit each other: one is mistaken.
    #[error("a character of the recovery code is mistaken")]
    Mistyped,
}

impl RecoveryCode {
    /// A fresh random code.
    pub(crate) fn make() -> Self {
        let mut entropy = Box::new([0; 16]);
        OsRng.fill_bytes(entropy.as_mut_slice());
        Self { entropy }
    }

    /// Reads a code as people write it: in any case, with spaces and hyphens anywhere, `O` for
    /// zero and `I` or `L` for one.
    ///
    /// # Errors
    /// [`CodeError`] says what is wrong with it, never the code itself.
    pub fn parse(text: &SecretString) -> Result<Self, CodeError> {
        let mut bits = Zeroizing::new([0_u8; 18]);
        let mut found = 0;
        for character in text.expose_secret().chars() {
            if character.is_whitespace()
                || "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}".contains(character)
            {
                continue;
            }
            found += 1;
            if found > CHARACTERS {
                continue;
            }
            let character = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET
                .iter()
                .position(|&of| char::from(of) == character)
                .and_then(|value| u8::try_from(value).ok())
                .ok_or(CodeError::Character { place: found })?;
            push(&mut bits, (found - 1) * 5, value);
        }
        if found != CHARACTERS {
            return Err(CodeError::Length { found });
        }
        let mut entropy = Box::new([0; 16]);
        for (to, from) in entropy.iter_mut().zip(bits.iter()) {
            *to = *from;
        }
        let code = Self { entropy };
        let sum = code.checksum();
        let given: [u8; 2] = [
            bits.get(16).copied().unwrap_or(0),
            bits.get(17).copied().unwrap_or(0),
        ];
        if given != sum {
            return Err(CodeError::Mistyped);
        }
        Ok(code)
    }

    /// The code to show once: seven groups of four characters with hyphens between.
    pub fn expose(&self) -> SecretString {
        let mut bits = Zeroizing::new([0_u8; 18]);
        let sum = self.checksum();
        for (to, from) in bits.iter_mut().zip(self.entropy.iter().chain(&sum)) {
            *to = *from;
        }
        let mut text = String::with_capacity(CHARACTERS + CHARACTERS / 4);
        for place in 0..CHARACTERS {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            let value = usize::from(pull(&bits, place * 5));
            text.push(ALPHABET.get(value).map_or('0', |&of| char::from(of)));
        }
        SecretString::from(text)
    }

    pub(crate) fn entropy(&self) -> &[u8; 16] {
        &self.entropy
    }

    /// Twelve bits, left-aligned in two bytes.
    fn checksum(&self) -> [u8; 2] {
        let digest = Sha256::new()
            .chain_update(b"cairn recovery code")
            .chain_update(self.entropy.as_slice())
            .finalize();
        let mut sum = [0; 2];
        for (to, from) in sum.iter_mut().zip(digest.iter()) {
            *to = *from;
        }
        if let Some(last) = sum.last_mut() {
            *last &= 0xf0;
        }
        sum
    }
}

impl Drop for RecoveryCode {
    fn drop(&mut self) {
        self.entropy.zeroize();
    }
}

/// Writes five bits, the highest first, from bit `at` on.
fn push(bits: &mut [u8; 18], at: usize, value: u8) {
    for bit in 0..5 {
        if value & (0x10 >> bit) != 0
            && let Some(byte) = bits.get_mut((at + bit) / 8)
        {
            *byte |= 0x80 >> ((at + bit) % 8);
        }
    }
}

/// Reads five bits from bit `at` on.
fn pull(bits: &[u8; 18], at: usize) -> u8 {
    (0..5).fold(0, |value, bit| {
        let byte = bits.get((at + bit) / 8).copied().unwrap_or(0);
        (value << 1) | ((byte >> (7 - (at + bit) % 8)) & 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<[u8; 16], CodeError> {
        RecoveryCode::parse(&SecretString::from(text)).map(|code| *code.entropy)
    }

    #[test]
    fn reads_back_what_it_shows() {
        for _ in 0..200 {
            let code = RecoveryCode::make();
            let text = code.expose();
            assert_eq!(text.expose_secret().len(), 34);
            assert_eq!(parse(text.expose_secret()), Ok(*code.entropy));
        }
    }

    #[test]
    fn a_known_code() {
        let code = RecoveryCode {
            entropy: Box::new([0; 16]),
        };
        let text = code.expose();
        assert!(
            text.expose_secret()
                .starts_with("0000-0000-0000-0000-0000-0000-0")
        );
        assert_eq!(parse(text.expose_secret()), Ok([0; 16]));
    }

    #[test]
    fn forgives_case_spaces_hyphens_and_lookalikes() {
        let code = RecoveryCode {
            entropy: Box::new(*b"\x00\x42\x10\x84\x21\x08abcdefghij"),
        };
        let shown = code.expose().expose_secret().to_owned();
        assert!(shown.contains('0') && shown.contains('1'));
        for written in [
            shown.to_lowercase(),
            shown.replace('-', ""),
            shown.replace('-', " – "),
            shown.replace('0', "O").replace('1', "l"),
            shown.replace('0', "o").replace('1', "I"),
        ] {
            assert_eq!(parse(&written), Ok(*code.entropy), "{written}");
        }
    }

    #[test]
    fn refuses_what_is_no_code() {
        assert_eq!(parse(""), Err(CodeError::Length { found: 0 }));
        assert_eq!(parse(&"0".repeat(27)), Err(CodeError::Length { found: 27 }));
        assert_eq!(parse(&"0".repeat(29)), Err(CodeError::Length { found: 29 }));
        assert_eq!(parse("00U"), Err(CodeError::Character { place: 3 }));
        assert_eq!(parse("0é"), Err(CodeError::Character { place: 2 }));
    }

    #[test]
    fn tells_every_single_mistake_but_few() {
        let code = RecoveryCode {
            entropy: Box::new(*b"sixteen bytes ab"),
        };
        let shown = code.expose().expose_secret().replace('-', "");
        let mut missed = 0;
        for place in 0..shown.len() {
            for &other in ALPHABET {
                let mut changed = shown.clone().into_bytes();
                if changed[place] == other {
                    continue;
                }
                changed[place] = other;
                missed += usize::from(parse(std::str::from_utf8(&changed).unwrap()).is_ok());
            }
        }
        // 868 changes, each missed by chance once in 4096.
        assert!(missed <= 3, "{missed}");
    }
}
