use crate::frames::add;
use crate::part::{Identity, Part, PartError, crc32};
use crate::{MAX_TEXT, Word, still, word_of};

/// How much of a message has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Frames that have told something new.
    pub have: usize,
    /// Frames that are needed: 1 for a still code.
    pub want: usize,
}

impl Progress {
    /// Whether the message is there.
    pub fn complete(self) -> bool {
        self.have == self.want
    }
}

/// Why a text was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The text is somebody else's code, such as a web address.
    #[error("the code is not one of ours")]
    Foreign,
    /// A code of ours, of another kind: a request where an answer is expected, or the reverse.
    #[error("the code is of another kind: {found}")]
    OtherWord {
        /// The word it begins with.
        found: String,
    },
    /// A frame of another message than the one begun.
    #[error("the code belongs to another message than the one begun")]
    OtherMessage,
    /// The text does not parse or its checksum does not fit.
    #[error("the code is damaged")]
    Damaged,
    /// It claims a longer message, more frames or a higher number than is ever shown.
    #[error("the code claims more than a message may have")]
    TooLarge,
    /// All frames are there, each with its own checksum right, and the whole is wrong: they
    /// contradict each other. Everything collected has been dropped.
    #[error("the codes contradict each other")]
    Contradiction,
}

impl From<PartError> for FrameError {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Damaged => FrameError::Damaged,
            PartError::TooLarge => FrameError::TooLarge,
        }
    }
}

/// Puts a message together from the texts of codes, in any order, with repetitions, from a
/// camera or typed.
///
/// It keeps at most as many frames as the message has fragments: each new one is solved against
/// those that are there, and one that tells nothing new is dropped.
pub struct Assembly {
    word: Word,
    begun: Option<Identity>,
    /// Equations, each with a leading fragment that no other one leads with.
    rows: Vec<Row>,
    message: Option<Vec<u8>>,
}

struct Row {
    lead: usize,
    mask: Mask,
    data: Vec<u8>,
}

/// Which fragments are added up: one bit each.
type Mask = [u64; crate::MAX_PARTS / 64];

impl Assembly {
    /// For a message of this kind and no other.
    pub fn new(word: Word) -> Self {
        Assembly {
            word,
            begun: None,
            rows: Vec::new(),
            message: None,
        }
    }

    /// Takes the text of one code, and says how far the message is.
    ///
    /// Upper and lower case are the same for a frame; line ends around the text, which scanners
    /// type, are dropped. A still code is a whole message and takes the place of frames begun.
    ///
    /// # Errors
    /// [`FrameError`]; what has been read stays, but for a [`FrameError::Contradiction`].
    pub fn add(&mut self, text: &str) -> Result<Progress, FrameError> {
        let text = text.trim_matches(['\r', '\n', '\t']);
        if text.len() > MAX_TEXT {
            return Err(FrameError::TooLarge);
        }
        let found = word_of(text).ok_or(FrameError::Foreign)?;
        let frame = text
            .get(..3)
            .is_some_and(|ur| ur.eq_ignore_ascii_case("ur:"));
        if found != self.word.as_str() {
            let ours = found.starts_with("cairn-");
            return Err(if ours {
                FrameError::OtherWord { found }
            } else {
                FrameError::Foreign
            });
        }
        let body = text.get(found.len() + if frame { 4 } else { 1 }..);
        let body = body.ok_or(FrameError::Damaged)?;
        if frame {
            self.add_part(Part::parse(body)?)?;
        } else {
            self.add_still(still::parse(body).ok_or(FrameError::Damaged)?)?;
        }
        Ok(self.progress())
    }

    /// How far the message is: 0 of 0 at the beginning.
    pub fn progress(&self) -> Progress {
        let want = self.begun.map_or(0, |message| message.count);
        let have = match self.message {
            Some(_) => want,
            None => self.rows.len(),
        };
        Progress { have, want }
    }

    /// The message, once it is complete and its checksum has been found right.
    pub fn message(&self) -> Option<&[u8]> {
        self.message.as_deref()
    }

    /// Forgets everything, for the next message.
    pub fn clear(&mut self) {
        *self = Assembly::new(self.word);
    }

    fn add_still(&mut self, message: Vec<u8>) -> Result<(), FrameError> {
        match &self.message {
            Some(known) if *known == message => Ok(()),
            Some(_) => Err(FrameError::OtherMessage),
            None => {
                self.begun = Some(Identity {
                    count: 1,
                    length: message.len(),
                    sum: crc32(&message),
                });
                self.rows.clear();
                self.message = Some(message);
                Ok(())
            }
        }
    }

    fn add_part(&mut self, part: Part) -> Result<(), FrameError> {
        let same = |begun: &Identity| *begun == part.message;
        match &self.begun {
            Some(begun) if !same(begun) => return Err(FrameError::OtherMessage),
            // All fragments of a message are of one length.
            Some(_)
                if self
                    .rows
                    .first()
                    .is_some_and(|row| row.data.len() != part.data.len()) =>
            {
                return Err(FrameError::OtherMessage);
            }
            Some(_) if self.message.is_some() => return Ok(()),
            _ => self.begun = Some(part.message),
        }
        self.solve(part.message.fragments_of(part.number), part.data);
        if self.rows.len() < part.message.count {
            return Ok(());
        }
        let mut message = self.finish();
        let padding = message.split_off(part.message.length.min(message.len()));
        if crc32(&message) != part.message.sum || padding.iter().any(|byte| *byte != 0) {
            self.clear();
            return Err(FrameError::Contradiction);
        }
        self.rows.clear();
        self.message = Some(message);
        Ok(())
    }

    /// One step of elimination: takes from the new equation what is known, and keeps the rest.
    fn solve(&mut self, fragments: Vec<usize>, mut data: Vec<u8>) {
        let mut mask = Mask::default();
        for fragment in fragments {
            flip(&mut mask, fragment);
        }
        for row in &self.rows {
            if has(&mask, row.lead) {
                add_mask(&mut mask, &row.mask);
                add(&mut data, &row.data);
            }
        }
        let Some(lead) = (0..crate::MAX_PARTS).find(|fragment| has(&mask, *fragment)) else {
            return;
        };
        for row in &mut self.rows {
            if has(&row.mask, lead) {
                add_mask(&mut row.mask, &mask);
                add(&mut row.data, &data);
            }
        }
        self.rows.push(Row { lead, mask, data });
    }

    /// With as many equations as fragments each one is down to its leading fragment.
    fn finish(&mut self) -> Vec<u8> {
        self.rows.sort_by_key(|row| row.lead);
        let rows = self.rows.iter();
        rows.flat_map(|row| row.data.iter().copied()).collect()
    }
}

fn has(mask: &Mask, fragment: usize) -> bool {
    mask.get(fragment / 64)
        .is_some_and(|bits| bits >> (fragment % 64) & 1 == 1)
}

fn flip(mask: &mut Mask, fragment: usize) {
    if let Some(bits) = mask.get_mut(fragment / 64) {
        *bits ^= 1 << (fragment % 64);
    }
}

fn add_mask(to: &mut Mask, other: &Mask) {
    for (a, b) in to.iter_mut().zip(other) {
        *a ^= b;
    }
}

#[cfg(test)]
mod tests;
