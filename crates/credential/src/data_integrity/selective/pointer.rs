use query::{ClaimPath, Segment};

/// How deep a pointer may reach: as deep as a document.
const MAX_TOKENS: usize = 32;
/// How many pointers one proof may name.
pub(super) const MAX_POINTERS: usize = 1024;

/// Why a JSON pointer was refused. Names no member: a name may tell something of the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointerError {
    /// Not a JSON pointer, or too long a one.
    #[error("not a JSON pointer")]
    Syntax,
    /// The document has no value there.
    #[error("a JSON pointer points at no value of the document")]
    NoValue,
    /// More pointers than a proof may name.
    #[error("too many JSON pointers")]
    TooMany,
}

/// A JSON pointer (RFC 6901). The empty one is the whole document.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// Reads `/credentialSubject/name`; a tilde stands before 0 or 1 only.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let tokens = text.strip_prefix('/').ok_or(PointerError::Syntax)?;
        let tokens: Vec<String> = tokens
            .split('/')
            .map(unescape)
            .collect::<Option<_>>()
            .ok_or(PointerError::Syntax)?;
        if tokens.len() > MAX_TOKENS {
            return Err(PointerError::Syntax);
        }
        Ok(Self(tokens))
    }

    /// The pointer to the value that a claims path names. A path that means every item of an array
    /// has no pointer of its own: its pointer is that of the array, with all that is in it.
    pub fn from_claim_path(path: &ClaimPath) -> Self {
        let mut tokens = Vec::new();
        for segment in path.segments() {
            tokens.push(match segment {
                Segment::Name(name) => name.clone(),
                Segment::Index(index) => index.to_string(),
                Segment::All => break,
            });
        }
        Self(tokens)
    }

    /// The pointer to a member of the document.
    pub fn to_member(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// The unescaped tokens.
    pub fn tokens(&self) -> &[String] {
        &self.0
    }
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|token| {
            write!(
                formatter,
                "/{}",
                token.replace('~', "~0").replace('/', "~1")
            )
        })
    }
}

// A map's keys may be claims.
impl std::fmt::Debug for Pointer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Pointer({} tokens)", self.0.len())
    }
}

fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(character) = characters.next() {
        out.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(out)
}
