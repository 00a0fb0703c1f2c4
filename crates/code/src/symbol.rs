use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

use crate::TooLarge;

/// The largest version that is shown: beyond it modules get too small for a desk's camera.
pub(crate) const MAX_VERSION: i16 = 25;

/// One QR code and the text in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Symbol {
    text: String,
    width: usize,
    modules: Vec<bool>,
}

/// Says the size only: the text is somebody's answer.
impl std::fmt::Debug for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Symbol")
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

impl Symbol {
    /// The smallest code of version 25 or less that holds `text` with a quarter of it repairable
    /// where that fits, else a seventh (level M), else a fourteenth (level L).
    ///
    /// For texts that other wallets read too, such as links. Text in other than the
    /// alphanumeric characters of QR codes takes more room.
    ///
    /// # Errors
    /// [`TooLarge`] if there is no such code.
    pub fn new(text: &str) -> Result<Self, TooLarge> {
        if text.is_empty() {
            return Err(TooLarge);
        }
        let smallest = (1..=MAX_VERSION)
            .find_map(|version| Self::at(text, version, EcLevel::M).map(|code| (version, code)));
        match smallest {
            Some((version, code)) => Ok(Self::at(text, version, EcLevel::Q).unwrap_or(code)),
            None => (1..=MAX_VERSION)
                .find_map(|version| Self::at(text, version, EcLevel::L))
                .ok_or(TooLarge),
        }
    }

    /// A code of exactly this version and level, if the text fits.
    pub(crate) fn at(text: &str, version: i16, level: EcLevel) -> Option<Self> {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_optimal_data(text.as_bytes()).ok()?;
        bits.push_terminator(level).ok()?;
        let code = QrCode::with_bits(bits, level).ok()?;
        Some(Symbol {
            text: text.to_owned(),
            width: code.width(),
            modules: code
                .into_colors()
                .into_iter()
                .map(|colour| colour == Color::Dark)
                .collect(),
        })
    }

    /// The text in the code, as a reader gets it and as a scanner types it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many modules a side has, without the quiet zone, and the modules row by row: `true` is
    /// dark.
    pub fn modules(&self) -> (usize, Vec<bool>) {
        (self.width, self.modules.clone())
    }

    /// The version of the code, 1 to 25.
    pub fn version(&self) -> usize {
        self.width.saturating_sub(17) / 4
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.modules.chunks(self.width.max(1))
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }
}

#[cfg(test)]
mod tests {
    use super::Symbol;
    use crate::TooLarge;

    #[test]
    fn the_version_is_the_smallest_and_ends_at_25() {
        assert_eq!(Symbol::new("A").unwrap().version(), 1);
        // Version 25 at level L holds 1,853 alphanumeric characters.
        assert_eq!(Symbol::new(&"A".repeat(1853)).unwrap().version(), 25);
        assert_eq!(Symbol::new(&"A".repeat(1854)), Err(TooLarge));
        assert_eq!(Symbol::new(""), Err(TooLarge));
    }

    #[test]
    fn the_text_is_not_in_what_debugging_prints() {
        assert!(!format!("{:?}", Symbol::new("SECRET").unwrap()).contains("SECRET"));
    }
}
