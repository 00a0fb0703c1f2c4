//! What a passphrase must be.

use secrecy::{ExposeSecret, SecretString};

use crate::header::Mode;

/// Longest passphrase taken, in bytes.
const LONGEST: usize = 1024;

/// Why a passphrase is refused.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weakness {
    /// Fewer characters than the number given.
    #[error("the passphrase has fewer than {least} characters")]
    TooShort {
        /// The least number of characters.
        least: usize,
    },
    /// More than 1024 bytes.
    #[error("the passphrase is longer than 1024 bytes")]
    TooLong,
    /// A common word, a name, a date, a pattern: found in few guesses.
    #[error("the passphrase is easy to guess")]
    Guessable,
}

/// Checks a new passphrase: eight characters and a zxcvbn score of two beside a keyring secret,
/// ten characters and a score of three where the passphrase stands alone.
pub(crate) fn check_strength(passphrase: &SecretString, mode: Mode) -> Result<(), Weakness> {
    let text = passphrase.expose_secret();
    let (least, score) = match mode {
        Mode::Keyring => (8, zxcvbn::Score::Two),
        Mode::PassphraseOnly => (10, zxcvbn::Score::Three),
    };
    if text.len() > LONGEST {
        return Err(Weakness::TooLong);
    }
    if text.chars().count() < least {
        return Err(Weakness::TooShort { least });
    }
    if zxcvbn::zxcvbn(text, &["cairn", "wallet"]).score() < score {
        return Err(Weakness::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, mode: Mode) -> Result<(), Weakness> {
        check_strength(&SecretString::from(text), mode)
    }

    #[test]
    fn refuses_short_long_and_guessable() {
        for mode in [Mode::Keyring, Mode::PassphraseOnly] {
            assert!(matches!(
                check("s7&kQ!z", mode),
                Err(Weakness::TooShort { .. })
            ));
            assert_eq!(check(&"aé9".repeat(400), mode), Err(Weakness::TooLong));
            for text in ["password1234", "aaaaaaaaaaaa", "qwertyuiop", "cairnwallet"] {
                assert_eq!(check(text, mode), Err(Weakness::Guessable), "{text}");
            }
        }
    }

    #[test]
    fn counts_characters_and_not_bytes() {
        assert_eq!(
            check("ŵŷâêîôû", Mode::Keyring),
            Err(Weakness::TooShort { least: 8 })
        );
    }

    #[test]
    fn alone_it_must_be_stronger() {
        assert_eq!(check("tr9vKq2m", Mode::Keyring), Ok(()));
        assert_eq!(
            check("tr9vKq2m", Mode::PassphraseOnly),
            Err(Weakness::TooShort { least: 10 })
        );
        assert_eq!(check("violetkettle", Mode::Keyring), Ok(()));
        assert_eq!(
            check("violetkettle", Mode::PassphraseOnly),
            Err(Weakness::Guessable)
        );
        assert_eq!(
            check("harbour violet kettle moss", Mode::PassphraseOnly),
            Ok(())
        );
    }
}
