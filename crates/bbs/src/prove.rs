use blstrs::{G1Projective, Scalar};
use ff::Field as _;
use group::Curve as _;
use rand::rngs::OsRng;

use crate::generators::Generators;
use crate::hash::messages_to_scalars;
use crate::hidden::{Secret, Secrets, secret, secrets};
use crate::multiply::sum_hidden;
use crate::proof::{Proof, Transcript, shown};
use crate::{PublicKey, Signature, TooManyMessages};

/// Proving failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// More messages than there are generators.
    #[error(transparent)]
    TooManyMessages(#[from] TooManyMessages),
    /// The indexes do not ascend, or one of them is beyond the messages.
    #[error("the indexes of the shown messages do not ascend or are out of range")]
    Indexes,
    /// The blinding factors made a proof that nobody may accept. By chance this does not happen.
    #[error("the blinding factors are not usable")]
    Degenerate,
}

/// Makes a proof that shows the messages at `indexes`, counted from 0 and ascending
/// (`ProofGen`).
///
/// The presentation header binds the proof to its occasion: a nonce, say. The signature is not
/// verified here: a proof from a signature that does not hold is worth nothing, and harms nobody.
pub fn prove<M: AsRef<[u8]>>(
    public: &PublicKey,
    signature: &Signature,
    header: &[u8],
    presentation_header: &[u8],
    messages: &[M],
    indexes: &[usize],
) -> Result<Proof, ProveError> {
    let hidden = messages.len().saturating_sub(indexes.len());
    let statement = Statement {
        public,
        signature,
        header,
        presentation_header,
        indexes,
    };
    statement.prove(messages, &Blinds::make(hidden))
}

struct Statement<'a> {
    public: &'a PublicKey,
    signature: &'a Signature,
    header: &'a [u8],
    presentation_header: &'a [u8],
    indexes: &'a [usize],
}

/// What keeps a proof from telling anything: fresh for each, and never told to anybody. Whoever
/// knew one of the tildes could compute what it hides from the proof.
struct Blinds {
    r1: Secret<Scalar>,
    r2: Secret<Scalar>,
    e: Secret<Scalar>,
    r1_tilde: Secret<Scalar>,
    r3: Secret<Scalar>,
    messages: Secrets,
}

impl Blinds {
    fn make(hidden: usize) -> Self {
        Self::from_scalars(hidden, || Scalar::random(OsRng))
    }

    /// In the order of `calculate_random_scalars`.
    fn from_scalars(hidden: usize, mut next: impl FnMut() -> Scalar) -> Self {
        Self {
            r1: secret(next()),
            r2: secret(next()),
            e: secret(next()),
            r1_tilde: secret(next()),
            r3: secret(next()),
            messages: secrets(hidden, next),
        }
    }
}

impl Statement<'_> {
    /// Multiplications are plain ones or [`sum_hidden`], both in constant time: there is a blind, a
    /// hidden message or what tells one in each.
    fn prove<M: AsRef<[u8]>>(&self, messages: &[M], blinds: &Blinds) -> Result<Proof, ProveError> {
        let generators = Generators::of(messages.len())?;
        let shown = shown(messages.len(), self.indexes).ok_or(ProveError::Indexes)?;
        let messages = messages_to_scalars(messages);
        let domain = generators.domain(self.public, self.header);
        let (r1, r2) = (&blinds.r1.value, &blinds.r2.value);

        let b = secret(generators.sum(&domain, &messages).to_affine());
        let d = b.value * r2;
        let r1_r2 = secret(r1 * r2);
        let a_bar = G1Projective::from(self.signature.a) * r1_r2.value;
        let b_bar = d * r1 - a_bar * self.signature.e;
        let t1 = a_bar * blinds.e.value + d * blinds.r1_tilde.value;
        let hidden = generators.of_messages().zip(&shown);
        let hidden = hidden.filter(|(_, shown)| !**shown).map(|(table, _)| table);
        let tildes = blinds.messages.iter().map(|tilde| &tilde.value);
        let t2 = sum_hidden(hidden.zip(tildes)) + d * blinds.r3.value;

        let (a_bar, b_bar, d) = (a_bar.to_affine(), b_bar.to_affine(), d.to_affine());
        let of = |wanted: bool| {
            let pairs = messages.iter().zip(&shown);
            pairs.filter(move |(_, shown)| **shown == wanted)
        };
        let disclosed: Vec<Scalar> = of(true).map(|(message, _)| message.value).collect();
        let challenge = Transcript {
            indexes: self.indexes,
            messages: &disclosed,
            a_bar: &a_bar,
            b_bar: &b_bar,
            d: &d,
            t1: &t1,
            t2: &t2,
            domain: &domain,
            presentation_header: self.presentation_header,
        }
        .challenge();

        let inverse: Option<Scalar> = r2.invert().into();
        let r3 = secret(inverse.ok_or(ProveError::Degenerate)?);
        let hidden = of(false).zip(blinds.messages.iter());
        let proof = Proof {
            a_bar,
            b_bar,
            d,
            e: blinds.e.value + self.signature.e * challenge,
            r1: blinds.r1_tilde.value - r1 * challenge,
            r3: blinds.r3.value - r3.value * challenge,
            hidden: hidden
                .map(|((message, _), tilde)| tilde.value + message.value * challenge)
                .collect(),
            challenge,
        };
        // A zero or an identity, which a verifier refuses to read.
        Proof::from_bytes(&proof.to_bytes()).map_err(|_| ProveError::Degenerate)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::{SecretKey, sign};

    fn bytes(value: &Value) -> Vec<u8> {
        hex::decode(value.as_str().unwrap()).unwrap()
    }

    fn scalar(value: &Value) -> Scalar {
        Scalar::from_bytes_be(&bytes(value).try_into().unwrap()).unwrap()
    }

    /// The draft's valid proofs, byte for byte, from the blinds that their traces tell.
    #[test]
    fn the_drafts_proofs_follow_from_their_blinds() {
        for number in [1, 2, 3, 14, 15] {
            let root = env!("CARGO_MANIFEST_DIR");
            let path = format!("{root}/tests/vectors/draft/proof/proof{number:03}.json");
            let fixture: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            let trace = &fixture["trace"]["random_scalars"];
            let mut scalars: Vec<Scalar> = ["r1", "r2", "e_tilde", "r1_tilde", "r3_tilde"]
                .iter()
                .map(|name| scalar(&trace[*name]))
                .collect();
            let tildes = trace["m_tilde_scalars"].as_array().unwrap();
            scalars.extend(tildes.iter().map(scalar));
            let mut scalars = scalars.into_iter();
            let messages = fixture["messages"].as_array().unwrap();
            let messages: Vec<Vec<u8>> = messages.iter().map(bytes).collect();
            let public = bytes(&fixture["signerPublicKey"]).try_into().unwrap();
            let indexes: Vec<usize> =
                serde_json::from_value(fixture["disclosedIndexes"].clone()).unwrap();
            let statement = Statement {
                public: &PublicKey::from_bytes(&public).unwrap(),
                signature: &Signature::from_bytes(&bytes(&fixture["signature"])).unwrap(),
                header: &bytes(&fixture["header"]),
                presentation_header: &bytes(&fixture["presentationHeader"]),
                indexes: &indexes,
            };
            let blinds = Blinds::from_scalars(tildes.len(), || scalars.next().unwrap());
            let proof = statement.prove(&messages, &blinds).unwrap();
            assert_eq!(proof.to_bytes(), bytes(&fixture["proof"]), "{number}");
        }
    }

    #[test]
    fn blinds_of_zero_make_no_proof() {
        let secret = SecretKey::make();
        let statement = Statement {
            public: &secret.public(),
            signature: &sign(&secret, b"", &["a", "b"]).unwrap(),
            header: b"",
            presentation_header: b"",
            indexes: &[0],
        };
        let prove = |zero: usize| {
            let mut at = 0;
            let blinds = Blinds::from_scalars(1, || {
                at += 1;
                Scalar::from(u64::from(at != zero + 1))
            });
            statement.prove(&["a", "b"], &blinds).err()
        };
        assert_eq!(prove(0), Some(ProveError::Degenerate));
        assert_eq!(prove(1), Some(ProveError::Degenerate));
        assert_eq!(prove(9), None);
    }
}
