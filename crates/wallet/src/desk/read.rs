//! From what a desk shows to what it asks: the text of its code, typed or pasted, or a picture.
//! Nothing is looked up here.

use code::{Assembly, Word};
use protocol::counter_code::{Ask, AskError};

use super::ask::DeskAsk;
use crate::open_link::MAX_TEXT;
use crate::wallet::now;

/// Why what was handed over is not the code of a desk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskCodeError {
    /// Not one of our codes, another kind of them, or damaged.
    #[error(transparent)]
    Code(#[from] code::FrameError),
    /// A picture that cannot be read.
    #[error(transparent)]
    Picture(#[from] code::PictureError),
    /// A picture without a code.
    #[error("no QR code was found in the picture")]
    NoCode,
    /// Several codes with different content: which one was meant is the citizen's to say.
    #[error("the picture holds the codes of several desks")]
    SeveralCodes,
    /// A part of the code is missing.
    #[error("a part of the code is missing")]
    Incomplete,
    /// Longer than a code.
    #[error("the text is longer than a code")]
    TooLong,
    /// Neither text nor a picture.
    #[error("neither text nor a picture")]
    NotText,
    /// The content of the code is refused.
    #[error(transparent)]
    Ask(#[from] AskError),
}

impl DeskCodeError {
    /// The name of the refusal, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Code(code::FrameError::Foreign | code::FrameError::OtherWord { .. }) => {
                "not_a_desk_code"
            }
            Self::Code(_) => "code_damaged",
            Self::Picture(_) => "picture",
            Self::NoCode => "no_code",
            Self::SeveralCodes => "several_codes",
            Self::Incomplete => "code_incomplete",
            Self::TooLong => "code_too_long",
            Self::NotText => "not_text",
            Self::Ask(error) => error.name(),
        }
    }
}

/// True for the text of a code that a desk shows, whether or not it can be read.
pub fn is_desk_code(text: &str) -> bool {
    code::word_of(text.trim()).as_deref() == Some(Word::ASK.as_str())
}

/// Reads what a desk asks from the text of its code, one text a line where it has several parts.
///
/// # Errors
/// [`DeskCodeError`].
pub fn read_text(text: &str) -> Result<DeskAsk, DeskCodeError> {
    if text.len() > MAX_TEXT {
        return Err(DeskCodeError::TooLong);
    }
    let mut assembly = Assembly::new(Word::ASK);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assembly.add(line)?;
    }
    finish(&assembly)
}

/// Reads what a desk asks from the content of a file: a picture (PNG, JPEG, GIF) of its code or
/// its poster, or text.
///
/// # Errors
/// [`DeskCodeError`].
pub fn read_bytes(bytes: &[u8]) -> Result<DeskAsk, DeskCodeError> {
    if !(crate::frames::looks_like_a_picture(bytes) || bytes.starts_with(b"GIF8")) {
        let text = std::str::from_utf8(bytes).map_err(|_| DeskCodeError::NotText)?;
        return read_text(text);
    }
    let texts = code::read_picture(bytes)?;
    let (ours, others): (Vec<&String>, Vec<&String>) =
        texts.iter().partition(|text| is_desk_code(text));
    let mut assembly = Assembly::new(Word::ASK);
    match (ours.is_empty(), others.first()) {
        // Says what kind of code it is instead.
        (true, Some(other)) => drop(assembly.add(other)?),
        (true, None) => return Err(DeskCodeError::NoCode),
        _ => {}
    }
    for text in ours {
        match assembly.add(text) {
            Ok(_) => {}
            Err(code::FrameError::OtherMessage) => return Err(DeskCodeError::SeveralCodes),
            Err(error) => return Err(error.into()),
        }
    }
    finish(&assembly)
}

fn finish(assembly: &Assembly) -> Result<DeskAsk, DeskCodeError> {
    let message = assembly.message().ok_or(DeskCodeError::Incomplete)?;
    Ok(DeskAsk::from_code(Ask::parse(message)?, now()))
}
