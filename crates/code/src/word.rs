/// What a code holds, in a word that stands at its beginning: so that a reader tells a request
/// from an answer, and both from anybody else's code, before it looks further.
///
/// It is the type of the UR for frames, and comes before the colon of a still code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Word(&'static str);

impl Word {
    /// What a desk asks.
    pub const ASK: Word = Word("cairn-ask");
    /// What a wallet answers.
    pub const ANSWER: Word = Word("cairn-answer");
    /// The longest word.
    pub const MAX: usize = 24;

    /// A word of one's own: 1 to 24 characters of `a`–`z`, `0`–`9` and `-`, beginning with a
    /// letter, and not `ur`.
    pub fn new(word: &'static str) -> Option<Word> {
        is_word(word).then_some(Word(word))
    }

    /// The word in lower case.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

fn is_word(word: &str) -> bool {
    (1..=Word::MAX).contains(&word.len())
        && word != "ur"
        && word.starts_with(|first: char| first.is_ascii_lowercase())
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The word of a code's text in lower case, be it a still code or a frame; `None` if the text is
/// not like either. The rest of the text is not looked at.
pub fn word_of(text: &str) -> Option<String> {
    let start: String = text
        .trim_start_matches(['\r', '\n', '\t'])
        .chars()
        .take(Word::MAX + 4)
        .collect::<String>()
        .to_ascii_lowercase();
    let word = match start.strip_prefix("ur:") {
        Some(rest) => rest.split_once('/')?.0,
        None => start.split_once(':')?.0,
    };
    is_word(word).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Word, word_of};

    #[test]
    fn words_are_told_apart() {
        assert_eq!(word_of("CAIRN-ASK:ABC").as_deref(), Some("cairn-ask"));
        assert_eq!(
            word_of("UR:CAIRN-ANSWER/1-3/LPAD").as_deref(),
            Some("cairn-answer")
        );
        assert_eq!(word_of("https://example.org").as_deref(), Some("https"));
        for other in ["", "UR:", ":", "UR:/1-1/", "hello", "A B:C", "-A:B"] {
            assert_eq!(word_of(other), None, "{other}");
        }
        let long = format!("{}:x", "a".repeat(25));
        assert_eq!(word_of(&long), None);
    }

    #[test]
    fn a_word_has_few_characters() {
        assert!(Word::new("tide-9").is_some());
        for bad in ["", "Cairn", "a/b", "a:b", "ur", "9a", "-a", "a b", "ä"] {
            assert!(Word::new(bad).is_none(), "{bad}");
        }
        assert!(Word::new("aaaaaaaaaaaaaaaaaaaaaaaaa").is_none());
    }
}
