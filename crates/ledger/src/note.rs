//! Signed notes (C2SP signed-note) and timestamped cosignatures (C2SP tlog-cosignature).
//!
//! The note crate is content with one known signature; what a caller needs (the log's own,
//! the operator's time, k distinct witnesses) is asked for by name from [`Opened`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keys::{Algorithm, PublicKey, SigningKey, UnixTime};
use signed_note::{Note, Signature, Signer, Verifier, VerifierList};

/// The longest note that is read, in bytes.
pub const MAX_NOTE: usize = 64 * 1024;

/// What a note key signs. The number is its type byte; `0x06` (ML-DSA-44 cosignatures) has
/// its place here when a library for it is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteAlgorithm {
    /// The note's text, by Ed25519 (`0x01`).
    Ed25519,
    /// The text with a time before it, by Ed25519 (`cosignature/v1`, `0x04`).
    Cosignature,
}

impl NoteAlgorithm {
    fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
}

/// Why a note or a note key was refused.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// Not a verifier key `name+id+base64`.
    #[error("not a note verifier key")]
    VerifierKey,
    /// A verifier key of an algorithm that is not supported: `0x06` is ML-DSA-44.
    #[error("a note key of an algorithm that is not supported ({0:#04x})")]
    Algorithm(u8),
    /// A note signing key must be Ed25519 and have a name without spaces and plus signs.
    #[error("not a key that can sign notes")]
    SigningKey,
    /// Longer than [`MAX_NOTE`].
    #[error("the note is longer than {MAX_NOTE} bytes")]
    TooLong,
    /// Not a note, a wrong signature by a known key, or no signature by one.
    #[error("the note does not verify: {0}")]
    Note(#[from] signed_note::NoteError),
}

/// A key that checks note signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: NoteAlgorithm,
    key: [u8; 32],
}

impl VerifierKey {
    /// The verifier half of a signing key.
    pub fn new(name: &str, algorithm: NoteAlgorithm, key: &PublicKey) -> Result<Self, NoteError> {
        let PublicKey::Ed25519(key) = key else {
            return Err(NoteError::SigningKey);
        };
        if !signed_note::is_key_name_valid(name) || name.chars().any(is_unseen) {
            return Err(NoteError::SigningKey);
        }
        Ok(Self {
            name: name.to_owned(),
            algorithm,
            key: key.to_bytes(),
        })
    }

    /// Reads `name+id+base64(type ‖ key)`; the id must belong to the rest.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(NoteError::VerifierKey);
        };
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|_| NoteError::VerifierKey)?;
        let (kind, key) = bytes.split_first().ok_or(NoteError::VerifierKey)?;
        let algorithm = match kind {
            1 => NoteAlgorithm::Ed25519,
            4 => NoteAlgorithm::Cosignature,
            other => return Err(NoteError::Algorithm(*other)),
        };
        let key: [u8; 32] = key.try_into().map_err(|_| NoteError::VerifierKey)?;
        let public = PublicKey::from_ed25519(&key).map_err(|_| NoteError::VerifierKey)?;
        let parsed = Self::new(name, algorithm, &public)?;
        if format!("{:08x}", parsed.id()) == id {
            Ok(parsed)
        } else {
            Err(NoteError::VerifierKey)
        }
    }

    /// The name, without spaces, plus signs and what is not seen.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn algorithm(&self) -> NoteAlgorithm {
        self.algorithm
    }

    /// The key itself, whatever it is called and used for.
    pub fn key_bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// The first four bytes of SHA-256 over name, line feed, type byte and key.
    pub fn id(&self) -> u32 {
        signed_note::key_id(&self.name, &self.typed_key())
    }

    fn typed_key(&self) -> Vec<u8> {
        [&[self.algorithm.byte()], self.key.as_slice()].concat()
    }
}

/// What could rewrite the line in which a name is shown: controls, and the marks that change the
/// direction of writing.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let encoded = STANDARD.encode(self.typed_key());
        write!(formatter, "{}+{:08x}+{encoded}", self.name, self.id())
    }
}

impl Verifier for VerifierKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id()
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Ok(key) = PublicKey::from_ed25519(&self.key) else {
            return false;
        };
        match self.algorithm {
            NoteAlgorithm::Ed25519 => key.verify(text, signature).is_ok(),
            NoteAlgorithm::Cosignature => split_time(signature).is_some_and(|(time, signature)| {
                key.verify(&cosigned(time, text), signature).is_ok()
            }),
        }
    }
}

fn split_time(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = signature.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*time), signature))
}

fn cosigned(time: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

/// A key that signs notes, with the time that a cosignature states.
pub struct NoteSigner<'k> {
    key: &'k SigningKey,
    verifier: VerifierKey,
    time: u64,
}

impl<'k> NoteSigner<'k> {
    /// Signs as the log, without a time.
    pub fn log(name: &str, key: &'k SigningKey) -> Result<Self, NoteError> {
        Ok(Self {
            key,
            verifier: VerifierKey::new(name, NoteAlgorithm::Ed25519, &key.public())?,
            time: 0,
        })
    }

    /// Cosigns at `time`.
    pub fn cosigner(name: &str, key: &'k SigningKey, time: UnixTime) -> Result<Self, NoteError> {
        Ok(Self {
            key,
            verifier: VerifierKey::new(name, NoteAlgorithm::Cosignature, &key.public())?,
            time: u64::try_from(time).map_err(|_| NoteError::SigningKey)?,
        })
    }

    /// The key that checks what this one signs.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl Signer for NoteSigner<'_> {
    fn name(&self) -> &str {
        &self.verifier.name
    }

    fn key_id(&self) -> u32 {
        self.verifier.id()
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        if self.key.algorithm() != Algorithm::EdDsa {
            return Err(ed25519_dalek::SignatureError::new());
        }
        Ok(match self.verifier.algorithm {
            NoteAlgorithm::Ed25519 => self.key.sign(text),
            NoteAlgorithm::Cosignature => {
                let signature = self.key.sign(&cosigned(self.time, text));
                [&self.time.to_be_bytes(), signature.as_slice()].concat()
            }
        })
    }
}

/// Signs a text; it must end with a line feed.
pub fn sign(text: &str, signers: &[NoteSigner<'_>]) -> Result<Vec<u8>, NoteError> {
    let mut note = Note::new(text.as_bytes(), &[])?;
    let signers: Vec<&dyn Signer> = signers.iter().map(|signer| signer as &dyn Signer).collect();
    note.add_sigs(&signers)?;
    Ok(note.to_bytes())
}

/// A note on which every signature by a known key was checked, and at least one stands.
#[derive(Debug)]
pub struct Opened {
    /// The text, with its final line feed.
    pub text: Vec<u8>,
    /// Signatures by known keys.
    pub verified: Vec<Signature>,
    /// Signatures by others, of which nothing is known.
    pub unverified: Vec<Signature>,
}

impl Opened {
    /// True when this key signed the note.
    pub fn is_signed_by(&self, key: &VerifierKey) -> bool {
        self.signature(key).is_some()
    }

    /// The time at which this key cosigned the note.
    pub fn cosigned_at(&self, key: &VerifierKey) -> Option<UnixTime> {
        if key.algorithm != NoteAlgorithm::Cosignature {
            return None;
        }
        let (time, _) = split_time(self.signature(key)?.signature())?;
        UnixTime::try_from(time).ok()
    }

    pub(crate) fn signature(&self, key: &VerifierKey) -> Option<&Signature> {
        self.verified
            .iter()
            .find(|signature| signature.name() == key.name && signature.id() == key.id())
    }
}

/// Checks a note against the keys that are known. A wrong signature by one of them, or none
/// at all, refuses the note.
pub fn open(bytes: &[u8], known: &[VerifierKey]) -> Result<Opened, NoteError> {
    if bytes.len() > MAX_NOTE {
        return Err(NoteError::TooLong);
    }
    let note = Note::from_bytes(bytes)?;
    let verifiers = known
        .iter()
        .map(|key| Box::new(key.clone()) as Box<dyn Verifier>)
        .collect();
    let (verified, unverified) = note.verify(&VerifierList::new(verifiers))?;
    Ok(Opened {
        text: note.text().to_vec(),
        verified,
        unverified,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "origin\n1\nhash\n";

    #[test]
    fn a_cosignature_states_its_time() {
        let key = SigningKey::make_ed25519();
        let signer = NoteSigner::cosigner("witness.example/w", &key, 1_700_000_000).unwrap();
        let verifier = VerifierKey::parse(&signer.verifier().to_string()).unwrap();
        let note = sign(TEXT, &[signer]).unwrap();
        let opened = open(&note, std::slice::from_ref(&verifier)).unwrap();
        assert_eq!(opened.cosigned_at(&verifier), Some(1_700_000_000));
    }

    #[test]
    fn a_cosignature_with_another_time_is_refused() {
        let key = SigningKey::make_ed25519();
        let signer = NoteSigner::cosigner("w", &key, 1_700_000_000).unwrap();
        let verifier = signer.verifier().clone();
        let note = String::from_utf8(sign(TEXT, &[signer]).unwrap()).unwrap();
        let (head, line) = note.trim_end().rsplit_once(' ').unwrap();
        let mut bytes = STANDARD.decode(line).unwrap();
        bytes[11] ^= 1;
        let forged = format!("{head} {}\n", STANDARD.encode(bytes));
        assert!(matches!(
            open(forged.as_bytes(), &[verifier]),
            Err(NoteError::Note(
                signed_note::NoteError::InvalidSignature { .. }
            ))
        ));
    }

    #[test]
    fn a_name_that_could_rewrite_its_line_is_refused() {
        let key = SigningKey::make_ed25519().public();
        let named = |name: &str| VerifierKey::new(name, NoteAlgorithm::Cosignature, &key);
        assert!(named("witness.example/ŵ").is_ok());
        for name in [
            "",
            "a b",
            "a+b",
            "a\u{1b}[2J",
            "a\u{8}",
            "\u{9b}31m",
            "a\u{202e}b",
            "a\u{200b}",
        ] {
            assert!(
                matches!(named(name), Err(NoteError::SigningKey)),
                "{name:?}"
            );
        }
        // As a key is read: with the id that belongs to the name.
        let typed = [&[4], named("w").unwrap().key_bytes().as_slice()].concat();
        let read = |name: &str| {
            let id = signed_note::key_id(name, &typed);
            VerifierKey::parse(&format!("{name}+{id:08x}+{}", STANDARD.encode(&typed)))
        };
        assert!(read("w").is_ok());
        assert!(read("w\u{1b}[2J").is_err());
    }

    #[test]
    fn the_same_key_in_two_roles_has_two_ids() {
        let key = SigningKey::make_ed25519().public();
        let log = VerifierKey::new("x", NoteAlgorithm::Ed25519, &key).unwrap();
        let cosigner = VerifierKey::new("x", NoteAlgorithm::Cosignature, &key).unwrap();
        assert_ne!(log.id(), cosigner.id());
    }

    #[test]
    fn a_verifier_key_with_another_id_is_refused() {
        let key = SigningKey::make_ed25519().public();
        let text = VerifierKey::new("x", NoteAlgorithm::Ed25519, &key)
            .unwrap()
            .to_string();
        let other = text.replacen("x+", "y+", 1);
        assert!(VerifierKey::parse(&text).is_ok());
        assert!(VerifierKey::parse(&other).is_err());
    }

    #[test]
    fn only_ed25519_signs_notes() {
        let key = SigningKey::make_p256();
        assert!(NoteSigner::log("x", &key).is_err());
    }

    #[test]
    fn a_key_has_a_name_that_a_line_can_hold() {
        let key = SigningKey::make_ed25519();
        assert!(NoteSigner::log("x", &key).is_ok());
        for name in ["", "a b", "a+b", "a\nb"] {
            assert!(NoteSigner::log(name, &key).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_logs_own_signature_states_no_time() {
        let key = SigningKey::make_ed25519();
        let signer = NoteSigner::log("log.example", &key).unwrap();
        let verifier = signer.verifier().clone();
        let note = sign(TEXT, &[signer]).unwrap();
        let opened = open(&note, std::slice::from_ref(&verifier)).unwrap();
        assert!(opened.is_signed_by(&verifier));
        assert_eq!(opened.cosigned_at(&verifier), None);
    }

    #[test]
    fn a_long_note_is_not_opened() {
        let key = SigningKey::make_ed25519();
        let signer = || NoteSigner::log("log.example", &key).unwrap();
        let text = format!("{}\n", "x".repeat(MAX_NOTE));
        let note = sign(&text, &[signer()]).unwrap();
        let refused = open(&note, &[signer().verifier().clone()]);
        assert!(matches!(refused, Err(NoteError::TooLong)));
    }
}
