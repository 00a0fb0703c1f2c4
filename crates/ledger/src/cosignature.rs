//! Cosignatures (C2SP tlog-cosignature): what witnesses say of a checkpoint, with their time.

use keys::{SigningKey, UnixTime};
use signed_note::{Note, Signature};

use crate::note::{NoteError, NoteSigner, Opened, VerifierKey, open, sign};

/// The most signatures that a log keeps on its checkpoint.
const MAX_SIGNATURES: usize = 64;

/// A cosignature that was verified, as it stands in a note.
#[derive(Clone, Debug, PartialEq)]
pub struct Cosignature {
    signature: Signature,
    time: UnixTime,
}

impl Cosignature {
    /// Makes one at `time`.
    pub fn make(
        text: &str,
        name: &str,
        key: &SigningKey,
        time: UnixTime,
    ) -> Result<Self, NoteError> {
        let signer = NoteSigner::cosigner(name, key, time)?;
        let verifier = signer.verifier().clone();
        let note = sign(text, &[signer])?;
        Self::find(&open(&note, std::slice::from_ref(&verifier))?, &verifier)
            .ok_or(NoteError::SigningKey)
    }

    /// Finds the one by `key` among signature lines, such as a witness answers. Lines by others
    /// are let be (C2SP tlog-witness).
    pub fn read(text: &str, lines: &[u8], key: &VerifierKey) -> Result<Option<Self>, NoteError> {
        let note = [text.as_bytes(), b"\n", lines].concat();
        match open(&note, std::slice::from_ref(key)) {
            Ok(opened) => Ok(Self::find(&opened, key)),
            Err(NoteError::Note(signed_note::NoteError::UnverifiedNote)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn find(opened: &Opened, key: &VerifierKey) -> Option<Self> {
        Some(Self {
            time: opened.cosigned_at(key)?,
            signature: opened.signature(key)?.clone(),
        })
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        self.signature.name()
    }

    /// When it was made, as its signer says.
    pub fn time(&self) -> UnixTime {
        self.time
    }

    /// The signature line, with its line feed.
    pub fn to_line(&self) -> Vec<u8> {
        self.signature.to_bytes()
    }
}

/// The note with these cosignatures beside its own signatures, each in the place of an older one
/// by the same key. `before` is the note that stood until now: of the same text, its cosignatures
/// by others are still true and are kept.
pub fn cosign(
    note: &[u8],
    before: Option<&[u8]>,
    cosignatures: &[Cosignature],
) -> Result<Vec<u8>, NoteError> {
    let note = Note::from_bytes(note)?;
    let mut signatures: Vec<Signature> = Vec::new();
    let mut add = |signature: &Signature| {
        let same =
            |other: &Signature| other.name() == signature.name() && other.id() == signature.id();
        if signatures.len() < MAX_SIGNATURES && !signatures.iter().any(same) {
            signatures.push(signature.clone());
        }
    };
    let own = note.to_bytes();
    let renewed = |old: &&Signature| {
        let same = |new: &Cosignature| {
            (new.signature.name(), new.signature.id()) == (old.name(), old.id())
        };
        !cosignatures.iter().any(same)
    };
    split_lines(&own).iter().filter(renewed).for_each(&mut add);
    cosignatures.iter().for_each(|one| add(&one.signature));
    if let Some(before) = before.and_then(|before| Note::from_bytes(before).ok())
        && before.text() == note.text()
    {
        split_lines(&before.to_bytes()).iter().for_each(&mut add);
    }
    Ok(Note::new(note.text(), &signatures)?.to_bytes())
}

fn split_lines(note: &[u8]) -> Vec<Signature> {
    let start = note.windows(2).rposition(|pair| pair == b"\n\n");
    let block = start.and_then(|start| note.get(start + 2..));
    block
        .unwrap_or_default()
        .split(|byte| *byte == b'\n')
        .filter_map(|line| Signature::from_bytes(line).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "origin\n1\nhash\n";

    fn key_of(name: &str, key: &SigningKey) -> VerifierKey {
        let signer = NoteSigner::cosigner(name, key, 1).unwrap();
        signer.verifier().clone()
    }

    #[test]
    fn a_witness_line_is_found_among_others_and_checked() {
        let (one, two) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
        let first = Cosignature::make(TEXT, "w/1", &one, 10).unwrap();
        let second = Cosignature::make(TEXT, "w/2", &two, 20).unwrap();
        let lines = [first.to_line(), second.to_line()].concat();
        let read = Cosignature::read(TEXT, &lines, &key_of("w/2", &two)).unwrap();
        assert_eq!(read.as_ref().map(Cosignature::time), Some(20));
        assert_eq!(read, Some(second));
        let nobody = key_of("w/2", &SigningKey::make_ed25519());
        assert_eq!(Cosignature::read(TEXT, &lines, &nobody).unwrap(), None);
        let other = Cosignature::read("origin\n2\nhash\n", &lines, &key_of("w/1", &one));
        assert!(other.is_err());
        for lines in [&b""[..], b"\n", b"no signature\n"] {
            assert!(Cosignature::read(TEXT, lines, &nobody).is_err());
        }
    }

    #[test]
    fn newer_cosignatures_replace_older_ones_and_others_stay() {
        let log = SigningKey::make_ed25519();
        let (one, two) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
        let note = sign(TEXT, &[NoteSigner::log("origin", &log).unwrap()]).unwrap();
        let at = |name, key, time| Cosignature::make(TEXT, name, key, time).unwrap();
        let before = cosign(&note, None, &[at("w/1", &one, 10), at("w/2", &two, 10)]).unwrap();
        let after = cosign(&note, Some(&before), &[at("w/2", &two, 20)]).unwrap();
        let known = [key_of("w/1", &one), key_of("w/2", &two)];
        let opened = open(&after, &known).unwrap();
        assert_eq!(opened.cosigned_at(&known[0]), Some(10));
        assert_eq!(opened.cosigned_at(&known[1]), Some(20));
        assert_eq!(opened.unverified.len(), 1);
        // The same in one step, on what stands.
        let in_place = cosign(&before, None, &[at("w/2", &two, 20)]).unwrap();
        let opened = open(&in_place, &known).unwrap();
        assert_eq!(opened.cosigned_at(&known[0]), Some(10));
        assert_eq!(opened.cosigned_at(&known[1]), Some(20));
        // What was said of another checkpoint is not carried over.
        let signer = NoteSigner::log("origin", &log).unwrap();
        let other = sign("origin\n2\nhash\n", &[signer]).unwrap();
        assert_eq!(cosign(&other, Some(&before), &[]).unwrap(), other);
    }
}
