use code::{Assembly, FrameError, GrayImage, PictureError, Progress, Word};

/// After so many codes of another message in a row, that one is read instead: the person before
/// has gone, or has begun anew.
const PATIENCE: u8 = 3;

/// Reads pictures and typed texts until a message is whole.
pub struct Sight {
    assembly: Assembly,
    looks: usize,
    strangers: u8,
}

/// What came of a picture or a text, in the order of what is worth saying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// No code.
    Nothing,
    /// Another's code, such as a web address.
    Foreign,
    /// A damaged code of ours.
    Damaged,
    /// A code that claims more than is ever shown, or a picture too large.
    TooLarge,
    /// A request, where an answer is expected, or the reverse.
    OtherKind,
    /// A code of another message than the one begun.
    OtherMessage,
    /// Codes that contradict each other; what was read is dropped.
    Contradiction,
    /// The file is no picture that is known here, or is damaged.
    NoPicture,
    /// A code of the message.
    Code,
    /// The message is whole.
    Whole,
}

impl Seen {
    /// The word for the page's script.
    pub fn word(self) -> &'static str {
        match self {
            Seen::Nothing => "nothing",
            Seen::Foreign => "foreign",
            Seen::Damaged => "damaged",
            Seen::TooLarge => "too_large",
            Seen::OtherKind => "other_kind",
            Seen::OtherMessage => "other_message",
            Seen::Contradiction => "contradiction",
            Seen::NoPicture => "no_picture",
            Seen::Code => "code",
            Seen::Whole => "whole",
        }
    }
}

impl Sight {
    /// For messages of this kind.
    pub fn new(word: Word) -> Self {
        Sight {
            assembly: Assembly::new(word),
            looks: 0,
            strangers: 0,
        }
    }

    /// Looks at one picture, four bytes a pixel. Bytes that do not fit the size are no picture.
    pub fn see(&mut self, rgba: &[u8], width: u32, height: u32) -> Seen {
        self.looks = self.looks.wrapping_add(1);
        let pixels = u64::from(width) * u64::from(height);
        if pixels.checked_mul(4) != Some(rgba.len() as u64) {
            return Seen::NoPicture;
        }
        let grey = rgba.chunks_exact(4).map(|pixel| match pixel {
            [red, green, blue, _] => {
                ((u16::from(*red) * 77 + u16::from(*green) * 150 + u16::from(*blue) * 29) >> 8)
                    as u8
            }
            _ => 0,
        });
        match GrayImage::from_raw(width, height, grey.collect()) {
            Some(picture) => {
                let texts = code::read_frame(&picture, self.looks);
                self.take(&texts)
            }
            None => Seen::NoPicture,
        }
    }

    /// Looks at a PNG, JPEG or GIF, each of its frames.
    pub fn open(&mut self, file: &[u8]) -> Seen {
        match code::read_picture(file) {
            Ok(texts) => self.take(&texts),
            Err(PictureError::TooLarge) => Seen::TooLarge,
            Err(_) => Seen::NoPicture,
        }
    }

    /// Takes one or more lines of typed text, each the text of a code.
    pub fn typed(&mut self, text: &str) -> Seen {
        let lines: Vec<String> = text
            .split(['\r', '\n', '\t'])
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        self.take(&lines)
    }

    /// How far the message is.
    pub fn progress(&self) -> Progress {
        self.assembly.progress()
    }

    /// The message once it is whole.
    pub fn message(&self) -> Option<&[u8]> {
        self.assembly.message()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.assembly.clear();
        self.strangers = 0;
    }

    fn take(&mut self, texts: &[String]) -> Seen {
        texts
            .iter()
            .map(|text| self.take_one(text))
            .max()
            .unwrap_or(Seen::Nothing)
    }

    fn take_one(&mut self, text: &str) -> Seen {
        let mut taken = self.assembly.add(text);
        if taken == Err(FrameError::OtherMessage) && self.assembly.message().is_none() {
            self.strangers += 1;
            if self.strangers >= PATIENCE {
                self.clear();
                taken = self.assembly.add(text);
            }
        } else if taken.is_ok() {
            self.strangers = 0;
        }
        match taken {
            Ok(progress) if progress.complete() => Seen::Whole,
            Ok(_) => Seen::Code,
            Err(FrameError::Foreign) => Seen::Foreign,
            Err(FrameError::OtherWord { .. }) => Seen::OtherKind,
            Err(FrameError::OtherMessage) => Seen::OtherMessage,
            Err(FrameError::TooLarge) => Seen::TooLarge,
            Err(FrameError::Contradiction) => Seen::Contradiction,
            Err(_) => Seen::Damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use code::{Frames, Size, Symbol, Word, still};

    use super::{Seen, Sight};

    fn rgba(code: &Symbol) -> (Vec<u8>, u32) {
        let picture = code.image(4);
        let bytes = picture.iter().flat_map(|grey| [*grey, *grey, *grey, 255]);
        (bytes.collect(), picture.width())
    }

    fn frames(byte: u8) -> Frames {
        Frames::new(Word::ANSWER, &[byte; 500], Size::Small).unwrap()
    }

    fn show(sight: &mut Sight, code: &Symbol) -> Seen {
        let (bytes, side) = rgba(code);
        sight.see(&bytes, side, side)
    }

    #[test]
    fn pictures_become_a_message() {
        let mut sight = Sight::new(Word::ANSWER);
        let frames = frames(7);
        for number in 1..frames.count() as u32 {
            let code = frames.part(number).unwrap();
            assert_eq!(show(&mut sight, &code), Seen::Code);
            assert_eq!(sight.progress().have, number as usize);
        }
        assert_eq!(sight.message(), None);
        let last = frames.part(frames.count() as u32).unwrap();
        assert_eq!(show(&mut sight, &last), Seen::Whole);
        assert_eq!(sight.message(), Some([7; 500].as_slice()));
    }

    #[test]
    fn files_and_scanners_give_the_same() {
        let code = still(Word::ANSWER, b"answer").unwrap();
        let mut sight = Sight::new(Word::ANSWER);
        assert_eq!(sight.open(&code.png(4)), Seen::Whole);
        assert_eq!(sight.message(), Some(b"answer".as_slice()));
        sight.clear();
        assert_eq!(sight.message(), None);
        assert_eq!(sight.typed(&format!("{}\r\n", code.text())), Seen::Whole);
        sight.clear();
        let frames = frames(1);
        let lines: Vec<String> = (1..=frames.count() as u32)
            .map(|number| frames.text(number).unwrap())
            .collect();
        assert_eq!(sight.typed(&lines.join("\n")), Seen::Whole);
    }

    #[test]
    fn the_next_person_is_read_after_three_of_their_codes() {
        let mut sight = Sight::new(Word::ANSWER);
        sight.typed(&frames(1).text(1).unwrap());
        for number in 1..3 {
            let text = frames(2).text(number).unwrap();
            assert_eq!(sight.typed(&text), Seen::OtherMessage);
        }
        // One of the first in between: it is still the one that is read.
        assert_eq!(sight.typed(&frames(1).text(2).unwrap()), Seen::Code);
        for number in 1..3 {
            sight.typed(&frames(2).text(number).unwrap());
        }
        assert_eq!(sight.typed(&frames(2).text(3).unwrap()), Seen::Code);
        assert_eq!(sight.progress().have, 1);
    }

    #[test]
    fn what_is_not_an_answer_is_named() {
        let mut sight = Sight::new(Word::ANSWER);
        let ask = still(Word::ASK, b"ask").unwrap();
        assert_eq!(show(&mut sight, &ask), Seen::OtherKind);
        assert_eq!(sight.typed("https://example.org/"), Seen::Foreign);
        assert_eq!(sight.typed("CAIRN-ANSWER:000"), Seen::Damaged);
        assert_eq!(sight.typed(""), Seen::Nothing);
        assert_eq!(sight.see(&[0; 16], 2, 2), Seen::Nothing);
        assert_eq!(sight.see(&[0; 15], 2, 2), Seen::NoPicture);
        assert_eq!(sight.see(&[], u32::MAX, u32::MAX), Seen::NoPicture);
        assert_eq!(sight.open(b"hello"), Seen::NoPicture);
    }
}
