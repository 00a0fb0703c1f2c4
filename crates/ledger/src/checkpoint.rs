//! Checkpoints (C2SP tlog-checkpoint): origin, size and root hash, in the text of a note.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::Hash;

/// The text is not a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint")]
pub struct NotACheckpoint;

/// What a log claims: so many entries, with this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's unique name.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root over these entries.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn to_text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root)
        )
    }

    /// Reads the text of a note. Lines after the third are extensions; none is known, so
    /// they are let be, as long as they are not empty.
    pub fn parse(text: &[u8]) -> Result<Self, NotACheckpoint> {
        let text = std::str::from_utf8(text).map_err(|_| NotACheckpoint)?;
        let mut lines = text.strip_suffix('\n').ok_or(NotACheckpoint)?.split('\n');
        let mut line = || lines.next().ok_or(NotACheckpoint);
        let (origin, size, root) = (line()?, line()?, line()?);
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(NotACheckpoint);
        }
        let parsed: u64 = size.parse().map_err(|_| NotACheckpoint)?;
        if parsed.to_string() != size {
            return Err(NotACheckpoint);
        }
        let root = STANDARD.decode(root).map_err(|_| NotACheckpoint)?;
        Ok(Self {
            origin: origin.to_owned(),
            size: parsed,
            root: root.try_into().map_err(|_| NotACheckpoint)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back() {
        let checkpoint = Checkpoint {
            origin: "log.example/a".to_owned(),
            size: 20_852_163,
            root: [7; 32],
        };
        assert_eq!(
            Checkpoint::parse(checkpoint.to_text().as_bytes()),
            Ok(checkpoint)
        );
    }

    #[test]
    fn refuses_other_forms() {
        let root = STANDARD.encode([7; 32]);
        for text in [
            String::new(),
            format!("o\n1\n{root}"),
            format!("\n1\n{root}\n"),
            format!("o\n01\n{root}\n"),
            format!("o\n+1\n{root}\n"),
            format!("o\n-1\n{root}\n"),
            format!("o\n1\n{root}\n\n"),
            "o\n1\nAAAA\n".to_owned(),
            "o\n1\n".to_owned(),
        ] {
            assert_eq!(
                Checkpoint::parse(text.as_bytes()),
                Err(NotACheckpoint),
                "{text:?}"
            );
        }
    }
}
