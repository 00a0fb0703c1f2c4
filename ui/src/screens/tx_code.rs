//! The shape of a transaction code, checked before it is sent: some issuers allow few tries.

use ipc::{CodeMode, TxCodeView};

use crate::text::Text;

/// What is wrong with a typed code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Nothing was typed.
    Empty,
    /// Something other than digits in a code of digits.
    NotDigits,
    /// Another number of characters than the issuer says.
    Length(u32),
}

impl Wrong {
    /// The sentence.
    pub(crate) fn words(&self, text: &Text) -> String {
        match self {
            Self::Empty => text.say("code-empty"),
            Self::NotDigits => text.say("code-not-digits"),
            Self::Length(length) => text.say_with("code-length", &[("count", (*length).into())]),
        }
    }
}

/// The code as it is to be sent. Spaces around it, and between digits, do not count.
pub(crate) fn read(shape: &TxCodeView, typed: &str) -> Result<String, Wrong> {
    let code: String = match shape.mode {
        CodeMode::Numeric => typed.chars().filter(|c| !c.is_whitespace()).collect(),
        CodeMode::Text => typed.trim().to_owned(),
    };
    if code.is_empty() {
        return Err(Wrong::Empty);
    }
    if shape.mode == CodeMode::Numeric && !code.chars().all(|c| c.is_ascii_digit()) {
        return Err(Wrong::NotDigits);
    }
    match shape.length {
        Some(length) if u32::try_from(code.chars().count()) != Ok(length) => {
            Err(Wrong::Length(length))
        }
        _ => Ok(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(mode: CodeMode, length: Option<u32>) -> TxCodeView {
        TxCodeView {
            mode,
            length,
            description: None,
        }
    }

    #[test]
    fn digits_may_be_typed_in_groups() {
        let six = shape(CodeMode::Numeric, Some(6));
        assert_eq!(read(&six, " 123 456 "), Ok("123456".into()));
        assert_eq!(read(&six, "12345"), Err(Wrong::Length(6)));
        assert_eq!(read(&six, "12a456"), Err(Wrong::NotDigits));
        assert_eq!(read(&six, "١٢٣٤٥٦"), Err(Wrong::NotDigits));
        assert_eq!(read(&six, "   "), Err(Wrong::Empty));
    }

    #[test]
    fn text_keeps_its_inner_spaces() {
        let any = shape(CodeMode::Text, None);
        assert_eq!(read(&any, " blue door "), Ok("blue door".into()));
        assert_eq!(read(&any, ""), Err(Wrong::Empty));
        let four = shape(CodeMode::Text, Some(4));
        assert_eq!(read(&four, "ŵŷàò"), Ok("ŵŷàò".into()));
        assert_eq!(read(&four, "ŵŷàòx"), Err(Wrong::Length(4)));
    }
}
