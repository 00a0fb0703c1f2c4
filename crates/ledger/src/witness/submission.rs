//! The body of `add-checkpoint`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::Checkpoint;
use crate::merkle::Hash;
use crate::note::MAX_NOTE;

/// The most lines of a proof.
pub const MAX_PROOF: usize = 63;
/// The longest body, in bytes.
pub const MAX_SUBMISSION: usize = MAX_NOTE + 4096;

/// The body is not one of `add-checkpoint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a submission of a checkpoint")]
pub struct Malformed;

/// A checkpoint, and the proof that it follows on an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Number of entries under the earlier checkpoint; 0 for none.
    pub old: u64,
    /// Proof of consistency (RFC 9162 §2.1.4) from it to the new one.
    pub proof: Vec<Hash>,
    /// The new checkpoint, as a signed note.
    pub note: Vec<u8>,
}

impl Submission {
    /// Reads a body: `old N`, the lines of the proof, an empty line, the note.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        if body.len() > MAX_SUBMISSION {
            return Err(Malformed);
        }
        let text = std::str::from_utf8(body).map_err(|_| Malformed)?;
        let (head, note) = text.split_once("\n\n").ok_or(Malformed)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.and_then(parse_size).ok_or(Malformed)?;
        let proof = lines
            .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
            .collect::<Option<Vec<Hash>>>()
            .ok_or(Malformed)?;
        if proof.len() > MAX_PROOF || note.len() > MAX_NOTE {
            return Err(Malformed);
        }
        let submission = Self {
            old,
            proof,
            note: note.as_bytes().to_vec(),
        };
        submission.checkpoint()?;
        Ok(submission)
    }

    /// The body to send.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = format!("old {}\n", self.old);
        for hash in &self.proof {
            body.push_str(&STANDARD.encode(hash));
            body.push('\n');
        }
        body.push('\n');
        [body.as_bytes(), &self.note].concat()
    }

    /// What the note claims. Nobody has checked its signatures.
    pub fn checkpoint(&self) -> Result<Checkpoint, Malformed> {
        Checkpoint::parse(self.text()?.as_bytes()).map_err(|_| Malformed)
    }

    /// The text that is signed, with its final line feed.
    pub(crate) fn text(&self) -> Result<&str, Malformed> {
        let note = std::str::from_utf8(&self.note).map_err(|_| Malformed)?;
        let end = note.rfind("\n\n").ok_or(Malformed)?;
        note.get(..=end).ok_or(Malformed)
    }
}

/// A decimal number without leading zeroes.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let size: u64 = text.parse().ok()?;
    (size.to_string() == text).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(head: &str) -> String {
        format!(
            "{head}\nlog.example\n3\n{}\n\n— log.example AAAAAAA=\n",
            root()
        )
    }

    fn root() -> String {
        STANDARD.encode([7; 32])
    }

    #[test]
    fn is_read_and_written_back() {
        for head in ["old 0\n", &format!("old 2\n{}\n{}\n", root(), root())] {
            let body = body(head);
            let read = Submission::parse(body.as_bytes()).unwrap();
            assert_eq!(read.to_bytes(), body.as_bytes());
            assert_eq!(read.checkpoint().unwrap().size, 3);
            assert_eq!(read.proof.len(), head.lines().count() - 1);
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let many = format!("old 2\n{}", format!("{}\n", root()).repeat(MAX_PROOF + 1));
        for head in [
            "",
            "old\n",
            "old 01\n",
            "old -1\n",
            "old +1\n",
            "old 1 \n",
            "new 1\n",
            "old 1\nAAAA\n",
            "old 1\n\r\n",
            &many,
        ] {
            assert_eq!(
                Submission::parse(body(head).as_bytes()),
                Err(Malformed),
                "{head}"
            );
        }
        assert_eq!(
            Submission::parse(b"old 0\n\nno checkpoint\n"),
            Err(Malformed)
        );
        assert_eq!(Submission::parse(b"old 0\n\n\xff"), Err(Malformed));
        let long = vec![b'a'; MAX_SUBMISSION + 1];
        assert_eq!(Submission::parse(&long), Err(Malformed));
    }
}
